"""Single slips of unsure cells are corrected beside the reading; sure readings and sure texts never are."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from readings import drawn, line, page

from pipeline.correction import correct, corrected, report_corrections
from pipeline.elements import CellRef, Correction, CorrectionReason, Hypothesis, Severity
from pipeline.forms.profiles import load_profiles
from pipeline.hierarchy.interpretation import interpret
from pipeline.settings.settings import FormSettings

SETTINGS = FormSettings()
PROFILES = load_profiles(SETTINGS)
UNSURE_BELOW = 0.95
TITLE = "祁连县司法局2023年部门预算项目支出绩效目标公开表"
FORM = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 107 | 祁连县司法局 | | | ^ | ^ | ^ | ^ |
| 合计 | | 15.00 | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 107001 | 普法宣传经费 | 15.00 | 目标1：印发手册；目标2：办班 | 产出指标 | 数量指标 | 印发手册 | 1000册 |
| ^ | ^ | ^ | ^ | ^ | ^ | 办班次数 | ≥3次 |
| ^ | ^ | ^ | ^ | ^ | 成本指标 | 印刷成本 | ≤15万元 |
| ^ | ^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 群众知晓率 | ≥95% |
"""


def pages_with(slips, count=1):
    """Pages of the form with other texts in some cells: {(row, col): text or (text, confidence, doubts)}."""
    pages = []
    for number in range(1, count + 1):
        table = drawn(FORM, 0.99)
        cells = []
        for reading in table.cells:
            slip = slips.get(
                (number, reading.cell.row, reading.cell.col), slips.get((reading.cell.row, reading.cell.col))
            )
            text, confidence, hypotheses = slip if isinstance(slip, tuple) else (slip, 0.4, ())
            cells.append(
                reading if slip is None else replace(reading, text=text, confidence=confidence, hypotheses=hypotheses)
            )
        pages.append(page([replace(table, cells=tuple(cells))], [line(TITLE)], number))
    return pages


def corrections(slips, count=1):
    pages = pages_with(slips, count)
    found = correct(pages, interpret(pages, PROFILES, SETTINGS), PROFILES, UNSURE_BELOW)
    return {(ref.page_number, ref.row, ref.col): (fix.text, fix.reason) for ref, fix in found.items()}


@pytest.mark.parametrize(
    ("place", "slip", "text", "reason"),
    [
        ((0, 3), "绩效日标", "绩效目标", CorrectionReason.LABEL),
        ((0, 2), "金颈(万元)", "金额(万元)", CorrectionReason.LABEL),
        ((3, 4), "产出揩标", "产出指标", CorrectionReason.VOCABULARY),
        ((6, 5), "服务对象满意度指5", "服务对象满意度指标", CorrectionReason.VOCABULARY),
        ((3, 5), "数量指标。", "数量指标", CorrectionReason.VOCABULARY),
        ((4, 6), "·办班次数", "办班次数", CorrectionReason.STRAY_MARK),
        ((1, 1), "祁连县司法局、", "祁连县司法局", CorrectionReason.STRAY_MARK),
        ((6, 6), ("群众知晓事", 0.4, (Hypothesis(4, 5, "率", 0.2),)), "群众知晓率", CorrectionReason.PHRASE),
        ((3, 3), "目标1：印发手册：目标2：办班", "目标1：印发手册；目标2：办班", CorrectionReason.LIST),
        ((6, 7), "≥958", "≥95%", CorrectionReason.TARGET),
    ],
)
def test_a_slip_is_corrected_for_a_reason(place, slip, text, reason):
    assert corrections({place: slip}) == {(1, *place): (text, reason)}


@pytest.mark.parametrize(
    ("place", "text"),
    [((0, 3), "绩效日标"), ((6, 5), "服务对象满意度指5"), ((4, 6), "·办班次数"), ((6, 7), "≥958")],
)
def test_a_sure_reading_is_never_overwritten(place, text):
    assert corrections({place: (text, UNSURE_BELOW, ())}) == {}


def test_texts_that_are_right_stay_however_unsure_they_are():
    texts = {(r.cell.row, r.cell.col): r.text for r in drawn(FORM).cells if r.text}
    assert corrections(texts) == {}


def test_an_entry_is_corrected_only_to_one_that_may_stand_under_its_parent():
    """成本指标 is an entry of the second level under 产出指标, and 经济成本指标 under 成本指标 alone."""
    assert corrections({(5, 5): "成木指标"}) == {(1, 5, 5): ("成本指标", CorrectionReason.VOCABULARY)}


def test_a_corrected_parent_limits_what_stands_under_it():
    found = corrections({(6, 4): "满童度指标", (6, 5): "满意废指标"})
    assert found == {
        (1, 6, 4): ("满意度指标", CorrectionReason.VOCABULARY),
        (1, 6, 5): ("满意度指标", CorrectionReason.VOCABULARY),
    }


def test_a_name_is_what_the_other_pages_surely_say():
    slips = {(2, 1, 1): "祁连县司沄局"}
    assert corrections(slips, count=3) == {(2, 1, 1): ("祁连县司法局", CorrectionReason.REPETITION)}
    assert corrections(slips, count=2) == {}


def test_a_stray_mark_does_not_bring_back_a_letter_that_was_mended():
    slip = ("群众知晓事。", 0.4, (Hypothesis(4, 5, "率", 0.2),))
    assert corrections({(6, 6): slip}) == {(1, 6, 6): ("群众知晓率", CorrectionReason.PHRASE)}
    slip = ("按其完成。", 0.4, (Hypothesis(1, 2, "期", 0.2),))
    assert corrections({(6, 7): slip}) == {(1, 6, 7): ("按期完成", CorrectionReason.PHRASE)}


def test_a_profile_may_give_its_fields_roles_of_its_own():
    renamed = [
        replace(profile, fields=tuple(replace(field, role=f"my_{field.name}") for field in profile.fields))
        for profile in PROFILES
    ]
    pages = pages_with({(2, 1, 1): "祁连县司沄局", (3, 3, 1): "·普法宣传经费"}, count=3)
    found = correct(pages, interpret(pages, renamed, SETTINGS), renamed, UNSURE_BELOW)
    assert {(ref.page_number, fix.text, fix.reason) for ref, fix in found.items()} == {
        (2, "祁连县司法局", CorrectionReason.REPETITION),
        (3, "普法宣传经费", CorrectionReason.STRAY_MARK),
    }


def test_corrected_pages_differ_in_their_texts_alone():
    pages = pages_with({(6, 7): "≥958"})
    again = corrected(pages, {CellRef(1, 0, 6, 7): Correction("≥95%", CorrectionReason.TARGET)})
    assert again[0].tables[0].at(6, 7).text == "≥95%"
    assert again[0].tables[0].at(6, 7).confidence == pages[0].tables[0].at(6, 7).confidence
    assert corrected(again, {CellRef(1, 0, 6, 7): Correction("≥958", CorrectionReason.TARGET)}) == tuple(pages)
    assert interpret(again, PROFILES, SETTINGS).indicators[-1].target.unit == "%"


def test_each_correction_is_a_finding_that_names_its_cell_and_asks_for_no_review():
    pages = pages_with({(6, 7): "≥958"})
    (finding,) = report_corrections(pages, {CellRef(1, 0, 6, 7): Correction("≥95%", CorrectionReason.TARGET)})
    assert (finding.rule, finding.severity) == ("text_corrected", Severity.INFO)
    assert (finding.page_number, finding.table_index, finding.row, finding.col) == (1, 0, 6, 7)
    assert (finding.found, finding.expected) == ("≥958", "≥95%")


def test_pages_of_an_unknown_form_are_left_as_they_are():
    pages = [page([drawn("| 甲 | 乙 |\n| 丙。 | 丁 |", 0.2)])]
    assert correct(pages, interpret(pages, PROFILES, SETTINGS), PROFILES, UNSURE_BELOW) == {}


def test_the_docs_explain_every_reason():
    section = (Path(__file__).parents[2] / "docs" / "corrections.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| [A-Z]", section.partition("<!-- reasons -->")[2], re.MULTILINE)
    assert sorted(listed) == sorted(CorrectionReason)
