"""The word that a doubtful reading surely is: near, and nearer than any other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import cell

from pipeline.correction.words import edited, half_read, nearest_word
from pipeline.elements import CellReading, Hypothesis

EFFECTS = ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响", "可持续影响指标")


def reading(text, *alternatives, hypotheses=(), confidence=0.3):
    return CellReading(cell(0, 0), text, confidence, (), alternatives=alternatives, hypotheses=tuple(hypotheses))


@pytest.mark.parametrize(
    ("read", "word"),
    [
        (reading("可持线影响指标"), "可持续影响指标"),
        (reading("可试影响指标"), "可持续影响指标"),
        (reading("托会效益指标"), "社会效益指标"),
        (reading("社会效益指标."), "社会效益指标"),
        (reading("可待块影够折技"), None),
        (reading("效益指标"), None),
        (reading("可持续影响指"), None),
        (reading("可持续影响指", hypotheses=[Hypothesis(6, 6, "标", 0.2)]), "可持续影响指标"),
        (reading("可侍练影晌指际", "可持续影响指标"), "可持续影响指标"),
        (reading("。"), None),
    ],
    ids=[
        "one slip",
        "a slip and a lost letter",
        "one slip that other words share",
        "a stray mark",
        "mostly misread",
        "as near to three words",
        "as near to a shorter word",
        "what was half read decides",
        "another cut reads it",
        "no letters",
    ],
)
def test_a_word_is_taken_only_if_it_is_near_and_the_only_one(read, word):
    assert nearest_word(read, EFFECTS) == word


def test_no_words_no_correction():
    assert nearest_word(reading("社会效益"), ()) is None


@given(st.sampled_from(EFFECTS), st.integers(0, 6), st.sampled_from("口曰亻讠"))
def test_one_strange_letter_never_leads_to_another_word(word, place, letter):
    slip = word[:place] + letter + word[place + 1 :]
    assert nearest_word(reading(slip), EFFECTS) in {word, None}


def test_doubts_are_followed_alone_and_together_but_never_two_in_one_place():
    read = reading(
        "ab", hypotheses=[Hypothesis(0, 1, "x", 0.2), Hypothesis(0, 1, "y", 0.1), Hypothesis(2, 2, "z", 0.3)]
    )
    assert [text for text, _ in half_read(read)] == ["xb", "yb", "abz"]
    assert {text for text, _ in half_read(read, most=2)} == {"xb", "yb", "abz", "xbz", "ybz"}
    assert dict(half_read(read, most=2))["xbz"] == 0.2
    assert [text for text, _ in half_read(read, least=0.25)] == ["abz"]


@given(st.text(alphabet="abc", max_size=8), st.data())
def test_edits_fall_where_they_belong_whatever_their_order(text, data):
    places = data.draw(st.lists(st.integers(0, max(0, len(text) - 1)), unique=True, max_size=len(text)))
    edits = [Hypothesis(place, place + 1, "X" * data.draw(st.integers(0, 2)), 0.5) for place in places]
    by_place = {edit.start: edit.text for edit in edits}
    assert edited(text, edits) == "".join(by_place.get(i, letter) for i, letter in enumerate(text))
