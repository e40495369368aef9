"""Tables -> adjacency relations of their contents: the measure of the table competition of ICDAR 2013.

A relation joins two cells that are not blank and have nothing but blank cells between them, in a row or in a column:
(content, next content, direction, how many blank cells between). A cell that spans several rows has relations in each
of them, but the same only once. Tables need not be matched, as no relation leaves its table.

Göbel, Hassan, Oro, Orsi: ICDAR 2013 Table Competition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from benchmarks.structure_measures import Cells, PlacedCell


class Relation(NamedTuple):
    """Two contents that are neighbours, and how many blank cells lie between them."""

    content: str
    next_content: str
    across: bool
    blanks: int


class Agreement(NamedTuple):
    """How many relations of the truth were found, of how many true and found ones."""

    shared: int
    true: int
    found: int

    @property
    def recall(self) -> float:
        """Share of the true ones that were found; 1.0 where there are none."""
        return self.shared / self.true if self.true else 1.0

    @property
    def precision(self) -> float:
        """Share of the found ones that are true; 1.0 where there are none."""
        return self.shared / self.found if self.found else 1.0

    @property
    def f1(self) -> float:
        """Of both; 1.0 where there are none at all."""
        return 2 * self.shared / (self.true + self.found) if self.true + self.found else 1.0


def relations(cells: Cells) -> Counter[Relation]:
    """All adjacency relations of a table.

    Example:
        >>> list(relations((PlacedCell(0, 0, text="a"), PlacedCell(0, 1), PlacedCell(0, 2, text="b"))))
        [Relation(content='a', next_content='b', across=True, blanks=1)]
    """
    across = _neighbours(cells, across=True)
    down = _neighbours(tuple(_transposed(cell) for cell in cells), across=False)
    return Counter([*across, *down])


def agreement(true: Iterable[Cells], found: Iterable[Cells]) -> Agreement:
    """How far the relations of a page's found tables are those of its true ones."""
    wanted, had = (sum(map(relations, tables), Counter[Relation]()) for tables in (true, found))
    return Agreement((wanted & had).total(), wanted.total(), had.total())


def pooled(parts: Sequence[Agreement]) -> Agreement:
    """The agreement on several pages, each relation counting alike."""
    return Agreement(*(sum(column) for column in zip(Agreement(0, 0, 0), *parts, strict=True)))


def _transposed(cell: PlacedCell) -> PlacedCell:
    return cell._replace(row=cell.col, col=cell.row, row_span=cell.col_span, col_span=cell.row_span)


def _neighbours(cells: Cells, *, across: bool) -> list[Relation]:
    """For each cell that is not blank, the next such one to its right, in any of its rows."""
    owner = {
        (row, col): cell
        for cell in cells
        for row in range(cell.row, cell.row + cell.row_span)
        for col in range(cell.col, cell.col + cell.col_span)
    }
    found: dict[tuple[PlacedCell, PlacedCell], Relation] = {}
    for cell in cells:
        for row in range(cell.row, cell.row + cell.row_span) if cell.text else ():
            blanks, other = 0, owner.get((row, cell.col + cell.col_span))
            while other is not None and not other.text:
                blanks, other = blanks + 1, owner.get((row, other.col + other.col_span))
            if other is not None:
                found.setdefault((cell, other), Relation(cell.text, other.text, across, blanks))
    return list(found.values())
