"""Committed rows -> one CSV file for each table, as Excel opens it and programs read it.

UTF-8 with a byte order mark, without which Excel takes Chinese for the system's own encoding; comma, quotes doubled.
A text has quotes around it and null has none, so that "" is an empty text. Lists are JSON, times UTC; of bytes only the
number is told.

A text that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that begins with an
apostrophe; a sign alone does not. Taking the apostrophe off every longer text gives all of them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from pipeline.columns import TEXT, TIME
from pipeline.export.plain import is_plain, plain_text

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
TAKEN_FOR_FORMULAS = "(?s)^(['=+\\-@\t\r＝＋－＠])(.)"
"""Excel in Chinese reads the full-width signs like the others."""


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
        return pc.replace_substring_regex(values, TAKEN_FOR_FORMULAS, r"'\1\2")
    if is_plain(kind):
        return values
    return pa.array([None if value is None else plain_text(value) for value in values.to_pylist()], TEXT)
