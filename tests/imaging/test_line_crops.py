"""Quads are cut straight, and the shape of their ink tells print from handwriting."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from margin_pages import blank, draw_pen, draw_print, upright_page

from pipeline.imaging.geometry import map_polygon, rotation_matrix
from pipeline.imaging.line_crops import cut_line, joined_quad, measure_line, padded_quad, print_end, quad_size, sub_quad

BOX = ((100.0, 100.0), (300.0, 100.0), (300.0, 140.0), (100.0, 140.0))


def quad_around(left, top, right, bottom):
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def test_a_quad_on_whole_pixels_is_cut_without_resampling():
    image = np.random.default_rng(0).integers(0, 255, (60, 80), np.uint8)
    cut = cut_line(image, quad_around(9.5, 19.5, 49.5, 39.5))
    assert (cut == image[20:40, 10:50]).all()


def test_a_tilted_line_is_cut_level():
    image = np.zeros((300, 300), np.uint8)
    quad = map_polygon(rotation_matrix(20, (150, 150)), quad_around(60.0, 140.0, 240.0, 160.0))
    cv2.fillConvexPoly(image, np.round(quad).astype(np.int32), 255)
    cut = cut_line(image, quad)
    assert cut.shape == (20, 180)
    assert cut[2:-2, 2:-2].min() > 200


@given(st.floats(-30, 30), st.floats(0, 1))
def test_padding_grows_both_sides_by_the_same_distance(angle, heights):
    quad = map_polygon(rotation_matrix(angle, (0, 0)), BOX)
    width, height = quad_size(padded_quad(quad, heights))
    assert width == pytest.approx(200 + 2 * 40 * heights, abs=0.005)
    assert height == pytest.approx(40 + 2 * 40 * heights, abs=0.005)


def test_parts_of_a_quad_put_together_are_the_quad():
    left, right = sub_quad(BOX, 0.0, 0.0, 0.4, 1.0), sub_quad(BOX, 0.4, 0.0, 1.0, 1.0)
    assert np.allclose(joined_quad([left, right]), BOX)


def test_joined_quads_keep_the_first_ones_direction():
    tilted = map_polygon(rotation_matrix(5, (0, 0)), BOX)
    joined = np.array(joined_quad([tilted, BOX]))
    top, right = np.subtract(joined[1], joined[0]), np.subtract(tilted[2], tilted[1])
    assert top @ right / np.linalg.norm(top) / np.linalg.norm(right) == pytest.approx(0, abs=1e-4)


def test_print_is_full_and_even_and_handwriting_is_neither():
    image = draw_pen(draw_print(blank(), 100, 100), 100, 200)
    ink = upright_page(image).ink
    printed = measure_line(ink.darkness, quad_around(95.0, 95.0, 515.0, 125.0), ink.noise)
    written = measure_line(ink.darkness, quad_around(95.0, 190.0, 300.0, 260.0), ink.noise)
    assert printed.fill > 0.4
    assert written.fill < 0.25
    assert printed.unevenness < 0.05
    assert written.unevenness > 0.1
    assert len(printed.columns) == 17


def test_shapes_do_not_depend_on_resolution():
    image = draw_print(blank(), 100, 100)
    large = cv2.resize(image, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    ink, large_ink = upright_page(image).ink, upright_page(large).ink
    quad = quad_around(95.0, 95.0, 515.0, 125.0)
    small_shape = measure_line(ink.darkness, quad, ink.noise)
    large_shape = measure_line(large_ink.darkness, tuple((3 * x, 3 * y) for x, y in quad), large_ink.noise)
    assert large_shape.box == pytest.approx(small_shape.box, abs=0.02)
    assert large_shape.fill == pytest.approx(small_shape.fill, abs=0.05)


def test_bare_paper_has_no_shape():
    assert measure_line(np.zeros((200, 400), np.uint8), BOX, 1.0) is None


def test_print_ends_where_a_signature_begins():
    image = draw_pen(draw_print(blank(), 100, 120, letters=14), 450, 100)
    ink = upright_page(image).ink
    end = print_end(ink.darkness, quad_around(95.0, 90.0, 650.0, 165.0), ink.noise)
    assert 95 + end * 555 == pytest.approx(445, abs=12)


@pytest.mark.parametrize("tilt", [-2.0, 0.0, 2.0])
def test_print_alone_has_no_end_however_its_quad_is_tilted(tilt):
    image = draw_print(blank(), 100, 120)
    ink = upright_page(image).ink
    quad = map_polygon(rotation_matrix(tilt, (300, 130)), quad_around(95.0, 95.0, 515.0, 165.0))
    assert print_end(ink.darkness, quad, ink.noise) is None


def test_a_smudge_at_the_end_of_print_is_no_handwriting():
    image = draw_print(blank(), 100, 120)
    cv2.line(image, (500, 100), (505, 150), (40, 40, 40), 3)
    ink = upright_page(image).ink
    assert print_end(ink.darkness, quad_around(95.0, 90.0, 520.0, 160.0), ink.noise) is None
