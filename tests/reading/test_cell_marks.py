"""A cell that holds a mark and nothing else has the mark for its text, whatever the recogniser makes of it."""

from dataclasses import replace

import pytest
from drawing import Table, rule, sheet, upright
from drawn_marks import draw_mark
from fake_engines import FakeRecogniser

from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import BBox, CellReading
from pipeline.grid.grids import build_grids
from pipeline.layout.layout import analyse_layout
from pipeline.layout.text_lines import InkLine
from pipeline.reading.cell_marks import MOST, PROVEN, UNPROVEN, CellMark, believed, settle_mark, with_marks
from pipeline.reading.cells import recognise_cells
from pipeline.residual.residual_ink import ReadPage, find_residual_ink, unread_rest
from pipeline.settings.settings import GridSettings

TABLE = Table(rows=(200, 260, 320), cols=(100, 420, 740, 1060))
NOWHERE = InkLine(BBox(0, 0, 10, 10), ())


def read(cells, *readings, otherwise="中文", dash=None):
    """The reading of a table with strokes of these kinds in its cells, by (row, col); the layout; and the recogniser.

    A `dash` of (pixels below the border above, brightness) is drawn into cell (1, 1).

    The cells without any have letters of three strokes, by which the page's text height is measured.
    """
    image = sheet()
    for row in range(2):
        for col in range(3):
            left, top = TABLE.cols[col] + 60, TABLE.rows[row] + 20
            if (row, col) in cells:
                draw_mark(image, cells[row, col], left, top, 19)
            else:
                for number in range(3) if dash is None or (row, col) != (1, 1) else ():
                    draw_mark(image, "中", left + 24 * number, top, 19)
    if dash is not None:
        top, left = TABLE.rows[1] + dash[0], TABLE.cols[1] + 100
        image[top : top + 3, left : left + 40] = dash[1]
    rule(image, TABLE)
    page = upright(image)
    dewarped = dewarp(page)
    layout = analyse_layout(page, dewarped, build_grids(dewarped, GridSettings()))
    fake = FakeRecogniser(*readings, otherwise=otherwise)
    (table,) = recognise_cells(layout, fake)
    return table, layout, fake


@pytest.mark.parametrize("kind", ["×", "√", "□", "☑", "〃", "---", "/"])
def test_a_mark_lands_as_itself(kind):
    table, _, _ = read({(1, 1): kind}, otherwise=("m", 0.2))
    assert table.at(1, 1).text == kind
    assert [line.text for line in table.at(1, 1).lines] == [kind]


@pytest.mark.parametrize(
    ("dash", "sure"),
    [((6, 200), False), ((6, 60), True), ((30, 200), True)],
    ids=["pale, by the border", "dark, by the border", "pale, in the middle"],
)
def test_a_pale_dash_by_a_border_may_be_what_is_left_of_the_rule(dash, sure):
    table, _, _ = read({}, otherwise=("—", 0.99), dash=dash)
    assert table.at(1, 1).text == "—"
    assert (table.at(1, 1).confidence >= 0.95) is sure


def test_text_beside_marks_is_read():
    table, _, _ = read({(1, 1): "×"})
    assert table.at(0, 0).text == "中文"


def test_marks_leave_no_residual_ink():
    table, layout, _ = read({(1, 1): "×", (0, 1): "〃"})
    page = ReadPage(layout, (table,), ())
    assert find_residual_ink(page, unread_rest(page)) == []


def test_a_letter_that_is_read_clearly_stays_text():
    table, _, _ = read({(1, 1): "中"}, otherwise="中")
    assert table.at(1, 1).text == "中"
    assert table.at(1, 1).confidence > 0.95


def mark(text, probability):
    return CellMark(text, probability, NOWHERE, MOST if text in PROVEN else UNPROVEN)


@pytest.mark.parametrize("text", ["_", "—", "-"])
def test_a_reading_of_the_mark_itself_makes_it_surer(text):
    assert settle_mark(mark("—", 0.9), text, 0.6).probability > 0.98


@pytest.mark.parametrize(("kind", "text"), [("/", "1"), ("〃", "11"), ("□", "口"), ("×", "X"), ("—", "一")])
def test_a_reading_of_what_looks_alike_says_nothing(kind, text):
    assert settle_mark(mark(kind, 0.8), text, 0.99).probability == pytest.approx(0.8)


def test_a_clear_reading_of_something_else_makes_it_text():
    assert settle_mark(mark("〃", 0.9), "69", 0.998).probability < 0.1


def test_an_unclear_reading_is_what_marks_are_read_as():
    assert settle_mark(mark("---", 0.7), "2Ns", 0.01).probability > 0.9


@pytest.mark.parametrize("kind", ["/", "√", "×"])
def test_a_likely_shape_is_sure_on_a_page_with_others_of_its_kind(kind):
    assert believed(mark(kind, 0.92), mark(kind, 0.92), sure=1).probability >= 0.95
    assert believed(mark(kind, 0.92), mark(kind, 0.92), sure=0).probability == 0.92


@pytest.mark.parametrize(
    ("kind", "settled", "shape"),
    [("/", 0.9, 0.9), ("/", 0.92, 0.7), ("√", 0.91, 0.98), ("—", 0.92, 0.92)],
    ids=["under a seal", "an unlikely shape", "read as a character", "maybe a numeral"],
)
def test_other_marks_that_are_likely_stay_in_doubt(kind, settled, shape):
    assert believed(mark(kind, settled), mark(kind, shape), sure=3).probability == settled


def test_a_dash_among_numerals_is_a_numeral():
    assert settle_mark(mark("—", 0.98), "一", 0.99, numbered=True).probability < 0.5


def test_no_mark_is_surer_than_a_clear_text():
    assert settle_mark(mark("√", 0.998), "√", 0.99).probability <= 0.998


def test_a_mark_that_no_page_had_stays_in_doubt():
    assert settle_mark(mark("…", 0.9), ":", 0.01).probability <= 0.9


def blank_table():
    """A layout of a table without any line of text, and readings of its cells that say nothing."""
    _, layout, _ = read({})
    cells = [cell for grid in layout.grids for cell in grid.cells]
    return replace(layout, lines=()), [CellReading(cell, None, None, ()) for cell in cells]


def test_a_speck_that_looks_like_a_mark_is_none_where_the_page_has_no_other():
    layout, readings = blank_table()
    landed = with_marks(readings, {3: mark("√", 0.6)}, layout)
    assert (landed[3].text, landed[3].alternatives) == ("", ("√",))
    assert landed[3].confidence < 0.95


def test_specks_that_look_alike_in_several_cells_are_marks():
    layout, readings = blank_table()
    landed = with_marks(readings, {index: mark("√", 0.6) for index in range(3)}, layout)
    assert [reading.text for reading in landed[:4]] == ["√", "√", "√", None]
