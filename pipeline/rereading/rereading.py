"""The tables of a page as read -> the same, with the cells whose text runs otherwise than in lines read anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.elements import BBox, CellReading, Grid, LineKind, Polygon, TableReading, TextLine
from pipeline.engines import Recogniser
from pipeline.imaging import as_image, box_corners, polygon
from pipeline.reading import PageLayout, ReadLine, cell_insides, cell_reading, join_lines, paper_grain
from pipeline.rereading.column_cuts import CutSource, Running
from pipeline.rereading.columns import ColumnBlock, Setting, find_columns, may_stand_in_columns
from pipeline.rereading.turned_text import UNTOLD, ColumnReader, ReadColumns, read_columns

FIRST_CORNER = {Running.STACKED: 0, Running.DOWN: 1, Running.UP: 3}
"""Where the text's top left is among the corners of its box, clockwise from the box's top left."""


class _Place(NamedTuple):
    """A cell's table and its place among the table's cells, both from 0."""

    table: int
    cell: int


def reread_cells(
    layout: PageLayout, tables: Sequence[TableReading], recogniser: Recogniser
) -> tuple[TableReading, ...]:
    """Read the cells anew whose text is turned or stacked; a page without any costs next to nothing.

    Args:
        layout: of the page.
        tables: of the page, as they were read line by line.
        recogniser: reads the columns of such cells.
    """
    blocks = _find_blocks(layout)
    if not blocks:
        return tuple(tables)
    paper = as_image(cv2.bitwise_not(layout.upright.ink.darkness))
    reader = ColumnReader(CutSource(layout.dewarped, paper, recogniser.line_height), recogniser)
    places = [_Place(number, index) for number, table in enumerate(tables) for index in range(len(table.cells))]
    anew = {places[cell]: _reread(tables, places[cell], block, reader) for cell, block in blocks.items()}
    return tuple(
        replace(table, cells=tuple(anew.get(_Place(number, index), cell) for index, cell in enumerate(table.cells)))
        for number, table in enumerate(tables)
    )


def _find_blocks(layout: PageLayout) -> dict[int, ColumnBlock]:
    """The cells that may hold columns, by their place among all cells of the page."""
    if not layout.lines:
        return {}
    text_height = float(np.median([line.ink.box.height for line in layout.lines]))
    lines = {cell: [line.ink for line in own] for cell, own in groupby(layout.lines, key=lambda line: line.cell)}
    tall = {cell: own for cell, own in lines.items() if may_stand_in_columns(own, text_height)}
    if not tall:
        return {}
    cells = [cell for grid in layout.grids for cell in grid.cells]
    setting = Setting(paper_grain(layout.smooth, layout.upright.ink.noise), text_height, layout.dewarped.warp.px_per_mm)
    insides = cell_insides(layout.dewarped, [cells[index] for index in tall])
    blocks = {}
    for (index, own), box in zip(tall.items(), insides, strict=True):
        corner = (int(box.left), int(box.top))
        darkness = layout.smooth[corner[1] : int(box.bottom), corner[0] : int(box.right)]
        block = find_columns(darkness, corner, own, setting)
        if block is not None:
            blocks[index] = block
    return blocks


def _reread(tables: Sequence[TableReading], place: _Place, block: ColumnBlock, reader: ColumnReader) -> CellReading:
    """The reading of a cell that may hold columns."""
    table = tables[place.table]
    reading = table.cells[place.cell]
    read = read_columns(block, reader)
    if not block.sure or read is None:
        other = () if read is None else (join_lines([one.text for one in read.readings if one.text]),)
        return _doubted(reading, other)
    return _with_columns(reading, table.grid, read, reader)


def _doubted(reading: CellReading, others: Sequence[str] = ()) -> CellReading:
    """A reading that may run otherwise."""
    if not reading.text or reading.confidence is None:
        return reading
    different = {*reading.alternatives, *others} - {reading.text, ""}
    return replace(reading, confidence=min(reading.confidence, UNTOLD), alternatives=tuple(sorted(different)))


def _with_columns(reading: CellReading, grid: Grid, read: ReadColumns, reader: ColumnReader) -> CellReading:
    """A cell with its columns for lines."""
    place = (grid.table_index, reading.cell.row, reading.cell.col)
    quads = (_quad(column.box, read.running, reader) for column in read.columns)
    lines = [
        ReadLine(TextLine(one.text, one.confidence, quad, LineKind.CELL, *place), one)
        for one, quad in zip(read.readings, quads, strict=True)
    ]
    anew = cell_reading(reading.cell, lines, reading.under_seal)
    return anew if read.sure else _doubted(anew, [reading.text or ""])


def _quad(box: BBox, running: Running, reader: ColumnReader) -> Polygon:
    """Where a column lies on the scan, from the text's own top left on."""
    corners = polygon(reader.source.dewarped.warp.to_scan(box_corners(box) - 0.5))
    first = FIRST_CORNER[running]
    return (*corners[first:], *corners[:first])
