"""Quantiles of gray images, by counting levels: one look at each pixel, where sorting takes many."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.elements import Image

LEVELS = 256


def quantile(image: Image, share: float, least: int = 0) -> float:
    """The level below which a share of an image's pixels lie, interpolated as NumPy does.

    Args:
        image: uint8 of any shape, not empty.
        share: 0-1.
        least: pixels below this level do not count.

    Raises:
        ValueError: when no pixel counts.

    Example:
        >>> quantile(np.array([[0, 10], [20, 30]], np.uint8), 0.5)
        15.0
    """
    if not image.size:
        raise ValueError("an image without pixels has no quantile")
    counts = cv2.calcHist([np.ascontiguousarray(image).reshape(1, -1)], [0], None, [LEVELS], [0, LEVELS])
    counts[:least] = 0
    at_most = np.cumsum(counts.ravel(), dtype=np.float64)
    if not at_most[-1]:
        raise ValueError(f"no pixel has a level of {least} or more")
    place = share * (at_most[-1] - 1)
    lower, upper = np.searchsorted(at_most, (np.floor(place), np.ceil(place)), side="right")
    return float(lower + (place - np.floor(place)) * (upper - lower))
