"""Validation: each rule fires where its sentence is true, names its cell, and stays silent on a sound form."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from readings import drawn, line, page

from pipeline.elements import Finding, Severity
from pipeline.hierarchy import interpret
from pipeline.profiles import load_profiles
from pipeline.settings import FormSettings
from pipeline.validation import RULES, mark_for_review, validate

SETTINGS = FormSettings()
PROFILES = load_profiles(SETTINGS)
ROOT = Path(__file__).parent.parent

FORM = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 107 | 县司法局 | | | ^ | ^ | ^ | ^ |
| 合计 | | TOTAL | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 107001 | 普法经费 | AMOUNT | 目标1：印发手册 | 产出指标 | 数量指标 | 印发手册 | 1000册 |
| ^ | ^ | ^ | ^ | ^ | 成本指标 | 印刷成本 | ≤15万元 |
"""
DECLARATION = """
| 项目名称 | 演练经费 | < | < | < |
| 主管部门 | 县政府 | < | 实施单位 | 县应急局 |
| 项目资金（万元） | 年度资金总额 | < | 45.52 | < |
| ^ | 其中：财政拨款 | < | PART | < |
| ^ | 其他资金 | < | 5.52 | < |
| 年度目标 | 办好演练 | < | < | < |
| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| ^ | 产出指标 | 数量指标 | 演练场次 | 3场 |
"""
SOUND = FORM.replace("TOTAL", "").replace("AMOUNT", "15.00")


def document(*pictures):
    """Pages of one table each; None is a page that did not land."""
    return [
        page([drawn(picture)], [line("县司法局2023年部门预算项目支出绩效目标公开表")], number)
        for number, picture in enumerate(pictures, 1)
        if picture is not None
    ]


def findings(*pictures):
    pages = document(*pictures)
    return validate(pages, interpret(pages, PROFILES, SETTINGS), PROFILES, len(pictures))


def summed(total, *amounts):
    """A document whose first page prints a total, with a page for each amount; None is a page that did not land."""
    pictures = [None if amount is None else FORM.replace("AMOUNT", amount) for amount in amounts]
    return [p and p.replace("TOTAL", "" if place else total) for place, p in enumerate(pictures)]


def where(finding):
    return finding.rule, finding.row, finding.col, finding.found


def test_a_sound_form_has_no_finding():
    assert findings(SOUND) == ()


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("| 产出指标 |", "| |", ("leaf_without_ancestor", 3, 4, None)),
        ("| 产出指标 |", "| 产出 |", ("level_outside_vocabulary", 3, 4, "产出")),
        ("| 成本指标 |", "| 社会效益 |", ("level_under_other_parent", 4, 5, "社会效益")),
        ("| 印刷成本 |", "| |", ("leaf_without_name", 4, 6, None)),
        ("| 印刷成本 |", "| ? |", ("unreadable_cell", 4, 6, None)),
        ("| ≤15万元 |", "| |", ("leaf_without_value", 4, 7, None)),
        ("| ≤15万元 |", "| ^ |", ("rows_disagree", 3, 7, "1000册")),
        ("| ≤15万元 |", "| 1-5万元 |", ("unparsable_target", 4, 7, "1-5万元")),
        ("| 15.00 |", "| 1S.00 |", ("unparsable_amount", 3, 2, "1S.00")),
        ("| 15.00 |", "| ? |", ("unreadable_cell", 3, 2, None)),
        ("| 107001 |", "| 1O700l |", ("malformed_code", 3, 0, "1O700l")),
        ("金额 (万元)", "金额 (元)", ("unexpected_unit", 3, 2, "元")),
        ("| 15.00 |", "| |", ("missing_field", None, None, "")),
        ("| 15.00 | 目标1：印发手册 |", "| 15.00 | |", ("missing_field", None, None, "")),
    ],
)
def test_each_rule_names_the_cell_that_breaks_it(was, now, expected):
    assert expected in [where(finding) for finding in findings(SOUND.replace(was, now))]


def test_a_misread_entry_of_a_closed_vocabulary_comes_with_its_nearest_word():
    (finding,) = findings(SOUND.replace("数量指标", "数里指标"))
    assert (finding.found, finding.expected, finding.severity) == ("数里指标", "数量指标", Severity.WARNING)


def test_an_entry_above_several_leaves_is_one_finding():
    assert len(findings(SOUND.replace("| 产出指标 |", "| 产岀指标 |"))) == 1


def test_a_form_without_any_indicator_says_so():
    picture = "\n".join(SOUND.strip().splitlines()[:3])
    assert "no_indicators" in [finding.rule for finding in findings(picture)]


def test_a_table_of_an_unknown_form_is_an_info():
    (finding,) = findings("| 序号 | 姓名 |\n| 1 | 张三 |")
    assert (finding.rule, finding.severity, finding.page_number) == ("unknown_form", Severity.INFO, 1)


@pytest.mark.parametrize(
    ("part", "rules"),
    [("40.00", []), ("39.99", []), ("41.00", ["amount_parts_mismatch"]), ("4o.o0x", ["unparsable_amount"])],
)
def test_the_shares_of_an_amount_sum_to_it_but_for_rounding(part, rules):
    pages = [page([drawn(DECLARATION.replace("PART", part))], [line("项目支出绩效目标申报表")])]
    found = validate(pages, interpret(pages, PROFILES, SETTINGS), PROFILES, 1)
    assert [finding.rule for finding in found] == rules


@pytest.mark.parametrize(
    ("pictures", "rules"),
    [
        (summed("17.00", "15.00", "2.00"), []),
        (summed("18.00", "15.00", "2.00"), ["total_mismatch"]),
        (summed("17.00", "17.00"), []),
        (summed("117.06", "15.00"), ["total_not_checkable"]),
        (summed("18.00", "15.00", None, "2.00"), ["total_not_checkable"]),
        (summed("18.00", "15.00", "2.00", None), ["total_not_checkable"]),
        (summed("18.00", "15.00", "2.O.0"), ["unparsable_amount", "total_not_checkable"]),
        ([*summed("17.00", "15.00", "2.00"), *summed("9.00", "8.00", "1.00")], []),
        ([*summed("17.00", "15.00", "2.00"), *summed("9.00", "8.00", "2.00")], ["total_mismatch"]),
    ],
)
def test_a_printed_total_is_checked_when_the_document_is_complete(pictures, rules):
    assert sorted(finding.rule for finding in findings(*pictures)) == sorted(rules)


def test_a_mismatch_names_the_total_and_both_sums():
    (finding,) = findings(*summed("18.00", "15.00", "2.00"))
    assert (finding.page_number, finding.row, finding.col) == (1, 2, 2)
    assert (Decimal(finding.found), Decimal(finding.expected)) == (Decimal(17), Decimal(18))


def reviewed(*found, confidence=0.99):
    """Which records need review: the project, then each indicator."""
    pages = [page([drawn(SOUND, confidence)], [line("县司法局2023年部门预算项目支出绩效目标公开表")])]
    marked = mark_for_review(interpret(pages, PROFILES, SETTINGS), found, 0.9)
    return [record.needs_review for record in (*marked.projects, *marked.indicators)]


FINDING = Finding("rule", Severity.WARNING, "message", page_number=1, project_index=0, table_index=0)


@pytest.mark.parametrize(
    ("finding", "needs_review"),
    [
        (replace(FINDING, row=4, col=7), [False, False, True]),
        (replace(FINDING, row=3, col=4), [False, True, True]),
        (replace(FINDING, row=3, col=2), [True, False, False]),
        (replace(FINDING, row=4), [False, False, True]),
        (FINDING, [True, True, True]),
        (replace(FINDING, table_index=None), [True, False, False]),
        (replace(FINDING, row=4, col=7, severity=Severity.INFO), [False, False, False]),
        (replace(FINDING, row=4, col=7, page_number=2), [False, False, False]),
    ],
)
def test_a_finding_asks_for_review_of_the_records_that_rest_on_its_place(finding, needs_review):
    assert reviewed(finding) == needs_review


def test_low_confidence_alone_asks_for_review():
    assert reviewed(confidence=0.89) == [True, True, True]
    assert reviewed(confidence=0.91) == [False, False, False]


def test_the_docs_list_exactly_the_rules_in_the_code():
    listed = re.findall(
        r"^\| `(\w+)` \| ([a-z ]+) \| (.+) \|$", (ROOT / "docs" / "findings.md").read_text("utf-8"), re.M
    )
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "pipeline").rglob("*.py")]
    elsewhere = {name for source in sources for name in re.findall(r'(?:rule=|Finding\(\s*)"(\w+)"', source)}
    assert sorted(name for name, _, _ in listed) == sorted(RULES.keys() | elsewhere)
    assert [row for row in listed if row[0] in RULES] == [(n, str(r.severity), r.sentence) for n, r in RULES.items()]
