"""Page numbers as printed, and the pages that they leave out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from checked_forms import SOUND, TITLE, check
from readings import drawn, line, page

from pipeline.elements import LineKind, Severity
from pipeline.validation.page_numbers import PrintedRun, printed_run

OTHER = SOUND.replace("普法经费", "调解经费")


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
        (("1", "", "3", "4"), PrintedRun(4)),
        (("1", "", "4", "6"), PrintedRun(4, (5,))),
        (("—1—", "", "4"), PrintedRun(3)),
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
        ("1", "3"),
        ("3/30",),
        ("第3页",),
        ("第1页 共2页", "第5页 共2页"),
    ],
)
def test_numbers_that_are_no_run_tell_nothing(numbers):
    assert printed_run(pages(*numbers)) == PrintedRun()


def test_a_number_inside_a_signature_or_title_is_no_page_number():
    assert printed_run(pages("1", "2", "4", kind=LineKind.SIGNATURE)) == PrintedRun()


def test_a_page_that_prints_two_numbers_prints_none_that_counts():
    one, two, three = pages("1", "2", "4")
    two = replace(two, lines=(*two.lines, line("7", 950, LineKind.OTHER)))
    assert printed_run([one, two, three]).absent == ()


def test_a_missing_page_is_named_on_the_last_page_of_the_run():
    (finding,) = (f for f in check(pages("1", "2", "5")) if f.rule == "page_missing")
    assert (finding.page_number, finding.expected, finding.severity) == (3, "3, 4", Severity.WARNING)
