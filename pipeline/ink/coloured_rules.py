"""Redness -> whether a page has coloured rules: ink that is long, thin and straight is a rule whatever its colour."""

from __future__ import annotations

import math

import cv2
import numpy as np

from pipeline.elements import Image
from pipeline.imaging import as_image, opened

LONG_SIDE = 640
"""Rules are looked for on an image with a long side of so many pixels, two to a millimetre of A4."""
MIN_COLOUR = 26
"""From this red minus green on, of 255, a pixel may be a rule's: thin rules lose half of their colour in a JPEG."""
RULE_SHARE = 0.1
"""A rule is straight for this share of the page's long side, 30 mm of A4: the rim of a round seal is for 20 at most."""
SLOPES = (0.0, 0.05, -0.05, 0.1, -0.1)
"""Rules are looked for along these slopes, down per across, as a page is not levelled yet; a thin rule that is half a
step of them off is as long within its thickness."""
SOLID_SHARE = 0.008
"""What is thicker than this share of the long side, 2.4 mm of A4, is a fill and no rule."""


def has_coloured_rules(redness: Image) -> bool:
    """Whether a page has rules in red, orange or pink, level or upright within a few degrees.

    Args:
        redness: (height, width), red minus green under even illumination.
    """
    coloured = as_image(cv2.threshold(redness, MIN_COLOUR - 1, 1, cv2.THRESH_BINARY)[1])
    if not cv2.countNonZero(coloured):
        return False
    step = max(1, round(max(redness.shape) / LONG_SIDE))
    mask = np.ascontiguousarray(as_image(cv2.dilate(coloured, np.ones((step, step), np.uint8)))[::step, ::step])
    longest = max(mask.shape)
    side, length = max(3, round(SOLID_SHARE * longest)), max(8, round(RULE_SHARE * longest))
    solid = cv2.dilate(opened(mask, side, side), np.ones((3, 3), np.uint8))
    thin = as_image(cv2.subtract(mask, solid))
    return any(_has_rule(image, length) for image in (thin, as_image(cv2.transpose(thin))))


def _has_rule(thin: Image, length: int) -> bool:
    """Whether a mask of thin ink (height, width) has a stroke of some length, in pixels, along one of the slopes.

    It is looked for only where a band of ink without gaps, that a stroke along any of them lies in, is as long.
    """
    band = 2 * math.ceil(max(SLOPES) * length / 2) + 3
    wide = cv2.dilate(thin, np.ones((band, 1), np.uint8))
    left, top, width, height = cv2.boundingRect(_lengthwise(as_image(wide), length))
    if not width:
        return False
    left, top = max(0, left - length), max(0, top - band)
    part = thin[top : top + height + 2 * band, left : left + width + 2 * length]
    return any(_has_stroke(part, length, slope) for slope in SLOPES)


def _has_stroke(thin: Image, length: int, slope: float) -> bool:
    """Whether a mask of thin ink (height, width) has a stroke of some length, in pixels, along a slope."""
    height, width = thin.shape
    room = math.ceil(abs(slope) * width / 2)
    shear = np.array([(1, 0, 0), (-slope, 1, slope * width / 2 + room)])
    level = cv2.warpAffine(thin, shear, (width, height + 2 * room), flags=cv2.INTER_NEAREST)
    thick = cv2.dilate(level, np.ones((3, 1), np.uint8))
    return cv2.countNonZero(_lengthwise(as_image(thick), length)) > 0


def _lengthwise(mask: Image, length: int) -> Image:
    """The middles of the level runs of a mask that are at least so long; beyond the mask there is none."""
    return as_image(cv2.erode(mask, np.ones((1, length), np.uint8), borderValue=(0,)))
