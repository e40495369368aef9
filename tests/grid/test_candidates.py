"""Candidates begin and end where their ink does, and tell lines apart that stand in line with each other."""

import numpy as np
import pytest
from drawing import PX_PER_MM, px
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.grid.candidates import GAP_MM, Candidate, find_candidates

PLACE = 60
KERNEL_MM = 9.0
END_PX = 3


def ridge(*strokes, slope=0.0, height=120, width=900):
    """A ridge image with strokes, each (left, right) or (left, right, top), that lean by a slope."""
    image = np.zeros((height, width), np.uint8)
    for left, right, *top in strokes:
        for column in range(left, right):
            row = round((top[0] if top else PLACE) + slope * (column - width / 2))
            image[row : row + 2, column] = 255
    return image


def found(image):
    return sorted(
        find_candidates(image, KERNEL_MM, PX_PER_MM), key=lambda candidate: (candidate.begin, candidate.place)
    )


def stretches(image):
    return [(candidate.begin, candidate.end) for candidate in found(image)]


def near(*stretches):
    return [pytest.approx(stretch, abs=END_PX) for stretch in stretches]


@settings(max_examples=30, deadline=None)
@given(st.integers(30, 400), st.integers(120, 450))
def test_a_line_begins_and_ends_where_its_ink_does(left, length):
    (line,) = found(ridge((left, left + length)))
    assert (line.begin, line.end) == pytest.approx((left, left + length), abs=END_PX)
    assert line.place == pytest.approx(PLACE + 0.5, abs=1)
    assert line.slope == pytest.approx(0, abs=1e-3)
    assert line.strength > 0.8


def test_nothing_and_short_strokes_are_no_candidates():
    assert found(ridge()) == found(ridge((100, 120), (200, 215), (300, 318))) == []


@pytest.mark.parametrize("gap_mm", [2.9, 3.8, 6.0])
def test_rules_of_two_tables_in_line_are_two_pieces(gap_mm):
    gap = px(gap_mm)
    assert stretches(ridge((100, 340), (340 + gap, 700))) == near((100, 340), (340 + gap, 700))


def test_pieces_that_the_search_saw_as_one_know_how_long_it_was():
    one, other = found(ridge((100, 340), (340 + px(2.9), 700)))
    assert one.length == other.length == pytest.approx(600, abs=px(KERNEL_MM))


@pytest.mark.parametrize("gap_mm", [0.5, 1.2, 2.0])
def test_a_gap_that_wore_off_ends_no_line(gap_mm):
    assert gap_mm < GAP_MM
    assert stretches(ridge((100, 340), (340 + px(gap_mm), 700))) == near((100, 700))


def test_a_piece_too_short_for_a_cell_is_none():
    gap = px(3.8)
    assert stretches(ridge((100, 340), (340 + gap, 340 + gap + px(2)))) == near((100, 340))


def test_ink_that_the_kernel_reaches_but_the_line_does_not_is_another_line():
    """Two rules in neighbouring rows of pixels, ten millimetres apart."""
    apart = px(10)
    assert stretches(ridge((100, 340), (340 + apart, 700, PLACE + 12))) == near((100, 340), (340 + apart, 700))


@pytest.mark.parametrize("slope", [-0.015, 0.0, 0.015])
def test_a_candidate_leans_as_its_line_does(slope):
    (line,) = found(ridge((100, 700), slope=slope))
    assert line.slope == pytest.approx(slope, abs=2e-3)
    assert line.ends == pytest.approx([PLACE + 0.5 + slope * (column - 450) for column in (100, 700)], abs=1.2)


def test_a_piece_lies_where_it_is_on_its_leaning_line():
    slope, gap = 0.015, px(3.8)
    one, other = found(ridge((100, 340), (340 + gap, 700), slope=slope))
    assert one.place == pytest.approx(PLACE + 0.5 + slope * (220 - 450), abs=1.2)
    assert other.place == pytest.approx(PLACE + 0.5 + slope * (520 + gap / 2 - 450), abs=1.2)


def test_a_candidate_says_where_it_is_across_at_each_place_along_it():
    line = Candidate(place=50.0, begin=100.0, end=300.0, strength=0.5, slope=0.1)
    assert [line.at(along) for along in (100, 200, 300)] == [40.0, 50.0, 60.0]
    assert line.ends == (40.0, 60.0)


def test_the_longer_and_the_stronger_a_candidate_the_more_it_says():
    assert Candidate(50, 100, 300, 0.5).weight == 50.0
    assert Candidate(50, 100, 300, 1.0).weight == 200.0
    assert Candidate(50, 100, 500, 0.5).weight == 100.0
