"""Lines of a group of candidates -> ruled areas: tables of their own, without what only looks like their ruling.

A streak of the scanner runs on beyond the table on both sides. The strokes of a title meet no ruling. A frame stands
around a table without touching it, and two tables side by side share no line across the gap between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox
from pipeline.grid.border_scores import (
    ACROSS_FILL,
    HIDDEN_SCORE,
    UNSEEN_IN_FILL,
    LineProfile,
    runs_on,
    score_cell_borders,
)
from pipeline.grid.contrasts import Contrast

ADMIT_SCORE = 0.7
"""Some slot along an admitted line scores at least this."""
STRAY_BORDER = 0.6
"""The first and last row of a table have at least this mean score, or are joined to it at a side."""
STREAK_MM = 6.0
"""A streak of the scanner runs on at least this far beyond the table."""
STREAK_SHARE = 0.2
"""No more than this share of a table's lines are streaks, or one of them."""
BARE = 0.4
"""A cell border with a score below this is surely not drawn."""
GAP_SLOT_MM = 12.0
"""The gap between two tables in line is narrower than this; others are told apart as they do not touch."""
THIN_MM = 2.6
"""Between the lines of a double border is less than this: no row of text fits there."""
FRAME_SCORE = 0.6
"""The border of a table in a frame has at least this mean score on each side."""
HIGH_ROW_MM = 7.0
"""In rows at least this high strokes of characters are shorter than the border."""
HIGH_ROW_SCORE = 0.45
"""In such rows none of 40 places between columns that score 0.1-0.3 has a border, and all 6 that score 0.4-0.9 without
being hidden have one."""
LOW_ROW_SCORE = 0.6
"""In lower rows strokes of characters score up to this."""


@dataclass(frozen=True, slots=True, eq=False)
class RuledArea:
    """The ruling lines of one table on the dewarped page, and the scores of the cell borders between them.

    `rows` are the v of the horizontal lines, `cols` the u of the vertical ones, ascending. `horizontal` (rows, cols -
    1) and `vertical` (rows - 1, cols) score the cell borders 0-1. `across` and `down` are the contrasts that horizontal
    and vertical cell borders were scored by.
    """

    rows: tuple[float, ...]
    cols: tuple[float, ...]
    horizontal: NDArray[np.float64]
    vertical: NDArray[np.float64]
    across: Contrast
    down: Contrast

    @property
    def box(self) -> BBox:
        """The area on the dewarped page."""
        return BBox(self.cols[0], self.rows[0], self.cols[-1], self.rows[-1])

    @property
    def is_box(self) -> bool:
        """Whether it is a single cell."""
        return len(self.rows) == len(self.cols) == 2

    def divides(self, box: BBox) -> bool:
        """Whether a cell border is drawn that crosses a box."""
        rows, cols = np.array(self.rows), np.array(self.cols)
        level = (rows > box.top) & (rows < box.bottom), (cols[1:] > box.left) & (cols[:-1] < box.right)
        upright = (rows[1:] > box.top) & (rows[:-1] < box.bottom), (cols > box.left) & (cols < box.right)
        inside = (self.horizontal[np.ix_(*level)], self.vertical[np.ix_(*upright)])
        return any(bool((scores >= ADMIT_SCORE).any()) for scores in inside)


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Lines of a table, and the scores of the cell borders between them, as in `RuledArea`."""

    rows: list[LineProfile]
    cols: list[LineProfile]
    horizontal: NDArray[np.float64]
    vertical: NDArray[np.float64]


def settle(rows: list[LineProfile], cols: list[LineProfile], across: Contrast, down: Contrast) -> tuple[RuledArea, ...]:
    """The tables that lines make, each with its own lines.

    Args:
        rows: horizontal lines, ascending.
        cols: vertical lines, ascending.
        across: contrast along horizontal lines.
        down: contrast along vertical lines.
    """
    lines = _pruned(rows, cols)
    if lines is None:
        return ()
    row_places, col_places = _places(lines.rows), _places(lines.cols)
    streaks = _streaks(lines.rows, col_places, across), _streaks(lines.cols, row_places, down)
    if any(streaks):
        kept_rows, kept_cols = (
            [line for line in own if line not in gone]
            for own, gone in zip((lines.rows, lines.cols), streaks, strict=True)
        )
        return settle(kept_rows, kept_cols, across, down)
    parts = list(_parts(lines, across.px_per_mm))
    if parts:
        return tuple(area for part in parts for area in settle(*part, across, down))
    vertical = _raised(lines.vertical, np.diff(row_places) >= HIGH_ROW_MM * down.px_per_mm)
    return (RuledArea(tuple(row_places), tuple(col_places), lines.horizontal, vertical, across, down),)


def _raised(vertical: NDArray[np.float64], high: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Scores of the borders between columns, those seen in high rows stretched to mean the same as in low ones."""
    stretched = np.interp(vertical, (0.0, HIGH_ROW_SCORE, 1.0), (0.0, LOW_ROW_SCORE, 1.0))
    seen = ~np.isin(vertical, (HIDDEN_SCORE, UNSEEN_IN_FILL, ACROSS_FILL))
    return np.where(high[:, None] & seen, stretched, vertical)


def _places(lines: Sequence[LineProfile]) -> list[float]:
    return [line.place for line in lines]


def _pruned(rows: list[LineProfile], cols: list[LineProfile]) -> _Lines | None:
    """Drop lines, the weakest first, until each has a cell border that is inked from one crossing line to another."""
    rows, cols = list(rows), list(cols)
    while len(rows) >= 2 and len(cols) >= 2:
        row_places, col_places = _places(rows), _places(cols)
        horizontal = score_cell_borders(rows, col_places)
        vertical = score_cell_borders(cols, row_places).T
        weak_rows = np.array([_proof(i, horizontal, vertical, row, col_places) for i, row in enumerate(rows)])
        weak_cols = np.array([_proof(i, vertical.T, horizontal.T, col, row_places) for i, col in enumerate(cols)])
        weak_rows[_stray_borders(horizontal, vertical)] = 0.0
        weak_rows[_second_strokes(rows, horizontal)] = 0.0
        weak_cols[_second_strokes(cols, vertical.T)] = 0.0
        for weak, lines in ((weak_rows, rows), (weak_cols, cols)):
            weak[[i for i, line in enumerate(lines) if line.assumed is not None]] = 1.0  # not inked, and stays
        if min(weak_rows.min(), weak_cols.min()) >= ADMIT_SCORE:
            return _Lines(rows, cols, horizontal, vertical)
        if weak_rows.min() <= weak_cols.min():
            del rows[int(weak_rows.argmin())]
        else:
            del cols[int(weak_cols.argmin())]
    return None


def _proof(
    line: int,
    along: NDArray[np.float64],
    crossing: NDArray[np.float64],
    profile: LineProfile,
    crossing_places: Sequence[float],
) -> float:
    """How surely a line is ruling, 0-1: its best cell border, if that is no stroke of a character and no arc of a seal.

    Args:
        line: its place among those of its direction.
        along: (lines, slots) scores of the cell borders of that direction.
        crossing: (lines - 1, slots + 1) scores of the cell borders of the other direction.
        profile: of the line itself.
        crossing_places: of the lines that cross those of that direction.

    A line that is drawn in one slot only must meet cell borders there at both ends, and end at one of them at least;
    at the border of the table it must end.
    """
    drawn = np.flatnonzero(along[line] >= ADMIT_SCORE)
    if len(drawn) != 1 or line in (0, len(along) - 1):
        return float(along[line].max())
    slot = int(drawn[0])
    beside = crossing[line - 1 : line + 1]
    outer = [end in (0, crossing.shape[1] - 1) for end in (slot, slot + 1)]
    met = [
        at_border or beside[:, end].max() >= ADMIT_SCORE for at_border, end in zip(outer, (slot, slot + 1), strict=True)
    ]
    on = runs_on(profile, (crossing_places[slot], crossing_places[slot + 1]))
    if not all(met) or all(on) or any(o and at_border for o, at_border in zip(on, outer, strict=True)):
        return 0.0
    return float(along[line, slot])


def _second_strokes(lines: Sequence[LineProfile], along: NDArray[np.float64]) -> list[int]:
    """Which lines are drawn in few slots, so near to a longer one that is drawn there that no text fits between.

    The arc of a seal's ring beside a rule looks so.

    Args:
        lines: of one direction, ascending.
        along: (lines, slots) scores of their cell borders.
    """
    drawn = along >= ADMIT_SCORE
    return [
        index
        for index in range(1, len(lines) - 1)
        if any(
            abs(lines[other].place - lines[index].place) < THIN_MM * lines[index].px_per_mm
            and drawn[other, drawn[index]].all()
            and 2 * drawn[index].sum() <= drawn[other].sum()
            for other in (index - 1, index + 1)
        )
    ]


def _stray_borders(horizontal: NDArray[np.float64], vertical: NDArray[np.float64]) -> list[int]:
    """Which of the first and last row are mostly bare and joined to the table by neither side: a title's strokes."""
    bare = horizontal.mean(axis=1) < STRAY_BORDER
    return [row for row in (0, -1) if bare[row] and vertical[row, [0, -1]].max() < ADMIT_SCORE]


def _streaks(lines: Sequence[LineProfile], crossing: Sequence[float], contrast: Contrast) -> list[LineProfile]:
    """Inner lines that run on beyond the table on both sides, as the streaks of a scanner do; ruling ends with it."""
    reach = STREAK_MM * contrast.px_per_mm
    before, after = (crossing[0] - reach, crossing[0]), (crossing[-1], crossing[-1] + reach)
    if before[0] < 0 or after[1] > contrast.ridge.shape[1]:
        return []
    inner = lines[1:-1]
    beyond = np.hstack([score_cell_borders(inner, slot) for slot in (before, after)])
    found = [line for line, scores in zip(inner, beyond, strict=True) if scores.min() >= ADMIT_SCORE]
    return found if len(found) <= max(1.0, STREAK_SHARE * len(lines)) else []


_Part = tuple[list[LineProfile], list[LineProfile]]


def _parts(lines: _Lines, px_per_mm: float) -> Iterator[_Part]:
    """The tables of which lines are made, if these are not one table: none where they are."""
    rows, cols = lines.rows, lines.cols
    if _is_framed(lines):
        yield rows[1:-1], cols[1:-1]
        return
    kept_rows, kept_cols = (_without_double_border(own, THIN_MM * px_per_mm) for own in (rows, cols))
    if len(kept_rows) < len(rows) or len(kept_cols) < len(cols):
        yield kept_rows, kept_cols
        return
    if (gap := _first_gap(cols, lines.horizontal, px_per_mm)) is not None:
        yield from ((rows, part) for part in (cols[:gap], cols[gap:]) if len(part) >= 2)
        return
    bare = np.asarray((lines.vertical < BARE).all(axis=1))
    sided = np.asarray((lines.vertical[:, [0, -1]] >= ADMIT_SCORE).all(axis=1))
    gap = _first_gap(rows, lines.vertical.T, px_per_mm)
    if gap is not None and sided[~bare].all():  # else the table may have open sides, and the gap be a row across it
        yield from ((part, cols) for part in (rows[:gap], rows[gap:]) if len(part) >= 2)


def _first_gap(lines: Sequence[LineProfile], crossing: NDArray[np.float64], px_per_mm: float) -> int | None:
    """Before which line there is a narrow slot that no line crosses; None where there is no such slot.

    Args:
        lines: of one direction, ascending.
        crossing: (crossing lines, slots) scores of the borders that cross the slots between them.
        px_per_mm: of the page.
    """
    empty = (crossing < BARE).all(axis=0) & (np.diff(_places(lines)) < GAP_SLOT_MM * px_per_mm)
    return int(empty.argmax()) + 1 if empty.any() else None


def _without_double_border(lines: list[LineProfile], thin: float) -> list[LineProfile]:
    """Lines without the first or the last, where it is the outer one of a double border."""
    places = _places(lines)
    first = 1 if len(lines) > 2 and places[1] - places[0] < thin else 0
    last = -1 if len(lines) > 2 + first and places[-1] - places[-2] < thin else len(lines)
    return lines[first:last]


def _is_framed(lines: _Lines) -> bool:
    """Whether the outermost lines are a frame around the table, that none of its lines touches."""
    if min(lines.vertical.shape[0], lines.horizontal.shape[1]) < 3:
        return False
    ring = (
        lines.vertical[[0, -1], 1:-1].ravel(),
        lines.horizontal[1:-1, [0, -1]].ravel(),
    )
    if max(float(scores.max(initial=0.0)) for scores in ring) >= BARE:
        return False
    border = (
        *lines.horizontal[[1, -2], 1:-1].mean(axis=1),
        *lines.vertical[1:-1, [1, -2]].mean(axis=0),
    )
    return bool(min(border) >= FRAME_SCORE)
