"""Dewarped page -> grids: ruled tables as cells with spans, each slot covered exactly once."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from pipeline.dewarp import NO_DASHES, Dashes, DewarpedPage, Warp
from pipeline.elements import BBox, Cell, Grid, Polygon
from pipeline.grid.cell_confidence import Hazards, describe_doubts, measure_hazards, missed_sides
from pipeline.grid.line_doubts import LineDoubts, doubt_lines
from pipeline.grid.open_sides import OPEN_SIDE_LINES
from pipeline.grid.ruled_areas import rules_of
from pipeline.grid.settling import RuledArea
from pipeline.grid.tiling import CELL_BORDER_SCORE, Span, Tiling, tile
from pipeline.imaging import box_corners, polygon
from pipeline.settings import GridSettings

GOOD_RESIDUAL_MM = 0.15
"""Ruling lines that stay this straight on the dewarped page say that the dewarping surface is right."""
BORDER_SCORE = 0.8
"""A side of the table with this mean score is wholly drawn."""
BARE_BORDER = 0.85
"""This share of the confidence is left for each piece of the top and bottom border that is not drawn: a bend may not
have been taken out."""
OPEN_SIDE_SCORE = 0.1
"""Below this mean score a side is open: none of it is drawn."""
OPEN_SIDE = 0.97
"""This share of the confidence is left for each open side at which several rules end, as tables without outer borders
are drawn so."""
DASHED = 0.85
"""This share of the confidence is left where ruling is dashed and not beyond doubt, as gaps may hide where it ends. A
cross-check that agrees gives it back."""
DASHED_CELL_BORDERS = (0.45, 0.78)
"""Scores between these are doubtful on dashed pages."""
DENSE_DASHES = 0.55
"""Dashed ruling must ink this share of its length: the tracing loses lines that ink less."""
GAP_ERROR_PX = 0.5
"""Gaps are counted in whole pixels: of short ones, as of dots, half a pixel is much."""
LEAST = 1e-4
"""A table as a whole is at least so sure."""


class JudgedTable(NamedTuple):
    """A table's lines, its tiling, and what speaks against the lines and against each cell."""

    area: RuledArea
    tiling: Tiling
    doubts: LineDoubts
    hazards: Hazards


class GridsFound(NamedTuple):
    """The grids of a page, in reading order, and the places on the scan where rules have no columns between them."""

    grids: tuple[Grid, ...]
    without_columns: tuple[Polygon, ...] = ()


class JudgedPage(NamedTuple):
    """The tables of a page with all that their confidence is made of, and where rules have no columns between them."""

    tables: tuple[JudgedTable, ...]
    without_columns: tuple[BBox, ...]


def build_grids(dewarped: DewarpedPage, settings: GridSettings) -> tuple[Grid, ...]:
    """Build the grids of a dewarped page, in reading order; see `find_grids`."""
    return find_grids(dewarped, settings).grids


def find_grids(dewarped: DewarpedPage, settings: GridSettings) -> GridsFound:
    """Build the grids of a dewarped page, and tell where it has rules without columns.

    A page without a sure grid is looked at once more with an eye to ruling as thick as bars.
    """
    judged = judge_tables(dewarped, settings)
    grids = tuple(_grid(table, dewarped.warp, table_index) for table_index, table in enumerate(judged.tables))
    corners = dewarped.warp.to_scan(box_corners(judged.without_columns)).reshape(-1, 4, 2)
    return GridsFound(grids, tuple(polygon(quad) for quad in corners))


def judge_tables(dewarped: DewarpedPage, settings: GridSettings) -> JudgedPage:
    """The tables that `build_grids` makes grids of, with all that their confidence is made of."""
    found = _judge(dewarped, settings, bars=False)
    if _sureness(found.tables) >= settings.review_confidence:
        return found
    again = _judge(dewarped, settings, bars=True)
    return again if _sureness(again.tables) > _sureness(found.tables) else found


def _judge(dewarped: DewarpedPage, settings: GridSettings, *, bars: bool) -> JudgedPage:
    tables = []
    rules = rules_of(dewarped, bars=bars)
    for area in rules.tables:
        if len(area.rows) > settings.min_rows and len(area.cols) > settings.min_cols:
            tiling = tile(area.horizontal, area.vertical)
            doubts = doubt_lines(area, tiling.spans, dewarped.ruling)
            of_all = -math.log(max(LEAST, _sureness_of_all(area, dewarped)))
            tables.append(JudgedTable(area, tiling, doubts, measure_hazards(area, tiling, doubts, of_all)))
    return JudgedPage(tuple(tables), rules.without_columns)


def _sureness(tables: tuple[JudgedTable, ...]) -> float:
    """Confidence of the least sure cell of all tables; below any where there is none."""
    return min((float(table.hazards.confidences.min()) for table in tables), default=-1.0)


def _grid(table: JudgedTable, warp: Warp, table_index: int) -> Grid:
    area, spans = table.area, table.tiling.spans
    corners = warp.to_scan(box_corners([_box(span, area) for span in spans])).reshape(-1, 4, 2)
    return Grid(
        table_index=table_index,
        n_rows=len(area.rows) - 1,
        n_cols=len(area.cols) - 1,
        cells=tuple(
            Cell(*span, polygon=polygon(quad), confidence=round(confidence, 4))
            for span, quad, confidence in zip(spans, corners, table.hazards.confidences.tolist(), strict=True)
        ),
        repairs=table.tiling.repairs,
        doubts=describe_doubts(area, table.tiling, table.doubts),
        border_doubted=bool(missed_sides(table.doubts)) or _bare_pieces(area) > 0,
    )


def _sureness_of_all(area: RuledArea, dewarped: DewarpedPage) -> float:
    """What all cells of a table share, 0-1: whether its border and its place on the page are sure."""
    dashed = DASHED if _dashes_hide(area, dewarped.dashes) else 1.0
    return _border(area) * _straightness(dewarped.warp) * dashed


def _box(span: Span, area: RuledArea) -> BBox:
    left, right = area.cols[span.col], area.cols[span.col + span.col_span]
    return BBox(left, area.rows[span.row], right, area.rows[span.row + span.row_span])


def _border(area: RuledArea) -> float:
    """1 where the border is wholly drawn, less where a side is missing; rules that end there speak for an open one."""
    bare = _bare_pieces(area)
    drawn = [float(np.mean(area.horizontal[0])), float(np.mean(area.horizontal[-1]))]
    open_sides = 0
    for side in (0, -1):
        score = float(np.mean(area.vertical[:, side]))
        ending = int(np.count_nonzero(area.horizontal[:, side] >= CELL_BORDER_SCORE))
        if score < OPEN_SIDE_SCORE and ending >= OPEN_SIDE_LINES:
            open_sides += 1
        else:
            drawn.append(score)
    return math.prod(min(1.0, side / BORDER_SCORE) for side in drawn) ** 0.5 * BARE_BORDER**bare * OPEN_SIDE**open_sides


def _bare_pieces(area: RuledArea) -> int:
    """How many pieces of the top and bottom border are not drawn."""
    return int(np.count_nonzero(area.horizontal[[0, -1]] < CELL_BORDER_SCORE))


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
