"""Dewarped page, grid -> where a cell border was taken to be although nothing is drawn: worn, faded or covered ruling.

A cell border is accepted for all of its length at once. Which part of it is ink, and which part was bridged, is found
here again from the dewarped page, for pictures that show it.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp import DewarpedPage, find_fills, ridges_of
from pipeline.elements import Axis, Grid

MIN_GAP_MM = 1.5
"""Shorter gaps are paper showing through toner."""
SMOOTH_MM = 0.6
"""Contrast is averaged over this length, as where cell borders are judged."""
INKED = 0.4
"""From this clipped contrast, 0-1, on a stretch is inked, as where cell borders are judged."""
WANDER_MM = 0.4
"""Ink lies no further than this from its border's place: so much is left of bends."""
CLEAR_MM = 0.5
"""The crossing line itself inks so much of a border at either end."""


class Segment(NamedTuple):
    """A straight piece of ruling on the dewarped page, in pixels: its place across its direction, its two ends."""

    axis: Axis
    place: float
    begin: float
    end: float

    @property
    def ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Both end points, x then y."""
        if self.axis is Axis.HORIZONTAL:
            return (self.begin, self.place), (self.end, self.place)
        return (self.place, self.begin), (self.place, self.end)


def cell_borders_of(dewarped: DewarpedPage, grid: Grid) -> list[Segment]:
    """The sides of a grid's cells on the dewarped page; one that two cells share is there once where it is the same."""
    cell_borders: set[Segment] = set()
    for cell in grid.cells:
        (left, top), (right, bottom) = dewarped.warp.to_page([cell.polygon[0], cell.polygon[2]]).round(1).tolist()
        cell_borders |= {Segment(Axis.HORIZONTAL, y, left, right) for y in (top, bottom)}
        cell_borders |= {Segment(Axis.VERTICAL, x, top, bottom) for x in (left, right)}
    return sorted(cell_borders)


def find_gaps(dewarped: DewarpedPage, grid: Grid) -> tuple[Segment, ...]:
    """The pieces of a grid's cell borders, 1.5 mm long or more, that hold no ink."""
    px_per_mm = dewarped.warp.px_per_mm
    smooth = (max(3, round(SMOOTH_MM * px_per_mm) | 1), 1)
    ridges = ridges_of(dewarped.ruling, px_per_mm, find_fills(dewarped.ruling, px_per_mm))
    inked = {
        axis: cv2.blur(ridge, smooth) > INKED * 255
        for axis, ridge in zip((Axis.HORIZONTAL, Axis.VERTICAL), ridges, strict=True)
    }
    return tuple(
        gap
        for cell_border in cell_borders_of(dewarped, grid)
        for gap in _gaps(cell_border, inked[cell_border.axis], px_per_mm)
    )


def _gaps(cell_border: Segment, inked: NDArray[np.bool_], px_per_mm: float) -> list[Segment]:
    """Gaps of one cell border; `inked` is of the axis's own direction, along the columns."""
    wander, clear = max(1, round(WANDER_MM * px_per_mm)), CLEAR_MM * px_per_mm
    top, left = max(0, round(cell_border.place) - wander), max(0, round(cell_border.begin + clear))
    strip = inked[top : round(cell_border.place) + wander + 1, left : max(left, round(cell_border.end - clear))]
    if not strip.size:
        return []
    empty = np.concatenate([[False], ~strip.any(axis=0), [False]])
    edges = np.flatnonzero(empty[1:] != empty[:-1]) + left
    pieces = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [cell_border._replace(begin=float(b), end=float(e)) for b, e in pieces if e - b >= MIN_GAP_MM * px_per_mm]
