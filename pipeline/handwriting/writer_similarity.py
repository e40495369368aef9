"""Two handwritten names -> how probably one writer wrote both, as the same name. Nothing here is forensic.

A name's strokes are laid on a strip of fixed height, and each narrow slice of it is described by which way its strokes
run at which height: a histogram of gradient directions in zones (Dalal & Triggs, 2005). Two names are compared by the
cheapest way to stretch one along the other (dynamic time warping, as words are spotted in manuscripts: Rath & Manmatha,
2003), so that wider gaps between characters cost little. What is left is how unlike the shapes are.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import ink_mask, sigmoid

Strokes: TypeAlias = NDArray[np.float32]
"""The shape of a name's strokes: (slices from left to right, `ZONES` * `DIRECTIONS`), some 25 kB."""
Strip: TypeAlias = NDArray[np.float32]
"""(`STRIP_HEIGHT`, width), 0 paper to 1 ink."""
Reals: TypeAlias = NDArray[np.float64]

STRIP_HEIGHT = 48
"""A strip has so many pixels from top to bottom: a character's strokes stay apart, and a name has about a hundred
columns."""
INK_SPREAD = 0.26
"""The standard deviation of the ink about its base line, as a share of the strip's height: characters just fill it.
Unlike the height of the crop, it does not change with one long stroke."""
MOST_SLOPE = 0.3
"""A name written more uphill than this, as a ratio, was not: its characters differ in height."""
MAX_STRIP_WIDTH = 480
"""No strip is wider than so many pixels, ten heights: no name is longer."""
FINE_BLUR = 0.4
"""A finer crop is blurred by this standard deviation, in pixels of the strip, before the strip is made from it, so that
no stroke is missed."""
INK_PERCENTILE = 90
"""Ink darker than this percentile of a strip is as dark as can be."""
MIN_INK_PX = 20
"""Less ink than this has no shape."""
MIN_STROKE_SHARE = 0.002
"""Connected ink smaller than this share of the crop's height squared is a speck."""
DIRECTIONS = 8
"""Strokes run in so many directions, all of half a turn; finer ones tell writers apart no better."""
ZONES = 8
"""A strip has so many zones from top to bottom."""
SLICE_STEP = 3
"""Slices are so many pixels apart."""
SLICE_BLUR = 3.0
"""Slices are blurred by a standard deviation of so many pixels, as no stroke stands twice at the same place."""
MOST_STRETCH = 0.15
"""Places further apart than this, as shares of their names' widths, are not compared: characters do not change
places."""
STRETCH_COST = 0.1
"""Each slice that is stretched costs this much, a tenth of what unlike slices cost, so that it breaks ties."""
FAR = 1e6
"""The cost of what is not compared is beyond any unlikeness."""
HALF_SURE = 0.49
"""Two names this unlike, and equally wide, are one writer's as probably as not; the benchmark of writer similarity says
on what it was set and tried."""
STEEPNESS = 35.0
"""The logistic curve from unlikeness to probability is this steep, set on the same names."""
WIDTH_WEIGHT = 2.0
"""The logarithm of the ratio of two names' widths counts this much, in natural logarithm of odds, set on the same
names."""
MOST_AGAINST = 50.0
"""Beyond this natural logarithm of odds a probability counts as zero."""


def describe_writing(darkness: Image, noise: float) -> Strokes | None:
    """Describe the strokes of a name; None where there is hardly any ink.

    Args:
        darkness: (height, width), a name cut straight, 0 paper to 255 ink; its resolution does not matter.
        noise: standard deviation of bare paper in `darkness`.
    """
    strip = _strip(darkness, _without_specks(ink_mask(darkness, noise)))
    return None if strip is None else _slices(strip)


def same_writer(a: Strokes, b: Strokes) -> float:
    """The probability, 0-1, that one person wrote both as the same name, were half of such pairs one person's."""
    wider = abs(math.log(len(a) / len(b)))
    against = STEEPNESS * (unlikeness(a, b) - HALF_SURE) + WIDTH_WEIGHT * wider
    return sigmoid(-min(against, MOST_AGAINST))


def unlikeness(a: Strokes, b: Strokes) -> float:
    """How far the shapes are apart when one is stretched along the other: 0 is the same, most are below 1."""
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * a @ b.T
    apart: Reals = np.sqrt(np.maximum(squares, 0.0), dtype=np.float64)
    rows, columns = len(a), len(b)
    places = np.abs((np.arange(rows)[:, None] + 0.5) / rows - (np.arange(columns)[None, :] + 0.5) / columns)
    apart[places > MOST_STRETCH] = FAR
    return _cheapest_path(apart) / (rows + columns)


def _cheapest_path(apart: Reals) -> float:
    """The least sum over a path from corner to corner; going on in both counts twice, as it passes two slices."""
    rows, columns = apart.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0.0
    for diagonal in range(2, rows + columns + 1):
        row = np.arange(max(1, diagonal - columns), min(rows, diagonal - 1) + 1)
        column = diagonal - row
        cost = apart[row - 1, column - 1]
        stretched = np.minimum(total[row - 1, column], total[row, column - 1]) + cost + STRETCH_COST
        total[row, column] = np.minimum(stretched, total[row - 1, column - 1] + 2 * cost)
    return float(total[rows, columns])


def _without_specks(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= MIN_STROKE_SHARE * mask.shape[0] ** 2
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


def _strip(darkness: Image, mask: NDArray[np.uint8]) -> Strip | None:
    """The strokes on a strip `STRIP_HEIGHT` high, their base line level in its middle, as dark as 1."""
    y, x = np.nonzero(mask)
    if len(y) < MIN_INK_PX:
        return None
    middle_x, middle_y = float(x.mean()), float(y.mean())
    slope = float(((x - middle_x) * (y - middle_y)).mean()) / max(float(x.var()), 1.0)
    slope = min(max(slope, -MOST_SLOPE), MOST_SLOPE)
    scale = INK_SPREAD * STRIP_HEIGHT / max(float((y - middle_y - slope * (x - middle_x)).std()), 1.0)
    left, margin = float(x.min()), SLICE_STEP
    width = min(MAX_STRIP_WIDTH, round((float(x.max()) - left) * scale) + 2 * margin + 1)
    across = left - margin / scale
    down = middle_y - STRIP_HEIGHT / 2 / scale + slope * (across - middle_x)
    to_crop = np.array([[1 / scale, 0.0, across], [slope / scale, 1 / scale, down]])
    ink = darkness.astype(np.float32) * cv2.dilate(mask, np.ones((3, 3), np.uint8))
    soft = cv2.GaussianBlur(ink, (0, 0), FINE_BLUR / scale) if scale < 1.0 else ink
    laid = cv2.warpAffine(soft, to_crop, (width, STRIP_HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    darkest = max(float(np.percentile(laid[laid > 0], INK_PERCENTILE)), 1.0)
    return np.asarray(np.clip(laid / darkest, 0.0, 1.0), np.float32)


def _slices(strip: Strip) -> Strokes:
    """How much of the strokes runs each way in each zone, slice by slice; 1 is the mean over the name.

    Square roots are taken, so that a dark stroke counts little more than a pale one.
    """
    smooth = cv2.GaussianBlur(strip, (0, 0), 1.0)
    along, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    strength = np.hypot(along, down)
    direction = (np.arctan2(down, along) % np.pi) / np.pi * DIRECTIONS
    zones = ((np.arange(ZONES) + 0.5) * STRIP_HEIGHT / ZONES).astype(int)
    maps = []
    for index in range(DIRECTIONS):
        off = np.abs((direction - index + DIRECTIONS / 2) % DIRECTIONS - DIRECTIONS / 2)
        share = strength * np.maximum(0.0, 1.0 - off)
        spread = cv2.GaussianBlur(share, (0, 0), sigmaX=SLICE_BLUR, sigmaY=STRIP_HEIGHT / ZONES / 2)
        maps.append(spread[zones, ::SLICE_STEP])
    slices: Strokes = np.sqrt(np.maximum(np.concatenate(maps), 0.0)).T.astype(np.float32)
    mean = np.sqrt(float((slices**2).sum(axis=1).mean()))
    normalised: Strokes = slices / np.float32(max(mean, 1e-6))
    return normalised
