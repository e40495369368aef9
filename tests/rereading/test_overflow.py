"""Text that runs over a rule reaches it on both sides, at one height."""

import numpy as np
import pytest

from pipeline.elements import BBox
from pipeline.layout import InkLine
from pipeline.rereading.overflow import Sides, crosses, find_overflow, has_gap, rule_between, without_rule

LEFT, RIGHT = BBox(100, 50, 300, 90), BBox(306, 50, 500, 90)


def line(left, right, top=60, bottom=80):
    return InkLine(BBox(left, top, right, bottom), ())


def overflow(own, others):
    return find_overflow(Sides(LEFT, own), Sides(RIGHT, others))


@pytest.mark.parametrize(("end", "begin"), [(300, 306), (299, 311), (296, 306)])
def test_a_line_that_reaches_the_rule_from_both_sides_runs_over(end, begin):
    own, other = line(110, end), line(begin, 340)
    assert overflow([own], [other]) == (own, other, True)


def test_the_last_line_of_several_may_run_over():
    own = [line(110, 290, 52, 66), line(110, 300, 70, 84)]
    assert overflow(own, [line(306, 330, 70, 84)]).left == own[1]


@pytest.mark.parametrize(
    ("own", "other"),
    [
        (line(110, 290), line(306, 340)),  # 10 px of paper on the left
        (line(110, 300), line(316, 340)),  # and on the right
        (line(110, 300, 52, 66), line(306, 340, 70, 84)),  # another line
    ],
)
def test_text_with_paper_before_the_rule_does_not(own, other):
    assert overflow([own], [other]) is None


@pytest.mark.parametrize(
    ("own", "others"),
    [
        ([line(200, 300)], [line(306, 340)]),  # it begins in the middle: it may as well be the next cell's
        ([line(110, 300)], [line(306, 340), line(320, 400, 82, 90)]),  # the next cell says something itself
        ([line(110, 300)], [line(306, 500)]),  # it runs on into a third cell
    ],
)
def test_what_cannot_be_told_is_not_sure(own, others):
    assert not overflow(own, others).sure


def test_paper_within_the_next_cells_ink_parts_what_runs_over_from_what_stands_there():
    darkness = np.zeros((20, 100), np.uint8)
    darkness[5:15, 0:20] = darkness[5:15, 24:44] = 200
    assert not has_gap(darkness, 30, 20)
    darkness[5:15, 70:90] = 200
    assert has_gap(darkness, 30, 20)


def test_the_rule_is_where_all_rows_are_dark():
    strip = np.zeros((40, 8), np.uint8)
    strip[:, 3:5] = 200
    strip[12:20, :] = 200  # a character through it
    assert rule_between(strip) == (3, 5)
    assert rule_between(np.zeros((40, 8), np.uint8)) is None


def test_strokes_go_on_where_the_rule_is_taken_out():
    cut = np.full((20, 30), 250, np.uint8)
    cut[8:11] = 40
    whole = cut.copy()
    cut[:, 14:17] = 10
    np.testing.assert_array_equal(without_rule(cut, 14, 17), whole)


def test_a_stroke_crosses_the_rule_where_it_is_on_both_sides_of_it_in_one_row():
    strip = np.zeros((40, 8), np.uint8)
    strip[:, 3:5] = 200
    assert not crosses(strip, (3, 5), (10, 30))
    strip[12:14, :3] = strip[20:22, 5:] = 200
    assert not crosses(strip, (3, 5), (10, 30))
    strip[13:15, 5:] = 200
    assert crosses(strip, (3, 5), (10, 30))
