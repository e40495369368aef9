"""A number that a stroke of a seal goes over is in doubt; a word there, and a number beside it, are not."""

import pytest
from drawing import sealed
from read_pages import page_of, printed

from pipeline.reading.line_cuts import PageCuts
from pipeline.reading.sealed_numbers import CONFIDENCE, doubt_sealed_numbers
from pipeline.recognition import CheckedReading

RADIUS = 80


def doubted(text, center):
    """The confidence of a page's first line, said to read so, with a ring around a place."""
    layout = page_of(sealed(printed(), center, RADIUS)).layout
    cuts = PageCuts.of(layout, [cell for grid in layout.grids for cell in grid.cells])
    lines = layout.lines[:1]
    (reading,) = doubt_sealed_numbers([CheckedReading(text, 0.997, ())], lines, cuts)
    return reading.confidence


@pytest.fixture(scope="module")
def line_box():
    """Of the first line, on a page that is neither bent nor skewed."""
    return page_of(printed()).layout.lines[0].ink.box


def test_a_number_under_a_stroke_of_a_seal_is_in_doubt(line_box):
    middle = round(line_box.left + line_box.height), round((line_box.top + line_box.bottom) / 2)
    assert doubted("3510.66", (middle[0] - RADIUS, middle[1])) == CONFIDENCE


def test_a_word_there_is_not(line_box):
    middle = round(line_box.left + line_box.height), round((line_box.top + line_box.bottom) / 2)
    assert doubted("合计", (middle[0] - RADIUS, middle[1])) == 0.997


def test_a_number_beside_the_seal_is_not(line_box):
    assert doubted("3510.66", (round(line_box.left), round(line_box.bottom) + 2 * RADIUS)) == 0.997
