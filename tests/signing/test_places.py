"""Pages say where they are to be signed: by labels, rules, cells and closings, else around their table."""

from dataclasses import replace

import pytest
from readings import box, drawn
from signing_pages import PEN, RULE, line, upright

from pipeline.elements import LineKind, TextLine
from pipeline.imaging.geometry import bounding_box
from pipeline.signing.places import find_signing_places


def places(*texts, dark=(), tables=()):
    return find_signing_places(upright(*dark), texts, tables)


def summary(found):
    return [(str(one.kind), one.label, one.role, one.printed_name, one.inked) for one in found]


def test_a_rule_behind_a_label_is_a_place_and_is_empty_until_it_is_signed():
    label = line("Signature:", 90, 388)
    assert summary(places(label, dark=[RULE])) == [("label", "Signature", None, None, False)]
    assert summary(places(label, dark=[RULE, PEN])) == [("label", "Signature", None, None, True)]


def test_a_rule_with_a_name_below_is_a_place():
    (place,) = places(line("Moira Wallace", 220, 408), line("Director", 220, 432), dark=[RULE])
    assert summary([place])[0][:1] + summary([place])[0][3:] == ("rule_with_name", "Moira Wallace", False)
    box = bounding_box(place.polygon)
    assert box.left == pytest.approx(200, abs=3)
    assert box.top < 360
    assert box.bottom >= 402


def test_a_rule_to_be_filled_in_otherwise_is_none():
    assert places(line("Address", 220, 408), line("Date:", 130, 388), dark=[RULE]) == ()


def test_a_label_without_a_rule_asks_behind_its_colon_or_below():
    behind, below = places(line("负责人：", 100, 300)), places(line("签字", 100, 300))
    assert bounding_box(behind[0].polygon).left > 125
    assert bounding_box(below[0].polygon).top >= 319


def test_a_letter_is_signed_between_its_closing_and_the_printed_name():
    (place,) = places(line("Yours sincerely,", 100, 500), line("Ed Perlmutter", 100, 600), line("Director", 100, 622))
    assert summary([place]) == [("closing", "Yours sincerely,", "Director", "Ed Perlmutter", False)]
    box = bounding_box(place.polygon)
    assert (box.top, box.bottom) == pytest.approx((520, 600), abs=2)


def test_the_place_and_the_date_below_a_closing_belong_to_it():
    (place,) = places(line("Fait à Paris", 100, 500), line("Le 13 avril 2017", 100, 524))
    assert bounding_box(place.polygon).top >= 543


def test_a_cell_beside_its_label_is_a_place_and_nothing_else_is_looked_for():
    table = drawn("| 负责人签字 |  | 日期 |  |\n| 备注 | 无 | a | b |")
    (place,) = places(tables=[table])
    assert (str(place.kind), place.cell, place.label) == ("cell", (0, 0, 1), "负责人签字")


def with_reading(table, row, col, **changed):
    """A table with the reading of one cell changed."""
    cells = tuple(replace(one, **changed) if (one.cell.row, one.cell.col) == (row, col) else one for one in table.cells)
    return replace(table, cells=cells)


@pytest.mark.parametrize(
    ("changed", "cell"),
    [({"confidence": 0.2}, (0, 0, 1)), ({"handwritten": True}, (0, 0, 1)), ({}, (0, 0, 0))],
    ids=["unsurely read", "by hand", "typed"],
)
def test_a_cell_whose_text_may_be_a_signature_is_signed_and_one_with_type_is_not(changed, cell):
    table = drawn("| 负责人签字 | 古 | 日期 | 3 |\n| 备注 | 无 | a | b |")
    (place,) = places(tables=[with_reading(table, 0, 1, **changed)])
    assert place.cell == cell


def test_a_label_in_a_line_of_a_cells_text_asks_behind_it():
    table = drawn("| 意见 | 同意上报，并按规定时间完成各项工作任务。签字： |")
    lines = tuple(
        TextLine(text, 0.99, box(45, top, 75, top + 8), LineKind.CELL, 0, 0, 1)
        for text, top in (("同意上报，并按规定时间完成各项工作任务。", 205), ("签字：", 225))
    )
    (place,) = places(tables=[with_reading(table, 0, 1, lines=lines)])
    assert (place.label, place.cell) == ("签字：", (0, 0, 1))
    area = bounding_box(place.polygon)
    assert area.top < 225
    assert area.bottom > 233


def test_a_page_that_asks_for_no_signature_has_no_place():
    table = drawn("| 名称 | 金额 |\n| 甲 | 1 |")
    assert places(tables=[table]) == places() == ()
