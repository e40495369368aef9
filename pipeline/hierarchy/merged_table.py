"""Tables of consecutive pages -> MergedTable: one form's rows, as if it had been printed on one long page.

Each cell of a merged table knows the cells of the scans that it is made of, so that records rest on what was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from pipeline.elements import Cell, CellReading, CellRef, FindingRule, Grid, TableReading
from pipeline.forms import LabelledTable, RecognisedPage
from pipeline.hierarchy.row_doubt import RowDoubt
from pipeline.hierarchy.seams import Merge, Seam, find_merges
from pipeline.text import has_content, one_line

Place = tuple[int, int]
"""(row, col) at which a cell of a merged table begins."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A table as part of a merged one: its rows from `top` on; the rows above only repeat the form's headers.

    `columns` maps its column boundaries to those of the merged table; `table` is labelled for itself.
    """

    page: RecognisedPage
    table: LabelledTable
    top: int
    columns: Mapping[int, int]

    @property
    def n_rows(self) -> int:
        """Rows that it adds."""
        return self.table.table.grid.n_rows - self.top

    def holds(self, page: RecognisedPage, table: TableReading) -> bool:
        """Whether it is this table of this page."""
        return self.page is page and self.table.table is table

    def ref(self, reading: CellReading) -> CellRef:
        """The key of one of its own cells."""
        grid = self.table.table.grid
        return CellRef(self.page.page.page_number, grid.table_index, reading.cell.row, reading.cell.col)


@dataclass(frozen=True, slots=True)
class MergedTable:
    """The rows of one table, or of several that continue each other, under the first one's labels.

    `sources` are the scans' cells that each cell is made of, one with text first; `rows` is where each row stands (the
    column says nothing); `seams` are the rows, but the first, with which a page begins.
    """

    table: LabelledTable
    pieces: tuple[Piece, ...]
    sources: Mapping[Place, tuple[CellRef, ...]]
    rows: tuple[CellRef, ...]
    seams: frozenset[int]
    doubts: tuple[RowDoubt, ...] = ()

    @property
    def head(self) -> RecognisedPage:
        """The page on which the form begins."""
        return self.pieces[0].page

    def refs(self, readings: Iterable[CellReading]) -> tuple[CellRef, ...]:
        """The scans' cells that some cells are made of, each once."""
        of_cells = (self.sources[reading.cell.row, reading.cell.col] for reading in readings)
        return tuple(dict.fromkeys(ref for refs in of_cells for ref in refs))

    def grid_confidence(self, refs: Iterable[CellRef]) -> float:
        """The least confidence of some cells in their place; of the first grid where there are none."""
        grids = {
            (piece.page.page.page_number, piece.table.table.grid.table_index): piece.table.table.grid
            for piece in self.pieces
        }
        cells = (grids[ref.page_number, ref.table_index].cell_at(ref.row, ref.col) for ref in refs)
        return min((cell.confidence for cell in cells), default=next(iter(grids.values())).confidence)


def single(page: RecognisedPage, table: LabelledTable) -> MergedTable:
    """A table that stands alone: its own rows and cells."""
    grid = table.table.grid
    piece = Piece(page, table, 0, {boundary: boundary for boundary in range(grid.n_cols + 1)})
    return MergedTable(
        table=table,
        pieces=(piece,),
        sources={(reading.cell.row, reading.cell.col): (piece.ref(reading),) for reading in table.table.cells},
        rows=tuple(CellRef(page.page.page_number, grid.table_index, row, 0) for row in range(grid.n_rows)),
        seams=frozenset(),
    )


def append(merged: MergedTable, piece: Piece) -> MergedTable:
    """The merged table with one more page's rows below it; cells that the page break cuts are one again."""
    whole = merged.table.table
    offset = whole.grid.n_rows
    laid = _laid(piece, offset)
    seam = Seam(
        merged.table,
        {reading.cell.col: reading for reading in whole.cells if reading.cell.row + reading.cell.row_span == offset},
        {reading.cell.col: reading for reading, _ in laid if reading.cell.row == offset},
    )
    merges = find_merges(seam)
    ref_below = {reading.cell.col: ref for reading, ref in laid if reading.cell.row == offset}
    readings = {(reading.cell.row, reading.cell.col): reading for reading in (*whole.cells, *(one for one, _ in laid))}
    sources = {**merged.sources, **{(reading.cell.row, reading.cell.col): (ref,) for reading, ref in laid}}
    for merge in merges:
        above, below = seam.above[merge.col], seam.below[merge.col]
        begin, rest = (above.cell.row, merge.col), (offset, merge.col)
        readings[begin] = _merged(above, below)
        parts = (sources[begin], sources.pop(rest))
        sources[begin] = tuple(chain(*(parts if has_content(above.text) else reversed(parts))))
        del readings[rest]
    number, index = piece.page.page.page_number, piece.table.table.grid.table_index
    return replace(
        merged,
        table=_relabelled(merged.table, tuple(readings[place] for place in sorted(readings)), offset + piece.n_rows),
        pieces=(*merged.pieces, piece),
        sources=sources,
        rows=(*merged.rows, *(CellRef(number, index, piece.top + row, 0) for row in range(piece.n_rows))),
        seams=merged.seams | {offset},
        doubts=(*merged.doubts, *_doubts(merges, ref_below, offset)),
    )


def _laid(piece: Piece, offset: int) -> list[tuple[CellReading, CellRef]]:
    """A piece's cells below its repeated headers, where they stand in the merged table, with their own keys."""
    laid = []
    for reading in piece.table.table.cells:
        cell = reading.cell
        end = cell.row + cell.row_span
        if end <= piece.top:
            continue
        row, left = max(cell.row, piece.top), piece.columns[cell.col]
        right = piece.columns[cell.col + cell.col_span]
        placed = Cell(offset + row - piece.top, left, end - row, right - left, cell.polygon, cell.confidence)
        laid.append((replace(reading, cell=placed), piece.ref(reading)))
    return laid


def _merged(above: CellReading, below: CellReading) -> CellReading:
    """A cell that was cut: its texts one after the other, each that is not blank or repeated; as sure as the lesser."""
    cell = replace(above.cell, row_span=above.cell.row_span + below.cell.row_span)
    known = [one.confidence for one in (above, below) if one.confidence is not None]
    texts = [above.text, below.text] if one_line(above.text) != one_line(below.text) else [above.text]
    return CellReading(
        cell=cell,
        text=None if None in texts else "\n".join(text for text in texts if text),
        confidence=min(known, default=None),
        lines=(*above.lines, *below.lines),
        under_seal=above.under_seal or below.under_seal,
    )


def _relabelled(table: LabelledTable, cells: tuple[CellReading, ...], n_rows: int) -> LabelledTable:
    """The table with more cells: its labels are where they were, but not their indices."""
    grid = table.table.grid
    whole = Grid(grid.table_index, n_rows, grid.n_cols, tuple(one.cell for one in cells), grid.repairs)
    slots = {slot: index for index, reading in enumerate(cells) for slot in reading.cell.slots()}

    def moved(index: int) -> int:
        cell = table.table.cells[index].cell
        return slots[cell.row, cell.col]

    return replace(
        table,
        table=TableReading(whole, cells),
        slots=slots,
        labels={label: moved(index) for label, index in table.labels.items()},
        columns=tuple(moved(index) for index in table.columns),
    )


def _doubts(merges: Sequence[Merge], below: Mapping[int, CellRef], offset: int) -> list[RowDoubt]:
    """That the table goes on, and which of its cells do."""
    cut = [RowDoubt(one.rule, offset, below[one.col], one.found) for one in merges if one.rule is not None]
    return [RowDoubt(FindingRule.CONTINUED_FROM_PREVIOUS_PAGE, offset), *cut]
