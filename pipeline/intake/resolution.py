"""An image and what its file states -> pixels per inch: as stated, as of a sheet, or by the size of its print.

Files often state a resolution that is not theirs, and many state none. Print tells, as forms are set in few sizes: one
that would make it larger or smaller than any form's is not believed. An image without any is taken for a sheet of A4,
which a crop is not, and neither is a receipt: there, too, the print tells.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from pipeline.elements import DpiSource, Image
from pipeline.imaging import HIGHEST_DPI, LOWEST_DPI, MM_PER_INCH, STRIP_ASPECT, a4_dpi, mm_to_px
from pipeline.intake.page_size import MIN_SIDE_MM
from pipeline.intake.print_size import print_size

PRINT_MM = 3.0
"""The size of a form's print: on pages of known scale it is 1.6-4.0 mm, for letters of 7 to 12 points, in Latin script
and in Chinese; on most of them 2.6-3.4 mm, whatever their condition."""
PRINT_RANGE_MM = (1.6, 4.4)
"""Print that would be smaller or larger than this shows that the resolution is another: all of 100 pages of known scale
lie inside, 98 in 100 between 1.9 and 3.9. A resolution twice or half the true one shows where print is of the usual
size."""
USUAL_PRINT_RANGE_MM = (2.0, 4.1)
"""An image of a sheet's shape that is not of its size, as stated, is of A4 if that alone makes its print so large: a
form of 9 to 12 points is then told from one at two thirds of its scale."""
SHEET_PRINT_RANGE_MM = (1.2, 5.2)
"""The same on an image that has a sheet's own size: there it takes print that no form is set in. Only at 18 points are
strokes as large."""
SHEETS_MM = ((297.0, 210.0), (420.0, 297.0), (210.0, 148.0), (279.4, 215.9))
"""A4, A3, A5 and Letter, the sheets that scanners take."""
SHEET_TOLERANCE = 0.03
"""How far an image's sides may be off a sheet's: scans are cut by a few millimetres."""
STATED_DPI = (30.0, 2400.0)
"""Resolutions that scanners and cameras truthfully state lie between these."""
NOMINAL_DPI = (72, 96)
"""These count as not stated: EXIF prescribes 72 for "unknown", and programs write 96 after the screen. Where one of
them is true, the estimate finds it, too."""
MAX_ANISOTROPY = 1.1
"""Stated resolutions that differ by more than this factor along x and y fit no single value."""
MAX_SIDE_IN = 24.0
"""A page that would be longer than this was not measured: A2 is 23.4 inches long, and a photograph at a nominal 100 dpi
comes out longer."""
MAX_STRIP_IN = 12.0
"""A strip up to this wide, about A3, may have any length, as document feeders take it so."""


class Resolution(NamedTuple):
    """Pixels per inch, and where they come from; `stated` is what the file says where the page shows another."""

    dpi: float
    source: DpiSource
    stated: tuple[float, float] | None = None


def page_resolution(
    image: Image, stated: tuple[float, float] | None, scale: tuple[float, float] = (1.0, 1.0)
) -> Resolution:
    """The resolution of a page's (height, width, 3) raster.

    The raster is `scale` times as wide and as high as the scan, of which the file states what it does. That, as (x, y),
    is taken if it is plausible: within STATED_DPI, about the same both ways on the raster, no nominal value that stands
    for "unknown", and on a sheet of A2 at most, or a strip; and if the page's print has a size at which forms are set.
    Otherwise it is estimated.
    """
    print_px = print_size(image)
    if stated is None or not _plausible(image, stated, scale):
        return Resolution(_estimate(image, print_px), DpiSource.ESTIMATED)
    dpi = (stated[0] * scale[0] + stated[1] * scale[1]) / 2
    if print_px is None or _agrees(image, dpi, print_px):
        return Resolution(dpi, DpiSource.FILE)
    return Resolution(_estimate(image, print_px), DpiSource.ESTIMATED, stated)


def estimate_dpi(image: Image) -> float:
    """The resolution that an image has most likely.

    Args:
        image: (height, width, 3) BGR.

    Returns:
        The resolution of a sheet of A4, unless the print on it would be too large or too small; then the one that makes
        the print 3 mm large.
    """
    return _estimate(image, print_size(image))


def _estimate(image: Image, print_px: float | None) -> float:
    guess = a4_dpi(image.shape[1], image.shape[0])
    within = SHEET_PRINT_RANGE_MM if _has_sheet_shape(image) else PRINT_RANGE_MM
    if print_px is None or _fits(print_px, guess, within):
        return guess
    return min(max(print_px * MM_PER_INCH / PRINT_MM, LOWEST_DPI), HIGHEST_DPI)


def _agrees(image: Image, dpi: float, print_px: float) -> bool:
    """Whether a stated resolution agrees with the size of the page's print, and with the sheet that the page may be."""
    if _is_sheet(image, dpi):
        return _fits(print_px, dpi, SHEET_PRINT_RANGE_MM)
    as_a4 = a4_dpi(image.shape[1], image.shape[0])
    is_a4 = _has_sheet_shape(image) and _fits(print_px, as_a4, USUAL_PRINT_RANGE_MM)
    return _fits(print_px, dpi, USUAL_PRINT_RANGE_MM if is_a4 else PRINT_RANGE_MM)


def _fits(print_px: float, dpi: float, range_mm: tuple[float, float]) -> bool:
    """Whether print of that size in pixels is, at that resolution, of a size within so many millimetres."""
    return range_mm[0] <= print_px * MM_PER_INCH / dpi <= range_mm[1]


def _is_sheet(image: Image, dpi: float) -> bool:
    """Whether an image has, at that resolution, the size of a usual sheet."""
    sides = sorted((side * MM_PER_INCH / dpi for side in image.shape[:2]), reverse=True)
    return any(
        all(abs(side / own - 1) <= SHEET_TOLERANCE for side, own in zip(sides, sheet, strict=True))
        for sheet in SHEETS_MM
    )


def _has_sheet_shape(image: Image) -> bool:
    """Whether an image's sides are to each other as a usual sheet's."""
    aspect = max(image.shape[:2]) / min(image.shape[:2])
    return any(abs(aspect / (long / short) - 1) <= SHEET_TOLERANCE for long, short in SHEETS_MM)


def _plausible(image: Image, stated: tuple[float, float], scale: tuple[float, float]) -> bool:
    low, high = sorted((stated[0] * scale[0], stated[1] * scale[1]))
    short, long = sorted(image.shape[:2])
    at_most = MAX_SIDE_IN if long < STRIP_ASPECT * short or short > MAX_STRIP_IN * high else math.inf
    return (
        STATED_DPI[0] <= min(stated) <= max(stated) <= STATED_DPI[1]
        and high <= MAX_ANISOTROPY * low
        and not (round(stated[0]) == round(stated[1]) and round(stated[0]) in NOMINAL_DPI)
        and short >= mm_to_px(MIN_SIDE_MM, high)
        and long <= at_most * high
    )
