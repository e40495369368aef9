"""What grain hides pixel by pixel is seen over the length of a stroke; grain, shadows and specks are not marks."""

import cv2
import numpy as np
import pytest

from pipeline.residual.faint_marks import apart_from_paper, has_faint_mark

TEXT_HEIGHT = 13.0


def paper(deviation=6.0, level=215, seed=0):
    """Grainy paper (60, 200, 3), gray."""
    grain = np.random.default_rng(seed).normal(0, deviation, (60, 200))
    return np.repeat(np.clip(level + cv2.GaussianBlur(grain, (0, 0), 0.6), 0, 255)[..., None], 3, axis=2)


def seen(image):
    apart = apart_from_paper(np.clip(image, 0, 255).astype(np.uint8), TEXT_HEIGHT)
    return has_faint_mark(apart, TEXT_HEIGHT)


@pytest.mark.parametrize("seed", range(8))
def test_bare_paper_has_no_mark(seed):
    assert not seen(paper(seed=seed))


@pytest.mark.parametrize("darker", [20, -20])
@pytest.mark.parametrize("seed", range(3))
def test_a_pale_stroke_is_a_mark_be_it_darker_or_lighter(seed, darker):
    image = paper(deviation=4.0, seed=seed)
    image[28:31, 90:103] -= darker
    assert seen(image)


def test_a_stroke_in_one_channel_is_a_mark():
    image = paper(deviation=3.0)
    image[28:31, 90:103, 0] -= 25
    assert seen(image)


def test_letters_too_pale_to_stand_out_alone_are_seen_together():
    image = paper(deviation=7.0, seed=1)
    rng = np.random.default_rng(2)
    for left in range(40, 160, 10):
        for _ in range(3):
            y, x = rng.integers(24, 33), left + rng.integers(0, 3)
            image[y : y + 2, x : x + 6] += 14
    assert seen(image)


def test_a_shadow_over_the_cell_is_no_mark():
    image = paper(deviation=2.0) - np.linspace(0, 40, 200)[None, :, None]
    assert not seen(image)


def test_a_speck_is_no_mark():
    image = paper(deviation=2.0)
    image[30:32, 90:92] -= 80
    assert not seen(image)


def test_what_reaches_the_edge_is_left_of_ruling():
    image = paper(deviation=2.0)
    image[:3] -= 60
    image[:, -2:] -= 60
    assert not seen(image)


def test_a_patch_too_small_to_look_at_has_none():
    assert apart_from_paper(np.zeros((3, 200, 3), np.uint8), TEXT_HEIGHT) is None
