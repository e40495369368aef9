"""A line through text is told from an underline, from a dash and from characters that touch."""

import numpy as np
import pytest

from pipeline.imaging import find_components
from pipeline.rereading.strikes import LEAST_PX, find_strike, may_be_struck, struck_box, without_strike

HIGH = 24
"""Characters are so many pixels high, and stand this far apart."""


def text(count, left=30, width=260):
    """The darkness of characters in a row: boxes, with paper between them."""
    darkness = np.zeros((HIGH, width), np.uint8)
    for number in range(count):
        begin = left + number * (HIGH + 4)
        darkness[:, begin : begin + HIGH] = 200
        darkness[3 : HIGH - 3, begin + 3 : begin + HIGH - 3] = 0
    return darkness


def ruled(darkness, middle, begin, end, *, thickness=2, slope=0.0):
    """A line drawn over it, in place."""
    for x in range(begin, end):
        y = round(middle + slope * (x - begin))
        darkness[y : y + thickness, x] = 190
    return darkness


@pytest.mark.parametrize("slope", [-0.03, 0.0, 0.03])
@pytest.mark.parametrize("thickness", [2, 4])
def test_a_line_through_characters_is_a_strike(slope, thickness):
    darkness = ruled(text(4), 12 - 2 * np.sign(slope), 15, 160, thickness=thickness, slope=slope)
    strike = find_strike(darkness, HIGH)
    assert may_be_struck(darkness, HIGH)
    assert (strike.left, strike.right) == (15, 160)
    assert strike.thickness == thickness


def test_a_wavy_line_is_a_strike():
    darkness = text(4)
    for x in range(15, 160):
        y = round(11 + 1.5 * np.sin(x / 8))
        darkness[y : y + 3, x] = 200
    assert find_strike(darkness, HIGH) is not None


def test_text_that_is_not_struck_has_no_strike():
    assert not may_be_struck(text(5), HIGH)
    assert find_strike(text(5), HIGH) is None


@pytest.mark.parametrize("middle", [-4, HIGH + 2])
def test_a_line_above_or_below_characters_is_no_strike(middle):
    darkness = np.pad(text(4), ((8, 8), (0, 0)))
    assert find_strike(ruled(darkness, middle + 8, 15, 160), HIGH) is None


def test_dashes_are_no_strike():
    darkness = np.zeros((HIGH, 200), np.uint8)
    assert find_strike(ruled(darkness, 12, 20, 180), HIGH) is None
    assert find_strike(ruled(ruled(darkness, 2, 20, 180), 21, 20, 180), HIGH) is None


def test_strokes_of_characters_that_touch_in_blurred_print_are_no_strike():
    darkness = text(4)
    joined = np.where(darkness[:, 30:138].any(axis=0), 200, 90)  # as pale between characters as blur leaves it
    darkness[12:14, 30:138] = joined
    assert may_be_struck(darkness, HIGH)
    assert find_strike(darkness, HIGH) is None


def test_a_short_line_is_no_strike():
    assert find_strike(ruled(text(1), 12, 28, 60), HIGH) is None


def test_small_print_is_left_as_it_is():
    darkness = ruled(text(4), 12, 15, 160)
    assert not may_be_struck(darkness, LEAST_PX - 1)


def test_the_struck_characters_are_those_with_ink_on_both_sides():
    darkness = np.pad(ruled(text(3), 12, 15, 140), ((20, 0), (0, 60)))
    darkness[4:28, 150:170] = 200  # a correction, higher, beside the struck text
    strike = find_strike(darkness, HIGH)
    components = find_components(without_strike(darkness, strike), 1.0)
    assert struck_box(components, strike, HIGH) == (30, 20, 110, 44)


def test_a_correction_that_touches_a_struck_character_is_none_of_it():
    darkness = np.pad(ruled(text(3), 12, 15, 140), ((20, 0), (0, 60)))
    darkness[0:21, 106:126] = 200
    strike = find_strike(darkness, HIGH)
    box = struck_box(find_components(without_strike(darkness, strike), 1.0), strike, HIGH)
    assert box.top == 20 and box.right <= 112


def test_without_the_strike_what_it_crossed_stays():
    darkness = text(3)
    struck = ruled(darkness.copy(), 12, 15, 140)
    clean = without_strike(struck, find_strike(struck, HIGH))
    assert clean[13, 17] == 0 and clean[0, 40] == 200
    np.testing.assert_array_equal(clean[:8], darkness[:8])
