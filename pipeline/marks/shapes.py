"""A cut of a cell's only ink -> the measures of its shape, free of scale: lengths are in heights of the page's text.

Dashes are told by their height and number, strokes by their direction and thickness, boxes by the ink along the four
sides of their bounding box, rings and discs by holes and symmetry. What these leave open, a raster of a few zones says.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import as_image

SHAPE_SCALE = 24
"""Cuts have so many pixels to the height of the page's text: as fine as pages of 200 dpi are scanned."""
SHAPE_MARGIN = 4
"""Cuts have so many pixels of paper on all sides of their ink, so that no edge is cut off."""
INK_SHARE = 0.45
"""Ink is what is darker than this share of the cut's darkest ink: half way up the soft edge of a stroke, and a little
less, so that thin strokes hold together."""
DARKEST = 0.02
"""This share of a cut's pixels may be darker than its darkest ink, so that no speck decides; never all of a mark."""
MIN_AREA_PX = 6
"""Connected ink of fewer pixels of the cut, a quarter of a stroke's thickness squared, is grain."""
ZONES = 5
"""The raster has so many zones a side: one for each side of a box, one for its middle, and one between."""
DIRECTIONS = 8
"""Edges are counted in so many directions of a half turn, 22.5 degrees each."""
MIRROR_PX = 12
"""Symmetry is measured on a square of so many pixels a side, on which a stroke is a pixel or two wide."""
SIDE_DEPTH = 0.17
"""Ink this near to a side of the bounding box, in shares of its length, may be the side of a box: thicker than any box
is drawn, and its lean."""
END_SHARE = 0.2
"""The ends of a stroke are this share of its length: the serif of 一 and the flag of 1 lie within."""

Vector = NDArray[np.float64]


class _Parts(NamedTuple):
    """The connected parts of a mask: (n, 4) boxes as left, top, width, height; their areas; each part's direction.

    `directions` are (n, 2): cosine and sine of twice the angle of its long axis, times how elongated it is, 0-1.
    """

    boxes: Vector
    areas: Vector
    directions: Vector


def shape_names() -> tuple[str, ...]:
    """The names of the measures, in the order of `measure_shape`."""
    zones = [f"zone_{row}{column}" for row in range(ZONES) for column in range(ZONES)]
    edges = [f"edges_{round(180 * k / DIRECTIONS)}" for k in range(DIRECTIONS)]
    return (
        *("width", "height", "aspect", "one_part", "two_parts", "three_parts", "more_parts"),
        *("part_width", "part_height", "part_height_spread", "part_level", "part_lean", "widest_gap"),
        *("no_hole", "one_hole", "more_holes", "hole_share", "fill", "thickness", "thickest", "unevenness"),
        *("side_least", "side_mean", "inner_ink", "mirror_across", "mirror_down", "half_turn", "mirror_diagonal"),
        *("start_thickness", "end_thickness", "lean_across"),
        *edges,
        *zones,
    )


def measure_shape(cut: Image) -> Vector | None:
    """The measures of the ink in a cut, as `shape_names` calls them; None where there is no ink.

    Args:
        cut: (height, width), 0 paper to 255 ink, with `SHAPE_SCALE` pixels to the height of the page's text.
    """
    mask = _ink(cut)
    parts, mask = _parts_of(mask)
    if not len(parts.areas):
        return None
    left, top = parts.boxes[:, :2].min(axis=0).astype(int)
    right, bottom = (parts.boxes[:, :2] + parts.boxes[:, 2:]).max(axis=0).astype(int)
    inside = mask[top:bottom, left:right]
    gray = cut[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]
    measures: Vector = np.concatenate(
        [
            _size(inside, parts),
            _holes_and_strokes(inside),
            _sides(inside),
            _symmetries(inside),
            _ends(inside),
            _edges(gray),
            _square(inside, ZONES).ravel(),
        ]
    )
    return measures


def _ink(cut: Image) -> NDArray[np.uint8]:
    flat = np.sort(cut, axis=None)
    darkest = float(flat[-1 - min(int(DARKEST * flat.size), 2 * MIN_AREA_PX)])
    return as_image((cut > INK_SHARE * darkest).astype(np.uint8))


def _parts_of(mask: NDArray[np.uint8]) -> tuple[_Parts, NDArray[np.uint8]]:
    """The connected parts of a mask without grain, and the mask without it."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    kept = [i for i in range(1, len(stats)) if stats[i, cv2.CC_STAT_AREA] >= MIN_AREA_PX]
    kept.sort(key=lambda i: int(stats[i, cv2.CC_STAT_LEFT]))
    directions = []
    for i in kept:
        x, y, w, h, _ = stats[i]
        moments = cv2.moments(as_image((labels[y : y + h, x : x + w] == i).astype(np.uint8)), binaryImage=True)
        spread, skew = moments["mu20"] - moments["mu02"], 2 * moments["mu11"]
        total = moments["mu20"] + moments["mu02"] or 1.0
        directions.append((spread / total, skew / total))
    if len(kept) < len(stats) - 1:
        mask = as_image(np.isin(labels, kept).astype(np.uint8))
    boxes = stats[kept, :4].astype(np.float64).reshape(-1, 4)
    return _Parts(boxes, stats[kept, cv2.CC_STAT_AREA].astype(np.float64), np.array(directions).reshape(-1, 2)), mask


def _size(inside: NDArray[np.uint8], parts: _Parts) -> Vector:
    height, width = (side / SHAPE_SCALE for side in inside.shape)
    count = len(parts.areas)
    weights = parts.areas / parts.areas.sum()
    heights = parts.boxes[:, 3] / SHAPE_SCALE
    level, lean = weights @ parts.directions
    starts, ends = parts.boxes[1:, 0], np.maximum.accumulate(parts.boxes[:, 0] + parts.boxes[:, 2])[:-1]
    gap = float((starts - ends).max(initial=0.0)) / SHAPE_SCALE
    return np.array(
        [
            *(math.log(width), math.log(height), math.log(width / height)),
            *(count == 1, count == 2, count == 3, count > 3),
            *(float(weights @ parts.boxes[:, 2]) / SHAPE_SCALE, float(weights @ heights), float(heights.std())),
            *(level, lean, gap),
        ],
        np.float64,
    )


def _holes_and_strokes(inside: NDArray[np.uint8]) -> Vector:
    padded = np.pad(inside, 1)
    _, _, stats, _ = cv2.connectedComponentsWithStats(as_image(1 - padded), connectivity=4)
    holes = [int(area) for area in stats[2:, cv2.CC_STAT_AREA] if area >= MIN_AREA_PX]
    depth = cv2.distanceTransform(as_image(padded), cv2.DIST_L2, 3)
    depths = depth[depth > 0]
    mean, most = 4 * float(depths.mean()) / SHAPE_SCALE, 2 * float(depths.max()) / SHAPE_SCALE
    return np.array(
        [
            *(not holes, len(holes) == 1, len(holes) > 1, max(holes, default=0) / inside.size),
            *(float(inside.mean()), mean, most, most / mean),
        ],
        np.float64,
    )


def _sides(inside: NDArray[np.uint8]) -> Vector:
    """How much of each side of the bounding box is lined with ink, and how much ink is well inside."""
    height, width = inside.shape
    down, across = max(1, round(SIDE_DEPTH * height)), max(1, round(SIDE_DEPTH * width))
    lined = [
        float(inside[:down].max(axis=0).mean()),
        float(inside[-down:].max(axis=0).mean()),
        float(inside[:, :across].max(axis=1).mean()),
        float(inside[:, -across:].max(axis=1).mean()),
    ]
    inner = inside[height // 4 : height - height // 4, width // 4 : width - width // 4]
    return np.array([min(lined), sum(lined) / 4, float(inner.mean()) if inner.size else 1.0])


def _square(inside: NDArray[np.uint8], side: int) -> Vector:
    """The ink in the middle of a square as large as its longer side, in zones: (side, side), 0-1."""
    height, width = inside.shape
    long = max(height, width)
    down, across = long - height, long - width
    square = np.zeros((long, long), np.float32)
    square[down // 2 : down // 2 + height, across // 2 : across // 2 + width] = inside
    return np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), np.float64)


def _symmetries(inside: NDArray[np.uint8]) -> Vector:
    """How alike the ink is to its mirror images and to itself turned by half, as correlations."""
    square = cv2.GaussianBlur(_square(inside, MIRROR_PX), (3, 3), 0)
    centred = square - square.mean()
    power = float((centred * centred).sum()) or 1.0
    others = (centred[:, ::-1], centred[::-1], centred[::-1, ::-1], centred.T)
    return np.array([float((centred * other).sum()) / power for other in others])


def _ends(inside: NDArray[np.uint8]) -> Vector:
    """How thick a stroke is at its start and its end beside its middle, along the longer side; and how it leans."""
    along = inside if inside.shape[1] >= inside.shape[0] else as_image(inside.T)
    counts = along.sum(axis=0).astype(np.float64)
    share = max(1, round(END_SHARE * len(counts)))
    middle = float(counts[share : max(share + 1, len(counts) - share)].mean()) or 1.0
    rows = np.arange(along.shape[0]) @ along / np.maximum(counts, 1)
    inked = counts > 0
    lean = float(rows[inked][-share:].mean() - rows[inked][:share].mean()) / len(counts)
    start, end = float(counts[:share].max()) / middle, float(counts[-share:].max()) / middle
    return np.array([min(start, 4.0), min(end, 4.0), lean])


def _edges(gray: Image) -> Vector:
    """The share of the edges' strength in each direction: 0 are edges of upright strokes, 90 those of level ones."""
    soft = gray.astype(np.float32)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    strength = np.hypot(across, down).ravel()
    angles = np.floor(np.arctan2(down, across).ravel() * (DIRECTIONS / math.pi) + 0.5).astype(np.intp) % DIRECTIONS
    shares = np.bincount(angles, strength, DIRECTIONS)
    return np.asarray(shares / max(float(shares.sum()), 1e-9), np.float64)
