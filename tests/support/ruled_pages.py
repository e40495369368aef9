"""Pages of drawn tables of any tiling: one or two side by side, in a frame, with a dark heading; for properties."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from drawing import INK, PRINT_PX, PX_PER_MM, Table, fill, px, rule, sheet, tilings
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.grid.tiling import Span

LEAST_WIDTH_PX = round(32 * PX_PER_MM)
LEFT, TOP = 60, 80
ROW_PX, COL_PX = 42, 60
"""The lowest row and the narrowest column: 7 mm and 10 mm."""
BESIDE_MM = (3.8, 15)
FRAME_MM = (2.5, 4.0, 6.0)
HEADING, LIGHT = 130, 245
HEADING_PX = 90
"""Headings are no higher than this: 15 mm, four lines of print."""


class RuledPage(NamedTuple):
    """A gray page, (height, width) uint8, and its tables from left to right."""

    image: NDArray[np.uint8]
    tables: tuple[Table, ...]


@st.composite
def ruled_pages(draw) -> RuledPage:
    """One or two tables with print in each cell, of which the first may have a dark heading, or a frame if alone."""
    are_two = draw(st.booleans())
    tables = [draw(_tables(LEFT, TOP, 500 if are_two else 1000, 600))]
    if are_two:
        left = tables[0].cols[-1] + draw(st.integers(*map(px, BESIDE_MM)))
        tables.append(draw(_tables(left, draw(st.integers(60, 200)), 480, 500)))
    image = sheet()
    for table in tables:
        fill(rule(image, table), table)
    if draw(st.booleans()):
        _shade_heading(image, tables[0])
    if not are_two and draw(st.booleans()):
        table, away = tables[0], px(draw(st.sampled_from(FRAME_MM)))
        corners = [(cols + sign, rows + sign) for cols, rows, sign in _corners(table, away)]
        cv2.rectangle(image, *corners, INK, 2)
    return RuledPage(image, tuple(tables))


def _corners(table: Table, away: int):
    return ((table.cols[0], table.rows[0], -away), (table.cols[-1], table.rows[-1], away))


@st.composite
def _tables(draw, left: int, top: int, max_width: int, max_height: int) -> Table:
    """A table from a corner on, each of whose lines is drawn somewhere."""
    tiled = draw(tilings(5))
    horizontal, vertical = tiled.cell_borders()
    rows, cols = (np.flatnonzero(borders.any(axis=1)) for borders in (horizontal, vertical.T))
    assume(len(rows) > 2 and len(cols) > 2)
    places = [
        tuple(int(begin + step) for step in np.cumsum([0, *draw(_steps(len(lines) - 1, least, longest))]))
        for lines, begin, least, longest in ((rows, top, ROW_PX, max_height), (cols, left, COL_PX, max_width))
    ]
    assume(places[1][-1] - places[1][0] >= LEAST_WIDTH_PX)
    merged = []
    for span in tiled.spans:
        first, end = (np.searchsorted(rows, row) for row in (span.row, span.row + span.row_span))
        begin, stop = (np.searchsorted(cols, col) for col in (span.col, span.col + span.col_span))
        merged.append(Span(int(first), int(begin), int(end - first), int(stop - begin)))
    return Table(*places, tuple(sorted(merged)), draw(st.integers(2, 4)))


def _steps(count: int, least: int, in_all: int):
    return st.lists(st.integers(least, in_all // count), min_size=count, max_size=count)


def _shade_heading(image, table: Table) -> None:
    """Fill the first row with a dark colour, light rules and light print, in place, if no cell goes on below it."""
    heading = [span for span in table.spans if span.row == 0]
    top, bottom = table.rows[:2]
    if any(span.row_span > 1 for span in heading) or bottom - top > HEADING_PX:
        return
    image[top:bottom, table.cols[0] : table.cols[-1]] = HEADING
    for x in table.cols[1:-1]:  # print that runs across shows that two slots are one cell
        image[(top + bottom) // 2 - PRINT_PX // 2 : (top + bottom) // 2 + PRINT_PX // 2, x - 20 : x + 20 : 4] = LIGHT
    for span in heading[1:]:
        x = table.cols[span.col]
        image[top:bottom, x - 20 : x + 20] = HEADING
        image[top:bottom, x - 1 : x + 2] = LIGHT
