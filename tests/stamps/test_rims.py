"""Rims of stamps are told from tables, print and handwriting."""

import cv2
import numpy as np
import pytest
from drawn_stamps import BLUE, RED, VIOLET, paper, printed, ruled, seal_mask, stamped, upright_of, words_mask

from pipeline.elements import StampColour, StampShape
from pipeline.stamps.coloured_ink import find_coloured_ink, reduced, small_step
from pipeline.stamps.rims import find_black_rims, find_coloured_rims, shape_of


def coloured_rims(image):
    ink = find_coloured_ink(upright_of(image))
    return find_coloured_rims(ink, ink)


def black_rims(image):
    upright = upright_of(image)
    return find_black_rims(reduced(upright.ink.darkness, small_step(upright.image)), 40)


@pytest.mark.parametrize(("ink", "colour"), [(RED, "red"), (BLUE, "blue"), (VIOLET, "violet")])
@pytest.mark.parametrize(("aspect", "shape"), [(1.0, "round"), (1.5, "oval")])
def test_a_seal_over_print_and_rules_is_found_with_its_colour_and_shape(ink, colour, aspect, shape):
    page = ruled(printed(paper()))
    page = stamped(page, seal_mask(page.shape, (600, 700), 110, aspect=aspect), ink)
    (rim,) = coloured_rims(page)
    assert (rim.colour, rim.shape) == (colour, shape)
    middle = rim.outline.mean(axis=0) * small_step(page)
    assert np.abs(middle - (600, 700)).max() < 12


def test_a_box_and_a_triangle_are_told_by_their_corners():
    page = paper()
    page = stamped(page, words_mask(page.shape, (500, 400), "RECEIVED", turn_deg=8), BLUE)
    triangle = cv2.polylines(
        np.zeros(page.shape[:2], np.uint8), [np.array([(500, 800), (590, 960), (410, 960)])], True, 255, 6
    )
    page = stamped(page, triangle > 0, RED)
    assert {rim.shape for rim in coloured_rims(page)} >= {StampShape.TRIANGLE}
    assert shape_of(np.array([(0, 0), (80, 0), (80, 30), (0, 30)])) is StampShape.BOX


def test_a_seal_of_foil_is_a_filled_disc():
    page = printed(paper(), bottom=700)
    disc = cv2.circle(np.zeros(page.shape[:2], np.uint8), (300, 1000), 120, 255, -1) > 0
    (rim,) = coloured_rims(stamped(page, disc, (60, 170, 215)))
    assert (rim.colour, rim.shape, rim.filled) == (StampColour.OTHER, StampShape.ROUND, True)


def test_a_black_seal_by_a_frame_is_found_and_frames_and_tables_are_none():
    page = printed(paper(), bottom=700)
    cv2.rectangle(page, (50, 60), (950, 1340), (0, 0, 0), 3)
    assert black_rims(page) == []
    sealed = stamped(page, seal_mask(page.shape, (170, 1200), 105, star=False), (30, 30, 30))
    (rim,) = black_rims(sealed)
    assert (rim.colour, rim.shape) == (StampColour.BLACK, StampShape.ROUND)
    assert black_rims(ruled(paper())) == []
