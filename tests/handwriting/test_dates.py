"""Dates are the best of all there are, told from names, and never surer than the ink."""

import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from margin_pages import ALPHABET, spelled

from pipeline.handwriting.date_lexicon import lexicon_for
from pipeline.handwriting.dates import DateViews, find_date_start, read_date

LEXICON = lexicon_for(ALPHABET)


def date_of(text, name="", **manner):
    """What is read of a line with a name and a date, and of a crop of the date."""
    return read_date(DateViews([spelled(name + text, **manner)], [spelled(text, **manner)]), LEXICON)


@settings(max_examples=10, deadline=None)
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
    assert (found.text, found.month, found.day, found.point_lost) == ("3.30", 3, 30, True)
    assert found.confidence <= 0.6


def test_digits_that_two_days_share_are_doubtful_and_both_are_named():
    found = date_of("111")
    assert found.confidence < 0.5
    assert {found.text, found.others[0].name} == {"1.11", "11.1"}


@pytest.mark.parametrize(
    ("written", "text", "day"),
    [
        ("三月三十日", "三月三十日", (None, 3, 30)),
        ("十二月十一日", "十二月十一日", (None, 12, 11)),
        ("二〇二三年三月三十日", "二〇二三年三月三十日", (2023, 3, 30)),
        ("二0二三年三月三十日", "二〇二三年三月三十日", (2023, 3, 30)),
    ],
)
def test_chinese_numerals_are_dates_with_and_without_a_year(written, text, day):
    found = date_of(written, steps=90)
    assert (found.text, (found.year, found.month, found.day)) == (text, day)


@pytest.mark.parametrize("written", ["3.30.", "3月30", "3月30号", "03.30"])
def test_other_ways_to_write_a_day_are_the_same_day(written):
    found = date_of(written)
    assert (found.month, found.day, found.year) == (3, 30, None)
    assert found.confidence > 0.8


@pytest.mark.parametrize("written", ["2.31", "4.31"])
def test_what_is_surely_no_day_is_kept_as_read_and_is_no_day(written):
    found = date_of(written, sure=0.9999)
    assert (found.text, found.month, found.day, found.full_date, found.possible) == (written, None, None, None, False)
    assert found.confidence < 0.6


def test_a_day_that_may_be_misread_is_the_nearest_that_there_is_but_doubtful():
    found = date_of("2.31", sure=0.8)
    assert (found.month, found.day) in {(2, 1), (2, 3), (2, 21), (1, 31), (2, 11), (12, 31)}
    assert found.confidence < 0.6


@pytest.mark.parametrize("year", ["1023", "1823", "2088"])
def test_a_year_in_which_no_form_was_signed_makes_no_date(year):
    found = date_of(f"{year}.3.30", "张三", sure=0.9999)
    assert (found.text, found.month, found.day, found.full_date) == (f"{year}.3.30", 3, 30, None)
    assert not found.possible
    assert found.confidence < 0.6


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("2023.3.30", "2023.3.30"),
        ("23.3.30", "23.3.30"),
        ("2023年3月30日", "2023年3月30日"),
        ("2023。3.30", "2023.3.30"),
        ("2023.03.30", "2023.03.30"),
    ],
)
def test_a_written_year_gives_the_full_date(written, text):
    found = date_of(written, "张三", sure=0.99)
    assert (found.text, found.full_date) == (text, datetime.date(2023, 3, 30))
    assert found.confidence > 0.8


def test_a_point_lost_after_the_year_is_restored_but_never_surely():
    found = date_of("20233.30", "张三")
    assert (found.text, found.full_date, found.point_lost) == ("2023.3.30", datetime.date(2023, 3, 30), True)
    assert found.confidence <= 0.6


def test_the_29th_of_february_is_a_day_unless_the_year_has_none():
    assert date_of("2.29").text == "2.29"
    assert date_of("2024.2.29").full_date == datetime.date(2024, 2, 29)
    assert date_of("2023.2.30", sure=0.9999).full_date is None


def test_a_date_that_cannot_be_and_can_as_what_it_looks_like_is_doubtful_and_both_are_named():
    found = date_of("2023.2.29", sure=0.9999)
    assert {found.text, found.others[0].name} == {"2023.2.24", "2023.2.29"}
    assert found.confidence < 0.9


@pytest.mark.parametrize(
    ("written", "text"), [("3/30", "3/30"), ("2023-3-30", "2023-3-30"), ("2023/3/30", "2023/3/30")]
)
def test_other_separators_than_points_are_kept(written, text):
    found = date_of(written, steps=90)
    assert (found.text, found.month, found.day) == (text, 3, 30)


@pytest.mark.parametrize("written", ["三月廿五日", "二〇二三年三月廿五日"])
def test_the_day_may_have_its_tens_in_one_character(written):
    found = date_of(written, steps=90)
    assert (found.text, found.month, found.day) == (written, 3, 25)


def test_a_1_with_a_flag_is_read_right_where_any_view_saw_it():
    seen = [spelled("张三10.19", steps=90), spelled("张10.19", steps=90)]
    found = read_date(DateViews(seen, [spelled("70.79"), spelled("70.79")]), LEXICON)
    assert (found.text, found.possible) == ("10.19", True)
    assert found.confidence < 0.9


def test_a_full_date_begins_with_its_year():
    start = find_date_start(spelled("张三2023.3.30"), LEXICON)
    assert start.after <= 2 / 11 <= start.before


def test_an_alphabet_without_digits_has_no_dates():
    steps = np.log(np.full((5, 3), 1 / 3, np.float32))
    assert read_date(DateViews([steps], []), lexicon_for(("", "张", "三"))) is None


def test_views_that_disagree_are_less_sure_than_views_that_agree():
    both = read_date(DateViews([spelled("3.30")], [spelled("3.30")]), LEXICON)
    split = read_date(DateViews([spelled("3.30")], [spelled("8.30")]), LEXICON)
    assert split.confidence < 0.8 * both.confidence


@pytest.mark.parametrize("name", ["张", "张三", "张三丰"])
def test_a_date_begins_after_the_name_and_before_its_first_digit(name):
    line = name + "3.30"
    start = find_date_start(spelled(line), LEXICON)
    assert start.after <= len(name) / len(line) <= start.before
    assert start.likeness > -0.5


def test_a_line_that_is_all_date_begins_with_it():
    assert find_date_start(spelled("3.30"), LEXICON).after == 0.0


def test_a_name_alone_is_not_like_a_date():
    assert find_date_start(spelled("张三丰"), LEXICON).likeness < -3


def test_a_date_close_to_the_name_is_doubtful_where_a_1_may_stand_before_it():
    seen = [spelled("张三2.26")], [spelled("2.26")]
    apart, close = (read_date(DateViews(*seen, touching), LEXICON) for touching in (False, True))
    assert (apart.text, close.text) == ("2.26", "2.26")
    assert apart.confidence > 0.9 > close.confidence
    assert [other.name for other in close.others] == ["12.26"]
