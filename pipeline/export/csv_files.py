"""Committed rows -> one CSV file for each table, as Excel opens it and programs read it.

UTF-8 with a byte order mark, without which Excel takes Chinese for the system's own encoding; comma, quotes doubled.
A text has quotes around it and null has none, so that "" is an empty text. Lists are JSON, times UTC; of bytes only the
number is told.

A text that a spreadsheet may take for a formula gets an apostrophe in front, and so does one that begins with an
apostrophe; a single character does not. What is not seen before the sign does not hide it: spreadsheets trim some of
it, each another part. Taking the apostrophe off every longer text gives all of them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from pipeline.export.plain import is_plain, plain_text
from pipeline.schema import TEXT, TIME

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Excel takes a CSV file for UTF-8 only where it begins so."""
SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫"
"""A text that begins with one of these signs is a formula to Excel: in Chinese it reads the full-width and the small
ones like the others."""
UNSEEN = r"[\s\p{C}\p{M}\p{Z}\x{115F}\x{1160}\x{2800}\x{3164}\x{FFA0}]"
"""What a reader does not see before a sign: space of every kind, codes and marks without width or without a letter to
stand on, and signs that are blank."""
TAKEN_FOR_FORMULAS = rf"(?s)^('.|[\t\r\n].|{UNSEEN}+[{SIGNS}]|[{SIGNS}].)"
"""Texts that spreadsheets would run, and those that begin with the mark which keeps them from it."""


def write_csv_files(snapshot: Mapping[str, pa.Table], folder: Path) -> None:
    """Write `<table>.csv` for each table.

    Args:
        snapshot: rows by the name of their table.
        folder: exists; files of these names are overwritten.

    Raises:
        OSError: when a file cannot be written.
    """
    for name, rows in snapshot.items():
        columns = [_column(rows[column], rows.schema.field(column).type) for column in rows.column_names]
        with (folder / f"{name}.csv").open("wb") as file:
            file.write(BYTE_ORDER_MARK)
            pa_csv.write_csv(pa.table(columns, names=rows.column_names), file)


def _column(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray | pa.Array:
    if kind == TIME:
        return values.cast(pa.timestamp("us"))
    if kind == TEXT:
        return pc.replace_substring_regex(values, TAKEN_FOR_FORMULAS, r"'\1")
    if is_plain(kind):
        return values
    return pa.array([None if value is None else plain_text(value) for value in values.to_pylist()], TEXT)
