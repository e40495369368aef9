"""The page's title among the lines outside its tables, and what it says: the unit and the fiscal year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from pipeline.elements import BBox, LineKind, PageReading
from pipeline.forms.profile_parts import TitleRule
from pipeline.imaging import apply_homography, bounding_box, invert
from pipeline.text import one_line

MIN_TITLE_SIMILARITY = 0.6
"""Two characters in five of a title may be misread; a line that is less like it is another text."""

SAME_ROW_OVERLAP = 0.5
"""Two lines stand in one row where they share half of the lower one: lines one below the other share less."""

PATTERN_BONUS = 0.5
"""The bonus outweighs a few unlike characters: of two runs of lines, the title is the one that names unit and year."""

MAX_TITLE_ROWS = 3
"""A title has three rows at most: a longer run would take in the lines below it."""


@dataclass(frozen=True, slots=True)
class TitleReading:
    """The page's title as one line, how alike it is to the form's (0-1), and what it names."""

    text: str | None
    similarity: float
    unit_name: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """Lines that stand side by side, and their box on the upright page."""

    text: str
    box: BBox


def read_title(page: PageReading, rule: TitleRule | None) -> TitleReading:
    """Choose the page's title, which may run over several lines, and read what it names.

    Args:
        page: the page as read; lines of kind TITLE are preferred to others outside the tables.
        rule: the form's title; None for an unknown form, whose title is its largest line.
    """
    titles = _text_rows(page, (LineKind.TITLE,))
    if rule is None:
        largest = max(titles, key=lambda row: row.box.height, default=None)
        return TitleReading(largest.text if largest else None, 0.0)
    others = _text_rows(page, (LineKind.TITLE, LineKind.OTHER))
    text, alike = _likest(titles, rule)
    if alike < MIN_TITLE_SIMILARITY:
        text, alike = _likest(others, rule)
    if alike < MIN_TITLE_SIMILARITY:
        return TitleReading(read_title(page, None).text, 0.0, None, _year(rule, None, others))
    named = re.search(rule.pattern, text) if rule.pattern else None
    groups = named.groupdict() if named else {}
    return TitleReading(text, alike, groups.get("unit_name"), _year(rule, groups.get("year"), others))


def _year(rule: TitleRule, read: str | None, rows: Sequence[_Row]) -> int | None:
    if read is None and rule.year is not None:
        found = (re.search(rule.year, row.text) for row in rows)
        read = next((match["year"] for match in found if match), None)
    return int(read) if read and read.isdecimal() else None


def _likest(rows: Sequence[_Row], rule: TitleRule) -> tuple[str, float]:
    """The run of rows that is most like the title, and how alike it is; the shortest of equals."""
    runs = [
        "".join(row.text for row in rows[first : last + 1])
        for first in range(len(rows))
        for last in range(first, min(first + MAX_TITLE_ROWS, len(rows)))
    ]
    best, text, alike = 0.0, "", 0.0
    for run in sorted(runs, key=len):
        likeness = fuzz.partial_ratio(rule.text, run) / 100 * min(1.0, len(run) / len(rule.text))
        bonus = PATTERN_BONUS if rule.pattern and re.search(rule.pattern, run) else 0.0
        if likeness >= MIN_TITLE_SIMILARITY and likeness + bonus > best:
            best, text, alike = likeness + bonus, run, likeness
    return text, alike


def _text_rows(page: PageReading, kinds: tuple[LineKind, ...]) -> list[_Row]:
    """The lines of these kinds, top to bottom, those side by side joined left to right."""
    upright = invert(page.to_source)
    lines = [line for line in page.lines if line.kind in kinds and line.text.strip()]
    pieces = [_Row(line.text, bounding_box(apply_homography(upright, line.polygon))) for line in lines]
    rows: list[list[_Row]] = []
    for piece in sorted(pieces, key=lambda one: one.box.top + one.box.bottom):
        if rows and _side_by_side(rows[-1][-1].box, piece.box):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_joined(sorted(row, key=lambda one: one.box.left)) for row in rows]


def _joined(pieces: list[_Row]) -> _Row:
    boxes = [piece.box for piece in pieces]
    around = BBox(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
    return _Row(one_line(" ".join(piece.text for piece in pieces)) or "", around)


def _side_by_side(one: BBox, other: BBox) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    lower = min(one.height, other.height)
    apart = one.right <= other.left or other.right <= one.left
    return apart and shared >= SAME_ROW_OVERLAP * lower
