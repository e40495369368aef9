"""Rows that cannot be right are doubted: entries that straddle, cells that shifted, text that is left over."""

from __future__ import annotations

from pathlib import Path

import pytest
from readings import cell, drawn, line, page, table

from pipeline.forms.profiles import load_profiles
from pipeline.hierarchy.interpretation import interpret
from pipeline.settings.settings import FormSettings
from pipeline.text.normalise import one_line
from pipeline.validation import mark_for_review, validate

SETTINGS = FormSettings()
PROFILES = load_profiles(SETTINGS)
SHIFTED = Path(__file__).parents[1] / "data" / "shifted"

TITLE = "祁连县司法局2023年部门预算项目支出绩效目标公开表"
FORM = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 107 | 祁连县司法局 | | | ^ | ^ | ^ | ^ |
| 合计 | | 15.00 | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 107001 | 普法宣传 | 15.00 | 目标1：印发手册 | 产出指标 | 数量指标 | 印发手册 | 1000册 |
| ^ | ^ | ^ | ^ | ^ | ^ | 办班次数 | ≥3次 |
| ^ | ^ | ^ | ^ | ^ | 成本指标 | 印刷成本 | ≤15万元 |
| ^ | ^ | ^ | ^ | 满意度指标 | 满意度指标 | 群众满意度 | ≥95% |
| 107002 | 救助经费 | 3.00 | 目标1：救助 | 产出指标 | 数量指标 | 救助人数 | 30人 |
"""


def hypotheses(picture):
    """The findings of the hierarchy: rule, row, column and what was found."""
    found = interpret([page([drawn(picture)], [line(TITLE)])], PROFILES, SETTINGS)
    return [(f.rule, f.row, f.col, f.found) for f in found.findings]


def test_a_sound_form_has_no_doubt():
    assert hypotheses(FORM) == []


@pytest.mark.parametrize(
    ("was", "now", "doubt"),
    [
        ("| 满意度指标 | 满意度指标 | 群众", "| 满意度指标 | ^ | 群众", ("level_straddles", 5, 5, "成本指标")),
        ("| 成本指标 | 印刷成本 |", "| 成本指标 | ^ |", ("level_straddles", 4, 6, "办班次数")),
        ("| 产出指标 | 数量指标 | 救助", "| ^ | ^ | 救助", ("level_straddles", 6, 4, "满意度指标")),
    ],
    ids=["level 2 over two of level 1", "level 3 over two of level 2", "level 1 over two projects"],
)
def test_an_entry_that_covers_rows_of_several_above_it_is_doubted(was, now, doubt):
    assert doubt in hypotheses(FORM.replace(was, now))


def test_records_that_rest_on_a_straddling_entry_need_review():
    pages = [page([drawn(FORM.replace("| 满意度指标 | 满意度指标 | 群众", "| 满意度指标 | ^ | 群众"))], [line(TITLE)])]
    found = interpret(pages, PROFILES, SETTINGS)
    marked = mark_for_review(found, found.findings, 0.9)
    assert [record.needs_review for record in marked.indicators] == [False, False, True, True, False]


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        ("| 办班次数 | ≥3次 |", "| 办班次数 | 质量指标 |", "质量指标"),
        ("| ^ | ^ | ^ | ^ | ^ | 成本指标 |", "| ^ | ^ | 成本指标 | ^ | ^ | ^ |", "成本指标"),
        ("| ^ | 成本指标 | 印刷成本 |", "| 质量指标 | 成本指标 | 印刷成本 |", "质量指标"),
        ("| 成本指标 | 印刷成本 |", "| | 质量指标 |", "质量指标"),
        ("| 成本指标 | 印刷成本 |", "| 社会效益 | 印刷成本 |", "社会效益"),
    ],
    ids=["in the values", "in the amounts", "in level 1", "in level 3", "under another parent"],
)
def test_a_word_of_a_level_where_it_cannot_stand_casts_doubt_on_its_whole_project(was, now, found):
    shifted = [doubt for doubt in hypotheses(FORM.replace(was, now)) if doubt[0] == "rows_shifted"]
    assert shifted[0] == ("rows_shifted", 3, None, found)
    assert [row for _, row, _, _ in shifted][-1] == 6


def test_a_leaf_named_like_its_own_level_above_is_no_doubt():
    assert hypotheses(FORM.replace("群众满意度", "服务对象满意度")) == []


def test_text_right_of_the_hierarchy_is_doubted_unless_its_column_has_a_header():
    rows = FORM.strip().splitlines()
    more = [f"{row} |" for row in rows[:5]] + [f"{rows[5]} 5次 |"] + [f"{row} |" for row in rows[6:]]
    assert ("rows_shifted", 5, None, "5次") in hypotheses("\n".join(more))
    headed = [more[0], more[1], f"{rows[2]} 权重 |", *more[3:]]
    assert hypotheses("\n".join(headed)) == []


def test_a_row_of_text_without_an_indicator_is_named():
    rows = FORM.strip().splitlines()
    extra = "| 107009 | 会议经费 | 9.00 | 目标1：开会 | | | | |"
    assert hypotheses("\n".join([*rows[:7], extra, *rows[7:]]))[0][:3] == ("row_without_indicator", 7, 0)


def test_a_project_without_indicators_is_not_taken_for_the_unit_of_the_next():
    rows = FORM.strip().splitlines()
    extra = "| 107009 | 会议经费 | 9.00 | 目标1：开会 | | | | |"
    pages = [page([drawn("\n".join([*rows[:7], extra, *rows[7:]]))], [line(TITLE)])]
    assert [project.unit_name for project in interpret(pages, PROFILES, SETTINGS).projects] == ["祁连县司法局"] * 2


def rows_of(name):
    return [line.split("\t") for line in (SHIFTED / name).read_text(encoding="utf-8").splitlines()]


def as_table(rows):
    """A table of single cells, short rows filled up with blank ones."""
    width = max(len(row) for row in rows)
    return table(
        [
            (cell(place, col), one_line(text) or "")
            for place, row in enumerate(rows)
            for col, text in enumerate([*row, *[""] * (width - len(row))])
        ]
    )


@pytest.mark.parametrize("name", ["page-05", "page-06", "page-09", "page-11"])
@pytest.mark.parametrize("shorten", [False, True], ids=["as written", "without blank ends"])
def test_rows_whose_merged_cells_were_dropped_give_no_indicator_that_is_wrong_and_undoubted(name, shorten):
    rows = rows_of(f"{name}.tsv")
    rows = (
        [row[: max((col + 1 for col, text in enumerate(row) if text.strip()), default=1)] for row in rows]
        if shorten
        else rows
    )
    pages = [page([as_table(rows)], [line(TITLE)])]
    found = interpret(pages, PROFILES, SETTINGS)
    findings = (*found.findings, *validate(pages, found, PROFILES, 1))
    marked = mark_for_review(found, findings, 0.9)
    true = {tuple(row) for row in rows_of(f"{name}-true.tsv")}
    undoubted = [(i.level1, i.level2, i.level3, i.target_text) for i in marked.indicators if not i.needs_review]
    assert [leaf for leaf in undoubted if leaf not in true] == []
    assert len(marked.indicators) >= 1
    lost = len(true) - len(marked.indicators)
    assert lost <= sum(f.rule == "row_without_indicator" for f in findings)
