"""The inside of a cell that seems blank -> whether something faint stands out in it that is as long as a mark.

Grain hides pale strokes pixel by pixel, and does not over the length of a stroke: the cell is smoothed by a stroke's
thickness, and what then differs from the paper around it by many times what is usual in the cell is no grain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import as_image
from pipeline.residual.planes import channel_mean, median

SMOOTHED = 0.08
"""The standard deviation of the smoothing, in text heights: half the thickness of a stroke."""
AROUND = (1.6, 3.0)
"""Paper is the mean over so many text heights down and across, as shadows change over more than that."""
TIMES = 5.0
"""A mark differs by so many times the cell's usual difference: on 64 pages 5 of 276 blank cells have more, specks
among them, and 14 of 17 marks that were overlooked."""
EDGE_TIMES = 4.0
"""Its pixels differ by so many times that."""
LEAST = 6.0
"""And by so much, of 255: less is left of a JPEG's blocks and of the back of the sheet."""
LONG = 0.3
"""A mark is at least this long, in text heights."""
AREA = 0.03
"""And covers this share of a square of the text's height."""
TO_DEVIATIONS = 1.4826
"""The median of what values are off by, times this, is their standard deviation where they are normally distributed."""
LEAST_GRAIN = 0.4
"""Smoothed paper differs by this at least, as levels are whole numbers."""
LETTERS = 4
"""So many parts in a row are letters that are too pale to stand out alone: 3 of 542 blank cells have them."""
LETTER_TIMES, LETTER_LONG, LETTER_AREA = 3.0, 0.25, 0.02
"""Such a part differs by so many times the usual difference, and is so long and large, as `LONG` and `AREA` say."""
LEAST_LETTERS = 4.0
"""And differs by so much, of 255."""
FAINT = 24.0
"""What differs more is no faint mark: whether it is dust is told by its shape on the scan."""
DUST = 0.6
"""Round and solid specks are dust up to this size, in heights of the page's text."""
ROUND_ASPECT = 1.6
"""A speck is no more than so many times as long as wide."""
MIN_SIDE_PX = 6


class _Part(NamedTuple):
    """Pixels that stand together: how far each differs from its paper (n,), and their box with its middle's height."""

    differences: NDArray[np.float32]
    width: int
    height: int
    middle: float

    def is_speck(self, text_height: float) -> bool:
        """Whether it is as small and as round as dust."""
        short, long = sorted((self.width, self.height))
        return long <= DUST * text_height and long <= ROUND_ASPECT * short


def apart_from_paper(patch: Image, text_height: float) -> NDArray[np.float32] | None:
    """What the pixels of a patch, smoothed, differ from the paper around by, in levels; None of too small a patch.

    Args:
        patch: (height, width, channels) of the inside of a cell, without its ruling.
        text_height: in pixels of the patch.
    """
    if min(patch.shape[:2]) < MIN_SIDE_PX:
        return None
    smooth = cv2.GaussianBlur(patch.astype(np.float32), (0, 0), max(0.8, SMOOTHED * text_height))
    down, across = (round(share * text_height) | 1 for share in AROUND)
    return np.asarray(smooth - cv2.blur(smooth, (across, down), borderType=cv2.BORDER_REFLECT), np.float32)


def without_ink(apart: NDArray[np.float32], text_height: float) -> NDArray[np.float32]:
    """The same against paper alone: ink and specks are none, and make all around them seem lighter than it is."""
    if apart.max() <= LEAST and apart.min() >= -LEAST:
        return apart
    inked = apart - np.clip(apart, -LEAST, LEAST)
    down, across = (round(share * text_height) | 1 for share in AROUND)
    return np.asarray(apart + cv2.blur(inked, (across, down), borderType=cv2.BORDER_REFLECT), np.float32)


def has_faint_mark(apart: NDArray[np.float32], text_height: float) -> bool:
    """Whether something stands out in a patch of paper, in any channel, darker or lighter.

    Args:
        apart: (height, width, channels) what the patch differs from its paper by.
        text_height: in pixels of the patch.
    """
    if any(_stands_out(apart[..., channel], text_height) for channel in range(apart.shape[2])):
        return True
    return _has_letters(channel_mean(apart), text_height)


def _stands_out(apart: NDArray[np.float32], text_height: float) -> bool:
    """Whether a part of a channel's differences (height, width) from its paper is a mark."""
    if float(np.ptp(apart)) < LEAST:  # then nothing differs by as much from their median
        return False
    apart = apart - median(apart)
    usual = max(LEAST_GRAIN, TO_DEVIATIONS * float(median(np.abs(apart))))
    if float(np.abs(apart).max()) < max(LEAST, TIMES * usual):
        return False
    least = LONG * text_height, AREA * text_height**2
    return any(
        max(LEAST, TIMES * usual) <= float(np.quantile(part.differences, 0.8)) and not part.is_speck(text_height)
        for sign in (1, -1)
        for part in _faint_parts(apart, as_image(sign * apart > EDGE_TIMES * usual), least)
    )


def _has_letters(apart: NDArray[np.float32], text_height: float) -> bool:
    """Whether so many parts differ from the paper, all darker or all lighter, that they are letters."""
    if float(np.ptp(apart)) <= LEAST_LETTERS:
        return False
    apart = apart - median(apart)
    usual = max(LEAST_GRAIN, TO_DEVIATIONS * float(median(np.abs(apart))))
    least = max(LEAST_LETTERS, LETTER_TIMES * usual)
    size = LETTER_LONG * text_height, LETTER_AREA * text_height**2
    letters = (list(_faint_parts(apart, as_image(sign * apart > least), size)) for sign in (1, -1))
    return any(_are_in_a_row(parts, text_height) for parts in letters)


def _are_in_a_row(parts: Sequence[_Part], text_height: float) -> bool:
    middles = np.array([part.middle for part in parts])
    return any(np.count_nonzero(np.abs(middles - middle) <= text_height / 2) >= LETTERS for middle in middles)


def _faint_parts(apart: NDArray[np.float32], mask: Image, least: tuple[float, float]) -> Iterator[_Part]:
    """The parts of a mask, of a least length and area in pixels, that are faint and do not reach the patch's edge."""
    number, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    rows, columns = mask.shape
    for part in range(1, number):
        left, top, width, height, area = stats[part].tolist()
        at_edge = left == 0 or top == 0 or left + width == columns or top + height == rows
        if at_edge or max(width, height) < least[0] or area < least[1]:
            continue
        box = slice(top, top + height), slice(left, left + width)
        differences = np.abs(apart[box][parts[box] == part])
        if float(differences.max()) < FAINT:
            yield _Part(differences, width, height, top + height / 2)
