"""A second method looks at tables that are not quite sure, and says so where it sees other cells."""

from dataclasses import replace

import numpy as np
import pytest
from drawing import DPI, drawn_form, scanned, sheet

from pipeline.dewarp.deskewing import deskew
from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import Cell, Grid
from pipeline.grid.cross_checking import ASK_BELOW, DISPUTED, compare, cross_check
from pipeline.grid.grids import build_grids
from pipeline.grid.tiling import Span
from pipeline.settings.settings import GridSettings

ONE, TWO = frozenset({Span(0, 0, 1, 2)}), frozenset({Span(0, 0, 1, 1), Span(0, 1, 1, 1)})


@pytest.fixture(scope="module")
def dewarped():
    return dewarp(deskew(scanned(drawn_form(), DPI), None))


@pytest.fixture(scope="module")
def grid(dewarped):
    (found,) = build_grids(dewarped, GridSettings()).grids
    return found


def test_agreement_takes_most_of_the_doubt():
    assert compare(TWO, TWO, 0.6) == (0.94, ())


def test_silence_changes_nothing():
    assert compare(TWO, None, 0.6) == (0.6, ())


def test_a_dispute_names_the_cells_of_both_and_asks_for_review():
    assert compare(TWO, ONE, 0.95) == (DISPUTED, (Span(0, 0, 1, 1), Span(0, 0, 1, 2), Span(0, 1, 1, 1)))
    assert GridSettings().review_confidence > DISPUTED


def test_a_dispute_never_makes_a_grid_surer():
    assert compare(TWO, ONE, 0.2)[0] == 0.2


def test_a_grid_that_both_methods_find_becomes_surer(dewarped, grid):
    (checked,) = cross_check(dewarped, (replace(grid, confidence=0.7),))
    assert checked.grid.confidence == pytest.approx(0.955)
    assert checked.disputed == ()
    assert checked.grid.cells == grid.cells


def test_a_grid_with_a_wall_too_few_is_disputed(dewarped, grid):
    below, above = grid.cell_at(grid.n_rows - 2, grid.n_cols - 1), grid.cell_at(grid.n_rows - 3, grid.n_cols - 1)
    assert (below.row_span, above.row_span, below.col_span, above.col_span) == (1, 1, 1, 1)
    merged = Cell(above.row, above.col, 2, 1, (*above.polygon[:2], *below.polygon[2:]))
    others = tuple(cell for cell in grid.cells if cell not in (above, below))
    wrong = Grid(0, grid.n_rows, grid.n_cols, tuple(sorted((*others, merged), key=lambda c: (c.row, c.col))), 0.95)
    (checked,) = cross_check(dewarped, (wrong,))
    assert checked.grid.confidence == DISPUTED
    assert Span(above.row, above.col, 2, 1) in checked.disputed


def test_a_method_that_does_not_find_the_table_abstains(dewarped, grid):
    blank = replace(dewarped, darkness=np.zeros_like(dewarped.darkness))
    (checked,) = cross_check(blank, (replace(grid, confidence=0.7),))
    assert (checked.grid.confidence, checked.disputed) == (0.7, ())


def test_a_sure_grid_is_not_asked_about(dewarped, grid, monkeypatch):
    monkeypatch.setattr("pipeline.grid.cross_checking._other_cells", lambda *_: pytest.fail("asked"))
    (checked,) = cross_check(dewarped, (replace(grid, confidence=ASK_BELOW),))
    assert checked.grid.confidence == ASK_BELOW


def test_a_page_without_tables_has_no_opinions():
    assert cross_check(dewarp(deskew(scanned(sheet(), DPI), None)), ()) == ()
