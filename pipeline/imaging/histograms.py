"""A gray image -> its cumulative histogram and quantiles: one look at each pixel, where sorting takes many."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image

LEVELS = 256
"""A uint8 image has so many gray levels."""


class Histogram(NamedTuple):
    """The cumulative histogram of an image: how many pixels are at each gray level or below it, (256,)."""

    at_most: NDArray[np.float64]

    @classmethod
    def of(cls, image: Image) -> Histogram:
        """The histogram of a uint8 image of any shape.

        Raises:
            ValueError: when it is empty.
        """
        if not image.size:
            raise ValueError("an image without pixels has no quantile")
        counts = cv2.calcHist([np.ascontiguousarray(image).reshape(1, -1)], [0], None, [LEVELS], [0, LEVELS])
        return cls(counts.ravel().cumsum(dtype=np.float64))

    def quantile(self, share: float, least: int = 0) -> float:
        """The level below which a share of the pixels lie, interpolated as NumPy does.

        Args:
            share: 0-1.
            least: pixels below this level do not count.

        Raises:
            ValueError: when no pixel counts.
        """
        left_out = float(self.at_most[least - 1]) if least else 0.0
        counted = float(self.at_most[-1]) - left_out
        if not counted:
            raise ValueError(f"no pixel has a level of {least} or more")
        place = share * (counted - 1)
        first = math.floor(place)
        lower, upper = self.at_most.searchsorted((first + left_out, math.ceil(place) + left_out), side="right").tolist()
        return float(lower + (place - first) * (upper - lower))


def quantile(image: Image, share: float) -> float:
    """The level below which a share of an image's pixels lie, interpolated as NumPy does.

    Args:
        image: uint8 of any shape, not empty.
        share: 0-1.

    Raises:
        ValueError: when there are no pixels.

    Example:
        >>> quantile(np.array([[0, 10], [20, 30]], np.uint8), 0.5)
        15.0
    """
    return Histogram.of(image).quantile(share)
