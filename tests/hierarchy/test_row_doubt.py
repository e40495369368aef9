"""A doubt about a row lands as a finding at its cell, else at its row, else on its page."""

from __future__ import annotations

import pytest

from pipeline.elements import CellRef, FindingRule, Severity
from pipeline.hierarchy.row_doubt import RowDoubt, as_finding

ROW = CellRef(2, 0, 5, 0)
RULE = FindingRule.ROWS_SHIFTED


@pytest.mark.parametrize(
    ("doubt", "place"),
    [
        (RowDoubt(RULE, 3), (2, 0, 5, None)),
        (RowDoubt(RULE, 3, CellRef(1, 0, 9, 4)), (1, 0, 9, 4)),
        (RowDoubt(RULE, 3, page_number=7), (7, None, None, None)),
    ],
    ids=["the row on its own page", "its cell", "another page"],
)
def test_a_finding_stands_where_the_doubt_is(doubt, place):
    found = as_finding(doubt, ROW, 1)
    assert (found.page_number, found.table_index, found.row, found.col) == place
    assert (found.rule, found.severity, found.project_index) == (RULE, Severity.WARNING, 1)


def test_the_sentence_begins_with_what_it_is_about():
    plain, detailed = (as_finding(RowDoubt(RULE, 3, detail=detail), ROW, None) for detail in (None, "一级指标"))
    assert detailed.message == f"一级指标: {plain.message}"
