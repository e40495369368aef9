"""A speck is a mark where a mark belongs, in the middle of its row where its column's lines stand; else it is dust."""

import cv2
import numpy as np
import pytest
from drawing import INK
from read_pages import TABLE, page_of, printed

from pipeline.elements import BBox
from pipeline.residual.blank_check import cells_not_blank
from pipeline.residual.faint_marks import apart_from_paper, without_ink
from pipeline.residual.mark_places import RAGGED, ColumnSides, MarkPlace, column_sides, has_placed_mark

TEXT_HEIGHT = 15.0
CELL = BBox(0.0, 0.0, 200.0, 40.0)
RIGHT_ALIGNED = ColumnSides(None, 12.0)


def speck(*places, size=2):
    """Paper (40, 200, 3) with round specks, four pixels across."""
    image = np.full((40, 200, 3), 220, np.uint8)
    for place in places:
        cv2.circle(image, place, size, (150,) * 3, -1, cv2.LINE_AA)
    return image


def is_mark(image, column=RAGGED):
    apart = without_ink(apart_from_paper(image, TEXT_HEIGHT), TEXT_HEIGHT)
    return has_placed_mark(apart, 1.0, (0.0, 0.0), MarkPlace(CELL, column, TEXT_HEIGHT))


def test_a_speck_in_the_middle_of_a_cell_is_a_mark():
    assert is_mark(speck((100, 20)))


def test_a_speck_where_the_columns_lines_end_is_a_mark():
    assert is_mark(speck((185, 20)), RIGHT_ALIGNED)


@pytest.mark.parametrize("place", [(100, 30), (60, 20), (185, 20)], ids=["below", "beside", "at no edge"])
def test_a_speck_anywhere_else_is_dust(place):
    assert not is_mark(speck(place))


def test_two_specks_are_dust():
    assert not is_mark(speck((100, 20), (40, 12)))


def test_a_blot_is_told_by_its_shape():
    assert not is_mark(speck((100, 20), size=6))


def test_bare_paper_has_no_mark():
    assert not is_mark(speck())


def test_the_sides_of_a_column_are_known_where_its_lines_begin_or_end_together():
    page = page_of(printed())
    sides = column_sides(page.layout, page.tables, TEXT_HEIGHT)
    assert set(sides) <= {(0, column) for column in range(len(TABLE.cols) - 1)}


def test_a_cell_with_a_speck_in_its_middle_is_not_blank():
    image = printed()
    x, y = (TABLE.cols[1] + TABLE.cols[2]) // 2, (TABLE.rows[1] + TABLE.rows[2]) // 2
    page = page_of(cv2.circle(image, (x, y), 3, INK, -1, cv2.LINE_AA))
    blank = [(0, index) for index, cell in enumerate(page.tables[0].cells) if (cell.cell.row, cell.cell.col) == (1, 1)]
    assert [place for place in cells_not_blank(page.layout, page.tables, 3.2) if place in blank] == blank
