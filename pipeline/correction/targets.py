"""Doubtful target values -> the values that they surely are, by what a value of their name can be.

A rate is a number up to 100 with %, and of the signs of a value a % is taken for a digit most often. A strict > is not
made ≥ unless the recogniser half read that, and the document has no other >.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pipeline.correction.words import half_read
from pipeline.elements import CellReading
from pipeline.text import half_width, is_rate, parse_target, without_stray_marks

WHOLE = Decimal(100)
"""A share is at most this, in per cent."""
LEAST = 0.02
"""A half-read sign is considered from this probability on, so that no wild guess is taken because it would fit."""
MOST_SLIPS = 2
"""A value that differs from the reading in more characters is another value, not a slip."""
HALF_READ_SIGN = 0.1
"""A half-read ≥ is one from this probability on: faded print loses its lower stroke, and little of it is left to read.
"""
_MISREAD_PERCENT = re.compile(r"([≥≤><=]?)(\d{2,3}|\d{1,2}\.\d+)\d")


def repair_target(reading: CellReading, name: str | None, *, strict_is_usual: bool) -> str:
    """A value as it must have been meant; as it was read where that may well be.

    Args:
        reading: of the value's cell, doubtful, with text.
        name: of its indicator.
        strict_is_usual: whether the document has values with a strict > for sure.
    """
    text = without_stray_marks(reading.text or "")
    if not _fits(text, name):
        text = _best_fitting(reading, name) or _percent_restored(text, name) or text
    if text.startswith(">") and not strict_is_usual and _half_read_greater_or_equal(reading):
        text = "≥" + text[1:]
    return text


def _fits(text: str, name: str | None) -> bool:
    """Whether a value can be one of its name: a rate is a number up to 100 with %; others are not judged."""
    if not is_rate(name):
        return True
    target = parse_target(text)
    if target.number is None:
        return not any(sign.isdecimal() for sign in text)
    return target.unit == "%" and target.number <= WHOLE


def _best_fitting(reading: CellReading, name: str | None) -> str | None:
    """What else was read, in another cut or half, and can be a value of this name; the most probable."""
    others = [without_stray_marks(text) for text in reading.alternatives]
    others += [
        without_stray_marks(text)
        for text, _ in sorted(half_read(reading, MOST_SLIPS, LEAST), key=lambda found: -found[1])
    ]
    read = without_stray_marks(reading.text or "")
    fitting = [text for text in others if parse_target(text).number is not None and _fits(text, name)]
    fitting = [text for text in fitting if _same_figures(text, read)]
    return min(fitting, key=lambda text: text[:1] != read[:1], default=None)


def _same_figures(text: str, read: str) -> bool:
    """Whether the digits of one text are those of the other, or all but the last, which a % was taken for."""
    one, other = ("".join(c for c in half_width(t) if c.isdecimal()) for t in (text, read))
    return bool(one) and one in {other, other[:-1]}


def _percent_restored(text: str, name: str | None) -> str | None:
    """A rate whose last digit was a %: more than 100 with it, no more than 100 without."""
    match = _MISREAD_PERCENT.fullmatch(half_width(text))
    target = parse_target(text)
    if not is_rate(name) or match is None or target.number is None or target.number <= WHOLE:
        return None
    return f"{match[1]}{match[2]}%" if Decimal(match[2]) <= WHOLE else None


def _half_read_greater_or_equal(reading: CellReading) -> bool:
    signs = any(d.text == "≥" and d.probability >= HALF_READ_SIGN for d in reading.hypotheses if d.stop - d.start == 1)
    return signs or any(text.lstrip().startswith("≥") for text in reading.alternatives)
