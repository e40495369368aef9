"""Readings made by hand or from ground truth: what the tests of meaning start from, without an image."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pipeline.elements import (
    Cell,
    CellReading,
    DpiSource,
    Grid,
    LineKind,
    PageReading,
    Polygon,
    SignatureStatus,
    Status,
    TableReading,
    TextLine,
)

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
SLOT_PX = 40


def box(left: float, top: float, right: float, bottom: float) -> Polygon:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def cell(row: int, col: int, row_span: int = 1, col_span: int = 1) -> Cell:
    """A cell on a lattice of 40 px slots that begins 200 px down the page."""
    left, top = col * SLOT_PX, 200 + row * SLOT_PX
    return Cell(row, col, row_span, col_span, box(left, top, left + col_span * SLOT_PX, top + row_span * SLOT_PX))


def table(texts: Iterable[tuple[Cell, str | None]], confidence: float | None = 0.99, index: int = 0) -> TableReading:
    """A table of the given cells; each text read with `confidence`, the grid with 0.99."""
    ordered = sorted(texts, key=lambda one: (one[0].row, one[0].col))
    n_rows = max(c.row + c.row_span for c, _ in ordered)
    n_cols = max(c.col + c.col_span for c, _ in ordered)
    grid = Grid(index, n_rows, n_cols, tuple(replace(c, confidence=0.99) for c, _ in ordered))
    return TableReading(grid, tuple(CellReading(c, text, confidence, ()) for c, text in ordered))


def drawn(picture: str, confidence: float | None = 0.99) -> TableReading:
    """A table from a picture: cells part at |, `^` continues the cell above, `<` the one to the left, `?` is unread."""
    rows = [[entry.strip() for entry in row.strip().strip("|").split("|")] for row in picture.strip().splitlines()]
    cells = []
    for row, entries in enumerate(rows):
        for col, entry in enumerate(entries):
            if entry in ("^", "<"):
                continue
            right = next((c for c in range(col + 1, len(entries)) if entries[c] != "<"), len(entries))
            down = next((r for r in range(row + 1, len(rows)) if rows[r][col] != "^"), len(rows))
            cells.append((cell(row, col, down - row, right - col), None if entry == "?" else entry))
    return table(cells, confidence)


def line(text: str, top: float = 100, kind: LineKind = LineKind.TITLE, left: float = 50) -> TextLine:
    """A line of 20 px height."""
    return TextLine(text, 0.98, box(left, top, left + 15 * len(text), top + 20), kind)


def page(tables: Iterable[TableReading] = (), lines: Iterable[TextLine] = (), number: int = 1) -> PageReading:
    return PageReading(
        page_number=number,
        width=1000,
        height=1400,
        dpi=150.0,
        dpi_source=DpiSource.FILE,
        quarter_turns=0,
        skew_deg=0.0,
        to_source=IDENTITY,
        tables=tuple(tables),
        lines=tuple(lines),
        signatures=(),
        signature_status=SignatureStatus.UNSIGNED,
        status=Status.LANDED,
    )


def page_from_truth(path: Path, number: int = 1) -> PageReading:
    """A page read without a mistake."""
    truth = json.loads(path.read_text(encoding="utf-8"))
    cells = [
        (Cell(c["row"], c["col"], c["row_span"], c["col_span"], tuple(map(tuple, c["polygon"]))), c["text"])
        for c in truth["cells"]
    ]
    place = tuple(map(tuple, truth.get("title_polygon", box(50, 100, 350, 120))))
    title = TextLine(truth["record"]["title"], 0.99, place, LineKind.TITLE)
    return page([table(cells)], [title], number)
