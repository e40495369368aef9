"""An upright page, dewarped, and its grids -> its layout: the text lines of every cell, found and not yet read.

The grid says where text can be, so no detector is needed inside it. Lines are found on the dewarped page, where they
are straight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2

from pipeline.dewarp import DewarpedPage
from pipeline.elements import BBox, Cell, Grid, Image, Upright
from pipeline.imaging import as_image, quantile
from pipeline.layout.cell_contrast import CellContrast, measure_contrast
from pipeline.layout.coloured_print import restore_print
from pipeline.layout.end_marks import Dust, printed_marks
from pipeline.layout.text_lines import InkLine, find_text_lines, measure_text_height

INSET_MM = 0.5
"""From the middle of a ruling line to the cell's inside it is this far: half of a thick line, and its blur."""

NOISE_TIMES = 2.0
"""Grain is at most so many times the noise of near pixels: 1.9 times on drawn and real pages that are mostly paper."""
LEAST_DOUBTED = 3.0
"""Grain up to this is believed: nothing that could be ink is that pale."""


class CellLine(NamedTuple):
    """A text line before it is read: its cell, by its place among those of all grids, and its ink when dewarped.

    `origin` is where the cell's inside begins on the dewarped page, in whole pixels across and down.
    """

    cell: int
    ink: InkLine
    origin: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class PageLayout:
    """What reading starts from: the page upright and dewarped, its grids, and the text lines of its cells.

    `smooth` (height, width) is the dewarped page's darkness in which lines are found: single pixels of grain gone,
    strokes joined; `grain` is the standard deviation of its bare paper. `text_height` is the usual one of the page's
    print, in its pixels. `lines` stand cell by cell, grid by grid, from top to bottom.
    `contrast` shows where the scan is not flat in the cells.
    """

    upright: Upright
    dewarped: DewarpedPage
    grids: tuple[Grid, ...]
    smooth: Image
    lines: tuple[CellLine, ...]
    grain: float
    text_height: float
    contrast: CellContrast

    def with_grids(self, grids: Sequence[Grid]) -> PageLayout:
        """The same layout with other confidences of its grids.

        Raises:
            ValueError: when the grids have other cells, so that the lines would stand in the wrong ones.
        """
        if [grid.cells for grid in grids] != [grid.cells for grid in self.grids]:
            raise ValueError(
                f"{len(grids)} grids do not have the cells of the {len(self.grids)} whose lines were found"
            )
        return replace(self, grids=tuple(grids))


def analyse_layout(upright: Upright, dewarped: DewarpedPage, grids: Sequence[Grid]) -> PageLayout:
    """Find the text lines in the cells of a page.

    Args:
        upright: the page whose pixels are read.
        dewarped: the same page dewarped, on which lines are found.
        grids: of the page.
    """
    cells = [cell for grid in grids for cell in grid.cells]
    boxes = dewarped.boxes([cell.polygon for cell in cells])
    contrast = measure_contrast(upright, dewarped, boxes)
    upright, dewarped = restore_print(upright, dewarped, boxes, contrast)
    smooth = as_image(cv2.GaussianBlur(dewarped.darkness, (3, 3), 0))
    grain = paper_grain(smooth, upright.ink.noise)
    text_height = measure_text_height(smooth, grain, dewarped.warp.px_per_mm)
    lines = tuple(_find_lines(dewarped, smooth, cells, (grain, text_height)))
    return PageLayout(upright, dewarped, tuple(grids), smooth, lines, grain, text_height, contrast)


def cell_insides(dewarped: DewarpedPage, cells: Sequence[Cell]) -> Iterator[BBox]:
    """Each cell without its ruling lines, in whole pixels of the dewarped page."""
    inset = INSET_MM * dewarped.warp.px_per_mm
    for box in dewarped.boxes([cell.polygon for cell in cells]):
        left, top = max(0, int(box.left + inset)), max(0, int(box.top + inset))
        yield BBox(left, top, max(left, int(box.right - inset) + 1), max(top, int(box.bottom - inset) + 1))


def paper_grain(smooth: Image, noise: float) -> float:
    """Standard deviation of bare paper, at least 1; paper brighter than its mean is clipped, so half of it is seen.

    Args:
        smooth: darkness (height, width) of a page; a quarter of it may be ink.
        noise: of the scan's paper, from differences of near pixels: where more than a quarter of the page is print and
            fills, the darkness alone would take these for grain.
    """
    return max(1.0, min(quantile(smooth[::3, ::3], 0.75) / 0.674, max(LEAST_DOUBTED, NOISE_TIMES * noise)))


def _find_lines(
    dewarped: DewarpedPage, smooth: Image, cells: Sequence[Cell], grain_and_height: tuple[float, float]
) -> list[CellLine]:
    (noise, text_height), px_per_mm = grain_and_height, dewarped.warp.px_per_mm
    lines: list[CellLine] = []
    dots, area = 0, 0.0
    for index, box in enumerate(cell_insides(dewarped, cells)):
        left, top = int(box.left), int(box.top)
        inside = smooth[top : int(box.bottom), left : int(box.right)]
        ink = find_text_lines(inside, noise, text_height, px_per_mm)
        lines += [CellLine(index, line.moved(left, top), (left, top)) for line in ink.lines]
        if ink.lines:
            dots, area = dots + ink.loose, area + box.area / text_height**2
    printed = printed_marks([mark for line in lines for mark in line.ink.marks], Dust(dots, area))
    return [line._replace(ink=line.ink.with_marks(printed)) if line.ink.marks else line for line in lines]
