"""A page is in one script: slips into another are mended, and a script that cannot be read is told."""

import pytest

from pipeline.elements import Cell, CellReading, Grid, LineKind, TableReading, TextLine
from pipeline.recognition.cascade import CheckedReading
from pipeline.recognition.page_script import (
    LIKELY,
    SELDOM_RIGHT,
    doubt_unread_script,
    in_page_script,
    report_unread_script,
)

SIMPLIFIED = ("预算单位", "项目负责人", "实际支出数额")
TRADITIONAL = ("預算單位", "項目負責人", "實際支出數額")
JAPANESE = ("国会図書館", "うけつけばんごう", "会社の決算", "当期の利益", "学校の経費")


def landed(page, *told):
    """What lands of lines with texts and confidences on a page with other, sure lines."""
    lines = [CheckedReading(text, sure, ()) for text, sure in (*((text, 0.998) for text in page), *told)]
    return [(reading.text, reading.confidence) for reading in in_page_script(lines)[len(page) :]]


def test_slips_land_in_the_pages_script_and_in_doubt():
    slips = landed(SIMPLIFIED, ("項目支出", 0.994), ("溫度", 0.6))
    assert slips == [("项目支出", LIKELY), ("温度", 0.6)]


def test_what_was_read_stays_among_the_alternatives():
    lines = [CheckedReading(text, 0.998, ()) for text in SIMPLIFIED]
    *_, slip = in_page_script([*lines, CheckedReading("項目", 0.98, ("项目", "頂目"))])
    assert slip == CheckedReading("项目", LIKELY, ("項目", "頂目"))


def test_a_name_that_is_surely_read_stays_in_doubt():
    assert landed(SIMPLIFIED, ("陳先生", 0.998)) == [("陳先生", LIKELY)]


def test_pages_in_another_script_stay_as_they_are():
    told = ("項目支出", 0.994)
    for page in (TRADITIONAL, JAPANESE, (), ("Item", "12.50"), SIMPLIFIED[:1]):
        assert landed(page, told) == [told]


def test_a_page_that_mixes_scripts_stays_as_it_is():
    told = ("項目支出", 0.994)
    assert landed((*SIMPLIFIED, *TRADITIONAL), told) == [told]


def test_lines_without_text_stay_without():
    lines = [CheckedReading("", None, ()), *(CheckedReading(text, 0.998, ()) for text in SIMPLIFIED)]
    assert in_page_script(lines) == lines


# --- scripts that cannot be read ---

CYRILLIC = ("  .   ", "   ( ", " 3  ", ",   ", "   -  ", "  «  »", "Bcero   ")


def square(left, top, width, height):
    return ((left, top), (left + width, top), (left + width, top + height), (left, top + height))


def table(*texts, confidence=0.998, heights=8.0):
    """A table of one column whose cells hold a line each, so many times as wide as high."""
    cells = tuple(Cell(row, 0, 1, 1, square(0, 40 * row, 400, 40), 0.99) for row in range(len(texts)))
    readings = tuple(
        CellReading(
            cell,
            text,
            confidence,
            (TextLine(text, confidence, square(10, 40 * cell.row, 20 * heights, 20), LineKind.CELL, 0, cell.row, 0),),
        )
        for cell, text in zip(cells, texts, strict=True)
    )
    return TableReading(Grid(0, len(texts), 1, cells), readings)


def confidences(*tables):
    return [reading.confidence for one in doubt_unread_script(tables) for reading in one.cells]


def test_all_texts_but_numbers_are_in_doubt_where_print_was_read_as_spaces():
    one, two = table(*CYRILLIC), table("CK", "1525", "21,056", heights=2.0)
    invented = [SELDOM_RIGHT] * 2 + [0.998] + [SELDOM_RIGHT] * 4
    assert confidences(one, two) == [*invented, SELDOM_RIGHT, 0.998, 0.998]


def test_the_page_and_its_doubted_cells_are_named():
    page, *cells = report_unread_script(3, [table(*CYRILLIC, "1525")])
    assert (page.rule, page.page_number, page.row) == ("script_unread", 3, None)
    assert [cell.row for cell in cells] == [0, 1, 3, 4, 5, 6]
    assert cells[-1].found == "Bcero   "


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("Department Register", "The contractor shall complete") * 5,
        ("项  目", "合    计", "金  额", "备  注", "单  位", "其  他"),
        ("服务对象满意度", "预算单位") * 4,
        CYRILLIC[:4],
        ("", "   ", "") * 4,
        ("12,345,678.90", "1,234,567.80") * 6,
        ("--  --", "- -", ". . .", "-   -", "- -", *("Method Total Annual",) * 20),
    ],
    ids=["nothing", "latin", "set apart", "chinese", "few", "nothing read", "numbers", "dashes"],
)
def test_print_that_can_be_read_and_pages_with_little_of_it_stay(texts):
    tables = (table(*texts),) if texts else ()
    assert doubt_unread_script(tables) == tables
    assert list(report_unread_script(1, tables)) == []


def test_texts_that_were_doubted_more_stay_so():
    assert set(confidences(table(*CYRILLIC, confidence=0.02))) == {0.02}
