"""Signatures dated by day and month -> the same with the year that the form states, told apart from a written one.

People sign 3.30 and leave the year to the form. A form for a budget year is signed in it: what is inferred lands as
`date_inferred` with its `year_source`, never as `date`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.elements import Interpretation, PageReading, Project, Signature, YearSource


def infer_years(pages: Sequence[PageReading], understood: Interpretation) -> tuple[PageReading, ...]:
    """Date the signatures whose year is not written by the year of their form, else of the whole document.

    Args:
        pages: the document's pages.
        understood: its projects state the fiscal years.
    """
    stated = {project.fiscal_year for project in understood.projects if project.fiscal_year is not None}
    shared = next(iter(stated)) if len(stated) == 1 else None
    return tuple(_dated(page, _year_of(page, understood.projects), shared) for page in pages)


def _year_of(page: PageReading, projects: Iterable[Project]) -> int | None:
    """The fiscal year of the forms on a page; None where there is none, or several."""
    covering = (project for project in projects if project.first_page <= page.page_number <= project.last_page)
    years = {project.fiscal_year for project in covering if project.fiscal_year is not None}
    return years.pop() if len(years) == 1 else None


def _dated(page: PageReading, own: int | None, shared: int | None) -> PageReading:
    year, source = (own, YearSource.FORM) if own is not None else (shared, YearSource.DOCUMENT)
    if year is None or not page.signatures:
        return page
    return replace(page, signatures=tuple(_with_year(signature, year, source) for signature in page.signatures))


def _with_year(signature: Signature, year: int, source: YearSource) -> Signature:
    if signature.date is not None or signature.month is None or signature.day is None:
        return signature
    try:
        inferred = datetime.date(year, signature.month, signature.day)
    except ValueError:  # the 29th of February of another year
        return signature
    return replace(signature, date_inferred=inferred, year_source=source)
