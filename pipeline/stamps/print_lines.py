"""Lines that were read for sure -> masks of ink without them: a letter's text is no stamp."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, LineKind, Polygon, TableReading, TextLine, Upright
from pipeline.imaging import apply_homography, invert

SURE = 0.9
"""Lines read at least so surely are print; what stands in a stamp is curved, worn or crossed, and seldom read so."""
MIN_INKED = 0.2
"""A line is printed in a colour if this share of its place is; of a black line that crosses a rim a tenth may be."""

Quads = Sequence[NDArray[np.int32]]


def sure_lines(lines: Sequence[TextLine], tables: Sequence[TableReading]) -> list[TextLine]:
    """The lines of a page, those of its tables' cells among them, that are print for sure."""
    inside = (line for table in tables for cell in table.cells for line in cell.lines)
    kinds = {LineKind.SEAL, LineKind.SIGNATURE}
    return [
        line
        for line in (*lines, *inside)
        if line.kind not in kinds and line.confidence is not None and line.confidence >= SURE
    ]


def small_quads(upright: Upright, polygons: Sequence[Polygon], step: int) -> list[NDArray[np.int32]]:
    """Polygons in scan pixels on an image so many times smaller than the upright page: (n, 2) each."""
    if not polygons:
        return []
    corners = np.array([point for polygon in polygons for point in polygon])
    placed = np.rint(apply_homography(invert(upright.to_scan), corners) / step).astype(np.int32)
    return np.split(placed, np.cumsum([len(polygon) for polygon in polygons])[:-1])


def without_lines(mask: Image, quads: Quads) -> Image:
    """A mask or darkness (height, width) with nothing where lines stand."""
    left = mask.copy()
    for quad in quads:
        cv2.fillPoly(left, [quad], (0,))
    return left


def lines_in(mask: Image, quads: Quads) -> list[NDArray[np.int32]]:
    """Those lines that are printed in the ink of a mask, and not only crossed by it."""
    found = []
    for quad in quads:
        left, top, width, height = cv2.boundingRect(quad)
        part = mask[max(0, top) : top + height, max(0, left) : left + width]
        if part.size and np.count_nonzero(part) >= MIN_INKED * part.size:
            found.append(quad)
    return found
