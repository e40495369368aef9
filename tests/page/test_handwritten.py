"""Cells that were filled in by hand are told from print, keep their text, and are never sure."""

import cv2
import numpy as np
import pytest
from drawing import INK, Table, print_text, rule, sheet, upright
from fake_engines import FakeRecogniser
from written_names import strokes_of, written

from pipeline.dewarp.dewarping import dewarp
from pipeline.grid.grids import build_grids
from pipeline.layout.layout import analyse_layout
from pipeline.page.handwritten import FIRST_LOOK, MOST_CONFIDENCE, doubt_handwriting
from pipeline.reading.cells import recognise_cells
from pipeline.settings.settings import GridSettings

TABLE = Table(rows=tuple(range(100, 701, 60)), cols=(100, 420, 740, 1060))
"""Ten rows of three cells, more lines than are looked at first."""


def write(image, left, top, seed):
    """A name by a hand, a third higher than print, in place."""
    pen = written(strokes_of(seed, 1, wobble=0.1, seed=seed), height=46, pen=9.0)
    pen[pen < 30] = 0  # its own paper
    pen = pen[np.flatnonzero(pen.max(axis=1))]
    under = image[top : top + pen.shape[0], left : left + pen.shape[1]]
    share = pen / 255.0
    under[:] = (under * (1 - share) + INK * share).astype(np.uint8)


def filled(by_hand=()):
    """A form with print in each cell, or by hand in those told."""
    image = rule(sheet(), TABLE)
    for row in range(10):
        for col in range(3):
            left, top = TABLE.cols[col] + 20, TABLE.rows[row] + 14
            if (row, col) in by_hand:
                write(image, left, top, seed=row)
            else:
                print_text(image, left, top + 4, 6, seed=10 * row + col)
    return image


def read(image):
    """The page's layout, and its tables as the recogniser read them."""
    page = upright(image)
    dewarped = dewarp(page)
    layout = analyse_layout(page, dewarped, build_grids(dewarped, GridSettings()))
    return layout, recognise_cells(layout, FakeRecogniser(otherwise="合格"))


def marked(tables):
    return {(cell.cell.row, cell.cell.col) for table in tables for cell in table.cells if cell.handwritten}


def test_print_stays_as_it_was_read():
    layout, tables = read(filled())
    assert doubt_handwriting(layout, tables) == tables


@pytest.mark.parametrize("by_hand", [{(row, 2) for row in range(1, 10)}, {(3, 1), (7, 2)}])
def test_cells_filled_in_by_hand_are_told(by_hand):
    layout, tables = read(filled(by_hand))
    assert marked(doubt_handwriting(layout, tables)) == by_hand


def test_what_was_written_by_hand_keeps_its_text_but_is_not_sure():
    layout, tables = read(filled({(4, 1)}))
    before, after = tables[0].at(4, 1), doubt_handwriting(layout, tables)[0].at(4, 1)
    assert (after.text, after.handwritten) == (before.text, True)
    assert before.confidence > MOST_CONFIDENCE == after.confidence == after.lines[0].confidence


def test_a_page_with_fewer_lines_than_are_looked_at_first_is_judged_as_well():
    image = rule(sheet(), TABLE)
    for row in range(3):
        print_text(image, TABLE.cols[0] + 20, TABLE.rows[row] + 18, 6, seed=row)
        write(image, TABLE.cols[1] + 20, TABLE.rows[row] + 14, seed=row)
    layout, tables = read(image)
    assert len(layout.lines) < FIRST_LOOK
    assert marked(doubt_handwriting(layout, tables)) == {(0, 1), (1, 1), (2, 1)}


def test_a_page_without_text_is_left_alone():
    layout, tables = read(rule(sheet(), TABLE))
    assert doubt_handwriting(layout, tables) == tables
    assert cv2.countNonZero(layout.smooth)
