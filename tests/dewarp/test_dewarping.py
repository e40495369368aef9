"""A page is levelled and its bends taken out, and every point finds its way there and back."""

import cv2
import numpy as np
import pytest
from bent_pages import bends, grid_points
from drawing import (
    DPI,
    PX_PER_MM,
    SEAL_INK,
    Bent,
    curled,
    drawn_form,
    faded,
    fill,
    form,
    in_perspective,
    inked,
    noisy,
    print_text,
    px,
    rule,
    scanned,
    sealed,
    sheet,
    turned,
    upright,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.dewarp.deskewing import deskew
from pipeline.dewarp.dewarping import MESH_PX, Warp, dewarp, dewarped_image
from pipeline.elements import BBox
from pipeline.imaging.geometry import matrix_tuple, quarter_turn_matrix

ROUND_TRIP_PX = 0.5
STRAIGHT_MM = 0.15
"""How far a ruling line may stray on the flat page: half the thickness of a line."""
NUDGED_MM = 0.1
"""The same for a page that was flat before."""
CUT_TOLERANCE_PX = 0.1
"""Between the points of the mesh the map is taken as straight."""
SIZE = (1754, 1240)


def straightness_mm(bent, dewarped, table):
    """How far each ruling line strays from its own middle on the flat page: root mean square, in millimetres."""
    left, right, top, bottom = table.cols[0], table.cols[-1], table.rows[0], table.rows[-1]
    along, down = np.linspace(left, right, 60), np.linspace(top, bottom, 60)
    strays = [
        *(dewarped.warp.to_page(bent.place(np.column_stack([along, np.full(60, y)])))[:, 1] for y in table.rows),
        *(dewarped.warp.to_page(bent.place(np.column_stack([np.full(60, x), down])))[:, 0] for x in table.cols),
    ]
    return [float(places.std()) / dewarped.warp.px_per_mm for places in strays]


def assert_straight(bent, tolerance_mm=STRAIGHT_MM):
    dewarped = dewarp(deskew(scanned(bent.image), None))
    assert max(straightness_mm(bent, dewarped, form())) <= tolerance_mm
    assert dewarped.warp.residual_mm <= tolerance_mm


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_flat_page_stays_flat():
    image = drawn_form()
    assert_straight(Bent(image, np.asarray), NUDGED_MM)


@pytest.mark.parametrize("lift", [-14, 22])
def test_the_lines_of_a_curled_page_become_straight(lift):
    assert_straight(curled(drawn_form(), lift))


@pytest.mark.parametrize("share", [0.01, 0.04])
def test_the_lines_of_a_page_in_perspective_become_straight(share):
    assert_straight(in_perspective(drawn_form(), share))


@pytest.mark.parametrize("angle", [-9.0, 5.0])
def test_a_skewed_and_curled_page_is_levelled_and_straightened(angle):
    curl = curled(drawn_form(), 12)
    turn = turned(curl.image, angle)
    assert_straight(Bent(turn.image, lambda points: turn.place(curl.place(points))))


def test_noise_and_fading_do_not_keep_a_page_from_being_straightened():
    curl = curled(drawn_form(), 12)
    assert_straight(Bent(noisy(faded(curl.image, 0.6), 5, specks=200), curl.place))


def test_columns_stay_columns_and_rows_stay_rows():
    """On the flat page, lines are not only straight but level and upright."""
    bent = turned(drawn_form(), 3.0)
    dewarped, table = dewarp(deskew(scanned(bent.image), None)), form()
    corners = np.array(
        [(x, y) for y in (table.rows[0], table.rows[-1]) for x in (table.cols[0], table.cols[-1])], float
    )
    top_left, top_right, bottom_left, bottom_right = dewarped.warp.to_page(bent.place(corners))
    assert top_left[1] == pytest.approx(top_right[1], abs=2)
    assert bottom_left[1] == pytest.approx(bottom_right[1], abs=2)
    assert top_left[0] == pytest.approx(bottom_left[0], abs=2)
    assert top_right[0] == pytest.approx(bottom_right[0], abs=2)


def test_a_page_without_ruling_is_only_levelled():
    page = print_text(sheet(), 200, 300, 20)
    dewarped = dewarp(upright(page, skew_deg=0.0))
    assert dewarped.warp.residual_mm == 0.0
    np.testing.assert_allclose(dewarped.warp.to_scan([(10, 20), (900, 700)]), [(10, 20), (900, 700)], atol=1e-6)
    np.testing.assert_array_equal(dewarped.darkness, upright(page).ink.darkness)


def test_levelling_keeps_all_of_the_page():
    dewarped = dewarp(upright(sheet(), skew_deg=10.0))
    corners = dewarped.warp.to_page([(0, 0), (1179, 0), (1179, 799), (0, 799)])
    assert (corners >= -1).all()
    assert (corners <= np.array(dewarped.warp.size) + 1).all()


@pytest.mark.parametrize(("dpi", "analysed"), [(96.0, 130.0), (150.0, 150.0), (300.0, 200.0)])
def test_the_flat_page_has_a_resolution_at_which_ruling_shows(dpi, analysed):
    scale = dpi / DPI
    image = cv2.resize(drawn_form(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    page = deskew(scanned(image, dpi), None)
    warp = dewarp(page).warp
    assert warp.px_per_mm == pytest.approx(analysed / 25.4)
    corner = np.array([(120.0, 180.0)]) * scale + (scale - 1) / 2
    expected = (corner + 0.5) * analysed / dpi - 0.5
    np.testing.assert_allclose(warp.to_page(corner), expected, atol=2.0)


@pytest.mark.parametrize(
    ("thickness", "dpi", "own"), [(3, 85.0, 127.0), (4, 75.0, 150.0), (2, 85.0, 85.0), (4, 130.0, 130.0)]
)
def test_a_small_image_is_looked_at_as_if_its_ruling_were_of_usual_thickness(thickness, dpi, own):
    """Lines of three pixels at 85 dpi, 0.9 mm thick, are taken for lines of 0.6 mm at 127 dpi."""
    table = form(thickness)
    page = scanned(rule(sheet(), table), dpi=dpi)

    dewarped = dewarp(deskew(page, None))

    assert dewarped.warp.px_per_mm * 25.4 == pytest.approx(max(own, 130.0), rel=0.02)
    assert dewarped.warp.size[0] == pytest.approx(page.width * max(own, 130.0) / own, rel=0.02)


# --- what is known of a page beside its ink ---------------------------------------------------------------------------


def test_nothing_of_a_level_page_is_outside_the_scan():
    assert dewarp(upright(drawn_form())).outside is None


@pytest.mark.parametrize("angle", [-6.0, 4.0])
def test_the_corners_that_levelling_adds_are_outside_the_scan(angle):
    dewarped = dewarp(deskew(scanned(turned(drawn_form(), angle).image), None))
    width, height = dewarped.warp.size
    corners = dewarped.outside[[2, 2, -3, -3], [2, -3, 2, -3]]
    assert dewarped.outside.shape == dewarped.darkness.shape
    assert corners.all()
    points = np.array([(x, y) for x in range(0, width, 40) for y in range(0, height, 40)], float)
    x, y = dewarped.warp.to_scan(points).T
    beyond = (x < -3) | (y < -3) | (x > 1182) | (y > 802)
    within = (x > 3) & (y > 3) & (x < 1176) & (y < 796)
    shown = ~dewarped.outside[points[:, 1].astype(int), points[:, 0].astype(int)]
    assert not shown[beyond].any()
    assert shown[within].all()


def test_a_page_without_seal_ink_has_nothing_sealed():
    assert dewarp(upright(drawn_form())).sealed is None


@pytest.mark.parametrize("angle", [0.0, 4.0])
def test_where_a_seal_was_taken_away_a_rule_may_have_been_hidden(angle):
    bent = turned(sealed(drawn_form(), (700, 420), 110), angle)
    dewarped = dewarp(deskew(scanned(bent.image), None))
    around = np.linspace(0, 2 * np.pi, 40)
    ring = np.column_stack([700 + 110 * np.cos(around), 420 + 110 * np.sin(around)])
    x, y = np.rint(dewarped.warp.to_page(bent.place(ring))).astype(int).T
    assert dewarped.sealed.shape == dewarped.darkness.shape
    assert dewarped.sealed[y, x].all()
    assert dewarped.sealed.mean() < 0.03


@pytest.mark.parametrize(
    ("height_mm", "width_mm", "hides"), [(5, 60, False), (60, 5, False), (5, 9, True), (2, 60, True)]
)
def test_a_long_fill_of_a_seals_colour_hides_no_rule(height_mm, width_mm, hides):
    """A rule on it is darker than it is; a bar as thin as a rim or as short as a letter may be a seal's."""
    page = cv2.cvtColor(drawn_form(), cv2.COLOR_GRAY2BGR)
    page[300 : 300 + px(height_mm), 1080 - px(width_mm) : 1080] = SEAL_INK
    hidden = dewarp(upright(page)).sealed[304 : 296 + px(height_mm), 1084 - px(width_mm) : 1076].mean()
    assert hidden == pytest.approx(float(hides), abs=0.1)


def test_rules_are_looked_for_in_the_pages_ink_where_none_is_coloured():
    for page in (drawn_form(), sealed(drawn_form(), (700, 420), 110)):
        dewarped = dewarp(upright(page))
        np.testing.assert_array_equal(dewarped.ruling, dewarped.darkness)


@pytest.mark.parametrize("angle", [0.0, 3.0])
def test_coloured_rules_are_ruling_and_no_ink(angle):
    table, text = form(), fill(sheet(), form())
    page = inked(text, rule(sheet(), table) < 100, SEAL_INK)
    bent = turned(page, angle)
    dewarped = dewarp(deskew(scanned(bent.image), None))
    on_rules = np.array([(x, y) for y in (180.0, 240.0, 620.0) for x in np.linspace(150, 1030, 60)])
    x, y = np.rint(dewarped.warp.to_page(bent.place(on_rules))).astype(int).T
    assert np.median(dewarped.ruling[y, x]) > 120
    assert np.median(dewarped.darkness[y, x]) < 30
    assert max(straightness_mm(bent, dewarped, table)) <= STRAIGHT_MM


def test_the_scan_is_reached_through_quarter_turns():
    turned_page = np.ascontiguousarray(np.rot90(drawn_form(), 1))
    page = scanned(turned_page, exif_orientation=6)  # shown turned clockwise
    warp = dewarp(deskew(page, None)).warp
    drawn_corner = quarter_turn_matrix(1, 1180, 800)
    x, y = np.array(drawn_corner).reshape(3, 3)[:2] @ (120, 180, 1)
    np.testing.assert_allclose(warp.to_page([(x, y)]), [(120, 180)], atol=2.0)
    np.testing.assert_allclose(warp.to_upright(warp.to_page([(x, y)])), [(120, 180)], atol=ROUND_TRIP_PX)


# --- there and back ---------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(bends(SIZE), st.floats(-15, 15), st.integers(0, 3), st.floats(0.5, 3))
def test_every_point_of_a_flat_page_goes_to_the_scan_and_comes_back(surface, angle, turns, scale):
    turn = cv2.getRotationMatrix2D((600, 400), angle, scale)
    quarter = np.array(quarter_turn_matrix(turns, *SIZE)).reshape(3, 3)
    to_scan = matrix_tuple(quarter @ np.vstack([turn, (0, 0, 1)]))
    warp = Warp(SIZE, PX_PER_MM, surface, to_scan, to_scan, 0.0)
    points = grid_points(SIZE)
    np.testing.assert_allclose(warp.to_page(warp.to_scan(points)), points, atol=ROUND_TRIP_PX)


def test_a_real_fit_makes_the_round_trip():
    warp = dewarp(deskew(scanned(turned(curled(drawn_form(), 22).image, 7.0).image), None)).warp
    points = grid_points(warp.size)
    np.testing.assert_allclose(warp.to_page(warp.to_scan(points)), points, atol=ROUND_TRIP_PX)


def test_a_box_is_worked_out_once_and_the_rest_of_a_page_keeps_its_order():
    page = dewarp(upright(drawn_form()))
    one, other = (((x, 180.0), (x + 200, 180.0), (x + 200, 230.0), (x, 230.0)) for x in (120.0, 400.0))

    (known,) = page.boxes([one])
    first, second, third = page.boxes([other, one, other])

    assert second is known
    assert first is third
    np.testing.assert_allclose([known.left, first.left], [120, 400], atol=2.0)
    assert page.boxes([]) == []


# --- images -----------------------------------------------------------------------------------------------------------


def test_a_mesh_that_leaves_every_point_in_place_leaves_the_image_as_it_is():
    image = drawn_form()[:500, :700]
    across, down = np.arange(-0.5, 700 + 2 * MESH_PX, MESH_PX), np.arange(-0.5, 500 + 2 * MESH_PX, MESH_PX)
    mesh = np.dstack(np.meshgrid(across, down)).astype(np.float32)
    np.testing.assert_array_equal(dewarped_image(image, mesh), image)


def test_a_box_cut_from_a_flat_page_is_the_pages_own_pixels():
    page = upright(print_text(sheet(), 200, 300, 20))
    dewarped = dewarp(page)
    cut = dewarped.cut(page.image, BBox(190, 290, 690, 330), 40)
    difference = np.abs(cut.astype(int) - page.image[290:330, 190:690])
    assert cut.shape == (40, 500, 3)
    assert difference.max() <= 2


def test_a_cut_keeps_the_boxs_proportions_at_any_height():
    page = upright(sheet())
    dewarped = dewarp(page)
    assert dewarped.cut(page.ink.darkness, BBox(100, 100, 300, 120), 48).shape == (48, 480)
    assert dewarped.cut(page.ink.darkness, BBox(100, 100, 100.5, 120), 10).shape == (10, 1)


def test_a_cut_beyond_the_page_goes_on_with_the_pages_edge():
    page = upright(np.full((300, 400), 90, np.uint8))
    cut = dewarp(page).cut(page.image, BBox(-30, -30, 50, 10), 40)
    assert cut.shape == (40, 80, 3)
    assert (cut == 90).all()


@pytest.mark.parametrize("surface", [lambda image: curled(image, 14), lambda image: turned(image, 5.0)])
def test_a_box_cut_from_a_bent_page_shows_what_was_drawn_there(surface):
    drawn = drawn_form()
    bent = surface(drawn)
    page = deskew(scanned(bent.image), None)
    dewarped = dewarp(page)
    left, top = dewarped.warp.to_page(bent.place(np.array([[470.0, 250.0]])))[0]
    right, bottom = dewarped.warp.to_page(bent.place(np.array([[630.0, 290.0]])))[0]
    cut = dewarped.cut(page.image, BBox(left, top, right, bottom), 40)[:, :, 0]
    wanted = cv2.resize(drawn[250:290, 470:630], cut.shape[::-1])
    likeness = np.corrcoef(cut.ravel(), wanted.ravel())[0, 1]
    assert likeness > 0.9


WAVE_PX = 16


def waves(places):
    """Places as an image that can be interpolated: the sine and the cosine of each."""
    phase = 2 * np.pi * places / WAVE_PX
    return np.rint(128 + 120 * np.dstack([np.sin(phase), np.cos(phase), 0 * phase])).astype(np.uint8)


def astray(cut, places):
    """How far the places that an image of waves shows are from others, in pixels."""
    sine, cosine = cut[..., 0] - 128.0, cut[..., 1] - 128.0
    turns = (np.arctan2(sine, cosine) / (2 * np.pi)).ravel() - places / WAVE_PX
    return np.abs(turns - np.rint(turns)) * WAVE_PX


@pytest.mark.parametrize("box", [BBox(100.3, 150.8, 420.0, 190.2), BBox(20, 20, 1150, 780)])
def test_a_cut_takes_each_pixel_from_where_the_map_says(box):
    """Images of the places themselves are cut: each pixel says where it is from."""
    page = deskew(scanned(turned(curled(drawn_form(), 14).image, 3.0).image), None)
    dewarped = dewarp(page)
    height, width = page.image.shape[:2]
    down, across = np.indices((height, width))
    x, y = (dewarped.cut(waves(places), box, 60) for places in (across, down))
    rows, columns = np.indices(x.shape[:2]) + 0.5
    scale = 60 / box.height
    points = np.column_stack([(box.left + columns / scale).ravel(), (box.top + rows / scale).ravel()]) - 0.5
    wanted = dewarped.warp.to_upright(points)
    on_page = ((wanted > 0) & (wanted < (width - 1, height - 1))).all(axis=1)
    assert on_page.mean() > 0.9
    assert astray(x, wanted[:, 0])[on_page].max() <= CUT_TOLERANCE_PX
    assert astray(y, wanted[:, 1])[on_page].max() <= CUT_TOLERANCE_PX
