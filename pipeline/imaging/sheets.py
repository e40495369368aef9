"""How large sheets of paper are, which pages are strips, and at which resolution and size pages can be analysed."""

from __future__ import annotations

import math

from pipeline.elements import Image

A4_LONG_SIDE_IN = 11.69
"""A sheet of A4 is 297 mm long."""
A4_SHORT_SIDE_IN = 8.27
"""A sheet of A4 is 210 mm wide."""
LOWEST_DPI, HIGHEST_DPI = 72.0, 600.0
"""Estimates stay within what pages are scanned at."""
STRIP_ASPECT = 3.0
"""A page more than this many times as long as wide, and longer than A4 can be at the highest resolution, is a strip, as
wide as a sheet at most and any length: sheets are less than twice as long as wide, and open folders less than this."""


def a4_dpi(width: int, height: int) -> float:
    """The resolution at which so many pixels are a sheet of A4, or a strip as wide: 2480 x 1794 give 212 dpi."""
    guess = min(width, height) / A4_SHORT_SIDE_IN if is_strip(width, height) else max(width, height) / A4_LONG_SIDE_IN
    return min(max(guess, LOWEST_DPI), HIGHEST_DPI)


def is_strip(width: int, height: int) -> bool:
    """Whether so many pixels are a strip: very long, on paper as well."""
    short, long = sorted((width, height))
    return long > STRIP_ASPECT * short and long > A4_LONG_SIDE_IN * HIGHEST_DPI


def middle_sheet(image: Image) -> Image:
    """The middle of a strip, about as long as a sheet so wide; any other page whole.

    It says as much of the page, and more where that is looked at on an image of a size of its own.
    """
    height, width = image.shape[:2]
    if not is_strip(width, height):
        return image
    length = math.ceil(min(width, height) * A4_LONG_SIDE_IN / A4_SHORT_SIDE_IN)
    middle = slice((max(width, height) - length) // 2, (max(width, height) + length) // 2)
    return image[middle] if height > width else image[:, middle]


ANALYSIS_DPI = (130.0, 200.0)
"""Ruling is looked for at a resolution within this range: below it hairlines vanish, above it only costs time."""
MAX_SIDE_PX = 32_000
"""Images are brought to no more than this many pixels a side: OpenCV maps up to 32,767, and levelling takes some of
them."""
