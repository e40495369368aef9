"""An image -> the size of the print on it, in its pixels: a ruler that every page of print carries."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import STRIP_ASPECT, as_image

SMALLEST_PRINT_PX = 5
"""Smaller connected components are specks, or no longer legible."""
MIN_MARKS = 20
"""Fewer components of print than this say nothing about its size."""
MEASURED_LONG_SIDE = 1600
"""Print is measured on an image with so many pixels on its long side, on which it is 12 to 18 pixels high if the image
is a whole page."""
SHEET_ASPECT = math.sqrt(2)
"""Of a strip the print is measured on as much as a sheet of its width holds."""
LEAST_LONG_SIDE = 200
"""Images shorter than this hold a word or two, which say as little of the scale as grain does."""
SMALL_LONG_SIDE = 800
"""Images up to this long are enlarged: letters of 5 to 10 pixels run together where they are only a pixel apart."""
NEIGHBOURHOOD_SHARE = 1 / 60
"""The neighbourhood of the adaptive threshold has this share of the long side, one or two characters, so that shadows
do not count as ink."""
MIN_CONTRAST = 18
"""Ink is darker by this much, of 255, than the mean of its neighbourhood, as paper grain is not."""
LARGEST_SHARE = 1 / 8
"""Components longer than this share of the long side are ruling or pictures."""
LONGEST_MARK = 4
"""Components so many times longer than wide are ruling, too, as print is about square."""
SOLID = 0.8
"""Components that fill so much of the box around them are dashes and dots of ruling: few characters fill three
quarters."""
DARK_PAGE = 110
"""A page whose mean brightness, of 255, is below this is a negative: white on black."""
PRINT_PERCENTILE = 75
"""The percentile of the components that counts as the size of print: many are only parts of a character, and few are
larger than one."""
QUICKEST = cv2.CCL_GRANA
"""Of OpenCV's algorithms for the same connected components, this takes two thirds of the time of its default with one
thread."""


def print_size(image: Image) -> float | None:
    """The size of print on a page, in its pixels; None where there is too little of it.

    It is a percentile of the connected components that may be characters or parts of them. The size of a component is
    its longer side, so that a page on its side measures the same. Of what is very long, only the middle is looked at.

    Args:
        image: (height, width, 3) BGR.
    """
    if max(image.shape[:2]) < LEAST_LONG_SIDE:
        return None
    gray = as_image(cv2.cvtColor(_middle(image), cv2.COLOR_BGR2GRAY))
    scale = min(MEASURED_LONG_SIDE / max(gray.shape), 1.0 if max(gray.shape) > SMALL_LONG_SIDE else 2.0)
    if scale != 1:
        width, height = (max(1, round(side * scale)) for side in gray.shape[::-1])
        closer = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
        method = closer if scale > 0.5 else cv2.INTER_AREA  # three times as slow
        gray = as_image(cv2.resize(gray, (width, height), interpolation=method))
    if cv2.mean(gray)[0] < DARK_PAGE:
        gray = as_image(cv2.bitwise_not(gray))
    sizes = _print_sizes(gray)
    return float(np.percentile(sizes, PRINT_PERCENTILE)) / scale if len(sizes) >= MIN_MARKS else None


def _middle(image: Image) -> Image:
    """The middle of what is longer than it is measured and very long for its width; any other image whole."""
    height, width = image.shape[:2]
    short, long = sorted((height, width))
    length = math.ceil(max(MEASURED_LONG_SIDE, SHEET_ASPECT * short))
    if long <= max(length, STRIP_ASPECT * short):
        return image
    middle = slice((long - length) // 2, (long + length) // 2)
    return image[middle] if height > width else image[:, middle]


def _print_sizes(gray: Image) -> NDArray[np.int32]:
    """The longer sides of the connected components of a (height, width) image that may be print, in pixels."""
    around = max(SMALLEST_PRINT_PX * 3, int(max(gray.shape) * NEIGHBOURHOOD_SHARE)) | 1
    method, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
    ink = cv2.adaptiveThreshold(gray, 1, method, kind, around, MIN_CONTRAST)
    marks = cv2.connectedComponentsWithStatsWithAlgorithm(ink, 8, cv2.CV_32S, QUICKEST)[2][1:]
    sides = marks[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    long, short = sides.max(axis=1), sides.min(axis=1)
    square = (short * LONGEST_MARK >= long) & (long <= max(gray.shape) * LARGEST_SHARE)
    written = marks[:, cv2.CC_STAT_AREA] < SOLID * long * short
    return np.asarray(long[square & written & (long >= SMALLEST_PRINT_PX)], np.int32)
