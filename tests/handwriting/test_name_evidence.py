"""What is kept of a recogniser's output says of a name what the whole output says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.ctc_scores import best_path_score, class_index, encode, forward_scores
from pipeline.handwriting.name_evidence import MOST_CHARACTERS, keep_posteriors, likenesses, pooled

ALPHABET = ("", *(chr(0x4E00 + n) for n in range(500)))
FIRST, SECOND, THIRD = ALPHABET[1:4]


def output(*steps, spread=1e-6):
    """Log probabilities of time steps {character: probability}, every other character as likely as the next."""
    table = np.full((len(steps), len(ALPHABET)), spread)
    for row, step in enumerate(steps):
        for character, probability in step.items():
            table[row, ALPHABET.index(character)] = probability
    return np.log(table / table.sum(axis=1, keepdims=True)).astype(np.float32)


CLEAR = output({FIRST: 0.9, "": 0.1}, {"": 1.0}, {SECOND: 0.6, THIRD: 0.4})


def test_only_the_characters_thought_of_are_kept():
    kept = keep_posteriors(CLEAR, ALPHABET)
    assert kept.characters == ("", FIRST, SECOND, THIRD)
    assert kept.log_probabilities.shape == (3, 5)


def test_never_more_are_kept_than_fit():
    kept = keep_posteriors(output({FIRST: 0.1}, spread=0.001), ALPHABET)
    assert len(kept.characters) == MOST_CHARACTERS + 1
    assert kept.characters[:2] == ("", FIRST)


def test_names_are_as_likely_as_the_whole_output_makes_them():
    names = [FIRST + SECOND, FIRST + THIRD, SECOND, FIRST]
    labels = [encode(name, class_index(ALPHABET)) for name in names]
    whole = forward_scores(CLEAR, labels) - best_path_score(CLEAR)
    assert likenesses([keep_posteriors(CLEAR, ALPHABET)], names) == pytest.approx(whole, abs=0.01)


def test_a_name_that_all_cuts_show_is_likelier_than_one_that_only_one_shows():
    short = output({SECOND: 1.0}, {"": 1.0}, {"": 1.0})
    middle = output({FIRST: 0.9, "": 0.1}, {"": 1.0}, {SECOND: 1.0})
    cuts = [keep_posteriors(log, ALPHABET) for log in (CLEAR, middle, short)]
    both, lone = likenesses(cuts, [FIRST + SECOND, SECOND])
    assert both > lone
    assert likenesses(cuts[2:], [SECOND]) == pytest.approx([0.0], abs=0.01)


def test_likenesses_are_pooled_as_the_logarithm_of_their_mean_probability():
    assert np.exp(pooled(np.log([[0.5, 0.2], [0.1, 0.2]]))) == pytest.approx([0.3, 0.2])
    assert pooled(np.array([[-1e9, -2.0]])) == pytest.approx([-1e9, -2.0])


def test_a_character_that_was_not_thought_of_is_improbable_but_not_impossible():
    unseen = ALPHABET[400]
    seen, unlikely = likenesses([keep_posteriors(CLEAR, ALPHABET)], [FIRST + SECOND, FIRST + unseen])
    assert -20 < unlikely < seen - 5


@given(st.lists(st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4), min_size=1, max_size=8))
def test_no_name_is_likelier_than_all_texts_together(table):
    steps = np.log(np.array(table) / np.sum(table, axis=1, keepdims=True)).astype(np.float32)
    kept = keep_posteriors(steps, ALPHABET[:4])
    names = [FIRST, SECOND, FIRST + SECOND, THIRD + FIRST]
    assert np.logaddexp.reduce(likenesses([kept], names) + kept.best) <= 1e-3


def test_nothing_seen_explains_no_name():
    kept = keep_posteriors(np.zeros((0, len(ALPHABET)), np.float32), ALPHABET)
    assert likenesses([kept], [FIRST])[0] < -1e6
