"""Seals and stamps of a page become records."""

import cv2
import numpy as np
import pytest
from drawn_stamps import BLUE, RED, paper, printed, ruled, seal_mask, stamped, upright_of, words_mask
from fake_engines import FakeRecogniser

from pipeline.elements import LineKind, TextLine
from pipeline.settings.settings import LandingSettings, Settings
from pipeline.stamps.detection import SeenPage, find_stamps


def stamps_of(image, *readings, lines=(), settings=None):
    page = SeenPage(upright_of(image), lines, (), ())
    return find_stamps(page, FakeRecogniser(*readings, otherwise=""), settings or Settings())


def test_a_seal_over_a_table_lands_with_its_colour_shape_text_place_and_crop():
    page = ruled(printed(paper()))
    (stamp,) = stamps_of(stamped(page, seal_mask(page.shape, (600, 700), 110), RED), "DISTRICT FINANCE OFFICE")
    assert (stamp.colour, stamp.shape, stamp.text) == ("red", "round", "DISTRICT FINANCE OFFICE")
    assert stamp.confidence > 0.9
    assert np.mean(stamp.polygon, axis=0) == pytest.approx((600, 700), abs=12)
    crop = cv2.imdecode(np.frombuffer(stamp.crop_png, np.uint8), cv2.IMREAD_COLOR)
    assert crop.shape[0] == pytest.approx(250, abs=25)


def test_stamps_are_numbered_from_top_to_bottom_and_each_found_once():
    page = stamped(paper(), seal_mask((1400, 1000), (600, 1000), 110), RED)
    page = stamped(page, words_mask(page.shape, (400, 300), "RECEIVED", turn_deg=6), BLUE)
    found = stamps_of(page, "OFFICE", "RECEIVED")
    assert [(stamp.colour, stamp.shape) for stamp in found] == [("blue", "box"), ("red", "round")]


def test_a_ring_that_a_pen_drew_around_a_word_is_no_stamp():
    page = printed(paper())
    ring = cv2.ellipse(np.zeros(page.shape[:2], np.uint8), (300, 700), (90, 80), 0, 0, 360, 255, 7) > 0
    assert stamps_of(stamped(page, ring, RED)) == ()


def test_pages_of_print_and_tables_have_none():
    assert stamps_of(printed(paper())) == ()
    assert stamps_of(ruled(printed(paper()))) == ()


def test_printed_lines_in_colour_are_none():
    page = printed(paper(), top=700, bottom=740, ink=BLUE)
    quad = ((85.0, 672.0), (460.0, 672.0), (460.0, 708.0), (85.0, 708.0))
    line = TextLine("Print that goes on and on", 0.99, quad, LineKind.OTHER)
    assert stamps_of(page, "Print that goes on and on", lines=[line]) == ()


def test_crops_stay_away_when_the_settings_say_so():
    page = stamped(paper(), seal_mask((1400, 1000), (600, 700), 110), RED)
    (stamp,) = stamps_of(page, "OFFICE", settings=Settings(landing=LandingSettings(signature_crops=False)))
    assert stamp.crop_png is None
