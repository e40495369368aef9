"""A tiled table, what speaks against its borders and lines -> how sure each cell's place and spans are, 0-1.

A cell is right if all that it rests on is: the borders along it are there, those inside it are not, and no line before
it is false or was missed, as that would shift its indices. Each of these has a hazard, the negative natural logarithm
of the probability that it is right; hazards add up, and a confidence is exp(-sum).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Axis
from pipeline.grid.line_doubts import CrossingLine, LineDoubts, Overruns
from pipeline.grid.ruled_areas import MERGE_MM, RuledArea
from pipeline.grid.tiling import Borders, Span, Tiling, drawn_around
from pipeline.imaging import sigmoid

Values = NDArray[np.float64]


class Odds(NamedTuple):
    """A logistic curve: at `even` both are as likely, and log odds grow by `slope` with each unit."""

    even: float
    slope: float

    def hazard(self, value: Values | float) -> Values:
        """What there is to fear when what the value speaks for is taken not to be so: -log(1 - p)."""
        log_odds = self.slope * (np.asarray(value, np.float64) - self.even)
        return np.minimum(MOST_HAZARD, np.logaddexp(0.0, log_odds))


BORDER_ODDS = Odds(0.3, 22.0)
"""That a border is there, by its score."""
CROSSING_ODDS = {Axis.HORIZONTAL: Odds(0.45, 15.0), Axis.VERTICAL: Odds(0.85, 15.0)}
"""That a line through a cell is ruling, by its score: upright strokes of characters score up to 0.8 in low cells."""
TONE_ODDS = Odds(-0.4, 25.0)
"""That a line is none, by its tone (with its sign changed): streaks and show-through have up to 0.36 of what is usual
for ruling."""
MOST_HAZARD = 4.0
"""No single thing leaves less than two in a hundred."""
OVERRUN_HAZARD = 0.7
"""Where lines go on beyond a side of the border, that side is wrong as often as not: no table that was right had any
line that did."""
KINDS = ("walls", "repairs", "missed", "false", "beyond", "page")
WEIGHTS = (1.0, 0.5, 1.0, 1.0, 1.0, 1.0)
"""What a hazard of each kind counts."""
BASE_HAZARD = 0.005
"""What is left to fear when nothing speaks against a cell."""


class Hazards(NamedTuple):
    """What speaks against each cell, (cells,) of each kind.

    `walls` is of the borders along and inside it, `repairs` counts those that were changed, `missed` is of lines
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
        weighted = (weight * hazard for weight, hazard in zip(WEIGHTS, self, strict=True))
        return np.exp(-sum(weighted, np.full(len(self.walls), BASE_HAZARD)))


def measure_hazards(area: RuledArea, tiling: Tiling, doubts: LineDoubts, page: float) -> Hazards:
    """What speaks against each cell of a tiling.

    Args:
        area: with the scores of the borders.
        tiling: of the area's slots.
        doubts: of its lines.
        page: the hazard of the table as a whole, which all its cells share.
    """
    spans, n_rows, n_cols = tiling.spans, len(area.rows) - 1, len(area.cols) - 1
    missed_rows, missed_cols = missed_between(area, doubts.crossing)
    through = np.zeros(len(spans))
    for line in doubts.crossing:
        through[line.cell] = max(through[line.cell], float(CROSSING_ODDS[line.axis].hazard(line.score)))
    return Hazards(
        walls=_of_borders(_wall_hazards(area, tiling), spans),
        repairs=_of_borders(Borders(*(changed.astype(np.float64) for changed in tiling.changed)), spans),
        missed=np.maximum(through, _before(missed_rows, missed_cols, spans)),
        false=_before(*(np.append(0.0, TONE_ODDS.hazard(-tones[1:-1])) for tones in _tones(doubts)), spans),
        beyond=_beyond(doubts.overruns, spans, n_rows, n_cols),
        page=np.full(len(spans), page),
    )


def missed_between(area: RuledArea, crossing: Iterable[CrossingLine]) -> tuple[Values, Values]:
    """The hazard that a line was missed in each row, (rows - 1,), and in each column, (cols - 1,).

    Lines through several cells in one line speak for each other; one where the table has a line anyway shifts nothing.
    """
    return (
        _missed_between(area.rows, area.across.px_per_mm, [c for c in crossing if c.axis is Axis.HORIZONTAL]),
        _missed_between(area.cols, area.across.px_per_mm, [c for c in crossing if c.axis is Axis.VERTICAL]),
    )


def _missed_between(lines: Sequence[float], px_per_mm: float, crossing: Sequence[CrossingLine]) -> Values:
    hazards = np.zeros(len(lines) - 1)
    near = MERGE_MM * px_per_mm
    for line in crossing:
        if min(abs(line.place - place) for place in lines) <= near:
            continue
        aligned = (other for other in crossing if abs(other.place - line.place) <= near)
        hazard = sum(float(CROSSING_ODDS[other.axis].hazard(other.score)) for other in aligned)
        between = int(np.searchsorted(lines, line.place)) - 1
        hazards[between] = max(hazards[between], min(MOST_HAZARD, hazard))
    return hazards


def _tones(doubts: LineDoubts) -> tuple[Values, Values]:
    return doubts.row_tones, doubts.col_tones


def _wall_hazards(area: RuledArea, tiling: Tiling) -> Borders[np.float64]:
    """The hazard that each inner border is not as it was taken; of those that were changed another kind says so."""
    drawn = drawn_around(tiling.spans, len(area.rows) - 1, len(area.cols) - 1)
    hazards = Borders(
        *(
            np.where(changed, 0.0, np.where(there, _absence(scores), BORDER_ODDS.hazard(scores)))
            for scores, there, changed in zip((area.horizontal, area.vertical), drawn, tiling.changed, strict=True)
        )
    )
    hazards.horizontal[[0, -1]], hazards.vertical[:, [0, -1]] = 0.0, 0.0
    return hazards


def _absence(scores: Values) -> Values:
    """The hazard of borders that are taken to be there."""
    return Odds(-BORDER_ODDS.even, BORDER_ODDS.slope).hazard(-scores)


def _of_borders(values: Borders[np.float64], spans: Sequence[Span]) -> Values:
    """(cells,) sums of values over all borders along and inside each cell."""
    across = np.pad(values.horizontal, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    down = np.pad(values.vertical, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    top, left, height, width = np.array(spans).T
    bottom, right = top + height, left + width
    return _sum(across, top, left, bottom + 1, right) + _sum(down, top, left, bottom, right + 1)


def _sum(sums: Values, top: NDArray[np.intp], left: NDArray[np.intp], bottom: NDArray[np.intp], right: NDArray[np.intp]) -> Values:
    return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]


def _before(rows: Values, cols: Values, spans: Sequence[Span]) -> Values:
    """(cells,) sums of hazards in rows and columns up to the last that each cell is in."""
    top, left, height, width = np.array(spans).T
    return rows.cumsum()[top + height - 1] + cols.cumsum()[left + width - 1]


def _beyond(overruns: Overruns, spans: Sequence[Span], n_rows: int, n_cols: int) -> Values:
    """(cells,) hazards of the border: a row missed above all shifts all, one below changes the last row's cells."""
    top, left, height, width = np.array(spans).T
    shift = OVERRUN_HAZARD * ((overruns.top > 0) + (overruns.left > 0))
    last = OVERRUN_HAZARD * ((overruns.bottom > 0) * (top + height == n_rows) + (overruns.right > 0) * (left + width == n_cols))
    return shift + last
