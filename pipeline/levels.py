"""Quantiles of gray images, by counting levels: one look at each pixel, where sorting takes many."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.elements import Image

LEVELS = 256


def quantile(image: Image, share: float) -> float:
    """The level below which a share of an image's pixels lie, interpolated as NumPy does.

    Args:
        image: uint8 of any shape, not empty.
        share: 0-1.

    Raises:
        ValueError: when the image has no pixels.

    Example:
        >>> quantile(np.array([[0, 10], [20, 30]], np.uint8), 0.5)
        15.0
    """
    if not image.size:
        raise ValueError("an image without pixels has no quantile")
    counts = cv2.calcHist([np.ascontiguousarray(image).reshape(-1, 1)], [0], None, [LEVELS], [0, LEVELS])
    at_most = np.cumsum(counts.ravel(), dtype=np.float64)
    place = share * (image.size - 1)
    lower, upper = np.searchsorted(at_most, (np.floor(place), np.ceil(place)), side="right")
    return float(lower + (place - np.floor(place)) * (upper - lower))
