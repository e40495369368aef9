"""The colon behind a label is kept, in doubt, where the recogniser passed over it; other dots are none."""

import pytest

from pipeline.imaging import Component
from pipeline.recognition.cascade import CheckedReading
from pipeline.recognition.end_colons import with_end_colon


def piece(left, top, width, height):
    return Component(left, top, left + width, top + height, 200.0, 200.0)


LABEL = [piece(0, 0, 20, 20), piece(23, 0, 20, 20)]
COLON = [piece(58, 5, 3, 3), piece(58, 14, 3, 3)]


def read(text, pieces, confidence=0.998):
    return with_end_colon(CheckedReading(text, confidence, ()), pieces)


def test_two_dots_behind_a_label_are_its_colon_and_in_doubt():
    assert read("地址", [*LABEL, *COLON]) == ("地址：", 0.9, ("地址",), ())
    assert read("地址", [*COLON, *LABEL], 0.6).confidence == 0.6


@pytest.mark.parametrize("text", ["地址：", "地址:", "5%", "Hi", ""])
def test_what_explains_the_dots_stays(text):
    assert read(text, [*LABEL, *COLON]).text == text


@pytest.mark.parametrize(
    "dots",
    [
        [piece(58, 14, 3, 3)],
        [piece(58, 5, 3, 3), piece(66, 14, 3, 3)],
        [piece(58, 5, 3, 3), piece(58, 8, 3, 10)],
        [piece(10, 22, 3, 3), piece(10, 27, 3, 3)],
        [piece(58, 0, 9, 9), piece(58, 11, 9, 9)],
        [piece(48, 8, 3, 3), piece(58, 5, 3, 3), piece(58, 14, 3, 3)],
    ],
    ids=["one", "not one above the other", "unlike", "not behind", "large", "among others"],
)
def test_other_dots_are_no_colon(dots):
    assert read("地址", [*LABEL, *dots]).text == "地址"


def test_a_line_without_a_reading_has_none():
    assert with_end_colon(CheckedReading("", None, ()), [*LABEL, *COLON]).text == ""
