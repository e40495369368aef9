"""The size of print: of its connected strokes, whatever else is on the page, and however the page lies."""

import cv2
import numpy as np
import pytest
from scaled_pages import A4_PAGES, corner_of_table, page, resized

from pipeline.imaging.sheets import a4_dpi
from pipeline.intake.print_size import print_size


@pytest.mark.parametrize("name", A4_PAGES)
def test_print_is_about_three_millimetres_large_whatever_its_condition(name):
    image = page(name)
    mm = print_size(image) * 25.4 / a4_dpi(image.shape[1], image.shape[0])

    assert 2.5 <= mm <= 3.5


def test_the_print_of_a_strip_is_measured_however_long_it_is():
    whole = page("dev-024-clean")
    strip = np.ascontiguousarray(np.tile(whole, (8, 1, 1)))
    assert print_size(strip) == pytest.approx(print_size(whole), rel=0.1)


def test_a_crop_on_its_side_measures_the_same():
    crop = corner_of_table(page("dev-024-clean"), "dev-024-clean", 0.4)

    assert print_size(np.ascontiguousarray(np.rot90(crop))) == pytest.approx(print_size(crop), rel=0.05)


def test_an_enlarged_crop_measures_larger_by_as_much():
    crop = corner_of_table(page("dev-024-clean"), "dev-024-clean", 0.4)
    larger = cv2.resize(crop, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)

    assert print_size(larger) == pytest.approx(2 * print_size(crop), rel=0.1)


def test_ruling_alone_is_no_print():
    image = np.full((800, 600, 3), 255, np.uint8)
    image[100:700:20, 50:550] = 0
    image[100:700, 50:550:20] = 0

    assert print_size(image) is None


def test_dashes_of_ruling_do_not_count_as_print():
    image = page("dev-024-clean")
    dashed = image.copy()
    for y in range(20, len(dashed), 60):
        for x in range(0, dashed.shape[1], 16):
            dashed[y : y + 3, x : x + 8] = 0

    assert print_size(dashed) == pytest.approx(print_size(image), rel=0.15)


def test_white_print_on_black_measures_as_black_on_white():
    image = page("dev-024-clean")

    assert print_size(cv2.bitwise_not(image)) == pytest.approx(print_size(image), rel=0.1)


@pytest.mark.parametrize("dpi", [60, 80, 100])
def test_print_of_few_pixels_measures_as_large(dpi):
    image = page("dev-024-clean")
    true = a4_dpi(image.shape[1], image.shape[0])

    assert print_size(resized(image, dpi / true)) * true / dpi == pytest.approx(print_size(image), rel=0.15)


def test_the_print_of_a_narrow_receipt_is_measured_however_long_it_is():
    part = resized(page("dev-024-clean"), 0.5)[:, 200:600]

    assert print_size(np.ascontiguousarray(np.tile(part, (6, 1, 1)))) == pytest.approx(print_size(part), rel=0.15)
