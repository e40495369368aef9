"""A page -> the connected components on it that may be characters or parts of them, and how large its print is."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging.images import as_image

SMALLEST_PRINT_PX = 5
"""Smaller connected components are specks, or no longer legible."""
MIN_MARKS = 20
"""Fewer components of print than this say nothing about its size."""
NEIGHBOURHOOD_SHARE = 1 / 60
"""The neighbourhood of the adaptive threshold has this share of the long side, one or two characters, so that shadows
do not count as ink."""
MIN_CONTRAST = 18
"""Ink is darker by this much, of 255, than the mean of its neighbourhood, as paper grain is not."""
LARGEST_SHARE = 1 / 8
"""Components longer than this share of the long side are ruling or pictures."""
LONGEST_MARK = 4
"""Components so many times longer than wide are ruling, too, as print is about square."""
TOUCHING = 1.8
"""Components so many times as long as wide are several characters that touch, as those of few pixels do: taken as one,
print at 60 dpi measures up to twice as large as at 200 dpi, and at most a third larger so."""
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


class PrintMarks(NamedTuple):
    """The n connected components of a page's ink, of which some are likely print.

    `labels` (height, width) int32 has the number of each pixel's component, 0 for paper. `boxes` (n, 5) int32 are
    left, top, width, height and area of each, in pixels, the paper first. `is_print` (n,) says which may be print.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    is_print: NDArray[np.bool_]

    @property
    def size(self) -> float | None:
        """The size of print in pixels, a percentile of its components' sizes; None where there are too few.

        It is the same of a page on its side. A component's size is its longer side, unless it is several characters
        that touch.
        """
        sides = self.boxes[self.is_print, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1]
        short, long = np.sort(sides, axis=1).T
        sizes = np.where(long > TOUCHING * short, short, long)
        return float(np.percentile(sizes, PRINT_PERCENTILE)) if len(sizes) >= MIN_MARKS else None


def find_print(gray: Image) -> PrintMarks:
    """The print of a (height, width) page, dark on light or light on dark; ruling, pictures and specks are none."""
    if cv2.mean(gray)[0] < DARK_PAGE:
        gray = as_image(cv2.bitwise_not(gray))
    around = max(SMALLEST_PRINT_PX * 3, int(max(gray.shape) * NEIGHBOURHOOD_SHARE)) | 1
    method, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
    ink = cv2.adaptiveThreshold(gray, 1, method, kind, around, MIN_CONTRAST)
    _, labels, boxes, _ = cv2.connectedComponentsWithStatsWithAlgorithm(ink, 8, cv2.CV_32S, QUICKEST)
    sides = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    long, short = sides.max(axis=1), sides.min(axis=1)
    square = (short * LONGEST_MARK >= long) & (long <= max(gray.shape) * LARGEST_SHARE)
    written = boxes[:, cv2.CC_STAT_AREA] < SOLID * long * short
    is_print = square & written & (long >= SMALLEST_PRINT_PX)
    is_print[0] = False
    return PrintMarks(np.asarray(labels, np.int32), np.asarray(boxes, np.int32), is_print)
