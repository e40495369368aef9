"""The side of a rule and the blur around a line that was read are no ink; strokes beside them are."""

import numpy as np
import pytest
from drawing import INK, px
from read_pages import TABLE, page_of, printed

from pipeline.imaging import Component
from pipeline.residual.fringes import Surroundings, is_fringe
from pipeline.residual.residual_ink import find_residual_ink, unread_rest

HEIGHT, WIDTH, TEXT = 80, 300, 20
PX_PER_MM = 6.0
LINE = slice(30, 50), slice(100, 200)
"""Rows and columns of the line that was read."""


def surroundings():
    whole = np.full((HEIGHT, WIDTH), 3, np.uint8)
    whole[LINE] = 120
    rest = whole.copy()
    rest[LINE] = 0
    return Surroundings(rest, whole, TEXT, 200.0, PX_PER_MM)


def component(left, top, right, bottom, darkest=150.0):
    return Component(left, top, right, bottom, darkest, darkest)


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 5, HEIGHT),
        (0, 0, 5, 15),  # into a corner
        (1, 20, 6, 50),  # longer than a letter
        (WIDTH - 4, 60, WIDTH, HEIGHT),
        (40, 0, 150, 4),
        (WIDTH - 15, HEIGHT - 4, WIDTH - 1, HEIGHT),
    ],
)
def test_what_runs_along_a_side_is_a_rules(box):
    assert is_fringe(component(*box), surroundings())


@pytest.mark.parametrize(
    "box",
    [
        (0, 20, 5, 36),  # as long as a numeral
        (0, 0, 9, HEIGHT),  # thicker than a rule
        (20, 20, 25, 60),  # away from the side
        (0, 40, 15, 44),  # across the side, as a dash
        (40, 0, 58, 4),
    ],
)
def test_what_may_be_a_stroke_is_not(box):
    assert not is_fringe(component(*box), surroundings())


@pytest.mark.parametrize(
    "box", [(110, 50, 130, 52), (120, 28, 180, 30), (97, 32, 100, 48), (200, 32, 203, 48)], ids=str
)
def test_pale_ink_along_a_line_that_was_read_is_its_blur(box):
    assert is_fringe(component(*box, darkest=40.0), surroundings())
    assert not is_fringe(component(*box, darkest=120.0), surroundings())


@pytest.mark.parametrize("box", [(110, 50, 130, 55), (110, 51, 130, 53), (190, 50, 230, 52)], ids=str)
def test_pale_ink_that_is_thick_or_apart_is_not(box):
    assert not is_fringe(component(*box, darkest=40.0), surroundings())


def named(image):
    page = page_of(image)
    return {
        (page.tables[0].cells[c].cell.row, page.tables[0].cells[c].cell.col) for g in found(page) for _, c in g.places
    }


def found(page):
    return find_residual_ink(page, unread_rest(page))


def test_a_second_rule_inside_a_cell_is_no_text_and_a_bar_away_from_it_is():
    image = printed()
    right, (top, bottom) = TABLE.cols[1] - 3, TABLE.rows[:2]
    image[top + 2 : bottom, right - px(0.5) : right] = INK
    assert named(image) == set()
    image[bottom - 60 : bottom - 5, right - 40 : right - 37] = INK
    assert named(image) == {(0, 0)}
