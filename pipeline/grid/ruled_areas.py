"""Dewarped page -> ruling lines of each table, and how much of each cell border is inked.

On the dewarped page a ruling line is a row or a column of pixels. Candidates are traced, those that cross are grouped
into tables, and a candidate is admitted only if one whole slot along it, from one crossing line to the next, is inked:
strokes of characters that line up are not, for text keeps clear of the lines around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp import (
    KERNEL_MM,
    MIN_FRAGMENT_MM,
    NO_DASHES,
    Dashes,
    across_smoothed,
    bar_ridge,
    connected,
    find_crests,
    line_ridge,
    solid_ridge,
    transposed,
)
from pipeline.elements import Axis, BBox, Image
from pipeline.grid.border_scores import (
    Contrast,
    LineProfile,
    contrasts_along,
    profile_lines,
    runs_on,
    score_cell_borders,
)
from pipeline.imaging import as_image

STEP_MM = 0.5
"""Candidates are sampled at this step along their line, as their ends matter here."""
MIN_STRENGTH = 0.55
"""A straight candidate has at least this mean clipped contrast; less than a bent one, since the kernel now fits."""
TOUCH_MM = 2.0
"""Lines whose ends miss each other by this much still meet: corners wear off."""
MERGE_MM = 1.2
"""Candidates nearer than this are one ruling line, or a double border: no row of text fits between."""
SEED_MM = 20.0
"""Candidates this long are ruling lines at first sight; the others must prove it."""
SEED_SHARE = 0.2
"""In small tables candidates of this share of the longest one's length are ruling lines at first sight, too."""
ADMIT_SCORE = 0.7
"""Some slot along an admitted line scores at least this."""
OPEN_SIDE_MM = 4.0
"""Horizontal lines that reach this far beyond the last vertical one show a table without a border there."""
OPEN_SIDE_LINES = 3
"""An open side is shown by at least so many horizontal lines that end together."""
MIN_AREA_MM = (30.0, 12.0)
"""The width and height of the smallest table, of two rows of text: the strokes of a title are less high."""
OVERRUN_MM = 3.0
"""Lines that run on so far beyond a border show that the border was missed."""
OVERRUN_SHARE = 0.3
"""A border was missed where this share of the lines, and two at least, run on beyond it."""
MIN_BORDER = 0.6
"""A table's top and bottom border have at least this mean score: strokes that line up by chance leave gaps there."""


class Candidate(NamedTuple):
    """A straight piece of line: where it is across its direction, where it begins and ends, mean contrast 0-1."""

    place: float
    begin: float
    end: float
    strength: float

    @property
    def weight(self) -> float:
        """How much it says about where the line is."""
        return (self.end - self.begin) * self.strength**2


class _MergedLine(NamedTuple):
    """Where candidates that are one line lie across their direction, and how long the longest of them is."""

    place: float
    length: float


@dataclass(frozen=True, slots=True, eq=False)
class RuledArea:
    """The ruling lines of one table on the dewarped page, and the scores of the cell borders between them.

    `rows` are the v of the horizontal lines, `cols` the u of the vertical ones, ascending. `horizontal` (rows, cols -
    1) and `vertical` (rows - 1, cols) score the cell borders 0-1. `goes_on` tells that lines run on beyond the border,
    which then is not the border. `across` and `down` are the contrasts that horizontal and vertical cell borders were
    scored by.
    """

    rows: tuple[float, ...]
    cols: tuple[float, ...]
    horizontal: NDArray[np.float64]
    vertical: NDArray[np.float64]
    across: Contrast
    down: Contrast
    goes_on: bool = False

    @property
    def box(self) -> BBox:
        """The area on the dewarped page."""
        return BBox(self.cols[0], self.rows[0], self.cols[-1], self.rows[-1])


def find_ruled_areas(
    darkness: Image, px_per_mm: float, dashes: Dashes = NO_DASHES, *, bars: bool = False
) -> tuple[RuledArea, ...]:
    """Find the tables' ruling lines on a dewarped page, from top to bottom.

    Args:
        darkness: (height, width) of the dewarped page, 0 paper to 255 ink.
        px_per_mm: of the dewarped page.
        dashes: the pace of dashed ruling.
        bars: whether solid bars count as ruling, too.
    """
    ridge = bar_ridge if bars else line_ridge
    ridges = (
        solid_ridge(ridge(darkness, px_per_mm), Axis.HORIZONTAL, px_per_mm, dashes.horizontal),
        solid_ridge(ridge(transposed(darkness), px_per_mm), Axis.VERTICAL, px_per_mm, dashes.vertical),
    )
    across, down = contrasts_along(ridges, darkness, px_per_mm, dashes)
    horizontal = _candidates(ridges[0], KERNEL_MM[Axis.HORIZONTAL], px_per_mm)
    vertical = _candidates(ridges[1], KERNEL_MM[Axis.VERTICAL], px_per_mm)
    areas = [_admit(h, v, across, down) for h, v in _groups(horizontal, vertical, TOUCH_MM * px_per_mm)]
    tables = [area for area in areas if area is not None and _is_table(area, px_per_mm)]
    return tuple(sorted(_outermost(tables), key=lambda area: area.rows[0]))


def _candidates(ridge: Image, kernel_mm: float, px_per_mm: float) -> list[Candidate]:
    """Straight horizontal pieces of line in a ridge image."""
    step = max(2, round(STEP_MM * px_per_mm))
    samples = max(5, round(kernel_mm * px_per_mm / step) | 1)
    height, width = ridge.shape[0], ridge.shape[1] // step
    reduced = cv2.resize(ridge[:, : width * step], (width, height), interpolation=cv2.INTER_AREA)
    response = across_smoothed(as_image(cv2.blur(reduced, (samples, 1))))
    rows, columns, owner, *ends = connected(find_crests(response, MIN_STRENGTH, px_per_mm))
    begin, end = (columns * step for columns in ends)
    size = np.bincount(owner, minlength=len(begin))
    place = np.bincount(owner, rows, minlength=len(begin)) / size
    strength = np.bincount(owner, response[rows, columns], minlength=len(begin)) / size / 255
    early = np.clip(MIN_STRENGTH / np.maximum(strength, MIN_STRENGTH) - 0.5, 0, 0.5) * samples * step
    return [
        Candidate(float(place[i]), float(begin[i] - early[i]), float(end[i] + early[i]), float(strength[i]))
        for i in np.flatnonzero(end - begin >= MIN_FRAGMENT_MM * px_per_mm)
    ]


def _groups(
    horizontal: list[Candidate], vertical: list[Candidate], touch: float
) -> list[tuple[list[Candidate], list[Candidate]]]:
    """Candidates that cross or touch, directly or through others; at least two of each direction."""
    leader = list(range(len(horizontal) + len(vertical)))

    def find(member: int) -> int:
        while leader[member] != member:
            leader[member] = leader[leader[member]]
            member = leader[member]
        return member

    for i, h in enumerate(horizontal):
        for j, v in enumerate(vertical, start=len(horizontal)):
            if h.begin - touch <= v.place <= h.end + touch and v.begin - touch <= h.place <= v.end + touch:
                leader[find(i)] = find(j)
    groups: dict[int, tuple[list[Candidate], list[Candidate]]] = {}
    for member, candidate in enumerate([*horizontal, *vertical]):
        groups.setdefault(find(member), ([], []))[member >= len(horizontal)].append(candidate)
    return [group for group in groups.values() if min(map(len, group)) >= 2]


def _admit(
    horizontal: list[Candidate], vertical: list[Candidate], across: Contrast, down: Contrast
) -> RuledArea | None:
    """Keep the candidates that are ruling lines; None where they enclose no slot."""
    merge, seed = MERGE_MM * across.px_per_mm, SEED_MM * across.px_per_mm
    row_places, more_row_places = _seeds(_merged(horizontal, merge), seed)
    col_places, more_col_places = _seeds(_merged(vertical, merge), seed)
    col_places = [*col_places, *_open_sides(horizontal, col_places, across.px_per_mm)]
    rows, more_rows = profile_lines(row_places, across), profile_lines(more_row_places, across)
    cols, more_cols = profile_lines(col_places, down), profile_lines(more_col_places, down)
    grown = True
    while grown:
        new_rows = [row for row in more_rows if _best_score(row, cols) >= ADMIT_SCORE]
        more_rows, rows = [row for row in more_rows if row not in new_rows], rows + new_rows
        new_cols = [col for col in more_cols if _best_score(col, rows) >= ADMIT_SCORE]
        more_cols, cols = [col for col in more_cols if col not in new_cols], cols + new_cols
        grown = bool(new_rows or new_cols)
    return _pruned(_in_order(rows), _in_order(cols), across, down)


def _in_order(lines: Sequence[LineProfile]) -> list[LineProfile]:
    return sorted(lines, key=lambda line: line.place)


def _places(lines: Sequence[LineProfile]) -> list[float]:
    return [line.place for line in lines]


def _merged(candidates: Sequence[Candidate], gap: float) -> list[_MergedLine]:
    """One line for candidates nearer than a gap, placed by those that agree with the strongest."""
    leaders: list[list[Candidate]] = []
    for candidate in sorted(candidates, key=lambda c: -c.weight):
        near = next((group for group in leaders if abs(group[0].place - candidate.place) < gap), None)
        if near is None:
            leaders.append([candidate])
        else:
            near.append(candidate)
    lines = []
    for group in leaders:
        agreeing = [c for c in group if abs(c.place - group[0].place) < gap / 2]
        place = np.average([c.place for c in agreeing], weights=[c.weight for c in agreeing])
        lines.append(_MergedLine(float(place), max(c.end - c.begin for c in group)))
    return lines


def _seeds(lines: list[_MergedLine], seed_length: float) -> tuple[list[float], list[float]]:
    """Places of lines that are long enough at first sight, and those of the others."""
    longest = max(line.length for line in lines)
    enough = min(seed_length, SEED_SHARE * longest)
    seeds = [line.place for line in lines if line.length >= enough]
    return seeds, [line.place for line in lines if line.length < enough]


def _open_sides(horizontal: Sequence[Candidate], cols: Sequence[float], px_per_mm: float) -> list[float]:
    """Where horizontal lines end together beyond the vertical ones: the sides of a table without borders."""
    sides = []
    lengthy = sorted(horizontal, key=lambda c: c.begin - c.end)[: max(OPEN_SIDE_LINES, len(horizontal) // 2)]
    for ends, outer, sign in (
        ([c.begin for c in lengthy], min(cols, default=None), -1),
        ([c.end for c in lengthy], max(cols, default=None), 1),
    ):
        side = float(np.median(ends))
        agreeing = sum(abs(end - side) < TOUCH_MM * px_per_mm for end in ends)
        if outer is not None and (side - outer) * sign > OPEN_SIDE_MM * px_per_mm and agreeing >= OPEN_SIDE_LINES:
            sides.append(side)
    return sides


def _best_score(line: LineProfile, crossing: Sequence[LineProfile]) -> float:
    return max(score_cell_borders([line], sorted(_places(crossing))).ravel(), default=0.0)


def _pruned(rows: list[LineProfile], cols: list[LineProfile], across: Contrast, down: Contrast) -> RuledArea | None:
    """Drop lines, the weakest first, until each has a cell border that is inked from one crossing line to another."""
    while len(rows) >= 2 and len(cols) >= 2:
        row_places, col_places = _places(rows), _places(cols)
        horizontal = score_cell_borders(rows, col_places)
        vertical = score_cell_borders(cols, row_places).T
        weak_rows = np.array([_proof(i, horizontal, vertical, row, col_places) for i, row in enumerate(rows)])
        weak_cols = np.array([_proof(i, vertical.T, horizontal.T, col, row_places) for i, col in enumerate(cols)])
        weak_rows[_stray_borders(horizontal, vertical)] = 0.0
        inner_col = weak_cols[1:-1].min(initial=1.0)  # an open side is not inked, and stays
        if min(weak_rows.min(), inner_col) >= ADMIT_SCORE:
            goes_on = _runs_beyond(rows, col_places, across) or _runs_beyond(cols, row_places, down)
            return RuledArea(tuple(row_places), tuple(col_places), horizontal, vertical, across, down, goes_on)
        if weak_rows.min() <= inner_col:
            del rows[int(weak_rows.argmin())]
        else:
            del cols[1 + int(weak_cols[1:-1].argmin())]
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

    A line that is drawn in one slot only must meet cell borders there at both ends, and end at them.
    """
    drawn = np.flatnonzero(along[line] >= ADMIT_SCORE)
    if len(drawn) != 1 or line in (0, len(along) - 1):
        return float(along[line].max())
    slot = int(drawn[0])
    beside = crossing[line - 1 : line + 1]
    met = [end in (0, crossing.shape[1] - 1) or beside[:, end].max() >= ADMIT_SCORE for end in (slot, slot + 1)]
    if not all(met) or all(runs_on(profile, (crossing_places[slot], crossing_places[slot + 1]))):
        return 0.0
    return float(along[line, slot])


def _runs_beyond(lines: Sequence[LineProfile], crossing: Sequence[float], contrast: Contrast) -> bool:
    """Whether lines run on beyond the first or the last line that crosses them: that one is no border of the table.

    The edge of the page ends them, too.
    """
    beyond = OVERRUN_MM * contrast.px_per_mm + (contrast.pace.period if contrast.pace else 0.0)
    first, last = crossing[0] - beyond, crossing[-1] + beyond
    sides = [(first, crossing[0])] if first >= 0 else []
    sides += [(crossing[-1], last)] if last < contrast.ridge.shape[1] else []
    drawn = (np.count_nonzero(score_cell_borders(lines, side) >= ADMIT_SCORE) for side in sides)
    return any(count >= max(2, OVERRUN_SHARE * len(lines)) for count in drawn)


def _stray_borders(horizontal: NDArray[np.float64], vertical: NDArray[np.float64]) -> list[int]:
    """Which of the first and last row are mostly bare and joined to the table by neither side: a title's strokes."""
    bare = horizontal.mean(axis=1) < MIN_BORDER
    return [row for row in (0, -1) if bare[row] and vertical[row, [0, -1]].max() < ADMIT_SCORE]


def _is_table(area: RuledArea, px_per_mm: float) -> bool:
    large = area.box.width >= MIN_AREA_MM[0] * px_per_mm and area.box.height >= MIN_AREA_MM[1] * px_per_mm
    return large and min(area.horizontal[0].mean(), area.horizontal[-1].mean()) >= MIN_BORDER


def _outermost(areas: list[RuledArea]) -> list[RuledArea]:
    """Areas that do not lie inside another."""

    def inside(inner: BBox, outer: BBox) -> bool:
        return (
            outer.left <= inner.left
            and outer.top <= inner.top
            and inner.right <= outer.right
            and inner.bottom <= outer.bottom
        )

    return [a for a in areas if not any(b is not a and inside(a.box, b.box) for b in areas)]
