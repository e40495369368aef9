"""Text round a rim becomes a straight strip."""

import cv2
import numpy as np
import pytest
from drawn_stamps import seal_mask

from pipeline.stamps.unrolling import rim_ellipse, text_runs, unroll

SHAPE, CENTER, RADIUS = (400, 400), (200, 200), 150


def unrolled(turn_deg=0, **seal):
    mask = seal_mask(SHAPE, CENTER, RADIUS, **seal).astype(np.uint8) * 255
    mask = cv2.warpAffine(mask, cv2.getRotationMatrix2D(CENTER, turn_deg, 1.0), SHAPE)
    half = round(1.08 * RADIUS), round(1.08 * RADIUS / seal.get("aspect", 1.0))
    outline = cv2.ellipse2Poly(CENTER, half, -turn_deg, 0, 360, 4)
    return unroll(mask, rim_ellipse(outline, (0, 0)))


def test_a_strip_holds_the_text_and_neither_the_rim_nor_the_star():
    strip = unrolled()
    inked = (strip.darkness > 96).mean(axis=1)
    assert inked.max() < 0.5
    assert 0.5 < strip.inner < 0.75
    (run,) = text_runs(strip.darkness)
    share = (run.stop - run.start) / strip.darkness.shape[1]
    assert share == pytest.approx(4.4 / (2 * np.pi), abs=0.06)
    assert (run.start + run.stop) / 2 / strip.darkness.shape[1] == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("aspect", [1.0, 1.4])
def test_letters_stand_upright_side_by_side(aspect):
    strip = unrolled(text="IIIIIIIIIIII", aspect=aspect, star=False)
    columns = (strip.darkness > 96).sum(axis=0)
    letters = np.count_nonzero(np.diff((columns > 0.4 * columns.max()).astype(int)) == 1)
    assert letters == 12


def test_text_that_crosses_the_lowest_point_is_one_run():
    strip = unrolled(turn_deg=180)
    (run,) = text_runs(strip.darkness)
    assert run.stop > strip.darkness.shape[1]


def test_a_ring_without_text_has_no_strip():
    assert unrolled(text="", star=False) is None
