"""Texts are scored by the sum over all their alignments."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.ctc_scores import (
    best_path_score,
    class_index,
    encode,
    forward_scores,
    from_their_ends,
    prefix_scores,
    suffix_scores,
    with_beginnings,
)


def collapse(path):
    """The text that an alignment spells: repeats merged, then blanks dropped."""
    kept = [c for i, c in enumerate(path) if i == 0 or path[i - 1] != c]
    return tuple(c for c in kept if c)


def brute_force(log_probabilities, label):
    paths = product(range(log_probabilities.shape[1]), repeat=len(log_probabilities))
    return sum(
        np.exp(sum(log_probabilities[t, c] for t, c in enumerate(path))) for path in paths if collapse(path) == label
    )


def random_steps(steps, classes, seed):
    return np.log(np.random.default_rng(seed).dirichlet(np.ones(classes), steps)).astype(np.float32)


labels = st.lists(st.integers(1, 3), max_size=4).map(tuple)


@given(st.integers(1, 5), st.lists(labels, min_size=1, max_size=4), st.integers(0, 10_000))
def test_a_score_is_the_sum_over_all_alignments(steps, candidates, seed):
    log_probabilities = random_steps(steps, 4, seed)
    expected = [brute_force(log_probabilities, label) for label in candidates]
    assert np.exp(forward_scores(log_probabilities, candidates)) == pytest.approx(expected, abs=1e-5)


@given(st.integers(1, 4), st.integers(0, 10_000))
def test_all_texts_together_have_probability_one(steps, seed):
    log_probabilities = random_steps(steps, 3, seed)
    texts = [label for n in range(steps + 1) for label in product((1, 2), repeat=n)]
    assert np.exp(forward_scores(log_probabilities, texts)).sum() == pytest.approx(1.0, abs=1e-4)


@given(labels, st.lists(labels, max_size=5), st.integers(0, 10_000))
def test_a_score_does_not_depend_on_the_other_candidates(label, others, seed):
    log_probabilities = random_steps(6, 4, seed)
    alone = forward_scores(log_probabilities, [label])[0]
    assert forward_scores(log_probabilities, [label, *others])[0] == pytest.approx(alone)


@given(st.integers(0, 5), st.lists(labels, min_size=1, max_size=3), st.integers(0, 10_000))
def test_prefixes_and_suffixes_score_as_if_they_were_all_there_is(cut, candidates, seed):
    log_probabilities = random_steps(5, 4, seed)
    prefixes, suffixes = (
        prefix_scores(log_probabilities, candidates),
        suffix_scores(log_probabilities, from_their_ends(candidates)),
    )
    assert np.exp(prefixes[cut]) == pytest.approx(np.exp(forward_scores(log_probabilities[:cut], candidates)))
    assert np.exp(suffixes[cut]) == pytest.approx(np.exp(forward_scores(log_probabilities[cut:], candidates)))


@given(
    st.lists(labels.filter(len), max_size=3),
    st.lists(labels, max_size=4),
    st.integers(0, 10_000),
)
def test_ends_with_beginnings_score_as_if_each_were_spelled(ends, beginnings, seed):
    log_probabilities = random_steps(6, 4, seed)
    joined = suffix_scores(log_probabilities, with_beginnings(ends, from_their_ends(beginnings)))
    spelled = [(*beginning, *end) for end in ends for beginning in beginnings]
    np.testing.assert_array_equal(joined, suffix_scores(log_probabilities, from_their_ends(spelled)))


def test_a_text_longer_than_the_time_steps_is_impossible():
    assert forward_scores(random_steps(2, 4, 0), [(1, 2, 3)])[0] < -1e6


def test_a_doubled_character_needs_a_blank_between():
    log_probabilities = random_steps(2, 3, 0)
    assert forward_scores(log_probabilities, [(1, 1)])[0] < -1e6
    assert forward_scores(log_probabilities, [(1, 2)])[0] > -1e6


def test_no_candidates_give_no_scores():
    assert forward_scores(random_steps(2, 3, 0), []).shape == (0,)


def test_the_best_path_takes_the_likeliest_class_at_each_step():
    assert best_path_score(np.log(np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]], np.float32))) == pytest.approx(
        np.log(0.4)
    )


def test_texts_are_encoded_by_the_alphabet():
    index = class_index(("", "3", ".", "月", "3"))
    assert encode("3.3", index) == (1, 2, 1)
    assert encode("3日", index) is None
    assert encode("", index) == ()
