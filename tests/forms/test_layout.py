"""What a form says in a table: its projects, their leaves and their fields."""

from __future__ import annotations

from decimal import Decimal

from form_pictures import DECLARATION, PROFILES, TARGETS
from readings import drawn

from pipeline.elements import AmountPart
from pipeline.forms.layout import lay_out_table
from pipeline.forms.profile_parts import FieldName
from pipeline.forms.recognition import label_table

BY_NAME = {profile.name: profile for profile in PROFILES}
MORE = """
| 108 | 祁连县民政局 | | | | | | |
| 108001 | 救助经费 | 2.00 | 目标1：救助 | 产出指标 | 数量指标 | 救助人数 | 30人 |
| 108002 | 慰问经费 | 3.00 | 目标1：慰问 | 产出指标 | 数量指标 | 慰问人数 | 40人 |
"""
SEVERAL = "\n".join(TARGETS.strip().splitlines()[:-1]) + MORE


def labelled(picture, form="performance_target"):
    return label_table(drawn(picture), BY_NAME[form])


def laid_out(picture, form="performance_target", seams=frozenset()):
    return lay_out_table(labelled(picture, form), seams)


def test_each_project_has_its_own_leaves_group_and_fields():
    layout = laid_out(SEVERAL)
    assert [[leaf.row for leaf in block.leaves] for block in layout.blocks] == [[3, 4, 5, 6], [8], [9]]
    assert (layout.group_rows, [block.group_row for block in layout.blocks]) == ((1, 7), [1, 7, 7])
    assert [block.text(FieldName.UNIT_NAME) for block in layout.blocks] == ["祁连县司法局", *["祁连县民政局"] * 2]
    assert [block.amount(FieldName.AMOUNT) for block in layout.blocks] == [Decimal(15), Decimal(2), Decimal(3)]
    assert [leaf.row for leaf in layout.leaves] == [3, 4, 5, 6, 8, 9]


def test_a_project_has_the_named_shares_of_its_amount():
    (block,) = laid_out(DECLARATION, "goal_declaration").blocks
    assert block.amount_parts() == (AmountPart("财政拨款", Decimal(40)), AmountPart("其他资金", Decimal("5.52")))
    assert (block.amount(FieldName.AMOUNT), block.unit(FieldName.AMOUNT)) == (Decimal("45.52"), "万元")


def test_a_form_without_indicators_is_one_project_without_leaves():
    layout = laid_out("| 单位编码 | 单位及项目名称 |\n| 107 | 甲 |")
    assert [block.leaves for block in layout.blocks] == [()]


def test_a_stub_cut_by_a_page_break_alone_is_not_merged():
    head = "\n".join(TARGETS.strip().splitlines()[:3])
    cut = f"{head}\n| 1 | 甲 | 1 | 乙 | 产出指标 | 数量指标 | 杂志 | 3份 |\n| | | | | ^ | ^ | ^ | ^ |\n" + (
        "| | | | | | | 年刊 | 3份 |"
    )
    assert [bool(leaf.blanks) for leaf in laid_out(cut, seams={4}).leaves] == [False, True]
