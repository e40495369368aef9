"""Candidates -> what no line draws: open sides, where lines end together or the scan does; columns without dividers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.elements import BBox
from pipeline.grid.candidates import Candidate
from pipeline.grid.contrasts import Contrast

OPEN_SIDE_MM = 4.0
"""Lines that reach this far beyond the last one that crosses them show a table without a border there."""
OPEN_SIDE_LINES = 3
"""An open side is shown by at least so many lines that end together."""
TOGETHER_MM = 2.0
"""Lines end together within this distance."""
OPEN_SCORE = 0.0
"""An open side has nothing that shows it but the ends of the lines."""
CUT_MM = 2.5
"""A line that ends so near to the edge of the scan is cut off by it."""
CUT_BEYOND_MM = 3.0
"""A row or column that is cut off is at least this much of one."""
CUT_LINES = 2
"""A table is cut off where at least so many of its lines are."""
CUT_SHARE = 0.4
"""A table is cut off where at least this share of its lines is."""
CUT_SCORE = 0.95
"""Where a scan ends the table does, too."""
SERIES = 3
"""So many rules show a table without dividers: one above its heading, one below it, and one at the end."""
MIN_RULE_MM = 40.0
"""Such rules are at least so long; underlines and the lines to write a name on are mostly shorter."""
RULES_MM = (3.0, 150.0)
"""They are at least so far from each other, as a row of text fits between, and at most so far."""


class Side(NamedTuple):
    """A side of a table that is not drawn: its place across its direction, and the score of its cell borders, 0-1."""

    place: float
    score: float


def open_sides(ending: Sequence[Candidate], places: Sequence[float], px_per_mm: float) -> Iterator[Side]:
    """Where lines end together beyond the ones that cross them.

    Args:
        ending: candidates that cross the sides.
        places: of the lines parallel to the sides.
        px_per_mm: of the page.
    """
    lengthy = sorted(ending, key=lambda c: c.begin - c.end)[: max(OPEN_SIDE_LINES, len(ending) // 2)]
    for ends, outer, sign in (
        ([c.begin for c in lengthy], min(places, default=None), -1),
        ([c.end for c in lengthy], max(places, default=None), 1),
    ):
        side = float(np.median(ends))
        agreeing = sum(abs(end - side) < TOGETHER_MM * px_per_mm for end in ends)
        if outer is not None and (side - outer) * sign > OPEN_SIDE_MM * px_per_mm and agreeing >= OPEN_SIDE_LINES:
            yield Side(side, OPEN_SCORE)


def cut_sides(ending: Sequence[Candidate], places: Sequence[float], along: Contrast) -> Iterator[Side]:
    """Where the edge of the scan cuts a table off.

    Args:
        ending: candidates that cross the sides.
        places: of the lines parallel to the sides.
        along: contrast along the lines that end.
    """
    if not places:
        return
    beyond = CUT_BEYOND_MM * along.px_per_mm
    for outer, sign in ((min(places), -1), (max(places), 1)):
        reaching = [c for c in ending if c.begin - beyond <= outer <= c.end + beyond]
        cut = [c.end if sign > 0 else c.begin for c in reaching if _is_cut(c, sign, along)]
        cut = [end for end in cut if (end - outer) * sign > beyond]
        if len(cut) >= max(CUT_LINES, CUT_SHARE * len(reaching)):
            yield Side(max(cut) if sign > 0 else min(cut), CUT_SCORE)


def _is_cut(line: Candidate, sign: int, along: Contrast) -> bool:
    """Whether a line goes on to the edge of the scan at its end (sign 1) or where it begins (-1)."""
    end, width = (line.end if sign > 0 else line.begin), along.ridge.shape[1]
    beyond = round(end + sign * CUT_MM * along.px_per_mm)
    if not 0 <= beyond < width:
        return True
    if along.outside is None:
        return False
    row = int(np.clip(round(line.at(end)), 0, len(along.outside) - 1))
    return bool(along.outside[row, beyond])


def rules_without_columns(horizontal: Sequence[Candidate], tables: Sequence[BBox], px_per_mm: float) -> Iterator[BBox]:
    """Where three level rules or more, as wide as each other, follow each other outside of tables: rows, no columns.

    Args:
        horizontal: candidates.
        tables: boxes of the tables that were found.
        px_per_mm: of the page.

    Yields:
        The box around each such place.
    """
    near = TOGETHER_MM * px_per_mm
    long = [c for c in horizontal if c.end - c.begin >= MIN_RULE_MM * px_per_mm and not _in_any(c, tables, near)]
    left = sorted(long, key=lambda c: c.place)
    while left:
        series, rest = [left[0]], []
        for rule in left[1:]:
            alike = max(abs(rule.begin - series[0].begin), abs(rule.end - series[0].end)) <= near
            apart = rule.place - series[-1].place
            if not alike or apart > RULES_MM[1] * px_per_mm:
                rest.append(rule)
            elif apart >= RULES_MM[0] * px_per_mm:  # nearer ones are strokes of one rule
                series.append(rule)
        if len(series) >= SERIES:
            yield BBox(series[0].begin, series[0].place, series[0].end, series[-1].place)
        left = rest


def _in_any(rule: Candidate, tables: Sequence[BBox], near: float) -> bool:
    middle = (rule.begin + rule.end) / 2
    return any(
        box.top - near <= rule.place <= box.bottom + near and box.left - near <= middle <= box.right + near
        for box in tables
    )
