"""The lines of a page, measured and read -> which of them were written by hand.

Each line is judged by itself first, by a logistic model, with the page's own print as the measure of size and stroke;
then together with those on its page that look like it, as a form is filled in by one hand, and set in one font.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.handwriting.line_ink import LineInk

Odds = NDArray[np.float64]
"""Natural logarithms of the odds that each line was written by hand, (lines,)."""

WEIGHTS = (-17.84, 3.69, 4.39, 36.48, -2.77, 2.14, 3.16, 5.25, -0.16, 9.83)
"""What each of `_measures` adds to a line's log odds, as fitted by `benchmarks.pen_or_print` on pages by others, drawn
pages of every make, and forms filled in by hand."""
INTERCEPT = 0.09
OWN_WEIGHT, SHARED_WEIGHT, SHARED_INTERCEPT = 0.38, 1.53, 1.41
"""What a line's own log odds and those of the lines that look like it count together, fitted with the others."""
SMALLEST_SHARE = 0.3
"""This quantile of the lines' heights counts as the size of the page's print: pens write larger."""
USUAL_PX = 20.0
"""Print of 10 points is so high at 200 dpi; at lower resolutions its edges are less upright."""
MOST_PX = 60.0
"""Larger print stands no straighter."""
MOST_UNEVEN = 0.5
"""Beyond this neither heights nor widths of characters say more."""
SAME_CHARACTERS = 3
"""A character's usual shape is known where it stands so often on the page."""
SHAPE_STEP = 0.75
"""So many pixels of a character's width or height are none of its own doing."""
SURE_SHAPES = 4
"""So many characters of a line, compared with their like on the page, say all that they can."""
LIKENESS = (0.2, 0.25, 0.12, 0.7)
"""Lines look alike within these differences: of the logarithms of height and of stroke, of the share of upright edges,
and of the share of digits."""
MOST_ODDS = 4.0
"""No line counts for or against others by more than this."""
MOST_CHARACTERS = 6
"""Lines count by their characters, up to so many."""
RESERVE = 4.0
"""To the lines that look alike so many characters are added that say nothing: few lines vouch for little."""

DIGIT, LATIN, CHINESE = (re.compile(pattern) for pattern in (r"\d", "[A-Za-z]", "[\u3400-\u9fff]"))


class ReadInk(NamedTuple):
    """The ink of a line, what it was read as, and how sure that is, 0-1."""

    ink: LineInk
    text: str
    confidence: float

    @property
    def characters(self) -> str:
        """Its text without spaces."""
        return "".join(self.text.split())


def own_odds(lines: Sequence[ReadInk]) -> Odds:
    """What each line of a page says of itself.

    Args:
        lines: of one page, or a fair sample of them, at least one.
    """
    return np.asarray(measures_of(lines) @ np.array(WEIGHTS) + INTERCEPT, np.float64)


def shared_odds(lines: Sequence[ReadInk], own: Odds) -> Odds:
    """The same, with what the lines of the page that look alike say of each other.

    Args:
        lines: all of one page, at least one.
        own: what each says of itself.
    """
    shared = OWN_WEIGHT * own + SHARED_WEIGHT * others_odds(lines, own) + SHARED_INTERCEPT
    return np.asarray(shared, np.float64)


def measures_of(lines: Sequence[ReadInk]) -> NDArray[np.float64]:
    """What the model weighs of each line of a page, (lines, measures)."""
    size = float(np.quantile([line.ink.height for line in lines], SMALLEST_SHARE))
    stroke = float(np.median([line.ink.stroke for line in lines]))
    scatters = _scatters(lines)
    return np.array([_measures(line, size, stroke, off) for line, off in zip(lines, scatters, strict=True)])


def others_odds(lines: Sequence[ReadInk], own: Odds) -> Odds:
    """For each line of a page what the others that look like it say of themselves: the mean of their log odds."""
    looks = np.array(
        [
            (math.log(line.ink.height), math.log(line.ink.stroke), line.ink.upright, _share(DIGIT, line.characters))
            for line in lines
        ]
    )
    length = np.array([min(len(line.characters), MOST_CHARACTERS) for line in lines], np.float64)
    apart = ((looks[:, None] - looks[None]) / np.array(LIKENESS)) ** 2
    like = np.exp(-apart.sum(axis=2)) * length
    np.fill_diagonal(like, 0.0)
    said = like @ np.clip(own, -MOST_ODDS, MOST_ODDS) / (like.sum(axis=1) + RESERVE)
    return np.asarray(said, np.float64)


def _measures(line: ReadInk, size: float, stroke: float, scatter: float) -> tuple[float, ...]:
    """What the model weighs, in the order of its weights."""
    ink, text = line.ink, line.characters
    digits = _share(DIGIT, text)
    return (
        ink.upright,
        math.log(ink.height / size),
        math.log(ink.stroke / stroke),
        digits * min(ink.uneven, MOST_UNEVEN),
        line.confidence,
        digits,
        _share(LATIN, text),
        math.log(min(ink.height, MOST_PX) / USUAL_PX),
        _share(CHINESE, text) * ink.upright,
        scatter,
    )


def _share(kind: re.Pattern[str], text: str) -> float:
    """The share of a text's characters that are of a kind."""
    return len(kind.findall(text)) / max(1, len(text))


def _scatters(lines: Sequence[ReadInk]) -> list[float]:
    """How much wider or narrower the characters of each line are than their like on the page: none of print are."""
    known: dict[str, list[float]] = defaultdict(list)
    told = [_told_apart(line) for line in lines]
    for character, shape in (pair for own in told for pair in own):
        known[character].append(shape)
    usual = {character: float(np.median(own)) for character, own in known.items() if len(own) >= SAME_CHARACTERS}
    scatters = []
    for line, own in zip(lines, told, strict=True):
        step = SHAPE_STEP / line.ink.height
        off = [max(0.0, abs(shape - usual[character]) - step) for character, shape in own if character in usual]
        seen = min(len(off), SURE_SHAPES) / SURE_SHAPES
        scatters.append(seen * min(MOST_UNEVEN, sum(off) / len(off)) if off else 0.0)
    return scatters


def _told_apart(line: ReadInk) -> list[tuple[str, float]]:
    """The high characters of a line with their shapes, where as many things stand side by side as were read."""
    text, shapes = line.characters, line.ink.shapes
    if len(text) != len(shapes):
        return []
    return [(character, shape) for character, shape in zip(text, shapes, strict=True) if shape is not None]
