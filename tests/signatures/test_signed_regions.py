"""Where the heat shows a signature and no line was found, it is read as one, with the cell that it stands in."""

import cv2
import numpy as np
import pytest
from margin_pages import TABLE, blank, draw_pen, draw_print, draw_table, rule_engines, table_grid, upright_page

from pipeline.elements import CellReading, LineKind, SignatureStatus, TableReading
from pipeline.engines import SignatureHeat
from pipeline.imaging import bounding_box
from pipeline.pen import with_regions
from pipeline.settings import Settings
from pipeline.signatures import find_signatures
from pipeline.signatures.margin_kinds import PageView
from pipeline.signatures.margin_lines import read_margins
from pipeline.signatures.signed_regions import read_regions

CELL_PX = 10.0


def heat_at(*boxes, probability=0.99):
    """Heat of a page of 1240 x 900 px at boxes (left, top, right, bottom)."""
    values = np.full((90, 124), 0.01, np.float32)
    for left, top, right, bottom in boxes:
        values[top // 10 : bottom // 10, left // 10 : right // 10] = probability
    return with_regions(SignatureHeat(values, CELL_PX))


def found_on(image, heat, found=(), tables=(), text="张三丰3.30"):
    page = upright_page(image)
    view = read_regions(page, heat, found, tables, rule_engines(short=text))
    return None if view is None else find_signatures(view, rule_engines(short=text), Settings())


def test_cold_paper_has_no_regions_to_read():
    assert found_on(blank(), heat_at()) is None


def test_a_scrawl_that_is_no_line_of_text_is_a_signature_with_its_place():
    found = found_on(draw_pen(blank(), 700, 760), heat_at((690, 750, 890, 820)))
    (signature,) = found.signatures
    assert found.status is SignatureStatus.SIGNED
    assert signature.confidence > 0.85
    box = bounding_box(signature.polygon)
    assert box.left >= 690 and box.right <= 890 and box.top >= 750 and box.bottom <= 820
    assert (signature.table_index, signature.row, signature.col) == (None, None, None)
    assert [line.kind for line in found.lines] == [LineKind.SIGNATURE]


def test_lukewarm_strokes_leave_the_page_unsure_and_cool_ones_unsigned():
    lukewarm = found_on(draw_pen(blank(), 700, 760), heat_at((690, 750, 890, 820), probability=0.6), text="公开表")
    assert (lukewarm.status, lukewarm.signatures) == (SignatureStatus.UNSURE, ())
    assert [str(finding.rule) for finding in lukewarm.findings] == ["signature_unsure"]
    cool = found_on(draw_pen(blank(), 700, 760), heat_at((690, 750, 890, 820), probability=0.35), text="公开表")
    assert cool.status is SignatureStatus.UNSIGNED


def drawn_strokes(*strokes, colour=(60, 40, 40)):
    """A page with open strokes in the place where the heat is."""
    image = blank()
    for points in strokes:
        cv2.polylines(image, [np.array(points, np.int32)], False, colour, 3, cv2.LINE_AA)
    return image


STAPLE = [(770, 760), (810, 812)]
LETTERS = [(720, 760), (740, 810), (760, 765), (785, 812), (800, 760)], [(815, 805), (830, 762), (845, 806), (860, 770)]


@pytest.mark.parametrize(
    ("strokes", "status"),
    [((STAPLE,), SignatureStatus.UNSIGNED), (LETTERS, SignatureStatus.UNSURE)],
    ids=["staple", "two strokes, as initials"],
)
def test_hot_strokes_that_are_too_few_for_a_name_are_no_signature(strokes, status):
    hot = heat_at((690, 750, 890, 820), probability=0.9)
    assert found_on(drawn_strokes(*strokes), hot, text="公开表").status is status


def test_red_strokes_are_hardly_a_signature():
    image = draw_pen(blank(), 700, 760)
    hot = heat_at((690, 750, 890, 820), probability=0.93)
    assert found_on(image, hot, text="公开表").status is SignatureStatus.SIGNED
    inked = image.min(axis=2) < 160
    image[inked] = (60, 50, 220)
    assert found_on(image, hot, text="公开表").status is SignatureStatus.UNSURE


def test_a_name_and_a_date_behind_it_are_a_signature_in_lukewarm_strokes_too():
    found = found_on(draw_pen(blank(), 700, 760), heat_at((690, 750, 890, 820), probability=0.55))
    assert found.status is SignatureStatus.SIGNED


def test_strokes_too_pale_to_be_measured_are_read_all_the_same():
    found = found_on(blank(), heat_at((690, 750, 890, 820)))
    assert found.status is SignatureStatus.SIGNED


def test_what_was_found_already_is_not_found_a_second_time():
    quad = ((690.0, 750.0), (890.0, 750.0), (890.0, 820.0), (690.0, 820.0))
    assert found_on(draw_pen(blank(), 700, 760), heat_at((690, 750, 890, 820)), [quad]) is None


def test_a_signature_in_a_table_has_the_place_of_its_cell():
    grid = table_grid()
    table = TableReading(grid, (CellReading(grid.cells[0], (), "", 0.99),))
    left, top = TABLE[0] + 500, TABLE[1] + 150
    found = found_on(draw_pen(blank(), left, top), heat_at((left, top, left + 200, top + 60)), tables=[table])
    assert [(own.table_index, own.row, own.col) for own in found.signatures] == [(0, 0, 0)]


@pytest.mark.parametrize(
    ("text", "probability", "signed"),
    [("公开表", 0.99, True), ("公开表", 0.02, False), ("张三丰3.30", 0.02, True)],
    ids=["hot", "cold", "cold with a name and a date"],
)
def test_a_line_in_pen_is_a_signature_where_the_heat_or_what_it_says_tells_so(text, probability, signed):
    page, engines = upright_page(draw_pen(draw_print(draw_table(blank()), 300, 200), 900, 60)), rule_engines(short=text)
    lines = read_margins(page, [table_grid()], engines)
    heat = heat_at((900, 50, 1090, 120), probability=probability)
    found = find_signatures(PageView(page, lines, heat=heat), engines, Settings())
    assert bool(found.signatures) is signed


@pytest.mark.parametrize(
    ("text", "whole"),
    [("公开表", True), ("张三丰3.30", False)],
    ids=["a scrawl", "a name and a date, which are all of it"],
)
def test_a_signature_of_which_a_line_is_but_a_piece_lands_whole(text, whole):
    page, engines = upright_page(draw_pen(draw_print(draw_table(blank()), 300, 200), 900, 60)), rule_engines(short=text)
    lines = read_margins(page, [table_grid()], engines)
    found = find_signatures(PageView(page, lines, heat=heat_at((860, 20, 1200, 240))), engines, Settings())
    (signature,) = found.signatures
    box = bounding_box(signature.polygon)
    assert (box.height > 200 and box.width > 320) is whole
