"""Tables cut by page breaks, as printers cut them: what tests of continued pages start from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from readings import cell, line, page, table

from pipeline.elements import PageReading, TableReading, TextLine

ROOM_BELOW_PX = 60
"""Less than a third of any page of these tests."""


def cut(whole: TableReading, rows: Sequence[int], header_rows: int = 0) -> list[TableReading]:
    """The table's parts between some rows; a cell that is cut keeps its text above and is blank below.

    Args:
        whole: the table.
        rows: the first rows of the parts, but of the first, ascending.
        header_rows: rows at the top that each further part repeats.
    """
    ends = [*rows, whole.grid.n_rows]
    parts = [_part(whole, 0, ends[0])]
    for first, end in zip(rows, ends[1:], strict=True):
        heads = [(one.cell, one.text) for one in whole.cells if one.cell.row + one.cell.row_span <= header_rows]
        body = [(_moved(one.cell, header_rows - first), one.text) for one in _part_cells(whole, first, end)]
        parts.append(table([*heads, *body]))
    return parts


def _part(whole: TableReading, first: int, end: int) -> TableReading:
    return table([(_moved(one.cell, -first), one.text) for one in _part_cells(whole, first, end)])


def _part_cells(whole, first, end):
    for one in whole.cells:
        top, bottom = max(one.cell.row, first), min(one.cell.row + one.cell.row_span, end)
        if top < bottom:
            text = one.text if one.cell.row >= first else ""
            yield replace(one, cell=cell(top, one.cell.col, bottom - top, one.cell.col_span), text=text)


def _moved(one, by):
    return cell(one.row + by, one.col, one.row_span, one.col_span)


def full_pages(tables: Iterable[TableReading], title: str, lines: Iterable[TextLine] = ()) -> list[PageReading]:
    """Pages of one table each that reaches down to the margin; the title and the lines stand on the first."""
    pages = []
    for number, one in enumerate(tables, 1):
        bottom = max(y for reading in one.cells for _, y in reading.cell.polygon)
        first = [line(title), *lines] if number == 1 else []
        pages.append(replace(page([one], first, number), height=int(bottom) + ROOM_BELOW_PX))
    return pages
