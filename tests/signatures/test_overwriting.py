"""What was written across a printed line is found by the strokes that leave its band."""

import cv2
import pytest
from drawing import inked, stamp_mask
from margin_pages import blank, draw_pen, draw_print, draw_table, rule_engines, table_grid, upright_page

from pipeline.elements import SignatureStatus
from pipeline.imaging.geometry import bounding_box
from pipeline.settings.settings import Settings
from pipeline.signatures.detection import find_signatures
from pipeline.signatures.margin_lines import read_margins
from pipeline.signatures.overwriting import OVERWRITING_EVIDENCE, read_overwriting

TITLE_TOP = 200


def titled():
    return draw_print(draw_table(blank()), 200, TITLE_TOP, letters=26)


def written_on(image):
    page, engines = upright_page(image), rule_engines()
    margins = read_margins(page, [table_grid()], engines)
    return read_overwriting(page, margins, engines), engines


@pytest.mark.parametrize("left", [240, 320, 360])
def test_a_signature_across_the_title_is_found_where_it_stands(left):
    view, engines = written_on(draw_pen(titled(), left, TITLE_TOP - 14))
    assert view.prior == OVERWRITING_EVIDENCE
    found = find_signatures(view, engines, Settings())
    (signature,) = found.signatures
    assert found.status is SignatureStatus.SIGNED
    box = bounding_box(signature.polygon)
    assert (box.top, box.bottom) == pytest.approx((TITLE_TOP - 18, TITLE_TOP + 40), abs=8)
    assert left - 15 <= box.left <= left + 15
    assert left + 90 <= box.right <= left + 215


def test_print_beside_the_strokes_is_taken_away():
    view, _ = written_on(draw_pen(titled(), 320, TITLE_TOP - 14))
    darkness = view.upright.ink.darkness
    assert darkness[:, 600:].max() == 0
    assert darkness[TITLE_TOP - 18 : TITLE_TOP + 40, 320:450].max() > 150


@pytest.mark.parametrize("bracket", [[], [(196, 190, 230)], [(196, 190, 230), (828, 190, 230)]])
def test_a_title_with_brackets_alone_holds_no_writing(bracket):
    image = titled()
    for x, top, bottom in bracket:
        cv2.line(image, (x, top), (x, bottom), (30, 30, 30), 2)
    assert written_on(image)[0] is None


def test_a_gray_seal_over_the_title_is_no_writing():
    mask = stamp_mask(blank().shape[:2], (500, TITLE_TOP + 10), 80)
    assert written_on(inked(titled(), mask, (120, 120, 120)))[0] is None


def test_letters_that_leave_their_band_by_themselves_are_no_writing():
    image = draw_pen(titled(), 320, TITLE_TOP - 14)
    page, engines = upright_page(image), rule_engines(long="http://www.example.gov.cn/2023")
    margins = read_margins(page, [table_grid()], engines)
    assert read_overwriting(page, margins, engines) is None


def test_a_page_without_print_has_nothing_across_it():
    assert written_on(draw_table(blank()))[0] is None
