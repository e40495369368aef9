"""CTC probabilities -> the text that reads best, where and how sure each character is, and what else it may be."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.engines.ctc_scores import BLANK, LogProbabilities
from pipeline.engines.hypotheses import BestPath, find_hypotheses, run_starts
from pipeline.engines.protocols import LineReading


class CharacterPosterior(NamedTuple):
    """A character, where it was first seen as a share of the width, and the largest probability of its time steps."""

    text: str
    place: float
    probability: float


class Runs(NamedTuple):
    """Time steps next to each other with the same class, run by run: its class, its first step, its largest height."""

    classes: NDArray[np.intp]
    starts: NDArray[np.intp]
    peaks: NDArray[np.float32]


def greedy_runs(classes: NDArray[np.intp], heights: NDArray[np.float32]) -> Runs:
    """A path through the time steps with repeats merged (greedy CTC); without its blanks it is the text.

    Args:
        classes: (time steps,) the best of each step.
        heights: (time steps,) how high each is, in whatever measure.

    Example:
        >>> greedy_runs(np.array([1, 1, 0, 1]), np.array([0.5, 0.75, 0.5, 0.25], dtype=np.float32)).peaks.tolist()
        [0.75, 0.5, 0.25]
    """
    starts = run_starts(classes)
    peaks = np.maximum.reduceat(heights, starts) if len(starts) else heights[:0]
    return Runs(classes[starts], starts, peaks)


def best_characters(log_probabilities: LogProbabilities, alphabet: Sequence[str]) -> list[CharacterPosterior]:
    """The characters of the single best alignment of natural-log class probabilities, (time steps, classes)."""
    best = log_probabilities.argmax(axis=1)
    runs = greedy_runs(best, log_probabilities[np.arange(len(best)), best])
    return [
        CharacterPosterior(alphabet[cls], (start + 0.5) / len(best), peak)
        for cls, start, peak in zip(
            runs.classes.tolist(), runs.starts.tolist(), np.exp(runs.peaks).tolist(), strict=True
        )
        if cls != BLANK
    ]


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
        The text; a character's confidence is the largest probability within its run of time steps, its place the middle
        of the run, as a share of all steps.

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
    runs = greedy_runs(best, peaks)
    shown = runs.classes != BLANK
    confidences = tuple(runs.peaks[shown].tolist())
    text = "".join(alphabet[cls] for cls in runs.classes[shown].tolist())
    doubts = find_hypotheses(probabilities, BestPath(best, peaks, np.cumsum(unsure) - 1), alphabet, partner)
    middles = (runs.starts + np.append(runs.starts[1:], len(best))) / (2 * len(best))
    mean = math.fsum(confidences) / len(confidences) if confidences else 0.0
    return LineReading(text, mean, confidences, doubts, places=tuple(middles[shown].tolist()))
