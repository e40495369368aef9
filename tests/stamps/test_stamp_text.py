"""What a stamp says is read round its rim and across it, and what cannot be read is left out."""

import cv2
import numpy as np
import pytest
from drawn_stamps import RED, paper, printed, seal_mask, stamped, upright_of, words_mask
from fake_engines import FakeRecogniser

from pipeline.elements import StampColour
from pipeline.stamps.stamp_ink import stamp_ink
from pipeline.stamps.stamp_text import read_round, read_straight
from pipeline.stamps.straight_lines import line_pictures, without_star

CENTER, RADIUS = (500, 700), 130
RING = cv2.ellipse2Poly(CENTER, (140, 140), 0, 0, 360, 4)


def seal_ink(**seal):
    page = printed(paper())
    page = stamped(page, seal_mask(page.shape, CENTER, RADIUS, **seal), RED)
    return stamp_ink(upright_of(page), np.asarray(RING, np.int32), StampColour.RED)


def test_a_stamps_ink_is_without_the_print_that_it_crosses():
    ink, (left, top) = seal_ink(text="", star=False)
    inside = np.zeros(ink.shape, np.uint8)
    cv2.circle(inside, (CENTER[0] - left, CENTER[1] - top), RADIUS - 20, 1, -1)
    assert (ink[inside > 0] > 96).mean() < 0.01
    assert (ink > 96).mean() > 0.02


def test_the_text_round_the_rim_is_read_and_the_star_is_not():
    recogniser = FakeRecogniser("DISTRICT FINANCE OFFICE")
    ink, corner = seal_ink()
    assert read_round(ink, RING, corner, recogniser).text == "DISTRICT FINANCE OFFICE"
    assert sum(map(len, recogniser.calls)) == 1


def test_a_line_below_the_star_is_read_after_the_rim():
    page = paper()
    mask = seal_mask(page.shape, CENTER, RADIUS) | words_mask(page.shape, (500, 762), "12345", framed=False, size=0.9)
    ink, corner = stamp_ink(upright_of(stamped(page, mask, RED)), np.asarray(RING, np.int32), StampColour.RED)
    assert read_round(ink, RING, corner, FakeRecogniser("OFFICE", "12345")).text == "OFFICE 12345"


def test_what_is_hardly_read_is_left_out():
    ink, corner = seal_ink()
    assert read_round(ink, RING, corner, FakeRecogniser(("OFFICE", 0.3), otherwise="")).text is None


def test_text_along_the_lower_rim_is_read_either_way_and_the_surer_reading_taken():
    page = paper()
    turned = cv2.rotate(seal_mask(page.shape, (500, 700), RADIUS, text="NO.1889", star=False).astype(np.uint8), 1)
    ink, corner = stamp_ink(upright_of(stamped(page, turned > 0, RED)), np.asarray(RING, np.int32), StampColour.RED)
    assert read_round(ink, RING, corner, FakeRecogniser(("688I ON", 0.6), ("NO.1889", 0.9))).text == "NO.1889"


def test_lines_in_a_frame_are_cut_without_it():
    mask = words_mask((300, 700), (350, 150), "RECEIVED").astype(np.uint8) * 255
    (x, y, width, height) = cv2.boundingRect(mask)
    (picture,) = line_pictures(mask[y : y + height, x : x + width])
    assert picture.shape[0] < 0.8 * height
    assert (picture[:3] > 200).all()


def test_the_characters_of_a_square_name_seal_are_read_down_its_columns_from_the_right():
    mask = np.zeros((200, 200), np.uint8)
    for text, at in (("A", (120, 90)), ("B", (120, 175)), ("C", (35, 90)), ("D", (35, 175))):
        cv2.putText(mask, text, at, cv2.FONT_HERSHEY_SIMPLEX, 2, 255, 5)
    cv2.rectangle(mask, (4, 4), (195, 195), 255, 6)
    quad = np.array([(0, 0), (199, 0), (199, 199), (0, 199)], float)
    recogniser = FakeRecogniser(("CA", 0.6), ("DB", 0.6), ("ABCD", 0.95))
    assert read_straight(mask, quad, recogniser).text == "ABCD"


@pytest.mark.parametrize("star", [True, False])
def test_only_a_star_is_taken_from_the_middle(star):
    mask = seal_mask((200, 200), (100, 100), 90, text="", star=star)
    core = mask[45:155, 45:155].astype(np.uint8) * 255
    if not star:
        cv2.putText(core, "DATE", (20, 75), cv2.FONT_HERSHEY_SIMPLEX, 1, 255, 3)
    assert without_star(core).any() == (not star)
