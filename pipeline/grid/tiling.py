"""Wall scores -> cells: which slots of a table belong together, so that the cells tile it.

A wall is the piece of ruling line between two neighbouring slots (or a slot and the outside), and its score how much
of it is inked. Slots without a wall between them are one cell. Where such a cell is no rectangle, walls are added or
removed at the least cost; each change is recorded and lowers the confidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

CELL_BORDER_SCORE = 0.66
"""A wall is there from this score: of 18,700 true walls on pages from clean to distorted the lowest scores 0.92; of
5,900 places where text stands in the way of a line the highest scores 0.44."""
DOUBT = 0.03
"""Scores this near to `CELL_BORDER_SCORE` are doubtful; the doubt fades exponentially."""
REPAIR_FACTOR = 0.6
"""Each repair leaves this share of the confidence."""
MAX_REPAIRS = 6
"""More repairs than this, and the lines do not show a table."""


class Span(NamedTuple):
    """A rectangle of slots."""

    row: int
    col: int
    row_span: int
    col_span: int


@dataclass(frozen=True, slots=True)
class Tiling:
    """Spans that cover each slot once, in reading order, with what was repaired and the confidence 0-1."""

    spans: tuple[Span, ...]
    repairs: tuple[str, ...]
    confidence: float


class _Repair(NamedTuple):
    cost: float
    horizontal: NDArray[np.bool_]
    vertical: NDArray[np.bool_]
    message: str


def tile(horizontal: Scores, vertical: Scores) -> Tiling:
    """Group slots into cells.

    Args:
        horizontal: (rows + 1, cols) scores 0-1 of the walls above and below slots; the first and last row of walls
            are the table's own border.
        vertical: (rows, cols + 1) scores of the walls left and right of slots.

    Raises:
        ValueError: when the walls need more repairs than a table would.

    Example:
        >>> tile(np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.ones((2, 3))).spans
        (Span(row=0, col=0, row_span=1, col_span=1), Span(row=0, col=1, row_span=2, col_span=1), \
Span(row=1, col=0, row_span=1, col_span=1))
    """
    walls_h, walls_v = horizontal >= CELL_BORDER_SCORE, vertical >= CELL_BORDER_SCORE
    walls_h[[0, -1]], walls_v[:, [0, -1]] = True, True
    repairs: list[str] = []
    while (odd := _first_odd_region(walls_h, walls_v)) is not None:
        if len(repairs) == MAX_REPAIRS:
            raise ValueError(f"the ruling lines form no table: more than {MAX_REPAIRS} repairs are needed ({odd})")
        best = min(_repairs(odd, (walls_h, walls_v), (horizontal, vertical)), key=lambda repair: repair.cost)
        walls_h, walls_v = best.horizontal, best.vertical
        repairs.append(best.message)
    spans = sorted(_bounds(region) for region in _regions(walls_h, walls_v))
    return Tiling(tuple(spans), tuple(repairs), _confidence(horizontal, vertical, len(repairs)))


def _regions(walls_h: NDArray[np.bool_], walls_v: NDArray[np.bool_]) -> list[list[tuple[int, int]]]:
    """Slots that no wall separates, each region in the order it was found."""
    rows, cols = walls_v.shape[0], walls_h.shape[1]
    seen: set[tuple[int, int]] = set()
    regions = []
    for start in np.ndindex(rows, cols):
        if start in seen:
            continue
        seen.add(start)
        region = [start]
        for row, col in region:  # grows while it is walked
            steps = (
                (row - 1, col, walls_h[row, col]),
                (row + 1, col, walls_h[row + 1, col]),
                (row, col - 1, walls_v[row, col]),
                (row, col + 1, walls_v[row, col + 1]),
            )
            fresh = [(r, c) for r, c, cell_border in steps if not cell_border and (r, c) not in seen]
            seen.update(fresh)
            region.extend(fresh)
        regions.append(region)
    return regions


def _bounds(region: list[tuple[int, int]]) -> Span:
    rows, cols = [r for r, _ in region], [c for _, c in region]
    return Span(min(rows), min(cols), max(rows) - min(rows) + 1, max(cols) - min(cols) + 1)


def _first_odd_region(walls_h: NDArray[np.bool_], walls_v: NDArray[np.bool_]) -> Span | None:
    """The bounds of a region that is no rectangle, or has a wall inside it."""
    for region in _regions(walls_h, walls_v):
        span = _bounds(region)
        inner_h, inner_v = _inside(span)
        if span.row_span * span.col_span != len(region) or walls_h[inner_h].any() or walls_v[inner_v].any():
            return span
    return None


def _inside(span: Span) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where the walls inside a span are in the arrays of horizontal and vertical walls."""
    row, col, bottom, right = span.row, span.col, span.row + span.row_span, span.col + span.col_span
    return (slice(row + 1, bottom), slice(col, right)), (slice(row, bottom), slice(col + 1, right))


def _repairs(
    span: Span, cell_borders: tuple[NDArray[np.bool_], NDArray[np.bool_]], scores: tuple[Scores, Scores]
) -> list[_Repair]:
    """Every way to cut the span in two along a line, and the way to make it one cell."""
    (walls_h, walls_v), (horizontal, vertical) = cell_borders, scores
    inner_h, inner_v = _inside(span)
    merged_h, merged_v = walls_h.copy(), walls_v.copy()
    merged_h[inner_h], merged_v[inner_v] = False, False
    cost = _excess(horizontal[inner_h][walls_h[inner_h]]) + _excess(vertical[inner_v][walls_v[inner_v]])
    repairs = [_Repair(cost, merged_h, merged_v, f"walls inside {_place(span)} removed")]
    columns = slice(span.col, span.col + span.col_span)
    for row in range(span.row + 1, span.row + span.row_span):
        if not walls_h[row, columns].all():
            cut = walls_h.copy()
            cut[row, columns] = True
            lacking = horizontal[row, columns][~walls_h[row, columns]]
            repairs.append(_Repair(_excess(lacking), cut, walls_v, f"wall above row {row} added in {_place(span)}"))
    rows = slice(span.row, span.row + span.row_span)
    for col in range(span.col + 1, span.col + span.col_span):
        if not walls_v[rows, col].all():
            cut = walls_v.copy()
            cut[rows, col] = True
            lacking = vertical[rows, col][~walls_v[rows, col]]
            repairs.append(_Repair(_excess(lacking), walls_h, cut, f"wall left of col {col} added in {_place(span)}"))
    return repairs


def _excess(scores: Scores) -> float:
    """What it costs to say the opposite of these scores."""
    return float(np.abs(scores - CELL_BORDER_SCORE).sum())


def _place(span: Span) -> str:
    return f"rows {span.row}-{span.row + span.row_span - 1}, cols {span.col}-{span.col + span.col_span - 1}"


def _confidence(horizontal: Scores, vertical: Scores, repairs: int) -> float:
    margins = np.abs(np.concatenate([horizontal.ravel(), vertical.ravel()]) - CELL_BORDER_SCORE)
    sure = float(np.log1p(-0.5 * np.exp(-margins / DOUBT)).sum())
    return math.exp(sure) * REPAIR_FACTOR**repairs
