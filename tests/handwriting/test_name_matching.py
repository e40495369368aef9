"""The names of a roster are ranked by how well they explain what a recogniser saw of a hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.handwriting.name_matching import match_names

ALPHABET = ("", "贺", "成", "才", "加", "页", "王", "涛")


def seen(*steps):
    """Log probabilities of time steps {character: probability}; what is left is spread evenly."""
    table = np.zeros((len(steps), len(ALPHABET)))
    for row, step in enumerate(steps):
        table[row] = (1 - sum(step.values())) / len(ALPHABET)
        for character, probability in step.items():
            table[row, ALPHABET.index(character)] += probability
    return np.log(table).astype(np.float32)


CLEAR = seen({"贺": 0.9}, {"": 0.9}, {"成": 0.9}, {"": 0.9}, {"才": 0.9})
MISREAD = seen({"加": 0.5, "贺": 0.3}, {"页": 0.4, "": 0.4}, {"成": 0.9}, {"": 0.9}, {"才": 0.9})
ROSTER = ("王涛", "贺成才", "贺成", "加成才")


def test_a_name_that_reads_clearly_is_sure():
    best, *others = match_names([CLEAR], ROSTER, ALPHABET)
    assert best.name == "贺成才"
    assert best.probability > 0.75
    assert sum(match.probability for match in others) < 0.25


def test_the_true_name_is_found_where_another_reads_better():
    """The reading itself would be 加页成才, which is on no roster."""
    assert match_names([MISREAD], ("王涛", "贺成才"), ALPHABET)[0].name == "贺成才"


def test_two_names_that_are_as_likely_share_their_probability():
    matches = match_names([MISREAD], ("贺成才", "加成才"), ALPHABET)
    assert matches[0].probability < 0.8
    assert matches[0].probability + matches[1].probability <= 1


def test_a_name_that_is_not_there_is_not_sure():
    assert match_names([CLEAR], ("王涛",), ALPHABET)[0].probability < 0.05


def test_a_crop_that_shows_nothing_makes_a_name_less_sure_but_does_not_rule_it_out():
    blurred = seen(*[{"": 0.999}] * 5)
    alone, together = (match_names(crops, ROSTER, ALPHABET)[0] for crops in ([CLEAR], [blurred, CLEAR]))
    assert together.name == alone.name
    assert 0.8 * alone.probability < together.probability < alone.probability


@pytest.mark.parametrize(("crops", "names"), [([], ROSTER), ([CLEAR], ()), ([CLEAR], ("龘龘",)), ([CLEAR], ("",))])
def test_nothing_to_compare_gives_no_match(crops, names):
    assert match_names(crops, names, ALPHABET) == ()


@given(st.lists(st.text(alphabet="贺成才加页王涛", min_size=1, max_size=4), min_size=1, max_size=12, unique=True))
def test_every_known_name_is_ranked_once_and_the_probabilities_are_no_more_than_one(names):
    matches = match_names([CLEAR, MISREAD], names, ALPHABET)
    assert sorted(match.name for match in matches) == sorted(names)
    assert [m.likeness for m in matches] == sorted((m.likeness for m in matches), reverse=True)
    assert 0 <= sum(match.probability for match in matches) <= 1 + 1e-9
