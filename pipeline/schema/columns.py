"""What a landed table is made of: columns with types and meanings, its Arrow schema, its data dictionary entry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, partial

import pyarrow as pa

from pipeline.schema.constraints import Constraint, Reference, Rule

TEXT = pa.string()
INT = pa.int32()
LONG = pa.int64()
REAL = pa.float64()
FLAG = pa.bool_()
DATE = pa.date32()
TIME = pa.timestamp("us", tz="UTC")
BYTES = pa.binary()
DECIMAL = pa.decimal128(20, 6)
"""Decimals are exact: six digits after the point are a hundredth of a yuan when the amount is in 万元, and twelve are
left before it."""
TEXTS = pa.list_(TEXT)
REALS = pa.list_(REAL)
MODELS = pa.list_(pa.struct([("name", TEXT), ("sha256", TEXT)]))
CANDIDATES = pa.list_(pa.struct([("name", TEXT), ("score", REAL)]))
AMOUNT_PARTS = pa.list_(pa.struct([("name", TEXT), ("amount", DECIMAL)]))
HEADED_TEXTS = pa.list_(pa.struct([("header", TEXT), ("text", TEXT)]))
OPTIONS = pa.list_(pa.struct([("label", TEXT), ("checked", FLAG)]))
CELL_REFS = pa.list_(pa.struct([("page_number", INT), ("table_index", INT), ("row", INT), ("col", INT)]))
SIGNED = pa.list_(
    pa.struct(
        [
            *(("document_id", TEXT), ("page_number", INT), ("signature_index", INT)),
            *(("name_read", TEXT), ("name_source", TEXT), ("name_confidence", REAL), ("date", DATE)),
        ]
    )
)

_LABELS = {
    TEXT: "string",
    INT: "int32",
    LONG: "int64",
    REAL: "float64",
    FLAG: "bool",
    DATE: "date",
    TIME: "timestamp (UTC)",
    BYTES: "binary",
    DECIMAL: "decimal(20, 6)",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column, its type, what a value means, in one sentence with its unit, and what a value may be."""

    name: str
    type: pa.DataType
    description: str
    check: Constraint | None = None
    nullable: bool = False


always = partial(Column, nullable=False)
"""A column that has a value in every row."""
maybe = partial(Column, nullable=True)
"""A column that may be null."""


@dataclass(frozen=True)
class Table:
    """A table, what one of its rows stands for, and the columns that tell its rows apart (none: rows may repeat).

    `rules` hold in each of its rows; `references` lead to rows of other tables of the same document, and so does every
    item of a column of cell keys.
    """

    name: str
    one_row_per: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema of every file of the table, empty ones included."""
        fields = [pa.field(c.name, c.type, nullable=c.nullable, metadata=_metadata(c)) for c in self.columns]
        return pa.schema(fields, metadata={"pandas": _pandas_metadata(self.columns)})

    @property
    def markdown(self) -> str:
        """The table's section of the data dictionary."""
        key = f"Key: {', '.join(f'`{name}`' for name in self.key)}." if self.key else "No key: rows may repeat."
        rows = [
            f"| `{c.name}` | {type_label(c.type)} | {'yes' if c.nullable else ''} "
            f"| {c.check.words if c.check else ''} | {c.description} |"
            for c in self.columns
        ]
        head = ["| column | type | null | values | meaning |", "|---|---|---|---|---|"]
        also = [
            f"- {sentence}" for sentence in (*(r.sentence for r in self.rules), *(r.sentence for r in self.references))
        ]
        tail = ["", *also] if also else []
        return "\n".join([f"## {self.name}", "", f"One row per {self.one_row_per}. {key}", "", *head, *rows, *tail, ""])


def _metadata(column: Column) -> dict[str, str]:
    """What a file says of a column: what it means, and what its values may be."""
    values = {"values": column.check.words} if column.check else {}
    return {"description": column.description, **values}


def _pandas_metadata(columns: tuple[Column, ...]) -> str:
    """Makes pandas keep whole numbers whole where some are null (Int32), rather than turn them into floats."""
    whole = [
        {"name": c.name, "field_name": c.name, "pandas_type": "int32", "numpy_type": "Int32", "metadata": None}
        for c in columns
        if c.nullable and c.type == INT
    ]
    return json.dumps({"index_columns": [], "column_indexes": [], "columns": whole, "pandas_version": "2.2.0"})


def type_label(kind: pa.DataType) -> str:
    """An Arrow type in the words of the data dictionary."""
    if pa.types.is_list(kind):
        return f"list of {type_label(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "{" + ", ".join(f"{field.name}: {type_label(field.type)}" for field in kind) + "}"
    return _LABELS[kind]
