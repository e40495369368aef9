"""What a recogniser saw of one writer's signatures -> the names that explain all of them best, found by beam search.

A name misread on each page is seldom unlikely on any: where 成才 is read 本木, 朱木 or 成木, the true characters are
among those that the recogniser thought of each time. Names grow character by character; a beginning counts by the best
of all ways to spell it along the first time steps of a cut, and anything along the others. What all cuts of all
signatures say is weighed with how usual a name is (`name_prior.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.elements import CtcPosteriors
from pipeline.engines import BLANK, LogProbabilities, Scores, prefix_scores
from pipeline.handwriting.name_evidence import FLOOR, pooled
from pipeline.handwriting.name_matching import TEMPERATURE, NameMatch, fitness
from pipeline.handwriting.name_prior import character_prior, name_prior

SHORTEST, LONGEST = 2, 4
"""Chinese names have so many characters; those of other peoples are longer, and are not composed here."""
BEAM = 8
"""So many beginnings are kept; twice as many found no name more on 301 signatures in pen."""
MOST_CHARACTERS = 24
"""Names are made of so many characters, those that are likeliest by what was seen and by their use in names; twice as
many found no name more."""

Label = tuple[int, ...]


class _Cut(NamedTuple):
    """What was seen in a cut of the characters that names are made of, the blank first.

    `rest` (time steps + 1,) is the best score of any text along the steps from each one on, `best` that along all.
    """

    log_probabilities: LogProbabilities
    rest: Scores
    best: float


class _Scored(NamedTuple):
    """Labels as beginnings of a text, and as the whole of it: nats behind the best reading of any text."""

    begun: Scores
    whole: Scores


def decode_names(signatures: Sequence[Sequence[CtcPosteriors]], most: int) -> tuple[NameMatch, ...]:
    """The names that explain all signatures of one writer best, best first.

    A name counts by the mean over the signatures, each of which counts as `pooled` says: its probability is as that of
    a single signature, and no surer for their number, as what a writer writes like another name is written so each
    time.

    Args:
        signatures: at least one; what was seen in each of its cuts, at least one.
        most: so many names at most.
    """
    characters = _characters(signatures)
    cuts = [[_cut(cut, characters) for cut in own] for own in signatures]
    found: dict[str, float] = {}
    beam: list[Label] = [()]
    for length in range(1, LONGEST + 1):
        labels = [(*start, number) for start in beam for number in range(len(characters))]
        if not labels:
            break
        texts = ["".join(characters[number] for number in label) for label in labels]
        scored = [_score(own, labels, length) for own in cuts]
        if length >= SHORTEST:
            found |= dict(zip(texts, np.mean([own.whole for own in scored], axis=0).tolist(), strict=True))
        usual = np.array([sum(character_prior(c, place) for place, c in enumerate(text)) for text in texts])
        likely = np.mean([own.begun for own in scored], axis=0) / TEMPERATURE + usual
        beam = [labels[index] for index in np.argsort(-likely, kind="stable")[:BEAM]]
    return _ranked(found, most)


def _ranked(found: dict[str, float], most: int) -> tuple[NameMatch, ...]:
    """The best names by their nats behind the best reading and by how usual they are."""
    if not found:
        return ()
    names, nats = [*found], np.array([*found.values()])
    weights = nats / TEMPERATURE + np.array([name_prior(name) for name in names])
    share = np.exp(weights - weights.max())
    likeness = nats / np.array([len(name) for name in names])
    probability = fitness(likeness) * share / share.sum()
    best = np.lexsort((-weights, -probability))[:most]
    return tuple(NameMatch(names[i], float(likeness[i]), float(probability[i])) for i in best)


def _characters(signatures: Sequence[Sequence[CtcPosteriors]]) -> tuple[str, ...]:
    """The characters of which names may consist, likeliest first."""
    weights: dict[str, float] = defaultdict(float)
    for cuts in signatures:
        highest: dict[str, float] = {}
        for cut in cuts:
            peaks = cut.log_probabilities.max(axis=0)[: len(cut.characters)]
            for character, peak in zip(cut.characters, peaks.tolist(), strict=True):
                highest[character] = max(highest.get(character, FLOOR), peak)
        for character, peak in highest.items():
            weights[character] += (peak - FLOOR) / TEMPERATURE / len(signatures)
    usual = {c: max(character_prior(c, 0), character_prior(c, 1)) for c in weights if "\u3400" <= c <= "\u9fff"}
    return tuple(sorted(usual, key=lambda c: -(weights[c] + usual[c]))[:MOST_CHARACTERS])


def _cut(cut: CtcPosteriors, characters: Sequence[str]) -> _Cut:
    index = {character: number for number, character in reversed(list(enumerate(cut.characters)))}
    columns = [BLANK, *(index.get(character, len(cut.characters)) for character in characters)]
    highest = cut.log_probabilities.max(axis=1).astype(np.float64)
    rest = np.append(np.cumsum(highest[::-1])[::-1], 0.0)
    return _Cut(cut.log_probabilities[:, columns], rest, cut.best)


def _score(cuts: Sequence[_Cut], labels: Sequence[Label], length: int) -> _Scored:
    """Labels of one length by all cuts of a signature."""
    shifted = [tuple(number + 1 for number in label) for label in labels]  # the blank is the first class
    begun, whole = [], []
    for cut in cuts:
        along = prefix_scores(cut.log_probabilities, shifted)
        begun.append((along + cut.rest[:, None]).max(axis=0) - cut.best)
        whole.append(along[-1] - cut.best)
    return _Scored(pooled(np.array(begun) / length) * length, pooled(np.array(whole) / length) * length)
