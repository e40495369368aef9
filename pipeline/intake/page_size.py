"""Which pages are read as they are, which are made smaller first, and which cannot be read at all.

A page that is made smaller keeps its places: all that lands is in pixels of the scan.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from pipeline.elements import Image, Page, Resampling, dpi_text
from pipeline.errors import PageTooLong, PageTooSmall
from pipeline.imaging import ANALYSIS_DPI, MAX_SIDE_PX, as_image, mm_to_px
from pipeline.settings import MIN_LINE_HEIGHT

MIN_SIDE_PX = MIN_LINE_HEIGHT
"""A page with fewer pixels on a side has no room for a line at the least height at which lines can be read."""
MIN_SIDE_MM = 2.0
"""A page that is lower, or narrower, has no room for one line, or one character, of legible print, such as 6 points."""
MAX_PIXELS = 36_000_000
"""The stages of a page take eleven bytes a pixel, 400 MB of such a page. A4 at 600 dpi has 35 million pixels; A2 is
read at 300 dpi, enough for any print."""
STEPS = 16
"""Scales are whole sixteenths, so that sixteen rows of a scan become a whole number of rows of the page, which can then
be reduced while it comes in."""
LOWEST_DPI = ANALYSIS_DPI[0]
"""No page is reduced below this resolution: print of 9 points, 3 mm high, has 15 pixels there."""


def reduction_of(width: int, height: int) -> Resampling | None:
    """How much smaller a scan is to be made, so that it can be read; None where it is read as it is.

    What would have no pixels left is left as it is, too: `check_size` refuses it.
    """
    share = min(MAX_SIDE_PX / max(width, height), math.sqrt(MAX_PIXELS / (width * height)))
    sixteenths = math.floor(share * STEPS)
    if sixteenths >= STEPS or sixteenths * min(width, height) < STEPS * MIN_SIDE_PX:
        return None
    return Resampling(width, height, sixteenths / STEPS, sixteenths / STEPS)


def reduced(band: Image, reduction: Resampling) -> Image:
    """Rows of a scan, (height, width, 3), made smaller; those that make no whole sixteen, also across, are left out."""
    height, width = (side // STEPS * STEPS for side in band.shape[:2])
    size = round(width * reduction.across), round(height * reduction.down)
    if not size[1]:
        return np.empty((0, size[0], 3), np.uint8)
    return as_image(cv2.resize(band[:height, :width], size, interpolation=cv2.INTER_AREA))


def check_size(page: Page) -> None:
    """Refuse a page that nothing could be read of.

    Raises:
        PageTooSmall: when it has no room for one line of print.
        PageTooLong: when it has more pixels on a side than can be read at once, or, made smaller, too few for print.
    """
    size = f"{page.width} x {page.height} pixels"
    short = min(page.width, page.height)
    if short < MIN_SIDE_PX:
        raise PageTooSmall(f"{size}, and a line of print needs {MIN_SIDE_PX}")
    if min(page.image.shape[:2]) < mm_to_px(MIN_SIDE_MM, page.dpi):
        raise PageTooSmall(f"{size} at {dpi_text(page.scan_dpi)} dpi, and a line of print needs {MIN_SIDE_MM} mm")
    if max(page.image.shape) > MAX_SIDE_PX:
        raise PageTooLong(f"{size}, more than the {MAX_SIDE_PX} on a side that can be read at once")
    if min(page.scale) < 1 and page.dpi < LOWEST_DPI:
        stated = dpi_text(page.scan_dpi)
        raise PageTooLong(f"{size} at {stated} dpi, of which {page.dpi:.0f} would be left to read print at")
