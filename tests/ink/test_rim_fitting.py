"""Rings, ovals and boxes are laid through ink wherever they are, whatever else is there."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ink.rim_fitting import best_box, best_oval, best_ring, evenly, inked_shares, scaled, thickened

SHAPE = (400, 500)
DIAMETERS = (20.0, 160.0)
SCRIBBLE = np.random.default_rng(5).integers((40, 40), (460, 360), (20, 2))
PLACES = {"x": st.integers(90, 410), "y": st.integers(90, 310), "turn": st.integers(-60, 60)}


def scribbled():
    """Short strokes all over."""
    mask = np.zeros(SHAPE, np.uint8)
    for x, y in SCRIBBLE.tolist():
        cv2.line(mask, (x, y), (x + 12, y + (x % 9) - 4), (1,), 2)
    return mask


def pixels_of(mask):
    return np.argwhere(mask)[:, ::-1].astype(np.float64)


def farthest(outline, rim):
    """How far the points of an outline are, at most, from a drawn rim."""
    distance = cv2.distanceTransform((rim == 0).astype(np.uint8), cv2.DIST_L2, 5)
    x, y = np.rint(outline).astype(int).T
    return distance[y, x].max()


@settings(max_examples=25)
@given(st.integers(20, 75), PLACES["x"], PLACES["y"])
def test_a_ring_is_found_among_strokes(radius, x, y):
    rim = cv2.circle(np.zeros(SHAPE, np.uint8), (x, y), radius, (1,), 2)
    mask = scribbled() | rim
    ring = best_ring(pixels_of(mask), mask, DIAMETERS)
    assert ring is not None
    assert farthest(ring, rim) <= 3


@settings(max_examples=25)
@given(st.integers(35, 70), PLACES["x"], PLACES["y"], PLACES["turn"])
def test_an_oval_is_found_among_strokes(radius, x, y, turn):
    rim = cv2.ellipse(np.zeros(SHAPE, np.uint8), (x, y), (radius, round(0.6 * radius)), turn, 0, 360, (1,), 3)
    mask = scribbled() | rim
    oval = best_oval(pixels_of(mask), mask, DIAMETERS, 2.5)
    assert oval is not None
    assert farthest(oval, rim) <= 3


@settings(max_examples=25)
@given(st.integers(20, 55), PLACES["x"], PLACES["y"], PLACES["turn"])
def test_a_box_is_found_among_strokes_however_it_is_turned(half, x, y, turn):
    corners = cv2.boxPoints(((x, y), (2 * half, 1.4 * half), turn))
    rim = cv2.polylines(np.zeros(SHAPE, np.uint8), [np.rint(corners).astype(np.int32)], True, (1,), 3)
    mask = scribbled() | rim
    box = best_box(pixels_of(mask), mask, DIAMETERS, 2.5)
    assert box is not None
    assert farthest(box, rim) <= 5


@pytest.mark.parametrize(
    ("best", "rest"), [(best_ring, ()), (best_oval, (2.5,)), (best_box, (2.5,))], ids=["ring", "oval", "box"]
)
def test_nothing_goes_through_a_straight_stroke(best, rest):
    mask = np.zeros(SHAPE, np.uint8)
    mask[200, 100:300] = 1
    assert best(pixels_of(mask), mask, DIAMETERS, *rest) is None


def test_longer_ovals_than_wanted_are_none():
    mask = cv2.ellipse(np.zeros(SHAPE, np.uint8), (250, 200), (75, 18), 0, 0, 360, (1,), 2)
    assert best_oval(pixels_of(mask), mask, DIAMETERS, 2.5) is None
    assert best_oval(pixels_of(mask), mask, DIAMETERS, 4.5) is not None


def test_points_are_at_equal_distances_along_an_outline():
    square = np.array([(0, 0), (30, 0), (30, 10), (0, 10)])
    points = evenly(square, 8)
    np.testing.assert_allclose(points, [(0, 0), (10, 0), (20, 0), (30, 0), (30, 10), (20, 10), (10, 10), (0, 10)])


def test_outlines_grow_each_about_its_own_middle():
    outlines = np.array([[(0.0, 0.0), (2.0, 4.0)], [(10.0, 10.0), (12.0, 10.0)]])
    np.testing.assert_array_equal(scaled(outlines, 2.0), [[(-1, -2), (3, 6)], [(9, 10), (13, 10)]])


def test_points_off_the_page_are_not_inked():
    mask = np.ones((5, 5), np.uint8)
    assert inked_shares(np.array([[(0.0, 0.0), (4.4, 4.4), (5.0, 0.0), (-1.0, 2.0)]]), mask).tolist() == [0.5]


def test_thickened_ink_is_one_pixel_wider_on_every_side():
    mask = np.zeros((5, 5), np.uint8)
    mask[2, 2] = 1
    assert thickened(mask).tolist() == [[0] * 5, *[[0, 1, 1, 1, 0]] * 3, [0] * 5]
