"""Committed rows -> an Excel workbook: what is in it, a sheet for each table, and each page as it is ruled.

Texts stay texts, whatever they begin with; Excel's limits are kept, and what they cost is named.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter

from pipeline.export.page_sheets import PageSheet, page_sheets, write_page
from pipeline.export.plain import plain_decimal, plain_text
from pipeline.export.sheet_text import fitted
from pipeline.schema import ALL_TABLES, Table

MAX_ROWS = 1_048_576
"""A sheet of Excel has so many rows; a longer table goes on in another sheet."""
EXACT_DIGITS = 15
"""Excel's numbers are binary and keep so many digits; a decimal of more is written as text."""
COLUMN_WIDTHS = (8, 40)
"""The least and the most characters of a column: narrower ones hide their names, wider ones the next column."""
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "remove_timezone": True,
}
"""Nothing that was read is taken for anything else: a text such as =400元/人 is a target, not a formula."""


@dataclass(frozen=True, slots=True)
class _Book:
    """The workbook that is being written, its formats, and what could not be carried over as it is."""

    file: Any
    head: Any
    date: Any
    time: Any
    notices: list[str]


def write_workbook(snapshot: Mapping[str, pa.Table], path: Path) -> tuple[str, ...]:
    """Write the workbook.

    Args:
        snapshot: rows by the name of their table.
        path: where to write; a file there is overwritten.

    Returns:
        What could not be carried over as it is, one sentence each; the sheet "about" holds the same.

    Raises:
        OSError: when the file cannot be written.
    """
    pages = page_sheets(snapshot)
    try:
        with xlsxwriter.Workbook(str(path), OPTIONS) as file:
            book = _Book(
                file,
                head=file.add_format({"bold": True, "bottom": 1}),
                date=file.add_format({"num_format": "yyyy-mm-dd"}),
                time=file.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
                notices=[],
            )
            file.set_properties({"title": "signed-forms", "created": _newest(snapshot)})
            about = file.add_worksheet("about")
            for name, rows in snapshot.items():
                _write_table(book, ALL_TABLES[name], rows, pages if name == "pages" else ())
            for page in pages:
                book.notices.extend(write_page(file, page))
            _write_about(book, about, snapshot)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error
    return tuple(book.notices)


def _newest(snapshot: Mapping[str, pa.Table]) -> datetime.datetime:
    """When the last of the rows was read, so that the same rows make the same workbook."""
    times: list[datetime.datetime] = snapshot["documents"]["finished_at"].to_pylist()
    return max(times).replace(tzinfo=None)


def _write_table(book: _Book, table: Table, rows: pa.Table, pages: Sequence[PageSheet]) -> None:
    """A table's sheets; each row of `pages` links to the sheet of the page, where it has one."""
    links = {(page.document_id, page.page_number): page.name for page in pages}
    for number in count(1):
        part = rows.slice((number - 1) * (MAX_ROWS - 1), MAX_ROWS - 1)
        if number > 1 and not part.num_rows:
            return
        sheet = book.file.add_worksheet(table.name if number == 1 else f"{table.name} {number}")
        for col, column in enumerate(table.columns):
            sheet.write_string(0, col, column.name, book.head)
            sheet.set_column(col, col, _width(column.name))
            _write_column(book, sheet, col, part[column.name].to_pylist())
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, part.num_rows, len(table.columns) - 1)
        if links:
            _write_links(book, sheet, len(table.columns), part, links)


def _write_column(book: _Book, sheet: Any, col: int, values: Sequence[Any]) -> None:
    for row, value in enumerate(values, start=1):
        if value is None:
            continue
        if isinstance(value, bool):
            sheet.write_boolean(row, col, value)
        elif isinstance(value, datetime.datetime):
            sheet.write_datetime(row, col, value, book.time)
        elif isinstance(value, datetime.date):
            sheet.write_datetime(row, col, value, book.date)
        elif _is_exact_number(value):
            sheet.write_number(row, col, value)
        else:
            text, notice = fitted(plain_text(value), f"Sheet {sheet.get_name()}, row {row + 1}, column {col + 1}")
            book.notices.extend([notice] if notice else [])
            sheet.write_string(row, col, text)


def _is_exact_number(value: Any) -> bool:
    """Whether Excel holds the value as it is."""
    if isinstance(value, Decimal):
        return len(plain_decimal(value).strip("-").replace(".", "").strip("0")) <= EXACT_DIGITS
    return isinstance(value, int | float)


def _write_links(book: _Book, sheet: Any, col: int, rows: pa.Table, links: Mapping[tuple[str, int], str]) -> None:
    """A last column that leads to each page's own sheet."""
    sheet.write_string(0, col, "sheet", book.head)
    keys = zip(rows["document_id"].to_pylist(), rows["page_number"].to_pylist(), strict=True)
    for row, key in enumerate(keys, start=1):
        if key in links:
            name = links[key].replace("'", "''")
            sheet.write_url(row, col, f"internal:'{name}'!A1", string=links[key])


def _width(name: str) -> int:
    least, most = COLUMN_WIDTHS
    return max(least, min(most, len(name) + 4))


def _write_about(book: _Book, sheet: Any, snapshot: Mapping[str, pa.Table]) -> None:
    """What the workbook holds, what it could not hold, and the meaning of every column."""
    lines: list[tuple[str, ...]] = [("table", "rows", "one row per")]
    lines += [(name, str(rows.num_rows), ALL_TABLES[name].one_row_per) for name, rows in snapshot.items()]
    lines += [(), ("An empty cell is null or an empty text. Crops of signatures and stamps are in the Parquet files.",)]
    lines += [(), ("not carried over as it is",)] + [(notice,) for notice in book.notices or ["nothing"]]
    lines += [(), ("table", "column", "values", "meaning")]
    lines += [
        (name, column.name, column.check.words if column.check else "", column.description)
        for name in snapshot
        for column in ALL_TABLES[name].columns
    ]
    for row, line in enumerate(lines):
        for col, text in enumerate(line):
            sheet.write_string(row, col, text)
    for col, width in enumerate((18, 22, 30, 80)):
        sheet.set_column(col, col, width)
