"""Mask of coloured ink -> outlines of seals, told by their shape.

Red ink on an office's page is a seal's; blue and purple ink may as well be a pen's or the printer's. What tells a seal
from those is its rim: a ring, an oval or a box of a few centimetres, inked nearly all the way round, with paper beyond.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image

SIZE_SHARE = (0.05, 0.25)
"""Diameter of a seal in shares of the page's long side: 15-75 mm of A4, as seals have."""
GAP_SHARE = 0.01
"""Ink nearer than this share of the long side, 3 mm of A4, is one patch: text that crosses a rim breaks it."""
TRIALS = 500
"""Circles tried through three pixels of a patch: a third of a seal's ink is its rim, so some twenty of them hit it."""
ANGLES = 90
"""Directions in which a ring is looked at."""
MIN_RIM = 0.65
"""Share of a ring's directions that is inked; the densest handwriting reaches half."""
FIT_REACHES = (0.15, 0.1, 0.06)
"""Pixels this near to a ring, in shares of its radius, are its rim: a ring through three pixels is about right."""
BEYOND = 1.15
"""Just beyond a rim, at this multiple of its radius, is paper ..."""
MIN_DROP = 0.5
"""... so that this much less is inked there: around a ring laid through text, as much is inked as on it."""
MIN_OUTLINE = 0.85
"""Share of an oval's or a box's outline that is inked; that of a block of text is half."""
WITHIN = 0.82
"""Inside the rim, at this share of its radius, is paper and some text of the seal's ..."""
MIN_HOLLOW = 0.3
"""... so that this much less is inked there: the strokes of a large O or 口 are thicker for its size than a rim."""
MAX_ASPECT = 2.5
RIM_MARGIN = 1.08
"""Ink beyond a rim's middle, up to this multiple of its radius, is still the seal's."""
MIN_PIXELS = 60
MAX_SEALS = 4

Outline = NDArray[np.int32]
"""(n, 2) points of a closed polygon, x then y."""


class _Ring(NamedTuple):
    x: float
    y: float
    radius: float

    def outline(self) -> NDArray[np.float64]:
        """(ANGLES, 2) points."""
        turn = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
        return np.column_stack([self.x + self.radius * np.cos(turn), self.y + self.radius * np.sin(turn)])


def find_seals(mask: Image) -> tuple[Outline, ...]:
    """Outlines of the seals in a mask of coloured ink, a little beyond their rims; at most four.

    Args:
        mask: (height, width) of a whole page, nonzero where there is ink of a colour that seals have; 400-1,300 pixels
            on its long side are enough.
    """
    left = mask.copy()
    seals: list[Outline] = []
    while len(seals) < MAX_SEALS and (found := _largest_seal(left)) is not None:
        seals.append(found)
        cv2.fillPoly(left, [found], (0,))
    return tuple(seals)


def _largest_seal(mask: Image) -> Outline | None:
    smallest, largest = (share * max(mask.shape) for share in SIZE_SHARE)
    gap = max(3, round(GAP_SHARE * max(mask.shape)) | 1)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    patches = [i for i in range(1, len(stats)) if min(stats[i, cv2.CC_STAT_WIDTH : cv2.CC_STAT_AREA]) >= smallest]
    for patch in sorted(patches, key=lambda i: -int(stats[i, cv2.CC_STAT_AREA])):
        pixels = np.argwhere((labels == patch) & (mask > 0))[:, ::-1]
        outline = _outlined(pixels, mask, largest) if len(pixels) >= MIN_PIXELS else None
        if outline is None and len(pixels) >= MIN_PIXELS:
            outline = _ringed(pixels, mask, (smallest / 2, largest / 2))
        if outline is not None and _inked(outline, _thick(mask)) - _inked(_scaled(outline, WITHIN), mask) >= MIN_HOLLOW:
            return np.asarray(np.rint(_scaled(outline, RIM_MARGIN)), np.int32)
    return None


def _outlined(pixels: NDArray[np.intp], mask: Image, largest: float) -> NDArray[np.float64] | None:
    """The hull of a patch that is inked all along it: an oval, a box, or a ring with nothing that sticks out."""
    hull = cv2.convexHull(pixels.astype(np.int32)).reshape(-1, 2)
    _, sides, _ = cv2.minAreaRect(hull)
    if max(sides) > largest or max(sides) > MAX_ASPECT * min(sides):
        return None
    closed = np.vstack([hull, hull[:1]]).astype(np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    places = np.arange(0, along[-1], 1.0)
    outline = np.column_stack([np.interp(places, along, closed[:, k]) for k in (0, 1)])
    return outline if _inked(outline, _thick(mask)) >= MIN_OUTLINE else None


def _ringed(pixels: NDArray[np.intp], mask: Image, radii: tuple[float, float]) -> NDArray[np.float64] | None:
    """The ring through a patch that is inked most of the way round, whatever else the patch holds."""
    rng = np.random.default_rng(len(pixels))
    thick = _thick(mask)
    rings = _circles(pixels[rng.integers(0, len(pixels), (TRIALS, 3))].astype(np.float64), radii)
    ring = max(rings, key=lambda ring: _inked(ring.outline(), thick), default=None)
    if ring is None:
        return None
    outline = _fitted(ring, pixels).outline()
    rim = _inked(outline, thick)
    return outline if rim >= MIN_RIM and rim - _inked(_scaled(outline, BEYOND), thick) >= MIN_DROP else None


def _fitted(ring: _Ring, pixels: NDArray[np.intp]) -> _Ring:
    """The circle nearest to the (n, 2) pixels that lie about a ring, in the sense of least squares."""
    for reach in FIT_REACHES:
        x, y = (pixels - (ring.x, ring.y)).astype(np.float64).T
        near = np.abs(np.hypot(x, y) - ring.radius) <= reach * ring.radius
        x, y = x[near], y[near]
        (dx, dy, rest), *_ = np.linalg.lstsq(np.column_stack([2 * x, 2 * y, np.ones_like(x)]), x**2 + y**2, rcond=None)
        ring = _Ring(ring.x + dx, ring.y + dy, float(np.sqrt(max(0.0, rest + dx**2 + dy**2))))
    return ring


def _scaled(outline: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """An outline made larger or smaller about its middle."""
    center = (outline.min(axis=0) + outline.max(axis=0)) / 2
    result: NDArray[np.float64] = (outline - center) * scale + center
    return result


def _thick(mask: Image) -> Image:
    """A mask with every pixel a little larger: outlines are only about where the ink is."""
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)


def _circles(corners: NDArray[np.float64], radii: tuple[float, float]) -> list[_Ring]:
    """The circles through (n, 3, 2) triples of points, those of a plausible size."""
    origin, b, c = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    cross = 2 * (b[:, 0] * c[:, 1] - b[:, 1] * c[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = (b**2).sum(axis=1), (c**2).sum(axis=1)
        x = (c[:, 1] * squares[0] - b[:, 1] * squares[1]) / cross
        y = (b[:, 0] * squares[1] - c[:, 0] * squares[0]) / cross
        radius = np.hypot(x, y)
        good = (radius >= radii[0]) & (radius <= radii[1])
    return [_Ring(*map(float, ring)) for ring in np.column_stack([origin[:, 0] + x, origin[:, 1] + y, radius])[good]]


def _inked(points: NDArray[np.float64], mask: Image) -> float:
    """Share of (n, 2) points that are inked; what lies off the page is not."""
    x, y = np.rint(points).astype(np.intp).T
    inside = (x >= 0) & (y >= 0) & (x < mask.shape[1]) & (y < mask.shape[0])
    return float(np.count_nonzero(mask[y[inside], x[inside]])) / len(points)
