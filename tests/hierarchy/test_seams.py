"""What a page break cuts: the cells at the top of a page that are the rest of those above it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from form_pictures import PROFILES, TARGETS
from readings import drawn

from pipeline.elements import FindingRule
from pipeline.forms.recognition import label_table
from pipeline.hierarchy.seams import Merge, Seam, find_merges

FORM = next(profile for profile in PROFILES if profile.name == "performance_target")
CONTINUED, JOINED = FindingRule.CONTINUED_FROM_PREVIOUS_PAGE, FindingRule.TEXT_JOINED_ACROSS_PAGES
ABOVE = "\n".join(TARGETS.strip().splitlines()[:-1])
"""The form up to the page break: its last row is 满意度指标, 服务对象满意度指标, 群众满意度, ≥95%."""


def merges(below, above=ABOVE):
    """The columns in which the first row of a page goes on with the table above the break, and how each is told."""
    table = label_table(drawn(above), FORM)
    end = table.table.grid.n_rows
    last = {one.cell.col: one for one in table.table.cells if one.cell.row + one.cell.row_span == end}
    first = {one.cell.col: replace(one, cell=replace(one.cell, row=end)) for one in drawn(below).cells}
    return {one.col: one for one in find_merges(Seam(table, last, first))}


def test_cells_left_blank_go_on_with_the_entries_above_them():
    assert merges("| | | | | | | 游客满意度 | ≥90% |") == {
        **{col: Merge(col) for col in range(4)},
        4: Merge(4, CONTINUED, "满意度指标"),
        5: Merge(5, CONTINUED, "服务对象满意度指标"),
    }


def test_an_entry_goes_on_only_where_those_of_the_levels_above_it_do():
    assert 5 not in merges("| | | | | 产出指标 | | 办班次数 | 3次 |")


@pytest.mark.parametrize(
    ("below", "joined"),
    [
        ("| | | | | | | （续） | |", {6: "（续）"}),
        ("| | | | | | | | 以上 |", {7: "以上"}),
        ("| | | | | | | 游客满意度 | ≥90% |", {}),
        ("| | | | | | | | ≥90% |", {}),
    ],
    ids=["the rest of a name", "the rest of a value", "a row of its own", "a second value"],
)
def test_an_indicators_row_is_cut_where_its_name_or_its_value_goes_on_alone(below, joined):
    found = merges(below)
    assert {col: found[col].found for col in (6, 7) if col in found and found[col].rule is JOINED} == joined


def test_goals_go_on_with_an_info():
    assert merges("| | | | 目标3：走访 | | | 游客满意度 | ≥90% |")[3] == Merge(3, CONTINUED, "目标3：走访")


def test_another_projects_row_is_the_rest_of_nothing():
    assert set(merges("| 107002 | 慰问经费 | 2.00 | 目标1：慰问 | 产出指标 | 数量指标 | 慰问人数 | 40人 |")) == set()
