"""Points, boxes, polygons and images: where things are, in pixels."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""A raster as OpenCV has it: the docstring of whoever takes one says how many channels it needs."""
Point: TypeAlias = tuple[float, float]
"""A place as x to the right and y down, in pixels."""
Polygon: TypeAlias = tuple[Point, ...]
"""Corners in order, clockwise; the last one is joined to the first."""
Matrix: TypeAlias = tuple[float, float, float, float, float, float, float, float, float]
"""A 3 x 3 homography, row by row: flat, so that it travels between processes as plain numbers."""


class BBox(NamedTuple):
    """An upright box in pixels; right and bottom are excluded."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels, never negative."""
        return max(0.0, self.right - self.left)

    @property
    def height(self) -> float:
        """Height in pixels, never negative."""
        return max(0.0, self.bottom - self.top)

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height
