"""An image -> how wide the print on it is for its height, which tells whether its pixels are square.

Connected components do not tell it: in a fax of 98 dpi rows of a character are missing, and what is left of it are
strokes of any shape. Within a row of text, each stretch of columns that hold ink is a character, or a part of one, and
the row is as high as its characters.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import MIN_MARKS, as_image, closed
from pipeline.intake.print_size import measured_print

WIDE_PERCENTILE = 75
"""The percentile of the widths of components that counts as a character's: many are only parts of one."""
JOINED_WIDTHS = 0.7
"""Characters no further apart than this share of their width stand in one row of text."""
LOST_ROWS = 3
"""Rows of pixels that join what is above and below them, as a fax may have lost one in between."""
LEAST_WIDTHS = 2.0
"""A row of text is at least so many characters long."""
LEAST_HEIGHT_PX = 5
"""A row of text that is lower has no shape that could be measured."""


class PrintAspect(NamedTuple):
    """The median width of characters and parts of characters, as a share of their row's height.

    `sideways` says that rows of text run down the image; widths are then along y.
    """

    value: float
    sideways: bool

    def squared(self, stretch: float) -> float:
        """What it is once each pixel is made `stretch` times as high."""
        return self.value * stretch if self.sideways else self.value / stretch


def print_aspect(image: Image) -> PrintAspect | None:
    """How wide the print on a page is for its height; None where there is too little of it.

    Args:
        image: (height, width, 3) BGR.
    """
    measured = measured_print(image)
    if measured is None:
        return None
    marks = measured[0]
    mask = as_image(marks.is_print[marks.labels].astype(np.uint8))
    boxes = marks.boxes[marks.is_print]
    if len(boxes) < MIN_MARKS:
        return None
    sides = boxes[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1]
    widths = [float(width) for width in np.percentile(sides, WIDE_PERCENTILE, axis=0)]
    across, down = _shares(mask, widths[0]), _shares(as_image(np.ascontiguousarray(mask.T)), widths[1])
    sideways = len(down) > len(across)
    shares = down if sideways else across
    return PrintAspect(float(np.median(shares)), sideways) if len(shares) >= MIN_MARKS else None


def _shares(mask: Image, width: float) -> NDArray[np.float64]:
    """The widths of all characters in rows of text that run across, as shares of their rows' heights."""
    joined = closed(closed(mask, 1, max(3, round(JOINED_WIDTHS * width)) | 1), LOST_ROWS, 1)
    _, _, rows, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    shares = [np.empty(0)]
    for left, top, length, height, _ in rows[1:]:
        if length >= LEAST_WIDTHS * width and height >= LEAST_HEIGHT_PX:
            inked = mask[top : top + height, left : left + length].any(axis=0)
            edges = np.flatnonzero(np.diff(inked.astype(np.int8), prepend=0, append=0))
            shares.append((edges[1::2] - edges[::2]) / height)
    return np.concatenate(shares)
