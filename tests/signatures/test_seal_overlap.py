"""What stands at the place of a seal is read as if the seal were not there."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import inked, stamp_mask
from margin_pages import blank, draw_pen, rule_engines, upright_page

from pipeline.imaging.geometry import bounding_box
from pipeline.ink.seal_removal import find_gray_seals
from pipeline.signatures.margin_kinds import PageView
from pipeline.signatures.margin_lines import read_margins
from pipeline.signatures.seal_overlap import read_without_seals

CENTER, RADIUS = (980, 100), 75
GRAY = (130, 130, 130)


def sealed():
    return inked(blank(), stamp_mask(blank().shape[:2], CENTER, RADIUS), GRAY)


def lines_without_seals(image, above=900):
    """The lines of a page that begin above a height, and what is left of them."""
    page, engines = upright_page(image), rule_engines()
    view = PageView(page, read_margins(page, [], engines))
    pieces = [line for line in view.lines if bounding_box(line.quad).top < above]
    seals = find_gray_seals(page, [piece.quad for piece in pieces])
    assert seals
    assert pieces
    return read_without_seals(view, pieces, seals, engines)


def test_a_signature_over_a_seal_is_left_where_it_stands():
    left = lines_without_seals(draw_pen(sealed(), 880, 75))
    boxes = [bounding_box(line.quad) for line in left.lines]
    assert (min(box.left for box in boxes), max(box.right for box in boxes)) == pytest.approx((870, 1075), abs=15)
    assert (min(box.top for box in boxes), max(box.bottom for box in boxes)) == pytest.approx((71, 130), abs=12)


def test_of_a_seal_with_specks_no_line_is_left():
    image = sealed()
    for x, y in ((900, 60), (890, 140), (1062, 150)):
        cv2.circle(image, (x, y), 1, (40, 40, 40), -1)
    assert lines_without_seals(image).lines == ()


def test_nothing_else_of_the_page_is_read():
    image = draw_pen(draw_pen(sealed(), 880, 75), 300, 600)
    tops = [[bounding_box(line.quad).top for line in lines_without_seals(image, above).lines] for above in (900, 500)]
    assert max(tops[0]) == pytest.approx(596, abs=12)
    assert max(tops[1]) < 200


def test_the_view_keeps_what_its_place_says_and_its_lines_land_only_as_signatures():
    page, engines = upright_page(draw_pen(sealed(), 880, 75)), rule_engines()
    view = PageView(page, read_margins(page, [], engines), prior=2.5)
    left = read_without_seals(view, view.lines, find_gray_seals(page, [line.quad for line in view.lines]), engines)
    assert (left.prior, left.lines_land) == (2.5, False)
    assert np.array_equal(left.upright.page.image, page.page.image)


def test_lines_that_are_left_stand_in_the_cell_of_those_they_were():
    page, engines = upright_page(draw_pen(sealed(), 880, 75)), rule_engines()
    lines = [
        replace(line, text_line=replace(line.text_line, table_index=1, row=4, col=2), dates=(1, 4, 0))
        for line in read_margins(page, [], engines)
    ]
    seals = find_gray_seals(page, [line.quad for line in lines])
    left = read_without_seals(PageView(page, tuple(lines)), lines, seals, engines)
    assert left.lines
    for line in left.lines:
        assert (line.text_line.table_index, line.text_line.row, line.text_line.col) == (1, 4, 2)
        assert line.dates == (1, 4, 0)
