"""Paper as wide as a space between two letters is one; letters that are all set apart are one word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.elements import Hypothesis
from pipeline.engines.protocols import LineReading
from pipeline.recognition.word_spaces import with_word_spaces

EM = 40
WIDE = 16


def spaced(text, gaps, sure=None, hypotheses=()):
    """The reading of letters of one width with so much paper after each."""
    inked, places = np.zeros(4000, np.uint8), []
    at = 20
    for gap in gaps:
        inked[at : at + WIDE] = 1
        places.append(at + WIDE / 2)
        at += WIDE + gap
    width = len(inked)
    confidences = sure or (0.99,) * len(text)
    reading = LineReading(text, 0.99, confidences, hypotheses, places=tuple(place / width for place in places))
    return with_word_spaces(reading, places, inked, EM)


def test_words_with_paper_between_them_are_parted():
    assert spaced("MethodAnnual", [4] * 5 + [26] + [4] * 6).text == "Method Annual"
    assert spaced("AgeSexNo", [4, 4, 26, 4, 4, 26, 4, 4]).text == "Age Sex No"


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("Actual", [4, 15, 4, 4, 4, 4]),
        ("NAME", [24, 24, 24, 24]),
        ("合同ab", [30, 30, 4, 4]),
        ("12kg", [30, 30, 4, 4]),
        ("A", [4]),
        ("", []),
    ],
)
def test_letters_close_together_or_all_set_apart_and_other_characters_stay(text, gaps):
    assert spaced(text, gaps).text == text


def test_a_space_is_as_sure_as_the_letters_beside_it_and_doubts_move_with_their_characters():
    doubts = (Hypothesis(0, 1, "l", 0.1), Hypothesis(2, 2, " ", 0.3), Hypothesis(3, 4, "o", 0.2))
    reading = spaced("abcd", [4, 26, 4, 4], (0.9, 0.8, 0.7, 0.6), doubts)
    assert reading.text == "ab cd"
    assert reading.char_confidences == (0.9, 0.8, 0.7, 0.7, 0.6)
    assert reading.hypotheses == (Hypothesis(0, 1, "l", 0.1), Hypothesis(4, 5, "o", 0.2))


@given(st.lists(st.tuples(st.sampled_from("abZ9中 "), st.integers(0, 60)), max_size=12))
def test_nothing_but_spaces_is_added_and_each_has_its_place(letters):
    text = "".join(letter for letter, _ in letters)
    reading = spaced(text, [gap for _, gap in letters])
    assert reading.text.replace(" ", "") == text.replace(" ", "")
    assert len(reading.text) == len(reading.char_confidences) == len(reading.places)
    assert list(reading.places) == sorted(reading.places)
