"""Boxes before labels are found where a line is wider than its text, and each label is read for itself."""

import pytest
from drawing import Table, rule, sheet, upright
from drawn_marks import draw_mark
from fake_engines import FakeRecogniser

from pipeline.dewarp.dewarping import dewarp
from pipeline.grid.grids import build_grids
from pipeline.layout.layout import analyse_layout
from pipeline.reading.cells import recognise_cells
from pipeline.settings.settings import GridSettings

TABLE = Table(rows=(200, 260, 320), cols=(100, 420, 740, 1060))


def read(kinds, *readings):
    """The first cell's reading, with strokes of these kinds one beside the other; the others have 中中中 each."""
    image = sheet()
    for row in range(2):
        for col in range(3):
            for number, kind in enumerate(kinds if (row, col) == (0, 0) else ("中", "中", "中")):
                draw_mark(image, kind, TABLE.cols[col] + 20 + 25 * number, TABLE.rows[row] + 20, 19)
    rule(image, TABLE)
    page = upright(image)
    dewarped = dewarp(page)
    layout = analyse_layout(page, dewarped, build_grids(dewarped, GridSettings()))
    recogniser = FakeRecogniser(*readings, otherwise="中")
    (table,) = recognise_cells(layout, recogniser)
    return table.at(0, 0), recogniser


OTHERS = ["中中中"] * 5


def test_boxes_that_were_left_out_land_before_their_labels():
    reading, _ = read(["☑", "中", "中", "□", "中", "中"], "新购更新", *OTHERS, "新购", "更新")
    assert reading.text == "☑新购□更新"
    assert [line.text for line in reading.lines] == ["☑新购□更新"]


def test_a_line_that_its_text_accounts_for_is_not_looked_at():
    reading, recogniser = read(["中"] * 6, "中中中中中中", *OTHERS)
    assert reading.text == "中中中中中中"
    assert len(recogniser.calls) == 1


def test_wide_spacing_alone_makes_no_box():
    reading, _ = read(["中", "中", "中", "中"], "中中", *OTHERS)
    assert reading.text == "中中"


@pytest.mark.parametrize("letter", ["口", "国"])
def test_as_many_square_characters_as_there_are_boxes_are_these(letter):
    reading, _ = read(["□", "中", "中"], f"{letter}中", *OTHERS)
    assert reading.text == f"{letter}中"


def test_a_label_without_a_box_beside_others_with_one_is_in_doubt():
    reading, _ = read(["中", "中", "□", "中", "中"], "新购更新", *OTHERS, "新购", "更新")
    assert reading.text == "新购□更新"
    assert reading.confidence <= 0.5


def test_a_label_that_has_room_for_a_box_is_in_doubt():
    reading, _ = read(["☑", "中", "中", "□", "中", "4", "中"], "新购更新", *OTHERS, "新购", "更")
    assert reading.text == "☑新购□更"
    assert reading.confidence <= 0.5


def test_boxes_without_a_label_between_them_are_letters():
    reading, _ = read(["☑", "☑", "中", "中", "中"], "甲乙", *OTHERS)
    assert reading.text == "甲乙"
