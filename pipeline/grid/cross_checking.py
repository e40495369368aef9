"""Grids with cells in doubt -> the same grids, with cells that img2table finds as well surer, and others less sure.

img2table finds cells in its own way, from line segments, on the dewarped page, where our map has made the lines
straight. It is shown the table with all that stands near it, so that it may see what was missed beyond the border; it
cannot tell that nothing was. On faded pages it finds little, and its silence means nothing: below a share of the table
that it must have found, it abstains.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from img2table.document import Image as TableImage
from numpy.typing import NDArray

from pipeline.dewarp import DewarpedPage
from pipeline.elements import Grid
from pipeline.grid.tiling import Span
from pipeline.imaging import as_image

logger = logging.getLogger(__name__)

Boxes = NDArray[np.float64]
"""(n, 4): left, top, right and bottom of each."""

ASK_BELOW = 0.9
"""Grids at least this sure go without: a person is not sent to them anyway."""
MARGIN_MM = 15.0
"""img2table is shown the table with so much around it: two rows or a column of most tables."""
MIN_COVERAGE = 0.9
"""img2table has found the table if its cells cover this share of it; else it abstains."""
SAME_CELL = 0.7
"""Two cells are the same if their intersection is this share of their union: walls are a few pixels thick."""
BEYOND = 0.5
"""A cell lies beyond our border if less than this share of it lies inside."""
PAPER_LEVEL = 12
"""Darkness up to this is left out, as img2table takes grain for ink."""
DOUBT_LEFT = 0.3
"""This share of the doubt is left when a second, independent method finds the same cell: of 88 cells in doubt that it
found as well 82 were right, the others beside a streak."""
DISPUTED = 0.8
"""A cell in doubt that the second method does not find is at most this sure: of 34 such cells 28 were right."""


class CrossCheck(NamedTuple):
    """A grid with the confidence of its cells reconsidered; `disputed` are those in doubt that img2table has not."""

    grid: Grid
    disputed: tuple[Span, ...]


def cross_check(dewarped: DewarpedPage, grids: Sequence[Grid]) -> tuple[CrossCheck, ...]:
    """Cross-check each grid that is not sure by itself, unless it is its border that is in doubt.

    Args:
        dewarped: the page on which the grids were found.
        grids: of the page.
    """
    return tuple(
        _cross_checked(dewarped, grid)
        if grid.confidence < ASK_BELOW and not grid.border_doubted
        else CrossCheck(grid, ())
        for grid in grids
    )


def reconsider(grid: Grid, own: Boxes, tables: Sequence[Boxes]) -> CrossCheck:
    """A grid after hearing which cells the other method has in its place, and beside it.

    Cells that are sure stay as they are. Where the other method's table goes on beyond the border, none becomes surer.

    Args:
        grid: whose cells have a confidence each.
        own: of the grid's cells.
        tables: of the cells of each table that the other method finds.
    """
    bounds = np.array([*own[:, :2].min(axis=0), *own[:, 2:].max(axis=0)])
    met = [cells for cells in tables if _inside(cells, bounds).any()]
    other = np.concatenate(met) if met else np.empty((0, 4))
    inside = _inside(other, bounds)
    if inside.sum() < MIN_COVERAGE * _areas(bounds[None])[0]:
        return CrossCheck(grid, ())
    found = _likeness(own, other).max(axis=1) >= SAME_CELL
    beyond = bool(np.any(inside < BEYOND * _areas(other)))
    cells, disputed = [], []
    for cell, is_found in zip(grid.cells, found.tolist(), strict=True):
        confidence = cell.confidence
        if confidence < ASK_BELOW and is_found and not beyond:
            confidence = round(1 - (1 - confidence) * DOUBT_LEFT, 4)
        elif confidence < ASK_BELOW and not is_found:
            confidence = min(confidence, DISPUTED)
            disputed.append(Span(cell.row, cell.col, cell.row_span, cell.col_span))
        cells.append(replace(cell, confidence=confidence))
    return CrossCheck(replace(grid, cells=tuple(cells)), tuple(disputed))


def _cross_checked(dewarped: DewarpedPage, grid: Grid) -> CrossCheck:
    own = np.array([tuple(box) for box in dewarped.boxes([cell.polygon for cell in grid.cells])])
    return reconsider(grid, own, _other_tables(dewarped, own))


def _other_tables(dewarped: DewarpedPage, own: Boxes) -> list[Boxes]:
    """The cells of each table that img2table finds in the table's place and around it."""
    margin = MARGIN_MM * dewarped.warp.px_per_mm
    left, top = (max(0, int(least - margin)) for least in own[:, :2].min(axis=0))
    right, bottom = (int(most + margin) for most in own[:, 2:].max(axis=0))
    _, ink = cv2.threshold(dewarped.ruling[top:bottom, left:right], PAPER_LEVEL, 0, cv2.THRESH_TOZERO)
    _, encoded = cv2.imencode(".bmp", as_image(cv2.bitwise_not(ink)))
    try:
        tables = TableImage(src=encoded.tobytes(), detect_rotation=False).extract_tables()
    except Exception as error:  # noqa: BLE001 - it raises anything on odd ruling; a cross-check that fails is none
        logger.warning("no cross-check: %s", error)
        return []
    boxes = [
        sorted({(c.bbox.x1, c.bbox.y1, c.bbox.x2, c.bbox.y2) for cells in table.content.values() for c in cells})
        for table in tables
    ]
    place = np.array([left, top, left, top], np.float64)
    return [np.array(table) + place for table in boxes if table]


def _inside(boxes: Boxes, bounds: Boxes) -> Boxes:
    """(n,) areas of what lies of each box inside the bounds."""
    return _areas(np.hstack([np.maximum(boxes[:, :2], bounds[:2]), np.minimum(boxes[:, 2:], bounds[2:])]))


def _areas(boxes: Boxes) -> Boxes:
    areas: Boxes = (boxes[:, 2:] - boxes[:, :2]).clip(0).prod(axis=1)
    return areas


def _likeness(own: Boxes, other: Boxes) -> Boxes:
    """(own, other) intersections over unions."""
    begin = np.maximum(own[:, None, :2], other[None, :, :2])
    end = np.minimum(own[:, None, 2:], other[None, :, 2:])
    shared = (end - begin).clip(0).prod(axis=2)
    likeness: Boxes = shared / (_areas(own)[:, None] + _areas(other)[None] - shared)
    return likeness
