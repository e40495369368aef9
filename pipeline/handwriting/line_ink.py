"""The ink of lines of text -> what tells pen from print: which way their edges run, how even their characters are.

Print stands straight: a share of its edges runs exactly upright, while those of handwriting lean every way. And print
makes all characters of a kind equally high and wide, as no hand does. All lines of a page are measured together on one
sheet, which takes a fifth of the time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image

MIN_SIDE_PX = 4
"""Nothing can be measured of a line with a side of fewer pixels."""
GAP_PX = 2
"""So much paper is around each line on a sheet: no stroke touches another line's, and no edge is seen across it."""
NOISE_LEVELS = 4.0
"""Nothing within this many standard deviations of bare paper is ink."""
INK_SHARE = 0.36
"""Ink is darker than this share of the line's darkest pixel, so that faded strokes count in faded print."""
MOST_THRESHOLD = 90
"""What is darker than this, of 255, is ink in any line."""
EVERY = 2
"""Edges are looked at in one row of pixels of so many: their directions change little from row to row."""
UPRIGHT_SLOPE = 0.105
"""Edges are upright within six degrees, of which this is the tangent: as far as the skew of a page and the steps of its
pixels go."""
EDGE_SLOPE = 0.5
"""On an edge Sobel's kernel gives more than this share of the line's darkest pixel: darkness rises by an eighth of it
over two pixels, as that of grain and JPEG's blocks does not."""
TALL = 0.5
"""Strokes lower than this share of the tall ones are points, marks, or parts of characters."""
FULL = 0.75
"""Digits and capital letters of print are all higher than this share of the highest, and of one height."""
MIN_SPECK_PX = 3
SPECK_SHARE = 0.01
"""Connected ink of fewer pixels than this share of the height squared is a speck."""
OVERLAP = 0.25
"""Parts that stand above each other by this share of the narrower one's width are one character."""

Box = tuple[int, int, int, int]
"""Left, top, width and height of connected ink."""


class LineInk(NamedTuple):
    """The ink of one line of text.

    `height` is that of its tall strokes in pixels, and `stroke` the width of its strokes as a share of it; `upright` is
    the share of the edges that run upright, 0-1; `uneven` the standard deviation of the full characters' heights, as a
    share.
    `shapes` are the logarithms of width by height of what stands side by side, from left to right: of each character,
    where they do not touch; None for what is low, as points are.
    """

    height: float
    stroke: float
    upright: float
    uneven: float
    shapes: tuple[float | None, ...]


class _Sheet(NamedTuple):
    """Lines laid side by side: (height, width) of their darkness, their ink, and the index of the line there plus 1."""

    darkness: Image
    ink: Image
    owner: NDArray[np.intp]
    darkest: NDArray[np.float64]


def measure_lines(cuts: Sequence[Image], noise: float) -> list[LineInk | None]:
    """Measure the ink of lines of text; None where there is none.

    Args:
        cuts: (height, width) darkness of each line on a dewarped page, cut tight around its ink, a pixel or two of
            paper left; 0 paper to 255 ink.
        noise: standard deviation of bare paper in them.
    """
    if not cuts:
        return []
    sheet = _laid_out(cuts, noise)
    boxes = _boxes(sheet, len(cuts))
    shares = _upright_shares(sheet, len(cuts)).tolist()
    strokes = _stroke_widths(sheet, len(cuts)).tolist()
    return [
        _line_ink(own, width, upright) if own else None
        for own, width, upright in zip(boxes, strokes, shares, strict=True)
    ]


def _line_ink(boxes: list[Box], stroke_px: float, upright: float) -> LineInk:
    heights = sorted(height for _, _, _, height in boxes)
    tall = [height for height in heights if height >= TALL * _upper(heights)]
    height = _upper(tall)
    full = np.array([value for value in tall if value >= FULL * tall[-1]], np.float64)
    uneven = max(0.0, (float(full.std()) - 0.5) / height)  # half a pixel is none of the line's doing
    return LineInk(float(height), stroke_px / height, upright, uneven, _shapes(boxes, height))


def _laid_out(cuts: Sequence[Image], noise: float) -> _Sheet:
    """All lines on one sheet as wide as the widest, in shelves of lines that are about equally high."""
    width = max(cut.shape[1] for cut in cuts) + 2 * GAP_PX
    places: list[tuple[int, int]] = [(0, 0)] * len(cuts)
    left = top = bottom = GAP_PX
    for index in sorted(range(len(cuts)), key=lambda index: cuts[index].shape[0]):
        high, wide = cuts[index].shape
        if left + wide + GAP_PX > width:
            left, top = GAP_PX, bottom
        places[index] = (left, top)
        left, bottom = left + wide + GAP_PX, max(bottom, top + EVERY * math.ceil((high + GAP_PX) / EVERY))
    darkness, ink = np.zeros((bottom, width), np.uint8), np.zeros((bottom, width), np.uint8)
    owner = np.zeros((bottom, width), np.intp)
    darkest = np.ones(len(cuts) + 1, np.float64)
    for index, (cut, (x, y)) in enumerate(zip(cuts, places, strict=True)):
        if min(cut.shape) < MIN_SIDE_PX:
            continue
        place = slice(y, y + cut.shape[0]), slice(x, x + cut.shape[1])
        darkest[index + 1] = max(1, int(cut.max()))
        darkness[place], owner[place] = cut, index + 1
        ink[place] = cut > int(min(MOST_THRESHOLD, max(NOISE_LEVELS * noise, INK_SHARE * darkest[index + 1])))
    return _Sheet(darkness, ink, owner, darkest)


def _boxes(sheet: _Sheet, count: int) -> list[list[Box]]:
    """The boxes of each line's connected ink from left to right, specks left out."""
    stats = cv2.connectedComponentsWithStats(sheet.ink, connectivity=8)[2][1:]
    found: list[list[tuple[Box, int]]] = [[] for _ in range(count)]
    lines = sheet.owner[stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_LEFT]] - 1
    for line, (left, top, width, height, area) in zip(lines.tolist(), stats.tolist(), strict=True):
        found[line].append(((left, top, width, height), area))
    least = [max([0, *(box[3] for box, _ in own)]) ** 2 * SPECK_SHARE for own in found]
    return [
        sorted(box for box, area in own if area >= max(MIN_SPECK_PX, smallest))
        for own, smallest in zip(found, least, strict=True)
    ]


def _upright_shares(sheet: _Sheet, count: int) -> NDArray[np.float64]:
    """The share of each line's edges that run upright, by their strength, (lines,)."""
    across, down = cv2.spatialGradient(cv2.GaussianBlur(sheet.darkness, (3, 3), 0))
    across, down = (np.abs(slopes[::EVERY]).ravel() for slopes in (across, down))
    steep = EDGE_SLOPE * sheet.darkest
    at = np.flatnonzero(across + down > int(steep[1:].min()))
    x, y, line = across[at].astype(np.float32), down[at].astype(np.float32), sheet.owner[::EVERY].ravel()[at]
    strength = np.hypot(x, y)
    strength[(strength <= steep[line]) | (line == 0)] = 0
    total = np.bincount(line, strength, count + 1)[1:]
    upright = np.bincount(line, np.where(y <= UPRIGHT_SLOPE * x, strength, 0), count + 1)[1:]
    return np.asarray(upright / np.maximum(total, 1e-6), np.float64)


def _stroke_widths(sheet: _Sheet, count: int) -> NDArray[np.float64]:
    """The width of each line's strokes in pixels: twice their area by their outline."""
    inner = cv2.erode(sheet.ink, np.ones((3, 3), np.uint8))
    owner = sheet.owner.ravel()
    areas = np.bincount(owner[np.flatnonzero(sheet.ink)], minlength=count + 1)[1:]
    inners = np.bincount(owner[np.flatnonzero(inner)], minlength=count + 1)[1:]
    return np.asarray(2 * areas / np.maximum(1, areas - inners), np.float64)


def _upper(heights: Sequence[int]) -> int:
    """The upper quartile of heights in order, one of them."""
    return heights[int(0.75 * (len(heights) - 1))]


def _shapes(boxes: Sequence[Box], height: float) -> tuple[float | None, ...]:
    """Of what stands side by side, the logarithm of its width by its height; None of what is low."""
    columns: list[list[int]] = []
    for left, top, width, tall in boxes:
        last = columns[-1] if columns else None
        if last and left <= last[2] - max(1.0, OVERLAP * min(width, last[2] - last[0])):
            last[1], last[2], last[3] = min(top, last[1]), max(left + width, last[2]), max(top + tall, last[3])
        else:
            columns.append([left, top, left + width, top + tall])
    highest = max(bottom - top for _, top, _, bottom in columns)
    sides = [(right - left, bottom - top) for left, top, right, bottom in columns]
    return tuple(float(np.log(wide / high)) if high >= TALL * highest else None for wide, high in sides)
