"""Printed totals of a document, each against the projects that it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pipeline.elements import Project
from pipeline.validation.page_numbers import PrintedRun


class Total(StrEnum):
    """What came of checking a printed total."""

    HOLDS = "holds"
    MISMATCH = "mismatch"
    NOT_CHECKABLE = "not_checkable"


@dataclass(frozen=True, slots=True)
class CheckedTotal:
    """A printed total on its first project, the sum of the projects it counts (None where one has no amount)."""

    project: Project
    summed: Decimal | None
    outcome: Total


def check_totals(
    projects: Sequence[Project], landed: Set[int], n_pages: int, printed: PrintedRun
) -> Iterator[CheckedTotal]:
    """Check every printed total of a document.

    A total counts the projects from the page it is printed on to the page before the next, other total; the first
    counts from the document's first page. A sum that agrees proves itself. One that does not is a mismatch only where
    the document is complete: several projects, each page among them landed with one, and no page number left out; a
    single page may be one of a larger set, unless it says that it is not.

    Args:
        projects: the document's projects in order.
        landed: page numbers that were read.
        n_pages: pages in the file.
        printed: the page numbers that the document prints.
    """
    runs = _runs(projects)
    starts = [1, *(run[0].first_page for run in runs[1:]), n_pages + 1]
    for place, run in enumerate(runs):
        if run[0].total is not None:
            yield _check(run, landed, range(starts[place], starts[place + 1]), printed)


def _runs(projects: Sequence[Project]) -> list[list[Project]]:
    """The projects that one total counts, the total printed on the first of them; a total repeated is the same."""
    runs: list[list[Project]] = []
    for project in projects:
        if not runs or (project.total is not None and project.total != runs[-1][0].total):
            runs.append([])
        runs[-1].append(project)
    return runs


def _check(run: Sequence[Project], landed: Set[int], pages: range, printed: PrintedRun) -> CheckedTotal:
    amounts = [project.amount for project in run if project.amount is not None]
    summed = sum(amounts, Decimal(0)) if len(amounts) == len(run) else None
    if summed is not None and summed == run[0].total:
        return CheckedTotal(run[0], summed, Total.HOLDS)
    seen = {page for project in run for page in range(project.first_page, project.last_page + 1)}
    several = (len(run) > 1 and not printed.absent) or printed.whole
    complete = summed is not None and several and set(pages) <= seen & landed
    return CheckedTotal(run[0], summed, Total.MISMATCH if complete else Total.NOT_CHECKABLE)
