"""What is known of a place where a stamp may be -> the probability that there is one."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.elements import StampColour, StampShape
from pipeline.imaging import sigmoid

RED, COLOURED, BLACK, DISC, WORDS = 2.0, 1.4, 0.3, 0.8, -3.0
"""Log odds of a rim in red, in another colour, in black; of a filled disc; and of words in a colour without a rim."""
LEGIBLE = 1.2
"""Log odds that text within or along it, as read, adds."""
SAYS_STAMP = 3.0
"""Log odds that words add which stamps say, or a date."""
EMPTY = -3.5
"""Log odds of a rim with no ink of its own within: a ring drawn by hand around something."""
MIN_OWN = 0.02
"""A stamp's own ink takes at least this share of what its rim encloses; a name of two characters takes 0.08."""
LETTERHEAD = -2.5
"""Log odds of a place above all text, as emblems of letterheads have, for any colour but red, and unless it says what
stamps say: many stamp the receipt there."""
BOX_ALONE = -2.0
"""Log odds of a box in which nothing could be read: it may be a cell, or a field of a form."""
SMALL_MM, SMALL = 22.0, -1.5
"""A black ring below this diameter in which nothing could be read is as often a loop of a pen: log odds."""
CELLED = -2.5
"""Log odds of a level box in a table: it may be a cell."""
SLANTED = 1.2
"""Log odds of coloured words that are slanted: print is not."""
UNEVEN = -2.5
"""Log odds of a coloured date or number whose characters are as uneven as a hand's."""
UPON_PRINT = 0.5
"""Log odds of coloured ink across print or rules."""


class Evidence(NamedTuple):
    """What is known of a place where a stamp may be.

    `own` is the share of what the rim encloses that its own ink takes, `legible` whether anything was read in it,
    `says_stamp` whether that is what stamps say, `uneven` whether its
    characters are as uneven as a hand's.
    """

    colour: StampColour
    shape: StampShape
    filled: bool
    words: bool
    own: float
    legible: bool
    says_stamp: bool
    letterhead: bool
    slanted: bool
    uneven: bool
    upon_print: bool
    diameter_mm: float
    in_table: bool = False


def stamp_probability(seen: Evidence) -> float:
    """The probability (0-1) that a place holds a stamp."""
    rounded = seen.shape in (StampShape.ROUND, StampShape.OVAL)
    told = (
        (_kind(seen), True),
        (LEGIBLE, seen.legible),
        (SAYS_STAMP, seen.says_stamp),
        (EMPTY, not (seen.filled or seen.words or seen.legible) and seen.own < MIN_OWN),
        (LETTERHEAD, seen.letterhead and not seen.says_stamp and seen.colour is not StampColour.RED),
        (BOX_ALONE, not rounded and not seen.legible),
        (CELLED, seen.shape is StampShape.BOX and seen.in_table and not (seen.words or seen.slanted)),
        (SMALL, seen.colour is StampColour.BLACK and not seen.legible and seen.diameter_mm < SMALL_MM),
        (SLANTED, seen.words and seen.slanted),
        (UNEVEN, seen.words and seen.uneven),
        (UPON_PRINT, seen.upon_print and seen.colour is not StampColour.BLACK),
    )
    return float(sigmoid(sum(odds for odds, holds in told if holds)))


def _kind(seen: Evidence) -> float:
    if seen.words:
        return WORDS
    if seen.filled:
        return DISC
    if seen.colour is StampColour.BLACK:
        return BLACK
    return RED if seen.colour is StampColour.RED else COLOURED
