"""Two sequences, how alike each item of one is to each of the other -> the pairs that keep both in order.

The method is global alignment by dynamic programming: that of Needleman and Wunsch (1970), with no cost of a gap.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rewards = NDArray[np.float64]
"""(items, other items, ...): what each pair adds to an alignment, never negative."""


class Alignment(NamedTuple):
    """The best summed reward, and the pairs (item, other item) that make it, in the order of both sequences."""

    total: float
    pairs: tuple[tuple[int, int], ...]


def align(rewards: Rewards) -> Alignment:
    """Align two sequences so that the summed reward is greatest; of equal ones, the pairs that come first.

    A pair that adds nothing is left out.

    Args:
        rewards: (items, other items), at least 0.

    Example:
        >>> align(np.array([[0.9, 0.0, 0.0], [0.8, 0.0, 0.7]]))
        Alignment(total=1.6, pairs=((0, 0), (1, 2)))
    """
    sums = _sums(rewards)
    pairs, item, other = [], *rewards.shape
    while item and other:
        if sums[item, other] == sums[item, other - 1]:
            other -= 1
        elif sums[item, other] == sums[item - 1, other]:
            item -= 1
        else:
            item, other = item - 1, other - 1
            pairs.append((item, other))
    return Alignment(float(sums[-1, -1]), tuple(reversed(pairs)))


def best_sums(rewards: Rewards) -> NDArray[np.float64]:
    """The greatest summed reward of many alignments at once, all of sequences of the same lengths.

    Args:
        rewards: (items, other items, ...), at least 0; the axes after the second tell the alignments apart.

    Returns:
        One sum for each alignment, with the axes that tell them apart.
    """
    best: NDArray[np.float64] = _sums(rewards)[-1, -1]
    return best


def _sums(rewards: Rewards) -> NDArray[np.float64]:
    """(items + 1, other items + 1, ...): the greatest summed reward of the first items of both sequences."""
    length, other_length, *apart = rewards.shape
    sums = np.zeros((length + 1, other_length + 1, *apart))
    for item in range(length):
        paired = np.maximum(sums[item, :-1] + rewards[item], sums[item, 1:])
        sums[item + 1, 1:] = np.maximum.accumulate(paired, axis=0)
    return sums
