"""Signs and points of numbers are read on the ink itself, and never lost without a doubt."""

import cv2
import numpy as np
import pytest

from pipeline.elements import Hypothesis
from pipeline.imaging.components import find_components
from pipeline.recognition.cascade import CheckedReading
from pipeline.recognition.number_marks import (
    IN_DOUBT,
    LineInk,
    check_marks,
    doubt_odd_commas,
    reads_as_number,
    settle_open_marks,
)

HEIGHT = 20
PITCH = 14
SURE = 0.998
BLACK = 200
LEFT, TOP = 30, 20
FOOT = TOP + HEIGHT


def cell():
    return np.zeros((60, 240), np.uint8)


def block(darkness, left, top, width, height):
    darkness[top : top + height, left : left + width] = BLACK


def digits(count, points=(), commas=(), minus=False):
    """Digits as blocks, with points or commas before some of them, and a sign before the first."""
    darkness, left = cell(), LEFT
    if minus:
        block(darkness, left - 10, TOP + 9, 7, 3)
    for index in range(count):
        if index in (*points, *commas):
            block(darkness, left, FOOT - 4, 4, 4 if index in points else 8)
            left += 7
        block(darkness, left, TOP, 10, HEIGHT)
        left += PITCH
    return darkness


def ink(darkness):
    return LineInk(find_components(darkness, 1.5), darkness)


def read(text, *hypotheses, confidence=SURE):
    return CheckedReading(text, confidence, (), tuple(hypotheses))


def comparator(bar, size=16):
    """A comparator that points right, with a slanting bar below it or none, and two digits."""
    darkness = cell()
    tip = (LEFT + size, TOP + size // 2)
    for y in (TOP, TOP + size):
        cv2.line(darkness, (LEFT, y), tip, BLACK, 2)
    if bar:
        cv2.line(darkness, (LEFT, TOP + size + 5), (LEFT + size, TOP + size // 2 + 5), BLACK, 2)
    for index in range(2):
        block(darkness, LEFT + 24 + PITCH * index, TOP, 10, HEIGHT)
    return darkness


@pytest.mark.parametrize("text", ["93.5%", "(1,014.70)", "-3", "≥60%", "2014-06-28", "12:30", "1‰"])
def test_numbers_dates_and_times_read_as_numbers(text):
    assert reads_as_number(text)


@pytest.mark.parametrize("text", ["", "一", "3月", "----", "μg/m³", "No.5"])
def test_other_texts_do_not(text):
    assert not reads_as_number(text)


@pytest.mark.parametrize(
    ("text", "darkness"),
    [
        ("122", digits(3)),
        ("1.22", digits(3, points=[1])),
        ("-1.22", digits(3, points=[1], minus=True)),
        ("1,222", digits(4, commas=[1])),
        ("1,222.5", digits(5, commas=[1], points=[4])),
    ],
)
def test_a_number_whose_marks_are_all_there_stays_as_sure_as_it_was(text, darkness):
    assert check_marks(read(text), ink(darkness)) == read(text)


def test_a_text_that_is_no_number_is_not_looked_at():
    assert check_marks(read("合计"), ink(digits(3, minus=True))) == read("合计")


def test_a_sign_that_only_the_ink_shows_lands_in_doubt():
    checked = check_marks(read("122"), ink(digits(3, minus=True)))
    assert (checked.text, checked.confidence, checked.alternatives) == ("-122", IN_DOUBT, ("122",))


def test_a_sign_moves_the_hypotheses_with_their_characters():
    (moved,) = check_marks(read("122", Hypothesis(0, 1, "7", 0.3)), ink(digits(3, minus=True))).hypotheses
    assert moved == Hypothesis(1, 2, "7", 0.3)


def test_a_point_that_was_half_read_lands_where_the_ink_shows_it():
    checked = check_marks(read("122", Hypothesis(1, 1, ".", 0.05)), ink(digits(3, points=[1])))
    assert (checked.text, checked.confidence) == ("1.22", IN_DOUBT)
    assert "122" in checked.alternatives


def test_a_point_that_only_the_ink_shows_makes_a_doubt_as_it_may_be_dust():
    checked = check_marks(read("122"), ink(digits(3, points=[1])))
    assert (checked.text, checked.confidence, checked.alternatives) == ("122", IN_DOUBT, ("1.22",))


@pytest.mark.parametrize("doubt", [Hypothesis(1, 1, ".", 0.2), Hypothesis(1, 2, "-", 0.2)])
def test_a_mark_that_was_half_read_makes_a_doubt_without_any_ink(doubt):
    assert check_marks(read("122", doubt), LineInk((), cell())).confidence == IN_DOUBT


def test_a_reading_that_differs_by_a_point_makes_a_doubt():
    reading = CheckedReading("842", SURE, ("84.2",))
    assert check_marks(reading, LineInk((), cell())).confidence == IN_DOUBT


def test_a_comparator_with_a_bar_is_no_comparator_without_one():
    checked = check_marks(read(">60"), ink(comparator(bar=True)))
    assert (checked.text, checked.confidence, checked.alternatives) == ("≥60", IN_DOUBT, (">60",))
    assert check_marks(read(">60"), ink(comparator(bar=False))) == read(">60")


@pytest.mark.parametrize(
    ("text", "darkness", "grouped"),
    [
        ("1.861.06", digits(6, commas=[1], points=[4]), "1,861.06"),
        ("(448.954.9)", digits(7, commas=[3], points=[6]), "(448,954.9)"),
    ],
)
def test_separated_thousands_have_commas_and_one_point(text, darkness, grouped):
    checked = check_marks(read(text), ink(darkness))
    assert (checked.text, checked.confidence) == (grouped, IN_DOUBT)


def test_per_mille_is_no_per_cent_with_a_zero():
    assert check_marks(read("12.5%0"), LineInk((), cell())).text == "12.5‰"


def test_a_comma_before_decimals_is_a_point_where_the_page_writes_points():
    numbers = [read(f"{n}.5") for n in range(3)]
    *_, odd = doubt_odd_commas([*numbers, read("(3,0)")])
    assert (odd.text, odd.confidence) == ("(3.0)", IN_DOUBT)
    assert doubt_odd_commas([read("3,0"), read("4,5")]) == [read("3,0"), read("4,5")]
    assert doubt_odd_commas([*numbers, read("1,250")])[-1] == read("1,250")


def test_what_was_painted_over_beside_digits_is_a_sign_where_it_looks_and_reads_like_one():
    assert settle_open_marks(read("17"), "-17", looks_like_sign=True).text == "-17"
    assert settle_open_marks(read("17"), "-17", looks_like_sign=False).text == "17"
    for again, signlike in (("-17", True), ("-17", False), ("17", True), ("97", False)):
        assert settle_open_marks(read("17"), again, signlike).confidence == IN_DOUBT
    assert settle_open_marks(read("17"), "17", looks_like_sign=False) == read("17")


@pytest.mark.parametrize("text", ["2012-2016", "12:30", "2014.04-2015.06"])
def test_a_range_or_a_time_takes_no_sign(text):
    assert check_marks(read(text), ink(digits(4, minus=True))).text == text


def test_a_range_beside_which_something_was_painted_over_stays_in_doubt():
    settled = settle_open_marks(read("2012-2016"), "-2012-2016", looks_like_sign=True)
    assert settled.text == "2012-2016" and settled.confidence <= IN_DOUBT


@pytest.mark.parametrize("text", ["%0", "%o", "％O"])
def test_a_percent_sign_with_a_ring_behind_it_is_a_per_mille_sign_in_doubt(text):
    checked = check_marks(read(text), LineInk((), cell()))
    assert (checked.text, checked.confidence) == ("‰", 0.9)
    assert text in checked.alternatives


def test_a_percentage_is_none():
    assert check_marks(read("%"), LineInk((), cell())).text == "%"
