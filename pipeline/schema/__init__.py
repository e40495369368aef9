"""Columns and what their values may be -> the landed tables, and checks of their rows."""

from __future__ import annotations

from pipeline.schema.columns import BYTES, DATE, DECIMAL, FLAG, INT, LONG, REAL, SIGNED, TEXT, TIME, Column, Table
from pipeline.schema.constraints import Constraint, Reference
from pipeline.schema.reading_tables import SIGNATURES, SIGNERS
from pipeline.schema.row_checks import check_rows
from pipeline.schema.tables import ALL_TABLES, TABLES

__all__ = [
    "ALL_TABLES",
    "BYTES",
    "DATE",
    "DECIMAL",
    "FLAG",
    "INT",
    "LONG",
    "REAL",
    "SIGNATURES",
    "SIGNED",
    "SIGNERS",
    "TABLES",
    "TEXT",
    "TIME",
    "Column",
    "Constraint",
    "Reference",
    "Table",
    "check_rows",
]
