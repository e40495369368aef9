"""Pages of a document: the same page twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from checked_forms import PROFILES, SETTINGS, SOUND, check, document, findings, rules

from pipeline.elements import Severity, TableReading
from pipeline.hierarchy.interpretation import interpret
from pipeline.validation import mark_for_review

OTHER = SOUND.replace("普法经费", "调解经费")


def misread(reading, was, now, confidence=0.5):
    """A page on which a text was read as something else, with some confidence."""
    (table,) = reading.tables
    cells = tuple(replace(c, text=now, confidence=confidence) if c.text == was else c for c in table.cells)
    return replace(reading, tables=(TableReading(table.grid, cells),))


def test_a_page_that_comes_twice_is_named_with_the_first():
    (finding,) = findings(SOUND, OTHER, SOUND)
    assert (finding.rule, finding.page_number, finding.table_index, finding.found) == ("duplicate_page", 3, 0, "page 1")
    assert finding.severity is Severity.WARNING


def test_the_records_of_a_copy_need_review_and_those_of_the_first_page_do_not():
    pages = document(SOUND, SOUND)
    marked = mark_for_review(interpret(pages, PROFILES, SETTINGS), check(pages), 0.0)
    assert [project.needs_review for project in marked.projects] == [False, True]
    assert [leaf.needs_review for leaf in marked.indicators] == [False, False, True, True]


def test_a_page_that_comes_three_times_is_told_of_each_copy():
    assert [finding.page_number for finding in findings(SOUND, SOUND, SOUND)] == [2, 3]


def test_pages_that_differ_in_one_sure_reading_are_two_pages():
    assert findings(SOUND, OTHER) == ()


@pytest.mark.parametrize(("confidence", "same"), [(0.5, True), (0.99, False)])
def test_a_doubtful_reading_does_not_make_two_pages_of_one(confidence, same):
    first, second = document(SOUND, SOUND)
    found = check([first, misread(second, "普法经费", "普法经贡", confidence)])
    assert ("duplicate_page" in rules(found)) is same


def test_pages_that_differ_in_many_doubtful_readings_are_two_pages():
    first, second = document(SOUND, SOUND)
    for text in ("107001", "普法经费", "15.00", "目标1：印发手册"):
        second = misread(second, text, text + "x")
    assert "duplicate_page" not in rules(check([first, second]))


def test_forms_that_nobody_filled_in_are_no_copies():
    blank = "| 序号 | 姓名 | 签名 |\n| | | |\n| | | |"
    assert "duplicate_page" not in rules(findings(blank, blank))
