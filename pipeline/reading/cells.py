"""Flat page, grids -> the text of each cell, read line by line.

The grid says where text can be, so no detector is needed inside it. Lines are found on the flat page, where they are
straight; each is then cut once, in a single interpolation, from the upright page with its seal unmixed and its specks
painted over, and read. Nothing here changes the scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.dewarp import DewarpedPage
from pipeline.elements import (
    BBox,
    Cell,
    CellReading,
    Grid,
    Hypothesis,
    Image,
    LineKind,
    Polygon,
    TableReading,
    TextLine,
    Upright,
)
from pipeline.engines import Recogniser
from pipeline.imaging import as_image, bounding_box, invert, map_polygon, polygon, quantile
from pipeline.ink import CopiedSeal, find_copied_seal, remove_copied_seal
from pipeline.reading.cascade import USUAL, CheckedReading, Padding, read_checked
from pipeline.reading.text_lines import InkLine, find_text_lines, measure_text_height

INSET_MM = 0.5
"""From the middle of a ruling line to the cell's inside: half of a thick line, and its blur."""
SPECK_MARGIN_PX = 2
"""Specks are painted over a little beyond their box, in pixels of the cut."""
BLANK_CONFIDENCE = 0.99
"""That a cell without any ink is blank."""
SEAL_SHARE = 0.002
"""A cell lies under a seal if this share of it is covered by seal ink."""


class CellLine(NamedTuple):
    """A text line before it is read: its cell's place in the list of cells, and its ink on the flat page."""

    cell: int
    ink: InkLine


class _ReadLine(NamedTuple):
    """A text line as it lands, and its checked reading."""

    text_line: TextLine
    reading: CheckedReading


def recognise_cells(
    upright: Upright, dewarped: DewarpedPage, grids: Sequence[Grid], recogniser: Recogniser
) -> tuple[TableReading, ...]:
    """Read every cell of a page's grids.

    A cell without ink has the text ""; one whose ink could not be read has None.

    Args:
        upright: the page whose pixels are read.
        dewarped: the same page flattened, on which lines are found.
        grids: of the page.
        recogniser: reads all the page's lines in one call, so that it can batch them.
    """
    cells = [(grid, cell) for grid in grids for cell in grid.cells]
    lines: Sequence[CellLine] = find_cell_lines(dewarped, tuple(cell for _, cell in cells))
    darkness = upright.ink.darkness
    copied = None if upright.ink.seal.any() else find_copied_seal(darkness)
    sealed = _under_seal(upright, [cell for _, cell in cells], copied)
    lines = [line if sealed[line.cell] else line._replace(ink=line.ink.unfaded) for line in lines]
    paper = as_image(cv2.bitwise_not(darkness))
    otherwise = upright.image if copied is None else as_image(cv2.bitwise_not(remove_copied_seal(darkness, copied)))

    def cut(index: int, padding: Padding) -> Image:
        return cut_cell_line(dewarped, paper, lines[index].ink, recogniser.line_height, padding)

    def cut_sealed(index: int) -> Image | None:
        line = lines[index]
        return cut_cell_line(dewarped, otherwise, line.ink, recogniser.line_height) if sealed[line.cell] else None

    readings = read_checked(len(lines), cut, recogniser, cut_sealed)
    found: list[list[_ReadLine]] = [[] for _ in cells]
    for line, reading, quad in zip(lines, readings, _scan_quads(dewarped, lines), strict=True):
        text_line = _text_line(reading, quad, *cells[line.cell])
        found[line.cell].append(_ReadLine(text_line, reading))
    by_grid: dict[int, list[CellReading]] = {grid.table_index: [] for grid in grids}
    for (grid, cell), own, under_seal in zip(cells, found, sealed, strict=True):
        by_grid[grid.table_index].append(_cell_reading(cell, own, under_seal))
    return tuple(TableReading(grid, tuple(by_grid[grid.table_index])) for grid in grids)


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


@lru_cache(maxsize=1)
def find_cell_lines(dewarped: DewarpedPage, cells: tuple[Cell, ...]) -> tuple[CellLine, ...]:
    """The text lines of cells, not yet read, cell by cell from top to bottom.

    Those of the last page are kept: where reading tells which way up a page is, they are asked for twice.
    """
    smooth = smoothed(dewarped)
    noise = paper_grain(smooth)
    px_per_mm = dewarped.warp.px_per_mm
    text_height = measure_text_height(smooth, noise, px_per_mm)
    lines = []
    for index, box in enumerate(cell_insides(dewarped, cells)):
        left, top = int(box.left), int(box.top)
        inside = smooth[top : int(box.bottom), left : int(box.right)]
        for line in find_text_lines(inside, noise, text_height, px_per_mm):
            specks = tuple(_moved(speck, left, top) for speck in line.specks)
            whole = None if line.whole is None else _moved(line.whole, left, top)
            lines.append(CellLine(index, InkLine(_moved(line.box, left, top), specks, whole)))
    return tuple(lines)


@lru_cache(maxsize=1)
def smoothed(dewarped: DewarpedPage) -> Image:
    """The flat page's darkness as lines are found in it: single pixels of grain gone, strokes joined.

    It is kept for who asks for it next, and must not be changed.
    """
    return as_image(cv2.GaussianBlur(dewarped.darkness, (3, 3), 0))


def cell_insides(dewarped: DewarpedPage, cells: Sequence[Cell]) -> Iterator[BBox]:
    """Each cell without its ruling lines, in whole pixels of the flat page."""
    inset = INSET_MM * dewarped.warp.px_per_mm
    for box in dewarped.boxes([cell.polygon for cell in cells]):
        left, top = max(0, int(box.left + inset)), max(0, int(box.top + inset))
        yield BBox(left, top, max(left, int(box.right - inset) + 1), max(top, int(box.bottom - inset) + 1))


def paper_grain(smooth: Image) -> float:
    """Standard deviation of bare paper, at least 1; paper brighter than its mean is clipped, so half of it is seen."""
    return max(1.0, quantile(smooth[::3, ::3], 0.75) / 0.674)


def _moved(box: BBox, right: float, down: float) -> BBox:
    return BBox(box.left + right, box.top + down, box.right + right, box.bottom + down)


def cut_cell_line(dewarped: DewarpedPage, paper: Image, line: InkLine, height: int, padding: Padding = USUAL) -> Image:
    """A line as the recogniser wants it, its specks painted over.

    Args:
        dewarped: the page on which the line was found.
        paper: (height, width) gray of the upright page, 255 where there is no ink; or (height, width, 3), of which the
            brightest channel is taken, in which a seal is palest.
        line: its ink on the flat page.
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


def _scan_quads(dewarped: DewarpedPage, lines: Sequence[CellLine]) -> list[Polygon]:
    """Where the lines' boxes, whose edges are between pixels, lie on the scan."""
    boxes = np.array([line.ink.box for line in lines], np.float64).reshape(-1, 4) - 0.5
    corners = dewarped.warp.to_scan(boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)).reshape(-1, 4, 2)
    return [polygon(quad) for quad in corners]


def _text_line(reading: CheckedReading, quad: Polygon, grid: Grid, cell: Cell) -> TextLine:
    return TextLine(reading.text, reading.confidence, quad, LineKind.CELL, grid.table_index, cell.row, cell.col)


def _cell_reading(cell: Cell, lines: Sequence[_ReadLine], under_seal: bool) -> CellReading:
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
