"""Names are composed from what was seen in all of a writer's signatures, and from how usual they are."""

import pytest
from signed_pages import seen

from pipeline.handwriting.name_decoding import LONGEST, decode_names

READ_AS_TREES = [
    [seen({"贺": 0.9}, {"本": 0.6, "成": 0.3}, {"木": 0.7, "才": 0.25})],
    [seen({"贺": 0.9}, {"木": 0.5, "成": 0.4}, {"木": 0.6, "才": 0.3})],
    [seen({"贺": 0.6, "加": 0.3}, {"成": 0.6, "本": 0.3}, {"木": 0.7, "才": 0.25})],
]


def test_a_name_that_no_signature_was_read_as_is_found_among_all():
    names = [match.name for match in decode_names(READ_AS_TREES, 5)]
    assert len(names) == 5
    assert "贺成才" in names[:2]


def test_what_is_clearly_seen_is_surely_read_however_unusual():
    clear = [[seen({"页": 0.99}, {"木": 0.99}, {"木": 0.99}, rest=1e-6)]]
    best = decode_names(clear, 5)[0]
    assert (best.name, best.likeness) == ("页木木", pytest.approx(0.0, abs=0.1))


def test_names_have_two_to_four_characters():
    long = [[seen(*[{character: 0.9} for character in "贺成才加页"])]]
    assert {len(match.name) for match in decode_names(long, 50)} <= set(range(2, LONGEST + 1))
    assert decode_names(long, 1)[0].probability < 0.8


def test_the_probabilities_are_those_of_one_name_among_others():
    matches = decode_names(READ_AS_TREES, 50)
    assert sum(match.probability for match in matches) < 1.0
    assert matches[0].probability == max(match.probability for match in matches)


def test_where_no_character_of_a_name_was_thought_of_there_is_none():
    assert decode_names([[seen({"": 1.0})]], 5) != ()  # the alphabet's own, all as unlikely
    assert decode_names([[]], 5) == ()
