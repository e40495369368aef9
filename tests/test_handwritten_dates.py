"""Dates are the best of all there are, told from names, and never surer than the ink."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.handwritten_dates import DateViews, find_date_start, read_date
from tests.margin_pages import ALPHABET, spelled


def date_of(text, **sure):
    steps = spelled(text, **sure)
    return read_date(DateViews(steps, [steps], find_date_start(steps, ALPHABET).year), ALPHABET)


@given(st.integers(1, 12), st.integers(1, 28))
def test_every_written_day_is_read_as_itself(month, day):
    found = date_of(f"{month}.{day}")
    assert (found.text, found.month, found.day, found.year) == (f"{month}.{day}", month, day, None)
    assert found.confidence > 0.8
    assert not found.point_lost


def test_a_point_read_as_a_chinese_full_stop_is_a_point():
    assert date_of("3。30").text == "3.30"


def test_days_written_with_characters_keep_them():
    found = date_of("3月30日")
    assert (found.text, found.month, found.day) == ("3月30日", 3, 30)


def test_a_lost_point_is_restored_but_never_surely():
    found = date_of("330")
    assert (found.text, found.point_lost) == ("3.30", True)
    assert found.confidence <= 0.6


def test_digits_that_two_days_share_are_doubtful():
    assert date_of("111").confidence < 0.5


def test_impossible_days_are_never_read():
    found = date_of("2.31", sure=0.8)
    assert (found.month, found.day) in {(2, 1), (2, 3), (2, 21), (1, 31), (2, 11), (12, 31)}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("2023.3.30", "2023.3.30"),
        ("23.3.30", "23.3.30"),
        ("2023年3月30日", "2023年3月30日"),
        ("2023。3.30", "2023.3.30"),
    ],
)
def test_a_written_year_gives_the_full_date(written, text):
    found = date_of("张三" + written)
    assert (found.text, found.month, found.day, found.year) == (text, 3, 30, 2023)


def test_the_29th_of_february_is_a_day_unless_the_year_has_none():
    assert date_of("2.29").text == "2.29"
    assert date_of("2023.2.29").text != "2023.2.29"


def test_a_full_date_begins_with_its_year():
    start = find_date_start(spelled("张三2023.3.30"), ALPHABET)
    assert (start.year, start.after <= 2 / 11 <= start.before) == ("2023", True)


def test_an_alphabet_without_digits_has_no_dates():
    steps = np.log(np.full((5, 3), 1 / 3, np.float32))
    assert read_date(DateViews(steps, []), ("", "张", "三")) is None


def test_views_that_disagree_are_less_sure_than_views_that_agree():
    both = read_date(DateViews(spelled("3.30"), [spelled("3.30")]), ALPHABET)
    split = read_date(DateViews(spelled("3.30"), [spelled("8.30")]), ALPHABET)
    assert split.confidence < 0.8 * both.confidence


@pytest.mark.parametrize("name", ["张", "张三", "张三丰"])
def test_a_date_begins_after_the_name_and_before_its_first_digit(name):
    line = name + "3.30"
    start = find_date_start(spelled(line), ALPHABET)
    assert start.after <= len(name) / len(line) <= start.before
    assert start.likeness > -0.5


def test_a_line_that_is_all_date_begins_with_it():
    assert find_date_start(spelled("3.30"), ALPHABET).after == 0.0


def test_a_name_alone_is_not_like_a_date():
    assert find_date_start(spelled("张三丰"), ALPHABET).likeness < -3
