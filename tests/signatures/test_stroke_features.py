"""How much was drawn, in how many strokes and how squarely tells names from ticks and from print."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from margin_pages import blank, draw_pen, draw_print, upright_page

from pipeline.signatures.stroke_features import measure_strokes

QUAD = ((90.0, 90.0), (310.0, 90.0), (310.0, 170.0), (90.0, 170.0))


def strokes_of(image, quad=QUAD):
    ink = upright_page(image).ink
    return measure_strokes(ink.darkness, quad, ink.noise)


def test_a_stroke_is_as_long_as_it_is_and_has_two_ends():
    image = cv2.line(blank(), (120, 130), (280, 130), (30, 30, 30), 4)
    strokes = strokes_of(image)
    assert strokes.length == pytest.approx(160, abs=8)
    assert strokes.ends == 2


def test_a_circle_has_no_end():
    image = cv2.circle(blank(), (200, 130), 30, (30, 30, 30), 3)
    strokes = strokes_of(image)
    assert strokes.ends == 0
    assert 4.5 * 30 < strokes.length < 2 * np.pi * 30 + 10  # steps along a diagonal count as one


def test_a_hand_is_less_square_than_print():
    pen, printed = strokes_of(draw_pen(blank(), 100, 100)), strokes_of(draw_print(blank(), 100, 110, letters=8))
    assert pen.square < 0.3
    assert printed.square > 0.6


def test_blank_paper_has_no_strokes():
    assert strokes_of(blank()) == (0.0, 0, 0.0)


@settings(max_examples=30, deadline=None)
@given(angle=st.floats(12, 78))
def test_slanted_strokes_are_not_square(angle):
    reach = 30 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    start, end = np.array([200, 130]) - reach, np.array([200, 130]) + reach
    image = cv2.line(blank(), start.astype(int).tolist(), end.astype(int).tolist(), (30, 30, 30), 4, cv2.LINE_AA)
    assert strokes_of(image).square < 0.25


def test_a_rule_through_a_signature_says_nothing_of_how_squarely_it_was_written():
    pen = draw_pen(blank(), 100, 100)
    ruled = cv2.line(pen.copy(), (0, 130), (500, 130), (30, 30, 30), 3)
    assert strokes_of(ruled).square == pytest.approx(strokes_of(pen).square, abs=0.06)
    assert strokes_of(cv2.line(blank(), (0, 130), (500, 130), (30, 30, 30), 3)).square == 0.0
