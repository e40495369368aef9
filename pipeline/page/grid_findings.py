"""Grids -> findings: which cells of a table are not sure to be where they landed, and what speaks against them."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence

from pipeline.elements import Finding, FindingRule, Grid, Polygon, Severity
from pipeline.grid import CrossCheck

MAX_PLACES = 6
"""A finding names at most so many places; a person looks at the page anyway."""
MAX_REASONS = 4
"""Of walls that were changed, and of other reasons for doubt, it names at most so many each."""


def report_doubts(page_number: int, grid: Grid, review_confidence: float) -> Iterator[Finding]:
    """That a table has cells of which place and spans are not sure: which, how sure the least one is, and why.

    Args:
        page_number: of the grid's page.
        grid: whose cells have a confidence each.
        review_confidence: cells below it, 0-1, are named.
    """
    doubted = [cell for cell in grid.cells if cell.confidence < review_confidence]
    if not doubted:
        return
    where = (
        "all cells" if len(doubted) == len(grid.cells) else name_slots({s for cell in doubted for s in cell.slots()})
    )
    why = "; ".join(filter(None, (_first(grid.doubts, MAX_REASONS), _first(grid.repairs, MAX_REASONS))))
    yield Finding(
        FindingRule.GRID_DOUBTFUL,
        Severity.WARNING,
        "The table's structure is not sure: look at the page beside its cells.",
        page_number,
        table_index=grid.table_index,
        found=f"{where} ({grid.confidence:.2f} at least)" + (f": {why}" if why else ""),
    )


def report_open_rules(page_number: int, places: Sequence[Polygon]) -> Iterator[Finding]:
    """That rules follow each other without any column between them, where a table's rows may stand.

    Args:
        page_number: of the page.
        places: on the scan, in its pixels.
    """
    for place in places:
        (left, top), (right, bottom) = place[0], place[2]
        yield Finding(
            FindingRule.GRID_WITHOUT_COLUMNS,
            Severity.WARNING,
            "Rules follow each other with no column between them: what may be a table there landed as lines of text.",
            page_number,
            found=f"x {left:.0f}-{right:.0f}, y {top:.0f}-{bottom:.0f} of the scan's pixels",
        )


def report_disputes(page_number: int, cross_checks: Sequence[CrossCheck]) -> Iterator[Finding]:
    """The cells on which a second method differs.

    Args:
        page_number: of the grids' page.
        cross_checks: of its grids.
    """
    for checked in cross_checks:
        if checked.disputed:
            slots = {
                (row, col)
                for s in checked.disputed
                for row in range(s.row, s.row + s.row_span)
                for col in range(s.col, s.col + s.col_span)
            }
            yield Finding(
                FindingRule.GRID_DISPUTED,
                Severity.WARNING,
                "A second method finds other cells in the table: look at the page beside its cells.",
                page_number,
                table_index=checked.grid.table_index,
                found=name_slots(slots),
            )


def name_slots(slots: Collection[tuple[int, int]]) -> str:
    """Slots in words, given by row and column: as few rectangles as their runs in each row make.

    Example:
        >>> name_slots({(1, 0), (1, 1), (2, 0), (2, 1), (5, 3)})
        'rows 1-2, cols 0-1; row 5, col 3'
    """
    open_runs: dict[tuple[int, int], tuple[int, int]] = {}
    rectangles: list[tuple[int, int, int, int]] = []
    for row in sorted({row for row, _ in slots}):
        runs = set(_runs(sorted(col for other, col in slots if other == row)))
        grown = {
            run: (open_runs[run][0] if run in open_runs and open_runs[run][1] == row - 1 else row, row) for run in runs
        }
        rectangles += [(*rows, *run) for run, rows in open_runs.items() if run not in grown or grown[run][0] == row]
        open_runs = grown
    rectangles += [(*rows, *run) for run, rows in open_runs.items()]
    names = [
        f"{_indices('row', top, bottom)}, {_indices('col', left, right)}"
        for top, bottom, left, right in sorted(rectangles)
    ]
    return _first(names, MAX_PLACES)


def _runs(cols: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of ascending numbers that follow each other."""
    for _, run in itertools.groupby(enumerate(cols), lambda item: item[1] - item[0]):
        members = [col for _, col in run]
        yield members[0], members[-1]


def _indices(name: str, first: int, last: int) -> str:
    return f"{name} {first}" if first == last else f"{name}s {first}-{last}"


def _first(names: Sequence[str], most: int) -> str:
    """The first names, and how many more there are."""
    more = len(names) - most
    return "; ".join([*names[:most], *([f"{more} more"] if more > 0 else [])])
