"""A doubtful reading, the words that may stand there -> the one word that it surely is, or none.

For closed vocabularies: the entries of a level, the labels of a form, and what the other pages of a document say.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator

from rapidfuzz.distance import Levenshtein

from pipeline.elements import CellReading, Hypothesis
from pipeline.text import half_width, without_stray_marks

SLIPS_SHARE = 0.34
"""One character in three of a word may be misread, and one in any word of two or more: a text further off is another
word."""
MIN_LETTERS = 2
"""A shorter text is as near to many words."""
LEAD = 0.5
"""The next best word must be at least this much further off, in characters: else it cannot be told which was meant."""
HALF_READ = 0.5
"""A character that the recogniser half read costs so much: less than a slip, more than none."""


def edited(text: str, hypotheses: Collection[Hypothesis]) -> str:
    """A text with some of its doubts followed; they must not overlap."""
    for doubt in sorted(hypotheses, reverse=True):
        text = text[: doubt.start] + doubt.text + text[doubt.stop :]
    return text


def half_read(reading: CellReading, most: int = 1, least: float = 0.0) -> Iterator[tuple[str, float]]:
    """What else a cell may say, if up to so many of its doubts are followed, and how probable the least of them is.

    Args:
        reading: of the cell, with text.
        most: doubts followed at once.
        least: probability of each of them.
    """
    hypotheses = [doubt for doubt in reading.hypotheses if doubt.probability >= least]
    for count in range(1, most + 1):
        for chosen in itertools.combinations(hypotheses, count):
            if all(a.stop <= b.start and a[:2] != b[:2] for a, b in itertools.pairwise(chosen)):
                yield edited(reading.text or "", chosen), min(doubt.probability for doubt in chosen)


def nearest_word(reading: CellReading, words: Collection[str]) -> str | None:
    """The only word that is near what was read, in this cut or another; None where none is, or two are.

    Example:
        >>> from pipeline.elements import Cell
        >>> cell = Cell(0, 0, 1, 1, ((0, 0), (1, 0), (1, 1), (0, 1)))
        >>> nearest_word(CellReading(cell, "可持线影响指标", 0.1, ()), ["可持续影响指标", "社会效益指标"])
        '可持续影响指标'
    """
    texts = {_plain(text): 0.0 for text in (reading.text or "", *reading.alternatives)}
    for text, _ in half_read(reading):
        texts.setdefault(_plain(text), HALF_READ)
    texts.pop("", None)
    ranked = sorted(
        (min(cost + Levenshtein.distance(t, _plain(w)) for t, cost in texts.items()), w) for w in words if texts
    )
    if not ranked:
        return None
    (cost, word), *others = ranked
    clear = not others or others[0][0] - cost >= LEAD
    return word if clear and cost <= _bearable(word) else None


def _bearable(word: str) -> float:
    letters = len(_plain(word))
    return max(1.0, SLIPS_SHARE * letters) if letters >= MIN_LETTERS else 0.0


def _plain(text: str) -> str:
    return without_stray_marks(half_width(text))
