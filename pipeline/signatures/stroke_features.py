"""Ink of a line -> how much of it was drawn, in how many strokes, and how squarely: pens write names, not ticks.

A name has dozens of strokes; a tick, a circle or the shadow of a staple has one or two. And print
stands square: most of its edges run exactly along the line or across it, where those of handwriting lean every way.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, Polygon
from pipeline.imaging import SHAPE_HEIGHT, as_image, cut_line, ink_mask, quad_size

SOFTNESS_PX = 1.0
"""A cut of `SHAPE_HEIGHT` is blurred by this standard deviation before edges are measured: JPEG's blocks and the grain
have edges of their own."""
SQUARE_REACH_DEG = 3
"""Edges are square within this angle of the line's direction."""
MAX_LEAN_DEG = 8
"""The line's direction may lean from its quad by this much."""
RULE_LENGTH = SHAPE_HEIGHT
"""Ink that runs along the line for more than its height, further than any character is wide, is a rule."""
RULE_EDGE = 5
"""A rule's edges, within so many pixels of the cut, are left out with it: people sign on rules, and these are squarer
than all print."""


class Strokes(NamedTuple):
    """What was drawn: `length` of all strokes in pixels of the page, how many free `ends` they have, and `square`.

    `square` is the share of the ink's edges that run along the line or straight across it, 0-1: handwriting has
    0.06-0.15, print 0.15-0.5.
    """

    length: float
    ends: int
    square: float


def measure_strokes(darkness: Image, quad: Polygon, noise: float) -> Strokes:
    """Measure the strokes inside a quad, on their skeleton (Zhang and Suen 1984).

    Args:
        darkness: (height, width), 0 paper to 255 ink.
        quad: in the image's pixels, clockwise from the text's top left.
        noise: standard deviation of bare paper in `darkness`.
    """
    cut = cut_line(darkness, quad, SHAPE_HEIGHT)
    mask = ink_mask(cut, noise)
    skeleton = as_image(cv2.ximgproc.thinning(mask * 255)) // 255
    around = cv2.filter2D(skeleton, -1, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT)
    ends = int(np.count_nonzero((skeleton > 0) & (around == 2)))
    scale = quad_size(quad)[1] / SHAPE_HEIGHT
    return Strokes(scale * float(np.count_nonzero(skeleton)), ends, _square_share(cut, mask))


def _square_share(cut: Image, mask: NDArray[np.uint8]) -> float:
    """The share of the edges' strength that is square, at the lean that has most of it; 0.0 for paper and rules."""
    soft = cv2.GaussianBlur(cut, (0, 0), SOFTNESS_PX).astype(np.float32)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    rules = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, RULE_LENGTH), np.uint8))
    rules = cv2.dilate(rules, np.ones((RULE_EDGE, RULE_EDGE), np.uint8))
    near = (cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0) & (rules == 0)
    angles = np.floor(np.degrees(np.arctan2(down[near], across[near]))).astype(np.intp) % 90
    strength = np.bincount(angles, np.hypot(across, down)[near], 90)
    total = float(strength.sum())
    if not total:
        return 0.0
    leans = range(-MAX_LEAN_DEG, MAX_LEAN_DEG + 1)
    reach = np.arange(-SQUARE_REACH_DEG, SQUARE_REACH_DEG)
    return max(float(strength[(lean + reach) % 90].sum()) for lean in leans) / total
