"""Grids that are not quite sure -> the same grids, surer or less sure, cross-checked with img2table's cells.

img2table finds cells in its own way, from line segments; on the dewarped page, where our map has made the lines
straight, it is right wherever it finds the table at all. On faded pages it finds little, and its silence means nothing:
below a share of the table that it must have found, it abstains.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
from img2table.document import Image as TableImage
from img2table.tables.extraction import ExtractedTable

from pipeline.dewarp import DewarpedPage
from pipeline.elements import BBox, Grid
from pipeline.grid.tiling import Span
from pipeline.imaging import as_image, bounding_box, overlap

logger = logging.getLogger(__name__)

ASK_BELOW = 0.97
"""Grids at least this sure were right on every page tried: nothing is gained by asking."""
MARGIN_MM = 4.0
"""img2table is shown the table with this much paper around it."""
MIN_COVERAGE = 0.9
"""img2table has found the table if the intersection over union of the two boxes is at least this; else it abstains."""
PAPER_LEVEL = 12
"""Darkness up to this is left out, as img2table takes grain for ink."""
DOUBT_LEFT = 0.15
"""This share of the doubt is left when a second, independent method finds the same cells."""
DISPUTED = 0.6
"""A grid whose cells are disputed is at most this sure."""
MAX_NAMED = 6
"""A dispute names at most so many cells."""


class CrossCheck(NamedTuple):
    """A grid with its confidence reconsidered; `disputed` names the cells on which the methods differ."""

    grid: Grid
    disputed: tuple[Span, ...]


def cross_check(dewarped: DewarpedPage, grids: Sequence[Grid]) -> tuple[CrossCheck, ...]:
    """Cross-check each grid that is not sure by itself.

    Args:
        dewarped: the page on which the grids were found.
        grids: of the page.
    """
    return tuple(
        _cross_checked(dewarped, grid) if grid.confidence < ASK_BELOW else CrossCheck(grid, ()) for grid in grids
    )


def compare(own: frozenset[Span], other: frozenset[Span] | None, confidence: float) -> tuple[float, tuple[Span, ...]]:
    """The confidence in our cells after hearing the other method's, and the cells in dispute.

    Args:
        own: our cells.
        other: the other method's; None where it abstains.
        confidence: 0-1, before.

    Example:
        >>> compare(frozenset({Span(0, 0, 1, 1)}), frozenset({Span(0, 0, 1, 1)}), 0.8)
        (0.97, ())
    """
    if other is None:
        return confidence, ()
    if own == other:
        return round(1 - (1 - confidence) * DOUBT_LEFT, 4), ()
    return min(confidence, DISPUTED), tuple(sorted(own ^ other)[:MAX_NAMED])


def _cross_checked(dewarped: DewarpedPage, grid: Grid) -> CrossCheck:
    own = frozenset(Span(c.row, c.col, c.row_span, c.col_span) for c in grid.cells)
    confidence, disputed = compare(own, _other_cells(dewarped, grid), grid.confidence)
    return CrossCheck(grid, disputed)


def _other_cells(dewarped: DewarpedPage, grid: Grid) -> frozenset[Span] | None:
    """The cells that img2table finds in the table's place, or None where it does not find the table."""
    box = bounding_box(dewarped.warp.to_page([corner for cell in grid.cells for corner in cell.polygon]))
    margin = MARGIN_MM * dewarped.warp.px_per_mm
    left, top = max(0, int(box.left - margin)), max(0, int(box.top - margin))
    darkness = dewarped.darkness[top : int(box.bottom + margin), left : int(box.right + margin)]
    _, ink = cv2.threshold(darkness, PAPER_LEVEL, 0, cv2.THRESH_TOZERO)
    _, encoded = cv2.imencode(".bmp", as_image(cv2.bitwise_not(ink)))
    wanted = BBox(box.left - left, box.top - top, box.right - left, box.bottom - top)
    try:
        tables = TableImage(src=encoded.tobytes(), detect_rotation=False).extract_tables()
    except Exception as error:  # noqa: BLE001 - it raises anything on odd ruling; a cross-check that fails is none
        logger.warning("no cross-check: %s", error)
        return None
    found = [t for t in tables if overlap(wanted, BBox(t.bbox.x1, t.bbox.y1, t.bbox.x2, t.bbox.y2)) >= MIN_COVERAGE]
    return _spans(found[0]) if len(found) == 1 else None


def _spans(table: ExtractedTable) -> frozenset[Span]:
    """Cells of an extracted table: slots with the same box are one cell."""
    slots: dict[tuple[int, int, int, int], list[tuple[int, int]]] = {}
    for row, cells in enumerate(table.content.values()):
        for col, cell in enumerate(cells):
            slots.setdefault((cell.bbox.x1, cell.bbox.y1, cell.bbox.x2, cell.bbox.y2), []).append((row, col))
    return frozenset(Span.around(places) for places in slots.values())
