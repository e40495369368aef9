"""Dark fills are told from print, and their edges and the light lines in them stand out."""

import cv2
import numpy as np
import pytest
from drawing import PX_PER_MM, print_text, px, sheet, stamp_mask

from pipeline.dewarp.fills import FILL_DARKNESS, fill_ridge, find_fills, with_print_in_fills
from pipeline.elements import Ink

DARK = 190
HEADING = slice(px(20), px(32)), slice(px(20), px(150))
"""The places of a heading of 12 mm by 130 mm."""


def paper():
    return np.zeros((800, 1180), np.uint8)


def printed(*rows, size=19):
    """The darkness of lines of text at some heights."""
    page = sheet()
    for seed, top in enumerate(rows):
        print_text(page, 130, top, 30, size=size, seed=seed)
    return 255 - page


def headed(level=DARK):
    """A dark heading with two lines of white text in it."""
    page, text = paper(), printed(HEADING[0].start + 12, HEADING[0].start + 40)
    page[HEADING] = np.where(text[HEADING] > 100, 0, level)
    return page


def assert_fills(found, wanted):
    """Fills are as they were drawn, to a pixel at their sides."""
    inner, outer = cv2.erode(wanted, np.ones((3, 3))), cv2.dilate(wanted, np.ones((3, 3)))
    assert (found >= inner).all()
    assert (found <= outer).all()


def as_drawn(places, level=DARK):
    page = paper()
    page[places] = level
    return page


# --- where there are fills --------------------------------------------------------------------------------------------


def test_a_heading_with_white_text_is_one_fill_without_holes():
    assert_fills(find_fills(headed(), PX_PER_MM), as_drawn(HEADING))


@pytest.mark.parametrize(("level", "is_fill"), [(FILL_DARKNESS - 1, False), (FILL_DARKNESS, True)])
def test_a_fill_paler_than_rules_that_show_on_it_is_none(level, is_fill):
    assert (find_fills(headed(level), PX_PER_MM) is not None) == is_fill


@pytest.mark.parametrize(
    ("height", "width", "is_fill"), [(6, 9, False), (6, 12, True), (30, 1.5, False), (1.5, 90, False)]
)
def test_a_fill_is_as_large_as_a_headings_cell_and_thicker_than_a_rule(height, width, is_fill):
    page = as_drawn((slice(200, 200 + px(height)), slice(200, 200 + px(width))))
    assert (find_fills(page, PX_PER_MM) is not None) == is_fill


@pytest.mark.parametrize("scale", [130 / 150, 200 / 150, 2.0])
def test_fills_are_found_at_every_resolution(scale):
    page = cv2.resize(headed(), None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    wanted = cv2.resize(as_drawn(HEADING), None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    differs = (find_fills(page, PX_PER_MM * scale) > 0) != (wanted > DARK / 2)
    assert differs.sum() <= 0.02 * (wanted > DARK / 2).sum()


def test_fills_of_their_own_darkness_each_keep_it():
    page = as_drawn((slice(100, 160), slice(100, 700)), 120)
    page[300:360, 100:700] = 220
    assert_fills(find_fills(page, PX_PER_MM), page)


def test_a_cell_among_filled_ones_is_no_hole():
    """Holes are print; paper of 12 mm by 20 mm within a dark area is a cell."""
    cell = slice(300, 300 + px(12)), slice(300, 300 + px(20))
    page = as_drawn((slice(200, 600), slice(200, 900)))
    page[cell] = 0
    assert_fills(find_fills(page, PX_PER_MM), page)


def test_a_negative_page_is_a_fill_all_over():
    page = 255 - printed(*range(100, 700, 60))
    fills = find_fills(page, PX_PER_MM)
    assert np.unique(fills).size == 1
    assert fills[0, 0] == pytest.approx(page[0, 0], abs=2)


def seal_star():
    page = np.zeros((800, 1180), np.uint8)
    page[stamp_mask(page.shape, (600, 400), 120)] = 200
    return page


def bold_title():
    title = cv2.putText(np.zeros((800, 1180), np.uint8), "ANNUAL REPORT", (60, 300), 0, 2.0, 230, px(1.5))
    return cv2.putText(title, "BUDGET", (60, 600), 0, 3.0, 230, px(1.6))


def thick_rules():
    page = paper()
    for y in range(100, 700, 70):
        page[y : y + px(1.5), 100:1000] = 230
    for x in range(100, 1001, 150):
        page[100:660, x : x + px(1.5)] = 230
    return page


@pytest.mark.parametrize(
    "page",
    [paper(), printed(*range(60, 740, 24)), bold_title(), seal_star(), thick_rules(), printed(100, 300, size=50)],
    ids=["paper", "dense text", "a bold title", "a seal's star", "thick rules", "large print"],
)
def test_what_is_printed_is_no_fill(page):
    assert find_fills(page, PX_PER_MM) is None


# --- what stands out of them ------------------------------------------------------------------------------------------


def two_cells(line_px):
    """A fill with a light line across it, and the fill without it."""
    fills = as_drawn((slice(100, 260), slice(100, 700)))
    page = fills.copy()
    page[180 : 180 + line_px, 100:700] = 40
    return page, fills


@pytest.mark.parametrize("line_px", [1, 2, 3])
def test_a_light_line_in_a_fill_stands_out_by_what_it_lacks_of_the_fill(line_px):
    ridge = fill_ridge(*two_cells(line_px), PX_PER_MM, 3)
    assert (ridge[180 : 180 + line_px, 110:690] == DARK - 40).all()
    assert not ridge[110:176, 110:690].any()
    assert not ridge[188:250, 110:690].any()


@pytest.mark.parametrize("line_px", [1, 2, 3])
def test_a_line_a_little_darker_than_its_fill_stands_out_by_what_it_has_more(line_px):
    page, fills = two_cells(line_px)
    page = np.where(page < fills, fills + 28, page).astype(np.uint8)
    ridge = fill_ridge(page, fills, PX_PER_MM, 3)

    plain = fill_ridge(fills, fills, PX_PER_MM, 3)
    line = page > fills
    assert line.any()
    assert (ridge[line] >= 28).all()
    np.testing.assert_array_equal(ridge[~line], plain[~line])


def test_the_upper_and_the_lower_edge_of_a_fill_stand_out_and_the_sides_do_not():
    ridge = fill_ridge(*two_cells(0), PX_PER_MM, 3)
    rows = np.flatnonzero(ridge[:, 400])
    edges = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    assert [edge.mean() for edge in edges] == pytest.approx([99.5, 259.5], abs=0.6)
    assert max(map(len, edges)) <= px(1.0)
    assert not ridge[110:250].any()
    assert not ridge[:, :90].any()


def test_the_edge_between_fills_of_two_tones_stands_out_by_their_difference():
    fills = as_drawn((slice(100, 180), slice(100, 700)), 200)
    fills[180:260, 100:700] = 120
    ridge = fill_ridge(fills, fills, PX_PER_MM, 3)
    assert ridge[178:182, 400].max() == pytest.approx(80, abs=30)


def test_a_light_line_as_thick_as_a_row_of_print_does_not_stand_out():
    ridge = fill_ridge(*two_cells(20), PX_PER_MM, 3)
    assert not ridge[185:195, 110:690].any()


def test_paper_and_what_is_printed_on_it_do_not_stand_out():
    page = printed(100, 400)
    assert not fill_ridge(page, np.zeros_like(page), PX_PER_MM, 3).any()


# --- print in fills ---------------------------------------------------------------------------------------------------


def ink_of(darkness):
    return Ink(darkness, np.zeros(darkness.shape, bool), 1.0)


def test_light_print_in_a_fill_is_ink_and_the_fill_is_paper():
    page, text = headed(), printed(HEADING[0].start + 12, HEADING[0].start + 40)
    ink = with_print_in_fills(ink_of(page), PX_PER_MM)
    assert (ink.darkness[HEADING][text[HEADING] > 200] > DARK // 2).all()
    assert not ink.darkness[HEADING][cv2.dilate(text, np.ones((5, 5)))[HEADING] == 0].any()


def test_print_that_is_darker_than_a_fill_is_ink_too():
    page = as_drawn(HEADING, 90)
    words = printed(HEADING[0].start + 12) > 200
    page[words] = 250
    ink = with_print_in_fills(ink_of(page), PX_PER_MM)
    assert np.mean(ink.darkness[words] > 100) > 0.95


def test_a_negative_becomes_a_page_with_dark_print():
    words = printed(200, 260, 320)
    ink = with_print_in_fills(ink_of(255 - words), PX_PER_MM)
    assert np.mean(ink.darkness[words > 200] > 150) > 0.95
    assert not ink.darkness[cv2.dilate(words, np.ones((7, 7))) == 0].any()


def test_ruling_is_looked_for_in_the_fills_as_they_were():
    page = headed()
    ink = with_print_in_fills(ink_of(page), PX_PER_MM)
    assert ink.ruling is page
    assert ink.darkness is not page


def test_a_page_without_fills_is_left_alone():
    ink = ink_of(printed(100, 200))
    assert with_print_in_fills(ink, PX_PER_MM) is ink
