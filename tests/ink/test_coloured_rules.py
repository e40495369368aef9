"""Rules in red, orange and pink are told from seals, text, fills and pens of those colours."""

import cv2
import numpy as np
import pytest
from drawing import form, inked, jpeg, print_text, rule, sheet, stamp_mask, turned

from pipeline.ink.coloured_rules import has_coloured_rules
from pipeline.ink.separation import normalise_illumination

INKS = {"red": (60, 50, 205), "orange": (40, 130, 235), "pink": (190, 150, 245), "dark red": (40, 30, 140)}
SHAPE = 1754, 1240
"""A4."""
LARGE = 2 * SHAPE[0], 2 * SHAPE[1]


def redness(image):
    """Red minus green, as it is where rules are looked for."""
    red, green = (normalise_illumination(np.ascontiguousarray(image[..., k])) for k in (2, 1))
    return cv2.subtract(red, green)


def in_red(mask, ink="red"):
    """A page on which there is ink of a colour where a mask is true."""
    return inked(np.full(mask.shape, 244, np.uint8), mask, INKS[ink])


def ruled(thickness=2):
    return rule(sheet(*SHAPE), form(thickness)) < 100


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thickness", [1, 2, 4])
@pytest.mark.parametrize("ink", INKS)
def test_a_table_ruled_in_red_orange_or_pink_has_coloured_rules(ink, thickness):
    assert has_coloured_rules(redness(jpeg(in_red(ruled(thickness), ink))))


@pytest.mark.parametrize("angle", [-4.0, 1.5, 4.0])
def test_rules_of_a_skewed_page_are_rules(angle):
    page = turned(in_red(ruled()), angle).image
    assert has_coloured_rules(redness(jpeg(page)))


@pytest.mark.parametrize("axis", [0, 1], ids=["upright", "level"])
def test_one_direction_is_enough(axis):
    mask = np.zeros(SHAPE, bool)
    np.moveaxis(mask, axis, 0)[200:700, [*range(300, 302), *range(500, 502)]] = True
    assert has_coloured_rules(redness(in_red(mask)))


@pytest.mark.parametrize("scale", [0.4, 0.7])
def test_thin_rules_of_a_small_image_are_rules_though_they_are_blurred(scale):
    page = cv2.resize(in_red(ruled()), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert has_coloured_rules(redness(page))


@pytest.mark.parametrize("thickness", [2, 3])
def test_thin_rules_of_a_large_image_are_rules(thickness):
    page = np.zeros(LARGE, bool)
    for y in range(300, 3000, 180):
        page[y : y + thickness, 200:2300] = True
    assert has_coloured_rules(redness(jpeg(in_red(page))))


# --- what is no rule --------------------------------------------------------------------------------------------------


def text_mask():
    page = sheet(*SHAPE)
    for seed, top in enumerate(range(60, 740, 30)):
        print_text(page, 80, top, 45, seed=seed)
    return page < 100


def filled(*places):
    mask = np.zeros(SHAPE, bool)
    for place in places:
        mask[place] = True
    return mask


def pen_circle():
    circle = np.zeros(SHAPE, np.uint8)
    cv2.ellipse(circle, (600, 400), (150, 110), 8, 0, 360, 255, 4)
    return circle > 0


def underlined(length):
    return filled((slice(300, 303), slice(200, 200 + length)))


NO_RULES = {
    "paper": filled(),
    "a round seal": stamp_mask(SHAPE, (600, 400), 120),
    "an oval seal": stamp_mask(SHAPE, (600, 400), 140, "oval"),
    "a box seal": stamp_mask(SHAPE, (600, 400), 55, "box"),
    "text": text_mask(),
    "fills": filled((slice(100, 160), slice(100, 900)), (slice(300, 600), slice(100, 130))),
    "a pen's circle": pen_circle(),
    "an underlined word": underlined(90),
}


@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("mask", NO_RULES.values(), ids=NO_RULES)
def test_seals_text_fills_and_pens_are_no_rules(mask, ink):
    assert not has_coloured_rules(redness(jpeg(in_red(mask, ink))))


@pytest.mark.parametrize("ink", [(40, 40, 40), (190, 95, 55), (80, 150, 50)], ids=["black", "blue", "green"])
def test_rules_of_other_colours_are_no_red_ones(ink):
    assert not has_coloured_rules(redness(jpeg(inked(sheet(*SHAPE), ruled(), ink))))


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (640, 2)])
def test_images_smaller_than_the_kernels_are_accepted(shape):
    assert not has_coloured_rules(np.zeros(shape, np.uint8))
