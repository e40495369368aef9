"""Dewarped page -> ruling lines of each table, and how much of each cell border is inked.

On the dewarped page a ruling line is a row or a column of pixels. Candidates are traced, those that cross are grouped,
and a candidate is admitted only if one whole slot along it, from one crossing line to the next, is inked: strokes of
characters that line up are not, for text keeps clear of the lines around it. A group may be several tables, or a table
and what only looks like its ruling: `settle` tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.dewarp import KERNEL_MM, NO_DASHES, Dashes, DewarpedPage, find_fills, ridges_of, solid_ridge
from pipeline.elements import Axis, BBox
from pipeline.grid.border_scores import LineProfile, profile_line, score_cell_borders
from pipeline.grid.candidates import Candidate, find_candidates
from pipeline.grid.contrasts import Contrast, PageInk, contrasts_along
from pipeline.grid.open_sides import cut_sides, open_sides, rules_without_columns
from pipeline.grid.settling import ADMIT_SCORE, RuledArea, settle

TOUCH_MM = 2.0
"""Lines whose ends miss each other by this much still meet: corners wear off."""
MIN_LINES = 4
"""A table has at least so many lines, of which one at least divides or bounds its columns."""
ROW_ACROSS_MM = 10.0
"""In a table with open sides a row that is one cell, as high as this at most, has nothing but a line above and one
below it."""
MERGE_MM = 1.2
"""Candidates nearer than this are one ruling line, or a double border: no row of text fits between."""
SEED_MM = 20.0
"""Candidates this long are ruling lines at first sight; the others must prove it."""
SEED_SHARE = 0.2
"""In small tables candidates of this share of the longest one's length are ruling lines at first sight, too."""
MIN_AREA_MM = (30.0, 12.0)
"""The width and height of the smallest table, of two rows of text: the strokes of a title are less high."""
MIN_BORDER = 0.6
"""A small table's top and bottom border have at least this mean score: strokes that line up by chance leave gaps."""
MANY_SLOTS = 8
"""Tables of so many slots are no strokes that line up by chance, even where a border is not drawn."""


class _MergedLine(NamedTuple):
    """Where candidates that are one line lie across their direction, how long the longest of them is, and they."""

    place: float
    length: float
    pieces: tuple[Candidate, ...]


class RulesFound(NamedTuple):
    """The ruled tables of a page, in reading order, and where rules follow each other without any column between."""

    tables: tuple[RuledArea, ...]
    without_columns: tuple[BBox, ...]


def rules_of(dewarped: DewarpedPage, *, bars: bool = False) -> RulesFound:
    """Find the ruling lines of a dewarped page; see `find_rules`."""
    has_own_ruling = dewarped.ruling is not dewarped.darkness  # as where fills or coloured rules were found
    page = PageInk(dewarped.ruling, dewarped.outside, dewarped.sealed, may_be_filled=has_own_ruling)
    return find_rules(page, dewarped.warp.px_per_mm, dewarped.dashes, bars=bars)


def find_rules(page: PageInk, px_per_mm: float, dashes: Dashes = NO_DASHES, *, bars: bool = False) -> RulesFound:
    """Find the ruling lines of a page: those of tables, and those that have no columns between them.

    Args:
        page: the dewarped page.
        px_per_mm: of the dewarped page.
        dashes: the pace of dashed ruling.
        bars: whether solid bars count as ruling, too.
    """
    fills = find_fills(page.darkness, px_per_mm) if page.may_be_filled else None
    along, upright = ridges_of(page.darkness, px_per_mm, fills, bars=bars)
    ridges = (
        solid_ridge(along, Axis.HORIZONTAL, px_per_mm, dashes.horizontal),
        solid_ridge(upright, Axis.VERTICAL, px_per_mm, dashes.vertical),
    )
    across, down = contrasts_along(ridges, page, fills, px_per_mm, dashes)
    horizontal = find_candidates(ridges[0], KERNEL_MM[Axis.HORIZONTAL], px_per_mm)
    vertical = find_candidates(ridges[1], KERNEL_MM[Axis.VERTICAL], px_per_mm)
    groups = _groups(horizontal, vertical, px_per_mm)
    areas = [area for h, v in groups for area in _admit(h, v, across, down)]
    tables = _in_reading_order(_outermost([area for area in areas if _is_table(area, px_per_mm)]))
    return RulesFound(tuple(tables), tuple(rules_without_columns(horizontal, [t.box for t in tables], px_per_mm)))


def _groups(
    horizontal: list[Candidate], vertical: list[Candidate], px_per_mm: float
) -> list[tuple[list[Candidate], list[Candidate]]]:
    """Candidates that cross or touch, directly or through others, or that are rows of a table with open sides."""
    touch = TOUCH_MM * px_per_mm
    leader = list(range(len(horizontal) + len(vertical)))

    def find(member: int) -> int:
        while leader[member] != member:
            leader[member] = leader[leader[member]]
            member = leader[member]
        return member

    closed = set()
    for i, h in enumerate(horizontal):
        for j, v in enumerate(vertical, start=len(horizontal)):
            if h.begin - touch <= v.place <= h.end + touch and v.begin - touch <= h.place <= v.end + touch:
                leader[find(i)] = find(j)
                if min(abs(v.place - h.begin), abs(v.place - h.end)) <= touch:
                    closed.add(i)
    for i, j in _rows_across(horizontal, closed, px_per_mm):
        leader[find(i)] = find(j)
    groups: dict[int, tuple[list[Candidate], list[Candidate]]] = {}
    for member, candidate in enumerate([*horizontal, *vertical]):
        groups.setdefault(find(member), ([], []))[member >= len(horizontal)].append(candidate)
    return [(h, v) for h, v in groups.values() if len(h) >= 2 and v and len(h) + len(v) >= MIN_LINES]


def _rows_across(horizontal: list[Candidate], closed: set[int], px_per_mm: float) -> Iterator[tuple[int, int]]:
    """Pairs of lines, by number, between which an open table has a row across all of it, without a divider.

    Both begin and end at the same places, and neither meets a border there.
    """
    order = sorted(set(range(len(horizontal))) - closed, key=lambda i: horizontal[i].place)
    for n, i in enumerate(order):
        for j in order[n + 1 :]:
            upper, lower = horizontal[i], horizontal[j]
            if lower.place - upper.place > ROW_ACROSS_MM * px_per_mm:
                break
            if max(abs(upper.begin - lower.begin), abs(upper.end - lower.end)) <= TOUCH_MM * px_per_mm:
                yield i, j
                break


def _admit(
    horizontal: list[Candidate], vertical: list[Candidate], across: Contrast, down: Contrast
) -> tuple[RuledArea, ...]:
    """Keep the candidates that are ruling lines, and settle what they enclose."""
    rows, more_rows = _seeds(horizontal, across)
    cols, more_cols = _seeds(vertical, down)
    rows, cols = [*rows, *_sides(vertical, rows, down, across)], [*cols, *_sides(horizontal, cols, across, down)]
    grown = True
    while grown:
        new_rows = [row for row in more_rows if _best_score(row, cols) >= ADMIT_SCORE]
        more_rows, rows = [row for row in more_rows if row not in new_rows], rows + new_rows
        new_cols = [col for col in more_cols if _best_score(col, rows) >= ADMIT_SCORE]
        more_cols, cols = [col for col in more_cols if col not in new_cols], cols + new_cols
        grown = bool(new_rows or new_cols)
    return settle(_in_order(rows), _in_order(cols), across, down)


def _sides(
    ending: Sequence[Candidate], lines: Sequence[LineProfile], along: Contrast, contrast: Contrast
) -> list[LineProfile]:
    """The sides of a table that are not drawn: where lines end together, or at the edge of the scan.

    Args:
        ending: candidates that cross the sides.
        lines: those parallel to the sides.
        along: contrast along the candidates.
        contrast: along the sides.
    """
    places = _places(lines)
    cut = list(cut_sides(ending, places, along))
    drawn = [*places, *(side.place for side in cut)]
    sides = [*cut, *open_sides(ending, drawn, along.px_per_mm)]
    return [profile_line(side.place, contrast, assumed=side.score) for side in sides]


def _in_order(lines: Sequence[LineProfile]) -> list[LineProfile]:
    return sorted(lines, key=lambda line: line.place)


def _places(lines: Sequence[LineProfile]) -> list[float]:
    return [line.place for line in lines]


def _seeds(candidates: Sequence[Candidate], contrast: Contrast) -> tuple[list[LineProfile], list[LineProfile]]:
    """Lines that are long enough at first sight, and the others."""
    lines = _merged(candidates, MERGE_MM * contrast.px_per_mm)
    enough = min(SEED_MM * contrast.px_per_mm, SEED_SHARE * max(line.length for line in lines))
    profiles = [(line.length >= enough, profile_line(line.place, contrast, line.pieces)) for line in lines]
    return [line for seed, line in profiles if seed], [line for seed, line in profiles if not seed]


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
        lines.append(_MergedLine(float(place), max(c.length for c in group), tuple(group)))
    return lines


def _best_score(line: LineProfile, crossing: Sequence[LineProfile]) -> float:
    return max(score_cell_borders([line], sorted(_places(crossing))).ravel(), default=0.0)


def _is_table(area: RuledArea, px_per_mm: float) -> bool:
    if area.box.width < MIN_AREA_MM[0] * px_per_mm or area.box.height < MIN_AREA_MM[1] * px_per_mm:
        return False
    if min(len(area.rows), len(area.cols)) > 2 and (len(area.rows) - 1) * (len(area.cols) - 1) >= MANY_SLOTS:
        return True
    return min(float(area.horizontal[0].mean()), float(area.horizontal[-1].mean())) >= MIN_BORDER


def _outermost(areas: Sequence[RuledArea]) -> list[RuledArea]:
    """Areas without those that are parts of another; one that lies in a single cell of another is a table in it.

    A box around a table, of a single cell itself, is none.
    """
    kept = []
    for area in areas:
        around = [other for other in areas if other is not area and _inside(area.box, other.box)]
        if not any(other.divides(area.box) for other in around):
            kept.append(area)
    return [a for a in kept if not (a.is_box and any(b is not a and _inside(b.box, a.box) for b in kept))]


def _inside(inner: BBox, outer: BBox) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def _in_reading_order(areas: Sequence[RuledArea]) -> list[RuledArea]:
    """From top to bottom; those that stand side by side from left to right."""
    left = sorted(areas, key=lambda area: area.rows[0])
    ordered: list[RuledArea] = []
    while left:
        first = left[0]
        beside = [a for a in left if _beside(a.box, first.box)]
        ordered += sorted(beside, key=lambda area: area.cols[0])
        left = [a for a in left if a not in beside]
    return ordered


def _beside(one: BBox, other: BBox) -> bool:
    """Whether two boxes share at least half of the lower one's height."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= 0.5 * min(one.height, other.height)
