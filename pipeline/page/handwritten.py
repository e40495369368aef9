"""The readings of a page's cells -> the same, with what was filled in by hand told from print, and never sure.

The recogniser reads much handwriting right, but is as sure of what it reads wrong. Most pages have none, so a few lines
are measured first: those that are likeliest written by hand, and others from all over the page.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from pipeline.elements import BBox, CellReading, Image, TableReading
from pipeline.handwriting import LineInk, ReadInk, measure_lines, own_odds, shared_odds
from pipeline.layout import PageLayout

FIRST_LOOK = 8
"""So many lines are measured first, half of them those that stand out."""
MAY_BE_PEN = -1.5
"""All lines of a page are measured where one of the first has these log odds to have been written by hand: so have all
of 38 pages with handwriting, and a quarter of those without."""
UNSURE_WEIGHT = 1.5
"""A line that could not be read stands out like one so many times as high as the others, as a natural logarithm."""
MOST_CONFIDENCE = 0.85
"""Of 238 texts by hand that were read with a confidence of 0.99 or more 0.83 were right."""
MARGIN_PX = 1
"""Lines are measured with so much paper around them, where their edges end."""


class _Line(NamedTuple):
    """A line that was read: the place of its cell among the page's, its box on the dewarped page, and its reading."""

    cell: int
    box: BBox
    text: str
    confidence: float


def doubt_handwriting(layout: PageLayout, tables: Sequence[TableReading]) -> tuple[TableReading, ...]:
    """Mark the cells that were filled in by hand, and lower their confidences.

    Args:
        layout: of the page, with the places of the lines.
        tables: its cells as read.
    """
    cells = [cell for table in tables for cell in table.cells]
    lines = _read_lines(layout, cells)
    marked = _written_by_hand(layout, lines)
    if not marked:
        return tuple(tables)
    doubted = iter([_doubted(cell) if index in marked else cell for index, cell in enumerate(cells)])
    return tuple(replace(table, cells=tuple(next(doubted) for _ in table.cells)) for table in tables)


def measured_lines(layout: PageLayout, tables: Sequence[TableReading]) -> list[tuple[int, ReadInk]]:
    """All lines of cells that were read and have ink, with the place of each one's cell among the page's."""
    lines = _read_lines(layout, [cell for table in tables for cell in table.cells])
    return [(line.cell, ink) for line, ink in _measured(layout, lines)]


def _read_lines(layout: PageLayout, cells: Sequence[CellReading]) -> list[_Line]:
    """The lines of cells that have a text, with their places."""
    lines = [(index, line) for index, cell in enumerate(cells) if cell.text for line in cell.lines if line.text]
    boxes = layout.dewarped.boxes([line.polygon for _, line in lines]) if lines else []
    return [
        _Line(index, box, line.text, line.confidence or 0.0) for (index, line), box in zip(lines, boxes, strict=True)
    ]


def _written_by_hand(layout: PageLayout, lines: Sequence[_Line]) -> set[int]:
    """The places of the cells that hold handwriting."""
    first = _measured(layout, _first_look(lines))
    if not first or own_odds([ink for _, ink in first]).max() < MAY_BE_PEN:
        return set()
    found = _measured(layout, lines)
    inks = [ink for _, ink in found]
    odds = shared_odds(inks, own_odds(inks))
    return {line.cell for (line, _), by_hand in zip(found, odds.tolist(), strict=True) if by_hand > 0}


def _first_look(lines: Sequence[_Line]) -> list[_Line]:
    """Lines that stand out by their height, or could not be read well, and as many of the others, evenly spread."""
    if len(lines) <= FIRST_LOOK:
        return list(lines)
    usual = statistics.median(line.box.height for line in lines)

    def standing_out(index: int) -> float:
        line = lines[index]
        return math.log(max(line.box.height, 1.0) / usual) + UNSURE_WEIGHT * (1 - line.confidence)

    ranked = sorted(range(len(lines)), key=standing_out, reverse=True)
    others = sorted(ranked[FIRST_LOOK // 2 :])
    spread = np.linspace(0, len(others) - 1, FIRST_LOOK - FIRST_LOOK // 2).astype(int).tolist()
    return [lines[index] for index in (*ranked[: FIRST_LOOK // 2], *(others[place] for place in spread))]


def _measured(layout: PageLayout, lines: Sequence[_Line]) -> list[tuple[_Line, ReadInk]]:
    """The lines that have ink, with its measures."""
    darkness = layout.dewarped.darkness
    inks: list[LineInk | None] = measure_lines([_cut(darkness, line.box) for line in lines], layout.upright.ink.noise)
    return [
        (line, ReadInk(ink, line.text, line.confidence))
        for line, ink in zip(lines, inks, strict=True)
        if ink is not None
    ]


def _cut(darkness: Image, box: BBox) -> Image:
    """A line's darkness with its margin; polygons run through the middles of pixels, boxes between them."""
    left, top, right, bottom = (max(0, round(side + 0.5)) for side in box)
    return darkness[max(0, top - MARGIN_PX) : bottom + MARGIN_PX, max(0, left - MARGIN_PX) : right + MARGIN_PX]


def _doubted(reading: CellReading) -> CellReading:
    """A reading of handwriting, which is never sure."""
    confidence = None if reading.confidence is None else min(reading.confidence, MOST_CONFIDENCE)
    lines = tuple(
        line if line.confidence is None else replace(line, confidence=min(line.confidence, MOST_CONFIDENCE))
        for line in reading.lines
    )
    return replace(reading, confidence=confidence, lines=lines, handwritten=True)
