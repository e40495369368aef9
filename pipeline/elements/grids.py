"""Cells and grids: where the ruling of a table puts its cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.elements.places import Polygon


class Axis(StrEnum):
    """The direction in which a ruling line runs."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a grid: its place, its spans and its quad in scan pixels.

    `confidence` is the probability, 0-1, that place and spans are right; it does not tell cells apart.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    polygon: Polygon
    confidence: float = field(default=1.0, compare=False)

    def slots(self) -> Iterator[tuple[int, int]]:
        """Every (row, col) position that the cell covers."""
        for row in range(self.row, self.row + self.row_span):
            for col in range(self.col, self.col + self.col_span):
                yield row, col


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table's structure; it refuses to exist unless each slot is covered by exactly one cell.

    Cells are in reading order (row, then col). `repairs` names each segment that was added or removed to make it a
    tiling, `doubts` what else speaks against it. `border_doubted` says that lines go on beyond the border, or that
    pieces of it are bare, so that no look inside it can make its cells sure.

    Raises:
        ValueError: when a slot is covered twice, not at all, or a cell reaches outside the grid.
    """

    table_index: int
    n_rows: int
    n_cols: int
    cells: tuple[Cell, ...]
    repairs: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    border_doubted: bool = False

    def __post_init__(self) -> None:
        """Check the tiling, naming the slots that break it."""
        covered: dict[tuple[int, int], int] = {}
        for cell in self.cells:
            for slot in cell.slots():
                covered[slot] = covered.get(slot, 0) + 1
        wanted = {(row, col) for row in range(self.n_rows) for col in range(self.n_cols)}
        twice = sorted(slot for slot, times in covered.items() if times > 1)
        missing, outside = sorted(wanted - covered.keys()), sorted(covered.keys() - wanted)
        if twice or missing or outside or not wanted:
            raise ValueError(
                f"not a tiling of {self.n_rows} x {self.n_cols} slots: covered twice {twice[:5]}, "
                f"not covered {missing[:5]}, outside {outside[:5]}"
            )

    @property
    def confidence(self) -> float:
        """The confidence of its least sure cell, 0-1."""
        return min(cell.confidence for cell in self.cells)

    def cell_at(self, row: int, col: int) -> Cell:
        """The cell that covers a slot.

        Raises:
            KeyError: when the slot lies outside the grid.
        """
        for cell in self.cells:
            if cell.row <= row < cell.row + cell.row_span and cell.col <= col < cell.col + cell.col_span:
                return cell
        raise KeyError((row, col))
