"""DocumentResult -> the rows of each landed table; pure, and the same for the same result."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import fmean
from typing import Any

import pyarrow as pa

from pipeline.elements import (
    CellReading,
    CellRef,
    DocumentResult,
    Finding,
    FindingRule,
    FormMatch,
    Indicator,
    PageReading,
    Project,
    Severity,
    TableReading,
    TableRow,
    TextLine,
)
from pipeline.errors import MAY_PASS, RowsMalformed
from pipeline.schema import DECIMAL, REAL, TABLES, TEXT
from pipeline.settings import LandingSettings
from pipeline.text import read_options

Row = dict[str, Any]
CORNERS_OF_A_CELL = 4
"""A cell is a quad, so its polygon lands with four corners."""
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SMALLEST = Decimal(1).scaleb(-DECIMAL.scale)
_TOO_LARGE = Decimal(10) ** (DECIMAL.precision - DECIMAL.scale)


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is recorded of the run that read a document.

    `started_at` and `finished_at` are those of the document and carry a time zone; `models` are (name, SHA-256) pairs;
    `source_path` is where the document was read. `failed_runs` counts the runs before it, one after the other, that
    ended with an error that may be the machine's.

    Raises:
        ValueError: when `run_id` is not 1-64 letters, digits, "-" and "_", as it names files, or a time has no zone.
    """

    run_id: str
    started_at: datetime.datetime
    finished_at: datetime.datetime
    settings_sha256: str
    pipeline_version: str
    models: tuple[tuple[str, str], ...]
    source_path: str
    failed_runs: int = 0

    def __post_init__(self) -> None:
        """Check what would only fail, or be misread, after landing."""
        if not _RUN_ID.fullmatch(self.run_id):
            raise ValueError(f"run_id must be 1-64 letters, digits, '-' and '_', got {self.run_id!r}")
        if self.started_at.tzinfo is None or self.finished_at.tzinfo is None:
            raise ValueError(f"times need a time zone, got {self.started_at} and {self.finished_at}")


def rows(result: DocumentResult, run: RunInfo, settings: LandingSettings) -> dict[str, pa.Table]:
    """The document's rows of every table, in the order of `tables.TABLES`; tables without rows have all columns.

    Args:
        result: the document; the order of its parts is the order of the rows.
        run: what is recorded of the run.
        settings: whether the crops of signatures and stamps land.

    Raises:
        RowsMalformed: when a cell's polygon has not four corners, or a value is missing that every row must have.
    """
    forms = {match.page_number: match for match in result.interpretation.forms}
    findings = (*result.findings, *_inexact_numbers(result))
    records: dict[str, Iterable[Row]] = {
        "sources": [source_row(run.source_path, run.started_at)],
        "pages": (_page(page, forms.get(page.page_number)) for page in result.pages),
        "lines": (row for page in result.pages for row in _lines(page)),
        "cells": (row for page in result.pages for row in _cells(page, result)),
        "projects": map(_project, result.interpretation.projects),
        "indicators": map(_indicator, result.interpretation.indicators),
        "rows": map(_table_row, result.interpretation.rows),
        "signatures": (row for page in result.pages for row in _signatures(page, settings)),
        "stamps": (row for page in result.pages for row in _stamps(page, settings)),
        "findings": (_row("findings", finding) for finding in findings),
        "documents": [_document(result, run, len(findings))],
    }
    return {name: table(name, result.source.document_id, records[name]) for name in TABLES}


def table(name: str, document_id: str, records: Iterable[Row]) -> pa.Table:
    """Rows of one document as an Arrow table with the schema of the landed table `name`.

    Raises:
        RowsMalformed: when a value is null or of another type where the schema does not allow it.
    """
    schema = TABLES[name].schema
    complete = [{"document_id": document_id, **record} for record in records]
    columns = [_column(name, field, [row[field.name] for row in complete]) for field in schema]
    for field, column in zip(schema, columns, strict=True):
        if column.null_count and not field.nullable:
            raise RowsMalformed(f"{name}.{field.name} must not be null in document {document_id}")
    return pa.Table.from_arrays(columns, schema=schema)


def _column(name: str, field: pa.Field, values: list[Any]) -> pa.Array:
    try:  # from_pandas: a confidence that is not a number is unknown, null
        values = [as_stored(value) for value in values] if field.type == TEXT else values
        return pa.array(values, field.type, from_pandas=field.type == REAL)
    except (pa.ArrowException, OverflowError) as error:
        raise RowsMalformed(f"{name}.{field.name} must be {field.type}: {error}") from error


def source_row(path: str, first_seen: datetime.datetime) -> Row:
    """The row of `sources` for a path."""
    return {"source_path": path, "first_seen": first_seen}


def as_stored(value: Any) -> Any:
    """A value as a column of texts stores it: a file's name need not be Unicode, so its other bytes are spelled out."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _row(name: str, record: object, **given: Any) -> Row:
    """A record as a row: each column takes the given value or the record's attribute of the same name."""
    names = [c.name for c in TABLES[name].columns if c.name != "document_id"]
    return {n: given[n] if n in given else getattr(record, n) for n in names}


def _document(result: DocumentResult, run: RunInfo, n_findings: int) -> Row:
    return _row(
        "documents",
        result,
        source_name=result.source.name,
        byte_size=result.source.byte_size,
        media_type=result.source.media_type or None,
        n_pages=result.source.n_pages or None,
        n_failed_runs=0 if MAY_PASS.isdisjoint(result.error_codes) else run.failed_runs + 1,
        n_findings=n_findings,
        settings_sha256=run.settings_sha256,
        pipeline_version=run.pipeline_version,
        models=[{"name": name, "sha256": sha256} for name, sha256 in run.models],
        run_id=run.run_id,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def _page(page: PageReading, match: FormMatch | None) -> Row:
    cells = [cell for table_reading in page.tables for cell in table_reading.cells]
    known = [cell.confidence for cell in cells if cell.confidence is not None]
    return _row(
        "pages",
        page,
        width_px=page.width or None,
        height_px=page.height or None,
        dpi=page.dpi or None,
        dpi_source=page.dpi_source if page.dpi else None,
        form_type=match and match.form_type,
        form_score=match and match.score,
        form_runner_up=match and match.runner_up,
        form_runner_up_score=match and match.runner_up_score,
        title=match and match.title,
        n_tables=len(page.tables),
        n_cells=len(cells),
        mean_confidence=fmean(known) if known else None,
    )


def _lines(page: PageReading) -> Iterator[Row]:
    inside = (line for reading in page.tables for cell in reading.cells for line in _cell_lines(reading, cell))
    for index, line in enumerate((*page.lines, *inside)):
        yield _row("lines", line, page_number=page.page_number, line_index=index, polygon=_flat(line.polygon))


def _cell_lines(table_reading: TableReading, reading: CellReading) -> Iterator[TextLine]:
    """The lines of a cell with the cell's key, whether or not they carried it."""
    for line in reading.lines:
        yield replace(line, table_index=table_reading.grid.table_index, row=reading.cell.row, col=reading.cell.col)


def _cells(page: PageReading, result: DocumentResult) -> Iterator[Row]:
    for table_reading in page.tables:
        for reading in table_reading.cells:
            yield _cell(page.page_number, table_reading, reading, result)


def _cell(page_number: int, table_reading: TableReading, reading: CellReading, result: DocumentResult) -> Row:
    cell, grid = reading.cell, table_reading.grid
    ref = CellRef(page_number, grid.table_index, cell.row, cell.col)
    if len(cell.polygon) != CORNERS_OF_A_CELL:
        raise RowsMalformed(f"cell {ref} needs four corners, got {len(cell.polygon)}")
    correction = result.interpretation.corrections.get(ref)
    return _row(
        "cells",
        reading,
        page_number=page_number,
        table_index=grid.table_index,
        row=cell.row,
        col=cell.col,
        row_span=cell.row_span,
        col_span=cell.col_span,
        text_corrected=correction and correction.text,
        correction_reason=correction and correction.reason,
        grid_confidence=cell.confidence,
        polygon=_flat(cell.polygon),
        role=result.interpretation.roles.get(ref),
        options=_options(reading.text),
    )


def _options(text: str | None) -> list[Row] | None:
    """The options of a cell's text, as structs."""
    found = read_options(text)
    return None if found is None else [option._asdict() for option in found]


def _project(project: Project) -> Row:
    return _row(
        "projects",
        project,
        amount=_exact(project.amount),
        amount_parts=[{"name": part.name, "amount": _exact(part.amount)} for part in project.amount_parts],
        total=_exact(project.total),
        cells=[ref._asdict() for ref in project.cells],
    )


def _indicator(indicator: Indicator) -> Row:
    return _row(
        "indicators",
        indicator,
        comparator=indicator.target.comparator,
        target_number=_exact(indicator.target.number),
        target_unit=indicator.target.unit,
        cells=[ref._asdict() for ref in indicator.cells],
    )


def _table_row(row: TableRow) -> Row:
    return _row(
        "rows",
        row,
        values=[value._asdict() for value in row.values],
        cells=[ref._asdict() for ref in row.cells],
    )


def _signatures(page: PageReading, settings: LandingSettings) -> Iterator[Row]:
    for index, signature in enumerate(page.signatures):
        yield _row(
            "signatures",
            signature,
            page_number=page.page_number,
            signature_index=index,
            candidates=[candidate._asdict() for candidate in signature.candidates],
            polygon=_flat(signature.polygon),
            crop_png=signature.crop_png if settings.signature_crops else None,
        )


def _stamps(page: PageReading, settings: LandingSettings) -> Iterator[Row]:
    for index, stamp in enumerate(page.stamps):
        yield _row(
            "stamps",
            stamp,
            page_number=page.page_number,
            stamp_index=index,
            polygon=_flat(stamp.polygon),
            crop_png=stamp.crop_png if settings.signature_crops else None,
        )


def _flat(polygon: Iterable[tuple[float, float]]) -> list[float]:
    """Pairs (x, y) as x, y, x, y, and so on."""
    return [number for point in polygon for number in point]


def _exact(value: Decimal | None) -> Decimal | None:
    """The value if its column can hold it exactly, else None; `_inexact_numbers` says so."""
    if value is None or not value.is_finite() or abs(value) >= _TOO_LARGE:
        return None
    rounded = value.quantize(_SMALLEST)
    return rounded if rounded == value else None


def _inexact_numbers(result: DocumentResult) -> Iterator[Finding]:
    """A finding for each number that has more digits than its column: nothing is rounded or lost silently."""
    for project in result.interpretation.projects:
        parts = (part.amount for part in project.amount_parts)
        for value in (project.amount, project.total, *parts):
            if value is not None and _exact(value) is None:
                yield _inexact(value, project.first_page, project.project_index)
    for indicator in result.interpretation.indicators:
        value = indicator.target.number
        if value is not None and _exact(value) is None:
            finding = _inexact(value, indicator.page_number, indicator.project_index)
            yield replace(finding, table_index=indicator.table_index, row=indicator.row)


def _inexact(value: Decimal, page_number: int, project_index: int) -> Finding:
    return Finding(
        rule=FindingRule.NUMBER_NOT_STORABLE,
        severity=Severity.WARNING,
        message=f"The number does not fit {DECIMAL.precision} digits with {DECIMAL.scale} decimals; it landed as null.",
        page_number=page_number,
        project_index=project_index,
        found=str(value),
    )
