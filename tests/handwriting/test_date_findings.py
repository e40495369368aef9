"""Doubtful dates are reported with what else they may be; sure ones are not."""

import pytest

from pipeline.elements import Candidate, Severity
from pipeline.handwriting.date_findings import report_dates
from pipeline.handwriting.dates import DateReading

DATE = DateReading("3.30", 0.97, 3, 30, None, 0.0, point_lost=False)


def finding_of(**changes):
    (finding,) = report_dates(7, [DATE._replace(**changes)])
    return finding


def test_a_sure_date_is_not_reported():
    assert list(report_dates(7, [DATE, DATE])) == []


@pytest.mark.parametrize(("confidence", "severity"), [(0.89, Severity.INFO), (0.44, Severity.WARNING)])
def test_the_less_sure_the_graver(confidence, severity):
    finding = finding_of(confidence=confidence)
    assert (finding.rule, finding.severity) == ("signature_date_doubtful", severity)
    assert (finding.page_number, finding.found, finding.expected) == (7, "3.30", None)


def test_other_dates_are_named_with_their_probabilities():
    others = (Candidate("11.1", 0.36), Candidate("1.1", 0.051))
    assert finding_of(confidence=0.22, others=others).expected == "11.1 (0.36), 1.1 (0.05)"


def test_a_lost_point_is_said():
    assert "No point is seen" in finding_of(confidence=0.6, point_lost=True).message


def test_a_date_that_cannot_be_is_grave_however_sure_it_was_read():
    finding = finding_of(text="2.31", confidence=0.6, month=None, day=None, possible=False)
    assert (finding.severity, finding.found) == (Severity.WARNING, "2.31")
    assert "no day" in finding.message
