"""Ink is told from paper and from seals."""

import cv2
import numpy as np
import pytest
from drawing import Table, drawn_form, fill, inked, jpeg, print_text, rule, sheet, stamp_mask, upright

from pipeline.elements import Ink
from pipeline.imaging.images import averaged, closed, darker_side, ink_on_white, opened
from pipeline.ink.separation import normalise_illumination, paper_noise, separate_ink, with_ink_alone

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


# --- seals of other colours, on whole pages ---------------------------------------------------------------------------

INKS = {"purple": (150, 50, 120), "violet": (140, 45, 80), "blue": (190, 95, 55), "green": (80, 150, 50)}
CENTER, RADIUS = (500, 400), 110


@pytest.fixture(scope="module")
def form():
    """A filled-in form and the darkness of it, as JPEG leaves it."""
    page = drawn_form()
    return page, separate_ink(jpeg(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR))).darkness


def signed_mask(shape, at):
    return cv2.putText(np.zeros(shape, np.uint8), "Zoe Lee", at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2.2, 255, 4) > 0


@pytest.mark.parametrize("rim", ["ring", "oval", "box"])
@pytest.mark.parametrize("colour", INKS)
def test_under_a_seal_of_any_colour_text_and_ruling_stay_and_the_seal_goes(form, colour, rim):
    page, without = form
    stamped = stamp_mask(page.shape, CENTER, RADIUS, rim)
    ink = separate_ink(jpeg(inked(page, stamped, INKS[colour])))
    printed, bare = stamped & (without > 180), stamped & (without < 10)
    assert np.median(ink.darkness[printed]) > 0.7 * np.median(without[printed])
    assert np.median(ink.darkness[bare]) < 35  # the seal itself has 60-130
    assert ink.seal[bare].mean() > 0.9
    assert ink.seal[~cv2.dilate(stamped.astype(np.uint8), np.ones((9, 9))).astype(bool)].mean() < 0.001
    outside = ~cv2.dilate(stamped.astype(np.uint8), np.ones((25, 25))).astype(bool)
    np.testing.assert_allclose(ink.darkness[outside].astype(int), without[outside], atol=25)


@pytest.mark.parametrize("colour", INKS)
def test_a_blue_signature_beside_a_seal_is_ink(form, colour):
    page, _ = form
    written = signed_mask(page.shape, (700, 120))
    coloured = inked(inked(page, stamp_mask(page.shape, CENTER, RADIUS), INKS[colour]), written, BLUE_PEN)
    ink = separate_ink(jpeg(coloured))
    assert np.median(ink.darkness[written]) > 150
    assert not ink.seal[written].any()


@pytest.mark.parametrize("colour", ["red", "purple", "green"])
def test_a_blue_signature_across_a_seal_of_another_colour_stays(form, colour):
    page, _ = form
    stamped, written = stamp_mask(page.shape, CENTER, RADIUS), signed_mask(page.shape, (450, 470))
    ink = separate_ink(jpeg(inked(inked(page, stamped, (INKS | {"red": SEAL})[colour]), written, BLUE_PEN)))
    bare = stamped & (page == page.max()) & ~cv2.dilate(written.astype(np.uint8), np.ones((9, 9))).astype(bool)
    within = written & (ink.darkness > 0)
    assert np.median(ink.darkness[written & stamped]) > 90
    assert np.median(ink.darkness[within]) > 90
    assert np.median(ink.darkness[bare]) < 35


def test_a_signature_across_a_seal_of_its_own_colour_is_paler_but_stays(form):
    page, _ = form
    stamped, written = stamp_mask(page.shape, CENTER, RADIUS), signed_mask(page.shape, (450, 470))
    ink = separate_ink(jpeg(inked(inked(page, stamped, INKS["blue"]), written, BLUE_PEN)))
    assert np.median(ink.darkness[written & ~stamped]) > 40
    assert np.median(ink.darkness[stamped & ~written & (page == page.max())]) < 15


@pytest.mark.parametrize("pen", [BLUE_PEN, INKS["blue"], INKS["green"]])
def test_a_form_printed_and_ruled_in_colour_is_all_ink(pen):
    page = drawn_form()
    ink = separate_ink(jpeg(inked(sheet(), page < 100, pen)))
    assert not ink.seal.any()
    assert np.median(ink.darkness[page < 100]) > 90


def test_a_block_of_blue_print_is_ink():
    page = sheet()
    for row in range(8):
        print_text(page, 300, 200 + 30 * row, 10, seed=row)
    ink = separate_ink(jpeg(inked(sheet(), page < 100, BLUE_PEN)))
    assert not ink.seal.any()
    assert np.median(ink.darkness[page < 100]) > 150


def blue_table(rows, cols):
    table = Table(rows, cols)
    return fill(sheet(), table), rule(sheet(), table) < 100


@pytest.mark.parametrize("ink", ["blue", "green"])
def test_the_cells_of_a_table_ruled_in_colour_are_no_seals(ink):
    """Each is a box, and may be of a seal's size; so is a small table beside the others."""
    text, rules = blue_table((100, 220, 340, 460), (100, 300, 500, 700, 900))
    _, beside = blue_table((540, 700), (100, 320))
    separated = separate_ink(jpeg(inked(text, rules | beside, INKS[ink])))
    assert not separated.seal.any()
    assert np.median(separated.darkness[rules]) > 60
    assert np.median(separated.darkness[beside]) > 60


@pytest.mark.parametrize("ink", INKS)
def test_a_box_by_itself_is_a_seal(ink):
    """Though its sides are as long, thin and straight as rules."""
    page = print_text(sheet(), 130, 100, 30)
    stamped = stamp_mask(page.shape, (700, 500), RADIUS, "box")
    separated = separate_ink(jpeg(inked(page, stamped, INKS[ink])))
    assert separated.seal[stamped].mean() > 0.9
    assert np.median(separated.darkness[stamped & (page > 200)]) < 35


# --- coloured rules ---------------------------------------------------------------------------------------------------


def test_a_page_with_red_rules_shows_them_in_the_ink_of_all_colours_alone():
    text, rules = blue_table((100, 220, 340, 460), (100, 300, 500, 700, 900))
    ink = separate_ink(jpeg(inked(text, rules, SEAL)))
    assert ink.ruling is ink.with_colours
    assert np.median(ink.ruling[rules]) > 120
    assert np.median(ink.darkness[rules]) < 30
    assert np.median(ink.ruling[text < 100]) > 150


@pytest.mark.parametrize("rim", ["ring", "oval", "box"])
@pytest.mark.parametrize("radius", [60, 110])
def test_a_red_seal_on_a_form_with_black_rules_is_no_ruling(form, rim, radius):
    page, _ = form
    ink = separate_ink(jpeg(inked(page, stamp_mask(page.shape, CENTER, radius, rim), SEAL)))
    assert ink.with_colours is None
    assert ink.ruling is ink.darkness


def test_red_rules_beside_a_red_box_seal_are_rules():
    text, rules = blue_table((100, 220, 340, 460), (100, 300, 500, 700, 900))
    stamped = stamp_mask(rules.shape, (800, 620), RADIUS, "box")
    ink = separate_ink(jpeg(inked(text, rules | stamped, SEAL)))
    assert ink.with_colours is not None


# --- fills and shadows ------------------------------------------------------------------------------------------------


def gray_page(height=1200, width=900):
    return np.full((height, width), 236, np.uint8)


@pytest.mark.parametrize("height_mm", [10, 18, 25])
@pytest.mark.parametrize("level", [40, 110])
def test_a_dark_heading_stays_dark(height_mm, level):
    """At 200 dpi, where it is higher than any stroke."""
    page, height = gray_page(), round(height_mm * 200 / 25.4)
    page[400 : 400 + height, 100:800] = level
    darkness = separate_ink(page).darkness[400 : 400 + height, 100:800]
    assert darkness[10:-10, 10:-10].min() > 0.8 * 255 * (1 - level / 236)


@pytest.mark.parametrize("height_mm", [10, 18, 25])
def test_rules_beside_a_dark_heading_are_as_dark_as_elsewhere(height_mm):
    page, height = gray_page(), round(height_mm * 200 / 25.4)
    page[400 : 400 + height, 100:800] = 40
    for y in (370, 400 + height + 30, 1100):
        page[y : y + 3, 100:800] = 150
    darkness = separate_ink(page).darkness
    elsewhere = np.median(darkness[1101, 120:780])
    assert np.median(darkness[371, 120:780]) == pytest.approx(elsewhere, abs=15)
    assert np.median(darkness[400 + height + 31, 120:780]) == pytest.approx(elsewhere, abs=15)


@pytest.mark.parametrize(("width_mm", "depth"), [(40, 0.2), (40, 0.3), (60, 0.5)])
def test_the_shadow_of_a_fold_is_no_ink(width_mm, depth):
    """It is darkest in its middle, and pales out."""
    page = gray_page(1200, 1600)
    across = (np.arange(1600) - 800) / (width_mm * 200 / 25.4 / 2)
    shade = 1 - depth * np.clip(1 - np.abs(across), 0, 1)
    darkness = separate_ink((page * shade).astype(np.uint8)).darkness
    assert darkness[100:-100, 50:-50].max() < 0.45 * 255 * depth


# --- gray and paper ---------------------------------------------------------------------------------------------------


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
    assert normalise_illumination(np.full((200, 200), 90, np.uint8)).min() == 255


def test_noise_is_the_standard_deviation_of_the_grain():
    grain = np.random.default_rng(0).normal(60, 6, (400, 400)).astype(np.uint8)
    assert paper_noise(grain) == pytest.approx(6, rel=0.2)
    assert paper_noise(np.zeros((100, 100), np.uint8)) == 1.0


def test_paper_brighter_than_what_counts_as_bare_tells_nothing_of_the_grain():
    grain = np.random.default_rng(0).normal(60, 6, (400, 400)).astype(np.uint8)
    clipped = grain.copy()
    clipped[:, :300] = 0
    assert paper_noise(clipped) == pytest.approx(paper_noise(grain), rel=0.1)


def test_ink_is_shown_dark_on_white_paper():
    picture = ink_on_white(np.array([[0, 255, 55]], np.uint8))
    assert picture.tolist() == [[[255] * 3, [0] * 3, [200] * 3]]


def test_a_page_with_some_ink_alone_shows_nothing_else_and_keeps_its_place_in_the_scan():
    page = upright(print_text(sheet(), 130, 240, 5))
    darkness = np.zeros_like(page.ink.darkness)
    darkness[30:40, 50:90] = 90
    ink = Ink(darkness, np.zeros_like(page.ink.seal), page.ink.noise)
    alone = with_ink_alone(page, ink)
    assert alone.ink is ink
    assert (alone.page, alone.to_scan) == (page.page, page.to_scan)
    np.testing.assert_array_equal(alone.image[:, :, 0], 255 - darkness)


def test_the_darker_side_is_that_of_the_pixels_a_reach_away_and_paper_beyond_the_image():
    column = np.array([[1], [2], [30], [4], [5]], np.uint8)
    assert darker_side(column, 1).ravel().tolist() == [2, 30, 4, 30, 4]
    assert darker_side(column, 2).ravel().tolist() == [30, 4, 5, 2, 30]
    assert not darker_side(column, 9).any()


def test_an_image_is_averaged_over_whole_pixels_and_what_fills_none_is_left_out():
    image = np.arange(30, dtype=np.uint8).reshape(5, 6) * 4
    assert averaged(image, 2).tolist() == [[14, 22, 30], [62, 70, 78]]
    assert averaged(image, 4).tolist() == [[42]]
    assert averaged(np.dstack([image] * 3), 2).shape == (2, 3, 3)
    assert averaged(image[:2], 3).shape == (1, 2)


@pytest.mark.parametrize("sides", [(3, 3), (4, 4), (2, 5), (5, 2), (1, 6)])
def test_opening_and_closing_leave_large_shapes_exactly_where_they_are(sides):
    image = np.zeros((40, 50), np.uint8)
    image[10:20, 12:30] = 200
    speck, hole = image.copy(), image.copy()
    speck[30, 40] = 200
    hole[15, 20] = 0
    np.testing.assert_array_equal(opened(speck, *sides), image)
    np.testing.assert_array_equal(closed(hole, *sides), image)
    np.testing.assert_array_equal(closed(255 - image, *sides), 255 - image)
    np.testing.assert_array_equal(opened(image, *sides), image)


def test_opening_takes_away_what_is_smaller_one_way_and_closing_fills_it():
    image = np.zeros((40, 50), np.uint8)
    image[10:13, 12:30] = 200
    assert not opened(image, 4, 4).any()
    assert opened(image, 3, 18).any()
    assert (closed(255 - image, 4, 4) == 255).all()
