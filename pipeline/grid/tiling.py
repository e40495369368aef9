"""Cell border scores -> cells: which slots of a table belong together, so that the cells tile it.

A cell border is the piece of ruling line between two neighbouring slots (or a slot and the outside), and its score how
much of it is inked. Slots without a cell border between them are one cell. Where such a cell is no rectangle, cell
borders are added or removed at the least cost; each change is recorded and lowers the confidence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
"""Scores of cell borders, 0-1."""

CELL_BORDER_SCORE = 0.66
"""A cell border is there from this score: of 18,700 true ones on pages from clean to distorted the lowest scores 0.92;
of 5,900 places where text stands in the way of a line the highest scores 0.44."""
DOUBT = 0.03
"""Scores this near to `CELL_BORDER_SCORE` are doubtful; the doubt fades exponentially."""
REPAIR_FACTOR = 0.6
"""Each repair leaves this share of the confidence."""
MAX_REPAIRS = 6
"""Lines that need more repairs than this do not show a table."""


class Span(NamedTuple):
    """A rectangle of slots."""

    row: int
    col: int
    row_span: int
    col_span: int

    @classmethod
    def around(cls, slots: Sequence[tuple[int, int]]) -> Self:
        """The smallest one that holds slots, given by row and column."""
        rows, cols = [row for row, _ in slots], [col for _, col in slots]
        return cls(min(rows), min(cols), max(rows) - min(rows) + 1, max(cols) - min(cols) + 1)


@dataclass(frozen=True, slots=True)
class Tiling:
    """Spans that cover each slot once, in reading order, with what was repaired and the confidence 0-1."""

    spans: tuple[Span, ...]
    repairs: tuple[str, ...]
    confidence: float


class _Borders(NamedTuple):
    """Which cell borders are drawn: (rows + 1, cols) above and below slots, (rows, cols + 1) left and right of them."""

    horizontal: NDArray[np.bool_]
    vertical: NDArray[np.bool_]


class _Repair(NamedTuple):
    """Borders after a change, what the change costs, and what it is."""

    cost: float
    borders: _Borders
    message: str


def tile(horizontal: Scores, vertical: Scores) -> Tiling:
    """Group slots into cells.

    Args:
        horizontal: (rows + 1, cols) scores 0-1 of the cell borders above and below slots; the first and last row of
            cell borders are the table's own border.
        vertical: (rows, cols + 1) scores of the cell borders left and right of slots.

    Raises:
        ValueError: when the cell borders need more repairs than a table would.

    Example:
        >>> tile(np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.ones((2, 3))).spans
        (Span(row=0, col=0, row_span=1, col_span=1), Span(row=0, col=1, row_span=2, col_span=1), \
Span(row=1, col=0, row_span=1, col_span=1))
    """
    borders = _Borders(horizontal >= CELL_BORDER_SCORE, vertical >= CELL_BORDER_SCORE)
    borders.horizontal[[0, -1]], borders.vertical[:, [0, -1]] = True, True
    repairs: list[str] = []
    while (odd := _first_odd_region(borders)) is not None:
        if len(repairs) == MAX_REPAIRS:
            raise ValueError(f"the ruling lines form no table: more than {MAX_REPAIRS} repairs are needed ({odd})")
        best = min(_repairs(odd, borders, horizontal, vertical), key=lambda repair: repair.cost)
        borders = best.borders
        repairs.append(best.message)
    spans = sorted(Span.around(region) for region in _regions(borders))
    return Tiling(tuple(spans), tuple(repairs), _confidence(horizontal, vertical, len(repairs)))


def _regions(borders: _Borders) -> list[list[tuple[int, int]]]:
    """Slots that no border separates, each region in the order it was found."""
    rows, cols = borders.vertical.shape[0], borders.horizontal.shape[1]
    seen: set[tuple[int, int]] = set()
    regions = []
    for start in np.ndindex(rows, cols):
        if start in seen:
            continue
        seen.add(start)
        region = [start]
        for row, col in region:  # grows while it is walked
            steps = (
                (row - 1, col, borders.horizontal[row, col]),
                (row + 1, col, borders.horizontal[row + 1, col]),
                (row, col - 1, borders.vertical[row, col]),
                (row, col + 1, borders.vertical[row, col + 1]),
            )
            fresh = [(r, c) for r, c, is_drawn in steps if not is_drawn and (r, c) not in seen]
            seen.update(fresh)
            region.extend(fresh)
        regions.append(region)
    return regions


def _first_odd_region(borders: _Borders) -> Span | None:
    """The bounds of a region that is no rectangle, or has a border inside it."""
    for region in _regions(borders):
        span = Span.around(region)
        inner_h, inner_v = _inside(span)
        divided = borders.horizontal[inner_h].any() or borders.vertical[inner_v].any()
        if span.row_span * span.col_span != len(region) or divided:
            return span
    return None


def _inside(span: Span) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where the borders inside a span are in the arrays of horizontal and vertical ones."""
    row, col, bottom, right = span.row, span.col, span.row + span.row_span, span.col + span.col_span
    return (slice(row + 1, bottom), slice(col, right)), (slice(row, bottom), slice(col + 1, right))


def _repairs(span: Span, borders: _Borders, horizontal: Scores, vertical: Scores) -> list[_Repair]:
    """Every way to cut the span in two along a line, and the way to make it one cell."""
    drawn_h, drawn_v = borders
    inner_h, inner_v = _inside(span)
    merged = _Borders(drawn_h.copy(), drawn_v.copy())
    merged.horizontal[inner_h], merged.vertical[inner_v] = False, False
    cost = _excess(horizontal[inner_h][drawn_h[inner_h]]) + _excess(vertical[inner_v][drawn_v[inner_v]])
    repairs = [_Repair(cost, merged, f"walls inside {_place(span)} removed")]
    columns = slice(span.col, span.col + span.col_span)
    for row in range(span.row + 1, span.row + span.row_span):
        if not drawn_h[row, columns].all():
            cut = drawn_h.copy()
            cut[row, columns] = True
            lacking = horizontal[row, columns][~drawn_h[row, columns]]
            message = f"wall above row {row} added in {_place(span)}"
            repairs.append(_Repair(_excess(lacking), _Borders(cut, drawn_v), message))
    rows = slice(span.row, span.row + span.row_span)
    for col in range(span.col + 1, span.col + span.col_span):
        if not drawn_v[rows, col].all():
            cut = drawn_v.copy()
            cut[rows, col] = True
            lacking = vertical[rows, col][~drawn_v[rows, col]]
            message = f"wall left of col {col} added in {_place(span)}"
            repairs.append(_Repair(_excess(lacking), _Borders(drawn_h, cut), message))
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
