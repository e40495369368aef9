"""The resolution of images that state none: a sheet of A4's, unless its print shows that it is no whole sheet."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.imaging.sheets import a4_dpi
from pipeline.intake.resolution import estimate_dpi, print_size

PAGES = Path(__file__).parents[1] / "data" / "pages"
A4_PAGES = ("dev-024-clean", "dev-030-office", "dev-042-hard", "dev-045-photo", "dev-t07-turned")


def page(name):
    return cv2.imread(str(PAGES / f"{name}.jpg"), cv2.IMREAD_COLOR)


def corner_of_table(image, name, share):
    """A part of a page, from a corner of its table on: so many of its pixels along each side."""
    x, y = np.array(json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))["table_polygon"][0], int)
    height, width = (int(side * share) for side in image.shape[:2])
    return np.ascontiguousarray(image[y : y + height, x : x + width])


def test_pixels_of_a_whole_sheet_give_its_resolution():
    assert a4_dpi(2480, 1794) == pytest.approx(212.1, abs=0.1)
    assert a4_dpi(1169, 1654) == pytest.approx(141.5, abs=0.1)


def test_estimates_stay_within_what_pages_are_scanned_at():
    assert (a4_dpi(10, 10), a4_dpi(20_000, 10_000)) == (72, 600)


def test_a_strip_is_as_wide_as_a_sheet_of_a4():
    assert a4_dpi(1654, 12_000) == a4_dpi(12_000, 1654) == pytest.approx(200, abs=0.1)


def test_the_print_of_a_strip_is_measured_however_long_it_is():
    whole = page("dev-024-clean")
    strip = np.ascontiguousarray(np.tile(whole, (8, 1, 1)))
    assert print_size(strip) == pytest.approx(print_size(whole), rel=0.1)


@pytest.mark.parametrize("name", A4_PAGES)
def test_a_whole_page_is_taken_for_a4_whatever_its_condition(name):
    image = page(name)

    assert estimate_dpi(image) == a4_dpi(image.shape[1], image.shape[0])


@pytest.mark.parametrize("name", A4_PAGES)
def test_print_is_about_three_millimetres_large_whatever_its_condition(name):
    image = page(name)
    mm = print_size(image) * 25.4 / a4_dpi(image.shape[1], image.shape[0])

    assert 2.5 <= mm <= 3.5


@pytest.mark.parametrize("share", [0.3, 0.5])
@pytest.mark.parametrize("name", ["dev-024-clean", "dev-028-clean"])
def test_a_crop_has_the_resolution_of_its_page(name, share):
    whole = page(name)
    true = a4_dpi(whole.shape[1], whole.shape[0])

    assert estimate_dpi(corner_of_table(whole, name, share)) == pytest.approx(true, rel=0.2)


def test_a_crop_on_its_side_measures_the_same():
    crop = corner_of_table(page("dev-024-clean"), "dev-024-clean", 0.4)

    assert print_size(np.ascontiguousarray(np.rot90(crop))) == pytest.approx(print_size(crop), rel=0.05)


def test_an_enlarged_crop_measures_larger_by_as_much():
    crop = corner_of_table(page("dev-024-clean"), "dev-024-clean", 0.4)
    larger = cv2.resize(crop, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)

    assert print_size(larger) == pytest.approx(2 * print_size(crop), rel=0.1)


def test_a_few_marks_are_no_print():
    image = np.full((800, 600, 3), 255, np.uint8)
    for x in range(50, 500, 50):
        cv2.rectangle(image, (x, 100), (x + 20, 120), (0, 0, 0), 2)

    assert print_size(image) is None
    assert estimate_dpi(image) == 72


def test_ruling_alone_is_no_print():
    image = np.full((800, 600, 3), 255, np.uint8)
    image[100:700:20, 50:550] = 0
    image[100:700, 50:550:20] = 0

    assert print_size(image) is None


@settings(max_examples=30)
@given(height=st.integers(1, 3000), width=st.integers(1, 40), value=st.integers(0, 255))
def test_an_image_of_any_shape_has_some_resolution(height, width, value):
    assert 72 <= estimate_dpi(np.full((height, width, 3), value, np.uint8)) <= 600
