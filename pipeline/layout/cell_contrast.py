"""A page and its cells -> where the scan, in colour, is not flat inside them, whatever was made of its darkness.

Bare paper, and a fill of any colour, is flat: near pixels of it are alike. Whatever is printed on it is not, be it
darker, lighter, or of another colour. So this needs no estimate of the paper's brightness, of ink, or of seals, and
errs where none of these does.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp import DewarpedPage
from pipeline.elements import BBox, Image, Upright
from pipeline.imaging import UINT8_MAX, as_image, averaged_page

PX_PER_MM = 4.0
"""The scan is looked at with about so many pixels to a millimetre: a stroke of small print is 0.2 mm thick, nearly a
pixel, and averaging halves the grain of a scan at 200 dpi."""
INSET_MM = 0.8
"""From the middle of a ruling line to where its blur, and what a bend is off, has surely ended."""
NOISE_TIMES = 2.5
"""Near pixels differ by so many times what is usual in their cell only where there is more than grain."""
LEAST_EDGE = 8
"""And by so much, of 255, on paper without any grain: less is left of a JPEG's blocks."""
LEVELS = 256
"""A uint8 image has so many levels."""
SAMPLE_STEP = 3
"""For what is usual in a cell every so many rows and columns suffice: some 80 pixels of a cell of 6 by 6 mm."""
SIDE_POINTS = 8
"""Each side of a cell is followed in so many points, as it may be bent on the scan."""


class CellContrast(NamedTuple):
    """How far near pixels of the scan differ, and whose cell they are in: (height, width) of a smaller upright image.

    `small` (height, width, 3) is that image, of which `step` upright pixels are one, across and down; it has
    `px_per_mm`. `edges` is 0-255: the most that a colour
    channel differs within a pixel on all sides. `cells` is 0 outside of cells and on their ruling, else 1 + the cell's
    index, the label. By label, `areas` are in pixels, and `grain` is what is usual in the cell, 0-255. `uneven` is not
    0 where a cell is not flat. `corners` (n, points, 2) are the outlines of the cells' insides.
    """

    small: Image
    step: int
    px_per_mm: float
    edges: Image
    cells: NDArray[np.int32]
    areas: NDArray[np.intp]
    grain: NDArray[np.intp]
    uneven: Image
    corners: NDArray[np.int32]

    def place(self, label: int) -> tuple[slice, slice]:
        """The rows and columns around a cell."""
        (left, top), (right, bottom) = self.corners[label - 1].min(axis=0), self.corners[label - 1].max(axis=0)
        return slice(max(0, int(top)), max(0, int(bottom) + 1)), slice(max(0, int(left)), max(0, int(right) + 1))

    def box(self, label: int) -> BBox:
        """The box of a cell from the middles of its rules, in pixels of the upright page."""
        rows, columns = self.place(label)
        sides = (side * self.step for side in (columns.start, rows.start, columns.stop, rows.stop))
        left, top, right, bottom = sides
        inset = INSET_MM * self.px_per_mm * self.step
        return BBox(left - inset, top - inset, right + inset, bottom + inset)


def measure_contrast(upright: Upright, dewarped: DewarpedPage, boxes: Sequence[BBox]) -> CellContrast:
    """Look at the scan in colour for what is not flat in the cells.

    Args:
        upright: the page.
        dewarped: the same page, dewarped.
        boxes: of all cells on the dewarped page, from the middle of a ruling line to that of the next.
    """
    px_per_mm = dewarped.warp.px_per_mm  # the upright page's too, by its own rules: what it states may be wrong
    step = max(1, round(px_per_mm / PX_PER_MM))
    small = averaged_page(upright, step)
    edges = edges_of(small)
    cells = np.zeros(edges.shape, np.int32)
    corners = _outlines(dewarped, boxes, INSET_MM, step)
    for index, polygon in enumerate(corners):
        cv2.fillPoly(cells, [polygon], (index + 1,))
    areas, grain = cell_medians(edges, cells, len(boxes))
    floor = np.full(edges.shape, UINT8_MAX, np.uint8)
    for polygon, level in zip(corners, np.clip(NOISE_TIMES * grain[1:], LEAST_EDGE, UINT8_MAX).tolist(), strict=True):
        cv2.fillPoly(floor, [polygon], (level,))
    uneven = as_image(cv2.compare(edges, floor, cv2.CMP_GT))
    return CellContrast(small, step, px_per_mm / step, edges, cells, areas, grain, uneven, corners)


def edges_of(image: Image) -> Image:
    """The most, 0-255, that any channel of an image differs within a pixel on all sides."""
    around = np.ones((3, 3), np.uint8)
    spread = as_image(cv2.subtract(cv2.dilate(image, around), cv2.erode(image, around)))
    if spread.ndim == 2:
        return spread
    channels = (cv2.extractChannel(spread, channel) for channel in range(spread.shape[2]))
    return as_image(functools.reduce(cv2.max, channels))


def cell_medians(image: Image, cells: NDArray[np.int32], count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """How many pixels each label has, and the median level of an image (height, width) in it; both (count + 1,)."""
    labels, levels = (part[::SAMPLE_STEP, ::SAMPLE_STEP].ravel() for part in (cells, image))
    histogram = np.bincount(labels * LEVELS + levels, minlength=LEVELS * (count + 1)).reshape(-1, LEVELS)
    at_most = histogram.cumsum(axis=1)
    return SAMPLE_STEP**2 * at_most[:, -1], np.asarray((2 * at_most < at_most[:, -1:]).sum(axis=1), np.intp)


def outline(dewarped: DewarpedPage, box: BBox, inset_mm: float) -> NDArray[np.int32]:
    """The inside of a box of the dewarped page as a polygon (points, 2) of the upright image."""
    return np.asarray(_outlines(dewarped, [box], inset_mm, 1)[0], np.int32)


def _outlines(dewarped: DewarpedPage, boxes: Sequence[BBox], inset_mm: float, step: int) -> NDArray[np.int32]:
    """The insides of boxes of the dewarped page as polygons (n, points, 2) of a smaller upright image."""
    inset = inset_mm * dewarped.warp.px_per_mm
    sides = np.asarray(boxes, np.float64).reshape(-1, 1, 4)
    begin, size = sides[..., :2] + inset, np.maximum(sides[..., 2:] - sides[..., :2] - 2 * inset, 0)
    along, zeros = np.arange(SIDE_POINTS) / SIDE_POINTS, np.zeros(SIDE_POINTS)
    across = np.concatenate([along, zeros + 1, 1 - along, zeros])
    down = np.concatenate([zeros, along, zeros + 1, 1 - along])
    points = begin + size * np.column_stack([across, down])
    places = (dewarped.warp.to_upright(points.reshape(-1, 2)) + 0.5) / step - 0.5
    return np.rint(places).astype(np.int32).reshape(len(boxes), 4 * SIDE_POINTS, 2)
