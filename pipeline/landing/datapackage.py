"""The tables' description -> `OUT/datapackage.json`: a Frictionless Data Package, for programs that look for one.

It says what docs/tables.md says: fields, types, values, keys. It describes the tables, not the documents, so it changes
with the version of signed-forms alone. A resource's path is a pattern, as every document has a file of its own.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from pipeline.files import open_folder, output_errors
from pipeline.landing.transaction import SUFFIX
from pipeline.schema import (
    ALL_TABLES,
    BYTES,
    DATE,
    DECIMAL,
    FLAG,
    INT,
    LONG,
    REAL,
    TEXT,
    TIME,
    Column,
    Constraint,
    Reference,
    Table,
)
from pipeline.settings import OWNER

FILE_NAME = "datapackage.json"
"""Frictionless Data Package wants the file to be called so."""
MEDIA_TYPE = "application/vnd.apache.parquet"
"""The media type of Parquet files as registered with IANA."""
SAID_BY_ARROW = MappingProxyType(
    {
        TEXT: "string",
        INT: "integer",
        LONG: "integer",
        REAL: "number",
        DECIMAL: "number",
        FLAG: "boolean",
        DATE: "date",
        TIME: "datetime",
        BYTES: "string",
    }
)
"""Table Schema's types; it has no bytes, which are texts of the format "binary"."""


def write_datapackage(folder: Path, readers: str = OWNER) -> None:
    """Put the package file into an output folder; it is written only where it is missing or says something else.

    Call it inside `commit.exclusive`.

    Args:
        folder: the output folder.
        readers: who may read it.

    Raises:
        OutputUnwritable: when it cannot be written; an earlier one is intact.
    """
    content = package_text().encode()
    with output_errors(folder), open_folder(folder) as out:
        if not out.holds(FILE_NAME, content):
            out.put(FILE_NAME, content, readers)


@functools.cache
def package_text() -> str:
    """The package file's content, the same for every output folder."""
    return json.dumps(describe_package(), ensure_ascii=False, indent=1) + "\n"


def describe_package() -> dict[str, Any]:
    """The Data Package as plain values: one resource for each landed table, `documents` first."""
    order = ("documents", *(name for name in ALL_TABLES if name != "documents"))
    return {
        "profile": "data-package",
        "name": "signed-forms",
        "title": "Tables read from scanned forms",
        "resources": [_resource(ALL_TABLES[name]) for name in order],
    }


def _resource(table: Table) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "description": f"One row per {table.one_row_per}.",
        "path": f"{table.name}/*{SUFFIX}",
        "format": "parquet",
        "mediatype": MEDIA_TYPE,
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict[str, Any]:
    keys = {
        "primaryKey": list(table.key),
        "foreignKeys": [_foreign_key(reference) for reference in table.references],
    }
    return {"fields": [_field(column) for column in table.columns], **{name: key for name, key in keys.items() if key}}


def _foreign_key(reference: Reference) -> dict[str, Any]:
    return {
        "fields": list(reference.columns),
        "reference": {"resource": reference.table, "fields": list(reference.key)},
    }


def _field(column: Column) -> dict[str, Any]:
    nested = pa.types.is_list(column.type)
    return {
        "name": column.name,
        "type": "array" if nested else SAID_BY_ARROW[column.type],
        **({"format": "binary"} if column.type == BYTES else {}),
        "description": column.description,
        "constraints": {"required": not column.nullable, **(_constraints(column.check) if column.check else {})},
    }


def _constraints(check: Constraint) -> dict[str, Any]:
    """What Table Schema can say of a constraint; lists in pairs and what items may be are left."""
    said = {
        "minimum": check.minimum,
        "maximum": check.maximum,
        "enum": list(check.allowed) or None,
        "pattern": check.pattern,
        "minLength": check.min_items or None,
        "maxLength": check.max_items,
    }
    return {name: value for name, value in said.items() if value is not None}
