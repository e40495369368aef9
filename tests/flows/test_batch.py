"""What is said of a document that has landed is what its rows say."""

from __future__ import annotations

import datetime
from dataclasses import replace

from filled_form import DOCUMENT_ID, FORM

from flows.batch import land_document
from flows.workers.protocol import Order, Setup
from pipeline.elements import NOTHING_UNDERSTOOD, Status
from pipeline.errors import DecoderStopped
from pipeline.landing import open_output, read_table
from pipeline.settings import LandingSettings

SETUP = Setup("out", None, "5" * 64, "1", (("model", "3" * 64),), 1)


def land(result, out):
    with open_output(out, LandingSettings()) as output:
        order = Order(DOCUMENT_ID, (result.source.path,), "run")
        return land_document(result, order, output, SETUP, datetime.datetime.now(datetime.UTC))


def test_the_findings_of_a_document_are_its_rows_of_findings(tmp_path):
    outcome = land(FORM, tmp_path)
    rows = read_table(tmp_path, "findings").to_pylist()
    assert outcome.findings == len(rows) > 0
    assert [page.findings for page in outcome.pages] == [
        sum(row["page_number"] == page.page_number for row in rows) for page in FORM.pages
    ]
    assert read_table(tmp_path, "documents")["n_findings"].to_pylist() == [outcome.findings]


def test_where_the_rows_of_an_earlier_reading_stand_its_findings_count(tmp_path):
    first = land(FORM, tmp_path)
    error = DecoderStopped("it was stopped")
    worse = replace(
        FORM,
        status=Status.QUARANTINED,
        pages=(),
        findings=(),
        interpretation=NOTHING_UNDERSTOOD,
        error_code=error.code,
        error_message=str(error),
    )
    assert land(worse, tmp_path).findings == first.findings == read_table(tmp_path, "findings").num_rows
