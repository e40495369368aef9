"""Tables found on a page and its true ones -> how many cells are in place, and which tables are wrong and sure.

Only the structure counts: a cell is in place when its row, its column and both spans are right. Texts merely tell
which table is which, and how far rows and columns are moved together, as when a heading row is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

SURE = 0.9
"""From this confidence on nobody is told to look at a grid; it is the product's own threshold of review."""
MOST_ROWS_MOVED, MOST_COLS_MOVED = 15, 3
"""A table may be found without its first rows, such as a heading of several or the form above it, and more rarely
without its first columns; moved further it is another table."""

Place: TypeAlias = tuple[int, int, int, int]
"""(row, col, row_span, col_span)"""
Quad: TypeAlias = tuple[tuple[float, float], ...]
"""Corners in pixels of the image, x then y."""


class PlacedCell(NamedTuple):
    """A cell of a true or a found table; a true one has no confidence of its own, and may have no polygon.

    `is_known` is False where the truth does not say what the cell holds.
    """

    row: int
    col: int
    row_span: int = 1
    col_span: int = 1
    text: str = ""
    polygon: Quad = ()
    confidence: float = 1.0
    is_known: bool = True

    @property
    def place(self) -> Place:
        """What has to be right."""
        return self.row, self.col, self.row_span, self.col_span


Cells: TypeAlias = tuple[PlacedCell, ...]


class FoundTable(NamedTuple):
    """A table that was found; `doubted` says whether a warning about its grid names it."""

    cells: Cells
    doubted: bool = False


class FoundPage(NamedTuple):
    """The tables found on a page; `doubted` says whether a warning about grids names the page as a whole."""

    tables: tuple[FoundTable, ...] = ()
    doubted: bool = False


class TruePage(NamedTuple):
    """What is true of a page.

    `alternatives` are other lists of tables that are as right. With `open_end`, rows below the last true one are not
    judged. `kinds` is what the truth says of the scan, to group by.
    """

    name: str
    tables: tuple[Cells, ...]
    alternatives: tuple[tuple[Cells, ...], ...] = ()
    open_end: bool = False
    kinds: Mapping[str, str] = {}


class Counts(NamedTuple):
    """What is counted of a page, or of many.

    `placed` of the `true` and the `landed` cells are in place. `perfect` tables have every cell in place and none too
    many; `calm` are those of them that are sure and have no warning. `not_found` tables have no cell in place, `extra`
    ones stand where none is true. `sure_grids` are wrong and nobody is told: without a warning, and with a misplaced
    cell of a sure place, or, where cells only lack, with sure ones alone.
    """

    pages: int = 0
    tables: int = 0
    true: int = 0
    landed: int = 0
    placed: int = 0
    perfect: int = 0
    calm: int = 0
    not_found: int = 0
    extra: int = 0
    sure_grids: int = 0

    @property
    def structure(self) -> float:
        """F1 of the cells in place; 1.0 where there are neither true nor landed ones."""
        return 2 * self.placed / (self.true + self.landed) if self.true + self.landed else 1.0


class _Match(NamedTuple):
    """How well a found table fits a true one that is moved by `rows` and `cols`; less far is nearer."""

    fit: int
    nearness: int
    rows: int
    cols: int
    placed: int


def total(counts: Iterable[Counts]) -> Counts:
    """The sum of the counts of several pages.

    Example:
        >>> total([Counts(pages=1, true=4), Counts(pages=1, true=2)]).true
        6
    """
    return Counts(*(sum(column) for column in zip(Counts(), *counts, strict=True)))


def count_page(truth: TruePage, found: FoundPage) -> Counts:
    """Count a page by whichever of its truths fits best: the one with the fewest tables that are not perfect."""
    return _best_truth(truth, found)[1]


def placed_cells(truth: TruePage, found: FoundPage) -> Iterator[tuple[PlacedCell, int, PlacedCell]]:
    """The cells in place: each true one, the number of the found table that it is in, and the cell found there."""
    tables = _best_truth(truth, found)[0]
    for index, (of, match) in _match_tables(tables, found).items():
        by_place = {cell.place: cell for cell in found.tables[of].cells}
        for cell in tables[index]:
            place = (cell.row + match.rows, cell.col + match.cols, cell.row_span, cell.col_span)
            if place in by_place:
                yield cell, of, by_place[place]


def _best_truth(truth: TruePage, found: FoundPage) -> tuple[tuple[Cells, ...], Counts]:
    versions = (truth.tables, *truth.alternatives)
    counted = [(tables, _count(tables, found, truth.open_end)) for tables in versions]
    return max(counted, key=lambda one: (one[1].perfect - one[1].tables, one[1].structure))


def _count(tables: Sequence[Cells], found: FoundPage, open_end: bool) -> Counts:
    matches = _match_tables(tables, found)
    taken = {index for index, _ in matches.values()}
    extra = [table for index, table in enumerate(found.tables) if index not in taken]
    parts = [_count_extra(table, found.doubted) for table in extra]
    for index, cells in enumerate(tables):
        if index in matches:
            of, match = matches[index]
            parts.append(_count_table(cells, found.tables[of], match, found.doubted, open_end))
        else:
            parts.append(Counts(tables=1, true=len(cells), not_found=1))
    return total(parts)._replace(pages=1)


def _count_extra(table: FoundTable, page_doubted: bool) -> Counts:
    sure = max(cell.confidence for cell in table.cells) >= SURE
    silent = sure and not table.doubted and not page_doubted
    return Counts(landed=len(table.cells), extra=1, sure_grids=int(silent))


def _count_table(cells: Cells, table: FoundTable, match: _Match, page_doubted: bool, open_end: bool) -> Counts:
    true = {(row + match.rows, col + match.cols, *spans) for row, col, *spans in (cell.place for cell in cells)}
    end = max(row + row_span for row, _, row_span, _ in true)
    landed = {cell.place: cell for cell in table.cells if not open_end or cell.row < end}
    placed = len(true & landed.keys())
    perfect = placed == len(true) == len(landed)
    certain = {place for place, cell in landed.items() if cell.confidence >= SURE}
    doubted, all_certain = table.doubted or page_doubted, len(certain) == len(landed)
    misplaced = landed.keys() - true
    wrong_and_sure = bool(misplaced & certain) if misplaced else all_certain
    return Counts(
        tables=1,
        true=len(true),
        landed=len(landed),
        placed=placed,
        perfect=int(perfect),
        calm=int(perfect and all_certain and not doubted),
        sure_grids=int(not perfect and not doubted and wrong_and_sure),
    )


def _match_tables(tables: Sequence[Cells], found: FoundPage) -> dict[int, tuple[int, _Match]]:
    """The found table that each true one takes, by their indices: the best fit of all pairs first."""
    fits = [
        (_best_match(cells, table.cells), index, of)
        for index, cells in enumerate(tables)
        for of, table in enumerate(found.tables)
    ]
    matches: dict[int, tuple[int, _Match]] = {}
    for match, index, of in sorted(fits, key=lambda one: -one[0].fit):
        if match.placed and index not in matches and of not in {taken for taken, _ in matches.values()}:
            matches[index] = of, match
    return matches


def _best_match(true: Cells, found: Cells) -> _Match:
    by_place = {cell.place: cell.text for cell in found}
    matches = [
        _match(true, by_place, rows, cols)
        for rows in range(-MOST_ROWS_MOVED, MOST_ROWS_MOVED + 1)
        for cols in range(-MOST_COLS_MOVED, MOST_COLS_MOVED + 1)
    ]
    return max(matches, key=lambda match: (match.fit, match.nearness))


def _match(true: Cells, found: Mapping[Place, str], rows: int, cols: int) -> _Match:
    moved = (((cell.row + rows, cell.col + cols, cell.row_span, cell.col_span), cell.text) for cell in true)
    both = [(text, found[place]) for place, text in moved if place in found]
    same = sum(text == other != "" for text, other in both)
    return _Match(len(both) + same, -abs(rows) - abs(cols), rows, cols, len(both))
