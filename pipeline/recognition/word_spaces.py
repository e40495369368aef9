"""A reading and where its line has ink -> the same reading with the spaces between Latin words that paper shows.

Recognisers that learnt from Chinese pages read two words as one where they have seen no such pair, and are sure of
every letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pipeline.elements import Hypothesis, Image
from pipeline.engines import LineReading

SPACE = 0.5
"""Paper this wide, in text heights, parts two words: between the letters of one it is 0.41 at most, even in type of one
width; where a space was lost it is 0.62 at least."""
TIMES_USUAL = 2.5
"""And it is so many times as wide as usually between the line's letters, which may all be set apart."""
LETTERS = re.compile(r"[A-Za-z](?=[A-Za-z])")


def with_word_spaces(reading: LineReading, places: Sequence[float], inked: Image, text_height: float) -> LineReading:
    """The reading with a space between two letters where the paper between them is as wide as one.

    Args:
        reading: of the line.
        places: where each of its characters was seen, in pixels of its crop.
        inked: not 0 where a column of the crop holds ink, (width,).
        text_height: in pixels of the crop.
    """
    pairs = [match.start() for match in LETTERS.finditer(reading.text)]
    if not pairs:
        return reading
    gaps = [_widest_paper(inked[int(places[first]) : int(places[first + 1]) + 1]) for first in pairs]
    least = max(SPACE * text_height, TIMES_USUAL * float(np.median(gaps)) if len(gaps) > 1 else 0.0)
    apart = [first + 1 for first, gap in zip(pairs, gaps, strict=True) if gap >= least]
    for shift, place in enumerate(apart):
        reading = _with_space(reading, place + shift)
    return reading


def _widest_paper(inked: Image) -> int:
    """The most columns without ink next to each other."""
    ends = np.flatnonzero(np.concatenate(([1], inked, [1])))
    return int(np.diff(ends).max()) - 1


def _with_space(reading: LineReading, place: int) -> LineReading:
    """A reading with a space before the character at a place, as sure as the letters beside it."""
    sure, seen = reading.char_confidences, reading.places
    confidences = (*sure[:place], min(sure[place - 1 : place + 1]), *sure[place:])
    return reading._replace(
        text=f"{reading.text[:place]} {reading.text[place:]}",
        confidence=sum(confidences) / len(confidences),
        char_confidences=confidences,
        hypotheses=tuple(doubt for old in reading.hypotheses for doubt in _moved(old, place)),
        places=(*seen[:place], (seen[place - 1] + seen[place]) / 2, *seen[place:]),
    )


def _moved(doubt: Hypothesis, place: int) -> tuple[Hypothesis, ...]:
    """A doubt where its characters are now; none of whether there is a space."""
    if doubt.start == doubt.stop == place:
        return () if doubt.text == " " else (doubt,)
    shift = int(doubt.start >= place)
    return (doubt._replace(start=doubt.start + shift, stop=doubt.stop + shift),)
