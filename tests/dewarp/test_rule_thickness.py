"""How thick the ruling lines of a small image are, whatever else is on it."""

import cv2
import numpy as np
import pytest

from pipeline.dewarp.rule_thickness import rule_thickness

PX_PER_MM = 85 / 25.4


def ruled(thickness, blur=0.0, darkness=210):
    """The darkness of an image with seven rows and five columns of cells, ruled so many pixels thick."""
    image = np.zeros((450, 700), np.uint8)
    for y in range(40, 420, 52):
        image[y : y + thickness, 30:666] = darkness
    for x in range(30, 667, 127):
        image[40 : 404 + thickness, x : x + thickness] = darkness
    return cv2.GaussianBlur(image, (0, 0), blur) if blur else image


@pytest.mark.parametrize("darkness", [90, 210])
@pytest.mark.parametrize("thickness", [1, 2, 3, 4])
def test_lines_measure_as_thick_as_they_are_drawn(thickness, darkness):
    assert rule_thickness(ruled(thickness, darkness=darkness), PX_PER_MM) == thickness


@pytest.mark.parametrize("thickness", [2, 3, 4])
def test_a_blur_does_not_make_them_thicker(thickness):
    assert rule_thickness(ruled(thickness, blur=0.8), PX_PER_MM) == pytest.approx(thickness, abs=1)


@pytest.mark.parametrize("angle", [-2.0, 1.0])
def test_lines_that_lean_measure_as_thick(angle):
    image = ruled(3)
    turn = cv2.getRotationMatrix2D((350, 225), angle, 1.0)

    leaning = cv2.warpAffine(image, turn, (700, 450))

    assert rule_thickness(leaning, PX_PER_MM) == pytest.approx(3, abs=1)


def test_neither_print_nor_filled_headings_count():
    image = ruled(2)
    image[40:92] = 210
    for y in range(110, 400, 52):
        for x in range(50, 640, 20):
            image[y : y + 12, x : x + 9] = 210

    assert rule_thickness(image, PX_PER_MM) == 2


def test_a_page_without_ruling_has_no_thickness():
    image = np.zeros((450, 700), np.uint8)
    image[100:110, 100:115] = 255

    assert rule_thickness(image, PX_PER_MM) is None
    assert rule_thickness(np.zeros((1, 1), np.uint8), PX_PER_MM) is None
