"""Lines that are a little short of sure -> which another cut may confirm, and how sure those are that it does.

Three readings that say the same, at the reduced height, as usual and of a softer cut, are worth more than one. What
every cut is misread as the same way is left in doubt: lone characters, which marks are taken for, units, whose raised
digits look alike, and traditional characters, which the page must tell from simplified ones.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from pipeline.engines import LineReading
from pipeline.text import meant_units, simplified

SHORT_OF_SURE = (0.8, 0.97)
"""Least sure characters, at the usual cut, of lines that are read once more: surer ones need it not, and of others only
one in eight would be sure then."""
SURE = 0.95
"""Lines as sure as this need no confirmation."""
MIN_LETTERS = 2
"""A text of fewer characters may be a mark or a part of one, which all cuts read as the same wrong letter."""
CLEAREST = 0.96
"""The clearer reading of both cuts is at least this sure of each character. With 0.95 all of 53 such lines of pages by
others were right, but two of 20 on worn budget forms, at 0.953, were wrong; of 47 lines with less 4 were."""
RIGHT_WHERE_CONFIRMED = ((0.96, 0.963), (0.975, 0.975), (1.0, 0.99))
"""Share of confirmed texts that are exactly right, by the least sure character of the clearer reading."""
AMBIGUOUS = frozenset("²³㎡㎥‰")
"""Signs of units that are read for one another by every cut."""
LOST_SIGN = re.compile(r"\d\s+\d|\.\d+\.\d|\.\d{3}(?!\d)")
"""Numbers with a space, several points, or three decimals: every cut of a worn scan takes a hyphen for paper, and a
comma for a point."""


class FirstReadings(NamedTuple):
    """What was read of a line: at the reduced height, None where it was not, and as usual."""

    reduced: LineReading | None
    usual: LineReading


def may_be_confirmed(first: FirstReadings, confidence: float | None) -> bool:
    """Whether a line may be sure if another cut says the same.

    Args:
        first: what was read of it.
        confidence: that it has so far.
    """
    reduced, usual = first
    if reduced is None or confidence is None or confidence >= SURE:
        return False
    if LOST_SIGN.search(usual.text):
        return False
    low, high = SHORT_OF_SURE
    least_sure = min(usual.char_confidences, default=0.0)
    return low <= least_sure < high and _bare(reduced) == _bare(usual) and _is_plain(_bare(usual))


def confirmed_confidence(usual: LineReading, again: LineReading) -> float | None:
    """The probability that a line is exactly right that was read alike in another cut; None where it was not.

    Args:
        usual: of the usual cut.
        again: of the other.
    """
    clearest = max(min(usual.char_confidences, default=0.0), min(again.char_confidences, default=0.0))
    if _bare(usual) != _bare(again) or clearest < CLEAREST:
        return None
    known, right = zip(*RIGHT_WHERE_CONFIRMED, strict=True)
    return float(np.interp(clearest, known, right))


def _bare(reading: LineReading) -> str:
    return "".join(reading.text.split())


def _is_plain(text: str) -> bool:
    return len(text) >= MIN_LETTERS and not AMBIGUOUS & set(text) and not meant_units(text) and simplified(text) == text
