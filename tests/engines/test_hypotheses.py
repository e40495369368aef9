"""What a recogniser half read: other characters in a place, none, or one where none was read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pipeline.engines.greedy_decoding import decode, twins
from pipeline.engines.hypotheses import LEAST, SURE, BestPath, find_hypotheses, run_starts

ALPHABET = ("", "日", "目", "%", "：", ":")


def steps(*rows):
    """Time steps as {character: probability}; what is left is spread evenly, far below notice."""
    rest = [(1 - sum(row.values())) / len(ALPHABET) for row in rows]
    return np.array(
        [[row.get(c, 0.0) + even for c in ALPHABET] for row, even in zip(rows, rest, strict=True)], np.float32
    )


def hypotheses(*rows):
    probabilities = steps(*rows)
    path = BestPath(probabilities.argmax(axis=1), probabilities.max(axis=1), np.arange(len(rows)))
    return [d[:3] for d in find_hypotheses(probabilities, path, ALPHABET)]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([{"日": 0.7, "目": 0.29}], [(0, 1, "目")]),
        ([{"日": 0.7, "": 0.29}], [(0, 1, "")]),
        ([{"日": 0.999}, {"": 0.999}], []),
        ([{"日": 0.999}, {"": 0.8, "%": 0.19}, {"目": 0.999}], [(1, 1, "%")]),
        ([{"日": 0.999}, {"": 0.8, "日": 0.19}, {"目": 0.999}], []),
        ([{"": 0.8, "%": 0.19}, {"目": 0.999}], [(0, 0, "%")]),
        ([{"日": 0.9, "目": 0.09}, {"日": 0.999}], []),
    ],
    ids=[
        "another character",
        "no character",
        "nothing in doubt",
        "one between two",
        "a neighbour's edge is none",
        "one before the first",
        "the surest step of a character counts",
    ],
)
def test_what_was_half_read_is_found_with_its_place(rows, found):
    assert hypotheses(*rows) == found


def test_the_same_mark_in_another_width_is_no_doubt():
    probabilities = steps({"：": 0.5, ":": 0.4})
    partner = twins(ALPHABET)
    reading = decode(probabilities, ALPHABET, partner)
    assert (reading.text, reading.hypotheses) == ("：", decode(steps({"：": 0.9}), ALPHABET, partner).hypotheses)


@given(
    arrays.arrays(
        np.float32, st.tuples(st.integers(1, 12), st.just(len(ALPHABET))), elements=st.floats(0.015625, 1, width=32)
    )
)
def test_doubts_name_places_of_the_text_and_never_what_was_read_there(raw):
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    reading = decode(probabilities, ALPHABET)
    for doubt in reading.hypotheses:
        assert 0 <= doubt.start <= doubt.stop <= min(doubt.start + 1, len(reading.text))
        assert reading.text[doubt.start : doubt.stop] != doubt.text
        assert LEAST <= doubt.probability < 1


def test_sure_steps_cost_nothing():
    probabilities = steps({"日": SURE + 0.001, "目": 0.015})
    path = BestPath(probabilities.argmax(axis=1), probabilities.max(axis=1), np.arange(len(probabilities)))
    assert find_hypotheses(probabilities, path, ALPHABET) == ()


@given(st.lists(st.integers(0, 2), max_size=9))
def test_a_run_begins_wherever_the_class_changes(classes):
    starts = run_starts(np.array(classes, np.intp)).tolist()
    assert starts == [i for i, cls in enumerate(classes) if i == 0 or cls != classes[i - 1]]
