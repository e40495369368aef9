"""Continued pages: a table that runs on is one table, and what may be one but need not is said, not guessed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from cut_tables import cut, full_pages
from hypothesis import given
from hypothesis import strategies as st
from random_tables import tilings
from readings import drawn, line, page

from pipeline.elements import CellRef, LineKind, Severity, Status, TableReading
from pipeline.forms.profiles import load_profiles
from pipeline.hierarchy.interpretation import interpret
from pipeline.settings.settings import FormSettings
from pipeline.validation import mark_for_review, validate

SETTINGS = FormSettings()
PROFILES = load_profiles(SETTINGS)

TITLE = "祁连县司法局2023年部门预算项目支出绩效目标公开表"
HEADERS = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 107 | 祁连县司法局 | | | ^ | ^ | ^ | ^ |
| 合计 | | 18.00 | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
"""
FORM = (
    HEADERS
    + """
| 107001 | 普法宣传 | 15.00 | 目标1：印发手册； | 产出指标 | 数量指标 | 印发手册 | 1000册 |
| ^ | ^ | ^ | ^ | ^ | ^ | 办班次数 | ≥3次 |
| ^ | ^ | ^ | ^ | ^ | ^ | 培训人数 | ≥50人 |
| ^ | ^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥95% |
| 107002 | 救助经费 | 3.00 | 目标1：救助 | 产出指标 | 数量指标 | 救助人数 | 30人 |
"""
).replace("\n\n", "\n")
DECLARATION = """
| 项目名称 | 演练经费 | < | < | < |
| 主管部门 | 县政府 | < | 实施单位 | 县应急局 |
| 项目资金（万元） | 年度资金总额 | < | 45.52 | < |
| ^ | 其中：财政拨款 | < | 40.00 | < |
| ^ | 其他资金 | < | 5.52 | < |
| 年度目标 | 办好演练 | < | < | < |
| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| ^ | 产出指标 | 数量指标 | 演练场次 | 3场 |
| ^ | ^ | ^ | 参加人数 | ≥50人 |
| ^ | 效益指标 | 社会效益 | 群众知晓率 | ≥90% |
"""
LEAVES = [
    ("普法宣传", "产出指标", "数量指标", "印发手册", "1000册"),
    ("普法宣传", "产出指标", "数量指标", "办班次数", "≥3次"),
    ("普法宣传", "产出指标", "数量指标", "培训人数", "≥50人"),
    ("普法宣传", "满意度指标", "服务对象满意度指标", "群众满意度", "≥95%"),
    ("救助经费", "产出指标", "数量指标", "救助人数", "30人"),
]


def understood(pages):
    """The interpretation with its reviews decided, and all findings but those of the pages."""
    found = interpret(pages, PROFILES, SETTINGS)
    findings = (*found.findings, *validate(pages, found, PROFILES, len(pages)))
    return mark_for_review(found, findings, 0.9), findings


def leaves(interpretation):
    return [(i.project_name, i.level1, i.level2, i.level3, i.target_text) for i in interpretation.indicators]


def two_pages(above, below, title=TITLE):
    """Two full pages of one drawn table each, the second without a title."""
    return full_pages([drawn(above), drawn(below)], title)


def top(rows):
    """The form's headers and its first rows."""
    return "\n".join(FORM.strip().splitlines()[: 3 + rows])


def reason(pages):
    """Why a continuation is unclear, None where nothing is said of it."""
    findings = interpret(pages, PROFILES, SETTINGS).findings
    return next((f.found for f in findings if f.rule == "continuation_unclear"), None)


@pytest.mark.parametrize("header_rows", [0, 3])
@pytest.mark.parametrize("breaks", [[4], [5], [6], [7], [4, 6], [4, 5, 6, 7]])
def test_a_form_reads_the_same_wherever_page_breaks_cut_it(breaks, header_rows):
    found, findings = understood(full_pages(cut(drawn(FORM), breaks, header_rows), TITLE))
    assert leaves(found) == LEAVES
    assert [(p.project_name, p.amount, p.total, p.unit_name) for p in found.projects] == [
        ("普法宣传", Decimal(15), Decimal(18), "祁连县司法局"),
        ("救助经费", Decimal(3), Decimal(18), "祁连县司法局"),
    ]
    assert {form.form_type for form in found.forms} == {"performance_target"}
    assert {f.rule for f in findings} == {"continued_from_previous_page"}
    assert not any(record.needs_review for record in (*found.projects, *found.indicators))


def test_a_record_names_its_own_place_and_rests_on_cells_of_both_pages():
    found, findings = understood(full_pages(cut(drawn(FORM), [5]), TITLE))
    first, second = found.projects
    assert (first.first_page, first.last_page, second.first_page, second.last_page) == (1, 2, 2, 2)
    assert {CellRef(1, 0, 3, 1), CellRef(2, 0, 0, 1)} <= set(first.cells)
    cut_leaf = found.indicators[2]
    assert (cut_leaf.page_number, cut_leaf.table_index, cut_leaf.row) == (2, 0, 0)
    assert cut_leaf.cells == (
        *(CellRef(1, 0, 3, 4), CellRef(2, 0, 0, 4)),
        *(CellRef(1, 0, 3, 5), CellRef(2, 0, 0, 5)),
        *(CellRef(2, 0, 0, 6), CellRef(2, 0, 0, 7)),
    )
    assert [found.roles[2, 0, 0, col] for col in (1, 4, 5, 6, 7)] == ["project", "level1", "level2", "level3", "value"]
    assert [(f.page_number, f.row, f.col, f.found, f.project_index) for f in findings] == [
        (2, 0, None, None, 0),
        (2, 0, 4, "产出指标", 0),
        (2, 0, 5, "数量指标", 0),
    ]


def test_repeated_headers_keep_their_roles():
    roles = understood(full_pages(cut(drawn(FORM), [5], 3), TITLE))[0].roles
    assert (roles[2, 0, 0, 0], roles[2, 0, 1, 1], roles[2, 0, 2, 7]) == ("header", "unit_name", "header")
    assert roles[2, 0, 3, 6] == "level3"


def test_a_repeated_title_is_no_new_form_where_the_cells_beside_the_indicators_are_blank():
    pages = full_pages(cut(drawn(FORM), [5], 3), TITLE)
    pages[1] = replace(pages[1], lines=(line(TITLE),))
    assert leaves(understood(pages)[0]) == LEAVES


@pytest.mark.parametrize("header", ["", "| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 |\n"])
def test_a_form_with_its_fields_above_goes_on_with_or_without_its_headers(header):
    above, below = "\n".join(DECLARATION.strip().splitlines()[:8]), header + "| | | | 参加人数 | ≥50人 |\n"
    below += "| ^ | 效益指标 | 社会效益 | 群众知晓率 | ≥90% |"
    found, findings = understood(two_pages(above, below, "项目支出绩效目标申报表"))
    assert leaves(found) == [
        ("演练经费", "产出指标", "数量指标", "演练场次", "3场"),
        ("演练经费", "产出指标", "数量指标", "参加人数", "≥50人"),
        ("演练经费", "效益指标", "社会效益", "群众知晓率", "≥90%"),
    ]
    assert (found.projects[0].first_page, found.projects[0].last_page) == (1, 2)
    assert {f.rule for f in findings} == {"continued_from_previous_page"}


@pytest.mark.parametrize(
    ("row", "read"),
    [
        ("| | | | | 效益指标 | 社会效益 | 知晓率 | 90% |", ("普法宣传", "效益指标", "社会效益", "知晓率", "90%")),
        ("| | | | | | 质量指标 | 合格率 | 90% |", ("普法宣传", "产出指标", "质量指标", "合格率", "90%")),
        ("| | | | | 产出指标 | | 合格率 | 90% |", ("普法宣传", "产出指标", "数量指标", "合格率", "90%")),
        ("| | | | | 效益指标 | | 知晓率 | 90% |", ("普法宣传", "效益指标", None, "知晓率", "90%")),
        ("| 107003 | 慰问 | 1.00 | 目标 | | | 人数 | 9人 |", ("慰问", None, None, "人数", "9人")),
        ("| 107001 | 普法宣传 | 15.00 | | | | 人数 | 9人 |", ("普法宣传", "产出指标", "数量指标", "人数", "9人")),
    ],
    ids=["new level 1", "new level 2", "level 1 repeated", "blank below a new one", "new project", "project repeated"],
)
def test_a_blank_stub_goes_on_only_under_an_entry_that_goes_on(row, read):
    assert leaves(understood(two_pages(top(2), row))[0])[-1] == read


@pytest.mark.parametrize(
    ("last", "row", "joined"),
    [
        ("| 完成率 | |", "| | 100% |", ("完成率", "100%")),
        ("| 群众法律 | 提高 |", "| 知识知晓率 | |", ("群众法律知识知晓率", "提高")),
        ("| 法律意识 | 有所 |", "| | 提高 |", ("法律意识", "有所\n提高")),
        ("| | 提高 |", "| 法律意识 | |", ("法律意识", "提高")),
    ],
    ids=["the value is below", "the name goes on", "the value goes on", "the name is below"],
)
def test_an_indicators_row_that_is_cut_is_joined_and_marked(last, row, joined):
    above = top(1) + "\n| ^ | ^ | ^ | ^ | ^ | ^ " + last
    found, findings = understood(
        two_pages(above, "| | | | | | " + row + "\n| ^ | ^ | ^ | ^ | ^ | 质量指标 | 合格率 | 9% |")
    )
    assert [leaf[3:] for leaf in leaves(found)] == [("印发手册", "1000册"), joined, ("合格率", "9%")]
    assert {f.rule for f in findings if f.severity is not Severity.INFO} == {"text_joined_across_pages"}
    assert [record.needs_review for record in found.indicators] == [False, True, False]
    assert (found.indicators[1].page_number, found.indicators[1].row) == (1, 4)


def test_two_values_at_a_page_break_are_not_made_one():
    found, findings = understood(two_pages(top(2), "| | | | | | | | ≤9次 |"))
    assert leaves(found)[1:] == [LEAVES[1], ("普法宣传", "产出指标", "数量指标", None, "≤9次")]
    assert "leaf_without_name" in {f.rule for f in findings}


def test_a_level_cut_within_its_word_is_joined_and_marked():
    above = top(1).replace("产出指标 | 数量指标", "满意度指标 | 服务对象")
    found, findings = understood(two_pages(above, "| | | | | | 满意度指标 | 村民 | 9% |"))
    assert [leaf[2] for leaf in leaves(found)] == ["服务对象满意度指标", "服务对象满意度指标"]
    assert "text_joined_across_pages" in {f.rule for f in findings}


@pytest.mark.parametrize("repeated", [False, True], ids=["no headers", "headers and title again"])
def test_text_that_a_page_break_moves_below_itself_belongs_to_the_whole_cell_and_is_marked(repeated):
    above = HEADERS + "| | | | | | | 手册 | 1册 |\n" + "| ^ | ^ | ^ | ^ | ^ | ^ | 办班 | 3次 |"
    below = "| 107001 | 普法宣传 | 15.00 | 目标1：印发 | 产出指标 | 数量指标 | 人数 | 9人 |"
    pages = two_pages(above, HEADERS + below if repeated else below)
    pages[1] = replace(pages[1], lines=(line(TITLE),) if repeated else ())
    found, findings = understood(pages)
    assert leaves(found) == [
        ("普法宣传", "产出指标", "数量指标", "手册", "1册"),
        ("普法宣传", "产出指标", "数量指标", "办班", "3次"),
        ("普法宣传", "产出指标", "数量指标", "人数", "9人"),
    ]
    assert (found.projects[0].amount, found.projects[0].goals_text) == (Decimal(15), "目标1：印发")
    assert {f.rule for f in findings if f.severity is not Severity.INFO} == {"text_joined_across_pages"}
    assert all(record.needs_review for record in (*found.projects, *found.indicators))


def test_goals_that_go_on_are_joined():
    found, findings = understood(two_pages(top(2), "| | | | 目标2：办班 | | | 人数 | 9人 |"))
    assert found.projects[0].goals == ("目标1：印发手册；", "目标2：办班")
    assert {f.severity for f in findings} == {Severity.INFO}


def test_a_projects_name_that_goes_on_is_joined_and_marked():
    found, findings = understood(two_pages(top(2), "| | 和培训经费 | | | | | 人数 | 9人 |"))
    (project,) = found.projects
    assert (project.project_name, project.needs_review) == ("普法宣传和培训经费", True)
    assert "text_joined_across_pages" in {f.rule for f in findings}


def test_project_cells_cut_within_a_line_are_joined_and_marked_where_the_first_level_goes_on():
    found, findings = understood(two_pages(top(2), "| 1 | 及培训 | | 目标2：办班 | | | 人数 | 9人 |"))
    (project,) = found.projects
    assert (project.unit_code, project.project_name, project.amount) == ("107001 1", "普法宣传及培训", Decimal(15))
    assert project.needs_review
    assert "text_joined_across_pages" in {f.rule for f in findings}
    assert leaves(found)[-1][1:] == ("产出指标", "数量指标", "人数", "9人")
    other = understood(two_pages(top(2), "| 1 | 及培训 | | 目标2：办班 | 产出指标 | 数量指标 | 人数 | 9人 |"))[0]
    assert [p.project_name for p in other.projects] == ["普法宣传", "及培训"]


def test_a_closing_note_on_the_last_page_belongs_to_the_form():
    below = "| | | | | | | 人数 | 9人 |\n| 备注：一个项目一张表 | < | < | < | < | < | < | < |"
    assert understood(two_pages(top(2), below))[0].projects[0].note == "备注：一个项目一张表"


def test_a_blank_page_between_two_pages_is_passed_over():
    first, second = full_pages(cut(drawn(FORM), [5]), TITLE)
    pages = [first, page([], [], 2), replace(second, page_number=3)]
    found, _ = understood(pages)
    assert leaves(found) == LEAVES
    assert found.projects[0].last_page == 3


BELOW = "| | | | | | | 人数 | 9人 |"


def with_other_columns(table):
    """The table with columns that grow wider to the right."""
    cells = [replace(one.cell, polygon=tuple((x + x * x / 300, y) for x, y in one.cell.polygon)) for one in table.cells]
    readings = (replace(one, cell=moved) for one, moved in zip(table.cells, cells, strict=True))
    return TableReading(replace(table.grid, cells=tuple(cells)), tuple(readings))


def changed(pages, place, **fields):
    return [replace(one, **fields) if index == place else one for index, one in enumerate(pages)]


NOTE = line("备注：一个项目一张表", 900, LineKind.NOTE)
FULL = two_pages(top(2), BELOW)


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        (changed(FULL, 1, lines=(line("会议签到登记表"),)), "it has a title"),
        (changed(FULL, 0, lines=(line(TITLE), NOTE)), "the table before it ends with its note"),
        (changed(FULL, 0, height=1400), "the table before it ends in the middle of its page"),
        ([FULL[0], replace(page([], [], 2), status=Status.QUARANTINED), replace(FULL[1], page_number=3)],
         "a page between them could not be read"),
        (full_pages([drawn(top(2)), with_other_columns(drawn(BELOW))], TITLE), "its columns stand elsewhere"),
        (two_pages(top(2), HEADERS.replace("司法局", "畜牧水利站") + BELOW), "it names another unit"),
    ],
    ids=["title", "note", "middle", "gap", "columns", "unit"],
)  # fmt: skip
def test_what_may_be_a_continuation_but_need_not_is_left_alone_and_said(pages, why):
    found, findings = understood(pages)
    assert reason(pages) == why
    assert found.projects[0].needs_review
    assert found.projects[0].last_page == 1
    doubt = next(f for f in findings if f.rule == "continuation_unclear")
    assert (doubt.page_number, doubt.project_index) == (pages[-1].page_number, 0)


@pytest.mark.parametrize(
    "pages",
    [
        two_pages(top(2), "| 序号 | 姓名 | 签到 |\n| 1 | 张三 | |"),
        changed(changed(FULL, 1, lines=(line("会议签到登记表"),)), 0, lines=(line(TITLE), NOTE)),
        [FULL[0], page([], [line("会议纪要")], 2), replace(FULL[1], page_number=3)],
        two_pages(top(2), "| 绩效指标 | < | < | < | 一级指标 | 二级指标 | 三级指标 | 指标值 |"),
    ],
    ids=["other columns", "two reasons", "a page of text between", "headers alone"],
)
def test_a_table_for_which_nothing_speaks_is_no_continuation_and_no_doubt(pages):
    found, findings = understood(pages)
    assert len(found.indicators) == 2
    assert {f.rule for f in findings} <= {"unknown_form", "total_not_checkable"}


def test_a_page_with_its_own_title_and_project_is_a_form_of_its_own():
    pages = full_pages([drawn(top(2)), drawn(top(2).replace("普法宣传", "救助经费"))], TITLE)
    pages[1] = replace(pages[1], lines=(line(TITLE),))
    found, _ = understood(pages)
    assert [(p.project_name, p.first_page, p.last_page) for p in found.projects] == [
        ("普法宣传", 1, 1),
        ("救助经费", 2, 2),
    ]


def test_a_continuation_may_share_its_page_with_a_form_of_its_own():
    rest, other = drawn(BELOW), drawn(top(2).replace("普法宣传", "救助经费"))
    other = replace(other, grid=replace(other.grid, table_index=1))
    first = full_pages([drawn(top(2))], TITLE)[0]
    found, _ = understood([first, page([rest, other], [line(TITLE, 245)], 2)])
    assert [(p.project_name, p.first_page, p.last_page) for p in found.projects] == [
        ("普法宣传", 1, 2),
        ("救助经费", 2, 2),
    ]
    assert [(i.page_number, i.table_index) for i in found.indicators] == [(1, 0), (1, 0), (2, 0), (2, 1), (2, 1)]


def on_one_page(*pictures):
    """One page of several tables, 1000 px apart."""
    tables = []
    for index, picture in enumerate(pictures):
        table = drawn(picture)
        cells = tuple(
            replace(one.cell, polygon=tuple((x, y + 1000 * index) for x, y in one.cell.polygon)) for one in table.cells
        )
        readings = (replace(one, cell=moved) for one, moved in zip(table.cells, cells, strict=True))
        tables.append(TableReading(replace(table.grid, table_index=index, cells=cells), tuple(readings)))
    return [page(tables, [line(TITLE)])]


def test_the_rest_of_a_table_on_the_same_page_is_left_alone_and_said():
    pages = on_one_page(top(2), BELOW)
    found, findings = understood(pages)
    assert (len(found.indicators), reason(pages)) == (2, "it stands on the same page")
    assert [(f.rule, f.page_number, f.table_index) for f in findings if f.rule == "unknown_table"] == [
        ("unknown_table", 1, 1)
    ]
    assert found.projects[0].needs_review


def test_several_forms_on_one_page_are_projects_of_their_own():
    found, findings = understood(on_one_page(top(2), top(2).replace("107001 | 普法宣传", "107002 | 救助经费")))
    assert [(i.project_name, i.table_index) for i in found.indicators] == [
        *(("普法宣传", 0), ("普法宣传", 0), ("救助经费", 1), ("救助经费", 1)),
    ]
    assert {f.rule for f in findings} <= {"total_not_checkable", "total_mismatch"}


@given(st.lists(tilings(PROFILES, n_cols=8), min_size=1, max_size=2))
def test_whatever_stands_on_the_next_page_each_record_rests_on_cells_that_are_there(rests):
    pages = full_pages([drawn(top(2)), *rests], TITLE)
    found, findings = understood(pages)
    cells = {(p.page_number, 0, c.row, c.col) for p in pages for t in p.tables for c in t.grid.cells}
    assert all(set(record.cells) <= cells for record in (*found.projects, *found.indicators))
    assert found.roles.keys() <= cells
    joined = {f.page_number for f in findings if f.rule == "continued_from_previous_page"}
    assert {record.page_number for record in found.indicators} - {1} <= joined | {
        form.page_number for form in found.forms if form.form_type != "unknown"
    }
    assert len({(i.page_number, i.table_index, i.row) for i in found.indicators}) == len(found.indicators)
