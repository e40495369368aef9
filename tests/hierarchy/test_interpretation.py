"""Hierarchy: projects and indicators from the places of cells, never from the order of their text."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from form_pictures import DECLARATION, PROFILES, SETTINGS, TARGETS, TITLE
from hypothesis import given
from hypothesis import strategies as st
from random_tables import tilings
from readings import drawn, line, page, table

from pipeline.elements import AmountPart, CellRef, LineKind, Severity
from pipeline.hierarchy.interpretation import interpret, split_goals
from pipeline.settings.settings import FormSettings
from pipeline.validation import mark_for_review, validate


def read(picture, title=TITLE, lines=()):
    """The interpretation of one page with one table."""
    return interpret([page([drawn(picture)], [line(title), *lines])], PROFILES, SETTINGS)


def leaves(interpretation):
    return [(i.level1, i.level2, i.level3, i.target_text) for i in interpretation.indicators]


def rules(picture, title=TITLE):
    """The rules that a page breaks, infos aside."""
    pages = [page([drawn(picture)], [line(title)])]
    found = interpret(pages, PROFILES, SETTINGS)
    findings = (*found.findings, *validate(pages, found, PROFILES, 1))
    return {finding.rule for finding in findings if finding.severity is not Severity.INFO}


def test_each_leaf_has_the_ancestors_whose_cells_cover_its_row():
    assert leaves(read(TARGETS)) == [
        ("产出指标", "数量指标", "印发手册", "1000册"),
        ("产出指标", "数量指标", "办班次数", "≥3次"),
        ("产出指标", "成本指标", "印刷成本", "≤15万元"),
        ("满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"),
    ]


def test_a_project_carries_the_fields_of_its_row_its_unit_and_its_title():
    (project,) = read(TARGETS).projects
    assert (project.parent_code, project.unit_code) == ("107", "107001")
    assert (project.unit_name, project.project_name) == ("祁连县司法局", "普法宣传经费")
    assert (project.amount, project.total, project.amount_unit_read) == (Decimal(15), Decimal(15), "万元")
    assert project.goals == ("目标1：印发手册；", "目标2：办班")
    assert (project.title, project.fiscal_year, project.note) == (TITLE, 2023, "备注：一个项目一张表")
    assert CellRef(1, 0, 3, 1) in project.cells


def test_labels_beside_their_values_fill_the_same_record():
    read_lines = [line("（2021年度）", top=130, kind=LineKind.OTHER)]
    (project,) = read(DECLARATION, "项目支出绩效目标申报表", read_lines).projects
    assert (project.project_name, project.department, project.unit_name) == ("演练经费", "县政府", "县应急局")
    assert project.amount_parts == (AmountPart("财政拨款", Decimal(40)), AmountPart("其他资金", Decimal("5.52")))
    assert (project.title, project.fiscal_year) == ("项目支出绩效目标申报表", 2021)


def test_every_cell_that_means_something_has_a_role():
    roles = read(TARGETS).roles
    assert {place[2:]: role for place, role in roles.items() if place.row in (1, 2, 7)} == {
        (1, 0): "parent_code",
        (1, 1): "unit_name",
        (1, 2): "empty",
        (1, 3): "empty",
        (2, 0): "header",
        (2, 1): "empty",
        (2, 2): "total",
        (2, 3): "empty",
        (2, 4): "header",
        (2, 5): "header",
        (2, 6): "header",
        (2, 7): "header",
        (7, 0): "note",
    }
    assert [roles[1, 0, 3, col] for col in range(8)] == [
        "unit_code", "project", "amount", "goals", "level1", "level2", "level3", "value",
    ]  # fmt: skip


def test_a_cell_without_a_meaning_has_no_role():
    assert CellRef(1, 0, 1, 3) not in read(TARGETS.replace("司法局 | | |", "司法局 | | 盖章 |")).roles


def test_the_rows_between_the_headers_may_stand_in_another_order():
    header, unit, sub, *rest = TARGETS.strip().splitlines()
    unit = unit.replace("^ | ^ | ^ | ^", "| | |")
    header = header.replace("绩效指标 | < | < | <", "绩效指标 | < | < | <")
    swapped = read("\n".join([header, sub, unit, *rest]))
    assert leaves(swapped) == leaves(read(TARGETS))
    assert swapped.projects[0].unit_name == "祁连县司法局"


def test_one_page_holds_several_projects_of_several_units():
    more = """
    | 108 | 祁连县民政局 | | | | | | |
    | 108001 | 救助经费 | 2.00 | 目标1：救助 | 产出指标 | 数量指标 | 救助人数 | 30人 |
    | 108002 | 慰问经费 | 3.00 | 目标1：慰问 | 产出指标 | 数量指标 | 慰问人数 | 40人 |
    """
    picture = "\n".join(TARGETS.strip().splitlines()[:-1]) + more
    found = read(picture)
    assert [(p.unit_name, p.project_name, p.amount) for p in found.projects] == [
        ("祁连县司法局", "普法宣传经费", Decimal(15)),
        ("祁连县民政局", "救助经费", Decimal(2)),
        ("祁连县民政局", "慰问经费", Decimal(3)),
    ]
    assert [(i.project_name, i.level3) for i in found.indicators][-2:] == [
        ("救助经费", "救助人数"),
        ("慰问经费", "慰问人数"),
    ]


@pytest.mark.parametrize(
    ("header", "misread"),
    [
        ("一级指标", "级指标"),
        ("二级指标", "一级指标"),
        ("三级指标", "?"),
        ("指标值", "?"),
        ("单位编码", "?"),
        ("绩效目标", "绩效指标"),
    ],
)
def test_a_misread_header_costs_no_column(header, misread):
    damaged = read(TARGETS.replace(f"| {header} |", f"| {misread} |"))
    assert leaves(damaged) == leaves(read(TARGETS))
    assert damaged.projects[0].goals == ("目标1：印发手册；", "目标2：办班")
    assert damaged.projects[0].unit_code == "107001"


def test_a_misread_total_label_still_leads_to_the_total():
    assert read(TARGETS.replace("合计", "台计")).projects[0].total == Decimal(15)


def test_a_note_below_the_table_belongs_to_its_project():
    without = "\n".join(TARGETS.strip().splitlines()[:-1])
    below = [line("备注：一个项目", top=900, kind=LineKind.NOTE), line("一张表", top=930, kind=LineKind.NOTE)]
    assert read(without, TITLE, below).projects[0].note == "备注：一个项目一张表"


def test_an_unknown_form_has_a_title_but_no_records_and_no_roles():
    found = read("| 序号 | 姓名 | 签到 |\n| 1 | 张三 | |", "会议签到表")
    assert (found.forms[0].form_type, found.forms[0].title) == ("unknown", "会议签到表")
    assert (found.projects, found.indicators, found.roles) == ((), (), {})


def test_a_record_is_as_sure_as_the_least_sure_of_its_cells():
    pages = [page([drawn(TARGETS, confidence=0.8)], [line(TITLE)])]
    assert {i.confidence for i in interpret(pages, PROFILES, SETTINGS).indicators} == {0.8}
    unknown = [page([drawn(TARGETS, confidence=None)], [line(TITLE)])]
    assert {i.confidence for i in interpret(unknown, PROFILES, SETTINGS).indicators} == {0.99}


def test_a_record_is_as_sure_as_the_place_of_its_least_sure_cell_and_not_as_that_of_others():
    whole = drawn(TARGETS)
    last = whole.grid.cells[-1]
    cells = tuple(replace(own, confidence=0.4) if own is last else own for own in whole.grid.cells)
    doubted = replace(whole, grid=replace(whole.grid, cells=cells))
    found = [i.confidence for i in interpret([page([doubted], [line(TITLE)])], PROFILES, SETTINGS).indicators]
    assert set(found) <= {0.4, 0.99}
    assert found.count(0.4) < len(found)


@pytest.mark.parametrize(
    ("text", "goals"),
    [
        ("目标1：编印1000份；目标2：记录历程", ("目标1：编印1000份；", "目标2：记录历程")),
        ("目标1: 组织 \n目标2: 培训", ("目标1:组织", "目标2:培训")),
        ("目标1编印；目标2记录", ("目标1编印；", "目标2记录")),
        ("完成目标1000份", ("完成目标1000份",)),
        ("", ()),
        (None, ()),
    ],
)
def test_goals_split_at_their_numbers(text, goals):
    assert split_goals(text) == goals


BLANK_STUBS = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 合计 | | | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 072001 | 编撰费 | 5.00 | 目标1：编印 | 产出指标 | 数量指标 | 杂志 | 350份 |
| | | | | | | 年刊 | 350份 |
"""
SHIFTED_LEFT = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 合计 | | | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 072001 | 编撰费 | 5.00 | 目标1：编印 | 产出指标 | 数量指标 | 杂志 | 350份 |
| | | 质量指标 | 制做完成率 | | 100% | | |
| | | 效益指标 | 社会效益 | | 投诉处理率 | 100% | |
"""
SLIPPED_DOWN = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 合计 | | | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 072001 | 培训经费 | 5.00 | 目标1：培训 | 产出指标 | 数量指标 | 培训人数 | 50名 |
| ^ | ^ | ^ | ^ | ^ | 质量指标 | 培训次数 | 3次 |
| ^ | ^ | ^ | ^ | ^ | 社会效益 | 活动出席率 | 100% |
| ^ | ^ | ^ | ^ | ^ | 满意度指标 | 培训成本 | =400元/人 |
"""


@pytest.mark.parametrize(
    ("picture", "broken"),
    [
        (BLANK_STUBS, {"stub_left_blank", "leaf_without_project"}),
        (SHIFTED_LEFT, {"rows_shifted", "row_without_indicator", "leaf_without_ancestor", "leaf_without_project"}),
        (SLIPPED_DOWN, {"rows_shifted", "level_under_other_parent"}),
    ],
)
def test_broken_stubs_become_findings_instead_of_silent_ancestors(picture, broken):
    assert broken <= rules(picture)


def test_an_ancestor_is_carried_down_into_a_blank_stub_where_no_stub_is_merged():
    found = read(BLANK_STUBS)
    assert leaves(found)[1] == ("产出指标", "数量指标", "年刊", "350份")
    assert [(f.rule, f.row, f.col, f.found) for f in found.findings] == [
        ("stub_left_blank", 3, 4, "产出指标"),
        ("stub_left_blank", 3, 5, "数量指标"),
    ]
    assert {CellRef(1, 0, 2, 5), CellRef(1, 0, 3, 5)} <= set(found.indicators[1].cells)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (
            "| 产出指标 | 数量指标 | 杂志 | 350份 |",
            "| 产出指标 | 数量指标 | 杂志 | 350份 |\n| " + "^ | " * 6 + "期刊 | 9册 |",
        ),
        ("| | | | | | | 年刊 |", "| 072002 | 慰问费 | 2.00 | | | | 年刊 |"),
        ("| | | | | | | 年刊 |", "| | | | | | 社会效益 | 年刊 |"),
        ("| | | | | | | 年刊 |", "| | | | | | | 质量指标 |"),
        ("| | | | | | | 年刊 |", "| | | | | ? | | 年刊 |"),
        ("| | | | | | | 年刊 | 350份 |", "| | | | | | | 年刊 | |"),
    ],
    ids=["merged stubs", "another project", "another parent", "a shifted word", "unread", "no value"],
)
def test_no_ancestor_is_carried_down_where_something_speaks_against_it(was, now):
    assert leaves(read(BLANK_STUBS.replace(was, now)))[-1][0] is None


REPEATED_STUBS = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 合计 | | | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 072001 | 编撰费 | 5.00 | 目标1：编印 | 产出指标 | 数量指标 | 杂志 | 350份 |
| 072001 | 编撰费 | 5.00 | 目标1：编印 | 产出指标 | 数量指标 | 年刊 | 350份 |
| 072001 | 编撰费 | 5.00 | | 产出指标 | 质量指标 | 合格率 | 100% |
"""


def test_stubs_repeated_on_each_row_are_one_project_without_a_doubt():
    found = read(REPEATED_STUBS)
    (project,) = found.projects
    assert (project.project_name, project.amount, project.goals_text) == ("编撰费", Decimal(5), "目标1：编印")
    assert [leaf[:3] for leaf in leaves(found)] == [
        ("产出指标", "数量指标", "杂志"),
        ("产出指标", "数量指标", "年刊"),
        ("产出指标", "质量指标", "合格率"),
    ]
    assert rules(REPEATED_STUBS) == set()


@pytest.mark.parametrize(("was", "now"), [("072001", "072002"), ("5.00", "6.00"), ("编印", "办班"), ("编撰费", "?")])
def test_rows_that_differ_beside_the_indicators_are_projects_of_their_own(was, now):
    first, second, *_ = REPEATED_STUBS.strip().splitlines()[2:]
    picture = "\n".join([*REPEATED_STUBS.strip().splitlines()[:2], first, second.replace(was, now)])
    assert len(read(picture).projects) == 2


def test_a_project_that_the_document_names_twice_is_doubted_the_second_time():
    pages = [page([drawn(TARGETS)], [line(TITLE)], number) for number in (1, 2)]
    found = interpret(pages, PROFILES, SETTINGS)
    (finding,) = found.findings
    assert (finding.rule, finding.page_number, finding.project_index) == ("project_repeated", 2, 1)
    other = page([drawn(TARGETS.replace("15.00 | 目标", "16.00 | 目标"))], [line(TITLE)], 2)
    assert interpret([pages[0], other], PROFILES, SETTINGS).findings == ()


def test_a_sound_form_breaks_no_rule():
    assert rules(TARGETS) == set()


@given(st.lists(tilings(PROFILES), max_size=2), st.text(max_size=20), st.sampled_from([0.0, 0.2, 0.6]))
def test_any_grid_with_any_text_is_interpreted_and_every_leaf_rests_on_its_cells(tables, title, threshold):
    pages = [page([one], [line(title or "x")], number) for number, one in enumerate(tables, 1)]
    found = interpret(pages, PROFILES, FormSettings(threshold=threshold))
    cells = {(p.page_number, 0, c.row, c.col) for p in pages for t in p.tables for c in t.grid.cells}
    assert all(set(leaf.cells) <= cells and leaf.cells for leaf in found.indicators)
    assert found.roles.keys() <= cells
    marked = mark_for_review(found, validate(pages, found, PROFILES, len(pages)), 0.9)
    assert len(marked.indicators) == len(found.indicators)


@given(st.lists(st.none() | st.text(max_size=6), min_size=60, max_size=60))
def test_ancestors_follow_from_places_whatever_the_cells_say(texts):
    sound = drawn(TARGETS)
    body = [
        (reading.cell, text if reading.cell.col >= 4 and reading.cell.row >= 3 else reading.text)
        for reading, text in zip(sound.cells, texts, strict=False)
    ]
    found = interpret([page([table(body)], [line(TITLE)])], PROFILES, SETTINGS)
    whole = {leaf.row: leaf.cells for leaf in interpret([page([sound], [])], PROFILES, SETTINGS).indicators}
    assert all(leaf.cells == whole[leaf.row] for leaf in found.indicators)
