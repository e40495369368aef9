"""Print that is hardly darker or lighter than its paper is seen by the roughness of its stretch; grain is not."""

import cv2
import numpy as np
import pytest

from pipeline.residual.faint_marks import apart_from_paper, without_ink
from pipeline.residual.faint_text import FaintCell, cells_with_faint_text

TEXT_HEIGHT = 13.0


def paper(deviation=5.0, seed=0):
    """Grainy paper (36, 184, 3), gray."""
    grain = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, deviation, (36, 184)), (0, 0), 0.6)
    return np.repeat((200 + grain)[..., None], 3, axis=2)


def printed(levels, deviation=5.0, seed=0):
    """The same with a word that differs by so many levels, in each channel."""
    mask = np.zeros((36, 184), np.uint8)
    cv2.putText(mask, "Quantity limit", (20, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.55, 255, 1, cv2.LINE_AA)
    return paper(deviation, seed) + mask[..., None] / 255 * np.array(levels, float)


def against_paper(image):
    patch = np.clip(image, 0, 255).astype(np.uint8)
    return without_ink(apart_from_paper(patch, TEXT_HEIGHT), TEXT_HEIGHT)


def seen(*images):
    patches = [against_paper(image) for image in images]
    return cells_with_faint_text([FaintCell(patch, TEXT_HEIGHT) for patch in patches])


def test_bare_paper_has_no_text():
    assert not any(seen(*(paper(seed=seed) for seed in range(12))))


@pytest.mark.parametrize("levels", [(20, 20, 20), (-20, -20, -20)], ids=["lighter", "darker"])
@pytest.mark.parametrize("seed", range(3))
def test_a_word_that_is_hardly_lighter_or_darker_is_seen(levels, seed):
    assert seen(printed(levels, 4.0, seed), paper(4.0, 7), paper(4.0, 8)) == [True, False, False]


def test_a_word_that_differs_in_one_channel_is_seen():
    assert seen(printed((0, 40, 0), 1.0)) == [True]


def test_a_word_that_leaves_little_paper_is_seen_by_the_paper_of_other_cells():
    tight = printed((-20, -20, -20), 4.0)[11:29, 18:150]
    assert seen(tight, paper(4.0, 7), paper(4.0, 8)) == [True, False, False]


def test_specks_are_no_text():
    image = paper(2.0)
    for x in (60, 75, 90):
        cv2.circle(image, (x, 18), 2, (60, 60, 60), -1, cv2.LINE_AA)
    assert seen(image) == [False]


def test_what_is_left_of_rules_and_a_shadow_are_no_text():
    image = paper(2.0) + np.linspace(-20, 20, 184)[None, :, None]
    image[2:4] -= 15
    image[:, 3:5] -= 15
    assert seen(image) == [False]


def test_a_page_without_blank_cells_has_none():
    assert seen() == []
