"""Flat page -> grids: ruled tables as cells with spans, each slot covered exactly once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipeline.elements import Cell, Grid
from pipeline.geometry import polygon
from pipeline.rectify import FlatPage, Warp
from pipeline.settings import GridSettings
from pipeline.tiling import Span, tile
from pipeline.walls import RuledArea, find_ruled_areas

GOOD_RESIDUAL_MM = 0.15
"""Ruling lines that stay this straight on the flat page say that the map is right."""
BORDER_SCORE = 0.8
"""Mean score of a border that is wholly drawn."""


@dataclass(frozen=True, slots=True)
class GridsFound:
    """The grids of a page, and why each table that could not become one was refused."""

    grids: tuple[Grid, ...]
    refused: tuple[str, ...]


def build_grids(flat: FlatPage, settings: GridSettings) -> GridsFound:
    """Build the grids of a flat page, from top to bottom.

    A table whose walls are no tiling is refused, never landed as if it were one.
    """
    grids: list[Grid] = []
    refused: list[str] = []
    for area in find_ruled_areas(flat.darkness, flat.warp.px_per_mm):
        if len(area.rows) <= settings.min_rows or len(area.cols) <= settings.min_cols:
            continue
        try:
            grids.append(_grid(area, flat.warp, len(grids)))
        except ValueError as error:
            refused.append(str(error))
    return GridsFound(tuple(grids), tuple(refused))


def _grid(area: RuledArea, warp: Warp, table_index: int) -> Grid:
    tiling = tile(area.horizontal, area.vertical)
    corners = warp.to_scan([corner for span in tiling.spans for corner in _corners(span, area)]).reshape(-1, 4, 2)
    return Grid(
        table_index=table_index,
        n_rows=len(area.rows) - 1,
        n_cols=len(area.cols) - 1,
        cells=tuple(Cell(*span, polygon=polygon(quad)) for span, quad in zip(tiling.spans, corners, strict=True)),
        confidence=round(tiling.confidence * _border(area) * _straightness(warp), 4),
        repairs=tiling.repairs,
    )


def _corners(span: Span, area: RuledArea) -> list[tuple[float, float]]:
    left, right = area.cols[span.col], area.cols[span.col + span.col_span]
    top, bottom = area.rows[span.row], area.rows[span.row + span.row_span]
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _border(area: RuledArea) -> float:
    """1 where the border is wholly drawn, less where a side is missing."""
    sides = (area.horizontal[0], area.horizontal[-1], area.vertical[:, 0], area.vertical[:, -1])
    return math.prod(min(1.0, float(np.mean(side)) / BORDER_SCORE) for side in sides) ** 0.5


def _straightness(warp: Warp) -> float:
    """1 where ruling lines are straight on the flat page, falling with what bends are left."""
    return min(1.0, (GOOD_RESIDUAL_MM / max(warp.residual_mm, 1e-6)) ** 2)
