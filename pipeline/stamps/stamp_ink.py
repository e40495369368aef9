"""A stamp's place -> its own ink there, without the print and the pens that it crosses."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, StampColour, Upright
from pipeline.imaging import as_image

MARGIN = 0.04
"""So much is cut out around a stamp, in shares of its longer side."""
MOST_QUANTILE = 0.97
"""A stamp's ink is full where it is as coloured as this quantile of its coloured pixels."""
MIN_COLOUR = 25
"""Pixels whose channels lie less far apart, of 255, are paper or black."""
KERNEL = np.ones((3, 3), np.uint8)
GATE = 3.0
"""JPEG keeps colours at half the resolution of brightness: ink is as sharp as the page's brightness, where there is at
least a third of the stamp's colour near."""
CROSSED_SHARE = 0.02
"""Black strokes that cross a stamp's are up to this share of its longer side wide: what they hide of it is filled in
from both of their sides."""
BLACK = 110
"""Black strokes are darker than this, of 255, where the stamp's ink was taken away."""


def stamp_ink(upright: Upright, outline: NDArray[np.int32], colour: StampColour) -> tuple[Image, tuple[int, int]]:
    """The darkness (height, width) of a stamp's own ink, 0 paper to 255, and where its left top is on the page.

    Args:
        upright: the page.
        outline: (n, 2) of the stamp in its pixels.
        colour: of its ink; black ink cannot be told from what it crosses.
    """
    left, top, width, height = cv2.boundingRect(outline)
    margin = round(MARGIN * max(width, height))
    page_height, page_width = upright.image.shape[:2]
    place = (
        slice(max(0, top - margin), min(page_height, top + height + margin)),
        slice(max(0, left - margin), min(page_width, left + width + margin)),
    )
    corner = place[1].start, place[0].start
    if colour is StampColour.BLACK:
        return _evened(np.ascontiguousarray(upright.ink.darkness[place])), corner
    blue, green, red = cv2.split(np.ascontiguousarray(upright.image[place]))
    darkest = as_image(cv2.min(cv2.min(blue, green), red))
    chroma = _evened(as_image(cv2.subtract(cv2.max(cv2.max(blue, green), red), darkest)))
    sharp = _evened(as_image(cv2.bitwise_not(darkest)))
    gated = as_image(cv2.min(sharp, cv2.convertScaleAbs(cv2.dilate(chroma, KERNEL), alpha=GATE)))
    side = max(3, round(CROSSED_SHARE * max(width, height)) | 1)
    filled = cv2.morphologyEx(chroma, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return as_image(np.where(upright.ink.darkness[place] > BLACK, filled, gated)), corner


def _evened(ink: Image) -> Image:
    """Darkness or colour from that of the paper, 0, to that of the fullest ink, 255."""
    paper = float(np.median(ink))
    inked = ink[ink > paper + MIN_COLOUR]
    most = float(np.quantile(inked, MOST_QUANTILE)) if inked.size else 255.0
    return as_image(np.clip((ink.astype(np.float32) - paper) * (255 / max(1.0, most - paper)), 0, 255))
