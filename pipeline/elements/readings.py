"""What was read: lines, cells, tables and pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from pipeline.elements.findings import Finding, Status
from pipeline.elements.grids import Cell, Grid
from pipeline.elements.pages import DpiSource
from pipeline.elements.places import Matrix, Polygon
from pipeline.elements.signatures import Signature, SignatureStatus
from pipeline.elements.stamps import Stamp


class LineKind(StrEnum):
    """What a text line is on its page."""

    CELL = "cell"
    TITLE = "title"
    NOTE = "note"
    SEAL = "seal"
    SIGNATURE = "signature"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TextLine:
    """One recognised line of text and where it stands; row and col are None outside a cell."""

    text: str
    confidence: float | None
    polygon: Polygon
    kind: LineKind
    table_index: int | None = None
    row: int | None = None
    col: int | None = None


class Hypothesis(NamedTuple):
    """What may stand in a text instead: `text` in the place of its characters `start` to `stop` (exclusive).

    An empty place is between two characters, an empty `text` is nothing. `probability` is the recogniser's, 0-1.
    """

    start: int
    stop: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class CellReading:
    """A cell with its text as read; the cell's own lines joined in reading order.

    `confidence` is the calibrated probability that the text is exactly right; `alternatives` are what doubtful lines
    were read as in other cuts, `doubts` what the recogniser half read in this one. `handwritten`
    says that it was filled in by hand.
    """

    cell: Cell
    text: str | None
    confidence: float | None
    lines: tuple[TextLine, ...]
    under_seal: bool = False
    alternatives: tuple[str, ...] = ()
    hypotheses: tuple[Hypothesis, ...] = ()
    handwritten: bool = False


@dataclass(frozen=True, slots=True)
class TableReading:
    """A grid and the reading of each of its cells, in the grid's order."""

    grid: Grid
    cells: tuple[CellReading, ...]

    def __post_init__(self) -> None:
        """A reading for each cell, in order."""
        if tuple(reading.cell for reading in self.cells) != self.grid.cells:
            raise ValueError(f"{len(self.cells)} readings do not match the grid's {len(self.grid.cells)} cells")

    def at(self, row: int, col: int) -> CellReading:
        """The reading of the cell that covers a slot.

        Raises:
            KeyError: when the slot lies outside the grid.
        """
        return self.cells[self.grid.cells.index(self.grid.cell_at(row, col))]


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that was read on one page; free of images, so that it travels between processes.

    `to_source` maps upright, deskewed page pixels to scan pixels (turn and angle only). A quarantined page has an
    `error_code` and no tables; of a partial one a part of its image is missing.
    """

    page_number: int
    width: int
    height: int
    dpi: float
    dpi_source: DpiSource
    quarter_turns: int
    skew_deg: float
    to_source: Matrix
    tables: tuple[TableReading, ...]
    lines: tuple[TextLine, ...]
    """Lines outside the tables' cells, in reading order; a cell's own lines are in its `CellReading`."""
    signatures: tuple[Signature, ...]
    signature_status: SignatureStatus
    status: Status
    error_code: str | None = None
    findings: tuple[Finding, ...] = ()
    stamps: tuple[Stamp, ...] = ()

    def readings(self) -> Iterator[tuple[CellRef, CellReading]]:
        """The readings of all cells of its tables, each with its key."""
        for table in self.tables:
            for reading in table.cells:
                yield CellRef(self.page_number, table.grid.table_index, reading.cell.row, reading.cell.col), reading


class CellRef(NamedTuple):
    """The key of a cell within its document."""

    page_number: int
    table_index: int
    row: int
    col: int
