"""Cells that a form has for signatures are looked at, and only these; what was written there has its cell's place."""

import cv2
import numpy as np
import pytest
from drawing import Table, print_text, rule, sheet, upright
from margin_pages import ALPHABET, InkDetector, RuleRecogniser, draw_pen, rule_engines

from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import CellReading, LineKind, TableReading, TextLine
from pipeline.engines.protocols import Engines
from pipeline.grid.grids import build_grids
from pipeline.imaging.geometry import bounding_box
from pipeline.settings.settings import GridSettings, Settings
from pipeline.signatures.detection import find_signatures
from pipeline.signatures.sign_off_cells import SIGN_OFF_EVIDENCE, read_sign_off, sign_off_cells

FORM = Table((200, 290, 380, 470), (120, 360, 640, 880, 1140))
CONTACT = ("经办人", "", "联系电话", "8672210")


def filled(rows, image=None, table=FORM):
    """The page of a table, flattened, and its reading: texts are given, ink is what the image has."""
    page = upright(rule(sheet(), table) if image is None else image)
    dewarped = dewarp(page)
    (grid,) = build_grids(dewarped, GridSettings())
    assert (grid.n_rows, grid.n_cols) == (3, 4)

    def reading(cell):
        text = rows[cell.row][cell.col]
        place = (grid.table_index, cell.row, cell.col)
        lines = tuple(TextLine(t, 0.99, cell.polygon, LineKind.CELL, *place) for t in text.split("|") if t)
        return CellReading(cell, text.replace("|", ""), 0.99, lines)

    return page, dewarped, [TableReading(grid, tuple(reading(cell) for cell in grid.cells))]


def places(rows):
    return [(own.cell.row, own.cell.col) for own in sign_off_cells(filled(rows)[2])]


BLANK = ("", "", "", "")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("负责人签字", "", "金额", "5"), [(0, 0), (0, 1), (1, 0), (2, 0)]),
        (("填表人：王建国", "", "金额", "5"), [(0, 0), (0, 1), (1, 0)]),
        (("审核意见|同意|审核人：", "", "", ""), [(0, 0), (0, 1), (1, 0)]),
        (("领 导 签 章", "经办人", "", ""), [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)]),
        (("项目名称", "农村公路养护", "主管部门", "县财政局"), []),
        (("监督人员补贴", "人大代表监督人数", "领导小组", ""), []),
        (("项目负责人及其主要成员的基本情况和分工说明", "", "", ""), []),
    ],
    ids=[
        "label and cells beside and below",
        "a role",
        "last line of a cell",
        "labels side by side",
        "none",
        "expenses",
        "prose",
    ],
)
def test_labels_name_the_cells_that_people_sign_in(row, expected):
    assert places((row, BLANK, BLANK)) == expected


def test_below_a_header_that_says_so_every_row_is_signed():
    rows = (("序号", "姓名", "单位", "签名"), ("1", "王建国", "财政局", ""), ("2", "李秀英", "财政局", ""))
    assert places(rows) == [(0, 3), (1, 3), (2, 3)]


def written(rows, image, **texts):
    page, dewarped, tables = filled(rows, image)
    engines = rule_engines(**texts)
    view = read_sign_off(page, dewarped, tables, engines)
    found = find_signatures(view, engines, Settings())
    return found, engines, page


def ruled():
    return cv2.cvtColor(rule(sheet(), FORM), cv2.COLOR_GRAY2BGR)


def test_handwriting_beside_the_label_is_a_signature_with_its_cell():
    found, _, page = written((CONTACT, BLANK, BLANK), draw_pen(ruled(), 400, 222))
    (signature,) = found.signatures
    assert (signature.table_index, signature.row, signature.col) == (0, 0, 1)
    assert (signature.name_read, signature.date_text) == ("张三丰", "3.30")
    box = bounding_box(signature.polygon)
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx((400, 218, 587, 276), abs=10)
    crop = cv2.imdecode(np.frombuffer(signature.crop_png, np.uint8), cv2.IMREAD_COLOR)
    ruling = page.page.image[285:295, 400:580]
    assert crop.min() == ruling.min(), "the crop is the scan's own, with the ruling that is near"
    assert [(line.kind, line.row, line.col) for line in found.lines] == [(LineKind.SIGNATURE, 0, 1)]


class HeightReader(RuleRecogniser):
    """Reads high crops as a name, low ones as a date."""

    def text_of(self, crop):
        return "张三丰" if crop.shape[0] > 48 else "3.30"


def test_a_date_in_a_cell_of_its_own_is_the_date_of_the_name_beside_it():
    row = ("负责人签字", "", "日期", "")
    image = draw_pen(draw_pen(ruled(), 400, 222), 895, 222)
    for left, right in ((530, 600), (890, 1025)):  # the first one's date and the second one's name
        image[210:285, left:right] = image[210, 400]
    page, dewarped, tables = filled((row, BLANK, BLANK), image)
    engines = Engines(HeightReader(), InkDetector(), None, ())
    view = read_sign_off(page, dewarped, tables, engines)
    found = find_signatures(view, engines, Settings())
    (signature,) = found.signatures
    assert (signature.name_read, signature.date_text, signature.row, signature.col) == ("张三丰", "3.30", 0, 1)
    assert [(own.kind, own.col) for own in found.lines] == [(LineKind.SIGNATURE, 1), (LineKind.SIGNATURE, 3)]


def test_ruling_that_is_touched_is_no_part_of_what_is_read():
    page, dewarped, tables = filled((CONTACT, BLANK, BLANK), draw_pen(ruled(), 400, 236))
    view = read_sign_off(page, dewarped, tables, rule_engines())
    assert view.upright.ink.darkness[286:295, 365:395].max() == 0
    assert view.upright.ink.darkness[240:280, 400:580].max() > 150
    assert view.prior == SIGN_OFF_EVIDENCE


def test_a_typed_name_does_not_sign():
    image = cv2.cvtColor(print_text(rule(sheet(), FORM), 400, 235, 3), cv2.COLOR_GRAY2BGR)
    found, *_ = written((CONTACT, BLANK, BLANK), image, short="王建国")
    assert (found.signatures, found.lines, found.findings) == ((), (), ())


class LabelReader(RuleRecogniser):
    """Sees a label at the beginning of long lines, and where it ends."""

    alphabet = (*ALPHABET, *"经办人:")

    def log_probabilities(self, crop):
        text = self.text_of(crop)
        shares = (0.03, 0.1, 0.18, 0.24, 0.36, 0.55, 0.75)
        steps = np.full((80, len(self.alphabet)), 1e-4, np.float32)
        peaks = {round(share * 80): self.alphabet.index(c) for share, c in zip(shares, text, strict=False)}
        for step in range(80):
            steps[step, peaks.get(step, 0)] = 1.0
        return np.log(steps / steps.sum(axis=1, keepdims=True))


def test_a_label_on_the_same_line_is_no_part_of_the_name():
    image = print_text(rule(sheet(), FORM), 140, 235, 3)
    image = draw_pen(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), 208, 222)
    page, dewarped, tables = filled((("经办人：", "", "", ""), BLANK, BLANK), image)
    engines = Engines(LabelReader(long="经办人:张三丰", short="经办人:张三丰"), InkDetector(), None, ())
    view = read_sign_off(page, dewarped, tables, engines)
    assert [round(bounding_box(line.quad).left) for line in view.lines] == pytest.approx([205], abs=12)
    assert bounding_box(view.lines[0].quad).right == pytest.approx(395, abs=20)


def test_blank_cells_cost_no_look_of_the_detector():
    page, dewarped, tables = filled((CONTACT, BLANK, BLANK))
    engines = rule_engines()
    assert read_sign_off(page, dewarped, tables, engines).lines == ()
    assert engines.detector.shown == []


def test_a_form_without_such_a_label_is_not_looked_at():
    page, dewarped, tables = filled((("项目", "", "", ""), BLANK, BLANK), draw_pen(ruled(), 400, 222))
    assert read_sign_off(page, dewarped, tables, rule_engines()) is None


def test_two_people_in_two_cells_are_two_signatures():
    rows = (("负责人", "", "经办人", ""), BLANK, BLANK)
    found, *_ = written(rows, draw_pen(draw_pen(ruled(), 400, 222), 900, 222))
    assert [(own.row, own.col) for own in found.signatures] == [(0, 1), (0, 3)]
