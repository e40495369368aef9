"""Rows of any table: each with the stubs that cover it and the values beside, by geometry and never by a form."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from drawing import tilings
from html_tables import expected_tables
from hypothesis import given
from hypothesis import strategies as st
from readings import cell, drawn, line, page, table

from pipeline.elements import CellRef
from pipeline.forms.profile_parts import Hierarchy, Level, TitleRule
from pipeline.forms.profiles import Profile, load_profiles
from pipeline.hierarchy.interpretation import interpret
from pipeline.hierarchy.table_parts import find_parts
from pipeline.settings.settings import FormSettings
from pipeline.text.normalise import has_content

FOREIGN = Path(__file__).parents[1] / "data" / "foreign" / "sources"


def rows(*tables):
    """The rows of a document with one table a page, of no known form."""
    pages = [page([one], number=number) for number, one in enumerate(tables, 1)]
    return interpret(pages, (), FormSettings()).rows


def told(found):
    """Paths and values, without headers."""
    return [(list(row.path), [value.text for value in row.values]) for row in found]


def foreign(name):
    """The tables that an HTML page describes, page by page."""
    pages = expected_tables((FOREIGN / f"{name}.html").read_text(encoding="utf-8"))
    return [table([(cell(*place), text) for place, text in cells.items()]) for tables in pages for cells in tables]


ASSETS = """
| 资产类别 | 资产名称 | 数量 | 金额 | < |
| ^ | ^ | ^ | 原值 | 净值 |
| 设备 | 计算机 | 12台 | 60000 | 42000 |
| ^ | 打印机 | 3台 | 4500 | |
| 家具 | 书柜 | 8个 | 9600 | 9600 |
"""


def test_a_row_has_its_stubs_as_a_path_and_its_values_under_their_headers():
    first, _, last = rows(drawn(ASSETS))
    assert first.path == ("设备", "计算机")
    assert first.path_headers == ("资产类别", "资产名称")
    assert first.values == (("数量", "12台"), ("金额 › 原值", "60000"), ("金额 › 净值", "42000"))
    assert (first.row, last.row, last.path) == (2, 4, ("家具", "书柜"))


def test_a_row_names_the_cells_it_rests_on_and_is_as_sure_as_the_least_of_them():
    found = rows(drawn(ASSETS, confidence=0.7))[1]
    assert found.cells == tuple(CellRef(1, 0, row, col) for row, col in [(2, 0), (3, 1), (3, 2), (3, 3), (3, 4)])
    assert found.confidence == 0.7
    assert rows(drawn(ASSETS, confidence=None))[1].confidence == 0.99


def test_a_cell_that_may_be_out_of_place_makes_the_rows_that_rest_on_it_less_sure_and_no_others():
    found = [row.confidence for row in rows(misplaced(drawn(ASSETS), 3, 2))]
    assert found == [0.99, 0.4, 0.99]
    assert [row.confidence for row in rows(misplaced(drawn(ASSETS), 2, 0))] == [0.4, 0.4, 0.99]


def misplaced(whole, row, col):
    """The table, unsure of the place of one of its cells."""
    cells = tuple(replace(own, confidence=0.4) if (own.row, own.col) == (row, col) else own for own in whole.grid.cells)
    readings = tuple(replace(one, cell=own) for one, own in zip(whole.cells, cells, strict=True))
    return replace(whole, grid=replace(whole.grid, cells=cells), cells=readings)


def test_stubs_of_many_levels_stand_over_each_other():
    found = told(rows(*foreign("five-levels")))
    assert found[0] == (["考核体系", "业务工作", "重点任务", "项目建设", "进度", "开工率"], ["10", "8.5"])
    assert found[7] == (["考核体系", "业务工作", "日常工作", "会议和督办事项按时办结"], ["7", "7.0"])
    assert len(found) == 12


def test_a_list_inside_a_form_is_found_below_the_forms_own_fields():
    found = rows(*foreign("stubs"))
    list_rows = [row for row in found if row.row >= 7]
    assert told(list_rows)[:3] == [
        (["绩效指标", "产出指标", "数量指标", "管网", "延伸长度"], ["≥48公里", ""]),
        (["绩效指标", "产出指标", "数量指标", "管网", "改造水表"], ["≥3,600块", ""]),
        (["绩效指标", "产出指标", "数量指标", "新增水质监测点"], ["12个", ""]),
    ]
    assert {row.path_headers[-1] for row in list_rows} == {"三级指标"}
    assert told(found)[2:5] == [
        (["项目资金（万元）", "年度资金总额"], ["286.40"]),
        (["项目资金（万元）", "其中：财政拨款"], ["250.00"]),
        (["项目资金（万元）", "其他资金"], ["36.40"]),
    ]


def test_labels_beside_values_are_no_header_of_the_list_below_them():
    picture = """
    | 主管部门 | 县政府 | < | 实施单位 | 应急局 |
    | 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 |
    | ^ | 产出指标 | 数量指标 | 演练场次 | 3场 |
    | ^ | ^ | ^ | 参演人数 | 90人 |
    | ^ | 效益指标 | 社会效益 | 知晓率 | ≥90% |
    """
    found = rows(drawn(picture))
    assert told(found) == [
        ([], ["主管部门", "县政府", "实施单位", "应急局"]),
        (["绩效指标", "产出指标", "数量指标", "演练场次"], ["3场"]),
        (["绩效指标", "产出指标", "数量指标", "参演人数"], ["90人"]),
        (["绩效指标", "效益指标", "社会效益", "知晓率"], ["≥90%"]),
    ]
    assert found[1].path_headers == (None, "一级指标", "二级指标", "三级指标")


def test_a_level_that_is_merged_nowhere_is_taken_for_the_names():
    picture = "| 类别 | 小类 | 名称 | 数量 |\n| 设备 | 办公 | 电脑 | 2 |\n| ^ | 专用 | 仪器 | 3 |"
    assert told(rows(drawn(picture))) == [(["设备", "办公"], ["电脑", "2"]), (["设备", "专用"], ["仪器", "3"])]


def test_pages_with_the_same_header_have_the_same_stubs():
    found = rows(*foreign("ledger"))
    assert {row.page_number for row in found} == {1, 2, 3}
    assert told(found)[-3:] == [
        (["12 May", "111", "Fees"], ["19.90", ""]),
        (["15 May", "112", "Sundries"], ["7.35", ""]),
        (["Carried forward"], ["1,605.30", "1,504.05"]),
    ]
    assert {row.path_headers for row in found if len(row.path) == 3} == {
        ("Date", "Voucher", "Account"),
        ("Date", "Voucher", None),  # 「cancelled」 runs across three columns
    }


def test_codes_and_names_are_the_path_where_nothing_is_merged():
    found = told(rows(*foreign("budget")))
    assert [path for path, _ in found][:2] == [["201", "一般公共服务支出"], ["20103", "政府办公厅（室）"]]
    assert [path for path, _ in found][-1] == ["合计"]


def test_a_running_number_and_the_name_beside_it_are_the_path():
    picture = "| 序号 | 姓名 | 单位 | 签名 |\n| 1 | 张三 | 县医院 | |\n| 2 | 李四 | 县中学 | |\n| 3 | | | |"
    assert told(rows(drawn(picture))) == [
        (["1", "张三"], ["县医院", ""]),
        (["2", "李四"], ["县中学", ""]),
        (["3", ""], ["", ""]),
    ]


def test_a_table_without_structure_lands_its_rows_with_an_empty_path():
    found = rows(drawn("| 姓名 | 张三 | 12 |\n| 性别 | 男 | |"))
    assert told(found) == [([], ["姓名", "张三", "12"]), ([], ["性别", "男", ""])]
    assert {value.header for row in found for value in row.values} == {None}


def test_a_header_that_is_repeated_is_no_row():
    picture = ASSETS.strip() + "\n" + "\n".join(ASSETS.strip().splitlines()[:2]) + "\n| 房屋 | 仓库 | 1间 | 5 | 4 |"
    assert [row.path for row in rows(drawn(picture))][-2:] == [("家具", "书柜"), ("房屋", "仓库")]


def test_rows_that_are_all_alike_are_not_all_headers():
    assert told(rows(drawn("| 是 | 否 |\n| 是 | 否 |"))) == [(["是"], ["否"])]


def test_a_note_from_edge_to_edge_is_a_row_without_values():
    assert told(rows(drawn(ASSETS.strip() + "\n| 备注：每年盘点 | < | < | < | < |")))[-1] == (["备注：每年盘点"], [])


def test_rows_in_which_nothing_is_written_do_not_land_but_their_stub_does():
    assert told(rows(drawn("| 经费 | 名称 | 数量 |\n| 设备 | | |\n| ^ | | |")))[0] == (["设备", ""], [""])
    assert len(rows(drawn("| 经费 | 名称 | 数量 |\n| 设备 | | |\n| ^ | | |"))) == 1


def test_ink_that_could_not_be_read_is_null_and_a_blank_stub_is_empty():
    found = rows(drawn("| 类别 | 名称 | 数量 |\n| 设备 | ? | 2 |\n| ^ | | 3 |"))
    assert [row.path for row in found] == [("设备", None), ("设备", "")]


def test_a_known_form_says_where_its_list_begins_and_ends():
    title = "祁连县司法局2023年部门预算项目支出绩效目标公开表"
    picture = """
    | 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
    | 107 | 祁连县司法局 | | | ^ | ^ | ^ | ^ |
    | 合计 | | 15.00 | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
    | 107001 | 普法经费 | 15.00 | 目标1 | 产出指标 | 数量指标 | 印发手册 | 1000册 |
    | ^ | ^ | ^ | ^ | 一级指标 | 二级指标 | 三级指标 | 指标值 |
    | ^ | ^ | ^ | ^ | 效益指标 | 社会效益 | 知晓率 | ≥90% |
    """
    found = interpret([page([drawn(picture)], [line(title)])], load_profiles(FormSettings()), FormSettings())
    assert [row.row for row in found.rows] == [3, 5]
    assert found.rows[0].path == ("107001", "普法经费", "15.00", "目标1", "产出指标", "数量指标", "印发手册")
    assert found.rows[0].path_headers[3:] == (
        "绩效目标",
        "绩效指标 › 一级指标",
        "绩效指标 › 二级指标",
        "绩效指标 › 三级指标",
    )
    assert found.rows[0].values == (("绩效指标 › 指标值", "1000册"),)
    assert [i.level3 for i in found.indicators] == ["印发手册", "知晓率"]
    assert [finding.rule for finding in found.findings] == []


def test_the_rows_of_a_known_form_go_on_where_its_table_does():
    first, second = (
        """
    | 一级指标 | 二级指标 | 三级指标 | 指标值 | 备注 |
    | 产出指标 | 数量指标 | 印发手册 | 1000册 | |
    """,
        """
    | | | 办班次数 | ≥3次 | 抽查 |
    | 效益指标 | 社会效益 | 知晓率 | ≥90% | |
    """,
    )
    names = ["一级指标", "二级指标", "三级指标"]
    levels = tuple(Level(name) for name in names)
    profile = Profile("list", 1, TitleRule("绩效指标表"), Hierarchy(levels, "指标值"))
    low = drawn(first)
    pages = [page([low], [line("绩效指标表")]), page([drawn(second)], number=2)]
    found = interpret([replace(pages[0], height=300), pages[1]], (profile,), FormSettings())
    assert [(row.page_number, row.row, row.path) for row in found.rows] == [
        (1, 1, ("产出指标", "数量指标", "印发手册")),
        (2, 0, ("产出指标", "数量指标", "办班次数")),
        (2, 1, ("效益指标", "社会效益", "知晓率")),
    ]
    assert found.rows[1].values == (("指标值", "≥3次"), ("备注", "抽查"))
    assert found.rows[1].cells[:3] == (CellRef(1, 0, 1, 0), CellRef(2, 0, 0, 0), CellRef(1, 0, 1, 1))
    assert found.forms[1].form_type == "list"
    assert found.forms[1].runner_up is None


TEXTS = st.sampled_from(["", "甲", "乙类", "名称", "12台", "3", "2023年", "合计", None])


@st.composite
def any_table(draw):
    """Any tiling with any texts."""
    tiled = draw(tilings())
    return table([(cell(*span), draw(TEXTS)) for span in tiled.spans])


def headings(reading):
    return {head.cell for part in find_parts(reading) if part.header for head in part.header.cells}


@given(any_table())
def test_every_text_lands_in_exactly_the_landed_rows_that_its_cell_covers(reading):
    landed = {row.row: row for row in rows(reading)}
    heads = headings(reading)
    for one in reading.cells:
        ref = CellRef(1, 0, one.cell.row, one.cell.col)
        covered = set(range(one.cell.row, one.cell.row + one.cell.row_span)) & landed.keys()
        if one.cell in heads:
            assert not covered
        else:
            assert {row for row, landing in landed.items() if ref in landing.cells} == covered
            assert covered or not has_content(one.text) or repeated(reading, one)


def repeated(reading, one):
    return any(one.cell.row in part.left_out for part in find_parts(reading))


@given(any_table())
def test_a_row_is_all_cells_that_cover_it_from_left_to_right(reading):
    for row in rows(reading):
        covering = dict.fromkeys(reading.at(row.row, col).cell for col in range(reading.grid.n_cols))
        assert row.cells == tuple(CellRef(1, 0, one.row, one.col) for one in covering)
        assert len(row.path) == len(row.path_headers)
        assert len(row.path) + len(row.values) == len(row.cells)


@given(any_table())
def test_the_parts_of_a_table_share_no_row(reading):
    spans = [(part.region.top, part.region.bottom) for part in find_parts(reading)]
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
    assert {row.row for row in rows(reading)} <= {row for first, end in spans for row in range(first, end)}


@pytest.mark.parametrize("name", sorted(path.stem for path in FOREIGN.glob("*.html")))
def test_no_text_of_tables_that_other_programs_drew_is_lost(name):
    for reading in foreign(name):
        landed = {text for row in rows(reading) for text in (*row.path, *(value.text for value in row.values))}
        heads = {head.text for part in find_parts(reading) if part.header for head in part.header.cells}
        assert {one.text for one in reading.cells} - {""} <= landed | heads
