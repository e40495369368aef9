"""Of the ink of lines is measured what tells pen from print."""

import cv2
import numpy as np
import pytest
from written_names import strokes_of, written

from pipeline.handwriting.line_ink import measure_lines

BAR = 4


def barred(heights, width=16, gap=8, darkness=200):
    """Characters of two upright bars and one level one, of these heights, standing on one line."""
    image = np.zeros((max(heights) + 2, 2 + len(heights) * (width + gap)), np.uint8)
    for index, height in enumerate(heights):
        left, bottom = 1 + index * (width + gap), max(heights) + 1
        image[bottom - height : bottom, left : left + BAR] = darkness
        image[bottom - height : bottom, left + width - BAR : left + width] = darkness
        image[bottom - height : bottom - height + BAR, left : left + width] = darkness
    return image


def measured(image, noise=1.0):
    (ink,) = measure_lines([image], noise)
    return ink


def test_the_edges_of_print_stand_upright_and_those_of_a_hand_lean():
    pen = written(strokes_of(1, 1, wobble=0.1), height=40)
    assert measured(barred([24] * 6)).upright > 0.5
    assert measured(pen).upright < 0.2


def test_leaning_print_is_told_by_its_edges():
    straight = np.pad(barred([24] * 6), ((0, 0), (0, 12)))
    leaning = cv2.warpAffine(straight, np.float32([[1, -0.3, 7], [0, 1, 0]]), straight.shape[::-1])
    assert measured(leaning).upright < measured(straight).upright / 2


def test_print_is_even_and_characters_of_a_hand_are_not():
    assert measured(barred([24] * 6)).uneven == 0
    assert measured(barred([24, 20, 26, 22])).uneven == pytest.approx((np.std([24, 20, 26, 22]) - 0.5) / 24)


def test_points_do_not_count_among_the_heights():
    image = barred([24, 24, 24])
    image[-5:-1, 21:24] = 200
    assert measured(image).uneven == 0
    assert [shape is None for shape in measured(image).shapes] == [False, True, False, False]


def test_the_shape_of_a_character_is_its_width_by_its_height():
    assert measured(barred([24, 24])).shapes == pytest.approx((np.log(16 / 24),) * 2)


def test_strokes_are_measured_in_shares_of_the_height():
    ink = measured(barred([24] * 6))
    assert ink.height == 24
    assert ink.stroke == pytest.approx(BAR / 24, rel=0.3)


def test_lines_are_measured_together_as_they_are_alone():
    cuts = [barred([24] * 6), barred([30, 26]), np.zeros((20, 30), np.uint8), written(strokes_of(1, 1), height=40)]
    assert measure_lines(cuts, 1.0) == [measured(cut) for cut in cuts]


@pytest.mark.parametrize("image", [np.zeros((20, 40), np.uint8), np.full((3, 40), 200, np.uint8)])
def test_blank_and_flat_lines_have_no_ink(image):
    assert measured(image) is None


def test_no_lines_have_no_ink():
    assert measure_lines([], 1.0) == []


def test_grain_is_no_ink():
    grain = np.abs(np.random.default_rng(0).normal(0, 5, (24, 80))).astype(np.uint8)
    assert measured(grain, noise=8.0) is None
