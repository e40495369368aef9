"""A second method looks at tables with cells in doubt: what it finds is surer, what it does not is less sure."""

from dataclasses import replace

import numpy as np
import pytest
from drawing import DPI, drawn_form, scanned, sheet

from pipeline.dewarp.deskewing import deskew
from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import Cell, Grid
from pipeline.grid.cross_checking import ASK_BELOW, DISPUTED, DOUBT_LEFT, cross_check, reconsider
from pipeline.grid.grids import build_grids
from pipeline.grid.tiling import Span
from pipeline.settings.settings import GridSettings

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
OWN = np.array([[0, 0, 100, 50], [100, 0, 200, 50], [0, 50, 200, 100]], float)
PLACES = ((0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 2))


def three_cells(*confidences):
    cells = (Cell(*place, SQUARE, confidence) for place, confidence in zip(PLACES, confidences, strict=True))
    return Grid(0, 2, 2, tuple(cells))


def confidences(checked):
    return [cell.confidence for cell in checked.grid.cells]


def less_sure(grid, confidence):
    return replace(grid, cells=tuple(replace(cell, confidence=confidence) for cell in grid.cells))


@pytest.fixture(scope="module")
def dewarped():
    return dewarp(deskew(scanned(drawn_form(), DPI), None))


@pytest.fixture(scope="module")
def grid(dewarped):
    (found,) = build_grids(dewarped, GridSettings())
    return found


def test_cells_in_doubt_that_both_methods_find_lose_most_of_their_doubt():
    checked = reconsider(three_cells(0.6, 0.95, 0.8), OWN, [OWN + 1])
    assert confidences(checked) == pytest.approx([1 - 0.4 * DOUBT_LEFT, 0.95, 1 - 0.2 * DOUBT_LEFT])
    assert checked.disputed == ()


def test_a_cell_in_doubt_that_the_other_method_does_not_find_is_disputed_and_the_sure_ones_stay():
    """It has one cell where we have two, of which we are sure of one."""
    other = np.array([[0, 0, 200, 50], [0, 50, 200, 100]], float)
    checked = reconsider(three_cells(0.8, 0.95, 0.5), OWN, [other])
    assert confidences(checked) == pytest.approx([DISPUTED, 0.95, 1 - 0.5 * DOUBT_LEFT])
    assert checked.disputed == (Span(0, 0, 1, 1),)
    assert GridSettings().review_confidence > DISPUTED


def test_a_dispute_never_makes_a_cell_surer():
    other = np.array([[0, 0, 200, 100]], float)
    assert confidences(reconsider(three_cells(0.2, 0.3, 0.4), OWN, [other])) == [0.2, 0.3, 0.4]


@pytest.mark.parametrize("tables", [[], [OWN[:1]], [OWN + 1000]], ids=["nothing", "a part", "another table"])
def test_a_method_that_does_not_find_most_of_the_table_abstains(tables):
    assert confidences(reconsider(three_cells(0.2, 0.3, 0.4), OWN, tables)) == [0.2, 0.3, 0.4]


def test_no_cell_becomes_surer_where_the_other_method_sees_the_table_go_on():
    below = [[0, 100, 200, 150]]
    assert confidences(reconsider(three_cells(0.6, 0.95, 0.8), OWN, [np.vstack([OWN, below])])) == [0.6, 0.95, 0.8]


def test_another_table_beside_ours_is_no_reason_for_doubt():
    checked = reconsider(three_cells(0.6, 0.95, 0.8), OWN, [OWN, OWN + (300, 0, 300, 0)])  # noqa: RUF005 - a sum
    assert checked.grid.confidence > 0.8


def test_a_grid_that_both_methods_find_becomes_surer(dewarped, grid):
    (checked,) = cross_check(dewarped, (less_sure(grid, 0.7),))
    assert checked.grid.confidence == pytest.approx(1 - 0.3 * DOUBT_LEFT)
    assert checked.disputed == ()
    assert checked.grid.cells == grid.cells


def test_a_grid_with_a_wall_too_few_is_disputed_there(dewarped, grid):
    below, above = grid.cell_at(grid.n_rows - 2, grid.n_cols - 1), grid.cell_at(grid.n_rows - 3, grid.n_cols - 1)
    assert (below.row_span, above.row_span, below.col_span, above.col_span) == (1, 1, 1, 1)
    merged = Cell(above.row, above.col, 2, 1, (*above.polygon[:2], *below.polygon[2:]), 0.85)
    others = tuple(cell for cell in grid.cells if cell not in (above, below))
    wrong = Grid(0, grid.n_rows, grid.n_cols, tuple(sorted((*others, merged), key=lambda c: (c.row, c.col))))
    (checked,) = cross_check(dewarped, (wrong,))
    assert checked.grid.cell_at(above.row, above.col).confidence == DISPUTED
    assert checked.disputed == (Span(above.row, above.col, 2, 1),)


def test_a_method_that_sees_nothing_abstains(dewarped, grid):
    blank = replace(dewarped, ruling=np.zeros_like(dewarped.ruling))
    (checked,) = cross_check(blank, (less_sure(grid, 0.7),))
    assert (checked.grid.confidence, checked.disputed) == (0.7, ())


@pytest.mark.parametrize(
    "sure",
    [lambda grid: less_sure(grid, ASK_BELOW), lambda grid: replace(less_sure(grid, 0.2), border_doubted=True)],
    ids=["a sure grid", "a grid whose border is in doubt"],
)
def test_nobody_is_asked_about(dewarped, grid, sure, monkeypatch):
    monkeypatch.setattr("pipeline.grid.cross_checking._other_tables", lambda *_: pytest.fail("asked"))
    (checked,) = cross_check(dewarped, (sure(grid),))
    assert checked.grid.confidence == sure(grid).confidence


def test_a_page_without_tables_has_no_opinions():
    assert cross_check(dewarp(deskew(scanned(sheet(), DPI), None)), ()) == ()
