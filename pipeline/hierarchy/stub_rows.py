"""Any ruled table -> its rows: the path of stub cells that cover each row, and the values beside, with their headers.

What is header, stub and value is found by `table_parts.py`. Nothing is filled in from the row above or from another
page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.elements import CellReading, CellRef, HeadedText, TableReading, TableRow
from pipeline.forms import LabelledTable, RecognisedPage
from pipeline.hierarchy.header_rows import Region, Slots
from pipeline.hierarchy.merged_table import MergedTable
from pipeline.hierarchy.table_parts import Part, find_parts
from pipeline.text import has_content, one_line


@dataclass(frozen=True, slots=True)
class Source:
    """A table, and where its rows and cells stand in the scans.

    `known` is the table with the labels of its form, None where it is of no known form; `rows` says where each row
    stands (its column says nothing), `refs` what some cells rest on, `confidence` how sure their grids are.
    """

    table: TableReading
    known: LabelledTable | None
    rows: tuple[CellRef, ...]
    refs: Callable[[Iterable[CellReading]], tuple[CellRef, ...]]
    confidence: Callable[[Iterable[CellRef]], float]


def sources_of(pages: Sequence[RecognisedPage], merged: Sequence[MergedTable]) -> tuple[Source, ...]:
    """The tables of a document in the order of its pages; those of a form that runs over several pages are one.

    Args:
        pages: the document's pages.
        merged: their tables of known forms.
    """
    of_form = {id(piece.table.table): whole for whole in merged for piece in whole.pieces}
    sources = []
    for page in pages:
        for table in page.page.tables:
            whole = of_form.get(id(table))
            if whole is None:
                sources.append(_alone(page, table))
            elif whole.pieces[0].table.table is table:
                sources.append(Source(whole.table.table, whole.table, whole.rows, whole.refs, whole.grid_confidence))
    return tuple(sources)


def find_rows(sources: Sequence[Source]) -> tuple[TableRow, ...]:
    """The rows of every table of a document, top to bottom, in the order of the tables.

    Args:
        sources: the document's tables.
    """
    found = [(source, part) for source in sources for part in find_parts(source.table, source.known)]
    parts = agree([part for _, part in found])
    return tuple(row for (source, _), part in zip(found, parts, strict=True) for row in rows_of(source, part))


def _alone(page: RecognisedPage, table: TableReading) -> Source:
    """A table of no known form."""
    number, grid = page.page.page_number, table.grid

    def refs(readings: Iterable[CellReading]) -> tuple[CellRef, ...]:
        return tuple(CellRef(number, grid.table_index, one.cell.row, one.cell.col) for one in readings)

    rows = tuple(CellRef(number, grid.table_index, row, 0) for row in range(grid.n_rows))

    def confidence(refs: Iterable[CellRef]) -> float:
        return min((grid.cell_at(ref.row, ref.col).confidence for ref in refs), default=grid.confidence)

    return Source(table, None, rows, refs, confidence)


def agree(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The same parts; where headers read alike, as on the pages of a long table, as many columns are stubs in each."""
    widest: dict[tuple[object, ...], int] = {}
    for part in parts:
        if part.heading is not None:
            widest[part.heading] = max(widest.get(part.heading, 0), part.stubs_end)
    return tuple(replace(part, stubs_end=widest[part.heading]) if part.heading is not None else part for part in parts)


def rows_of(source: Source, part: Part) -> Iterator[TableRow]:
    """The rows of a part in which something begins that says something.

    Where nothing is written beside a stub, its first row stands for it, so that no text is lost.
    """
    slots, region = Slots.of(source.table), part.region
    body = [row for row in range(region.top, region.bottom) if row not in part.left_out]
    written = [row for row in body if _says_something(slots, row, region)]
    if not written and any(has_content(one.text) for one in part.ancestors):
        written = body[:1]
    for row in written:
        yield _row(source, part, source.rows[row], slots.across(row, region.left, region.right))


def _says_something(slots: Slots, row: int, region: Region) -> bool:
    cells = slots.across(row, region.left, region.right)
    return any(one.cell.row == row and has_content(one.text) for one in cells)


def _row(source: Source, part: Part, place: CellRef, cells: Sequence[CellReading]) -> TableRow:
    """One row from the cells that cover it."""
    alone = len(cells) == 1 < source.table.grid.n_cols
    inside = [one for one in cells if one.cell.col < part.stubs_end or alone]
    stubs = [*part.ancestors, *inside]
    values = [one for one in cells if one not in inside]
    refs = source.refs((*stubs, *values))
    known = (one.confidence for one in (*stubs, *values) if one.confidence is not None)
    return TableRow(
        page_number=place.page_number,
        table_index=place.table_index,
        row=place.row,
        path=tuple(_text(one) for one in stubs),
        path_headers=tuple(_above(part, one) for one in stubs),
        values=tuple(HeadedText(_above(part, one), one.text) for one in values),
        confidence=min([source.confidence(refs), *known]),
        needs_review=False,
        cells=refs,
    )


def _text(reading: CellReading) -> str | None:
    """A stub as one line; empty where it is blank, None where it could not be read."""
    return None if reading.text is None else one_line(reading.text) or ""


def _above(part: Part, reading: CellReading) -> str | None:
    return part.header.of(reading) if part.header else None
