"""Of doubtful lines that are near a known unit, what was half read decides."""

import numpy as np
import pytest

from pipeline.elements import Hypothesis
from pipeline.recognition.cascade import CheckedReading
from pipeline.recognition.units import LIKELY, with_units

ALPHABET = ("", *"0123456789.m²³C℃°%‰μug/ok")
CROP = np.full((48, 60, 3), 255, np.uint8)


class HalfReading:
    """A recogniser that saw at each step what it is told: classes and their probabilities; the rest is blank."""

    alphabet = ALPHABET

    def __init__(self, *steps):
        self.steps, self.asked = steps, 0

    def log_probabilities(self, crop):
        self.asked += 1
        table = np.full((len(self.steps), len(ALPHABET)), 1e-6, np.float32)
        for row, step in zip(table, self.steps, strict=True):
            row[0] = max(1e-6, 1 - sum(step.values()))
            for character, probability in step.items():
                row[ALPHABET.index(character)] = probability
        return np.log(table)


def landed(text, confidence, *steps, hypotheses=()):
    reading = CheckedReading(text, confidence, (), hypotheses)
    (settled,) = with_units([reading], lambda index: CROP, HalfReading(*steps))
    return settled


def test_a_ring_that_was_half_read_before_c_is_a_degree():
    settled = landed("C", 0.5, {"°": 0.44}, {"C": 0.52, "℃": 0.45})
    assert (settled.text, settled.alternatives) == ("℃", ("C",))
    assert 0.7 < settled.confidence <= LIKELY


def test_a_letter_without_a_trace_of_a_sign_stays_a_letter():
    assert landed("C", 0.8, {"C": 0.97}) == CheckedReading("C", 0.8, ())


def test_the_likelier_unit_lands_though_the_other_was_read():
    steps = [{c: 0.97} for c in "μg/m"]
    assert landed("μg/m²", 0.8, *steps, {"²": 0.76, "³": 0.21}).text == "μg/m³"
    assert landed("μg/m²", 0.8, *steps, {"²": 0.999}).text == "μg/m²"


@pytest.mark.parametrize("confidence", [0.8, 0.998])
def test_a_raised_digit_that_was_half_read_lands_in_doubt(confidence):
    steps = [{"3": 0.99}, {"5": 0.99}, {"m": 0.98}, {"2": 0.31, "²": 0.04}]
    settled = landed("35m", confidence, *steps, hypotheses=(Hypothesis(3, 3, "2", 0.31),))
    assert settled.text == "35m²"
    assert settled.confidence <= LIKELY


def test_a_length_stays_a_length_and_in_doubt_where_a_raised_digit_may_stand():
    steps = [{"3": 0.99}, {"5": 0.99}, {"m": 0.98}, {"2": 0.03}]
    settled = landed("35m", 0.998, *steps, hypotheses=(Hypothesis(3, 3, "2", 0.03),))
    assert (settled.text, settled.confidence) == ("35m", LIKELY)


def test_a_sign_in_parts_lands_whole_and_in_doubt():
    steps = [{"8": 0.99}, {"%": 0.99}, {"0": 0.7, "o": 0.25}]
    assert landed("8%0", 0.97, *steps) == CheckedReading("8‰", LIKELY, ("8%0",))


def test_sure_lines_and_lines_that_are_no_units_are_not_looked_at_again():
    recogniser = HalfReading({"m": 0.5})
    told = [("mn", 0.998), ("项目", 0.3), ("12.50", 0.3), ("98%", 0.4), ("", None)]
    readings = [CheckedReading(text, confidence, ()) for text, confidence in told]
    assert with_units(readings, lambda index: CROP, recogniser) == readings
    assert recogniser.asked == 0


def test_characters_outside_the_alphabet_are_never_meant():
    assert landed("kBa", 0.5, {"k": 0.9}, {"m": 0.4}) == CheckedReading("kBa", 0.5, ())
