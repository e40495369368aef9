"""A cell whose text stands in columns is read the way it runs, or doubted."""

import numpy as np
import pytest
from drawing import INK, PAPER, PRINT_PX, Table, print_text, rule, sheet, upright
from fake_engines import FakeRecogniser

from pipeline.dewarp.dewarping import dewarp
from pipeline.grid.grids import build_grids
from pipeline.layout import analyse_layout
from pipeline.reading import recognise_cells
from pipeline.rereading import reread_cells
from pipeline.rereading.turned_text import UNTOLD
from pipeline.settings.settings import GridSettings

TABLE = Table(rows=(200, 400, 460), cols=(100, 220, 540, 1060))


def stacked(image, left, top, letters, seed=3):
    """Print characters below each other, in place."""
    for letter in range(letters):
        print_text(image, left, top + round(letter * 1.1 * PRINT_PX), 1, seed=seed + letter)
    return image


def on_its_side(image, left, top, letters, turns):
    """Print a line turned by quarter turns counter-clockwise, in place."""
    line = np.full((PRINT_PX + 2, round(letters * PRINT_PX * 1.15)), 244, np.uint8)
    turned = np.rot90(print_text(line, 0, 1, letters), turns)
    image[top : top + turned.shape[0], left : left + turned.shape[1]] = turned
    return image


class Told(FakeRecogniser):
    """Reads lines one by one, then columns as it is told: by side, turned one way, and the other."""

    def __init__(self, lines, *ways):
        super().__init__(*lines, *ways, otherwise=("?", 0.2))


def read(image, lines, *ways):
    page = upright(rule(image, TABLE))
    dewarped = dewarp(page)
    layout = analyse_layout(page, dewarped, build_grids(dewarped, GridSettings()))
    recogniser = Told(lines, *ways)
    tables = recognise_cells(layout, recogniser)
    calls = len(recogniser.calls)
    (table,), _ = reread_cells(layout, tables, recogniser)
    return table.at(0, 0), recogniser.calls[calls:], tables[0].at(0, 0)


def test_a_heading_turned_counter_clockwise_is_read_from_its_foot():
    image = on_its_side(sheet(), 150, 230, 4, turns=1)
    cell, _, before = read(image, ["数", "量", "指", "标"], ("数量指标", 0.99), ("f", 0.3), ("标指量数", 0.999))
    assert before.text == "数量指标"
    assert (cell.text, len(cell.lines)) == ("标指量数", 1) and cell.confidence > 0.95
    (first, second, *_) = cell.lines[0].polygon
    assert first[1] > second[1] and first[0] == pytest.approx(second[0], abs=2)  # it runs upwards


def test_the_crops_show_the_first_character_of_a_line_first_in_its_own_turn():
    image = on_its_side(sheet(), 150, 230, 4, turns=3)
    image[230 : 230 + PRINT_PX, 151 : 151 + PRINT_PX] = INK
    _, crops, _ = read(image, ["?"] * 4, ("T", 0.3), ("四个字符", 0.999), ("H", 0.3))
    side_by_side, down, up = (255 - call[0][..., 0].astype(int) for call in crops[:3])
    first = [crop[:, : crop.shape[1] // 3].sum() / crop.sum() for crop in (side_by_side, down, up)]
    assert min(first[:2]) > 0.5
    assert first[2] < 0.3
    assert {len(crop) for crop in (side_by_side, down, up)} == {32}


def test_stacked_characters_are_read_side_by_side():
    image = stacked(sheet(), 150, 230, 4)
    cell, crops, _ = read(image, ["单", "位", "名", "称"], ("单位名称", 0.999), ("单位名称", 0.999), ("x", 0.2))
    assert cell.text == "单位名称" and cell.confidence > 0.95
    stack = crops[0][0]
    assert stack.shape[1] > 3 * stack.shape[0]


def test_two_columns_are_read_from_the_right_where_the_left_one_is_short():
    image = stacked(stacked(sheet(), 170, 220, 4), 138, 232, 2, seed=9)
    cell, _, before = read(image, ["?"] * 4, "基金", "社会保险", "基金", "社会保险", "", "")
    assert cell.text == "社会保险基金"
    assert len(cell.lines) == 2 and before.text != cell.text


def test_two_columns_of_one_length_are_read_from_the_right_and_doubted():
    image = stacked(stacked(sheet(), 170, 220, 3), 138, 220, 3, seed=9)
    cell, _, _ = read(image, ["?"] * 3, "险基金", "社会保", "险基金", "社会保", "", "")
    assert cell.text == "社会保险基金"
    assert cell.confidence <= UNTOLD


def test_punctuation_between_stacked_characters_is_read_with_the_whole_column():
    image = stacked(stacked(sheet(), 150, 230, 2), 150, 285, 2, seed=8)
    image[274:279, 160:165] = INK
    cell, _, _ = read(image, ["?"] * 4, "数量单价", ("数量、单价", 0.96), ("x", 0.2), "数量、单价")
    assert cell.text == "数量、单价" and cell.alternatives == ()


def test_what_reads_well_in_no_way_keeps_its_lines_in_doubt():
    image = stacked(sheet(), 150, 230, 4)
    cell, _, before = read(image, ["甲", "乙", "丙", "丁"], ("x", 0.2), ("y", 0.2), ("z", 0.2))
    assert cell.text == before.text == "甲乙丙丁"
    assert before.confidence > 0.95 >= UNTOLD >= cell.confidence


def test_a_page_of_lines_is_left_as_it_is_and_costs_no_reading():
    image = print_text(sheet(), 120, 230, 4)
    print_text(image, 120, 262, 4, seed=5)
    cell, crops, before = read(image, ["第一行字", "第二行字"])
    assert cell is before and crops == []


# --- struck text ------------------------------------------------------------------------------------------------------


def struck(image, begin, end, top):
    """Draw a line of 2 px through what is printed at a height, in place."""
    image[top + PRINT_PX // 2 : top + PRINT_PX // 2 + 2, begin:end] = INK
    return image


def read_findings(image, lines, *ways):
    page = upright(rule(image, TABLE))
    dewarped = dewarp(page)
    layout = analyse_layout(page, dewarped, build_grids(dewarped, GridSettings()))
    recogniser = Told(lines, *ways)
    (table,), findings = reread_cells(layout, recognise_cells(layout, recogniser), recogniser)
    return table, findings


def test_the_correction_beside_struck_text_is_what_the_cell_says():
    image = struck(print_text(sheet(), 260, 300, 4), 245, 355, 300)
    print_text(image, 380, 280, 3, seed=5)
    table, (finding,) = read_findings(image, ["?"] * 2, "11.86", "10.86")
    cell = table.at(0, 1)
    assert cell.text == "10.86" and cell.confidence < 0.95
    assert (finding.rule, finding.severity, finding.found) == ("struck_text", "warning", "11.86")
    assert (finding.row, finding.col) == (0, 1)


def test_text_that_is_struck_without_a_correction_lands_in_doubt():
    image = struck(print_text(sheet(), 260, 300, 4), 245, 365, 300)
    table, (finding,) = read_findings(image, ["?"], "11.86")
    assert table.at(0, 1).text == "11.86" and table.at(0, 1).confidence <= UNTOLD
    assert finding.found == "11.86"


# --- text that runs over ----------------------------------------------------------------------------------------------


def running_over():
    """A page with a line of text, of which a stroke goes through the rule at 540."""
    image = print_text(sheet(), 232, 300, 16)
    image[308:310, 530:550] = INK
    return image


def test_text_that_runs_over_into_a_blank_cell_is_one_line_of_the_first():
    image = running_over()
    table, findings = read_findings(image, ["青海省海北州祁连县财", "政"], "青海省海北州祁连县财政")
    first, second = table.at(0, 1), table.at(0, 2)
    assert first.text == "青海省海北州祁连县财政" and second.text == ""
    assert max(first.confidence, second.confidence) < 0.95
    assert [(finding.rule, finding.col) for finding in findings] == [("text_over_border", 1), ("text_over_border", 2)]
    assert findings[0].found == "青海省海北州祁连县财 / 政"


def test_text_that_begins_in_the_middle_of_a_cell_is_left_in_both_in_doubt():
    image = running_over()
    image[295:325, 225:400] = PAPER
    table, findings = read_findings(image, ["一", "二"])
    assert [table.at(0, col).text for col in (1, 2)] == ["一", "二"]
    assert max(table.at(0, col).confidence for col in (1, 2)) < 0.95
    assert len(findings) == 2


def test_a_number_whose_rows_read_surely_stands_in_no_columns():
    image = print_text(print_text(sheet(), 130, 300, 1), 150, 300, 2)
    print_text(image, 150, 330, 1)
    cell, calls, before = read(image, ["11200", "1"], ("2001", 0.99), ("11", 0.99))
    assert (cell, calls) == (before, [])


def test_columns_that_are_read_anew_are_in_doubt_in_another_script_than_the_page():
    image = print_text(stacked(sheet(), 150, 230, 4), 240, 300, 8)
    ways = ("工資福利", 0.999), ("工資福利", 0.999), ("f", 0.2)
    cell, _, _ = read(image, [*"工資福利", "项目预算资金单号账户总额"], *ways)
    assert cell.confidence <= 0.9
    assert {"工资福利", "工資福利"} <= {cell.text, *cell.alternatives}
