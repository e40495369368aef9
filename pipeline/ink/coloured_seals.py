"""Mask of coloured ink -> outlines of seals, told by their shape.

Red ink on an office's page is a seal's; blue and purple ink may as well be a pen's or the printer's. What tells a seal
from those is its rim: a ring, an oval or a box of a few centimetres, inked nearly all the way round, with paper beyond.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.ink.rim_fitting import (
    BEYOND,
    WITHIN,
    best_box,
    best_oval,
    best_ring,
    evenly,
    inked_shares,
    scaled,
    thickened,
)

SIZE_SHARE = (0.04, 0.25)
"""The diameter of a seal in shares of the page's long side: 12-75 mm of A4, as seals have."""
GAP_SHARE = 0.01
"""Ink nearer than this share of the long side, 3 mm of A4, is one patch, as text that crosses a rim breaks it."""
PART_GAP_SHARE = 0.003
"""Of a patch too large to be a seal, ink nearer than this share of the long side, 1 mm of A4, is one part: a seal may
stand close to a table."""
MIN_OUTLINE = 0.85
"""At least this share of an oval's or a box's outline is inked: rows of print, as if they were a box's sides, reach
0.8."""
MIN_RIM = 0.65
"""At least this share of a ring is inked: the densest handwriting reaches half."""
MIN_DROP = 0.5
"""Just beyond a rim this much less is inked than on it: around a ring laid through text, as much is inked as on it."""
MIN_HOLLOW = 0.3
"""Inside any rim this much less is inked than on it: the strokes of a large O or 口 are thicker for its size than a
rim."""
MAX_ASPECT = 2.5
"""Ovals and boxes are at most so many times as long as wide."""
MAX_CROWD = 1.5
"""Ovals and boxes are looked for in patches up to so many times as large as a seal: each cell of a table is a box."""
RIM_MARGIN = 1.08
"""Ink beyond a rim's middle, up to this multiple of its radius, is still the seal's."""
MIN_PIXELS = 60
"""Patches of fewer pixels are not looked at."""
MAX_PATCHES = 30
"""So many patches, or parts of one, are looked at, the largest first: pages have a few, coloured noise has hundreds."""
MAX_SEALS = 4
"""No more seals than this are looked for on a page."""

Outline = NDArray[np.int32]
"""(n, 2) points of a closed polygon, x then y."""
Places = NDArray[np.bool_]
"""(height, width) of a mask, true where seals are looked for."""


def find_seals(mask: Image, places: Places | None = None, gap_share: float = GAP_SHARE) -> tuple[Outline, ...]:
    """Outlines of the seals in a mask of ink, a little beyond their rims; at most four.

    Args:
        mask: (height, width) of a whole page, nonzero where there is ink of a colour that seals have; 400-1,300 pixels
            on its long side are enough.
        places: of the same shape; only seals that may reach into these, or around them, are looked for.
        gap_share: ink nearer than this share of the long side is one patch.
    """
    left = mask.copy()
    seals: list[Outline] = []
    while len(seals) < MAX_SEALS and (found := _largest_seal(left, mask, places, gap_share)) is not None:
        seals.append(found)
        cv2.fillPoly(left, [found], (0,))
    return tuple(seals)


def _largest_seal(left: Image, mask: Image, places: Places | None, gap_share: float) -> Outline | None:
    """The seal in the largest patch of the ink left that holds one, or in a part of it; rims are judged by all ink."""
    diameters = _diameters(mask)
    for pixels in _patches(left, places, gap_share):
        outline = _rim(pixels, mask, diameters)
        if outline is None and _is_crowded(pixels, diameters[1]):
            alone = np.zeros_like(mask)
            alone[pixels[:, 1], pixels[:, 0]] = 1
            parts = (_rim(part, mask, diameters) for part in _patches(alone, places, PART_GAP_SHARE))
            outline = next((found for found in parts if found is not None), None)
        if outline is not None:
            return np.asarray(np.rint(scaled(outline, RIM_MARGIN)), np.int32)
    return None


def _diameters(mask: Image) -> tuple[float, float]:
    smallest, largest = (share * max(mask.shape) for share in SIZE_SHARE)
    return smallest, largest


def _is_crowded(pixels: NDArray[np.intp], largest: float) -> bool:
    """Whether a patch is so much larger than a seal that a table may be part of it."""
    return bool(np.ptp(pixels, axis=0).max() > MAX_CROWD * largest)


def _patches(mask: Image, places: Places | None, gap_share: float) -> Iterator[NDArray[np.intp]]:
    """Pixels (n, 2) of the largest patches, largest first, of ink no further apart than a share of the long side."""
    gap = max(3, round(gap_share * max(mask.shape)) | 1)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(joined, 8, cv2.CV_32S, cv2.CCL_GRANA)
    smallest = _diameters(mask)[0]
    large = [i for i in range(1, len(stats)) if min(stats[i, cv2.CC_STAT_WIDTH : cv2.CC_STAT_AREA]) >= smallest]
    if places is not None:
        boxes = {i: stats[i, : cv2.CC_STAT_AREA] for i in large}
        large = [i for i, (x, y, width, height) in boxes.items() if places[y : y + height, x : x + width].any()]
    for patch in sorted(large, key=lambda i: -int(stats[i, cv2.CC_STAT_AREA]))[:MAX_PATCHES]:
        pixels = np.argwhere((labels == patch) & (mask > 0))[:, ::-1]
        if len(pixels) >= MIN_PIXELS:
            yield pixels


def _rim(pixels: NDArray[np.intp], mask: Image, diameters: tuple[float, float]) -> NDArray[np.float64] | None:
    """The rim of a seal in a patch: all its border, or a ring, an oval or a box through it, whatever else it holds."""
    thick = thickened(mask)
    border = _border(pixels, diameters[1])
    if border is not None and _inked(border, thick) >= MIN_OUTLINE and _is_hollow(border, mask, thick):
        return border
    points, crowded = pixels.astype(np.float64), _is_crowded(pixels, diameters[1])
    ring = best_ring(points, mask, diameters)
    if ring is not None and _is_rim(ring, mask, thick, MIN_RIM):
        return ring
    oval = None if crowded else best_oval(points, mask, diameters, MAX_ASPECT)
    if oval is not None and _is_rim(oval, mask, thick, MIN_OUTLINE):
        return oval
    box = None if crowded else best_box(points, mask, diameters, MAX_ASPECT)
    return box if box is not None and _is_rim(box, mask, thick, MIN_OUTLINE) else None


def _border(pixels: NDArray[np.intp], largest: float) -> NDArray[np.float64] | None:
    """The hull of a patch that is no larger than a seal: an oval, a box, or a ring with nothing that sticks out."""
    hull = cv2.convexHull(pixels.astype(np.int32)).reshape(-1, 2)
    _, sides, _ = cv2.minAreaRect(hull)
    if max(sides) > largest or max(sides) > MAX_ASPECT * min(sides):
        return None
    return evenly(hull, round(cv2.arcLength(hull, True)))


def _is_rim(outline: NDArray[np.float64], mask: Image, thick: Image, least: float) -> bool:
    """Whether an outline is inked so far round, with paper beyond it and within."""
    rim = _inked(outline, thick)
    beyond = _inked(scaled(outline, BEYOND), thick)
    return rim >= least and rim - beyond >= MIN_DROP and _is_hollow(outline, mask, thick)


def _is_hollow(outline: NDArray[np.float64], mask: Image, thick: Image) -> bool:
    return _inked(outline, thick) - _inked(scaled(outline, WITHIN), mask) >= MIN_HOLLOW


def _inked(outline: NDArray[np.float64], mask: Image) -> float:
    return float(inked_shares(outline[None], mask)[0])
