"""Readings of doubtful lines -> the same with the unit of measurement that is meant, where a known one is likelier.

Signs such as μ, ℃, ‰ and a raised 2 are small, and recognisers have seen few of them: they read u, C, %0, or nothing.
What was half read decides, scored by CTC for each known unit in all ways in which it is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.engines import LogProbabilities, Recogniser, class_index, encode, forward_scores
from pipeline.recognition.cascade import CheckedReading
from pipeline.text import MeantUnit, is_composed, meant_units

DOUBTED = 0.95
"""Only lines that are less sure than this are looked at again, and those whose raised digit was half read."""
RAISED = frozenset("²³23")
"""Digits that stand raised after a letter m; ㎡ and ㎥ are read as m, and the digit half or not at all."""
HALF_READ = 0.01
"""A raised digit this probable after an m is looked for: less was not half read."""
KNOWN_BEFORE_OTHERS = 10.0
"""So many times likelier than another text is a known unit, before anything is read: mn and ug/m are none."""
LEAST = 0.5
"""A unit lands that is likelier than all others together."""
MAY_BE_OTHER = 0.05
"""Where others are as likely as this, the text that was read is in doubt: what counts as sure is wrong less often."""
IMPOSSIBLE = -1e9
"""Stands for log 0."""
LIKELY = 0.9
"""A unit that was not read as such is no surer than this: below what counts as sure."""


def with_units(
    readings: Sequence[CheckedReading], cut: Callable[[int], Image], recogniser: Recogniser
) -> list[CheckedReading]:
    """The readings, of doubtful ones with the known unit that is meant; the text that was read is an alternative.

    Args:
        readings: of all lines.
        cut: gives the usual crop of the line of an index, (height, width, 3).
        recogniser: scores the few lines that may be units.
    """
    landed = list(readings)
    for index, reading in enumerate(readings):
        if not _is_doubtful(reading):
            continue
        units = meant_units(reading.text)
        if units:
            landed[index] = _settled(reading, units, cut(index), recogniser)
    return landed


def _is_doubtful(reading: CheckedReading) -> bool:
    if not reading.text:
        return False
    lost = any(
        doubt.start == doubt.stop == len(reading.text) and doubt.text in RAISED and doubt.probability >= HALF_READ
        for doubt in reading.hypotheses
    )
    in_parts = is_composed(reading.text) or (lost and reading.text[-1] == "m")
    return in_parts or (reading.confidence or 0.0) < DOUBTED


def _settled(
    reading: CheckedReading, units: Sequence[MeantUnit], crop: Image, recogniser: Recogniser
) -> CheckedReading:
    """A reading as the unit that is likeliest meant, if any is likelier than all else; in doubt where one may be."""
    as_known = any(reading.text in unit.spellings for unit in units)
    read = MeantUnit(reading.text, (reading.text,), 1.0 / KNOWN_BEFORE_OTHERS)
    meant = list(units) if as_known else [read, *units]
    shares = _shares(meant, recogniser.log_probabilities(crop), recogniser.alphabet)
    if not shares.any():
        return reading
    best = int(shares.argmax())
    confidence = min(reading.confidence or 0.0, LIKELY)
    if shares[best] < LEAST or meant[best].text == reading.text:
        others = 1.0 - float(shares[[unit.text == reading.text for unit in meant]].sum())
        return reading if others < MAY_BE_OTHER else reading._replace(confidence=confidence)
    return CheckedReading(
        text=meant[best].text,
        confidence=min(LIKELY, float(shares[best])),
        alternatives=(reading.text, *(text for text in reading.alternatives if text != meant[best].text)),
    )


def _shares(
    meant: Sequence[MeantUnit], log_probabilities: LogProbabilities, alphabet: tuple[str, ...]
) -> NDArray[np.float64]:
    """How likely each text is meant, of all of them, (texts,); 0 where the recogniser cannot spell it."""
    index = class_index(alphabet)
    labels = [[label for text in unit.spellings if (label := encode(text, index)) is not None] for unit in meant]
    scores = iter(forward_scores(log_probabilities, [label for own in labels for label in own]).tolist())
    weighed = np.array(
        [
            np.logaddexp.reduce([next(scores) for _ in own], initial=IMPOSSIBLE) + math.log(unit.weight)
            for unit, own in zip(meant, labels, strict=True)
        ]
    )
    if weighed.max() <= IMPOSSIBLE / 2:
        return np.zeros(len(meant))
    shares: NDArray[np.float64] = np.exp(weighed - np.logaddexp.reduce(weighed))
    return shares
