"""What lies within a rim is a seal's, unless it is darker than it."""

import cv2
import numpy as np
import pytest
from drawing import inked, stamp_mask
from margin_pages import blank, draw_pen, draw_print, draw_table, upright_page

from pipeline.imaging.geometry import bounding_box
from pipeline.ink.seal_removal import GraySeal, find_gray_seals, may_hold_seal, remove_gray_seals, sealed_share

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
    assert sealed_share(page, [WITHIN], seals) == 1.0
    assert sealed_share(page, [WITHIN], ()) == 0.0


def test_what_was_written_over_a_seal_is_not():
    image = cv2.putText(sealed(), "Ab", (660, 205), 0, 2.0, BLACK, 6)
    page = upright_page(image)
    assert sealed_share(page, [WITHIN], find_gray_seals(page, [WITHIN])) < 0.6


def test_what_reaches_beyond_the_rim_is_not():
    image = cv2.putText(sealed(), "Ab", (640, 200), 0, 2.0, GRAY, 6)
    image = cv2.putText(image, "cdefgh", (800, 200), 0, 2.0, GRAY, 6)
    page = upright_page(image)
    wide = ((630.0, 140.0), (1080.0, 140.0), (1080.0, 215.0), (630.0, 215.0))
    beyond = ((800.0, 140.0), (1080.0, 140.0), (1080.0, 215.0), (800.0, 215.0))
    seals = find_gray_seals(page, [wide])
    assert 0.2 < sealed_share(page, [wide], seals) < 0.6
    assert sealed_share(page, [beyond], seals) == 0.0


def test_a_seal_at_the_pages_border_holds_nothing_of_what_is_elsewhere():
    image = inked(blank(), stamp_mask(blank().shape[:2], (40, 180), RADIUS), GRAY)
    page = upright_page(cv2.putText(image, "Ab", (660, 205), 0, 2.0, BLACK, 6))
    outline = cv2.ellipse2Poly((40, 180), (RADIUS + 8, RADIUS + 8), 0, 0, 360, 4)
    assert sealed_share(page, [WITHIN], [GraySeal(outline, 130.0)]) == 0.0
    assert remove_gray_seals(page.ink.darkness, [GraySeal(outline, 130.0)])[:, :130].max() < 30


def test_a_pen_upon_a_gray_seal_shows_two_inks_and_a_pen_or_a_seal_alone_does_not():
    wide = ((560.0, 95.0), (790.0, 95.0), (790.0, 265.0), (560.0, 265.0))
    signed = draw_pen(sealed(), 580, 150)
    assert may_hold_seal(upright_page(signed), [wide])
    assert not may_hold_seal(upright_page(draw_pen(blank(), 580, 150)), [wide])
    assert not may_hold_seal(upright_page(sealed()), [wide])
    assert not may_hold_seal(upright_page(blank()), [wide])


def test_what_is_smaller_than_any_seal_holds_none():
    low = ((560.0, 165.0), (790.0, 165.0), (790.0, 205.0), (560.0, 205.0))
    assert not may_hold_seal(upright_page(draw_pen(sealed(), 580, 150)), [low])


def test_a_removed_seal_leaves_a_pens_stroke_its_soft_edges():
    image = cv2.GaussianBlur(cv2.line(sealed(), (640, 180), (760, 190), BLACK, 5), (0, 0), 1.0)
    page = upright_page(image)
    removed = remove_gray_seals(page.ink.darkness, find_gray_seals(page, [WITHIN]))
    column = slice(170, 200), 700
    assert np.count_nonzero(removed[column]) > np.count_nonzero(removed[column] > 1.2 * 130)


def test_a_seal_is_removed_and_what_is_darker_stays():
    image = cv2.putText(sealed(), "Ab", (660, 205), 0, 2.0, BLACK, 6)
    page = upright_page(image)
    removed = remove_gray_seals(page.ink.darkness, find_gray_seals(page, [WITHIN]))
    seal = stamp_mask(blank().shape[:2], CENTER, RADIUS, "ring")
    text = cv2.putText(np.zeros(seal.shape, np.uint8), "Ab", (660, 205), 0, 2.0, 255, 2) > 0
    assert removed[seal & ~cv2.dilate(text.astype(np.uint8), np.ones((15, 15))).astype(bool)].mean() < 10
    assert removed[text].mean() > 180


def test_characters_of_a_worn_seal_are_no_darker_than_its_rim():
    grain = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, blank().shape[:2]), (0, 0), 2)
    wear = np.clip(0.85 + 0.3 * grain / grain.std(), 0.2, 1)[..., None]
    image = blank() - wear * (blank() - sealed("oval").astype(float))
    page = upright_page(cv2.GaussianBlur(image, (0, 0), 1.0).astype(np.uint8))
    assert sealed_share(page, [WITHIN], find_gray_seals(page, [WITHIN])) > 0.8


@pytest.mark.parametrize("rim", ["ring", "oval", "box"])
def test_a_seal_upon_print_and_ruling_is_found_where_it_is_paler(rim):
    image = draw_print(draw_table(blank()), 500, 230, letters=17)
    mask = stamp_mask(image.shape[:2], (700, 270), RADIUS, rim)
    page = upright_page(inked(image, mask, GRAY))
    quad = ((650.0, 255.0), (750.0, 255.0), (750.0, 295.0), (650.0, 295.0))
    assert sealed_share(page, [quad], find_gray_seals(page, [quad])) > 0.8


def test_a_line_of_two_seals_upon_each_other_is_of_seals():
    image = inked(blank(), stamp_mask(blank().shape[:2], CENTER, RADIUS), GRAY)
    image = inked(image, stamp_mask(blank().shape[:2], (820, 200), RADIUS, "box"), GRAY)
    page = upright_page(image)
    wide = ((640.0, 150.0), (880.0, 150.0), (880.0, 240.0), (640.0, 240.0))
    seals = find_gray_seals(page, [wide])
    assert sealed_share(page, [wide], seals) > 0.8
    assert max(sealed_share(page, [wide], [seal]) for seal in seals) < 0.8


def test_bare_paper_is_no_seals():
    page = upright_page(sealed())
    bare = ((200.0, 150.0), (300.0, 150.0), (300.0, 210.0), (200.0, 210.0))
    assert sealed_share(page, [bare], find_gray_seals(page, [bare])) == 0.0
