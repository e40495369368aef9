"""The tables of a page as read -> the same, with the cells whose text runs otherwise than in lines read anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import numpy as np

from pipeline.elements import BBox, CellReading, Finding, FindingRule, Polygon, TableReading
from pipeline.engines import Recogniser
from pipeline.layout import InkLine, PageLayout
from pipeline.reading import cell_reading, join_lines
from pipeline.recognition import in_page_script
from pipeline.rereading.column_cuts import CutSource, Running
from pipeline.rereading.columns import ColumnBlock, find_columns, may_stand_in_columns
from pipeline.rereading.page_ink import CellInk, PageInk
from pipeline.rereading.running_over import join_overflows, near_rules
from pipeline.rereading.strikes import LENGTH, may_be_struck
from pipeline.rereading.struck_text import find_struck_text
from pipeline.rereading.turned_text import UNTOLD, ColumnReader, ReadColumns, read_columns

SURE_ROWS = 0.95
"""Rows read as sure as this in the order they stand in need no other."""
NARROW_ROW = 3
"""A row of so many letters or digits is wider than columns are."""
FIRST_CORNER = {Running.STACKED: 0, Running.DOWN: 1, Running.UP: 3}
"""Where the text's top left is among the corners of its box, clockwise from the box's top left."""


class Reread(NamedTuple):
    """The tables of a page with cells that were read anew, and what to know of them."""

    tables: tuple[TableReading, ...]
    findings: tuple[Finding, ...]


class _Anew(NamedTuple):
    reading: CellReading
    findings: tuple[Finding, ...] = ()


def reread_cells(layout: PageLayout, tables: Sequence[TableReading], recogniser: Recogniser) -> Reread:
    """Read the cells anew whose text is turned, stacked, struck, or runs over into the next cell.

    A page without any costs next to nothing.

    Args:
        layout: of the page.
        tables: of the page, as they were read line by line.
        recogniser: reads such cells.
    """
    if not layout.lines:
        return Reread(tuple(tables), ())
    text_height = float(np.median([line.ink.box.height for line in layout.lines]))
    lines = {cell: [line.ink for line in own] for cell, own in groupby(layout.lines, key=lambda line: line.cell)}
    tall = {cell for cell, own in lines.items() if may_stand_in_columns(own, text_height)}
    struck = {cell: box for cell, own in lines.items() if (box := _struck_line(layout, own, text_height)) is not None}
    over = near_rules(layout, lines)
    if not (tall or struck or over):
        return Reread(tuple(tables), ())
    page = PageInk.of(layout, text_height, recogniser, tables)
    places = [(table.grid, reading) for table in tables for reading in table.cells]
    anew: dict[int, _Anew] = {}
    for cell in sorted(tall | set(struck)):
        grid, reading = places[cell]
        ink = page.cell(grid, reading.cell)
        found = _in_columns(page, ink, reading, lines[cell]) if cell in tall else None
        if found is None and cell in struck:
            found = _struck(page, ink, reading, struck[cell])
        if found is not None:
            anew[cell] = found
    readings = {index: anew[index].reading if index in anew else reading for index, (_, reading) in enumerate(places)}
    joined, findings = join_overflows(page, [grid for grid, _ in places], readings, over)
    return _assembled(tables, readings | joined, [*(f for one in anew.values() for f in one.findings), *findings])


def _assembled(
    tables: Sequence[TableReading], readings: Mapping[int, CellReading], findings: Sequence[Finding]
) -> Reread:
    """The tables with the readings of all their cells, in order."""
    ordered: Iterator[CellReading] = (readings[index] for index in range(len(readings)))
    made = tuple(replace(table, cells=tuple(next(ordered) for _ in table.cells)) for table in tables)
    return Reread(made, tuple(findings))


# --- columns ----------------------------------------------------------------------------------------------------------


def _in_columns(page: PageInk, ink: CellInk, reading: CellReading, lines: Sequence[InkLine]) -> _Anew | None:
    """The reading of a cell that may hold columns; None where it holds none."""
    block = find_columns(ink.darkness, ink.corner, lines, page.setting)
    if block is None or (len(block.columns) > 1 and _reads_in_rows(reading)):
        return None
    height = page.recogniser.line_height
    reader = ColumnReader(CutSource(page.layout.dewarped, page.paper, height), page.recogniser)
    return _Anew(_with_columns(page, ink, reading, block, reader))


def _reads_in_rows(reading: CellReading) -> bool:
    """Whether a row surely reads as three letters or digits that are narrow: such are not stacked side by side."""
    sure = reading.confidence is not None and reading.confidence >= SURE_ROWS
    return sure and (reading.text or "").isascii() and max(len(line.text) for line in reading.lines) >= NARROW_ROW


def _with_columns(
    page: PageInk, ink: CellInk, reading: CellReading, block: ColumnBlock, reader: ColumnReader
) -> CellReading:
    read = read_columns(block, reader)
    if not block.sure or read is None:
        return _doubted(reading, () if read is None else (join_lines([o.text for o in read.readings if o.text]),))
    texts = [other for other in page.texts if other.text != reading.text]
    settled = in_page_script([*texts, *read.readings])[len(texts) :]
    lines = [page.line(ink, _quad(page, read, index), one) for index, one in enumerate(settled)]
    anew = cell_reading(reading.cell, lines, reading.under_seal)
    return anew if read.sure else _doubted(anew, [reading.text or ""])


def _quad(page: PageInk, read: ReadColumns, index: int) -> Polygon:
    """Where a column lies on the scan, from the text's own top left on."""
    corners, first = page.quad(read.columns[index].box), FIRST_CORNER[read.running]
    return (*corners[first:], *corners[:first])


def _doubted(reading: CellReading, others: Sequence[str] = ()) -> CellReading:
    """A reading that may run otherwise."""
    if not reading.text or reading.confidence is None:
        return reading
    different = {*reading.alternatives, *others} - {reading.text, ""}
    return replace(reading, confidence=min(reading.confidence, UNTOLD), alternatives=tuple(sorted(different)))


# --- struck text ------------------------------------------------------------------------------------------------------


def _struck_line(layout: PageLayout, lines: Sequence[InkLine], text_height: float) -> BBox | None:
    """The box of the line of a cell that may be struck; None without one."""
    for line in lines:
        box = line.box
        if box.width >= LENGTH * text_height:
            ink = layout.smooth[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
            if may_be_struck(ink, text_height):
                return box
    return None


def _struck(page: PageInk, ink: CellInk, reading: CellReading, box: BBox) -> _Anew | None:
    """The correction of a cell with struck text, or, without one, the struck text; None where nothing is struck."""
    found = find_struck_text(ink.darkness, box, ink.corner, page.setting)
    if found is None:
        return None
    struck, *correction = page.read([found.struck, *found.correction])
    kept = found.correction if any(one.text for one in correction) else (found.struck,)
    texts = correction if kept is found.correction else [struck]
    lines = [page.line(ink, page.quad(line.box), one) for line, one in zip(kept, texts, strict=True)]
    anew = cell_reading(reading.cell, lines, reading.under_seal)
    message = "A line is drawn through text of the cell: the rest was taken for its correction."
    if kept is not found.correction:
        message = "A line is drawn through all text of the cell."
    finding = page.finding(FindingRule.STRUCK_TEXT, ink, message, struck.text or None)
    return _Anew(_doubted(anew, [reading.text or ""]), (finding,))
