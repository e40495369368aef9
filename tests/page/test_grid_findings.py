"""What is not sure of a grid is named: the cells, in few words, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.elements import Cell, Grid
from pipeline.grid.cross_checking import CrossCheck
from pipeline.grid.tiling import Span
from pipeline.page.grid_findings import MAX_PLACES, MAX_REASONS, name_slots, report_disputes, report_doubts

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def grid_of(*confidences, **what):
    cells = tuple(Cell(row, 0, 1, 1, SQUARE, confidence) for row, confidence in enumerate(confidences))
    return Grid(2, len(cells), 1, cells, **what)


def test_a_sure_grid_has_no_finding():
    assert list(report_doubts(1, grid_of(0.95, 1.0), 0.9)) == []


def test_the_cells_in_doubt_are_named_with_the_least_confidence_and_the_reasons():
    grid = grid_of(0.95, 0.5, 0.7, 1.0, repairs=("wall above row 1 added in col 0",), doubts=("a pale line",))
    (finding,) = report_doubts(3, grid, 0.9)
    assert (finding.page_number, finding.table_index) == (3, 2)
    assert finding.found == "rows 1-2, col 0 (0.50 at least): a pale line; wall above row 1 added in col 0"


def test_reasons_beyond_a_few_are_counted():
    grid = grid_of(0.5, repairs=tuple(f"repair {number}" for number in range(MAX_REASONS + 4)))
    (finding,) = report_doubts(1, grid, 0.9)
    assert finding.found.endswith(f"repair {MAX_REASONS - 1}; 4 more")


def test_disputed_cells_are_named_by_the_slots_they_cover():
    (finding,) = report_disputes(1, (CrossCheck(grid_of(0.5), (Span(0, 0, 2, 1), Span(0, 1, 2, 2))),))
    assert (finding.rule, finding.found) == ("grid_disputed", "rows 0-1, cols 0-2")


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({(4, 2)}, "row 4, col 2"),
        ({(0, 0), (0, 1), (1, 0), (1, 1)}, "rows 0-1, cols 0-1"),
        ({(0, 0), (1, 0), (1, 1)}, "row 0, col 0; row 1, cols 0-1"),
        ({(0, 0), (2, 0)}, "row 0, col 0; row 2, col 0"),
        ({(0, 0), (0, 2)}, "row 0, col 0; row 0, col 2"),
    ],
)
def test_slots_are_named_as_rectangles(slots, words):
    assert name_slots(slots) == words


def test_places_beyond_a_few_are_counted():
    assert name_slots({(2 * row, 0) for row in range(MAX_PLACES + 3)}).endswith("; 3 more")


@given(st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1))
def test_names_of_slots_name_each_of_them_once(slots):
    named = []
    for rectangle in name_slots(slots).split("; "):
        rows, cols = ([int(number) for number in part.split()[1].split("-")] for part in rectangle.split(", "))
        named += [(row, col) for row in range(rows[0], rows[-1] + 1) for col in range(cols[0], cols[-1] + 1)]
    assert sorted(named) == sorted(slots)
