"""A line that leaves its place -> how much of a cell border it inks, followed along its bend.

The dewarping surface takes the bends that many lines share. Where a page is torn, folded over or lifted at a corner the
last line bends alone; it is followed from where it is sure to the next line that crosses it.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.elements import Image
from pipeline.grid.candidates import INKED, SMOOTH_MM
from pipeline.imaging import as_image

LEAVE_MM = 2.2
"""A line is followed so far from its place: half as far as a row of text is high."""
STEP_MM = 1.4
"""Within this length a line moves across by one pixel at most: by seven degrees at the coarsest resolution."""
FOLLOWED = 0.92
"""At least this share of the way is inked, as no row of text inks."""


def follow_line(ridge: Image, row: int, ends: tuple[int, int], px_per_mm: float) -> float:
    """How much of the way of a line is inked, 0-1: 0 where it is less than a rule inks, or where it leaves its place.

    Args:
        ridge: (height, width) contrast along horizontal lines, 0-255 at the clip.
        row: where the line is at the first of the ends.
        ends: columns between which it is followed, in either direction.
        px_per_mm: of the image.
    """
    begin, end = ends
    left, right = max(0, min(ends)), min(ridge.shape[1], max(ends))
    reach, step = max(2, round(LEAVE_MM * px_per_mm)), max(4, round(STEP_MM * px_per_mm))
    top = max(0, row - reach)
    part = ridge[top : row + reach + 1, left:right]
    if part.size == 0 or right - left < step:
        return 0.0
    smooth = as_image(cv2.blur(part, (max(3, round(SMOOTH_MM * px_per_mm) | 1), 1)))
    smooth = smooth if end > begin else smooth[:, ::-1]
    at, inked = row - top, 0
    for first in range(0, smooth.shape[1], step):
        block = smooth[max(0, at - 1) : at + 2, first : first + step]
        best = int(block.sum(axis=1, dtype=np.int64).argmax())
        inked += int(np.count_nonzero(block.max(axis=0) > INKED * 255))
        at = max(0, at - 1) + best
    share = inked / smooth.shape[1]
    return share if share >= FOLLOWED and 0 < at < len(smooth) - 1 else 0.0
