"""A line that is a little short of sure is as sure as one more cut makes it; what all cuts misread stays in doubt."""

import numpy as np
import pytest
from fake_engines import FakeRecogniser

from pipeline.elements import Hypothesis
from pipeline.engines.protocols import LineReading
from pipeline.recognition.cascade import SOFT, USUAL, calibrated, first_cut, read_checked
from pipeline.recognition.confirming import FirstReadings, confirmed_confidence, may_be_confirmed

CROP = np.zeros((48, 100, 3), np.uint8)


def said(text, sure):
    return LineReading(text, sure, (sure,) * len(text))


def read(*told):
    """The checked reading of one line, and the cuts that were made of it."""
    cuts = []

    def cut(index, padding):
        cuts.append(padding)
        return CROP

    (checked,) = read_checked(1, cut, FakeRecogniser(*told))
    return checked, cuts


def test_a_line_that_another_cut_reads_as_well_is_sure():
    reading, cuts = read(("资料齐全", 0.9), ("资料齐全", 0.94), ("资料齐全", 0.98))
    assert reading.confidence >= 0.95 > calibrated(0.94, 0)
    assert cuts == [first_cut(FakeRecogniser()), USUAL, SOFT]


@pytest.mark.parametrize("again", [("资料齐金", 0.99), ("资料齐全", 0.94)], ids=["read otherwise", "unclear"])
def test_a_line_that_it_reads_otherwise_or_unclearly_stays_as_it_was(again):
    reading, _ = read(("资料齐全", 0.9), ("资料齐全", 0.94), again)
    assert (reading.text, reading.confidence) == ("资料齐全", calibrated(0.94, 0))


def test_a_line_that_may_lack_a_character_is_not_confirmed():
    usual = LineReading("编印", 0.94, (0.94, 0.94), (Hypothesis(1, 1, "、", 0.4),))
    calls = iter([[said("编印", 0.9)], [usual]])
    recogniser = FakeRecogniser()
    recogniser.read = lambda crops, reduced=False, exact=False: next(calls) if crops else []
    (reading,) = read_checked(1, lambda index, padding: CROP, recogniser)
    assert reading.confidence <= 0.9


@pytest.mark.parametrize("text", ["117.06", "Annual Rate", "资料"])
def test_words_and_numbers_may_be_confirmed(text):
    assert may_be_confirmed(FirstReadings(said(text, 0.9), said(text, 0.94)), 0.92)


@pytest.mark.parametrize("text", ["7", "口", "μg/m²", "35m", "5‰", "C", "項目支出", "2024 08 12", "9.265.46", "66.241"])
def test_what_every_cut_misreads_alike_may_not(text):
    assert not may_be_confirmed(FirstReadings(said(text, 0.9), said(text, 0.94)), 0.92)


@pytest.mark.parametrize(
    ("reduced", "sure", "confidence"),
    [(None, 0.94, 0.92), (said("118", 0.9), 0.94, 0.92), (said("117", 0.9), 0.6, 0.4), (said("117", 0.9), 0.99, 0.97)],
    ids=["not read low", "read otherwise low", "unclear", "sure already"],
)
def test_other_lines_are_not_read_again(reduced, sure, confidence):
    assert not may_be_confirmed(FirstReadings(reduced, said("117", sure)), confidence)


def test_the_clearer_cut_says_how_sure_a_confirmed_line_is():
    found = [confirmed_confidence(said("117", 0.8), said("1 17", sure)) for sure in (0.96, 0.97, 0.99, 1.0)]
    assert found == sorted(found)
    assert 0.95 <= found[0] < found[-1] <= 0.99
    assert confirmed_confidence(said("117", 0.8), said("111", 0.99)) is None
