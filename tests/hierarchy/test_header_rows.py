"""Header rows: found by where cells end and by what they say."""

from __future__ import annotations

import pytest
from readings import drawn

from pipeline.hierarchy.header_rows import Header, Region, Slots, find_header, is_quantity


def header(picture) -> Header | None:
    table = drawn(picture)
    return find_header(Slots.of(table), Region(0, table.grid.n_rows, 0, table.grid.n_cols))


def rows(picture) -> int | None:
    """How many rows the header has."""
    found = header(picture)
    return found and found.bottom - found.top


LIST = """
| 资产类别 | 资产名称 | 数量 |
| 设备 | 计算机 | 12台 |
| ^ | 打印机 | 3台 |
"""


def test_a_row_of_words_over_rows_of_the_same_columns_is_a_header():
    assert rows(LIST) == 1


def test_a_header_ends_where_its_tallest_cell_does():
    assert rows("| 日期 | 金额 | < |\n| ^ | 借方 | 贷方 |\n| 5月1日 | 48.20 | |") == 2


def test_headings_below_a_wide_one_may_leave_the_others_blank():
    assert rows("| 日期 | 金额 | < |\n| | 借方 | 贷方 |\n| 5月1日 | 48.20 | |\n| 5月2日 | | 3 |") == 2
    assert rows("| 日期 | 凭证 | 摘要 | 金额 | < |\n| | | | 借方 | 贷方 |\n| 5月1日 | 记 | 办公 | 48.20 | |") == 2


def test_the_corner_may_be_blank():
    assert rows("| | 一季度 | 二季度 |\n| 收入 | 12 | 13 |") == 1


def test_days_of_a_month_head_columns_below_a_heading():
    assert rows("| 姓名 | 一月 | < | < |\n| ^ | 1 | 2 | 3 |\n| 张三 | 8 | 8 | 7 |") == 2


def test_years_head_columns():
    assert rows("| 科目 | 2022年 | 2023 |\n| 收入 | 12 | 13 |") == 1


@pytest.mark.parametrize(
    "picture",
    [
        "| 姓名 | | 性别 | |\n| 民族 | | 籍贯 | |",
        "| 办公用房 | 12间 |\n| 会议室 | 3间 |",
        "| 项目名称 | 农村饮水安全工程 | < | < |\n| 主管部门 | 水务局 | 单位 | 供水站 |\n| 资金 | 3 | 年度 | 2023 |",
        "| 验收意见 | 验收合格。同意入库。 |\n| 验收人 | |",
        "| 类别 | 名称 |\n| ^ | 计算机 |",
        "| 外观 | 包装 | 完好 |\n| ^ | 机身 | 无划痕 |\n| 性能 | 打印 | 清晰 |\n| ^ | 扫描 | 彩色 |",
        "| 姓名 | 单位 |",
        "| 登记表 | < |\n| 姓名 | |",
    ],
    ids=[
        "labels and blanks",
        "quantities",
        "other columns below",
        "sentences",
        "a stub",
        "stubs",
        "no row below",
        "a title",
    ],
)
def test_rows_that_head_nothing_are_no_header(picture):
    assert header(picture) is None


def test_a_label_beside_its_value_is_no_part_of_the_header_below():
    assert rows("| 事由 | 培训 | < |\n| 日期 | 交通费 | < |\n| ^ | 单据 | 金额 |\n| 4月1日 | 3 | 12 |") is None


def test_what_stands_above_a_cell_is_joined_from_top_to_bottom():
    table = drawn("| 日期 | 金额 | < |\n| ^ | 借方 | 贷方 |\n| 5月1日 | 48.20 | |\n| 5月2日 | 作废 | < |")
    found = find_header(Slots.of(table), Region(0, 4, 0, 3))
    assert [found.of(table.at(2, col)) for col in range(3)] == ["日期", "金额 › 借方", "金额 › 贷方"]
    assert found.of(table.at(3, 1)) == "金额"


def test_a_heading_that_could_not_be_read_names_nothing():
    table = drawn("| 日期 | ? | 贷方 |\n| 5月1日 | 48.20 | |")
    found = find_header(Slots.of(table), Region(0, 2, 0, 3))
    assert found.of(table.at(1, 1)) is None


@pytest.mark.parametrize(("text", "told"), [("12台", True), ("≤15万元", True), ("2023", False), ("2023年度", False)])
def test_a_number_with_or_without_unit_is_a_quantity_but_a_year_is_a_name(text, told):
    assert is_quantity(text) is told
    assert not is_quantity(None)
