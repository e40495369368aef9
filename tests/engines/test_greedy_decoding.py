"""Decoding by hand-made probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.greedy_decoding import best_characters, decode, greedy_runs, twins

ALPHABET = ("", "a", "b", "c")


def steps(*rows):
    """Probabilities from rows such as "a.9": the class and its probability; the rest is shared evenly."""
    table = np.empty((len(rows), len(ALPHABET)), dtype=np.float32)
    for row, (character, probability) in zip(table, ((r[:-2].strip(), float(r[-2:])) for r in rows), strict=True):
        row[:] = (1 - probability) / (len(ALPHABET) - 1)
        row[ALPHABET.index(character)] = probability
    return table


def test_repeats_are_one_character_whose_confidence_is_the_best_of_its_steps():
    reading = decode(steps("a.6", "a.9", "a.7", "b.8"), ALPHABET)
    assert reading.text == "ab"
    assert reading.char_confidences == pytest.approx((0.9, 0.8))
    assert reading.confidence == pytest.approx(0.85)


def test_a_blank_between_two_equal_characters_keeps_both():
    reading = decode(steps("a.9", " .8", "a.7"), ALPHABET)
    assert reading.text == "aa"
    assert reading.char_confidences == pytest.approx((0.9, 0.7))


def test_a_character_is_in_the_middle_of_its_steps():
    assert decode(steps("a.6", "a.9", " .9", "b.8"), ALPHABET).places == pytest.approx((0.25, 0.875))


def test_steps_that_are_surely_blank_count_as_places():
    unsure = np.array([False, True, False, False, True, False])
    assert decode(steps("a.9", "b.8"), ALPHABET, None, unsure).places == pytest.approx((0.25, 0.75))


@pytest.mark.parametrize("rows", [(), (" .9",), (" .9", " .7")], ids=["no steps", "one blank", "blanks"])
def test_nothing_but_blanks_reads_as_an_empty_text_without_confidence(rows):
    assert decode(steps(*rows), ALPHABET)[:3] == ("", 0.0, ())


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3)), max_size=8))
def test_any_text_is_read_back_from_its_own_path(characters):
    path = [step for character, times in characters for step in [f"{character}.9"] * times + [" .9"]]
    reading = decode(steps(*path), ALPHABET)
    assert reading.text == "".join(character for character, _ in characters)
    assert len(reading.char_confidences) == len(reading.text) == len(reading.places)
    assert list(reading.places) == sorted(set(reading.places))


def test_wide_and_narrow_forms_of_a_character_are_twins():
    assert twins(("", ":", "a", "：")).tolist() == [0, 3, 2, 1]


def test_doubt_between_a_characters_widths_is_no_doubt_about_the_character():
    probabilities = np.array([[0.05, 0.4, 0.0, 0.55], [0.1, 0.0, 0.9, 0.0]], dtype=np.float32)
    alphabet = ("", ":", "a", "：")
    reading = decode(probabilities, alphabet, twins(alphabet))
    assert reading.text == "：a"
    assert reading.char_confidences == pytest.approx((0.95, 0.9))
    assert decode(probabilities, alphabet).char_confidences == pytest.approx((0.55, 0.9))


@given(st.lists(st.sampled_from(["a.9", "a.6", "b.8", "c.5", " .7", "surely blank"]), min_size=1, max_size=12))
def test_a_step_that_is_surely_blank_needs_no_row(rows):
    whole = [" .9" if row == "surely blank" else row for row in rows]
    unsure = np.array([row != "surely blank" for row in rows])
    table = steps(*whole)
    table[~unsure] = (1, 0, 0, 0)
    assert decode(table[unsure], ALPHABET, unsure=unsure) == decode(table, ALPHABET)


def test_the_best_path_spells_characters_where_they_begin_as_sure_as_the_surest_step_of_each():
    steps = np.log(np.array([[0.1, 0.7, 0.2], [0.1, 0.8, 0.1], [0.9, 0.1, 0.0], [0.2, 0.2, 0.6]], np.float32) + 1e-9)
    seen = best_characters(steps, ("", "a", "b"))
    assert seen == [("a", 0.125, pytest.approx(0.8)), ("b", 0.875, pytest.approx(0.6))]
    assert best_characters(steps[:0], ("", "a", "b")) == []


@given(st.lists(st.integers(0, 3), max_size=9))
def test_runs_cover_all_steps_and_none_is_as_the_one_before(path):
    runs = greedy_runs(np.array(path, np.intp), np.arange(len(path), dtype=np.float32))
    ends = [*runs.starts.tolist(), len(path)]
    lengths = np.diff(ends)
    assert np.repeat(runs.classes, lengths).tolist() == path
    assert runs.peaks.tolist() == [end - 1 for end in ends[1:]][: len(runs.starts)]
    assert (np.diff(runs.classes) != 0).all()


@given(st.lists(st.sampled_from(["a.9", "a.6", "b.8", "c.5", " .7"]), max_size=12))
def test_the_best_characters_are_those_of_the_reading(rows):
    probabilities = steps(*rows)
    reading, seen = decode(probabilities, ALPHABET), best_characters(np.log(probabilities), ALPHABET)
    assert "".join(one.text for one in seen) == reading.text
    assert [one.probability for one in seen] == pytest.approx(list(reading.char_confidences))
