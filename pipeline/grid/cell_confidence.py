"""A tiled table, what speaks against its borders and lines -> how sure each cell's place and spans are, 0-1.

A cell is right if all that it rests on is: the borders along it are there, those inside it are not, and no line before
it is false or was missed, as that would shift its indices. Each of these has a hazard, the negative natural logarithm
of the probability that it is right; hazards add up, and a confidence is exp(-sum).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Axis
from pipeline.grid.border_scores import UNSEEN_IN_FILL
from pipeline.grid.line_doubts import CrossingLine, LineDoubts
from pipeline.grid.ruled_areas import MERGE_MM
from pipeline.grid.settling import RuledArea
from pipeline.grid.tiling import Borders, Span, Tiling, drawn_around

Values = NDArray[np.float64]
Indices = NDArray[np.intp]


class Odds(NamedTuple):
    """A logistic curve: at `even` both are as likely, and log odds grow by `slope` with each unit."""

    even: float
    slope: float

    def hazard(self, value: Values | float) -> Values:
        """The hazard of taking what the value speaks for not to be so: -log(1 - p), at most `MOST_HAZARD`."""
        log_odds = self.slope * (np.asarray(value, np.float64) - self.even)
        hazards: Values = np.minimum(MOST_HAZARD, np.logaddexp(0.0, log_odds))
        return hazards

    def opposite(self) -> Odds:
        """The same curve for values with their sign changed."""
        return Odds(-self.even, self.slope)


BORDER_ODDS = {Axis.HORIZONTAL: Odds(0.5, 25.0), Axis.VERTICAL: Odds(0.6, 20.0)}
"""That a border is there, by its score."""
UNSEEN_HAZARD = 0.3
"""Borders that cannot be told from a fill are taken to be there: three in four are."""
CROSSING_ODDS = {Axis.HORIZONTAL: Odds(0.45, 15.0), Axis.VERTICAL: Odds(0.87, 25.0)}
"""That a line through a cell is ruling, by its score: upright strokes of characters score up to 0.8 in low cells."""
STROKE_MM = 8.0
"""In cells no higher than this an upright stroke of a character, printed or written, may reach from wall to wall."""
CLEAR_STROKE = 0.85
"""A missed line has at least this score in each cell that it runs through; words that begin alike in one column have
strokes in line that seldom do."""
LONE_HAZARD = 0.05
"""Such a stroke, with nothing in line with it, is hardly ever a missed line."""
TONE_ODDS = Odds(0.37, 40.0)
"""That a line is ruling, by its tone: streaks and show-through have up to 0.36 of what is usual
for ruling."""
MOST_HAZARD = 4.0
"""No single thing leaves less than two in a hundred."""
MOST_REPAIRS = 3
"""More changed borders than this add nothing: few of the cells with as many were right."""
SHIFTED = 0.3
"""This share of the hazard of a line counts for the cells behind it: where a line is false or was missed, often the
smaller part of the table is the one that is shifted."""
OVERRUN_HAZARD = 0.25
"""Where lines go on beyond a side of the border, or an inner line does alone: no table that was right had any line that
did, but of the cells that land three in four are in place."""
REPAIR_HAZARD = 0.7
"""For each border that was changed along a cell or inside it: of cells with one about half were right, exp(-0.7)."""
WORTH_NAMING = 0.1
"""From this hazard on a line is named among the doubts: with two of them a cell is no longer sure."""
BASE_HAZARD = 0.005
"""What is left to fear when nothing speaks against a cell."""


class Hazards(NamedTuple):
    """What speaks against each cell, (cells,) of each kind.

    `walls` is of the borders along and inside it, `repairs` of those of them that were changed, `missed` is of lines
    through it or before it, `false` of lines along it or before it that may be none, `beyond` of the sides of the
    table's border, `page` of the table as a whole.
    """

    walls: Values
    repairs: Values
    missed: Values
    false: Values
    beyond: Values
    page: Values

    @property
    def confidences(self) -> Values:
        """(cells,) probabilities 0-1 that each cell's place and spans are right."""
        confidences: Values = np.exp(-BASE_HAZARD - np.sum(self, axis=0))
        return confidences


def measure_hazards(area: RuledArea, tiling: Tiling, doubts: LineDoubts, page: float) -> Hazards:
    """What speaks against each cell of a tiling.

    Args:
        area: with the scores of the borders.
        tiling: of the area's slots.
        doubts: of its lines.
        page: the hazard of the table as a whole, which all its cells share.
    """
    spans, n_rows, n_cols = tiling.spans, len(area.rows) - 1, len(area.cols) - 1
    changed = Borders(*(borders.astype(np.float64) for borders in tiling.changed))
    false = _false_lines(doubts)
    lone = _lone_strokes(area, spans, doubts.crossing)
    missed_rows = _missed_between(area.rows, area.across.px_per_mm, doubts.crossing, (Axis.HORIZONTAL, lone))
    missed_cols = _missed_between(area.cols, area.across.px_per_mm, doubts.crossing, (Axis.VERTICAL, lone))
    through = np.zeros(len(spans))
    for line in doubts.crossing:
        through[line.cell] = max(through[line.cell], _crossing_hazard(line, lone))
    return Hazards(
        walls=_of_borders(_wall_hazards(area, tiling), spans),
        repairs=REPAIR_HAZARD * np.minimum(MOST_REPAIRS, _of_borders(changed, spans)),
        missed=np.maximum(through, SHIFTED * _before(missed_rows, missed_cols, spans)),
        false=SHIFTED * _before(*false, spans) + (1 - SHIFTED) * _beside(*false, spans),
        beyond=_beyond(missed_sides(doubts), spans, n_rows, n_cols),
        page=np.full(len(spans), page),
    )


def describe_doubts(area: RuledArea, tiling: Tiling, doubts: LineDoubts) -> tuple[str, ...]:
    """What counts against a table's lines and cells, in words, with the place of each.

    Args:
        area: with its lines.
        tiling: whose spans the doubts' crossing lines are numbered by.
        doubts: of the table's lines.
    """
    repaired = np.count_nonzero(_of_borders(Borders(*(c.astype(np.float64) for c in tiling.changed)), tiling.spans))
    false = dict(zip(("row", "col"), _false_lines(doubts), strict=True))
    lone = _lone_strokes(area, tiling.spans, doubts.crossing)
    return (
        *(
            [f"{repaired} of {len(tiling.spans)} cells rest on changed walls"]
            if 2 * repaired > len(tiling.spans)
            else []
        ),
        *(f"lines go on beyond the {side} border" for side in missed_sides(doubts)),
        *(
            f"a {line.axis.value} line through row {tiling.spans[line.cell].row}, col {tiling.spans[line.cell].col}"
            for line in doubts.crossing
            if _crossing_hazard(line, lone) >= WORTH_NAMING
        ),
        *(
            f"the line before {name} {index} is pale or runs on"
            for name, hazards in false.items()
            for index in np.flatnonzero(hazards >= WORTH_NAMING)
        ),
    )


def missed_sides(doubts: LineDoubts) -> tuple[str, ...]:
    """The sides of the border beyond which lines go on, so that it was missed; one inner line alone is a streak.

    Args:
        doubts: of the table's lines.
    """
    n_lines = {"top": len(doubts.col_tones), "left": len(doubts.row_tones)}
    n_lines |= {"bottom": n_lines["top"], "right": n_lines["left"]}
    return tuple(
        side
        for side, lines in doubts.overruns._asdict().items()
        if len(lines) > 1 or any(line in (0, n_lines[side] - 1) for line in lines)
    )


def _false_lines(doubts: LineDoubts) -> tuple[Values, Values]:
    """(lines - 1,) hazards that the line above each row, and left of each column, is none; the border is one."""
    rows, cols = (
        np.append(0.0, TONE_ODDS.opposite().hazard(-tones[1:-1])) for tones in (doubts.row_tones, doubts.col_tones)
    )
    missed = missed_sides(doubts)
    for side, lines in doubts.overruns._asdict().items():
        if side not in missed:
            hazards = cols if side in ("top", "bottom") else rows
            hazards[list(lines)] = np.maximum(hazards[list(lines)], OVERRUN_HAZARD)
    return rows, cols


def _lone_strokes(area: RuledArea, spans: Sequence[Span], crossing: Sequence[CrossingLine]) -> frozenset[CrossingLine]:
    """Upright lines through a cell no higher than a line of text, with no clear one in line in another cell."""
    near, low = MERGE_MM * area.across.px_per_mm, STROKE_MM * area.across.px_per_mm
    upright = [line for line in crossing if line.axis is Axis.VERTICAL]
    return frozenset(
        line
        for line in upright
        if area.rows[spans[line.cell].row + spans[line.cell].row_span] - area.rows[spans[line.cell].row] <= low
        and sum(abs(other.place - line.place) <= near and other.score >= CLEAR_STROKE for other in upright) <= 1
    )


def _crossing_hazard(line: CrossingLine, lone: frozenset[CrossingLine]) -> float:
    """The hazard that a line through a cell is ruling that was missed."""
    hazard = float(CROSSING_ODDS[line.axis].hazard(line.score))
    return min(hazard, LONE_HAZARD) if line in lone else hazard


def _missed_between(
    lines: Sequence[float],
    px_per_mm: float,
    crossing: Iterable[CrossingLine],
    of: tuple[Axis, frozenset[CrossingLine]],
) -> Values:
    """(lines - 1,) hazards that a line was missed in each row, or in each column.

    Lines through several cells in one line speak for each other; one where the table has a line anyway shifts nothing.

    Args:
        lines: of the table, in the direction that is looked at.
        px_per_mm: of the dewarped page.
        crossing: lines through cells.
        of: the direction, and the lines that are mere strokes.
    """
    axis, lone = of
    hazards = np.zeros(len(lines) - 1)
    near, own = MERGE_MM * px_per_mm, [line for line in crossing if line.axis is axis]
    for line in own:
        if min(abs(line.place - place) for place in lines) <= near:
            continue
        aligned = (other for other in own if abs(other.place - line.place) <= near)
        hazard = sum(_crossing_hazard(other, lone) for other in aligned)
        between = int(np.searchsorted(lines, line.place)) - 1
        hazards[between] = max(hazards[between], min(MOST_HAZARD, hazard))
    return hazards


def _wall_hazards(area: RuledArea, tiling: Tiling) -> Borders[np.float64]:
    """The hazard that each inner border is not as it was taken; of those that were changed another kind says so."""
    drawn = drawn_around(tiling.spans, len(area.rows) - 1, len(area.cols) - 1)
    hazards = Borders(
        *(
            np.where(changed, 0.0, _hazards_of(scores, there, BORDER_ODDS[axis]))
            for axis, scores, there, changed in zip(
                (Axis.HORIZONTAL, Axis.VERTICAL), (area.horizontal, area.vertical), drawn, tiling.changed, strict=True
            )
        )
    )
    hazards.horizontal[[0, -1]], hazards.vertical[:, [0, -1]] = 0.0, 0.0
    return hazards


def _hazards_of(scores: Values, there: NDArray[np.bool_], odds: Odds) -> Values:
    """The hazards of borders that were taken to be there, or not to be."""
    seen = np.where(there, odds.opposite().hazard(-scores), odds.hazard(scores))
    return np.where(there & (scores == UNSEEN_IN_FILL), UNSEEN_HAZARD, seen)


def _of_borders(values: Borders[np.float64], spans: Sequence[Span]) -> Values:
    """(cells,) sums of values over all borders along and inside each cell."""
    top, left, height, width = np.array(spans).T
    across = _Sums.over(values.horizontal).within(top, left, top + height + 1, left + width)
    return across + _Sums.over(values.vertical).within(top, left, top + height, left + width + 1)


class _Sums(NamedTuple):
    """A summed-area table: sums of values above and left of each corner."""

    corners: Values

    @classmethod
    def over(cls, values: Values) -> Self:
        return cls(np.pad(values, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1))

    def within(self, top: Indices, left: Indices, bottom: Indices, right: Indices) -> Values:
        """(n,) sums within rectangles that end before `bottom` and `right`."""
        at = self.corners
        sums: Values = at[bottom, right] - at[top, right] - at[bottom, left] + at[top, left]
        return sums


def _before(rows: Values, cols: Values, spans: Sequence[Span]) -> Values:
    """(cells,) sums of hazards in rows and columns up to the last that each cell is in."""
    top, left, height, width = np.array(spans).T
    sums: Values = rows.cumsum()[top + height - 1] + cols.cumsum()[left + width - 1]
    return sums


def _beside(rows: Values, cols: Values, spans: Sequence[Span]) -> Values:
    """(cells,) sums of the hazards of lines along each cell, or through it, above or left of each row or column."""
    top, left, height, width = np.array(spans).T
    down, along = (np.append([0.0], np.append(hazards, 0.0).cumsum()) for hazards in (rows, cols))
    sums: Values = down[top + height + 1] - down[top] + along[left + width + 1] - along[left]
    return sums


def _beyond(missed: Sequence[str], spans: Sequence[Span], n_rows: int, n_cols: int) -> Values:
    """(cells,) hazards of the border: a row missed above all shifts all, one below changes the last row's cells."""
    top, left, height, width = np.array(spans).T
    concerned = {"bottom": top + height == n_rows, "right": left + width == n_cols}
    hazards = np.zeros(len(spans))
    for side in missed:
        hazards += OVERRUN_HAZARD * concerned.get(side, np.ones(len(spans), np.bool_))
    return hazards
