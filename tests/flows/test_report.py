"""What a run tells at its end."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
from readings import drawn, page
from rich.console import Console

from flows.outcome import DocumentOutcome, Ending, PageOutcome, error_of, outcome_of
from flows.progress import Bar, PlainLines
from flows.report import Report
from flows.sources import PassedOver
from pipeline.elements import DocumentResult, Finding, FindingRule, Interpretation, Severity, SourceFile, Status
from pipeline.errors import CorruptFile, SignedFormsError
from pipeline.landing.superseding import Superseded


def landed(name="a.pdf", pages=(), **values):
    return DocumentOutcome((name,), name, Ending.LANDED, pages=tuple(pages), **values)


def page_of(number, doubt, status=Ending.LANDED, code=None):
    return PageOutcome(number, status, code, 0.5, 0, doubt, doubt)


def report(*documents, ignored=()):
    return Report("run", "out", 1.5, documents, ignored)


def test_totals_count_what_was_read_and_what_was_skipped():
    documents = (
        landed("a", [page_of(1, 0)], cells=4, indicators=2, findings=1),
        landed("b", skipped=True, findings=7),
        DocumentOutcome(("c",), "c", Ending.QUARANTINED, error_code="CORRUPT"),
    )
    assert report(*documents).totals == (3, 2, 0, 1, 0, 1, 1, 4, 2, 1)


@pytest.mark.parametrize(
    ("endings", "status"),
    [
        ([], 0),
        ([Ending.LANDED], 0),
        ([Ending.LANDED, Ending.PARTIAL], 3),
        ([Ending.QUARANTINED], 3),
        ([Ending.QUARANTINED, Ending.FAILED], 1),
    ],
)
def test_the_worst_ending_decides_the_exit_status(endings, status):
    assert report(*(DocumentOutcome(("a",), "a", ending) for ending in endings)).exit_status == status


def test_pages_that_did_not_land_are_named_with_code_and_remedy():
    pages = [page_of(1, 0), page_of(2, 0, Ending.PARTIAL, "TRUNCATED")]
    (shortfall,) = report(DocumentOutcome(("a.pdf",), "a", Ending.PARTIAL, pages=tuple(pages))).shortfalls
    assert (shortfall.source, shortfall.page_number, shortfall.code) == ("a.pdf", 2, "TRUNCATED")
    assert shortfall.remedy.startswith("Copy or scan the document again")


def test_the_ten_most_doubtful_pages_come_most_doubtful_first_and_sure_ones_not_at_all():
    document = landed(pages=[page_of(number, number / 10) for number in range(13)])
    assert [page.page_number for page in report(document).doubtful_pages] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    assert [page.page_number for page in report(landed(pages=[page_of(1, 0.05)])).doubtful_pages] == []


def test_a_doubtful_page_is_named_with_the_findings_that_landed_for_it():
    page = PageOutcome(1, Ending.LANDED, None, 0.5, 3, 0.4, 1.4)
    told = report(landed(pages=[page], findings=3))
    assert "page 1: about 0.4 cells wrong, least certain 0.50, 3 findings" in "\n".join(told.lines())
    assert told.as_json()["doubtful_pages"][0]["findings"] == told.totals.findings == 3


def test_a_report_survives_the_way_through_json():
    document = landed(pages=[page_of(1, 0.3)], cells=3, seconds=2.5)
    failed = DocumentOutcome(("b", "c"), None, Ending.FAILED, error_code="X")
    original = Report("run", "out", 1.5, (document, failed), ("n.txt",), (PassedOver(".x", "hidden"),))
    assert Report.from_json(original.as_json()) == original


def test_a_single_thing_is_not_called_many():
    assert report(landed(pages=[page_of(1, 0)], cells=1)).lines().send(None) == (
        "1 document read: 1 page, 1 cell, 0 indicators, 0 findings in 1.5 s. The tables are in out"
    )


NASTY = "a\x1b[2J\n0 documents read\u202e.pdf"


def test_whatever_a_name_holds_it_stays_on_its_line_and_json_has_it_as_it_is():
    told = report(
        DocumentOutcome((NASTY,), NASTY, Ending.QUARANTINED, error_code="CORRUPT", error_message=f"{NASTY} is cut"),
        landed(NASTY, [page_of(1, 3.0)]),
        ignored=(NASTY,),
    )
    lines = list(told.lines())
    assert [line for line in lines if len(line.splitlines()) != 1 or {"\x1b", "\u202e"} & set(line)] == []
    assert sum(r"a\x1b[2J\n0 documents read\u202e.pdf" in line for line in lines) == 3
    assert told.as_json()["not_landed"][0]["source"] == told.as_json()["ignored"][0] == NASTY


def test_progress_shows_a_name_on_one_line(capsys):
    bar = Bar(Console(file=sys.stdout, force_terminal=False, width=200))
    for show in (PlainLines(sys.stdout), bar):
        show.warn(f"{NASTY} [bold]is open[/bold]")
        show.finished(DocumentOutcome((NASTY,), None, Ending.FAILED, error_code="X", error_message=NASTY))
    said = capsys.readouterr().out
    assert not {"\x1b", "\u202e"} & set(said)
    assert said.count("[bold]is open[/bold]") == 2
    assert len(said.splitlines()) == 4


def test_doubt_is_the_number_of_cells_expected_to_be_wrong_plus_the_pages_other_findings():
    reading = page([drawn("甲 | ?")])  # 0.99 and, for ink that was not read, 0.99 as well
    cells = reading.tables[0].cells
    table = replace(reading.tables[0], cells=(cells[0], replace(cells[1], confidence=None)))
    kinds = [
        (FindingRule.NO_TABLE, Severity.INFO),
        (FindingRule.PAGE_FAILED, Severity.ERROR),
        (FindingRule.DOUBTFUL_READING, Severity.WARNING),  # that of a cell
    ]
    findings = [Finding(rule, severity, "m", page_number=1) for rule, severity in kinds]
    source = SourceFile("a.jpg", "id", 1, "image/jpeg", 1)
    nothing = Interpretation((), (), (), {}, {}, ())
    result = DocumentResult(source, Status.LANDED, (replace(reading, tables=(table,)),), nothing, tuple(findings))
    outcome = outcome_of(result, ("a.jpg",), 1.0, {1: 4, None: 2})
    assert outcome.pages == (PageOutcome(1, Ending.LANDED, None, 0.0, 4, 1.01, 2.01),)
    assert (outcome.cells, outcome.findings) == (2, 6)


def test_an_error_is_known_again_by_its_code():
    error = error_of("CORRUPT", "why")
    assert (type(error), str(error)) == (CorruptFile, "why")
    assert type(error_of("OF_ANOTHER_VERSION", "why")) is SignedFormsError


def test_the_states_whose_rows_went_are_named_and_survive_as_json():
    gone = Superseded("ab" * 32, ("in/a.pdf", "in/b.pdf"), "TRUNCATED")
    whole = Report("run", "out", 1.5, (landed(),), (), (), (gone,))
    assert Report.from_json(json.loads(json.dumps(whole.as_json()))) == whole
    text = "\n".join(whole.lines())
    assert "1" in text.split("\n")[0]
    assert all(word in text for word in ("in/a.pdf, in/b.pdf", "TRUNCATED", "ab" * 32))
