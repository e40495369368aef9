"""Characters within a rim are a seal's, unless they are darker than it."""

import cv2
import numpy as np
import pytest

from pipeline.geometry import bounding_box
from pipeline.sealed_lines import find_gray_seals, is_of_seal, lift_gray_seals
from tests.drawing import inked, stamp_mask
from tests.margin_pages import blank, draw_print, draw_table, upright_page

CENTER, RADIUS = (700, 180), 80
WITHIN = ((660.0, 150.0), (740.0, 150.0), (740.0, 210.0), (660.0, 210.0))
GRAY, BLACK = (130, 130, 130), (30, 30, 30)


def sealed(rim="ring", ink=GRAY):
    return inked(blank(), stamp_mask(blank().shape[:2], CENTER, RADIUS, rim), ink)


@pytest.mark.parametrize("rim", ["ring", "oval", "box"])
def test_a_gray_seal_is_found_by_its_rim(rim):
    seals = find_gray_seals(upright_page(sealed(rim)), [WITHIN])
    assert seals
    box = bounding_box(seals[0].outline.tolist())
    assert ((box.left + box.right) / 2, (box.top + box.bottom) / 2) == pytest.approx(CENTER, abs=8)
    assert seals[0].tone == pytest.approx(255 * (1 - 130 / 255), abs=25)


def test_paper_and_writing_have_no_rim():
    image = cv2.putText(blank(), "Signature 3.30", (300, 200), 0, 2.0, BLACK, 4)
    assert find_gray_seals(upright_page(image), [WITHIN]) == ()


def test_what_lies_within_the_rim_is_the_seals():
    page = upright_page(sealed())
    seals = find_gray_seals(page, [WITHIN])
    assert is_of_seal(page, [WITHIN], seals)
    assert not is_of_seal(page, [WITHIN], ())


def test_what_was_written_over_a_seal_is_not():
    image = cv2.putText(sealed(), "Ab", (660, 205), 0, 2.0, BLACK, 6)
    page = upright_page(image)
    assert not is_of_seal(page, [WITHIN], find_gray_seals(page, [WITHIN]))


def test_what_reaches_beyond_the_rim_is_not():
    image = cv2.putText(sealed(), "Ab", (640, 200), 0, 2.0, GRAY, 6)
    image = cv2.putText(image, "cdefgh", (800, 200), 0, 2.0, GRAY, 6)
    page = upright_page(image)
    wide = ((630.0, 140.0), (1080.0, 140.0), (1080.0, 215.0), (630.0, 215.0))
    assert not is_of_seal(page, [wide], find_gray_seals(page, [wide]))


def test_a_seal_is_lifted_and_what_is_darker_stays():
    image = cv2.putText(sealed(), "Ab", (660, 205), 0, 2.0, BLACK, 6)
    page = upright_page(image)
    lifted = lift_gray_seals(page.ink.darkness, find_gray_seals(page, [WITHIN]))
    seal = stamp_mask(blank().shape[:2], CENTER, RADIUS, "ring")
    text = cv2.putText(np.zeros(seal.shape, np.uint8), "Ab", (660, 205), 0, 2.0, 255, 2) > 0
    assert lifted[seal & ~cv2.dilate(text.astype(np.uint8), np.ones((15, 15))).astype(bool)].mean() < 10
    assert lifted[text].mean() > 180


def test_characters_of_a_worn_seal_are_no_darker_than_its_rim():
    grain = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, blank().shape[:2]), (0, 0), 2)
    wear = np.clip(0.85 + 0.3 * grain / grain.std(), 0.2, 1)[..., None]
    image = blank() - wear * (blank() - sealed("oval").astype(float))
    page = upright_page(cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.uint8))
    assert is_of_seal(page, [WITHIN], find_gray_seals(page, [WITHIN]))


@pytest.mark.parametrize("rim", ["ring", "oval", "box"])
def test_a_seal_upon_print_and_ruling_is_found_where_it_is_paler(rim):
    image = draw_print(draw_table(blank()), 500, 230, letters=17)
    mask = stamp_mask(image.shape[:2], (700, 270), RADIUS, rim)
    page = upright_page(inked(image, mask, GRAY))
    quad = ((650.0, 255.0), (750.0, 255.0), (750.0, 295.0), (650.0, 295.0))
    assert is_of_seal(page, [quad], find_gray_seals(page, [quad]))


def test_a_line_of_two_seals_upon_each_other_is_of_seals():
    image = inked(blank(), stamp_mask(blank().shape[:2], CENTER, RADIUS), GRAY)
    image = inked(image, stamp_mask(blank().shape[:2], (820, 200), RADIUS, "box"), GRAY)
    page = upright_page(image)
    wide = ((640.0, 150.0), (880.0, 150.0), (880.0, 240.0), (640.0, 240.0))
    seals = find_gray_seals(page, [wide])
    assert is_of_seal(page, [wide], seals)
    assert not any(is_of_seal(page, [wide], [seal]) for seal in seals)


def test_bare_paper_is_no_seals():
    page = upright_page(sealed())
    bare = ((200.0, 150.0), (300.0, 150.0), (300.0, 210.0), (200.0, 210.0))
    assert not is_of_seal(page, [bare], find_gray_seals(page, [bare]))
