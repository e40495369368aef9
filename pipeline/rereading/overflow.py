"""Two cells side by side -> one line of text that was written through the rule between them, if there is one.

Such a line reaches the rule on both sides at the same height, with no paper between its parts but the rule. It belongs
to the cell in which it begins, where it begins as that cell's lines do: near the left. The rule is taken out of the
cut, with the strokes that cross it drawn through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.elements import BBox, Image
from pipeline.imaging import as_image
from pipeline.layout import InkLine

TOUCHES_PX = 1
"""So near to the inside of a cell's border, which is half a millimetre from the rule's middle, ink touches it."""
NEAR = 0.3
"""Ink that runs over is no further from the inside of the border than this, in heights of the line, on both sides."""
TIGHT = 0.22
"""Where no stroke crosses the rule, ink on both sides may still be one line if no more than this is between it, in
heights of the line: characters of a line stand so near to each other, and cells leave more paper."""
STROKE = 0.35
"""What is darker than the rule's own blur by this share of the darkest ink is a stroke beside it."""
LEVEL = 0.7
"""Both parts stand at the same height: they share this much of the lower one's."""
BEGINS = 1.2
"""Text begins no further from its cell's left border than this, in heights of the line."""
GAP = 0.9
"""Paper wider than this, in heights, parts what runs over from what the next cell says itself."""
RULE_SHARE = 0.5
"""A column of pixels is of the rule where this share of its rows is ink."""
RULE_ROWS = 0.8
"""The share of rows that tells: a character's strokes cross the rule in few of them."""


class Sides(NamedTuple):
    """A cell's inside on the dewarped page, and its lines."""

    inside: BBox
    lines: Sequence[InkLine]


class Overflow(NamedTuple):
    """A line through a rule: its parts in the cell on the left and on the right, and whether it is surely one line."""

    left: InkLine
    right: InkLine
    sure: bool


def find_overflow(left: Sides, right: Sides) -> Overflow | None:
    """The line that runs over from a cell into the one to its right; None where none reaches the rule on both sides."""
    pairs = [(one, other) for one in left.lines for other in right.lines if _go_on(one.box, other.box, left, right)]
    if len(pairs) != 1:
        return None
    one, other = pairs[0]
    begins = one.box.left - left.inside.left <= BEGINS * one.box.height
    fits = other.box.right < right.inside.right - TOUCHES_PX
    return Overflow(one, other, begins and fits and len(right.lines) == 1)


def has_gap(darkness: Image, faint: int, height: float) -> bool:
    """Whether the ink of a line, (height, width), is parted by paper wider than between characters."""
    inked = np.flatnonzero((darkness > faint).any(axis=0))
    return bool(inked.size) and int(np.diff(inked).max(initial=0)) > GAP * height


def rule_between(darkness: Image) -> tuple[int, int] | None:
    """Where the rule is in the strip between two cells' insides: its first column, and the one after it.

    Args:
        darkness: (height, width) of the strip, over the whole height of the cells.
    """
    dark = np.quantile(darkness, 1 - RULE_ROWS, axis=0) > RULE_SHARE * float(darkness.max(initial=0))
    columns = np.flatnonzero(dark)
    return (int(columns[0]), int(columns[-1]) + 1) if columns.size else None


def crosses(darkness: Image, rule: tuple[int, int], band: tuple[int, int]) -> bool:
    """Whether a stroke goes on through a rule: there is ink on both sides of it in one row.

    Args:
        darkness: (height, width) of the strip between two cells' insides, over the whole height of the cells.
        rule: its first column in the strip, and the one after it.
        band: the first row of the line, and the one after it.
    """
    beside = [max(0, rule[0] - 2), min(darkness.shape[1] - 1, rule[1] + 1)]
    sides = darkness[:, beside].astype(np.float64)
    apart = np.ones(len(sides), np.bool_)
    apart[slice(*band)] = False
    blur = np.median(sides[apart], axis=0) if apart.any() else sides.min(axis=0)
    inked = sides[slice(*band)] > blur + STROKE * float(darkness.max(initial=0))
    near = inked[:, 1].copy()
    near[1:] |= inked[:-1, 1]
    near[:-1] |= inked[1:, 1]
    return bool((inked[:, 0] & near).any())


def without_rule(cut: Image, left: int, right: int) -> Image:
    """A cut, (height, width), with the columns of a rule made anew from those beside it: strokes go on through it."""
    begin, end = max(1, left), min(right, cut.shape[1] - 1)
    if begin >= end:
        return cut
    share = (np.arange(begin, end) - begin + 1) / (end - begin + 1)
    mended = cut.copy()
    mended[:, begin:end] = np.rint(cut[:, begin - 1, None] * (1 - share) + cut[:, end, None] * share)
    return as_image(mended)


def _go_on(one: BBox, other: BBox, left: Sides, right: Sides) -> bool:
    """Whether a line of a cell goes on as one of the next cell."""
    before, after = left.inside.right - one.right, other.left - right.inside.left
    touches = max(before, after) <= NEAR * one.height
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return touches and shared >= LEVEL * min(one.height, other.height)
