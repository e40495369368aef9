"""The ink of a cell -> its columns: text that runs from top to bottom, or whose lines are turned.

The lines of a cell are found as rows of ink. Text that stands in columns has rows as well, but they are no lines. What
tells the two apart is how the characters stand: within a line, or a column, they are close to each other, and lines
have more paper between them; and the characters of two columns need not stand beside each other.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Image
from pipeline.imaging import REMNANT_MM, darkest_ink, faintest, find_components
from pipeline.layout import InkLine, find_text_lines

MAX_COLUMNS = 4
"""More columns than this in one cell are lines of text whose characters stand below each other."""
WIDEST = 1.7
"""A column is at most so many times as wide as the page's characters are high: headings are set larger."""
NARROWEST = 0.3
"""What is narrower than this share of a character's height is no column but a stroke or a rule's remnant."""
TALL = (1.5, 1.2)
"""A single column is at least so many times as high as wide; the second in several rows, as 3月 on its side."""
GUTTER = 0.13
"""Between columns there is at least so much paper, in character heights; the strokes of a character are nearer."""
CHARACTER_WIDTH = 1.15
"""Parts of a character that stands alone in its column, such as 川, are together no wider than this."""
BESIDE = 0.55
"""Two characters of a row overlap in height by this share of the lower one; characters of columns need not."""
ALONE = 0.2
"""A character has none beside it where less of its height than this is; those of one line share nearly all of it."""
WIDER = 1.12
"""Columns are so many times further from each other than their characters are: lines of text have it the other way."""
SOLID = 1.22
"""The middles of a column's characters are no further apart than so many times their height: columns are set with 1.0
to 1.12 of the font's size from one to the next, which is 1.06 to 1.2 of their ink."""
REACH = 0.6
"""Strokes this near to a column's end, in character heights, belong to it."""
MARK = 0.1
"""Ink between characters that is this high, in their heights, is punctuation; what is lower is dust."""
LOOSE = 1.35
"""Characters that are further apart than this stand in different lines, with 1.25 of the font's size or more from one
to the next."""
FEW_ROWS = 2
"""So many rows of spaced characters are spaced lines of text, as in 单 位 above 名 称; columns have more."""


class Column(NamedTuple):
    """A column of a cell: the box around its ink on the dewarped page, and those of its characters from the top.

    `whole` is False where there is ink between its characters: punctuation, or a character in pieces.
    """

    box: BBox
    characters: tuple[InkLine, ...]
    whole: bool = True


class ColumnBlock(NamedTuple):
    """The columns of a cell, from left to right; `sure` is False where they may be the characters of spaced lines."""

    columns: tuple[Column, ...]
    sure: bool = True

    @property
    def box(self) -> BBox:
        """The box around all of them."""
        boxes = [column.box for column in self.columns]
        return around(boxes)


class Setting(NamedTuple):
    """What the columns of a page are measured by: grain and character height in pixels, and its resolution."""

    noise: float
    text_height: float
    px_per_mm: float


def may_stand_in_columns(lines: Sequence[InkLine], text_height: float) -> bool:
    """Whether the lines of a cell, by their boxes alone, may be no lines but rows of columns."""
    if not lines:
        return False
    box = around([line.box for line in lines])
    box = box._replace(bottom=max([box.bottom, *(speck.bottom for line in lines for speck in line.specks)]))
    if box.width <= WIDEST * text_height:
        return box.height >= TALL[len(lines) > 1] * max(box.width, text_height)
    return len(lines) > 1 and box.width <= MAX_COLUMNS * WIDEST * text_height


def find_columns(
    darkness: Image, corner: tuple[int, int], lines: Sequence[InkLine], setting: Setting
) -> ColumnBlock | None:
    """The columns of a cell; None where its text runs in lines.

    Args:
        darkness: (height, width) of the cell's inside.
        corner: where the inside's left and top are on the dewarped page.
        lines: that were found in it, on the dewarped page.
        setting: of the page.
    """
    left, top = corner
    box = around([line.box for line in lines])
    faint = faintest(darkest_ink(darkness), setting.noise)
    inked = darkness[int(box.top) - top : int(box.bottom) - top] > faint
    spans = _column_spans(
        np.asarray(inked.any(axis=0)), int(box.left) - left, int(box.right) - left, setting.text_height
    )
    if not spans:
        return None
    columns = [_column(darkness, span, corner, setting) for span in spans]
    found = tuple(column for column in columns if column is not None)
    if len(found) != len(spans):
        return None
    if len(found) == 1:
        return ColumnBlock(found)
    standing = _standing(found)
    return None if standing is False else ColumnBlock(found, sure=bool(standing))


def around(boxes: Sequence[BBox]) -> BBox:
    """The box around several."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return BBox(min(lefts), min(tops), max(rights), max(bottoms))


def _column_spans(inked: NDArray[np.bool_], left: int, right: int, text_height: float) -> list[tuple[int, int]]:
    """The columns' lefts and rights, by the paper between them; none where something is wider than a column."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked[left:right], [False]]).astype(np.int8)))
    runs = [(left + int(begin), left + int(end)) for begin, end in edges.reshape(-1, 2)]
    spans: list[tuple[int, int]] = []
    for begin, end in runs:
        near = bool(spans) and begin - spans[-1][1] < GUTTER * text_height
        part = bool(spans) and end - spans[-1][0] <= CHARACTER_WIDTH * text_height
        if near or part:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((begin, end))
    widths = [end - begin for begin, end in spans]
    fits = all(NARROWEST * text_height <= width <= WIDEST * text_height for width in widths)
    return spans if fits and len(spans) <= MAX_COLUMNS else []


def _column(darkness: Image, span: tuple[int, int], corner: tuple[int, int], setting: Setting) -> Column | None:
    """A column, its characters found as if they were lines; None without any."""
    alone = np.zeros_like(darkness)
    alone[:, slice(*span)] = darkness[:, slice(*span)]
    found = find_text_lines(alone, *setting).lines
    if not found:
        return None
    characters = tuple(InkLine(moved(line.box, corner), tuple(moved(s, corner) for s in line.specks)) for line in found)
    edge = max(1, round(REMNANT_MM * setting.px_per_mm))
    strokes = [moved(component.box, corner) for component in find_components(alone, setting.noise, edge)]
    between = [stroke for stroke in strokes if not any(_holds(one.box, stroke) for one in characters)]
    whole = max([stroke.height for stroke in between], default=0.0) < MARK * setting.text_height
    box = _with_ends(around([one.box for one in characters]), strokes, REACH * setting.text_height)
    return Column(box, characters, whole)


def _holds(box: BBox, stroke: BBox) -> bool:
    return box.top <= (stroke.top + stroke.bottom) / 2 <= box.bottom


def _with_ends(box: BBox, strokes: Sequence[BBox], reach: float) -> BBox:
    """The box with the strokes that go on above and below it, each near the next: letters on their side are low."""
    for stroke in sorted(strokes, key=lambda one: one.top):
        if stroke.top - box.bottom <= reach and stroke.bottom > box.bottom:
            box = around([box, stroke])
    for stroke in sorted(strokes, key=lambda one: -one.bottom):
        if box.top - stroke.bottom <= reach and stroke.top < box.top:
            box = around([box, stroke])
    return box


def moved(box: BBox, by: tuple[int, int]) -> BBox:
    """A box elsewhere, by so many pixels across and down."""
    return BBox(box.left + by[0], box.top + by[1], box.right + by[0], box.bottom + by[1])


def _standing(columns: Sequence[Column]) -> bool | None:
    """Whether characters stand in columns: True, or False where they stand in lines; None where it cannot be told."""
    if max(len(column.characters) for column in columns) == 1:
        return False
    if _is_ragged(columns) or any(_is_apart(one, other) for one, other in itertools.permutations(columns, 2)):
        return True
    across = min(_middle(right.box) - _middle(left.box) for left, right in itertools.pairwise(columns))
    steps = [
        (lower.box.top + lower.box.bottom - upper.box.top - upper.box.bottom) / 2
        for column in columns
        for upper, lower in itertools.pairwise(column.characters)
    ]
    down, rows = statistics.median_low(steps), max(len(column.characters) for column in columns)
    solid, loose = (share * _size(columns) for share in (SOLID, LOOSE))
    if across >= WIDER * down and down <= solid:
        return True
    are_lines = across < down or (down > loose and (across < WIDER * down or rows <= FEW_ROWS))
    return False if are_lines else None


def _is_apart(one: Column, other: Column) -> bool:
    """Whether a character of a column has none beside it in another that reaches above and below it."""
    within = [c for c in one.characters if c.box.top >= other.box.top and c.box.bottom <= other.box.bottom]
    return any(_beside(character, other) < BESIDE for character in within)


def _is_ragged(columns: Sequence[Column]) -> bool:
    """Whether a character has none beside it in the first column: lines begin there, whichever way they are set."""
    return any(_beside(character, columns[0]) < ALONE for column in columns[1:] for character in column.characters)


def _beside(character: InkLine, column: Column) -> float:
    """The share of a character's height that stands beside one of a column."""
    top, bottom = character.box.top, character.box.bottom
    shared = max(min(bottom, own.box.bottom) - max(top, own.box.top) for own in column.characters)
    return shared / (bottom - top)


def _middle(box: BBox) -> float:
    return (box.left + box.right) / 2


def _size(columns: Sequence[Column]) -> float:
    """The usual height of a character's ink: of half of them at least, as strokes such as 一 are low."""
    heights = sorted(character.box.height for column in columns for character in column.characters)
    return heights[(3 * len(heights)) // 4 if len(heights) > 2 else -1]
