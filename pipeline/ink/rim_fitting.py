"""Pixels of a patch of ink -> the ring, oval or box that runs through them, whatever else the patch holds.

Curves are laid through a few of the patch's pixels, drawn at random, and boxes along its straightest rows of pixels;
the one that stands out most from what lies beside it is taken (random sample consensus: Fischler and Bolles 1981). An
outline is an array (n, 2) of points of a closed curve, x then y.
"""

from __future__ import annotations

import itertools
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import Points

ANGLES = 90
"""An outline is looked at in so many points."""
SIDE_POINTS = 20
"""Each side of a box is compared with others in so many points."""
TRIALS = {3: 500, 5: 3000}
"""So many curves are tried through three or five random pixels of a patch each: a third of a seal's ink is its rim, so
some twenty rings and a dozen ovals hit it; where two seals stand upon each other, one or two."""
FIT_REACHES = (0.15, 0.1, 0.06)
"""Pixels this near to a curve, in shares of its radius, are its rim, and the curve is fitted to them anew, ever closer:
one through a few pixels is only about right."""
SINGULAR = 1e-9
"""This keeps points on one line, through which no curve goes, from being an error; what comes of them is far too
large."""
TURN_STEP_DEG = 2
"""Boxes are tried at this step of turns: their sides are drawn with a stroke that is wider than the error it makes at
their ends."""
MOST_SIDES = 6
"""So many rows of pixels, for each direction, may be a box's sides: its own, and those of the characters in it."""
BOX_CORNERS = ((0, 2), (1, 2), (1, 3), (0, 3))
"""The corners of a box by its left, right, top and bottom, which are 0 to 3, clockwise from its top left."""
SIDE_GAP = 2
"""Rows nearer than this many pixels are one side."""

LEAST = 0.5
"""Outlines of which a smaller share is inked are no rims."""
BEYOND = 1.15
"""Just beyond a rim, at this multiple of its radius, is paper."""
WITHIN = 0.82
"""Inside the rim, at this share of its radius, is paper and some text of a seal's."""

Curves = NDArray[np.float64]
"""(n, 5) coefficients p, q, d, e, f of x² + y² + p(x² - y²) + qxy + dx + ey + f = 0; p and q are 0 for a circle."""


def best_ring(pixels: Points, mask: Image, diameters: tuple[float, float]) -> Points | None:
    """The outline of the circle through pixels (n, 2) that stands out most; None where there is none.

    Args:
        pixels: of the patch.
        mask: (height, width), nonzero where there is ink.
        diameters: the smallest and the largest, in pixels.
    """
    return _best_curve(pixels, mask, diameters, 3, 1.0)


def best_oval(pixels: Points, mask: Image, diameters: tuple[float, float], aspect: float) -> Points | None:
    """The outline of the ellipse through pixels that stands out most, at most so much longer than wide."""
    return _best_curve(pixels, mask, diameters, 5, aspect)


def best_box(pixels: Points, mask: Image, diameters: tuple[float, float], aspect: float) -> Points | None:
    """The outline of the rectangle, turned or not, that stands out most, at most so much longer than wide."""
    found = []
    for turn in np.radians(np.arange(0, 90, TURN_STEP_DEG)):
        axes = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        across, down = (_pairs(pixels @ axis, diameters) for axis in axes)
        sides = [
            (a, b, c, d)
            for (a, b), (c, d) in itertools.product(across, down)
            if max(b - a, d - c) <= aspect * min(b - a, d - c)
        ]
        if sides:
            found.append(np.array(sides)[:, BOX_CORNERS] @ axes)
    if not found:
        return None
    corners = np.concatenate(found)
    steps = np.linspace(0, 1, SIDE_POINTS, endpoint=False)[:, None]
    outlines = corners[:, :, None] + steps * (np.roll(corners, -1, axis=1) - corners)[:, :, None]
    best = _clearest(outlines.reshape(len(corners), -1, 2), mask)
    return None if best is None else evenly(corners[best])


def thickened(mask: Image) -> Image:
    """A mask with every pixel a little larger: outlines are only about where the ink is."""
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)


def evenly(outline: NDArray[np.generic], count: int = ANGLES) -> Points:
    """Points (count, 2) at equal distances along an outline, whose own may be few along straight sides."""
    closed = np.vstack([outline, outline[:1]]).astype(np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    places = np.linspace(0.0, along[-1], count, endpoint=False)
    return np.column_stack([np.interp(places, along, closed[:, k]) for k in (0, 1)])


def scaled(outline: NDArray[np.generic], scale: float) -> Points:
    """Outlines (..., n, 2) made larger or smaller, each about its middle."""
    center = np.stack([_middle_of_range(outline[..., k]) for k in (0, 1)], axis=-1)
    return np.asarray((outline.astype(np.float64) - center) * scale + center, np.float64)


def _middle_of_range(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Halfway (..., 1) between the least and the most of values (..., n)."""
    ends = values.min(axis=-1, keepdims=True) + values.max(axis=-1, keepdims=True)
    return np.asarray(ends / 2, np.float64)


def inked_shares(outlines: Points, mask: Image) -> NDArray[np.float64]:
    """Share of the points of each outline (n, m, 2) that are inked; what lies off the page is not."""
    height, width = mask.shape
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    across, down = np.rint(outlines[..., 0]), np.rint(outlines[..., 1])
    places = (down.clip(-1, height, out=down) + 1) * (width + 2) + across.clip(-1, width, out=across) + 1
    inked = framed.ravel().take(places.astype(np.int64), mode="clip") > 0  # what is no number is off the page
    return np.asarray(np.count_nonzero(inked, axis=-1) / inked.shape[-1], np.float64)


def _clearest(outlines: Points, mask: Image) -> int | None:
    """The place of the outline (n, m, 2) that is inked furthest round, less what lies just beyond it or within."""
    thick = thickened(mask)
    rims = inked_shares(outlines, thick)
    inked = np.flatnonzero(rims >= LEAST)
    if not len(inked):
        return None
    kept = outlines[inked]
    beside = np.maximum(inked_shares(scaled(kept, BEYOND), thick), inked_shares(scaled(kept, WITHIN), mask))
    return int(inked[(rims[inked] - beside).argmax()])


def _best_curve(
    pixels: Points, mask: Image, diameters: tuple[float, float], through: int, aspect: float
) -> Points | None:
    """The outline of the curve through so many pixels each that stands out most, fitted to all its rim.

    Curves through random pixels are tried (RANSAC; Fischler and Bolles, 1981), with the same randomness on each run.
    """
    rng = np.random.default_rng(len(pixels))
    middle, scale = pixels.mean(axis=0), diameters[1]
    unit, sizes = (pixels - middle) / scale, (diameters[0] / scale, 1.0)
    curves = _curves(unit[rng.integers(0, len(pixels), (TRIALS[through], through))], circles=through == 3)
    curves = _plausible(curves, sizes, aspect)
    clearest = _clearest(_outlines(curves) * scale + middle, mask) if len(curves) else None
    if clearest is None:
        return None
    best = curves[[clearest]]
    for reach in FIT_REACHES:
        near = unit[np.abs(_distances(best[0], unit) - 1) <= reach]
        best = _plausible(_curves(near[None], circles=through == 3), sizes, aspect)
        if not len(best):
            return None
    return np.asarray(_outlines(best)[0] * scale + middle, np.float64)


def _curves(points: Points, *, circles: bool) -> Curves:
    """The circles or ellipses nearest to (n, m, 2) points each, in the sense of least squares."""
    x, y = points[..., 0], points[..., 1]
    columns = [x**2 - y**2, x * y, x, y, np.ones_like(x)]
    first = 2 if circles else 0
    design = np.stack(columns[first:], axis=-1)
    turned = np.swapaxes(design, 1, 2)
    normal = turned @ design + SINGULAR * np.eye(design.shape[2])
    solved = np.linalg.solve(normal, turned @ -(x**2 + y**2)[..., None])[..., 0]
    return np.hstack([np.zeros((len(solved), first)), solved])


def _plausible(curves: Curves, diameters: tuple[float, float], aspect: float) -> Curves:
    """Those that are ellipses, of a plausible size."""
    lean = np.hypot(curves[:, 0], curves[:, 1] / 2)
    curves = curves[lean < 1]
    lean = lean[lean < 1]
    _, square = _middles(curves)
    with np.errstate(invalid="ignore"):
        long, short = 2 * np.sqrt(square / (1 - lean)), 2 * np.sqrt(square / (1 + lean))
        good = (square > 0) & (short >= diameters[0]) & (long <= diameters[1]) & (long <= aspect * short * (1 + 1e-9))
    return np.asarray(curves[good], np.float64)


def _middles(curves: Curves) -> tuple[Points, NDArray[np.float64]]:
    """The middle (n, 2) of each curve, and the value of its squares on it, negative where no point is on it."""
    p, q, d, e, f = curves.T
    size = 4 * (1 - p**2) - q**2
    middle = np.column_stack([q * e - 2 * (1 - p) * d, q * d - 2 * (1 + p) * e]) / size[:, None]
    return middle, -(f + (d * middle[:, 0] + e * middle[:, 1]) / 2)


def _outlines(curves: Curves) -> Points:
    """(n, ANGLES, 2) points on ellipses."""
    middle, square = _middles(curves)
    p, q = curves[:, 0], curves[:, 1]
    forms = np.stack([np.stack([1 + p, q / 2], -1), np.stack([q / 2, 1 - p], -1)], -2)
    values, axes = np.linalg.eigh(forms)
    turn = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    along = circle[None] * np.sqrt(square[:, None] / values)[:, None]
    return np.asarray(along @ np.swapaxes(axes, 1, 2) + middle[:, None], np.float64)


def _distances(curve: NDArray[np.float64], points: Points) -> NDArray[np.float64]:
    """How far points (n, 2) are from a curve's middle, in shares of its radius towards them."""
    middle, square = _middles(curve[None])
    x, y = (points - middle[0]).T
    p, q = curve[:2]
    return np.asarray(np.sqrt(((1 + p) * x**2 + (1 - p) * y**2 + q * x * y) / square[0]), np.float64)


def _pairs(places: NDArray[np.float64], diameters: tuple[float, float]) -> list[tuple[float, float]]:
    """Two places each, a plausible distance from each other, where most pixels are in a row."""
    first = math.floor(places.min())
    counts = np.bincount((places - first).astype(np.intp)).astype(np.float32)
    wide = cv2.blur(counts[None], (3, 1))[0]
    peaks: list[int] = []
    for place in np.argsort(-wide, kind="stable").tolist():
        if all(abs(place - peak) > SIDE_GAP for peak in peaks):
            peaks.append(place)
        if len(peaks) == MOST_SIDES:
            break
    sides = [first + peak + 0.5 for peak in sorted(peaks)]
    return [(a, b) for a, b in itertools.combinations(sides, 2) if diameters[0] <= b - a <= diameters[1]]
