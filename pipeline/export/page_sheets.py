"""The cells of each page -> a sheet that looks like the page: its grid with merged cells, and its doubts in colour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from math import hypot
from pathlib import PurePath
from typing import Any, TypeAlias

import pyarrow as pa

from pipeline.export.sheet_text import fitted, sheet_name
from pipeline.settings import OcrSettings
from pipeline.visible import visible_lines

Row: TypeAlias = dict[str, Any]


class Mark(StrEnum):
    """What the colour of a cell says of its text."""

    UNREADABLE = "unreadable"
    DOUBTFUL = "doubtful"
    CORRECTED = "corrected"
    PLAIN = "plain"


DOUBTED_BELOW = OcrSettings().review_confidence
"""A cell is coloured as doubtful below the confidence that asks for review."""
COLOURS = {Mark.UNREADABLE: "#FFC7CE", Mark.DOUBTFUL: "#FFEB9C", Mark.CORRECTED: "#C6EFCE"}
"""Red, yellow and green as Excel fills cells that are bad, neutral and good: black text stays legible on them."""
LEGEND = {
    Mark.UNREADABLE: "ink that could not be read",
    Mark.DOUBTFUL: f"confidence below {DOUBTED_BELOW:g}, or unknown",
    Mark.CORRECTED: "corrected; the note says what was read",
}
PAGE_CHARACTERS = 150
"""The columns of a page share so many characters, by their widths on the page."""
PAGE_POINTS = 800
"""A page is as wide in points, by which its rows' heights are measured."""
LEAST_WIDTH = 4
"""A column has so many characters at least, so that a number of rows fits."""
LEAST_HEIGHT = 15
"""A row has so many points at least, so that a line of text fits."""
MOST_HEIGHT = 409
"""Excel draws no row higher, in points."""
FIRST_TABLE = len(LEGEND) + 2
"""The tables begin below the heading and the legend."""
OF_A_CELL = ("table_index", "row", "col", "row_span", "col_span", "text", "text_corrected", "correction_reason")
SHOWN = ("document_id", "page_number", *OF_A_CELL, "confidence", "grid_confidence", "polygon")


@dataclass(frozen=True, slots=True)
class PageSheet:
    """A page to write: the sheet's name, the line above it, and its tables, each a list of rows of `cells`."""

    name: str
    heading: str
    document_id: str
    page_number: int
    width_px: int
    """Of the page as it is read, upright."""
    tables: tuple[tuple[Row, ...], ...]


def page_sheets(snapshot: Mapping[str, pa.Table]) -> tuple[PageSheet, ...]:
    """The pages that have cells, by document and number.

    Args:
        snapshot: rows by the name of their table.
    """
    names = {row["document_id"]: row["source_name"] for row in snapshot["documents"].to_pylist()}
    numbers = {document_id: number for number, document_id in enumerate(names, start=1)}
    cells: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for cell in snapshot["cells"].select(SHOWN).to_pylist():
        cells[cell["document_id"], cell["page_number"]].append(cell)
    return tuple(
        PageSheet(
            name=sheet_name(f"{numbers[document_id]}.{page['page_number']}", PurePath(names[document_id]).stem),
            heading=f"{names[document_id]}, page {page['page_number']}: {page['title'] or 'no title'}",
            document_id=document_id,
            page_number=page["page_number"],
            width_px=page["height_px" if page["quarter_turns"] % 2 else "width_px"] or 1,
            tables=_tables(cells[document_id, page["page_number"]]),
        )
        for page in snapshot["pages"].to_pylist()
        if (document_id := page["document_id"], page["page_number"]) in cells
    )


def write_page(file: Any, page: PageSheet) -> Iterator[str]:
    """Add a page's sheet to a workbook.

    Args:
        file: the workbook (`xlsxwriter.Workbook`).
        page: what to write.

    Yields:
        What could not be carried over as it is, one sentence each.
    """
    sheet = file.add_worksheet(page.name)
    formats = _formats(file)
    sheet.write_string(0, 0, page.heading, formats["heading"])
    for row, (mark, meaning) in enumerate(LEGEND.items(), start=1):
        sheet.write_blank(row, 0, None, formats[mark])
        sheet.write_string(row, 1, meaning)
    for col, width in _widths(page).items():
        sheet.set_column(col, col, width)
    top = FIRST_TABLE
    for table in page.tables:
        sure = min(cell["grid_confidence"] for cell in table)
        sheet.write_string(top, 0, f"Table {table[0]['table_index']}, structure {sure:.2f} sure")
        for row, height in _heights(table, page.width_px).items():
            sheet.set_row(top + 1 + row, height)
        for cell in table:
            yield from _write_cell(sheet, cell, top + 1, formats, page.name)
        top += max(cell["row"] + cell["row_span"] for cell in table) + 2


def _formats(file: Any) -> dict[str, Any]:
    ruled = {"border": 1, "text_wrap": True, "valign": "vcenter", "align": "left"}
    formats: dict[str, Any] = {mark: file.add_format({**ruled, "bg_color": colour}) for mark, colour in COLOURS.items()}
    return {**formats, Mark.PLAIN: file.add_format(ruled), "heading": file.add_format({"bold": True})}


def _tables(cells: list[Row]) -> tuple[tuple[Row, ...], ...]:
    cells = sorted(cells, key=lambda cell: (cell["table_index"], cell["row"], cell["col"]))
    return tuple(tuple(table) for _, table in groupby(cells, key=lambda cell: cell["table_index"]))


def _write_cell(sheet: Any, cell: Row, top: int, formats: Mapping[str, Any], name: str) -> Iterator[str]:
    row, col = top + cell["row"], cell["col"]
    final = cell["text"] if cell["text_corrected"] is None else cell["text_corrected"]
    text, notice = fitted(final or "", f"Sheet {name}, row {row + 1}, column {col + 1}")
    if notice:
        yield notice
    look = formats[_mark(cell)]
    if cell["row_span"] > 1 or cell["col_span"] > 1:
        sheet.merge_range(row, col, row + cell["row_span"] - 1, col + cell["col_span"] - 1, text, look)
    else:
        sheet.write_string(row, col, text, look)
    if cell["text_corrected"] is not None:
        read = "ink that could not be read" if cell["text"] is None else f"read as {cell['text']}"
        sheet.write_comment(row, col, fitted(visible_lines(f"{read}; {cell['correction_reason']}"), "")[0])


def _mark(cell: Row) -> str:
    if cell["text_corrected"] is not None:
        return Mark.CORRECTED
    if cell["text"] is None:
        return Mark.UNREADABLE
    return Mark.DOUBTFUL if (cell["confidence"] or 0) < DOUBTED_BELOW else Mark.PLAIN


def _widths(page: PageSheet) -> dict[int, float]:
    """Each column's width in characters, its share of the sheet what its narrowest cell has of the page."""
    widths: dict[int, float] = {}
    for cell in (cell for table in page.tables for cell in table if cell["col_span"] == 1):
        (left, top), (right, end) = _corner(cell, 0), _corner(cell, 1)
        width = max(LEAST_WIDTH, hypot(right - left, end - top) / page.width_px * PAGE_CHARACTERS)
        widths[cell["col"]] = min(width, widths.get(cell["col"], width))
    return widths


def _heights(table: tuple[Row, ...], width_px: int) -> dict[int, float]:
    """Each row's height in points, on the scale of the page's width: what fits into a cell on paper fits here."""
    heights: dict[int, float] = {}
    for cell in (cell for cell in table if cell["row_span"] == 1):
        (left, top), (end, bottom) = _corner(cell, 0), _corner(cell, 3)
        height = hypot(end - left, bottom - top) / width_px * PAGE_POINTS
        heights[cell["row"]] = min(MOST_HEIGHT, max(LEAST_HEIGHT, height))
    return heights


def _corner(cell: Row, number: int) -> tuple[float, float]:
    """A corner of a cell, clockwise from the text's top-left, which is 0."""
    return cell["polygon"][2 * number], cell["polygon"][2 * number + 1]
