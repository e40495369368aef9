"""Marks at the ends of lines are told from dust by the page they stand on."""

import numpy as np
import pytest
from drawing import PX_PER_MM

from pipeline.elements import BBox
from pipeline.layout.end_marks import Dust, EndMark, printed_marks
from pipeline.layout.text_lines import find_text_lines

HEIGHT = 20
CLEAN_PAGE = Dust(dots=0, area=2000)
DUSTY_PAGE = Dust(dots=40, area=2000)


def number(mark, ink=200):
    """The inside of a cell with three digits and a mark (left, top, width, height, darkness) beside them."""
    darkness = np.zeros((60, 200), np.uint8)
    for digit in range(3):
        darkness[20:40, 60 + 14 * digit : 68 + 14 * digit] = ink
    left, top, width, height, dark = (*mark, 120)[:5]
    darkness[top : top + height, left : left + width] = dark
    return darkness


def only_line(mark, ink=200):
    (line,) = find_text_lines(number(mark, ink), 1.5, HEIGHT, PX_PER_MM).lines
    return line


def end_mark(left=0, gap=0.2, middle=0.5, before=True):
    return EndMark(BBox(left, 0, left + 3, 3), before, gap, middle, 0.3, 0.2, dusty=True)


@pytest.mark.parametrize(
    "mark",
    [(50, 30, 6, 3), (53, 36, 3, 4), (50, 36, 4, 4), (100, 28, 5, 5)],
    ids=["minus", "point", "point further off", "stop at mid-height"],
)
def test_what_stands_where_a_mark_may_stand_is_one_on_a_page_without_dust(mark):
    line = only_line(mark)
    left, top, width, height = mark
    box = BBox(left, top, left + width, top + height)
    assert line.specks == (box,)
    assert printed_marks(line.marks, DUSTY_PAGE) == set()
    shown = line.with_marks(printed_marks(line.marks, CLEAN_PAGE))
    assert (shown.specks, shown.marks) == ((), ())
    assert shown.box.left <= box.left
    assert shown.box.right >= box.right
    assert shown.unfaded.box.left <= box.left


@pytest.mark.parametrize(("dots", "area", "rare"), [(0, 60, True), (0, 5000, True), (2, 5000, True), (12, 2400, False)])
def test_dust_is_rare_on_a_page_whose_cells_have_hardly_a_loose_dot(dots, area, rare):
    assert Dust(dots, area).is_rare == rare


def test_marks_at_the_same_place_beside_several_lines_are_print_on_a_dusty_page_too():
    """As the ring of 。 is, which some fonts set at mid-height."""
    alike = [end_mark(left=100 * line, gap=0.2 + 0.02 * line) for line in range(3)]
    others = [end_mark(gap=0.4), end_mark(middle=0.9), end_mark(before=False)]
    assert printed_marks([*alike, *others], DUSTY_PAGE) == set(alike)
    assert printed_marks([*alike[:2], *others], DUSTY_PAGE) == set()


@pytest.mark.parametrize("mark", [(106, 28, 4, 4), (100, 28, 5, 5, 255)], ids=["too far off", "darker than the toner"])
def test_what_is_far_off_or_darker_than_the_toner_is_dust_on_any_page(mark):
    line = only_line(mark, ink=150)
    assert line.with_marks(printed_marks(line.marks, CLEAN_PAGE)) == line


def test_loose_dots_are_those_in_no_lines_reach():
    darkness = number((53, 36, 3, 4))
    darkness[5:8, 150:153] = darkness[50:53, 20:23] = 200
    assert find_text_lines(darkness, 1.5, HEIGHT, PX_PER_MM).loose == 2


@pytest.mark.parametrize(("gap", "open_"), [(14, True), (22, False)])
def test_what_stands_in_the_middle_of_a_wide_box_after_a_line_may_be_its_stop(gap, open_):
    line = only_line((96 + gap, 28, 4, 4))
    assert [mark.box.left for mark in line.marks] == ([96 + gap] if open_ else [])
    assert [speck.left for speck in line.specks] == [96 + gap]


def test_a_mark_is_beside_the_digit_at_its_end_of_the_text():
    assert end_mark().is_beside("17年")
    assert end_mark(before=False).is_beside("第17")
    assert not end_mark().is_beside("≥17")
    assert not end_mark()._replace(in_place=False).is_beside("17")


def test_a_leading_point_darker_than_thin_digits_is_looked_at_again_and_a_speck_further_up_is_not():
    point, speck = ((50, top, 4, 4, 255) for top in (36, 24))
    (mark,), (other,) = only_line(point, ink=120).marks, only_line(speck, ink=120).marks
    assert not mark.in_place
    assert mark.looks_like_point and mark.is_beside("622")
    assert not mark.is_beside("元")
    assert not other.looks_like_point and not other.is_beside("622")
