"""A page comes upright by whole quarter turns, and its small angle is measured."""

import cv2
import numpy as np
import pytest
from drawing import (
    PAPER,
    drawn_form,
    faded,
    fill,
    form,
    in_perspective,
    noisy,
    print_text,
    rule,
    scanned,
    sheet,
    turned,
)

from pipeline.dewarp.deskewing import MAX_SKEW_DEG, deskew, measure_skew
from pipeline.dewarp.deskewing import turned as turned_on
from pipeline.dewarp.orienting import ORIENTER_LONG_SIDE, SURE_TURN
from pipeline.engines.protocols import Turn
from pipeline.imaging.geometry import apply_homography
from pipeline.imaging.images import averaged

SKEW_TOLERANCE_DEG = 0.1
"""A page-wide line ends 2 mm off at this angle."""
EXIF_AS_STORED = {
    1: lambda shown: shown,
    2: lambda shown: shown[:, ::-1],
    3: lambda shown: shown[::-1, ::-1],
    4: lambda shown: shown[::-1],
    5: lambda shown: shown.transpose(1, 0, 2),
    6: lambda shown: np.rot90(shown, 1),
    7: lambda shown: shown.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda shown: np.rot90(shown, -1),
}
"""How a file stores what its EXIF orientation turns into the image shown (6: turn clockwise to show)."""


class GivenTurn:
    """An orienter that always says the same, and remembers what it was shown."""

    def __init__(self, quarter_turns, confidence=0.99):
        self.turn, self.shown = Turn(quarter_turns, confidence), []

    def orient(self, image):
        self.shown.append(image)
        return self.turn


def darkness(image):
    return 255 - image


def marked(height=60, width=40):
    """An image of which every pixel is another colour."""
    y, x = np.mgrid[:height, :width]
    return np.dstack([x, y, x + y]).astype(np.uint8)


def assert_shows_the_scans_own_pixels(upright):
    height, width = upright.image.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    scan = np.rint(apply_homography(upright.to_scan, np.column_stack([x.ravel(), y.ravel()]))).astype(int)
    np.testing.assert_array_equal(upright.page.image[scan[:, 1], scan[:, 0]], upright.image.reshape(-1, 3))


# --- the small angle --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("angle", [*np.arange(-15, 15.1, 2.5), -0.3, 0.15, 0.6, 1.13, -7.77])
def test_the_angle_of_a_form_is_measured_to_a_tenth_of_a_degree(angle):
    page = turned(drawn_form(), float(angle)).image
    assert measure_skew(darkness(page)) == pytest.approx(angle, abs=SKEW_TOLERANCE_DEG)


@pytest.mark.parametrize("angle", [-4.2, 3.3])
def test_noise_specks_and_fading_do_not_change_the_angle(angle):
    page = noisy(faded(turned(drawn_form(), angle).image, 0.7), deviation=6, specks=400)
    assert measure_skew(darkness(page)) == pytest.approx(angle, abs=SKEW_TOLERANCE_DEG)


@pytest.mark.parametrize("angle", [-6.0, 2.4])
def test_rows_of_text_without_any_ruling_tell_the_angle(angle):
    page = sheet()
    for row in range(14):
        print_text(page, 100, 80 + row * 45, 40, seed=row)
    assert measure_skew(darkness(turned(page, angle).image)) == pytest.approx(angle, abs=0.3)


@pytest.mark.parametrize("angle", [-5.0, 1.7])
def test_a_hairline_table_tells_the_angle(angle):
    page = rule(sheet(), form(thickness=1))
    assert measure_skew(darkness(turned(page, angle).image)) == pytest.approx(angle, abs=SKEW_TOLERANCE_DEG)


@pytest.mark.parametrize("scale", [0.6, 1.0, 2.5])
def test_the_angle_does_not_depend_on_the_resolution(scale):
    page = cv2.resize(turned(drawn_form(), 3.6).image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert measure_skew(darkness(page)) == pytest.approx(3.6, abs=SKEW_TOLERANCE_DEG)


@pytest.mark.parametrize("angle", [-0.3, 0.25])
def test_a_slight_angle_is_not_taken_for_none_where_the_middle_lies_between_two_pixels(angle):
    page = turned(drawn_form(), angle).image
    odd = page[: page.shape[0] // 2 * 2 - 1, : page.shape[1] // 2 * 2 - 1]
    for image in (odd, page[: odd.shape[0] - 1, : odd.shape[1]], page[: odd.shape[0], : odd.shape[1] - 1]):
        assert measure_skew(darkness(image)) == pytest.approx(angle, abs=SKEW_TOLERANCE_DEG)


@pytest.mark.parametrize("height", [1200, 1201])
def test_a_page_drawn_level_is_level_to_the_hundredth_of_a_degree(height):
    page = np.zeros((height, 849), np.uint8)
    page[100:1100:40, 300:500] = 255
    assert measure_skew(page) == pytest.approx(0.0, abs=0.01)


def test_a_blank_page_is_straight():
    assert measure_skew(np.zeros((400, 300), np.uint8)) == 0.0


def test_a_page_of_a_few_pixels_is_straight():
    assert measure_skew(np.zeros((3, 3), np.uint8)) == 0.0


def test_a_page_beyond_the_range_is_given_an_angle_within_it():
    assert abs(measure_skew(darkness(turned(drawn_form(), 25.0).image))) <= MAX_SKEW_DEG + 0.5


def test_perspective_leaves_the_angle_of_the_middle():
    page = in_perspective(drawn_form(), 0.02).image
    assert measure_skew(darkness(page)) == pytest.approx(0.0, abs=0.6)


# --- quarter turns ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_exif_orientation_is_followed_to_the_pixel(orientation):
    shown = marked()
    stored = np.ascontiguousarray(EXIF_AS_STORED[orientation](shown))
    upright = deskew(scanned(stored, exif_orientation=orientation), None)
    np.testing.assert_array_equal(upright.image, shown)
    assert_shows_the_scans_own_pixels(upright)


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
@pytest.mark.parametrize("turns", range(4))
def test_the_orienters_turn_is_made_after_that_of_exif(orientation, turns):
    upright_image = marked()
    stored = np.ascontiguousarray(EXIF_AS_STORED[orientation](np.rot90(upright_image, -turns)))
    upright = deskew(scanned(stored, exif_orientation=orientation), GivenTurn(turns))
    np.testing.assert_array_equal(upright.image, upright_image)
    assert_shows_the_scans_own_pixels(upright)


@pytest.mark.parametrize(("orientation", "turns", "total"), [(1, 1, 1), (6, 0, 3), (6, 1, 0), (3, 3, 1), (8, 2, 3)])
def test_quarter_turns_of_exif_and_orienter_add_up(orientation, turns, total):
    assert deskew(scanned(marked(), exif_orientation=orientation), GivenTurn(turns)).quarter_turns == total


def test_an_orienter_that_is_not_sure_is_not_followed():
    upright = deskew(scanned(marked()), GivenTurn(1, SURE_TURN - 0.01))
    assert upright.quarter_turns == 0
    assert upright.turn_confidence == pytest.approx(SURE_TURN - 0.01)
    np.testing.assert_array_equal(upright.image, upright.page.image)


def test_without_an_orienter_the_turn_is_as_sure_as_the_file():
    assert deskew(scanned(marked()), None).turn_confidence is None


def test_the_orienter_is_shown_a_small_page():
    orienter = GivenTurn(0)
    deskew(scanned(np.full((2400, 1600), PAPER, np.uint8)), orienter)
    (shown,) = orienter.shown
    assert shown.shape == (ORIENTER_LONG_SIDE, ORIENTER_LONG_SIDE * 2 // 3, 3)


@pytest.mark.parametrize(("size", "turns"), [((2401, 1601), 0), ((2401, 1601), 2), ((900, 700), 0), ((9000, 900), 0)])
def test_the_small_page_is_kept_for_the_stages_to_come_where_it_is_one_of_the_upright_page(size, turns):
    page = scanned(np.random.default_rng(0).integers(0, 256, size).astype(np.uint8))

    upright = deskew(page, GivenTurn(turns))

    is_strip = max(size) == 9000
    assert list(upright.averages) == ([] if turns or is_strip else [max(1, max(size) // ORIENTER_LONG_SIDE)])
    for times, kept in upright.averages.items():
        np.testing.assert_array_equal(kept, averaged(upright.image, times))


def test_the_page_itself_is_not_changed():
    page = scanned(noisy(turned(fill(rule(sheet(), form()), form()), 3.0).image))
    before = page.image.copy()
    deskew(page, GivenTurn(1))
    np.testing.assert_array_equal(page.image, before)


@pytest.mark.parametrize("more", [1, 2, 3, 5])
def test_a_page_can_be_turned_on_from_where_it_is(more):
    upright = deskew(scanned(marked(), exif_orientation=6), GivenTurn(1))
    again = turned_on(upright, more)
    np.testing.assert_array_equal(again.image, np.rot90(upright.image, more))
    assert_shows_the_scans_own_pixels(again)
    assert again.quarter_turns == (upright.quarter_turns + more) % 4
    assert again.ink.darkness.shape == again.image.shape[:2]


def test_skew_is_measured_on_the_upright_image():
    page = scanned(np.ascontiguousarray(np.rot90(turned(drawn_form(), 4.0).image, -1)))
    upright = deskew(page, GivenTurn(1))
    assert upright.skew_deg == pytest.approx(4.0, abs=SKEW_TOLERANCE_DEG)
    assert upright.ink.darkness.shape == upright.image.shape[:2]
