"""The inside of a cell that seems blank -> whether something faint stands out in it that is as long as a mark.

Grain hides pale strokes pixel by pixel, and does not over the length of a stroke: the cell is smoothed by a stroke's
thickness, and what then differs from the paper around it by many times what is usual in the cell is no grain.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import as_image

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
"""So many parts together are letters that are too pale to stand out alone: 3 of 542 blank cells have them."""
LETTER_TIMES, LETTER_LONG, LETTER_AREA = 3.0, 0.25, 0.02
"""Such a part differs by so many times the usual difference, and is so long and large, as `LONG` and `AREA` say."""
LEAST_LETTERS = 4.0
"""And differs by so much, of 255."""
MIN_SIDE_PX = 6


def has_faint_mark(patch: Image, text_height: float) -> bool:
    """Whether something stands out in a patch of paper, in any channel, darker or lighter.

    Args:
        patch: (height, width, channels) of the inside of a cell, without its ruling.
        text_height: in pixels of the patch.
    """
    if min(patch.shape[:2]) < MIN_SIDE_PX:
        return False
    smooth = cv2.GaussianBlur(patch.astype(np.float32), (0, 0), max(0.8, SMOOTHED * text_height))
    down, across = (round(share * text_height) | 1 for share in AROUND)
    apart = smooth - cv2.blur(smooth, (across, down), borderType=cv2.BORDER_REFLECT)
    if any(_stands_out(apart[..., channel], text_height) for channel in range(apart.shape[2])):
        return True
    return _has_letters(apart.mean(axis=2), text_height)


def _stands_out(apart: NDArray[np.float32], text_height: float) -> bool:
    """Whether a part of a channel's differences (height, width) from its paper is a mark."""
    apart = apart - np.median(apart)
    usual = max(LEAST_GRAIN, TO_DEVIATIONS * float(np.median(np.abs(apart))))
    if float(np.abs(apart).max()) < max(LEAST, TIMES * usual):
        return False
    return any(
        float(np.quantile(np.abs(part), 0.8)) >= max(LEAST, TIMES * usual)
        for sign in (1, -1)
        for part in _long_parts(
            apart, as_image(sign * apart > EDGE_TIMES * usual), LONG * text_height, AREA * text_height**2
        )
    )


def _has_letters(apart: NDArray[np.float32], text_height: float) -> bool:
    """Whether so many parts differ from the paper, all darker or all lighter, that they are letters."""
    apart = apart - np.median(apart)
    usual = max(LEAST_GRAIN, TO_DEVIATIONS * float(np.median(np.abs(apart))))
    least = max(LEAST_LETTERS, LETTER_TIMES * usual)
    return any(
        sum(
            1
            for _ in _long_parts(
                apart, as_image(sign * apart > least), LETTER_LONG * text_height, LETTER_AREA * text_height**2
            )
        )
        >= LETTERS
        for sign in (1, -1)
    )


def _long_parts(
    apart: NDArray[np.float32], mask: Image, least: float, least_area: float
) -> Iterator[NDArray[np.float32]]:
    """The differences in each part of a mask that is long and large enough and does not reach the patch's edge."""
    number, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    rows, columns = mask.shape
    for part in range(1, number):
        left, top, width, height, area = stats[part].tolist()
        at_edge = left == 0 or top == 0 or left + width == columns or top + height == rows
        if not at_edge and max(width, height) >= least and area >= least_area:
            box = slice(top, top + height), slice(left, left + width)
            yield apart[box][parts[box] == part]
