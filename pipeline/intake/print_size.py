"""An image -> the size of the print on it, in its pixels: a ruler that every page of print carries."""

from __future__ import annotations

import math

import cv2

from pipeline.elements import Image
from pipeline.imaging import STRIP_ASPECT, PrintMarks, as_image, find_print

MEASURED_LONG_SIDE = 1600
"""Print is measured on an image with so many pixels on its long side, on which it is 12 to 18 pixels high if the image
is a whole page."""
SHEET_ASPECT = math.sqrt(2)
"""Of a strip the print is measured on as much as a sheet of its width holds."""
LEAST_LONG_SIDE = 200
"""Images shorter than this hold a word or two, which say as little of the scale as grain does."""
SMALL_LONG_SIDE = 800
"""Images up to this long are enlarged: letters of 5 to 10 pixels run together where they are only a pixel apart."""


def print_size(image: Image) -> float | None:
    """The size of print on a page, in its pixels; None where there is too little of it.

    Of what is very long, only the middle is looked at.

    Args:
        image: (height, width, 3) BGR.
    """
    measured = measured_print(image)
    size = measured and measured[0].size
    return None if measured is None or size is None else size / measured[1]


def measured_print(image: Image) -> tuple[PrintMarks, float] | None:
    """The print of a page, and the scale that it was looked for at; None where the page is too small to hold any.

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
    return find_print(gray), scale


def _middle(image: Image) -> Image:
    """The middle of what is longer than it is measured and very long for its width; any other image whole."""
    height, width = image.shape[:2]
    short, long = sorted((height, width))
    length = math.ceil(max(MEASURED_LONG_SIDE, SHEET_ASPECT * short))
    if long <= max(length, STRIP_ASPECT * short):
        return image
    middle = slice((long - length) // 2, (long + length) // 2)
    return image[middle] if height > width else image[:, middle]
