"""Crops of a handwritten name, a roster -> how well each of its names explains the crops.

What is read of handwriting is often wrong where the true name is not even unlikely: 贺 is read as 加页. So the names of
a roster are not compared with the reading, but each with what the recogniser saw: by the CTC forward score of the name,
measured against the best score of any text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.engines import LogProbabilities, Scores, best_path_score, class_index, encode, forward_scores
from pipeline.handwriting.name_evidence import pooled
from pipeline.imaging import sigmoid

HALF_SURE = -3.3
"""Names this many nats per character behind the best reading of any kind are right half the time, set on names by 42
writers and in two script fonts; docs/signatures.md says on whom it was tried."""
STEEPNESS = 1.5
"""The logistic curve from likeness to probability is this steep at `HALF_SURE`, set on the same names."""
MOST_NATS = 50.0
"""Beyond so many nats a probability counts as zero."""
TEMPERATURE = 1.5
"""Names share their probability by their nats divided by this, as the recogniser is too sure of handwriting."""


class NameMatch(NamedTuple):
    """A name, its likeness in nats per character (0 is as good as any text), and its probability 0-1."""

    name: str
    likeness: float
    probability: float


def match_names(
    crops: Sequence[LogProbabilities], names: Sequence[str], alphabet: tuple[str, ...]
) -> tuple[NameMatch, ...]:
    """Rank names by how well they explain crops of one signature's name, best first.

    A name counts by the mean of what makes it likely in each crop (`pooled`). The probability falls where another name
    is as likely. Names with a character that the recogniser does not know cannot be told from the crops, and are left
    out.

    Args:
        crops: log probabilities of the same name, cut with different margins.
        names: to choose among, each once.
        alphabet: of the recogniser.
    """
    index = class_index(alphabet)
    known = [(name, label) for name in names if name and (label := encode(name, index)) is not None]
    if not known or not crops:
        return ()
    lengths = np.array([len(label) for _, label in known], np.float64)
    behind = [forward_scores(crop, [label for _, label in known]) - best_path_score(crop) for crop in crops]
    likeness = pooled(np.array(behind) / lengths)
    probability = name_probabilities(likeness, lengths)
    best = np.argsort(-likeness, kind="stable")
    return tuple(NameMatch(known[i][0], float(likeness[i]), float(probability[i])) for i in best)


def name_probabilities(likeness: Scores, lengths: Scores) -> Scores:
    """How probably each of some names is the true one, 0-1; what they sum to is how probably any of them is.

    Args:
        likeness: (names,) nats per character behind the best reading of any kind.
        lengths: (names,) their characters.
    """
    nats = likeness * lengths / TEMPERATURE
    share = np.exp(nats - nats.max()) / np.exp(nats - nats.max()).sum()
    probabilities: Scores = fitness(likeness) * share
    return probabilities


def fitness(likeness: Scores) -> Scores:
    """How probably a name of such likeness explains the strokes at all, 0-1: (names,) -> (names,)."""
    fits: Scores = sigmoid(np.maximum(STEEPNESS * (likeness - HALF_SURE), -MOST_NATS))
    return fits
