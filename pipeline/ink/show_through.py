"""A page's ink -> what of it may be the back of the sheet, shining through, and the page without that.

The back of a sheet is paler than anything printed on its front, and mirrored. What is pale alone may as well be a gray
rule or gray print: so lines of pale print are only offered here, to be read in either way.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Image, Ink, Upright
from pipeline.imaging import SURE_DARKNESS, SURE_LEVELS, UINT8_MAX, Histogram, as_image, closed, mm_to_px

DARK_QUANTILE = 0.995
"""Print covers a fiftieth of a page and more: the darkest two-hundredth shows how dark its ink is."""
PALE_SHARE = 0.5
"""What the back of a sheet leaves is paler than this share of the darkest ink: thin office paper lets through up to
35 %."""
LEAST_DARK = 100
"""On a page without ink as dark as this, of 255, all print is pale."""
BAND_ROWS, BAND_EVERY = 64, 256
"""So many rows of every so many tell whether a page has pale ink at all: a back has it from top to bottom."""
HALO_MM = 0.4
"""Nearer than this to dark ink, gray is its blurred edge."""
LEAST_PALE_SHARE = 0.002
"""A page with less pale ink than this has no print on its back that could be taken for cells or texts."""
TEXT_HEIGHT_MM = (1.5, 7.0)
"""Lines of print are so high, with what blur adds."""
CHARACTER_GAP_MM = 1.6
"""Characters no further apart stand in one line of print."""
LEAST_ASPECT, MOST_ASPECT = 1.6, 25.0
"""A line of several characters is so many times as long as high, and a rule is longer."""
INKED_SHARE = (0.08, 0.6)
"""A line's box is filled with so much pale ink: with less it is specks, with more a fill or a rule."""
CROSSED_SHARE = 0.35
"""A line of which more than this lies under dark ink cannot be read."""
QUICKEST = cv2.CCL_GRANA
"""Of OpenCV's algorithms for the same connected components this takes half the time of its default on a whole page."""
TONE_QUANTILE = 0.97
"""How dark pale print is, as the quantile of its pixels, most of which are blurred."""
TONE_MARGIN = 1.3
"""Where strokes of the back are thick, or cross, they are up to so many times as dark as most of them."""
LIFTED_NOISE = 3.0
"""Paper grain rides on pale ink: what is taken away is up to so many standard deviations darker."""


class PalePrint(NamedTuple):
    """Pale print on a page: `lines` of it, the clearest first, as boxes in pixels, and its `tone`, darkness 0-255.

    `shown` (height, width) is the page's pale ink alone, 0 paper to 255 as dark as pale print is.
    """

    lines: tuple[BBox, ...]
    tone: float
    shown: Image


def find_pale_print(ink: Ink, dpi: float) -> PalePrint | None:
    """The pale print of a page that has dark print, too; None where there is none.

    Args:
        ink: of the upright page.
        dpi: of the page.
    """
    darkness = ink.darkness
    dark_level = Histogram.of(np.ascontiguousarray(darkness[::3, ::3])).quantile(DARK_QUANTILE)
    paper = max(SURE_LEVELS * ink.noise, SURE_DARKNESS)
    if dark_level < LEAST_DARK or PALE_SHARE * dark_level <= paper:
        return None
    levels = paper, PALE_SHARE * dark_level
    bands = [darkness[top : top + BAND_ROWS] for top in range(0, len(darkness), BAND_EVERY)]
    inked = sum(cv2.countNonZero(_split(band, levels, dpi)[1]) for band in bands)
    if inked < LEAST_PALE_SHARE * sum(band.size for band in bands):
        return None
    alone, pale, near = _split(darkness, levels, dpi)
    lines = _lines(pale, near, dpi)
    if not lines:
        return None
    tone = float(np.quantile(np.concatenate([_inked(alone, pale, line) for line in lines]), TONE_QUANTILE))
    return PalePrint(lines, tone, as_image(cv2.convertScaleAbs(alone, alpha=UINT8_MAX / tone)))


def without_pale(upright: Upright, tone: float) -> Upright:
    """The page with everything as pale as the back of its sheet gone, where it is not beside darker ink.

    Args:
        upright: the page.
        tone: of the back's print, darkness 0-255.
    """
    ink = upright.ink
    own = min(TONE_MARGIN * tone + LIFTED_NOISE * ink.noise, PALE_SHARE * UINT8_MAX)
    alone = _split(ink.darkness, (0.0, own), upright.dpi)[1] > 0
    darkness, image = ink.darkness.copy(), upright.image.copy()
    darkness[alone] = 0
    image[alone] = [np.median(image[::8, ::8, channel]) for channel in range(3)]
    colours = None
    if ink.with_colours is not None:
        colours = ink.with_colours.copy()
        colours[alone & (colours <= own)] = 0
    return replace(upright, image=image, ink=replace(ink, darkness=darkness, with_colours=colours))


def _split(darkness: Image, levels: tuple[float, float], dpi: float) -> tuple[Image, Image, Image]:
    """The darkness of what is away from dark ink, a mask of what is pale of it, and one of what is near dark ink.

    Args:
        darkness: (height, width).
        levels: of darkness, above which ink is pale, and dark.
        dpi: of the darkness.
    """
    reach = 2 * math.ceil(mm_to_px(HALO_MM, dpi)) + 1
    dark = cv2.threshold(darkness, levels[1], UINT8_MAX, cv2.THRESH_BINARY)[1]
    near = cv2.dilate(dark, np.ones((reach, reach), np.uint8))
    alone = as_image(cv2.subtract(darkness, near))
    return alone, as_image(cv2.threshold(alone, levels[0], 1, cv2.THRESH_BINARY)[1]), as_image(near)


def _lines(pale: Image, near_dark: Image, dpi: float) -> tuple[BBox, ...]:
    """Lines of print in a mask of pale ink, the longest first of those that lie clear of dark ink."""
    low, high = (mm_to_px(side, dpi) for side in TEXT_HEIGHT_MM)
    _, labels, marks, _ = cv2.connectedComponentsWithStatsWithAlgorithm(pale, 8, cv2.CV_32S, QUICKEST)
    width, height = marks[:, cv2.CC_STAT_WIDTH], marks[:, cv2.CC_STAT_HEIGHT]
    as_print = (np.maximum(width, height) <= 1.5 * high) & (marks[:, cv2.CC_STAT_AREA] >= 4)
    as_print[0] = False
    places, text = np.flatnonzero(pale), np.zeros_like(pale)  # few of all pixels
    text.ravel()[places] = as_print[labels.ravel()[places]]
    gap = max(3, round(mm_to_px(CHARACTER_GAP_MM, dpi))) | 1
    _, _, rows, _ = cv2.connectedComponentsWithStatsWithAlgorithm(closed(text, 3, gap), 8, cv2.CV_32S, QUICKEST)
    found = []
    for left, top, wide, tall, _ in rows[1:].tolist():
        if not (low <= tall <= high and LEAST_ASPECT * tall <= wide <= MOST_ASPECT * tall):
            continue
        place = slice(top, top + tall), slice(left, left + wide)
        inked, crossed = float(text[place].mean()), float((near_dark[place] > 0).mean())
        if INKED_SHARE[0] <= inked <= INKED_SHARE[1] and crossed <= CROSSED_SHARE:
            found.append((crossed > 0.05, -wide, BBox(left, top, left + wide, top + tall)))
    return tuple(box for *_, box in sorted(found))


def _inked(alone: Image, pale: Image, line: BBox) -> NDArray[np.uint8]:
    place = slice(int(line.top), int(line.bottom)), slice(int(line.left), int(line.right))
    return np.asarray(alone[place][pale[place] > 0], np.uint8)
