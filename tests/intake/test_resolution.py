"""The resolution of images: as their files state, unless print shows another; a sheet's, or print's, where none is."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scaled_pages import A4_PAGES, blank, corner_of_table, page, resized, truth

from pipeline.dewarp import deskew, dewarp
from pipeline.elements import DpiSource, Page
from pipeline.grid import build_grids
from pipeline.imaging.sheets import a4_dpi
from pipeline.intake.resolution import estimate_dpi, page_resolution
from pipeline.settings import GridSettings


def test_pixels_of_a_whole_sheet_give_its_resolution():
    assert a4_dpi(2480, 1794) == pytest.approx(212.1, abs=0.1)
    assert a4_dpi(1169, 1654) == pytest.approx(141.5, abs=0.1)


def test_estimates_stay_within_what_pages_are_scanned_at():
    assert (a4_dpi(10, 10), a4_dpi(20_000, 10_000)) == (72, 600)


def test_a_strip_is_as_wide_as_a_sheet_of_a4():
    assert a4_dpi(1654, 12_000) == a4_dpi(12_000, 1654) == pytest.approx(200, abs=0.1)


@pytest.mark.parametrize("name", A4_PAGES)
def test_a_whole_page_is_taken_for_a4_whatever_its_condition(name):
    image = page(name)

    assert estimate_dpi(image) == a4_dpi(image.shape[1], image.shape[0])


@pytest.mark.parametrize("share", [0.3, 0.5])
@pytest.mark.parametrize("name", ["dev-024-clean", "dev-028-clean"])
def test_a_crop_has_the_resolution_of_its_page(name, share):
    whole = page(name)
    true = a4_dpi(whole.shape[1], whole.shape[0])

    assert estimate_dpi(corner_of_table(whole, name, share)) == pytest.approx(true, rel=0.2)


def test_a_few_marks_say_nothing_of_the_resolution():
    image = np.full((800, 600, 3), 255, np.uint8)
    for x in range(50, 500, 50):
        cv2.rectangle(image, (x, 100), (x + 20, 120), (0, 0, 0), 2)

    assert estimate_dpi(image) == 72


@settings(max_examples=30)
@given(height=st.integers(1, 3000), width=st.integers(1, 40), value=st.integers(0, 255))
def test_an_image_of_any_shape_has_some_resolution(height, width, value):
    assert 72 <= estimate_dpi(np.full((height, width, 3), value, np.uint8)) <= 600


# --- what files state -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stated", [(200.0, 200.0), (300.0, 300.0), (204.0, 196.0)])
def test_a_plausible_resolution_is_believed(stated):
    assert page_resolution(blank(1794, 2480), stated) == (sum(stated) / 2, DpiSource.FILE, None)


@pytest.mark.parametrize("shape", [(9000, 900), (900, 9000), (40_000, 900)])
def test_a_strip_may_be_longer_than_any_sheet(shape):
    assert page_resolution(blank(*shape), (200.0, 200.0)) == (200.0, DpiSource.FILE, None)


def test_a_strip_wider_than_a_feeder_takes_was_not_measured():
    assert page_resolution(blank(9000, 2500), (100.0, 100.0)).source is DpiSource.ESTIMATED


def test_a_page_smaller_than_a_letter_was_not_measured():
    assert page_resolution(blank(2000, 150), (2400.0, 2400.0)).source is DpiSource.ESTIMATED


@pytest.mark.parametrize(
    "stated",
    [
        None,
        (72.0, 72.0),
        (1.0, 1.0),
        (29.0, 29.0),
        (2401.0, 2401.0),
        (204.0, 98.0),
        (96.0, 96.0),
        (100.0, 100.0),  # 2480 pixels would be 24.8 inches
        (float("nan"), 200.0),
        (200.0, float("nan")),
        (float("inf"), float("inf")),
        (-200.0, -200.0),
    ],
)
def test_an_implausible_resolution_gives_way_to_an_estimate_for_a4(stated):
    dpi, source, overruled = page_resolution(blank(1794, 2480), stated)

    assert (round(dpi), source, overruled) == (212, DpiSource.ESTIMATED, None)


@pytest.mark.parametrize("name", A4_PAGES)
def test_what_a_file_states_is_believed_where_print_agrees(name):
    image = page(name)
    true = a4_dpi(image.shape[1], image.shape[0])

    assert page_resolution(image, (true, true)) == (true, DpiSource.FILE, None)


@pytest.mark.parametrize("stated", [110.0, 400.0, 600.0, 1200.0])
@pytest.mark.parametrize("name", A4_PAGES)
def test_a_wrong_resolution_is_overruled_by_the_print_and_the_sheet(name, stated):
    image = page(name)

    assert page_resolution(image, (stated, stated)) == (
        a4_dpi(image.shape[1], image.shape[0]),
        DpiSource.ESTIMATED,
        (stated, stated),
    )


@pytest.mark.parametrize(("true", "stated"), [(72, 150), (85, 150), (100, 300), (150, 300)])
def test_a_reduced_page_has_the_resolution_that_it_was_reduced_to(true, stated):
    image = page("dev-024-clean")
    small = resized(image, true / a4_dpi(image.shape[1], image.shape[0]))
    dpi, source, overruled = page_resolution(small, (stated, stated))

    assert (round(dpi), source, overruled) == (true, DpiSource.ESTIMATED, (stated, stated))


def test_a_wrong_resolution_of_a_crop_gives_way_to_that_of_its_print():
    whole = page("dev-024-clean")
    crop = corner_of_table(whole, "dev-024-clean", 0.4)[:, :700]

    assert page_resolution(crop, (600.0, 600.0)).dpi == pytest.approx(212, rel=0.2)


def test_the_resolution_of_a_scan_that_was_reduced_is_of_its_own_pixels():
    small = resized(page("dev-024-clean"), 0.5)

    assert page_resolution(small, (212.0, 212.0), scale=(0.5, 0.5)) == (106.0, DpiSource.FILE, None)
    assert page_resolution(small, (1200.0, 1200.0), scale=(0.5, 0.5)).stated == (1200.0, 1200.0)


def test_a_receipt_too_short_for_a_strip_is_not_taken_for_a_sheet():
    strip = np.ascontiguousarray(np.tile(resized(page("dev-024-clean"), 0.5)[:, 200:600], (6, 1, 1)))

    assert (strip.shape[0] > 5000, strip.shape[1]) == (True, 400)
    assert estimate_dpi(strip) == pytest.approx(106, rel=0.2)


@pytest.mark.parametrize(("scale", "stated"), [(1.0, 1200.0), (0.35, 150.0), (0.5, 300.0)])
def test_a_table_is_found_whatever_resolution_the_file_states(scale, stated):
    name = "dev-024-clean"
    image = resized(page(name), scale) if scale < 1 else page(name)
    dpi, source, overruled = page_resolution(image, (stated, stated))
    scan = Page("d" * 64, 1, image, dpi, source, stated_dpi=overruled)

    (grid,) = build_grids(dewarp(deskew(scan, None)), GridSettings())

    wanted = {(c["row"], c["col"], c["row_span"], c["col_span"]) for c in truth(name)["cells"]}
    assert {(c.row, c.col, c.row_span, c.col_span) for c in grid.cells} == wanted
