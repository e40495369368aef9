"""An image whose file states no resolution -> pixels per inch, from its size and from the size of its print.

Such an image is taken for a sheet of A4, which a crop is not: what stands on it then looks larger than any form is
printed, and tells the scale instead.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.elements import Image
from pipeline.imaging import HIGHEST_DPI, MM_PER_INCH, a4_dpi, as_image, middle_sheet

PRINT_MM = 3.0
"""The size of a form's print: the `PRINT_PERCENTILE` of its connected strokes is 2.6-3.4 mm on pages of known scale,
whatever their condition."""
LARGEST_PRINT_MM = 5.2
"""Print that would be larger than this shows that the sheet was taken for too large. Forms are set in 9 to 12 points,
and only at 18 points are strokes as large."""
SMALLEST_PRINT_PX = 5
"""Smaller connected components are specks, or no longer legible."""
MIN_MARKS = 20
"""Fewer components of print than this say nothing about its size."""
MEASURED_LONG_SIDE = 1600
"""Print is measured on an image with so many pixels on its long side, on which it is 12 to 18 pixels high if the image
is a whole page."""
NEIGHBOURHOOD_SHARE = 1 / 60
"""The neighbourhood of the adaptive threshold has this share of the long side, one or two characters, so that shadows
do not count as ink."""
MIN_CONTRAST = 18
"""Ink is darker by this much, of 255, than the mean of its neighbourhood, as paper grain is not."""
LARGEST_SHARE = 1 / 8
"""Components longer than this share of the long side are ruling or pictures."""
LONGEST_MARK = 4
"""Components so many times longer than wide are ruling, too, as print is about square."""
PRINT_PERCENTILE = 75
"""The percentile of the components that counts as the size of print: many are only parts of a character, and few are
larger than one."""
QUICKEST = cv2.CCL_GRANA
"""Of OpenCV's algorithms for the same connected components, this takes two thirds of the time of its default with one
thread."""


def estimate_dpi(image: Image) -> float:
    """The resolution that an image has most likely.

    Args:
        image: (height, width, 3) BGR.

    Returns:
        The resolution of a sheet of A4, unless the print on it would be too large; then the one that makes the print
        3 mm large.
    """
    guess = a4_dpi(image.shape[1], image.shape[0])
    print_px = print_size(image)
    if print_px is None or print_px * MM_PER_INCH / guess <= LARGEST_PRINT_MM:
        return guess
    return min(print_px * MM_PER_INCH / PRINT_MM, HIGHEST_DPI)


def print_size(image: Image) -> float | None:
    """The size of print on a page, in its pixels; None where there is too little of it.

    It is a percentile of the connected components that may be characters or parts of them. The size of a component is
    its longer side, so that a page on its side measures the same. Of a strip, only the middle is looked at.
    """
    gray = as_image(cv2.cvtColor(middle_sheet(image), cv2.COLOR_BGR2GRAY))
    scale = min(1.0, MEASURED_LONG_SIDE / max(gray.shape))
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in gray.shape[::-1])
        method = cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA  # three times as slow
        gray = as_image(cv2.resize(gray, (width, height), interpolation=method))
    around = max(SMALLEST_PRINT_PX * 3, int(max(gray.shape) * NEIGHBOURHOOD_SHARE)) | 1
    method, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV
    ink = cv2.adaptiveThreshold(gray, 1, method, kind, around, MIN_CONTRAST)
    marks = cv2.connectedComponentsWithStatsWithAlgorithm(ink, 8, cv2.CV_32S, QUICKEST)[2][1:]
    sides = marks[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    long, short = sides.max(axis=1), sides.min(axis=1)
    square = (short * LONGEST_MARK >= long) & (long <= max(gray.shape) * LARGEST_SHARE)
    sizes = long[square & (long >= SMALLEST_PRINT_PX)]
    return float(np.percentile(sizes, PRINT_PERCENTILE)) / scale if len(sizes) >= MIN_MARKS else None
