"""What strokes look like and say adds up to how probably they are a signature."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from margin_pages import blank, draw_pen, draw_print, upright_page

from pipeline.elements import Candidate, LineKind, TextLine
from pipeline.handwriting.dates import DateReading
from pipeline.imaging.line_crops import measure_line
from pipeline.signatures.evidence import signature_parts, signature_probability
from pipeline.signatures.margin_kinds import MARGIN_EVIDENCE, MarginLine, PageView
from pipeline.signatures.reading import NameReading, SignatureReading

BLACK = (30, 30, 30)
NAME = NameReading("张三丰", 0.9, ())
NOTHING = SignatureReading(None, None, None, None)
NAMED = SignatureReading(NAME, None, None, None)


def probability(image, quad, reading=NOTHING, handwriting=0.95, prior=MARGIN_EVIDENCE):
    page = upright_page(image)
    quad = tuple((float(x), float(y)) for x, y in quad)
    shape = measure_line(page.ink.darkness, quad, page.ink.noise)
    piece = MarginLine(TextLine("张三丰", 0.9, quad, LineKind.OTHER), quad, shape, handwriting)
    return signature_probability(PageView(page, (piece,), prior), [piece], reading)


def box(left, top, right, bottom):
    return (left, top), (right, top), (right, bottom), (left, bottom)


PEN = box(95, 90, 300, 160)


def test_a_name_in_pen_is_a_signature():
    assert probability(draw_pen(blank(), 100, 100), PEN, NAMED) > 0.9


@pytest.mark.parametrize(
    "shape",
    [
        [[(100, 130), (115, 150), (150, 100)]],
        [[(100, 100), (150, 150)], [(150, 100), (100, 150)]],
        [[(125 + 25 * np.cos(a), 125 + 25 * np.sin(a)) for a in np.linspace(0, 6.3, 30)]],
        [[(100, 100), (220, 106)], [(100, 150), (230, 146)]],
    ],
    ids=["tick", "cross", "circle", "two strokes"],
)
def test_a_mark_of_few_strokes_is_none_however_it_is_read(shape):
    image = blank()
    for stroke in shape:
        cv2.polylines(image, [np.rint(stroke).astype(np.int32)], False, BLACK, 3)
    assert probability(image, box(92, 92, 240, 160), NAMED) < 0.25


def test_what_is_far_longer_than_a_name_is_none_unless_it_ends_in_a_date():
    image = blank()
    for left in range(100, 1100, 140):
        image = draw_pen(image, left, 100)
    line, dated = box(95, 90, 1200, 160), DateReading("3.30", 0.9, 3, 30, None, 0.0, False)
    assert probability(image, line, NAMED, prior=2.0) < 0.5
    assert probability(image, line, NAMED._replace(date=dated), prior=2.0) > 0.9


def test_a_rubber_stamp_is_none_though_its_characters_are_as_large():
    image = draw_print(blank(), 110, 110, letters=3, size=40)
    assert probability(image, box(100, 100, 250, 160), NAMED) < 0.25


def test_a_drawing_as_high_as_wide_is_less_likely_than_a_line():
    image = blank()
    for turn in np.linspace(0.2, 3, 9):
        reach = np.array([70 * np.cos(turn), 70 * np.sin(turn)])
        ends = (np.rint((200, 200) + sign * reach).astype(int).tolist() for sign in (-1, 1))
        cv2.line(image, *ends, BLACK, 3)
    assert probability(image, box(120, 120, 280, 280)) < probability(draw_pen(blank(), 100, 100), PEN) - 0.3


@pytest.mark.parametrize(("color", "signs"), [((60, 50, 205), False), ((150, 80, 50), True)], ids=["red", "blue"])
def test_few_sign_in_red(color, signs):
    """Little red ink on a page is not taken out of its darkness as a seal's."""
    page, coloured = upright_page(draw_pen(blank(), 100, 100)), draw_pen(blank(), 100, 100, color)
    page = replace(page, page=replace(page.page, image=coloured))
    quad = tuple((float(x), float(y)) for x, y in PEN)
    shape = measure_line(page.ink.darkness, quad, page.ink.noise)
    piece = MarginLine(TextLine("张三丰", 0.9, quad, LineKind.OTHER), quad, shape, 0.95)
    assert (signature_probability(PageView(page, (piece,)), [piece], NAMED) > 0.5) is signs


def test_each_piece_of_evidence_moves_the_odds_its_way():
    image = draw_pen(blank(), 100, 100)
    date = DateReading("3.30", 0.9, 3, 30, None, 0.0, False)
    least = {"reading": NOTHING, "handwriting": 0.5}
    plain = probability(image, PEN, **least)
    assert probability(image, PEN, **least | {"handwriting": 0.9}) > plain
    assert probability(image, PEN, **least | {"reading": NAMED}) > plain
    assert probability(image, PEN, **least | {"reading": NOTHING._replace(date=date)}) > plain
    assert probability(image, PEN, **least, prior=2.0) > plain
    doubtful = NOTHING._replace(date=date._replace(likeness=-9.0))
    assert probability(image, PEN, **least | {"reading": doubtful}) < plain


def test_a_date_by_itself_signs_nothing_but_one_behind_strokes_that_may_be_a_name_does():
    image = draw_pen(blank(), 100, 100)
    date = NOTHING._replace(date=DateReading("3.30", 0.9, 3, 30, None, 0.0, False))
    whole, end = (tuple((float(x), float(y)) for x, y in box(left, 90, 300, 160)) for left in (100, 240))
    assert probability(image, PEN, date._replace(date_quad=whole)) < 0.5
    assert probability(image, PEN, date._replace(date_quad=end)) > 0.9
    assert probability(image, PEN, date._replace(name=NAME, date_quad=whole)) > 0.9


def test_a_name_is_not_less_likely_for_digits_that_may_be_a_date():
    image = draw_pen(blank(), 100, 100)
    digits = DateReading("3.6", 0.6, 3, 6, None, -4.8, True)
    alone = probability(image, PEN, NAMED, handwriting=0.5)
    assert probability(image, PEN, NAMED._replace(date=digits), handwriting=0.5) == pytest.approx(alone)


def test_a_name_counts_if_any_way_to_read_it_is_as_long_as_names_are():
    image = draw_pen(blank(), 100, 100)
    one = NameReading("张", 0.7, (Candidate("张", 0.7), Candidate("张三丰", 0.6)))
    named = probability(image, PEN, NAMED, handwriting=0.5)
    assert probability(image, PEN, NOTHING._replace(name=one), handwriting=0.5) == pytest.approx(named)
    alone = one._replace(candidates=one.candidates[:1])
    assert probability(image, PEN, NOTHING._replace(name=alone), handwriting=0.5) < named


def test_the_parts_are_name_and_date_or_else_the_pieces():
    name, date = (tuple((float(x), float(y)) for x, y in box(0, 0, wide, 10)) for wide in (30, 50))
    piece = MarginLine(TextLine("", 0.0, name, LineKind.OTHER), name, None, 0.9)
    assert signature_parts([piece], NOTHING) == [name]
    assert signature_parts([], NAMED._replace(name_quad=name, date_quad=date)) == [date, name]


def test_the_parts_are_upright_where_the_date_has_a_cell_of_its_own():
    askew = ((0.0, 10.0), (40.0, 0.0), (42.0, 20.0), (2.0, 30.0))
    date = tuple((float(x), float(y)) for x, y in box(200, 0, 230, 20))
    pieces = [
        MarginLine(TextLine("", 0.0, quad, LineKind.OTHER), quad, None, 0.9, dates)
        for quad, dates in ((askew, None), (date, (0, 1, 1)))
    ]
    found = signature_parts(pieces, NAMED._replace(name_quad=askew, date_quad=date))
    assert found == [((0.0, 0.0), (42.0, 0.0), (42.0, 30.0), (0.0, 30.0)), date]
