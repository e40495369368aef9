"""Names of one hand look alike however they are scanned; those of another hand, or another name, do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_names import strokes_of, written

from pipeline.handwriting.writer_similarity import (
    DIRECTIONS,
    MAX_STRIP_WIDTH,
    SLICE_STEP,
    ZONES,
    describe_writing,
    same_writer,
    unlikeness,
)

NOISE = 3.0


def shape_of(*who, **how):
    drawn = {key: how.pop(key) for key in ("wobble", "seed") if key in how}
    return describe_writing(written(strokes_of(*who, **drawn), **how), NOISE)


ONCE = shape_of(1, 1)


@pytest.mark.parametrize(
    "how",
    [
        {"height": 50},
        {"height": 160},
        {"degrees": 4.0},
        {"degrees": -4.0},
        {"pen": 7.0},
        {"wobble": 2.5},
        {"wobble": 2.5, "seed": 1, "height": 60, "degrees": 2.0},
    ],
    ids=str,
)
def test_a_name_written_again_or_scanned_otherwise_is_of_the_same_hand(how):
    assert same_writer(ONCE, shape_of(1, 1, **how)) > 0.9


@pytest.mark.parametrize("name", range(1, 7))
def test_the_same_name_by_another_hand_is_not(name):
    assert same_writer(shape_of(name, 1), shape_of(name, 2)) < 0.2


@pytest.mark.parametrize("name", range(2, 7))
def test_another_name_by_the_same_hand_is_not(name):
    assert same_writer(ONCE, shape_of(name, 1)) < 0.05


def test_wider_gaps_between_characters_count_little():
    apart = [line + np.array([25 * (number // 6), 0]) for number, line in enumerate(strokes_of(1, 1))]
    assert same_writer(ONCE, describe_writing(written(apart), NOISE)) > 0.5


def test_a_speck_beside_the_name_changes_nothing_much():
    speckled = written(strokes_of(1, 1))
    speckled[4:6, 4:6] = 255
    assert unlikeness(ONCE, describe_writing(speckled, NOISE)) < 0.05


@settings(max_examples=25)
@given(st.integers(1, 20), st.integers(1, 3), st.integers(1, 20), st.integers(1, 3))
def test_a_hand_is_like_itself_and_two_are_alike_both_ways(name, hand, other_name, other_hand):
    a, b = shape_of(name, hand), shape_of(other_name, other_hand)
    assert unlikeness(a, a) == pytest.approx(0.0, abs=1e-2)
    assert same_writer(a, b) == pytest.approx(same_writer(b, a), abs=1e-6)
    assert 0.0 <= same_writer(a, b) <= same_writer(a, a) <= 1.0


def test_bare_paper_has_no_hand():
    paper = np.random.default_rng(1).normal(6, 3, (60, 200)).clip(0, 255).astype(np.uint8)
    assert describe_writing(paper, NOISE) is None
    assert describe_writing(np.zeros((5, 5), np.uint8), NOISE) is None


def test_the_shape_of_a_long_line_stays_small():
    ruled = np.zeros((40, 3000), np.uint8)
    ruled[18:22, 10:2990] = 200
    shape = describe_writing(ruled, NOISE)
    assert shape.shape[0] <= MAX_STRIP_WIDTH // SLICE_STEP + 1
    assert shape.shape[1] == ZONES * DIRECTIONS
    assert same_writer(ONCE, shape) < 0.01
