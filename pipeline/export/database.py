"""Committed rows -> a DuckDB file: the tables with their descriptions, and the joins that analysts want."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import duckdb
import pyarrow as pa

from pipeline.schema import ALL_TABLES


class View(NamedTuple):
    """A view: what one of its rows is, and the query behind it."""

    one_row_per: str
    query: str


VIEWS = MappingProxyType(
    {
        "cells_final": View(
            "cell, with the text that counts (text_final: as corrected, else as read)",
            "SELECT *, coalesce(text_corrected, text) AS text_final FROM cells",
        ),
        "indicators_full": View(
            "indicator, with its project, its source and the names signed in the document",
            """
            SELECT i.*, p.title, p.form_type, p.fiscal_year, p.department, p.amount, p.goals_text,
                   p.needs_review AS project_needs_review, d.source_name, d.signatories
            FROM indicators i
            JOIN projects p USING (document_id, project_index)
            JOIN documents d USING (document_id)
            """,
        ),
        "findings_full": View(
            "finding, with its source, its project and the text of the cell that it names",
            """
            SELECT f.*, d.source_name, p.unit_name, p.project_name, c.role AS cell_role, c.text AS cell_text,
                   c.text_corrected AS cell_text_corrected, c.confidence AS cell_confidence, c.polygon AS cell_polygon
            FROM findings f
            JOIN documents d USING (document_id)
            LEFT JOIN projects p USING (document_id, project_index)
            LEFT JOIN cells c USING (document_id, page_number, table_index, "row", col)
            """,
        ),
        "projects_full": View(
            "project, with its source, its number of indicators, and why it needs review (review_reasons: rules of "
            "findings, or low_confidence where there is none)",
            """
            SELECT p.*, d.source_name, d.signatories,
                   (SELECT count(*) FROM indicators i
                    WHERE (i.document_id, i.project_index) = (p.document_id, p.project_index)) AS n_indicators,
                   CASE WHEN NOT p.needs_review THEN []
                        ELSE coalesce(r.rules, ['low_confidence']) END AS review_reasons
            FROM projects p
            JOIN documents d USING (document_id)
            LEFT JOIN (
                SELECT p.document_id, p.project_index, list(DISTINCT f.rule ORDER BY f.rule) AS rules
                FROM projects p
                JOIN findings f ON f.document_id = p.document_id AND f.severity <> 'info' AND (
                    (f.table_index IS NULL AND f.project_index = p.project_index)
                    OR len(list_filter(p.cells, lambda c:
                        c.page_number = f.page_number AND c.table_index = f.table_index
                        AND ((f."row" IS NULL AND f.col IS NULL) OR (c."row" = f."row" AND c.col = f.col)))) > 0)
                GROUP BY ALL
            ) r USING (document_id, project_index)
            """,
        ),
        "signatures_full": View(
            "signature, with its source, the unit and the year of the document; without the picture",
            """
            SELECT s.* EXCLUDE (crop_png), d.source_name, d.unit_name, d.fiscal_year
            FROM signatures s
            JOIN documents d USING (document_id)
            """,
        ),
        "stamps_full": View(
            "seal or stamp, with its source, the unit and the year of the document; without the picture",
            """
            SELECT s.* EXCLUDE (crop_png), d.source_name, d.unit_name, d.fiscal_year
            FROM stamps s
            JOIN documents d USING (document_id)
            """,
        ),
        "row_values": View(
            "value of a row of any table, with the path of its row (name: its last stub) and the header above it",
            """
            SELECT document_id, page_number, table_index, "row", path, path[-1] AS name, v.header, v.text, needs_review
            FROM (SELECT *, unnest("values") AS v FROM "rows")
            """,
        ),
        "indicator_cells": View(
            "cell that an indicator rests on, with the indicator's row (leaf_row) and the cell's place on the scan",
            """
            SELECT i.document_id, i.page_number AS leaf_page, i.table_index AS leaf_table, i."row" AS leaf_row,
                   i.level3, c.page_number, c.table_index, c."row", c.col, c.role, c.text, c.text_corrected,
                   c.confidence, c.polygon
            FROM (SELECT *, unnest(cells) AS ref FROM indicators) i
            JOIN cells c ON c.document_id = i.document_id AND c.page_number = i.ref.page_number
                AND c.table_index = i.ref.table_index AND c."row" = i.ref."row" AND c.col = i.ref.col
            """,
        ),
    }
)


def write_database(snapshot: Mapping[str, pa.Table], path: Path) -> None:
    """Write a DuckDB file with a table for each landed table and the views.

    Args:
        snapshot: rows by the name of their table.
        path: where no file is.

    Raises:
        OSError: when the file cannot be written.
    """
    try:
        with duckdb.connect(str(path)) as database:
            for name, rows in snapshot.items():
                _create_table(database, name, rows)
            for name, view in VIEWS.items():
                database.execute(f"CREATE VIEW {name} AS {view.query}")
                database.execute(f"COMMENT ON VIEW {name} IS {_quoted(f'One row per {view.one_row_per}.')}")
    except duckdb.IOException as error:
        raise OSError(str(error)) from error


def _create_table(database: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    database.register("landed", rows)
    database.execute(f'CREATE TABLE "{name}" AS SELECT * FROM landed')
    database.unregister("landed")
    database.execute(f'COMMENT ON TABLE "{name}" IS {_quoted(f"One row per {ALL_TABLES[name].one_row_per}.")}')
    for column in ALL_TABLES[name].columns:
        database.execute(f'COMMENT ON COLUMN "{name}"."{column.name}" IS {_quoted(column.description)}')


def _quoted(text: str) -> str:
    """A text as SQL writes it: `COMMENT` takes no parameters."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
