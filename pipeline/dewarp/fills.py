"""A page's darkness -> ridges along the edges of dark fills, and along the lines in them.

A heading filled with a dark colour has no rule that is darker than what is on both sides of it. Where it ends its edge
is the cell border, and within it a rule may be lighter than the fill, or a little darker.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, Ink
from pipeline.imaging import as_image, averaged, closed, darker_side, opened

FILL_DARKNESS = 70
"""A fill that could hide rules is at least this dark, of 255; paler ones leave rules darker than themselves."""
SAMPLE_MM = 0.6
"""Whether a page has fills at all is seen on an image of this pixel size."""
STRIP_MM = (4.0, 1.0)
"""Between the edge of a fill and the print in it is a strip at least so long and so wide."""
PRINT_MM = 1.2
"""Print in a fill has strokes narrower than this."""
THICK_MM = 2.2
"""Fills are thicker than this, as no rule is."""
HOLE_MM = 6.0
"""Holes in a fill that are no wider than this one way or the other are its lines of print."""
SOLID_SHARE = 0.3
"""A dark area is a fill if this share of it is strips without print: dense print has hardly any."""
RIM_MM = 0.3
"""The rim of a fill, this wide, is neither paper nor print."""
LEAST_PRINT = 0.15
"""What differs from a fill by less than this share of its darkness is its grain."""
MIN_AREA_MM2 = 60.0
"""A fill is at least this large, as a heading's cell of 6 by 10 mm is; the star in a seal is smaller."""
MARGIN_MM = 6.0
"""Fills are looked for so far around where a small image shows them."""
EDGE_MM = 0.25
"""The edge of a fill is looked for this far from either side of it."""


def find_fills(darkness: Image, px_per_mm: float) -> Image | None:
    """The dark fills of a page, as if nothing were printed in them: each of its usual darkness, 0 elsewhere.

    Args:
        darkness: (height, width), 0 paper to 255 ink.
        px_per_mm: of the image.

    Returns:
        (height, width), or None where there is no fill.
    """
    place = _place(darkness, px_per_mm)
    if place is None:
        return None
    found = _fills(np.ascontiguousarray(darkness[place]), px_per_mm)
    if found is None:
        return None
    fills = np.zeros_like(darkness)
    fills[place] = found
    return fills


def with_print_in_fills(ink: Ink, px_per_mm: float) -> Ink:
    """Ink in which the dark fills are paper, and what is printed in them, light or darker still, is ink.

    Ruling is looked for in the ink as it was, which the result keeps as `with_colours`.

    Args:
        ink: of a page.
        px_per_mm: of the page.
    """
    fills = find_fills(ink.darkness, px_per_mm)
    if fills is None:
        return ink
    side = 2 * max(1, round(RIM_MM * px_per_mm)) + 1
    near = cv2.dilate(fills, np.ones((side, side), np.uint8)) > 0
    printed = np.where(fills > 0, cv2.absdiff(fills, ink.darkness), 0)
    printed[printed < LEAST_PRINT * fills.astype(np.float32)] = 0
    darkness = as_image(np.where(near, printed, ink.darkness).astype(np.uint8))
    return replace(ink, darkness=darkness, with_colours=ink.ruling)


def fill_ridge(darkness: Image, fills: Image, px_per_mm: float, reach: int) -> Image:
    """How far each pixel stands out as part of a horizontal edge of a fill, or of a line in one, lighter or darker.

    Args:
        darkness: (height, width), 0 paper to 255 ink.
        fills: (height, width) of the page.
        px_per_mm: of the images.
        reach: from the middle of a line to what is beside it, in pixels.

    Returns:
        (height, width), in units of darkness.
    """
    light, dark = (as_image(cv2.subtract(*pair)) for pair in ((fills, darkness), (darkness, fills)))
    dark[fills == 0] = 0
    lines = [as_image(cv2.subtract(apart, darker_side(apart, reach))) for apart in (light, dark)]
    step = max(1, round(EDGE_MM * px_per_mm))
    edge = as_image(cv2.blur(cv2.absdiff(_moved(fills, step), _moved(fills, -step)), (1, step | 1)))
    return as_image(cv2.max(cv2.max(*lines), edge))


def _place(darkness: Image, px_per_mm: float) -> tuple[slice, slice] | None:
    """The part of a page where there may be fills, as a small image shows."""
    size = max(1, round(SAMPLE_MM * px_per_mm))
    small = averaged(darkness, size)
    long, wide = (max(1, round(mm * px_per_mm / size)) for mm in STRIP_MM)
    strips = [opened(small, *strip) >= FILL_DARKNESS for strip in ((wide, long), (long, wide))]
    joined = cv2.dilate(as_image(strips[0] | strips[1]), np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    left, top, width, height, area = stats[1:][stats[1:, cv2.CC_STAT_AREA] >= MIN_AREA_MM2 * (px_per_mm / size) ** 2].T
    if not len(area):
        return None
    margin = round(MARGIN_MM * px_per_mm)
    begin = max(0, int(top.min()) * size - margin), max(0, int(left.min()) * size - margin)
    end = int((top + height).max() + 1) * size + margin, int((left + width).max() + 1) * size + margin
    return slice(begin[0], end[0]), slice(begin[1], end[1])


def _fills(darkness: Image, px_per_mm: float) -> Image | None:
    """The fills in a part of a page, as `find_fills` gives them."""
    printed, thick = (max(2, round(mm * px_per_mm)) for mm in (PRINT_MM, THICK_MM))
    whole = closed(darkness, printed, printed)
    body = opened(whole, thick, thick) >= FILL_DARKNESS
    strips = _strips(darkness, px_per_mm) & body
    joined = closed(as_image(strips), printed, printed)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(_without_holes(joined, px_per_mm), connectivity=4)
    owner = labels[strips]
    size = np.bincount(owner, minlength=count)
    area = stats[:, cv2.CC_STAT_AREA]
    solid = (size >= SOLID_SHARE * area) & (area >= MIN_AREA_MM2 * px_per_mm**2)
    solid[0] = False
    if not solid.any():
        return None
    level = np.bincount(owner, whole[strips], minlength=count) / np.maximum(size, 1)
    return as_image(np.where(solid, level, 0).astype(np.uint8)[labels])


def _without_holes(mask: Image, px_per_mm: float) -> Image:
    """A mask (height, width) whose holes are filled if they are no larger than a line of print."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(as_image(mask == 0), connectivity=4)
    left, top, width, height = (stats[:, column] for column in range(4))
    inside = (left > 0) & (top > 0) & (left + width < mask.shape[1]) & (top + height < mask.shape[0])
    hole = inside & (np.minimum(width, height) <= HOLE_MM * px_per_mm) & (np.arange(count) > 0)
    return as_image(np.where(hole[labels], 1, mask).astype(np.uint8))


def _strips(darkness: Image, px_per_mm: float) -> NDArray[np.bool_]:
    """Where a fill has a strip without print, level or upright."""
    long, wide = (max(2, round(mm * px_per_mm)) for mm in STRIP_MM)
    level = opened(darkness, wide, long)
    upright = opened(darkness, long, wide)
    strips: NDArray[np.bool_] = cv2.max(level, upright) >= FILL_DARKNESS
    return strips


def _moved(image: Image, down: int) -> Image:
    """An image moved by some rows; what comes in is as the last row."""
    above, below = max(0, down), max(0, -down)
    moved = cv2.copyMakeBorder(image, above, below, 0, 0, cv2.BORDER_REPLICATE)
    return as_image(moved[below : below + len(image)])
