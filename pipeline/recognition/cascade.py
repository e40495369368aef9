"""The recognition cascade: line crops -> texts with calibrated confidence, cheap readings first.

Recognition costs by the pixel, and some recognisers read clear print at a smaller height than they were trained on.
With such a recogniser each line is read at the reduced height first, and is done where every character is above the
confidence threshold. The other lines are read at full height. A line that is still doubtful, and was read otherwise at
the reduced height, is cut again: looser and softer; then tighter; and under a seal, with the seal treated otherwise.
These cuts are read in floats. The first full-height reading is kept unless another is clearly surer; the others are its
alternatives. How probably a text is exactly right follows from its least sure character, and from whether the other
readings agree; that table was fitted on the cells of scans, faxes and photographs. What is a little short of sure then
is read in one more cut, which may confirm it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from pipeline.elements import Hypothesis, Image
from pipeline.engines import LineReading, Recogniser
from pipeline.recognition.confirming import FirstReadings, confirmed_confidence, may_be_confirmed
from pipeline.recognition.unread_ink import Shown, doubting_unread_ink

HALF_READ = 0.3
"""A line is not done at the reduced height where another character may stand in it with this probability: one in ten
such lines lacks that character, such as a pale comma."""
LACKS_ONE = 0.9
"""A text beside which a character may stand with the probability `HALF_READ` is right no surer than this."""
DOUBTFUL = 0.9
"""A line with a character less sure than this is read again: 0.82 of such texts at most are exactly right."""
AGREED = 0.7
"""A doubtful line is not read again where another reading says the same and a full-height one is this sure of each
character: agreement is worth more than a third reading."""
RIGHT_BY_LEAST_SURE = (
    *((0.0, 0.03), (0.5, 0.25), (0.7, 0.5), (0.9, 0.82)),
    *((0.95, 0.93), (0.975, 0.96), (0.99, 0.985), (0.998, 0.998)),
)
"""Share of texts that are exactly right, by their least sure character, where all readings agree."""
LEAD = 0.15
"""Another cut's reading is kept only where so many wrong characters fewer are expected in it than in the usual cut's:
recognisers are a little too sure of crops unlike those they learnt from."""
LOST_CHARACTER = 0.6
"""A line is read again where the reading at the reduced height has all characters of the one at full height, and this
sure of another: of 10 such texts that seemed sure 8 lacked it. Where another cut says so too it is believed."""
LOST_MOST = 0.9
"""A text in which one cut saw a character that another did not is no surer than this."""
NO_ENTRY = ".,·•。，、;:；：'`|"
"""Specks and the remains of ruling are read as these marks at a line's ends: whoever lacks them has lost nothing."""
DISAGREEMENT_ODDS = 0.3
"""Each reading that disagrees leaves this share of the odds that a text is right, as fitted with the table above."""


class Padding(NamedTuple):
    """Paper left around a line's ink, across and down, in shares of its height; and how soft and small the cut is.

    Less than none cuts into the ink: grain and specks above a faint line make it look higher than it is. `softness` is
    the standard deviation of a blur, in shares of the cut's height; `scale` the share of the usual height it is cut at.
    """

    across: float
    down: float
    softness: float = 0.0
    scale: float = 1.0

    def shown(self, crop: Image) -> Shown:
        """How a line stands in a crop that was cut with this padding."""
        text_height = len(crop) / (1 + 2 * self.down)
        return Shown(text_height, self.across * text_height)


USUAL = Padding(0.3, 0.15)
"""What the recogniser was trained on has some paper around it."""
SOFT = Padding(0.6, 0.25, softness=0.025)
"""Shows letters without the staircases and torn edges of 1-bit scans."""
TIGHT = Padding(0.3, -0.08)
"""Cuts into the line's height, which specks above and below a faint line make too large."""

NOTHING_KNOWN: Mapping[int, LineReading] = MappingProxyType({})
Cut = Callable[[int, Padding], Image]
"""Cuts the line of an index with some padding, (height, width, 3)."""
CutSealed = Callable[[int], Image | None]
"""Cuts the line of an index with its seal treated otherwise, (height, width, 3); None where it has no seal."""


class CheckedReading(NamedTuple):
    """A text with the probability that it is exactly right (None for no text), and what else it was read as.

    `alternatives` are the other cuts' texts, `hypotheses` what may stand in this one instead, by any cut that reads it.
    """

    text: str
    confidence: float | None
    alternatives: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...] = ()


def first_cut(recogniser: Recogniser) -> Padding:
    """How lines are cut to be read for the first time: smaller than usual, where the recogniser takes them so."""
    reduced = recogniser.reduced_height
    return USUAL if reduced is None else USUAL._replace(scale=reduced.height / recogniser.line_height)


def read_checked(
    count: int,
    cut: Cut,
    recogniser: Recogniser,
    cut_sealed: CutSealed = lambda index: None,
    known: Mapping[int, LineReading] = NOTHING_KNOWN,
) -> list[CheckedReading]:
    """Read lines: the clear ones once, smaller if possible; the others as usual, and if doubtful once or twice again.

    Args:
        count: of lines.
        cut: gives the pixels of each.
        recogniser: is called once, and again for what is not clear, and twice for what is doubtful.
        cut_sealed: gives another view of those that lie under a seal: with a seal that was unmixed left in, for what
            unmixing lost is still there; or with a copied one removed. Where both read alike, the seal does no harm.
        known: readings of first cuts at the reduced height, by index, of lines that were read so before.
    """
    first = first_cut(recogniser)
    reduced, unclear = _read_reduced(count, lambda index: cut(index, first), recogniser, known, first)
    readings: dict[int, list[LineReading]] = {index: [] for index in unclear}

    def read_again(crops: Sequence[tuple[int, Image, Padding]], exact: bool = True) -> None:
        again = recogniser.read([crop for _, crop, _ in crops], exact=exact) if crops else []
        for (index, crop, padding), reading in zip(crops, again, strict=True):
            readings[index].append(doubting_unread_ink(reading, crop, padding.shown(crop)))

    def doubtful() -> list[int]:
        return [index for index, own in readings.items() if not _settled(own, reduced.get(index))]

    read_again([(index, cut(index, USUAL), USUAL) for index in unclear], exact=False)
    read_again([(index, cut(index, SOFT), SOFT) for index in doubtful()])
    left = doubtful()
    sealed = [(index, crop, USUAL) for index in left if (crop := cut_sealed(index)) is not None]
    read_again([*((index, cut(index, TIGHT), TIGHT) for index in left), *sealed])
    chosen = [choose(readings[index] if index in readings else [reduced[index]]) for index in range(count)]
    first_readings = {i: FirstReadings(reduced.get(i), own[0]) for i, own in readings.items() if len(own) == 1}
    return _confirmed(chosen, first_readings, cut, recogniser)


def _confirmed(
    chosen: list[CheckedReading], first_readings: Mapping[int, FirstReadings], cut: Cut, recogniser: Recogniser
) -> list[CheckedReading]:
    """The lines of a page, those that are a little short of sure as sure as one more cut makes them."""
    nearly = [
        index
        for index, first in first_readings.items()
        if _likeliest_lost(first.usual, spaces=False) < HALF_READ and may_be_confirmed(first, chosen[index].confidence)
    ]
    crops = [cut(index, SOFT) for index in nearly]
    again = recogniser.read(crops, exact=True) if crops else []
    for index, crop, reading in zip(nearly, crops, again, strict=True):
        shown = doubting_unread_ink(reading, crop, SOFT.shown(crop))
        confidence = confirmed_confidence(first_readings[index].usual, shown)
        if confidence is not None:
            chosen[index] = chosen[index]._replace(confidence=max(confidence, chosen[index].confidence or 0.0))
    return chosen


def read_once_or_twice(crops: Sequence[Image], recogniser: Recogniser) -> list[LineReading]:
    """Read crops, (height, width, 3), that cannot be cut anew: at the reduced height, and if unclear so, as usual."""
    reduced, unclear = _read_reduced(len(crops), crops.__getitem__, recogniser)
    again = recogniser.read([crops[index] for index in unclear]) if unclear else []
    readings = reduced | dict(zip(unclear, again, strict=True))
    return [readings[index] for index in range(len(crops))]


def _read_reduced(
    count: int,
    crop: Callable[[int], Image],
    recogniser: Recogniser,
    known: Mapping[int, LineReading] = NOTHING_KNOWN,
    padding: Padding | None = None,
) -> tuple[dict[int, LineReading], list[int]]:
    """Readings at the reduced height, by line, and the lines to read as usual: all, where there is no such height.

    With the `padding` that they were cut with, they are in doubt where ink was not read.
    """
    if recogniser.reduced_height is None:
        return {}, list(range(count))
    crops = {index: crop(index) for index in range(count) if index not in known}
    read = {**known, **dict(zip(crops, recogniser.read(list(crops.values()), reduced=True), strict=True))}
    readings = {index: read[index] for index in range(count)}
    if padding is not None:
        for index in (index for index, reading in readings.items() if reading.places):
            shown = crops[index] if index in crops else crop(index)
            readings[index] = doubting_unread_ink(readings[index], shown, padding.shown(shown))
    sure = recogniser.reduced_height.confidence
    unclear = [
        index
        for index, reading in readings.items()
        if _least_sure(reading) < sure or _likeliest_lost(reading) >= HALF_READ
    ]
    return readings, unclear


def _settled(readings: Sequence[LineReading], reduced: LineReading | None) -> bool:
    """Whether a line need not be read again, by the usual reading, maybe others, and that at the reduced height."""
    usual, *others = readings
    if reduced is not None and not others and _lost(usual, reduced) >= LOST_CHARACTER:
        return False
    agreeing = [usual, *(reading for reading in others if reading.text == usual.text)]
    surest = max(map(_least_sure, agreeing))
    confirmed = len(agreeing) > 1 or (reduced is not None and reduced.text == usual.text)
    return _least_sure(usual) >= DOUBTFUL or (surest >= AGREED and confirmed)


def choose(readings: Sequence[LineReading]) -> CheckedReading:
    """The first of several readings of one line, unless another is clearly surer.

    Example:
        >>> choose([LineReading("100%", 0.99, (0.99,) * 4), LineReading("1000", 0.9, (0.9,) * 4)]).text
        '100%'
    """
    usual, *others = readings
    best = min(others, key=_expected_slips, default=usual)
    lost = max((_lost(usual, other) for other in others), default=0.0)
    lacking = lost >= LOST_CHARACTER
    slips = _expected_slips(usual) + (_lost(usual, best) if lacking else 0.0)
    if _expected_slips(best) > slips - LEAD:
        best = usual
    different = tuple(dict.fromkeys(r.text for r in readings if r.text != best.text))
    if not best.text.strip():  # print in a script that the recogniser cannot read is spaces to it
        return CheckedReading("", None, different)
    agreeing = [reading for reading in readings if reading.text == best.text]
    least_sure = _least_sure(max(agreeing, key=lambda reading: reading.confidence))
    confidence = calibrated(least_sure, len(readings) - len(agreeing))
    confidence = min(confidence, LOST_MOST) if lacking else confidence
    if min(_likeliest_lost(reading, spaces=False) for reading in agreeing) >= HALF_READ:
        confidence = min(confidence, LACKS_ONE)
    return CheckedReading(best.text, confidence, different, _hypotheses_of(agreeing))


def _hypotheses_of(readings: Sequence[LineReading]) -> tuple[Hypothesis, ...]:
    """The doubts of readings with one text, each with the most that any of them makes it probable."""
    strongest: dict[tuple[int, int, str], Hypothesis] = {}
    for doubt in sorted((doubt for reading in readings for doubt in reading.hypotheses), key=lambda d: d.probability):
        strongest[doubt[:3]] = doubt
    return tuple(sorted(strongest.values()))


def calibrated(least_sure: float, dissenting: int) -> float:
    """The probability that a text is exactly right.

    Args:
        least_sure: confidence of its least sure character, 0-1.
        dissenting: how many other readings of the same line say something else.
    """
    known, right = zip(*RIGHT_BY_LEAST_SURE, strict=True)
    agreed = float(np.interp(least_sure, known, right))
    odds = agreed / (1 - agreed) * math.pow(DISAGREEMENT_ODDS, dissenting)
    return odds / (1 + odds)


def _expected_slips(reading: LineReading) -> float:
    """How many characters of a reading are wrong, if each is as probable as it says."""
    return sum(1 - p for p in reading.char_confidences) if reading.text else math.inf


def _lost(reading: LineReading, other: LineReading) -> float:
    """How sure another reading is of its surest character that this one lacks, if it has all of this one's in order.

    Nothing is lost with marks at the ends that specks are read as, nor with what follows a percent sign.
    """
    text = reading.text.replace(" ", "")
    theirs = [pair for pair in zip(other.text, other.char_confidences, strict=True) if pair[0] != " "]
    if not text or len(theirs) <= len(text):
        return 0.0
    met, lost = 0, 0.0
    for character, confidence in theirs:
        if met < len(text) and character == text[met]:
            met += 1
        elif not (met in (0, len(text)) and character in NO_ENTRY) and not (met == len(text) and text.endswith("%")):
            lost = max(lost, confidence)
    return lost if met == len(text) else 0.0


def _least_sure(reading: LineReading) -> float:
    return min(reading.char_confidences, default=0.0)


def _likeliest_lost(reading: LineReading, *, spaces: bool = True) -> float:
    """The probability of the likeliest character, or one that is no space, half read where none was; 0 for none."""
    lost = (doubt for doubt in reading.hypotheses if doubt.start == doubt.stop)
    return max((doubt.probability for doubt in lost if spaces or not doubt.text.isspace()), default=0.0)
