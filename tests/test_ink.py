"""Ink is told from paper and from seals."""

import cv2
import numpy as np
import pytest

from pipeline.ink import flatten_paper, paper_noise, separate_ink

PAPER = (236, 240, 242)
SEAL = (60, 50, 205)  # BGR
BLUE_PEN = (140, 60, 40)


def paper(height=400, width=600):
    return np.full((height, width, 3), PAPER, np.uint8)


def multiply(image, mask, ink):
    """Print transparent ink: it takes from each channel the share that the paper below still reflects."""
    result = image.copy()
    result[mask] = (image[mask].astype(int) * ink // 255).astype(np.uint8)
    return result


def ring(shape=(400, 600), radius=120, width=8):
    return cv2.circle(np.zeros(shape, np.uint8), (300, 200), radius, 255, width) > 0


def text(shape=(400, 600)):
    return cv2.putText(np.zeros(shape, np.uint8), "SIGNED 2023", (60, 210), 0, 2.5, 255, 6) > 0


def test_black_text_under_a_red_seal_stays_and_the_seal_goes():
    printed, sealed = text(), ring()
    ink = separate_ink(multiply(multiply(paper(), printed, (20, 20, 20)), sealed, SEAL))
    assert ink.darkness[printed & sealed].min() > 180
    assert ink.darkness[sealed & ~printed].max() < 25
    assert ink.seal[sealed & ~printed].all()
    assert not ink.seal[~sealed].any()


def test_ruling_thinner_than_the_seal_rim_survives_below_it():
    ruling = np.zeros((400, 600), bool)
    ruling[80:82] = True  # tangent to the rim, where it is widest
    ink = separate_ink(multiply(multiply(paper(), ruling, (40, 40, 40)), ring(), SEAL))
    assert ink.darkness[ruling].min() > 150


def test_blue_pen_is_ink_and_no_seal():
    written = text()
    ink = separate_ink(multiply(paper(), written, BLUE_PEN))
    assert ink.darkness[written].min() > 150
    assert not ink.seal.any()


def test_a_gray_page_has_no_seal():
    image = np.full((300, 300), 230, np.uint8)
    image[100:110] = 30
    for page in (image, cv2.merge([image] * 3)):
        ink = separate_ink(page)
        assert not ink.seal.any()
        assert ink.darkness[105].min() > 200
        assert ink.darkness[200].max() == 0


def test_a_shadow_across_the_paper_is_not_ink():
    light = np.linspace(240, 160, 600).astype(np.uint8)
    image = np.broadcast_to(light[None, :, None], (400, 600, 3)).copy()
    image[200:206] = image[200:206] // 4
    ink = separate_ink(image)
    assert ink.darkness[50, 20:-20].max() < 12
    assert ink.darkness[203].min() > 150


def test_yellowed_paper_is_no_seal():
    assert not separate_ink(np.full((300, 300, 3), (150, 205, 250), np.uint8)).seal.any()


def test_a_few_red_pixels_do_not_make_a_seal():
    image = paper()
    image[10:13, 10:13] = (40, 40, 220)
    assert not separate_ink(image).seal.any()


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (9, 300)])
def test_images_smaller_than_the_kernels_are_accepted(size):
    ink = separate_ink(np.full((*size, 3), 200, np.uint8))
    assert ink.darkness.shape == size


def test_flattened_paper_is_white_whatever_its_brightness():
    assert flatten_paper(np.full((200, 200), 90, np.uint8)).min() == 255


def test_noise_is_the_standard_deviation_of_the_grain():
    grain = np.random.default_rng(0).normal(60, 6, (400, 400)).astype(np.uint8)
    assert paper_noise(grain) == pytest.approx(6, rel=0.2)
    assert paper_noise(np.zeros((100, 100), np.uint8)) == 1.0
