"""Alignment of two sequences: the pairs that are worth most together, in the order of both."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.text.alignment import align, best_sums

LENGTHS = st.integers(1, 5)
SIXTEENTHS = st.integers(0, 16).map(lambda n: n / 16)
"""Rewards that sum without rounding, so that sums can be compared exactly."""


def rewards(*more):
    shapes = st.tuples(LENGTHS, LENGTHS, *more)
    return shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=SIXTEENTHS))


def greatest_sum(rewards):
    """By trying every choice of as many items of both sequences, each matched in order."""
    n_items, n_others = rewards.shape
    return max(
        sum(rewards[item, other] for item, other in zip(items, others, strict=True))
        for size in range(min(n_items, n_others) + 1)
        for items in combinations(range(n_items), size)
        for others in combinations(range(n_others), size)
    )


@given(rewards())
def test_no_choice_of_pairs_in_order_is_worth_more(given_rewards):
    assert align(given_rewards).total == greatest_sum(given_rewards)


@given(rewards())
def test_the_pairs_keep_the_order_of_both_sequences_and_make_the_sum(given_rewards):
    total, pairs = align(given_rewards)
    assert all(one[0] < next_one[0] and one[1] < next_one[1] for one, next_one in pairwise(pairs))
    assert sum(given_rewards[pair] for pair in pairs) == total
    assert all(given_rewards[pair] > 0 for pair in pairs)


@given(rewards(LENGTHS))
def test_many_alignments_at_once_are_worth_what_each_is_alone(given_rewards):
    alone = [align(given_rewards[..., place]).total for place in range(given_rewards.shape[2])]
    assert best_sums(given_rewards).tolist() == alone


@pytest.mark.parametrize(
    ("given_rewards", "pairs"),
    [
        ([[0.9, 0.0], [0.0, 0.8]], ((0, 0), (1, 1))),
        ([[0.0, 0.9], [0.8, 0.0]], ((0, 1),)),
        ([[0.5, 0.5]], ((0, 0),)),
        ([[0.5], [0.5]], ((0, 0),)),
        ([[0.0, 0.0]], ()),
    ],
    ids=[
        "a diagonal",
        "crossing pairs exclude each other",
        "the first of equal ones",
        "of equal items",
        "nothing alike",
    ],
)
def test_pairs(given_rewards, pairs):
    assert align(np.array(given_rewards)).pairs == pairs
