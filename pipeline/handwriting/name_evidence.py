"""What a recogniser saw of a name, kept small -> how well texts explain it, once all pages of a document are read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.elements import CtcPosteriors
from pipeline.engines import BLANK, LogProbabilities, Scores, best_path_score, forward_scores

FLOOR = -10.0
"""A character whose natural logarithm of probability is never above this was not thought of, and counts as if it were
this."""
MOST_CHARACTERS = 100
"""So many characters are kept of some 18,000: of names misread, the true character is among the first sixty."""


def keep_posteriors(log_probabilities: LogProbabilities, alphabet: tuple[str, ...]) -> CtcPosteriors:
    """Keep of a recogniser's output what a name may still be spelled by.

    Args:
        log_probabilities: (time steps, classes), natural logarithms.
        alphabet: the character of each class.
    """
    most = log_probabilities.max(axis=0, initial=FLOOR)
    most[BLANK] = np.inf
    likeliest = np.argsort(-most, kind="stable")[: MOST_CHARACTERS + 1]
    classes = likeliest[most[likeliest] > FLOOR]
    others = np.full((len(log_probabilities), 1), FLOOR, np.float32)
    kept = np.hstack([np.maximum(log_probabilities[:, classes], 2 * FLOOR), others]).astype(np.float32)
    return CtcPosteriors(tuple(alphabet[index] for index in classes), kept, best_path_score(log_probabilities))


def likenesses(cuts: Sequence[CtcPosteriors], names: Sequence[str]) -> Scores:
    """How far behind the best reading of any text each name is, in nats, by all cuts (`pooled`); (names,).

    The score of a name is the sum over all ways to spell it along the cut (connectionist temporal classification;
    Graves et al., 2006), as `name_matching.py` measures it with all characters at hand.

    Args:
        cuts: of one name, at least one.
        names: to compare, at least one.
    """
    behind = []
    for cut in cuts:
        index = {character: number for number, character in reversed(list(enumerate(cut.characters)))}
        labels = [tuple(index.get(character, len(cut.characters)) for character in name) for name in names]
        behind.append(forward_scores(cut.log_probabilities, labels) - cut.best)
    lengths = np.array([len(name) for name in names], np.float64)
    return pooled(np.array(behind) / lengths) * lengths


def pooled(behind: Scores) -> Scores:
    """The likenesses of names in several cuts, in nats per character, as one; (cuts, names) -> (names,).

    The logarithm of their mean probability: a name that one cut shows and the others do not is less likely than one
    that all show, as a cut that lost a character shows a shorter name surely.
    """
    most = behind.max(axis=0)
    together: Scores = most + np.log(np.exp(behind - most).mean(axis=0))
    return together
