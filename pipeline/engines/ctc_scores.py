"""How well a given text explains a recogniser's output: the CTC forward score, many candidates at once.

A connectionist recogniser gives, at each time step, a probability of every character and of a blank. A text's score
is the logarithm of the summed probability of all ways to stretch it over the time steps: far better evidence than
comparing it with the one text that reads best.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

BLANK = 0
"""The class of the CTC blank."""
IMPOSSIBLE = -1e9
"""Stands for log 0: sums of it stay finite, and it is far below any score."""
NEGLIGIBLE = 1e-200
"""What is less probable than the likeliest by this factor counts as impossible."""
TINY = float(np.finfo(np.float64).tiny)

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


class LabelTree(NamedTuple):
    """Labels as paths from the root, node 0: of each node its character, its parent and whether it may follow it.

    `classes` are those of all characters, the blank first, and `columns` each node's place among them. `ends` are the
    labels' last nodes. A node may follow its parent without a blank where their characters differ: 1, else 0.
    """

    classes: NDArray[np.intp]
    columns: NDArray[np.intp]
    parents: NDArray[np.intp]
    skippable: NDArray[np.float64]
    ends: NDArray[np.intp]


def from_their_ends(labels: Sequence[Label]) -> LabelTree:
    """Labels as `suffix_scores` wants them; those that end alike share that end."""
    return _tree(tuple(label[::-1] for label in labels))


def with_beginnings(ends: Sequence[Label], beginnings: LabelTree) -> LabelTree:
    """Each of some ends with each beginning before it, as `suffix_scores` wants them, without spelling them one by one.

    Args:
        ends: none of them empty.
        beginnings: as `from_their_ends` gives them.

    Returns:
        The labels of the first end with all beginnings in their order, then those of the second one.
    """
    own = beginnings.classes[beginnings.columns][1:]
    characters, parents = [np.array([BLANK])], [np.array([0])]
    last, nodes = [beginnings.ends[:0]], 1
    for end in ends:
        top = nodes + len(end) - 1  # the node of the end's first character, which the beginnings' last ones follow
        characters += [np.array(end[::-1]), own]
        parents += [np.array([0, *range(nodes, top)]), beginnings.parents[1:] + top]
        last.append(beginnings.ends + top)
        nodes = top + len(own) + 1
    return _joined_tree(np.concatenate(parents), np.concatenate(characters), np.concatenate(last))


def suffix_scores(log_probabilities: LogProbabilities, labels: LabelTree) -> Scores:
    """The log probability that the steps from each one on spell each label; (time steps + 1, labels).

    For a text that ends with one of the labels, such as a name and a date: row t supposes that it begins at step t.
    """
    return _along(log_probabilities[::-1], labels)[::-1]


def prefix_scores(log_probabilities: LogProbabilities, labels: Sequence[Label]) -> Scores:
    """The log probability that the first t steps spell each label; (time steps + 1, labels), row t for t steps.

    Labels that begin alike share that beginning, as leaves of one tree.
    """
    return _along(log_probabilities, _tree(tuple(labels)))


def _along(log_probabilities: LogProbabilities, tree: LabelTree) -> Scores:
    """The log probability that the first t steps spell each label; (time steps + 1, labels)."""
    nodes = len(tree.parents)
    seen, largest = np.zeros((len(log_probabilities) + 1, nodes)), np.ones(len(log_probabilities) + 1)
    on, after, either = state = np.zeros((3, nodes))  # at a node's character, in the blank after it, in one of them
    now, left = state[:2], state[1:].ravel()
    sources = tree.parents + nodes * tree.skippable.astype(np.intp)  # what a node follows, of `left`
    after[0] = either[0] = seen[0, 0] = 1.0
    emissions: Scores = np.exp(log_probabilities[:, tree.classes].astype(np.float64))
    characters = emissions[:, tree.columns]
    characters[:, 0] = 0.0  # the root has none
    for step, (blank, character) in enumerate(zip(emissions[:, BLANK], characters, strict=True), start=1):
        on += left.take(sources)
        on *= character
        np.multiply(either, blank, out=after)
        largest[step] = max(now.max(), TINY)
        now /= largest[step]
        now -= NEGLIGIBLE
        np.maximum(now, 0.0, out=now)
        np.add(on, after, out=either)
        seen[step] = either
    with np.errstate(divide="ignore"):
        scores: Scores = np.log(seen[:, tree.ends])
    scores += np.cumsum(np.log(largest))[:, None]
    return np.clip(scores, IMPOSSIBLE, 0.0, out=scores)  # rounding may sum probabilities to a little over one


def best_path_score(log_probabilities: LogProbabilities) -> float:
    """The log probability of the single best alignment of any text: the yardstick for a candidate's score."""
    return float(log_probabilities.max(axis=1).sum(dtype=np.float64)) if len(log_probabilities) else 0.0


@lru_cache(maxsize=4)
def class_index(alphabet: tuple[str, ...]) -> dict[str, int]:
    """The class of each character of a recogniser's alphabet; where one is listed twice, the first counts."""
    return {character: index for index, character in reversed(list(enumerate(alphabet))) if index != BLANK}


def encode(text: str, index: Mapping[str, int]) -> Label | None:
    """A text as class indices; None when the recogniser does not know one of its characters."""
    try:
        label = tuple(map(index.__getitem__, text))
    except KeyError:
        return None
    return None if BLANK in label else label


@lru_cache(maxsize=32)
def _tree(labels: tuple[Label, ...]) -> LabelTree:
    nodes: dict[int, int] = {}
    apart = 1 + max(itertools.chain.from_iterable(labels), default=BLANK)
    ends = []
    for label in labels:
        node = 0
        for character in label:
            node = nodes.setdefault(node * apart + character, len(nodes) + 1)
        ends.append(node)
    parents, characters = np.divmod(np.array([0, *nodes], np.intp), apart)
    return _joined_tree(parents, characters, np.array(ends))


def _joined_tree(parents: NDArray[np.intp], characters: NDArray[np.intp], ends: NDArray[np.intp]) -> LabelTree:
    """A tree of nodes, the root first, of which each has a parent and, but for the root, a character."""
    skippable = ((parents > 0) & (characters != characters[parents])).astype(np.float64)
    classes, columns = np.unique(characters, return_inverse=True)
    return LabelTree(classes, columns, parents, skippable, ends.astype(np.intp))
