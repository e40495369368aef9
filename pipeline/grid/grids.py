"""Dewarped page -> grids: ruled tables as cells with spans, each slot covered exactly once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pipeline.dewarp import NO_DASHES, Dashes, DewarpedPage, Warp
from pipeline.elements import BBox, Cell, Grid
from pipeline.grid.ruled_areas import RuledArea, find_ruled_areas
from pipeline.grid.tiling import CELL_BORDER_SCORE, Span, tile
from pipeline.imaging import box_corners, polygon
from pipeline.settings import GridSettings

GOOD_RESIDUAL_MM = 0.15
"""Ruling lines that stay this straight on the dewarped page say that the dewarping surface is right."""
BORDER_SCORE = 0.8
"""A side of the table with this mean score is wholly drawn."""
BARE_BORDER = 0.85
"""This share of the confidence is left for each piece of the top and bottom border that is not drawn: a bend may not
have been taken out."""
OPEN_SIDE_SCORE = 0.7
"""A missing side counts this much where every rule ends there, as tables without outer borders are drawn so."""
DASHED = 0.85
"""This share of the confidence is left where ruling is dashed and not beyond doubt, as gaps may hide where it ends. A
cross-check that agrees gives it back."""
DASHED_CELL_BORDERS = (0.45, 0.78)
"""Scores between these are doubtful on dashed pages."""
DENSE_DASHES = 0.55
"""Dashed ruling must ink this share of its length: the tracing loses lines that ink less."""
GAP_ERROR_PX = 0.5
"""Gaps are counted in whole pixels: of short ones, as of dots, half a pixel is much."""
MISSED_BORDER = 0.5
"""This share of the confidence is left when lines run on beyond the border."""


@dataclass(frozen=True, slots=True)
class GridsFound:
    """The grids of a page, and why each table that could not become one was refused."""

    grids: tuple[Grid, ...]
    refused: tuple[str, ...]


def build_grids(dewarped: DewarpedPage, settings: GridSettings) -> GridsFound:
    """Build the grids of a dewarped page, from top to bottom.

    A table whose cell borders are no tiling is refused, never landed as if it were one. A page without a sure grid is
    looked at once more with an eye to ruling as thick as bars.
    """
    found = _build(dewarped, settings, bars=False)
    if _sureness(found) >= settings.review_confidence:
        return found
    again = _build(dewarped, settings, bars=True)
    return again if _sureness(again) > _sureness(found) else found


def _build(dewarped: DewarpedPage, settings: GridSettings, *, bars: bool) -> GridsFound:
    grids: list[Grid] = []
    refused: list[str] = []
    for area in find_ruled_areas(dewarped.darkness, dewarped.warp.px_per_mm, dewarped.dashes, bars=bars):
        if len(area.rows) <= settings.min_rows or len(area.cols) <= settings.min_cols:
            continue
        try:
            grids.append(_grid(area, dewarped, len(grids)))
        except ValueError as error:
            refused.append(str(error))
    return GridsFound(tuple(grids), tuple(refused))


def _sureness(found: GridsFound) -> float:
    """Confidence of the least sure grid; below any where there is none, or one was refused."""
    return min((grid.confidence for grid in found.grids), default=-1.0) if not found.refused else -0.5


def _grid(area: RuledArea, dewarped: DewarpedPage, table_index: int) -> Grid:
    tiling = tile(area.horizontal, area.vertical)
    boxes = [_box(span, area) for span in tiling.spans]
    corners = dewarped.warp.to_scan(box_corners(boxes)).reshape(-1, 4, 2)
    penalty = (MISSED_BORDER if area.goes_on else 1.0) * (DASHED if _dashes_hide(area, dewarped.dashes) else 1.0)
    return Grid(
        table_index=table_index,
        n_rows=len(area.rows) - 1,
        n_cols=len(area.cols) - 1,
        cells=tuple(Cell(*span, polygon=polygon(quad)) for span, quad in zip(tiling.spans, corners, strict=True)),
        confidence=round(0.9 ** len(tiling.repairs) * _border(area) * _straightness(dewarped.warp) * penalty, 4),
        repairs=tiling.repairs,
    )


def _box(span: Span, area: RuledArea) -> BBox:
    left, right = area.cols[span.col], area.cols[span.col + span.col_span]
    return BBox(left, area.rows[span.row], right, area.rows[span.row + span.row_span])


def _border(area: RuledArea) -> float:
    """1 where the border is wholly drawn, less where a side is missing; rules that end there speak for an open one."""
    above_below = (float(np.mean(area.horizontal[0])), float(np.mean(area.horizontal[-1])))
    beside = (
        max(
            float(np.mean(area.vertical[:, side])),
            OPEN_SIDE_SCORE * float(np.mean(area.horizontal[:, side] >= CELL_BORDER_SCORE)),
        )
        for side in (0, -1)
    )
    bare = int(np.count_nonzero(area.horizontal[[0, -1]] < CELL_BORDER_SCORE))
    return math.prod(min(1.0, side / BORDER_SCORE) for side in (*above_below, *beside)) ** 0.5 * BARE_BORDER**bare


def _dashes_hide(area: RuledArea, dashes: Dashes) -> bool:
    """Whether dashes may hide ruling, or strokes of characters be taken for dashes: lines with one border are short."""
    if dashes == NO_DASHES:
        return False
    at_best = [pace._replace(gap=pace.gap - GAP_ERROR_PX).inked for pace in dashes if pace is not None]
    inner = (area.horizontal[1:-1], area.vertical[:, 1:-1].T)
    lone = any(np.any((cell_borders >= CELL_BORDER_SCORE).sum(axis=1) == 1) for cell_borders in inner)
    scores = np.concatenate([area.horizontal.ravel(), area.vertical.ravel()])
    doubtful = bool(np.any((scores > DASHED_CELL_BORDERS[0]) & (scores < DASHED_CELL_BORDERS[1])))
    return min(at_best) < DENSE_DASHES or lone or doubtful


def _straightness(warp: Warp) -> float:
    """1 where ruling lines are straight on the dewarped page, falling with what bends are left."""
    return min(1.0, (GOOD_RESIDUAL_MM / max(warp.residual_mm, 1e-6)) ** 2)
