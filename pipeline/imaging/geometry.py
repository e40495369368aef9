"""Numbers to numbers: homographies, rotations, quads, millimetres and pixels. No image is touched here."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.elements import BBox, Matrix, Point, Polygon

MM_PER_INCH = 25.4
"""An inch has so many millimetres by definition."""

Points = NDArray[np.float64]
"""(n, 2) points, x then y."""


def mm_to_px(mm: float, dpi: float) -> float:
    """Millimetres on paper as pixels of a scan at `dpi`."""
    return mm * dpi / MM_PER_INCH


def matrix_array(matrix: Matrix) -> NDArray[np.float64]:
    """A `Matrix` as a (3, 3) array."""
    return np.array(matrix, dtype=np.float64).reshape(3, 3)


def matrix_tuple(array: ArrayLike) -> Matrix:
    """A (3, 3) array as a `Matrix`, scaled so that its last number is 1.

    Raises:
        ValueError: when the array has another shape.
    """
    numbers = np.asarray(array, dtype=np.float64)
    if numbers.shape != (3, 3):
        raise ValueError(f"a homography is (3, 3), got {numbers.shape}")
    a, b, c, d, e, f, g, h, i = (float(n) for n in (numbers / numbers[2, 2]).ravel())
    return a, b, c, d, e, f, g, h, i


def apply_homography(matrix: Matrix, points: ArrayLike) -> Points:
    """Map (n, 2) points through a homography; returns (n, 2)."""
    xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    mapped = np.column_stack([xy, np.ones(len(xy))]) @ matrix_array(matrix).T
    result: Points = mapped[:, :2] / mapped[:, 2:]
    return result


def invert(matrix: Matrix) -> Matrix:
    """The homography that undoes `matrix`."""
    return matrix_tuple(np.linalg.inv(matrix_array(matrix)))


def compose(first: Matrix, then: Matrix) -> Matrix:
    """The homography that applies `first`, and `then` to its result."""
    return matrix_tuple(matrix_array(then) @ matrix_array(first))


def quarter_turn_matrix(quarter_turns: int, width: int, height: int) -> Matrix:
    """Maps pixel centres of a (height, width) image to those of the image turned counter-clockwise.

    Agrees with `numpy.rot90(image, quarter_turns)`.

    Example:
        >>> apply_homography(quarter_turn_matrix(1, 10, 5), [(9, 0)]).tolist()
        [[0.0, 0.0]]
    """
    match quarter_turns % 4:
        case 1:
            return 0.0, 1.0, 0.0, -1.0, 0.0, width - 1.0, 0.0, 0.0, 1.0
        case 2:
            return -1.0, 0.0, width - 1.0, 0.0, -1.0, height - 1.0, 0.0, 0.0, 1.0
        case 3:
            return 0.0, -1.0, height - 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0
        case _:
            return 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0


def scale_matrix(across: float, down: float | None = None) -> Matrix:
    """Maps pixel centres of an image to those of the same image made so many times as wide, and as high."""
    down = across if down is None else down
    return across, 0.0, (across - 1) / 2, 0.0, down, (down - 1) / 2, 0.0, 0.0, 1.0


def rotation_matrix(angle_deg: float, center: tuple[float, float]) -> Matrix:
    """Turns points counter-clockwise, as seen on a page with y down, by `angle_deg` about `center`."""
    angle, (x, y) = math.radians(angle_deg), center
    cos, sin = math.cos(angle), math.sin(angle)
    return cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y, 0.0, 0.0, 1.0


def bounding_box(points: ArrayLike) -> BBox:
    """The smallest upright box around (n, 2) points."""
    if isinstance(points, tuple) and isinstance(
        points[0], tuple
    ):  # a polygon's few corners are sooner compared than made an array
        across, down = zip(*points, strict=True)
        return BBox(float(min(across)), float(min(down)), float(max(across)), float(max(down)))
    xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    (left, top), (right, bottom) = xy.min(axis=0), xy.max(axis=0)
    return BBox(float(left), float(top), float(right), float(bottom))


def box_corners(boxes: ArrayLike) -> Points:
    """The corners of (n, 4) boxes as (4 n, 2) points, those of each clockwise from its top left.

    Example:
        >>> box_corners(BBox(0, 1, 10, 5)).tolist()
        [[0.0, 1.0], [10.0, 1.0], [10.0, 5.0], [0.0, 5.0]]
    """
    sides = np.asarray(boxes, np.float64).reshape(-1, 4)
    corners: Points = sides[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)
    return corners


def polygon(points: ArrayLike) -> Polygon:
    """(n, 2) points as a tuple of (x, y) pairs, to a thousandth of a pixel.

    Finer digits depend on how many threads did the sums: the same page must land the same places everywhere.
    """
    return tuple((round(float(x), 3), round(float(y), 3)) for x, y in np.asarray(points, np.float64).reshape(-1, 2))


def map_polygon(matrix: Matrix, corners: Polygon) -> Polygon:
    """A polygon mapped through a homography: its few corners are sooner mapped than made an array."""
    a, b, c, d, e, f, g, h, i = matrix
    mapped = []
    for x, y in corners:
        scale = g * x + h * y + i
        mapped.append((round(float((a * x + b * y + c) / scale), 3), round(float((d * x + e * y + f) / scale), 3)))
    return tuple(mapped)


def common_area(a: BBox, b: BBox) -> float:
    """The area that two boxes have in common, in square pixels."""
    return BBox(max(a.left, b.left), max(a.top, b.top), min(a.right, b.right), min(a.bottom, b.bottom)).area


def in_polygon(corners: Polygon, point: Point) -> bool:
    """Whether a point lies in a polygon, or on its edge."""
    return bool(cv2.pointPolygonTest(np.array(corners, np.float32), point, measureDist=False) >= 0)


def share_of_smaller(a: BBox, b: BBox) -> float:
    """How much of the smaller of two boxes they have in common, 0-1."""
    return common_area(a, b) / max(1.0, min(a.area, b.area))


def overlap(a: BBox, b: BBox) -> float:
    """Intersection over union of two boxes, 0-1."""
    both = common_area(a, b)
    union = a.area + b.area - both
    return both / union if union else 0.0
