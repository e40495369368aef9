"""Leaves and their ancestors: marks that say nothing, and entries that come back."""

from __future__ import annotations

import pytest
from checked_forms import SOUND, findings, where, with_leaves, with_value


@pytest.mark.parametrize("value", ["。≥58%", ".共享", "，12台", "提升,", "共享·", "'共享"])
def test_a_mark_at_the_edge_of_a_value_may_be_a_speck(value):
    assert where(findings(with_value("情况", value))[0]) == ("stray_mark", 3, 7, value)


def test_a_mark_at_the_edge_of_a_name_may_be_a_speck():
    assert [where(f) for f in findings(with_value("信息共享情况·", "共享"))] == [("stray_mark", 3, 6, "信息共享情况·")]


@pytest.mark.parametrize("text", ["共享。", "≥95%；", "《名录》", "（一）培训", "培训（次）", "“双随机”"])
def test_marks_that_open_or_close_a_text_are_no_specks(text):
    assert [f for f in findings(with_value(text, text)) if f.rule == "stray_mark"] == []


FIRST = "产出指标 | 数量指标 | 培训 | 3场"


def test_an_entry_that_comes_back_after_another_is_out_of_order():
    leaves = (FIRST, "效益指标 | 社会效益 | 影响 | 提升", "产出指标 | 质量指标 | 合格率 | 100%")
    assert [where(f) for f in findings(with_leaves(*leaves))] == [("level_out_of_order", 5, 4, "产出指标")]


def test_an_entry_of_the_second_level_that_comes_back_is_out_of_order():
    leaves = (FIRST, "^ | 质量指标 | 合格率 | 100%", "^ | 数量指标 | 宣传 | 3场")
    assert [where(f) for f in findings(with_leaves(*leaves))] == [("level_out_of_order", 5, 5, "数量指标")]


@pytest.mark.parametrize(
    "leaves",
    [
        (FIRST, "产出指标 | 数量指标 | 宣传 | 3场", "产出指标 | 质量指标 | 合格率 | 100%"),
        (FIRST, "^ | ^ | 宣传 | 3场", "成本指标 | 经济成本指标 | 印刷 | ≤3元/册"),
        (FIRST, "^ | 成本指标 | 印刷 | ≤3元/册", "成本指标 | 经济成本指标 | 纸张 | ≤3元/册"),
        (FIRST, "^ | 质量指标 | 培训 | 3场"),
    ],
)
def test_repeated_stubs_and_the_same_word_elsewhere_are_in_order(leaves):
    assert findings(with_leaves(*leaves)) == ()


def test_a_blank_stub_between_is_no_other_entry():
    leaves = (FIRST, "^ | ^ | 讲座 | 3场", "| 数量指标 | 宣传 | 3场", "产出指标 | 质量指标 | 合格率 | 100%")
    assert [f.rule for f in findings(with_leaves(*leaves))] == ["leaf_without_ancestor"]


def test_a_cell_verified_blank_is_told_apart_from_one_that_could_not_be_read():
    found = {now: [f.rule for f in findings(SOUND.replace("| 1000册 |", now))] for now in ("| |", "| ? |")}
    assert found == {"| |": ["leaf_without_value"], "| ? |": ["unreadable_cell"]}
