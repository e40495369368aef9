"""The layout of a page -> the text of each cell, read line by line.

Each line is cut once, in a single interpolation, from the upright page with its seal unmixed and its specks painted
over, and read. Nothing here changes the scan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.dewarp import DewarpedPage
from pipeline.elements import (
    BBox,
    Cell,
    CellReading,
    Hypothesis,
    Image,
    LineKind,
    Polygon,
    TableReading,
    TextLine,
    Upright,
)
from pipeline.engines import LineReading, Recogniser
from pipeline.imaging import as_image, bounding_box, box_corners, invert, map_polygon, polygon, quantile
from pipeline.ink import CopiedSeal, find_copied_seal, remove_copied_seal
from pipeline.reading.cascade import USUAL, CheckedReading, Padding, read_checked
from pipeline.reading.cell_marks import find_cell_marks, lines_to_read, with_marks
from pipeline.reading.layout import CellLine, PageLayout
from pipeline.reading.number_marks import LineInk, check_marks, doubt_odd_commas, reads_as_number, settle_open_marks
from pipeline.reading.option_boxes import with_boxes
from pipeline.reading.page_script import in_page_script
from pipeline.reading.repeats import without_repeats
from pipeline.reading.text_lines import InkLine
from pipeline.reading.units import with_units

NOTHING_READ: Mapping[InkLine, LineReading] = MappingProxyType({})
"""No line was read before."""
SPECK_MARGIN_PX = 2
"""Specks are painted over by so many pixels of the cut beyond their box."""
BLANK_CONFIDENCE = 0.99
"""A cell without any ink is blank with this confidence."""
SEAL_SHARE = 0.002
"""A cell lies under a seal if this share of it is covered by seal ink."""


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
    upright, dewarped = layout.upright, layout.dewarped
    cells = [(grid, cell) for grid in layout.grids for cell in grid.cells]
    darkness = upright.ink.darkness
    copied = None if upright.ink.seal.any() else find_copied_seal(darkness)
    sealed = _under_seal(upright, [cell for _, cell in cells], copied)
    marks = find_cell_marks(layout, sealed)
    found_lines = lines_to_read(layout, marks)
    lines = [line if sealed[line.cell] else line._replace(ink=line.ink.unfaded) for line in found_lines]
    paper = as_image(cv2.bitwise_not(darkness))
    otherwise = upright.image if copied is None else as_image(cv2.bitwise_not(remove_copied_seal(darkness, copied)))

    def cut(index: int, padding: Padding) -> Image:
        return cut_cell_line(dewarped, paper, lines[index].ink, recogniser.line_height, padding)

    def cut_sealed(index: int) -> Image | None:
        line = lines[index]
        return cut_cell_line(dewarped, otherwise, line.ink, recogniser.line_height) if sealed[line.cell] else None

    known_here = {index: known[line.ink.shown] for index, line in enumerate(lines) if line.ink.shown in known}
    readings = read_checked(len(lines), cut, recogniser, cut_sealed, known_here)
    readings = doubt_odd_commas(
        [
            check_marks(reading, LineInk(line.ink.pieces, _inside(layout.smooth, line)))
            for line, reading in zip(lines, readings, strict=True)
        ]
    )
    for index in _beside_digits(lines, readings):
        marked = lines[index].ink.with_marks(lines[index].ink.marks)
        (again,) = recogniser.read([cut_cell_line(dewarped, paper, marked, recogniser.line_height)], exact=True)
        signlike = any(mark.looks_like_sign for mark in lines[index].ink.marks)
        readings[index] = settle_open_marks(readings[index], again.text, signlike)

    def read_labels(labels: Sequence[InkLine]) -> list[CheckedReading]:
        height = recogniser.line_height
        return read_checked(
            len(labels),
            lambda index, padding: cut_cell_line(dewarped, paper, labels[index], height, padding),
            recogniser,
        )

    readings = with_boxes(layout, lines, readings, read_labels)
    meant = with_units(in_page_script(readings), lambda index: cut(index, USUAL), recogniser)
    shown, kept = without_repeats(lines, meant)
    found: list[list[ReadLine]] = [[] for _ in cells]
    for line, checked, quad in zip(shown, kept, _scan_quads(dewarped, shown), strict=True):
        grid, cell = cells[line.cell]
        place = (grid.table_index, cell.row, cell.col)
        text_line = TextLine(checked.text, checked.confidence, quad, LineKind.CELL, *place)
        found[line.cell].append(ReadLine(text_line, checked))
    texts = [
        cell_reading(cell, own, under_seal) for (_, cell), own, under_seal in zip(cells, found, sealed, strict=True)
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


def cut_cell_line(dewarped: DewarpedPage, paper: Image, line: InkLine, height: int, padding: Padding = USUAL) -> Image:
    """A line as the recogniser wants it, its specks painted over.

    Args:
        dewarped: the page on which the line was found.
        paper: (height, width) gray of the upright page, 255 where there is no ink; or (height, width, 3), of which the
            brightest channel is taken, in which a seal is palest.
        line: its ink on the dewarped page.
        height: of the result in pixels, before it is scaled as `padding` says.
        padding: paper left around its ink, and the cut's softness and scale.

    Returns:
        (scaled height, width, 3) BGR.
    """
    box = line.box
    padded = BBox(
        box.left - padding.across * box.height,
        box.top - padding.down * box.height,
        box.right + padding.across * box.height,
        box.bottom + padding.down * box.height,
    )
    cut = dewarped.cut(paper, padded, round(height * padding.scale))
    cut = cut if cut.ndim == 2 else as_image(reduce(cv2.max, cv2.split(cut)))
    scale = cut.shape[0] / padded.height
    background = int(quantile(cut, 0.5)) if line.specks else 0
    for speck in line.specks:
        left, top = ((speck.left - padded.left) * scale, (speck.top - padded.top) * scale)
        right, bottom = ((speck.right - padded.left) * scale, (speck.bottom - padded.top) * scale)
        rows = slice(max(0, int(top) - SPECK_MARGIN_PX), max(0, int(bottom) + SPECK_MARGIN_PX + 1))
        columns = slice(max(0, int(left) - SPECK_MARGIN_PX), max(0, int(right) + SPECK_MARGIN_PX + 1))
        cut[rows, columns] = background
    if padding.softness:
        cut = as_image(cv2.GaussianBlur(cut, (0, 0), padding.softness * cut.shape[0]))
    return as_image(cv2.cvtColor(cut, cv2.COLOR_GRAY2BGR))


def _inside(smooth: Image, line: CellLine) -> Image:
    """The darkness from where a line's cell begins, in whose pixels the line's components are."""
    left, top = line.origin
    return as_image(smooth[top:, left:])


def _beside_digits(lines: Sequence[CellLine], readings: Sequence[CheckedReading]) -> list[int]:
    """The lines that read as numbers, at whose ends something was painted over right beside a digit."""
    return [
        index
        for index, (line, reading) in enumerate(zip(lines, readings, strict=True))
        if any(mark.is_beside(reading.text) for mark in line.ink.marks) and reads_as_number(reading.text)
    ]


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


def _under_seal(upright: Upright, cells: Sequence[Cell], copied: CopiedSeal | None) -> list[bool]:
    """Which cells lie under a seal."""
    ink = upright.ink.seal
    if copied is None and not ink.any():
        return [False] * len(cells)
    to_upright = invert(upright.to_scan)
    boxes = [bounding_box(map_polygon(to_upright, cell.polygon)) for cell in cells]
    if copied is not None:
        return [copied.touches(box) for box in boxes]
    inside = [ink[max(0, int(b.top)) : int(b.bottom) + 1, max(0, int(b.left)) : int(b.right) + 1] for b in boxes]
    return [bool(seal.size and np.count_nonzero(seal) / seal.size >= SEAL_SHARE) for seal in inside]
