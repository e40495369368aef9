"""Validation: each rule fires where its sentence is true, names its cell, and stays silent on a sound form."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from checked_forms import DECLARATION, PROFILES, SETTINGS, SOUND, TITLE, check, findings, where
from readings import drawn, line, page, page_from_truth

from pipeline.elements import RULE_MEANINGS, CellRef, Finding, FindingRule, Severity, TableReading
from pipeline.hierarchy.interpretation import interpret
from pipeline.validation import mark_for_review

ROOT = Path(__file__).parents[2]


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
        ("| ≤15元/册 |", "| |", ("leaf_without_value", 4, 7, None)),
        ("| ≤15元/册 |", "| ^ |", ("rows_disagree", 3, 7, "1000册")),
        ("| ≤15元/册 |", "| 1-5元/册 |", ("unparsable_target", 4, 7, "1-5元/册")),
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


def reviewed(*found, confidence=0.99):
    """Which records need review: the project, then each indicator."""
    pages = [page([drawn(SOUND, confidence)], [line(TITLE)])]
    marked = mark_for_review(interpret(pages, PROFILES, SETTINGS), found, 0.9)
    return [record.needs_review for record in (*marked.projects, *marked.indicators)]


FINDING = Finding(FindingRule.ROWS_DISAGREE, Severity.WARNING, "message", page_number=1, project_index=0, table_index=0)


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


def test_every_check_leaves_a_sound_form_of_either_kind_alone():
    pages = [page([drawn(DECLARATION.replace("PART", "40.00"))], [line("项目支出绩效目标申报表")])]
    assert check(pages) == ()


TRUTHS = sorted((ROOT / "tests" / "data").glob("[ps]a[gm]*/*.json"))


@pytest.mark.parametrize("path", TRUTHS, ids=lambda path: path.stem)
def test_a_page_that_was_read_right_has_no_warning(path):
    assert [finding for finding in check([page_from_truth(path)]) if finding.severity is not Severity.INFO] == []


SLIPS = {
    "% as a digit": (r"^(≥?\d+)%$", r"\g<1>8"),
    "% lost": (r"^(≥?\d+)%$", r"\g<1>"),
    "≥ as a digit": (r"^≥(9\d%)$", r"2\g<1>"),
    "≥ as >": (r"^≥", ">"),
    "a speck in front": (r"^≥", "·≥"),
    "a value lost": (r"^.+$", ""),
    "a unit lost": (r"^(≥?\d+)[^\d%]$", r"\g<1>"),
}


def misread_values(reading, slip):
    """The page once for each of its first two values that the slip changes, with the cell that was changed."""
    roles = interpret([reading], PROFILES, SETTINGS).roles
    (table,) = reading.tables
    changed = []
    for place, cell in enumerate(table.cells):
        text = re.sub(*SLIPS[slip], cell.text)
        if roles.get(CellRef(1, 0, cell.cell.row, cell.cell.col)) == "value" and text != cell.text:
            cells = (*table.cells[:place], replace(cell, text=text), *table.cells[place + 1 :])
            changed.append((cell.cell, replace(reading, tables=(TableReading(table.grid, cells),))))
    return changed[:2]


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_that_the_recogniser_is_sure_of_are_warned_of_on_their_cell(slip):
    changed = [one for path in TRUTHS for one in misread_values(page_from_truth(path), slip)]
    for cell, reading in changed:
        warned = {(f.row, f.col) for f in check([reading]) if f.severity is not Severity.INFO}
        assert (cell.row, cell.col) in warned
    assert len(changed) >= 10


def test_the_docs_list_exactly_the_rules_in_the_code():
    listed = re.findall(
        r"^\| `(\w+)` \| ([a-z ]+) \| (.+) \|$", (ROOT / "docs" / "findings.md").read_text("utf-8"), re.M
    )
    assert [name for name, _, _ in listed] == list(FindingRule)
    assert {name: (severity, sentence) for name, severity, sentence in listed if name in RULE_MEANINGS} == RULE_MEANINGS
