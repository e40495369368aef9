"""Tables with cells made for signing -> the cells beside and below them made for the date, and whose date it is.

A form may ask for the date in a cell of its own: 负责人签字 | ... | 日期 | ..., or 签名 and 日期 as headers side by
side. What is written there belongs to who signed in the same row, else to who signed above.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from pipeline.elements import Cell, TableReading
from pipeline.signatures.clusters import ALL_DATE
from pipeline.signatures.margin_kinds import MarginLine

DATE_LABEL = re.compile(
    r"\W*(?:签[字名章署批收到]|填[表报]|审[核批]|批准|验收|领[取用])?\s*(?:日\s*期|时\s*间)\s*(?:[:：].*)?$"
)
"""The label of a date, with what is written or typed behind its colon; 开始时间 is none, and nobody signs then."""

Place = tuple[int, int, int]
"""Index of the table, row and column of a cell."""


def date_cells(table: TableReading, signed: Collection[Cell]) -> list[Cell]:
    """The cells for the dates of signatures: in the rows of cells made for signing, or right below.

    Args:
        table: as read, for its labels.
        signed: its cells made for signing.
    """
    labels = [
        reading.cell for reading in table.cells if any(DATE_LABEL.match(line.text.strip()) for line in reading.lines)
    ]
    near = [label for label in labels if any(_same_row(label, cell) or _right_below(label, cell) for cell in signed)]
    found: dict[Cell, None] = {}
    for label in near:
        others = [cell for cell in _beside_and_below(table, label) if cell not in labels and cell not in signed]
        found |= dict.fromkeys([label, *others])
    return list(found)


def with_owners(lines: Sequence[MarginLine], dates: Collection[Place]) -> tuple[MarginLine, ...]:
    """The lines in order, dates in cells of their own with the cell whose signature they date.

    Args:
        lines: in cells.
        dates: the places of the cells made for dates.
    """
    signed = sorted({_place(line) for line in lines if not ALL_DATE.match(line.text_line.text)} - set(dates))
    dated = [
        replace(line, dates=_owner(_place(line), signed))
        if _place(line) in dates and ALL_DATE.match(line.text_line.text)
        else line
        for line in lines
    ]
    return tuple(line for line in dated if line.dates or _place(line) not in dates)


def _same_row(label: Cell, cell: Cell) -> bool:
    return cell.row <= label.row < cell.row + cell.row_span


def _right_below(label: Cell, cell: Cell) -> bool:
    return label.row == cell.row + cell.row_span and cell.col <= label.col < cell.col + cell.col_span


def _beside_and_below(table: TableReading, label: Cell) -> list[Cell]:
    """The next cell to the right of a label, and all of its width below it."""
    grid, col = table.grid, label.col + label.col_span
    beside = [grid.cell_at(label.row, col)] if col < grid.n_cols else []
    below = (grid.cell_at(row, label.col) for row in range(label.row + label.row_span, grid.n_rows))
    return [*beside, *(cell for cell in below if (cell.col, cell.col_span) == (label.col, label.col_span))]


def _owner(date: Place, signed: Sequence[Place]) -> Place | None:
    """The nearest place to the left in the same row, else the nearest above in the table; None where there is none."""
    table, row, col = date
    beside = [place for place in signed if place[:2] == (table, row) and place[2] < col]
    above = [place for place in signed if place[0] == table and place[1] < row]
    return max(beside, default=max(above, default=None))


def _place(line: MarginLine) -> Place:
    text = line.text_line
    return text.table_index or 0, text.row or 0, text.col or 0
