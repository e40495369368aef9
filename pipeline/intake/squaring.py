"""A scan whose pixels are not square -> the same page with square ones, before anything is looked for on it.

A fax has half as many pixels down as across: its characters are twice as wide as high, and no recogniser knows them.
Files state two resolutions then. Some programs keep that statement when they square a page themselves, and some drop
it: the print tells, as characters of square pixels are about as wide as high.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2

from pipeline.elements import Image, Resampling
from pipeline.imaging import MAX_SIDE_PX, UINT8_MAX, as_image
from pipeline.intake.page_size import MAX_PIXELS
from pipeline.intake.print_aspect import PrintAspect, print_aspect

LEAST_STRETCH = 1.05
"""Pixels less square than this are squared: faxes at 204 x 196 dpi are read as well as they are, and lose no edge."""
MOST_STRETCH = 4.0
"""Pixels further from square than this are no scan's: the coarsest fax has 204 x 98 dpi, and drafts 300 x 75."""
PRINT_ASPECT = (0.33, 1.1)
"""Characters of square pixels, or their parts, are so wide for the height of their row: 0.42 to 1.0 on 98 of 100 pages
in Chinese, English and Russian. Stated resolutions that would make print another are not believed."""
SQUASHED_PRINT_ASPECT = 1.05
"""Print that is wider than this is on none of those pages, and on nine in ten of them once they have half their
height, whether rows were left out or averaged."""
SHEET_ASPECTS = (1.25, 1.7)
"""Sheets are so many times as long as wide, Letter and Legal included."""
NO_SHEET_ASPECT = 2.2
"""Nothing so long for its width is a sheet, or most of one. A page that would be, and is a sheet as it stands, was
squared before, unless its print shows otherwise."""
FAX_WIDTHS = (1728, 2048, 2432)
"""The widths of a fax of A4, B4 and A3 in pixels, by ITU-T T.4."""
FAX_STRETCH = 204 / 98
"""A fax of standard resolution has so many times as many pixels across as down, by ITU-T T.4."""
FAX_ASPECT = (1 / 3, 0.9)
"""A sheet at that resolution is so high for its width: 0.66 for A4, which a fax ends where the print does, 0.79 for
Legal. A page at 204 x 196 dpi is higher than wide, unless it ends after a few lines."""

COARSE_DPI = 130.0
"""Below this a level stroke of 9 points, 0.2 mm, is less than a pixel high: of a fax at 204 x 98 dpi the 一 of 一级 was
gone, and the sign of a number may be."""


class Squaring(NamedTuple):
    """By how many times a scan's pixels are higher than wide, and whether that is assumed, as its file says nothing."""

    stretch: float
    assumed: bool = False


def find_squaring(image: Image, stated: tuple[float, float] | None) -> Squaring | None:
    """How a page's pixels are to be squared; None where they are square, as far as can be told.

    Args:
        image: (height, width, 3) BGR, as the file holds it, or reduced.
        stated: what the file states along x and y: pixels per inch, or their ratio alone.
    """
    stretch = stated_stretch(stated)
    if stretch is not None:
        return Squaring(stretch) if _is_credible(image, stretch) else None
    height, width = image.shape[:2]
    if width not in FAX_WIDTHS or not FAX_ASPECT[0] <= height / width <= FAX_ASPECT[1]:
        return None
    return Squaring(FAX_STRETCH, assumed=True) if _is_squashed(print_aspect(image)) else None


def _is_squashed(seen: PrintAspect | None) -> bool:
    return seen is not None and not seen.sideways and seen.value >= SQUASHED_PRINT_ASPECT


def _is_credible(image: Image, stretch: float) -> bool:
    """Whether a page's shape and its print agree with pixels `stretch` times as high as wide."""
    aspect = image.shape[0] / image.shape[1]
    as_it_is, when_squared = (max(ratio, 1 / ratio) for ratio in (aspect, aspect * stretch))
    seen = print_aspect(image)
    if SHEET_ASPECTS[0] <= as_it_is <= SHEET_ASPECTS[1] and when_squared >= NO_SHEET_ASPECT:
        return _is_squashed(seen)
    return seen is None or PRINT_ASPECT[0] <= seen.squared(stretch) <= PRINT_ASPECT[1]


def stated_stretch(stated: tuple[float, float] | None) -> float | None:
    """By how many times pixels are higher than wide, as the file states; None where it states none that are not square.

    Example:
        >>> round(stated_stretch((204.0, 98.0)), 2)
        2.08
    """
    if stated is None or not all(math.isfinite(side) and side > 0 for side in stated):
        return None
    stretch = stated[0] / stated[1]
    return stretch if LEAST_STRETCH < max(stretch, 1 / stretch) <= MOST_STRETCH else None


def squared(image: Image, squaring: Squaring, reduction: Resampling | None = None) -> tuple[Image, Resampling]:
    """A page with square pixels, as many as it has along its finer axis, or as can be read at once.

    Args:
        image: (height, width, 3) BGR.
        squaring: from `find_squaring`.
        reduction: how the image was already reduced.

    Returns:
        The image, and how it was resampled from the scan's pixels.
    """
    height, width = image.shape[:2]
    across, down = max(1.0, 1 / squaring.stretch), max(1.0, squaring.stretch)
    wanted = width * across, height * down
    share = min(1.0, MAX_SIDE_PX / max(wanted), math.sqrt(MAX_PIXELS / (wanted[0] * wanted[1])))
    size = tuple(max(1, math.floor(side * share + 0.5)) for side in wanted)
    method = cv2.INTER_AREA if share < 1 else cv2.INTER_NEAREST if is_bilevel(image) else cv2.INTER_CUBIC
    source = reduction or Resampling(width, height, 1.0, 1.0)
    made = Resampling(
        source.width, source.height, size[0] / source.width, size[1] / source.height, assumed=squaring.assumed
    )
    return as_image(cv2.resize(image, size, interpolation=method)), made


def is_coarse(image: Image, scan_dpi: tuple[float, float]) -> bool:
    """Whether thin strokes may have left no trace on a scan: black and white, with few pixels per inch one way."""
    return min(scan_dpi) < COARSE_DPI and is_bilevel(image)


def is_bilevel(image: Image) -> bool:
    """Whether an image (height, width, 3) is black and white alone; its rows are then repeated rather than blended."""
    return bool(((image == 0) | (image == UINT8_MAX)).all())
