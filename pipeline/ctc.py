"""How well a given text explains a recogniser's output: the CTC forward score, many candidates at once.

A connectionist recogniser gives, at each time step, a probability of every character and of a blank. A text's score
is the logarithm of the summed probability of all ways to stretch it over the time steps: far better evidence than
comparing it with the one text that reads best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

BLANK = 0
"""The class of the CTC blank."""
IMPOSSIBLE = -1e9
"""Stands for log 0: sums of it stay finite, and it is far below any score."""

LogProbabilities: TypeAlias = NDArray[np.float32]
"""(time steps, classes), natural logarithms."""
Scores: TypeAlias = NDArray[np.float64]
"""Natural logarithms of probabilities."""
Label: TypeAlias = tuple[int, ...]
"""A text as class indices, without blanks."""


def forward_scores(log_probabilities: LogProbabilities, labels: Sequence[Label]) -> Scores:
    """The log probability of each label, summed over all its alignments.

    Args:
        log_probabilities: (time steps, classes).
        labels: class indices of each candidate; a candidate too long for the time steps scores `IMPOSSIBLE` or less.

    Returns:
        (len(labels),) scores, at most 0.

    Example:
        Two time steps with P(a) = 0.6 and P(blank) = 0.4 at each: "a" is read by aa, a-, -a.

        >>> steps = np.log(np.array([[0.4, 0.6], [0.4, 0.6]], dtype=np.float32))
        >>> round(float(np.exp(forward_scores(steps, [(1,)])[0])), 2)
        0.84
    """
    last: Scores = prefix_scores(log_probabilities, labels)[-1]
    return last


def suffix_scores(log_probabilities: LogProbabilities, labels: Sequence[Label]) -> Scores:
    """The log probability that the steps from each one on spell each label; (time steps + 1, labels).

    For a text that ends with one of the labels, such as a name and a date: row t supposes that it begins at step t.
    """
    backwards = prefix_scores(log_probabilities[::-1], [label[::-1] for label in labels])
    return backwards[::-1]


def prefix_scores(log_probabilities: LogProbabilities, labels: Sequence[Label]) -> Scores:
    """The log probability that the first t steps spell each label; (time steps + 1, labels), row t for t steps."""
    states, skippable, lengths = _lattice(labels)
    scores = np.full((len(log_probabilities) + 1, len(labels)), IMPOSSIBLE)
    scores[0, lengths == 0] = 0.0
    if not scores[1:].size:
        return scores
    classes, columns = np.unique(states, return_inverse=True)
    columns = columns.reshape(states.shape)
    rows, lasts = np.arange(len(labels)), np.maximum(2 * lengths - 1, 0)
    emissions = np.exp(log_probabilities[:, classes].astype(np.float64))
    scale = np.zeros(len(labels))
    padded = np.zeros((len(labels), states.shape[1] + 2))  # two states before the first, that nothing is ever in
    alpha = padded[:, 2:]
    alpha[:, :2] = 1.0  # a text starts with a blank or with its first character
    with np.errstate(divide="ignore"):
        for step, emission in enumerate(emissions):
            if step:
                alpha += padded[:, 1:-1] + skippable * padded[:, :-2]
            alpha *= emission[columns]
            largest = np.maximum(alpha.max(axis=1), np.finfo(np.float64).tiny)
            alpha /= largest[:, None]
            scale += np.log(largest)
            ends = alpha[rows, 2 * lengths] + np.where(lengths > 0, alpha[rows, lasts], 0.0)
            scores[step + 1] = np.maximum(np.log(ends) + scale, IMPOSSIBLE)
    capped: Scores = np.minimum(scores, 0.0)  # rounding may sum probabilities to a little over one
    return capped


def best_path_score(log_probabilities: LogProbabilities) -> float:
    """The log probability of the single best alignment of any text: the yardstick for a candidate's score."""
    return float(log_probabilities.max(axis=1).sum(dtype=np.float64)) if len(log_probabilities) else 0.0


def best_characters(log_probabilities: LogProbabilities, alphabet: Sequence[str]) -> list[tuple[str, float]]:
    """The characters of the single best alignment, each with where it was first seen, as a share of the width."""
    best = log_probabilities.argmax(axis=1)
    firsts = np.flatnonzero(np.diff(best, prepend=BLANK))
    return [(alphabet[int(best[step])], (int(step) + 0.5) / len(best)) for step in firsts if best[step] != BLANK]


def spelled_characters(log_probabilities: LogProbabilities, alphabet: Sequence[str]) -> list[tuple[str, float]]:
    """The characters of the single best alignment, each with the largest probability of its run of time steps."""
    best = log_probabilities.argmax(axis=1)
    firsts = np.flatnonzero(np.diff(best, prepend=-1))
    if not len(firsts):
        return []
    peaks = np.exp(np.maximum.reduceat(log_probabilities[np.arange(len(best)), best], firsts))
    runs = zip(best[firsts], peaks, strict=True)
    return [(alphabet[int(index)], float(peak)) for index, peak in runs if index != BLANK]


@lru_cache(maxsize=4)
def class_index(alphabet: tuple[str, ...]) -> dict[str, int]:
    """The class of each character of a recogniser's alphabet; where one is listed twice, the first counts."""
    return {character: index for index, character in reversed(list(enumerate(alphabet))) if index != BLANK}


def encode(text: str, index: Mapping[str, int]) -> Label | None:
    """A text as class indices; None when the recogniser does not know one of its characters."""
    label = tuple(index.get(character, BLANK) for character in text)
    return None if BLANK in label else label


def _lattice(labels: Sequence[Label]) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.intp]]:
    """States of each label (blank, a, blank, b, blank, ...), whether a state may follow the one two before, lengths.

    Shorter labels are padded with blanks on the right, from where no path leads back.
    """
    lengths = np.array([len(label) for label in labels], dtype=np.intp)
    states = np.full((len(labels), 2 * int(lengths.max(initial=0)) + 1), BLANK, dtype=np.intp)
    for row, label in zip(states, labels, strict=True):
        row[1 : 2 * len(label) : 2] = label
    skippable = np.zeros(states.shape, dtype=np.bool_)
    skippable[:, 2:] = (states[:, 2:] != BLANK) & (states[:, 2:] != states[:, :-2])
    return states, skippable, lengths
