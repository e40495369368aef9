"""Any ruled table -> its rows: the path of stub cells that cover each row, and the values beside, with their headers.

What is header, stub and value is found by `table_parts.py`. Nothing is filled in from the row above or from another
page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.elements import CellReading, CellRef, HeadedText, TableReading, TableRow
from pipeline.header_rows import Region, Slots
from pipeline.recognition import RecognisedPage
from pipeline.table_parts import Part, find_parts
from pipeline.values import has_content, one_line


def find_rows(pages: Sequence[RecognisedPage]) -> tuple[TableRow, ...]:
    """The rows of every table of a document, page by page, top to bottom.

    Args:
        pages: the document's pages in order, each with the tables in which a form's labels were found.
    """
    found = [
        (page.page.page_number, table, part)
        for page in pages
        for table in page.page.tables
        for part in find_parts(table, next((one for one in page.tables if one.table is table), None))
    ]
    parts = agree([part for _, _, part in found])
    return tuple(
        row
        for (page_number, table, _), part in zip(found, parts, strict=True)
        for row in rows_of(table, part, page_number)
    )


def agree(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The same parts; where headers read alike, as on the pages of a long table, as many columns are stubs in each."""
    widest: dict[tuple[object, ...], int] = {}
    for part in parts:
        if part.heading is not None:
            widest[part.heading] = max(widest.get(part.heading, 0), part.stubs_end)
    return tuple(replace(part, stubs_end=widest[part.heading]) if part.heading is not None else part for part in parts)


def rows_of(table: TableReading, part: Part, page_number: int) -> Iterator[TableRow]:
    """The rows of a part in which something begins that says something.

    Where nothing is written beside a stub, its first row stands for it, so that no text is lost.
    """
    slots, region = Slots(table), part.region
    body = [row for row in range(region.top, region.bottom) if row not in part.left_out]
    written = [row for row in body if _says_something(slots, row, region)]
    if not written and any(has_content(one.text) for one in part.ancestors):
        written = body[:1]
    for row in written:
        yield _row(table, part, (page_number, row), slots.across(row, region.left, region.right))


def _says_something(slots: Slots, row: int, region: Region) -> bool:
    cells = slots.across(row, region.left, region.right)
    return any(one.cell.row == row and has_content(one.text) for one in cells)


def _row(table: TableReading, part: Part, place: tuple[int, int], cells: Sequence[CellReading]) -> TableRow:
    """One row from the cells that cover it."""
    page_number, row = place
    inside = [one for one in cells if one.cell.col < part.stubs_end or len(cells) == 1 < table.grid.n_cols]
    stubs = [*part.ancestors, *inside]
    values = [one for one in cells if one not in inside]
    known = (one.confidence for one in (*stubs, *values) if one.confidence is not None)
    return TableRow(
        page_number=page_number,
        table_index=table.grid.table_index,
        row=row,
        path=tuple(_text(one) for one in stubs),
        path_headers=tuple(_above(part, one) for one in stubs),
        values=tuple(HeadedText(_above(part, one), one.text) for one in values),
        confidence=min([table.grid.confidence, *known]),
        needs_review=False,
        cells=tuple(
            CellRef(page_number, table.grid.table_index, one.cell.row, one.cell.col) for one in (*stubs, *values)
        ),
    )


def _text(reading: CellReading) -> str | None:
    """A stub as one line; empty where it is blank, None where it could not be read."""
    return None if reading.text is None else one_line(reading.text) or ""


def _above(part: Part, reading: CellReading) -> str | None:
    return part.header.of(reading) if part.header else None
