"""Confidences and what came true -> a reliability table: does a confidence of 0.9 mean right nine times in ten?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0)
"""Bounds of the bins, finer towards 1, where most readings are and where a threshold for review is set."""


class Observation(NamedTuple):
    """A confidence that was given, and whether what it was about is exactly right."""

    confidence: float | None
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """The observations with low <= confidence < high (<= in the last bin); shares are None where there are none."""

    low: float
    high: float
    count: int
    mean_confidence: float | None
    right: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability table.

    `ece` is the expected calibration error: the mean distance of confidence and share of right ones over the bins,
    weighted by count; None without observations. `unknown` counts observations whose confidence is unknown.
    """

    bins: tuple[Bin, ...]
    ece: float | None
    unknown: int


def reliability(observations: Iterable[Observation]) -> Reliability:
    """Bin observations by their confidence.

    Raises:
        ValueError: when a confidence is not 0-1.
    """
    known, unknown = [], 0
    for confidence, right in observations:
        if confidence is None:
            unknown += 1
        elif 0 <= confidence <= 1:
            known.append((confidence, right))
        else:
            raise ValueError(f"a confidence is 0-1, got {confidence}")
    bins = tuple(_bin(low, high, known) for low, high in pairwise(EDGES))
    gaps = [
        b.count * abs(b.mean_confidence - b.right)
        for b in bins
        if b.mean_confidence is not None and b.right is not None
    ]
    return Reliability(bins, sum(gaps) / len(known) if known else None, unknown)


def _bin(low: float, high: float, known: Sequence[tuple[float, bool]]) -> Bin:
    last = high == EDGES[-1]
    inside = [(confidence, right) for confidence, right in known if low <= confidence and (confidence < high or last)]
    if not inside:
        return Bin(low, high, 0, None, None)
    confidences, rights = zip(*inside, strict=True)
    return Bin(low, high, len(inside), sum(confidences) / len(inside), sum(rights) / len(inside))
