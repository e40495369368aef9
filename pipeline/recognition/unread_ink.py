"""A reading and the crop it was read from -> the same reading, in doubt where the line's ink has no character.

The spaces between Latin words are restored on the way, from the paper between them.

A recogniser says where it saw each character. A stretch of ink between two of them that belongs to neither is one that
it passed over, however sure it is of the others: a lost character leaves no trace in the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.engines import LineReading
from pipeline.imaging import Histogram, as_image
from pipeline.recognition.word_spaces import with_word_spaces

MIDDLE = (0.2, 0.8)
"""Ink is looked for between these shares of a crop's height: ruling that a crop still holds lies above or below."""
PAPER = 0.75
"""A crop's paper is as bright as this quantile: print covers less than half of a line."""
INK = 0.03
"""A crop's ink is as dark as this quantile; a lone short numeral takes no more."""
INK_LEVEL = 0.4
"""Ink is darker than this share of the way from paper to the darkest: blur is paler, thin strokes are not."""
LEAST_CONTRAST = 24
"""Paler print than this, of 255 levels, cannot be told from the grain of paper."""
WIDE_REACH = 0.6
"""A full-width character has its ink within this many text heights of where it was seen: half a character, and half a
time step."""
BROAD_REACH = 0.7
"""The same for m, W, % and signs that some fonts draw at full width; a text height without ascenders is lower."""
NARROW_REACH = 0.5
"""The same for all others, where the line does not show how close they stand."""
NARROW_SLACK = 0.08
"""Beyond half of their usual distance, other characters reach so far, in text heights: the steps are as coarse."""
LONG_REACH = 1.1
"""The same for dashes and leaders, of which two may be one stroke, read as one."""
MIN_DISTANCES = 3
"""From so many distances on, their median is the line's own."""
UNREAD = 0.25
"""A character was passed over from this width of ink on, in text heights. With one character of a line left out, 96 of
100 wide ones leave as much, and 70 narrow ones; of lines that were read in full, 1 in 600 has it."""
TALL = 0.4
"""What was passed over is at least so high, in text heights, within the middle of the line: a speck is not."""
LONG_STROKE = 0.5
"""Or it is so wide: a stroke such as 一."""
BESIDE_UNREAD = 0.5
"""A character beside ink that was not read is no surer than this: whether the text is whole is as likely as not."""

BROAD = frozenset("mMwWGOQ%@&<>=")
"""These are wider than other letters and signs."""
LONG = frozenset("-—–_~…―－=一·.")
"""These may stand for a longer stroke, or for a row of dots."""
FLAT = LONG | frozenset(",、。:：;；'\"“”‘’`^丶/\\|丨1lI!")
"""A line of these alone is as high or as wide as its strokes happen to be, so its height says nothing of its width."""


class Shown(NamedTuple):
    """How a line stands in its crop, in pixels of it: the height of its text, and the paper left at its ends."""

    text_height: float
    margin: float


def doubting_unread_ink(reading: LineReading, crop: Image, shown: Shown) -> LineReading:
    """A reading with its words apart, and the characters beside ink that was not read in doubt; else as it is.

    Args:
        reading: of the crop; without `places` nothing can be said.
        crop: (height, width, 3), dark ink on paper.
        shown: how the line stands in it.
    """
    if not crop.size or not reading.places or FLAT.issuperset(reading.text):
        return reading
    places = [place * crop.shape[1] for place in reading.places]
    dark = line_ink(crop, shown.margin)
    left = as_image(cv2.reduce(dark, 0, cv2.REDUCE_MAX)[0])
    spaced = with_word_spaces(reading, places, left, shown.text_height)
    if spaced is not reading:
        reading, places = spaced, [place * crop.shape[1] for place in spaced.places]
    for place, reach in zip(places, _reaches(reading.text, places, shown.text_height), strict=True):
        left[max(0, int(place - reach)) : max(0, int(place + reach) + 1)] = 0
    doubted = _beside(np.flatnonzero(left), dark, places, shown.text_height)
    if not doubted:
        return reading
    capped = tuple(
        min(sure, BESIDE_UNREAD) if index in doubted else sure for index, sure in enumerate(reading.char_confidences)
    )
    return reading._replace(confidence=sum(capped) / len(capped), char_confidences=capped)


def line_ink(crop: Image, margin: float) -> Image:
    """Not 0 where the middle of a crop holds ink of its line, (height of the middle, width).

    Args:
        crop: (height, width, 3), dark ink on paper.
        margin: pixels at both ends that hold none of it.
    """
    height, width = crop.shape[:2]
    top, bottom = (round(share * height) for share in MIDDLE)
    gray = as_image(np.ascontiguousarray(crop[top : max(bottom, top + 1), :, 0]))
    levels = Histogram.of(gray)
    paper, darkest = levels.quantile(PAPER), levels.quantile(INK)
    if paper - darkest < LEAST_CONTRAST:
        return np.zeros_like(gray)
    dark = as_image((gray < paper - INK_LEVEL * (paper - darkest)).astype(np.uint8))
    ends = max(0, int(margin))
    dark[:, :ends] = dark[:, width - ends :] = 0
    return dark


def _beside(unread: NDArray[np.intp], dark: Image, places: Sequence[float], text_height: float) -> set[int]:
    """The characters on both sides of each stretch of ink, in columns of `dark`, that none of them reaches."""
    if len(unread) < UNREAD * text_height:
        return set()
    slots = np.searchsorted(places, unread)
    widths = np.bincount(slots, minlength=len(places) + 1)
    return {
        index
        for slot in np.flatnonzero(widths >= UNREAD * text_height).tolist()
        if widths[slot] >= LONG_STROKE * text_height
        or np.count_nonzero(dark[:, unread[slots == slot]].max(axis=1)) >= TALL * text_height
        for index in (slot - 1, slot)
        if 0 <= index < len(places)
    }


def _reaches(text: str, places: Sequence[float], text_height: float) -> list[float]:
    """How far from where it was seen each character's ink may be, in pixels."""
    kinds = [_reach(character) for character in text]
    narrow = NARROW_REACH
    if kinds.count(NARROW_REACH) > MIN_DISTANCES:
        distances = sorted(
            places[index + 1] - places[index]
            for index in range(len(kinds) - 1)
            if kinds[index] == kinds[index + 1] == NARROW_REACH
        )
        if len(distances) >= MIN_DISTANCES:
            usual = distances[len(distances) // 2] / text_height
            narrow = min(narrow, usual / 2 + NARROW_SLACK)
    return [(narrow if kind == NARROW_REACH else kind) * text_height for kind in kinds]


@lru_cache(maxsize=4096)
def _reach(character: str) -> float:
    """How far from where it was seen a character's ink may be, in text heights; a space has none."""
    if character.isspace():
        return 0.0
    if character in LONG:
        return LONG_REACH
    width = unicodedata.east_asian_width(character)
    if width in {"W", "F"}:
        return WIDE_REACH
    return BROAD_REACH if width == "A" or character in BROAD else NARROW_REACH
