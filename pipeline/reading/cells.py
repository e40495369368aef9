"""The layout of a page -> the text of each cell, read line by line, or the mark that it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.dewarp import DewarpedPage
from pipeline.elements import (
    Cell,
    CellReading,
    Hypothesis,
    LineKind,
    Polygon,
    TableReading,
    TextLine,
)
from pipeline.engines import LineReading, Recogniser
from pipeline.imaging import box_corners, polygon
from pipeline.layout import CellLine, InkLine, PageLayout
from pipeline.reading.cell_marks import find_cell_marks, lines_to_read, with_marks
from pipeline.reading.line_cuts import PageCuts
from pipeline.reading.line_reading import NOTHING_READ, read_lines
from pipeline.reading.repeats import without_repeats
from pipeline.recognition import CheckedReading

BLANK_CONFIDENCE = 0.99
"""A cell without any ink is blank with this confidence."""


class ReadLine(NamedTuple):
    """A text line as it lands, and its checked reading."""

    text_line: TextLine
    reading: CheckedReading


def recognise_cells(
    layout: PageLayout, recogniser: Recogniser, known: Mapping[InkLine, LineReading] = NOTHING_READ
) -> tuple[TableReading, ...]:
    """Read every cell of a page's grids.

    A cell without ink has the text ""; one whose ink could not be read has None.

    Args:
        layout: of the page, with the lines that are read.
        recogniser: reads all the page's lines in one call, so that it can batch them.
        known: readings at the reduced height of lines of the same layout that were read so before.
    """
    cells = [(grid, cell) for grid in layout.grids for cell in grid.cells]
    cuts = PageCuts.of(layout, [cell for _, cell in cells])
    marks = find_cell_marks(layout, cuts.sealed)
    found_lines = lines_to_read(layout, marks)
    lines = [line if cuts.sealed[line.cell] else line._replace(ink=line.ink.unfaded) for line in found_lines]
    shown, kept = without_repeats(lines, read_lines(lines, cuts, recogniser, known))
    found: list[list[ReadLine]] = [[] for _ in cells]
    for line, checked, quad in zip(shown, kept, _scan_quads(layout.dewarped, shown), strict=True):
        grid, cell = cells[line.cell]
        place = (grid.table_index, cell.row, cell.col)
        text_line = TextLine(checked.text, checked.confidence, quad, LineKind.CELL, *place)
        found[line.cell].append(ReadLine(text_line, checked))
    texts = [
        cell_reading(cell, own, under_seal)
        for (_, cell), own, under_seal in zip(cells, found, cuts.sealed, strict=True)
    ]
    texts = with_marks(texts, marks, layout)
    by_grid: dict[int, list[CellReading]] = {grid.table_index: [] for grid in layout.grids}
    for (grid, _), own_text in zip(cells, texts, strict=True):
        by_grid[grid.table_index].append(own_text)
    return tuple(TableReading(grid, tuple(by_grid[grid.table_index])) for grid in layout.grids)


def join_lines(texts: Sequence[str]) -> str:
    """Lines of one cell as one text; a space only between two words in Latin letters.

    Example:
        >>> join_lines(["祁连县人大常委会办", "公室"]), join_lines(["page", "count"])
        ('祁连县人大常委会办公室', 'page count')
    """
    joined = ""
    for text in texts:
        words = joined[-1:].isascii() and joined[-1:].isalpha() and text[:1].isascii() and text[:1].isalpha()
        joined += f" {text}" if words else text
    return joined


def _scan_quads(dewarped: DewarpedPage, lines: Sequence[CellLine]) -> list[Polygon]:
    """Where the lines' boxes, whose edges are between pixels, lie on the scan."""
    corners = dewarped.warp.to_scan(box_corners([line.ink.box for line in lines]) - 0.5)
    return [polygon(quad) for quad in corners.reshape(-1, 4, 2)]


def cell_reading(cell: Cell, lines: Sequence[ReadLine], under_seal: bool) -> CellReading:
    """What a cell says: its lines, in reading order, joined; blank without any."""
    if not lines:
        return CellReading(cell, "", BLANK_CONFIDENCE, (), under_seal)
    text = join_lines([line.text_line.text for line in lines if line.text_line.text])
    confidences = [line.text_line.confidence for line in lines if line.text_line.confidence is not None]
    return CellReading(
        cell=cell,
        text=text or None,
        confidence=min(confidences) if text else None,
        lines=tuple(line.text_line for line in lines),
        under_seal=under_seal,
        alternatives=_alternatives([line.reading for line in lines]) if text else (),
        hypotheses=_doubts([line.reading for line in lines], text) if text else (),
    )


def _alternatives(readings: Sequence[CheckedReading]) -> tuple[str, ...]:
    """The cell's text with each line's alternatives in the place of what was kept, one at a time."""
    texts = [reading.text for reading in readings]
    return tuple(
        join_lines([text for text in (*texts[:index], other, *texts[index + 1 :]) if text])
        for index, reading in enumerate(readings)
        for other in reading.alternatives
    )


def _doubts(readings: Sequence[CheckedReading], text: str) -> tuple[Hypothesis, ...]:
    """The lines' doubts with their places in the cell's text, which has the lines' texts in their order."""
    found: list[Hypothesis] = []
    begin = 0
    for reading in readings:
        begin = text.index(reading.text, begin)
        found += [doubt._replace(start=doubt.start + begin, stop=doubt.stop + begin) for doubt in reading.hypotheses]
        begin += len(reading.text)
    return tuple(found)
