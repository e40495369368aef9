"""A straight picture of a stamp's ink -> its lines of text, as pictures to read, from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import as_image, ink_on_white

INKED = 96
"""Ink is what is darker than this, of 255."""
FRAME_SHARE = 0.4
"""A row or column with more of it inked is a frame's: letters ink a third of theirs at most."""
FRAME_DEPTH = 0.2
"""A frame is looked for within this share of a stamp's shorter side from each edge."""
LINE_INKED = 0.015
"""A row with less of it inked is between lines."""
MIN_LINE = 0.1
"""A line across a stamp is at least this share of its height high."""
MAX_LINES = 4
"""At most so many lines across a stamp are read, the highest: smaller ones are of no one's concern."""
LINE_PAD = 0.2
"""So much paper is left around a line, in its heights."""
STAR_MIDDLE = 0.2
"""The middle of a star lies within this share of the picture's side from its middle."""
STAR_SIZE = (0.2, 0.75)
"""A star is between these shares of the picture's side wide."""
STAR_FILL = (0.2, 0.62)
"""A star fills between these shares of its box: a five-pointed one 0.35, with wear and soft edges more or less."""
STAR_CENTRE = 0.25
"""The middle of a star, this share of its box, is all ink."""


def line_pictures(ink: Image) -> list[Image]:
    """The lines of text in straight ink (height, width), 0 paper to 255, as (height, width, 3) dark on white."""
    bare = without_frame(ink)
    if not bare.size:
        return []
    inked = np.count_nonzero(bare > INKED, axis=1) / bare.shape[1]
    rows = [run for run in _runs(inked >= LINE_INKED) if run.stop - run.start >= MIN_LINE * bare.shape[0]]
    tallest = sorted(rows, key=lambda run: run.start - run.stop)[:MAX_LINES]
    return [picture for run in rows if run in tallest and (picture := _picture(bare, run)) is not None]


def without_frame(ink: Image) -> Image:
    """What stands within the frame of a stamp, or all of it where it has none."""
    top, bottom = _within_frame(ink)
    left, right = _within_frame(np.ascontiguousarray(ink.T))
    return np.ascontiguousarray(ink[top:bottom, left:right])


def without_star(ink: Image) -> Image:
    """A picture (height, width) of what stands in the middle of a seal, less the star that may stand there."""
    height, width = ink.shape
    if not ink.size:
        return ink
    _, labels, stats, middles = cv2.connectedComponentsWithStats((ink > INKED).astype(np.uint8))
    for label in range(1, len(stats)):
        x, y, across, down, area = (int(n) for n in stats[label])
        off = np.abs(middles[label] - (width / 2, height / 2)) / (width, height)
        sized = STAR_SIZE[0] * width <= across <= STAR_SIZE[1] * width and 0.7 <= across / max(1, down) <= 1.4
        if off.max() <= STAR_MIDDLE and sized and STAR_FILL[0] <= area / (across * down) <= STAR_FILL[1]:
            core = labels[_middle(y, down), _middle(x, across)] == label
            if core.mean() > 1 - STAR_CENTRE:
                left = ink.copy()
                left[cv2.dilate((labels == label).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0
                return left
    return ink


def _middle(start: int, size: int) -> slice:
    """The middle quarter of an extent."""
    half = max(1, round(size * STAR_CENTRE / 2))
    return slice(start + size // 2 - half, start + size // 2 + half)


def _within_frame(ink: Image) -> tuple[int, int]:
    """The first and the last row (excluded) within a frame's upper and lower side."""
    height = ink.shape[0]
    shares = np.count_nonzero(ink > INKED, axis=1) / max(1, ink.shape[1])
    depth = max(1, round(FRAME_DEPTH * min(ink.shape)))
    upper, lower = np.flatnonzero(shares[:depth] > FRAME_SHARE), np.flatnonzero(shares[-depth:] > FRAME_SHARE)
    top = int(upper[-1]) + 2 if len(upper) else 0
    bottom = height - depth + int(lower[0]) - 1 if len(lower) else height
    return (top, bottom) if top < bottom else (0, height)


def _runs(told: NDArray[np.bool_]) -> Iterator[slice]:
    """The runs of rows of which something is told."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], told, [False]]).astype(np.int8)))
    for start, stop in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        yield slice(start, stop)


def _picture(ink: Image, run: slice) -> Image | None:
    """A line, cut to where its ink begins and ends, with some paper around it; None where hardly any is left."""
    line = ink[run]
    columns = np.flatnonzero((line > INKED).any(axis=0))
    if columns[-1] - columns[0] < line.shape[0] / 2:
        return None
    pad = max(1, round(LINE_PAD * line.shape[0]))
    cut = line[:, columns[0] : columns[-1] + 1]
    return ink_on_white(as_image(cv2.copyMakeBorder(cut, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0,))))
