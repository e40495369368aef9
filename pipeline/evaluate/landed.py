"""Landed tables -> LandedPage: the rows that an evaluation looks at, by page."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import pyarrow as pa
from pyarrow import dataset

from pipeline.elements import Polygon, Severity, Status
from pipeline.errors import NothingLanded, TruthAmbiguous
from pipeline.evaluate.truth import Fields

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "documents": ("document_id", "source_name"),
    "pages": ("document_id", "page_number", "title", "status"),
    "cells": (
        *("document_id", "page_number", "table_index", "row", "col", "row_span", "col_span"),
        *("text", "text_corrected", "confidence", "grid_confidence", "polygon", "role"),
    ),
    "projects": (
        *("document_id", "first_page", "unit_name", "unit_code", "project_name"),
        *("amount_text", "total_text", "goals_text"),
    ),
    "indicators": (
        *("document_id", "page_number", "level1", "level2", "level3"),
        *("target_text", "comparator", "target_number"),
    ),
    "signatures": ("document_id", "page_number", "name", "name_read", "date_text", "polygon"),
    "findings": ("document_id", "page_number", "table_index", "row", "col", "severity"),
}
"""The tables and columns that are read: measures need no others, and crops of signatures are large."""

Row = dict[str, Any]


class Place(NamedTuple):
    """Where a cell stands in its table, and over how many slots it reaches."""

    row: int
    col: int
    row_span: int
    col_span: int


@dataclass(frozen=True, slots=True)
class LandedCell:
    """A row of `cells`."""

    table_index: int
    place: Place
    text: str | None
    text_corrected: str | None
    confidence: float | None
    grid_confidence: float | None
    polygon: Polygon
    role: str | None = None

    @property
    def final_text(self) -> str | None:
        """The text that a reader should use: the correction where there is one."""
        return self.text if self.text_corrected is None else self.text_corrected


@dataclass(frozen=True, slots=True)
class LandedIndicator:
    """A row of `indicators`."""

    level1: str | None
    level2: str | None
    level3: str | None
    target_text: str | None
    comparator: str | None
    target_number: Decimal | None


@dataclass(frozen=True, slots=True)
class LandedSignature:
    """A row of `signatures`; its name as resolved, or where it is open, as read."""

    name: str | None
    date_text: str | None
    polygon: Polygon


class CellKey(NamedTuple):
    """A cell of a page; None where a finding is about something larger."""

    table_index: int | None
    row: int | None
    col: int | None


@dataclass(frozen=True, slots=True)
class LandedPage:
    """All rows of one page; `doubted` are the cells that findings name, `warned` those that warnings or errors name."""

    cells: tuple[LandedCell, ...] = ()
    fields: Fields = field(default_factory=Fields)
    indicators: tuple[LandedIndicator, ...] = ()
    signatures: tuple[LandedSignature, ...] = ()
    doubted: frozenset[CellKey] = frozenset()
    warned: frozenset[CellKey] = frozenset()


class PageKey(NamedTuple):
    """A page of a document."""

    document_id: str
    page_number: int


@dataclass(frozen=True, slots=True)
class LandedPages:
    """The pages asked for, by the name of their truth, and the others that landed ("scan.pdf page 3")."""

    by_name: Mapping[str, LandedPage]
    others: tuple[str, ...]


def load_landed(out: Path, names: Iterable[str]) -> LandedPages:
    """Read the pages that the truth names ask for.

    NAME is page 1 of the document called NAME.*; page-NN is page NN of the PDF. Only committed documents count, those
    with a row in `documents`, and no page that was quarantined.

    Raises:
        NothingLanded: when `out` has no landed tables.
        TruthAmbiguous: when a name fits more than one landed page.
    """
    documents = {row["document_id"]: str(row["source_name"]) for row in _rows(out, "documents")}
    if not documents:
        raise NothingLanded(f"{out}: holds no landed documents")
    pages = (row for row in _rows(out, "pages", documents) if row["status"] != Status.QUARANTINED)
    titles = {_key(row): row["title"] for row in pages}
    keys = _find(set(names), documents, titles)
    others = sorted((documents[key.document_id], key.page_number) for key in titles.keys() - keys.values())
    wanted = {key.document_id for key in keys.values()}
    tables = ("cells", "projects", "indicators", "signatures", "findings")
    rows = {table: _by_page(_rows(out, table, wanted)) for table in tables}
    by_name = {
        name: LandedPage(
            cells=tuple(_cell(row) for row in rows["cells"][key]),
            fields=_fields(titles[key], rows["projects"][key]),
            indicators=tuple(_indicator(row) for row in rows["indicators"][key]),
            signatures=tuple(
                LandedSignature(row["name"] or row["name_read"], row["date_text"], _polygon(row))
                for row in rows["signatures"][key]
            ),
            doubted=_named(rows["findings"][key]),
            warned=_named(row for row in rows["findings"][key] if row["severity"] != Severity.INFO),
        )
        for name, key in keys.items()
    }
    return LandedPages(by_name, tuple(f"{source} page {number}" for source, number in others))


def _rows(out: Path, table: str, documents: Collection[str] | None = None) -> list[Row]:
    files = sorted(str(path) for path in (out / table).glob("*.parquet") if not path.name.startswith("."))
    if not files:
        return []
    source = dataset.dataset(files, format="parquet")
    present = [column for column in COLUMNS[table] if column in source.schema.names]
    chosen = None if documents is None else dataset.field("document_id").isin(pa.array(list(documents), pa.string()))
    absent = dict.fromkeys(COLUMNS[table])
    return [absent | row for row in source.to_table(columns=present, filter=chosen).to_pylist()]


def _key(row: Row) -> PageKey:
    number = row["page_number"] if "page_number" in row else row["first_page"]
    return PageKey(row["document_id"], number)


def _by_page(rows: Iterable[Row]) -> Mapping[PageKey, list[Row]]:
    pages: dict[PageKey, list[Row]] = defaultdict(list)
    for row in rows:
        pages[_key(row)].append(row)
    return pages


def _find(names: set[str], documents: Mapping[str, str], pages: Iterable[PageKey]) -> dict[str, PageKey]:
    found: dict[str, PageKey] = {}
    for key in sorted(pages):
        source = PurePath(documents[key.document_id])
        in_pdf = source.suffix.lower() == ".pdf"
        name = f"page-{key.page_number:02d}" if in_pdf else source.stem
        if name not in names or (key.page_number > 1 and not in_pdf):
            continue
        if name in found:
            other = documents[found[name].document_id]
            raise TruthAmbiguous(f"{name}.json may be about {other} ({found[name].document_id[:12]}…) or {source}")
        found[name] = key
    return found


def _cell(row: Row) -> LandedCell:
    return LandedCell(
        table_index=row["table_index"],
        place=Place(row["row"], row["col"], row["row_span"], row["col_span"]),
        text=row["text"],
        text_corrected=row["text_corrected"],
        confidence=_known(row["confidence"]),
        grid_confidence=_known(row["grid_confidence"]),
        polygon=_polygon(row),
        role=row["role"],
    )


def _indicator(row: Row) -> LandedIndicator:
    number = row["target_number"]
    return LandedIndicator(
        level1=row["level1"],
        level2=row["level2"],
        level3=row["level3"],
        target_text=row["target_text"],
        comparator=row["comparator"],
        target_number=None if number is None else Decimal(str(number)),
    )


def _named(findings: Iterable[Row]) -> frozenset[CellKey]:
    return frozenset(CellKey(row["table_index"], row["row"], row["col"]) for row in findings)


def _fields(title: str | None, projects: list[Row]) -> Fields:
    """The page's title and the texts of the last form that begins on it."""
    if not projects:
        return Fields(title=title)
    row = projects[-1]
    return Fields(
        title=title,
        unit_name=row["unit_name"],
        unit_code=row["unit_code"],
        project=row["project_name"],
        amount=row["amount_text"],
        total=row["total_text"],
        goals=row["goals_text"],
    )


def _polygon(row: Row) -> Polygon:
    numbers = row["polygon"] or []
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _known(number: float | None) -> float | None:
    return None if number is None or math.isnan(number) else number
