"""Pages of a document: the same page twice, and page numbers that leave one out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from checked_forms import PROFILES, SETTINGS, SOUND, TITLE, check, document, findings, rules
from readings import drawn, line, page

from pipeline.elements import LineKind, Severity, TableReading
from pipeline.hierarchy import interpret
from pipeline.validation import mark_for_review
from pipeline.validation.pages import PrintedRun, printed_run

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


def pages(*numbers, kind=LineKind.OTHER, first=1):
    """Pages of a document that print the given lines below their tables."""
    return [
        page([drawn(OTHER)], [line(TITLE), *([line(text, 900, kind)] if text else [])], place)
        for place, text in enumerate(numbers, first)
    ]


@pytest.mark.parametrize(
    ("numbers", "run"),
    [
        (("- 1 -", "- 2 -", "- 4 -"), PrintedRun(3, (3,))),
        (("1", "2", "3"), PrintedRun(3)),
        (("—７—", "—９—"), PrintedRun(2, (8,))),
        (("第1页", "第3页", "第4页"), PrintedRun(3, (2,))),
        (("第 2 页 共 4 页",), PrintedRun(1, (1, 3, 4))),
        (("第1页，共2页", "第2页，共2页"), PrintedRun(2, (), True)),
        (("1/3", "3/3"), PrintedRun(2, (2,))),
        (("1", "", "3"), PrintedRun(3)),
        (("1", "", "4", "6"), PrintedRun(4, (5,))),
        (("第1页/共3页", "", "第3页/共3页"), PrintedRun(3)),
    ],
)
def test_a_run_of_page_numbers_tells_what_is_absent(numbers, run):
    assert printed_run(pages(*numbers)) == run


@pytest.mark.parametrize(
    "numbers",
    [
        ("3",),
        ("", ""),
        ("3", "2", "1"),
        ("1", "1"),
        ("1", "2", "203"),
        ("2023年", "2024年"),
        ("3.30", "4.30"),
        ("第1页 共2页", "第5页 共2页"),
    ],
)
def test_numbers_that_are_no_run_tell_nothing(numbers):
    assert printed_run(pages(*numbers)) == PrintedRun()


def test_a_number_inside_a_signature_or_title_is_no_page_number():
    assert printed_run(pages("1", "3", kind=LineKind.SIGNATURE)) == PrintedRun()


def test_a_page_that_prints_two_numbers_prints_none_that_counts():
    one, two, three = pages("1", "2", "4")
    two = replace(two, lines=(*two.lines, line("7", 950, LineKind.OTHER)))
    assert printed_run([one, two, three]).absent == ()


def test_a_missing_page_is_named_on_the_last_page_of_the_run():
    (finding,) = (f for f in check(pages("1", "2", "5")) if f.rule == "page_missing")
    assert (finding.page_number, finding.expected, finding.severity) == (3, "3, 4", Severity.WARNING)
