"""CTC probabilities -> the text that reads best, how sure each character is, and what else it may be."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.hypotheses import BestPath, find_hypotheses
from pipeline.engines.protocols import LineReading


def twins(alphabet: Sequence[str]) -> NDArray[np.intp]:
    """For each class, another that stands for the same character in another width, such as ： and :, or itself."""
    first: dict[str, int] = {}
    partner = np.arange(len(alphabet))
    for index, character in enumerate(alphabet):
        other = first.setdefault(unicodedata.normalize("NFKC", character), index)
        if other != index:
            partner[index], partner[other] = other, index
    return partner


def decode(
    probabilities: NDArray[np.float32],
    alphabet: Sequence[str],
    partner: NDArray[np.intp] | None = None,
    unsure: NDArray[np.bool_] | None = None,
) -> LineReading:
    """The best class of each time step, with repeats and blanks dropped (greedy CTC).

    Args:
        probabilities: (time steps, classes), each row summing to 1.
        alphabet: the character of each class; class 0 is the blank.
        partner: of each class, from `twins`: whether a colon is wide or narrow is no doubt about the colon, so the two
            probabilities count together. None counts each class alone.
        unsure: (all time steps,) the steps that the rows of `probabilities` are of; the others are surely blank.

    Returns:
        The text; a character's confidence is the largest probability within its run of time steps.

    Example:
        >>> decode(np.array([[0.1, 0.9], [0.2, 0.8], [1.0, 0.0], [0.3, 0.7]], dtype=np.float32), ("", "a")).text
        'aa'
    """
    if not len(probabilities):
        return LineReading("", 0.0, ())
    rows = np.arange(len(probabilities))
    likeliest = probabilities.argmax(axis=1)
    heights = probabilities[rows, likeliest]
    if partner is not None:
        other = partner[likeliest]
        heights = heights + np.where(other != likeliest, probabilities[rows, other], np.float32(0))
    if unsure is None:
        unsure = np.ones(len(rows), np.bool_)
    best, peaks = np.zeros(len(unsure), np.intp), np.ones(len(unsure), np.float32)
    best[unsure], peaks[unsure] = likeliest, heights
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    runs = [(int(cls), float(peak)) for cls, peak in zip(best[starts], np.maximum.reduceat(peaks, starts), strict=True)]
    confidences = tuple(peak for cls, peak in runs if cls)
    text = "".join(alphabet[cls] for cls, _ in runs if cls)
    doubts = find_hypotheses(probabilities, BestPath(best, peaks, np.cumsum(unsure) - 1), alphabet, partner)
    return LineReading(text, math.fsum(confidences) / len(confidences) if confidences else 0.0, confidences, doubts)
