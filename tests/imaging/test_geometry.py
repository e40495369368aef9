"""Points go where pixels go, and come back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.elements import BBox
from pipeline.imaging.geometry import (
    apply_homography,
    bounding_box,
    box_corners,
    compose,
    in_polygon,
    invert,
    map_polygon,
    matrix_array,
    matrix_tuple,
    mm_to_px,
    overlap,
    polygon,
    quarter_turn_matrix,
    rotation_matrix,
    share_of_smaller,
)

SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
places = st.floats(-3000, 3000)
points = st.lists(st.tuples(places, places), min_size=1, max_size=8)


@st.composite
def homographies(draw):
    """What a camera or a scanner does: a turn about some point, a stretch, a shift and a little perspective."""
    turn = matrix_array(rotation_matrix(draw(st.floats(-180, 180)), (draw(places), draw(places))))
    stretch = np.diag([draw(st.floats(0.3, 3)), draw(st.floats(0.3, 3)), 1.0])
    lean = np.eye(3)
    lean[2, :2] = draw(st.floats(-1e-5, 1e-5)), draw(st.floats(-1e-5, 1e-5))
    return matrix_tuple(lean @ stretch @ turn)


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


def test_an_inch_has_25_4_millimetres():
    assert mm_to_px(25.4, 300) == 300
    assert mm_to_px(2, 254) == 20


@given(homographies(), points)
def test_what_a_homography_does_its_inverse_undoes(matrix, xy):
    close(apply_homography(invert(matrix), apply_homography(matrix, xy)), xy)


@given(homographies(), homographies(), points)
def test_a_composition_applies_the_first_and_then_the_second(first, then, xy):
    close(apply_homography(compose(first, then), xy), apply_homography(then, apply_homography(first, xy)))


@given(st.integers(-9, 9), st.integers(1, 6), st.integers(1, 6))
def test_quarter_turns_take_each_pixel_where_numpy_takes_it(turns, height, width):
    image = np.arange(height * width).reshape(height, width)
    turned = np.rot90(image, turns)
    y, x = np.divmod(np.arange(image.size), width)
    moved = apply_homography(quarter_turn_matrix(turns, width, height), np.column_stack([x, y])).astype(int)
    assert [turned[row, col] for col, row in moved] == image.ravel().tolist()


@given(st.integers(0, 3), st.integers(1, 3000), st.integers(1, 3000), points)
def test_a_quarter_turn_and_its_opposite_leave_points_where_they_were(turns, height, width, xy):
    turned = (height, width) if turns % 2 else (width, height)
    there = quarter_turn_matrix(turns, width, height)
    close(apply_homography(compose(there, quarter_turn_matrix(-turns, *turned)), xy), xy)


def test_positive_angles_turn_counter_clockwise_as_seen_on_the_page():
    quarter = rotation_matrix(90, (5, 5))
    close(apply_homography(quarter, [(10, 5), (5, 0)]), [(5, 0), (0, 5)])  # right goes up, up goes left


@given(st.floats(-180, 180), st.tuples(places, places), points)
def test_a_rotation_keeps_its_centre_and_all_distances(angle, center, xy):
    turned = apply_homography(rotation_matrix(angle, center), [center, *xy])
    close(turned[0], center)
    for point, before in zip(turned[1:], xy, strict=True):
        assert math.dist(point, center) == pytest.approx(math.dist(before, center), abs=1e-5)


@given(st.floats(-90, 90), st.floats(-90, 90), st.tuples(places, places), points)
def test_rotations_about_one_centre_add_up(one, other, center, xy):
    both = compose(rotation_matrix(one, center), rotation_matrix(other, center))
    close(apply_homography(both, xy), apply_homography(rotation_matrix(one + other, center), xy))


def test_a_matrix_is_scaled_so_that_its_last_number_is_one():
    assert matrix_tuple(np.eye(3) * 4) == (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def test_a_matrix_of_another_shape_is_refused_with_its_shape():
    with pytest.raises(ValueError, match=r"\(2, 3\)"):
        matrix_tuple(np.ones((2, 3)))


def test_a_polygon_is_mapped_corner_by_corner():
    moved = map_polygon((2.0, 0.0, 1.0, 0.0, 2.0, -1.0, 0.0, 0.0, 1.0), SQUARE)
    assert moved == ((1.0, -1.0), (21.0, -1.0), (21.0, 19.0), (1.0, 19.0))


def test_a_polygon_holds_plain_numbers():
    corners = polygon(np.array([[1, 2], [3, 4]], np.float32))
    assert corners == ((1.0, 2.0), (3.0, 4.0))
    assert {type(number) for corner in corners for number in corner} == {float}


def test_corners_of_boxes_run_clockwise_from_each_top_left():
    corners = box_corners([BBox(0, 1, 10, 5), BBox(-2, 0, 3, 4)])
    assert corners[:4].tolist() == [[0, 1], [10, 1], [10, 5], [0, 5]]
    assert [bounding_box(quad) for quad in corners.reshape(-1, 4, 2)] == [BBox(0, 1, 10, 5), BBox(-2, 0, 3, 4)]
    assert box_corners([]).shape == (0, 2)


@pytest.mark.parametrize("form", [list, tuple, np.array])
def test_the_bounding_box_reaches_to_the_outermost_points(form):
    assert bounding_box(form([(3, 9), (-1, 4), (2, 11)])) == BBox(-1, 4, 3, 11)


def test_a_box_is_the_bounding_box_of_its_own_corners():
    assert bounding_box(BBox(1, 2, 3, 5)) == BBox(1, 2, 3, 5)


def test_a_mapped_polygon_has_the_points_that_the_homography_gives():
    matrix = (1.02, -0.03, 5.5, 0.02, 0.98, -7.25, 1e-5, 2e-5, 1.0)
    corners = tuple((float(x), float(y)) for x, y in np.random.default_rng(0).uniform(0, 2000, (40, 2)))

    assert map_polygon(matrix, corners) == polygon(apply_homography(matrix, corners))


@pytest.mark.parametrize(
    ("other", "share"),
    [
        (BBox(0, 0, 10, 10), 1.0),
        (BBox(0, 0, 10, 5), 0.5),
        (BBox(5, 0, 15, 10), 1 / 3),
        (BBox(10, 0, 20, 10), 0.0),
        (BBox(30, 30, 40, 40), 0.0),
    ],
    ids=["the same", "its upper half", "half beside it", "its neighbour", "far away"],
)
def test_overlap_is_what_two_boxes_share_of_what_they_cover(other, share):
    box = BBox(0, 0, 10, 10)
    assert overlap(box, other) == pytest.approx(share)
    assert overlap(other, box) == pytest.approx(share)


def test_empty_boxes_overlap_by_nothing():
    assert overlap(BBox(1, 1, 1, 1), BBox(1, 1, 1, 1)) == 0.0


@pytest.mark.parametrize(("point", "inside"), [((5, 5), True), ((10, 5), True), ((13, 5), False), ((1, 9), False)])
def test_a_point_lies_in_a_leaning_cell_or_beside_it(point, inside):
    assert in_polygon(((0, 0), (10, 0), (14, 10), (4, 10)), point) is inside


@pytest.mark.parametrize(
    ("other", "share"), [((0, 0, 10, 10), 1.0), ((5, 0, 15, 10), 0.5), ((2, 2, 4, 4), 1.0), ((20, 0, 30, 10), 0.0)]
)
def test_what_two_boxes_share_is_measured_by_the_smaller_one(other, share):
    assert share_of_smaller(BBox(0, 0, 10, 10), BBox(*other)) == share
