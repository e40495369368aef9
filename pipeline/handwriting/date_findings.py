"""Dates of signatures -> what a person should know about them: that they are doubtful, and what else they may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.elements import Finding, FindingRule, Severity
from pipeline.handwriting.dates import DateReading

SURE_DATE = 0.9
"""Dates less sure than this raise a finding, a warning below half of it."""
MAX_OTHERS = 5
"""A finding names at most so many other readings."""


def report_dates(page_number: int, dates: Sequence[DateReading]) -> Iterator[Finding]:
    """A finding for each date that is not sure.

    Args:
        page_number: of the page on which they stand.
        dates: of its signatures.
    """
    return (_doubtful(page_number, date) for date in dates if date.confidence < SURE_DATE)


def _doubtful(page_number: int, date: DateReading) -> Finding:
    """What is doubtful about a date, and which other dates it may be, each with its probability."""
    message = "The signature's date can be read in more than one way."
    if date.point_lost:
        message = "No point is seen in the signature's date: where it stands between month and day is a conclusion."
    if not date.possible:
        message = "The signature's date, as it is written, is no day on which a form can have been signed."
    grave = not date.possible or date.confidence < SURE_DATE / 2
    return Finding(
        rule=FindingRule.SIGNATURE_DATE_DOUBTFUL,
        severity=Severity.WARNING if grave else Severity.INFO,
        message=message,
        page_number=page_number,
        found=date.text,
        expected=", ".join(f"{other.name} ({other.score:.2f})" for other in date.others[:MAX_OTHERS]) or None,
    )
