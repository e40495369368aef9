"""TableReading -> where its columns part, as shares of its width: the same on each page that a table runs over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Matrix, TableReading
from pipeline.imaging import apply_homography, invert

Points = NDArray[np.float64]
"""Places, (points, 2), as x and y in pixels."""

MAX_SHIFT = 0.02
"""A column may stand elsewhere on the next page by this share of the table's width: half the narrowest column that
holds text (a 序号 of 10 mm on A4), and six times what twelve scans of one form differ by."""


def column_places(table: TableReading, to_source: Matrix) -> dict[int, float]:
    """Where a table's columns part: boundary (0 to n_cols) -> share of the table's width, 0-1.

    Shares are taken between the table's left and right border at the same height, so that perspective changes none. A
    boundary along which no cell ends has none.

    Args:
        table: its cells' polygons in scan pixels, clockwise from the top-left.
        to_source: of the page: upright pixels to scan pixels.
    """
    upright = invert(to_source)
    edges: dict[int, list[Points]] = {}
    for reading in table.cells:
        cell = reading.cell
        corners = apply_homography(upright, cell.polygon)
        edges.setdefault(cell.col, []).append(corners[[0, 3]])
        edges.setdefault(cell.col + cell.col_span, []).append(corners[[1, 2]])
    points = {boundary: np.concatenate(found) for boundary, found in edges.items()}
    left, right = _border(points[0]), _border(points[table.grid.n_cols])
    return {boundary: _share(points[boundary], left, right) for boundary in sorted(points)}


def match_columns(
    table: Mapping[int, float], whole: Mapping[int, float], needed: Iterable[int]
) -> dict[int, int] | None:
    """Lay a table's columns over those of the table that it may continue: its boundaries -> the other's.

    Args:
        table: places of its boundaries.
        whole: places of the other's.
        needed: boundaries of the other that it must have as well.

    Returns:
        None where a boundary has no counterpart within `MAX_SHIFT`, or a needed one is missing.
    """
    laid = {own: min(whole, key=lambda other: abs(whole[other] - place)) for own, place in table.items()}
    near = all(abs(whole[other] - table[own]) <= MAX_SHIFT for own, other in laid.items())
    distinct = len(set(laid.values())) == len(laid)
    return laid if near and distinct and set(needed) <= set(laid.values()) else None


def _border(points: Points) -> Points:
    """The line through an outer border's points, as coefficients of x by y."""
    x, y = points[:, 0], points[:, 1]
    spread = y - y.mean()
    variance = float(spread @ spread)
    slope = float(spread @ (x - x.mean())) / variance if variance > 0 else 0.0
    return np.array([slope, x.mean() - slope * y.mean()])


def _share(points: Points, left: Points, right: Points) -> float:
    at_left, at_right = np.polyval(left, points[:, 1]), np.polyval(right, points[:, 1])
    width = np.maximum(at_right - at_left, 1e-9)
    return float(np.median((points[:, 0] - at_left) / width))
