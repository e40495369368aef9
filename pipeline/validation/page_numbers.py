"""The page numbers that a document prints -> which of its pages are missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from pipeline.elements import Finding, FindingRule, LineKind, PageReading
from pipeline.text import half_width
from pipeline.validation.rules import breach


class NumberForm(StrEnum):
    """How a page's number is printed, the clearest form first."""

    STATED = "stated"
    FRAMED = "framed"
    BARE = "bare"


FEWEST_NUMBERED = {NumberForm.STATED: 1, NumberForm.FRAMED: 2, NumberForm.BARE: 3}
"""Pages that must print a number for it to be one: 「第3页 共12页」 says what it is, a lone 3 may be anything."""

_FORMS = {
    NumberForm.STATED: re.compile(r"第(?P<number>\d{1,4})页[,/]?共(?P<total>\d{1,4})页"),
    NumberForm.FRAMED: re.compile(
        r"第(?P<number>\d{1,4})页|[-—–·]{1,2}(?P<framed>\d{1,4})[-—–·]{1,2}|(?P<of>\d{1,4})/(?P<total>\d{1,4})页?"
    ),
    NumberForm.BARE: re.compile(r"(?P<number>\d{1,3})[.·]?"),
}


@dataclass(frozen=True, slots=True)
class PrintedRun:
    """The page numbers that a document prints.

    `last_page` is the document's page that prints the last number; None where no run was found. `absent` are the
    numbers that no page prints; `whole` says that the pages print how many there are, and that all of them are here.
    """

    last_page: int | None = None
    absent: tuple[int, ...] = ()
    whole: bool = False


class _Printed(NamedTuple):
    """A page's number as printed, and how many pages it says there are."""

    page: int
    number: int
    total: int | None
    form: NumberForm


def printed_run(pages: Sequence[PageReading]) -> PrintedRun:
    """The run of page numbers that a document prints outside its tables.

    Numbers are a run where enough pages print one, where they go up with the pages, and where no more are absent than
    are there, unless the pages say how many there are.
    """
    printed = [number for page in pages if (number := _printed_number(page)) is not None]
    numbers = [one.number for one in printed]
    totals = {one.total for one in printed if one.total is not None}
    total = totals.pop() if len(totals) == 1 else None
    fewest = min((FEWEST_NUMBERED[one.form] for one in printed), default=1)
    if not fewest <= len(printed) or any(after <= before for before, after in pairwise(numbers)):
        return PrintedRun()
    wanted = range(1, total + 1) if total else range(numbers[0], numbers[-1] + 1)
    absent = tuple(number for number in wanted if number not in numbers)
    complete = len(printed) == len(pages)
    if not complete:  # a number that was not read is no page that is missing
        absent = _absent_between(printed)
    if (total is None and len(absent) > len(numbers)) or not set(numbers) <= set(wanted):
        return PrintedRun()
    return PrintedRun(printed[-1].page, absent, complete and total is not None and not absent)


def check_page_numbers(run: PrintedRun) -> Iterator[Finding]:
    """The numbers that are left out of a run, in one finding on the page that prints the last one."""
    if run.absent and run.last_page is not None:
        numbers = ", ".join(map(str, run.absent))
        yield replace(breach(FindingRule.PAGE_MISSING, None, None, expected=numbers), page_number=run.last_page)


def _absent_between(printed: Sequence[_Printed]) -> tuple[int, ...]:
    """Numbers that are absent between two neighbouring pages of the document, which both print theirs."""
    absent: list[int] = []
    for one, following in pairwise(printed):
        if following.page == one.page + 1:
            absent += range(one.number + 1, following.number)
    return tuple(absent)


def _printed_number(page: PageReading) -> _Printed | None:
    """The number that a page prints outside its tables, in its clearest form; None where it prints none, or several."""
    lines = [half_width(line.text) for line in page.lines if line.kind in (LineKind.OTHER, LineKind.NOTE)]
    for form, pattern in _FORMS.items():
        found = {_as_printed(page, form, match) for line in lines if (match := pattern.fullmatch(line))}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _as_printed(page: PageReading, form: NumberForm, match: re.Match[str]) -> _Printed:
    parts = match.groupdict()
    number = next(parts[name] for name in ("number", "framed", "of") if parts.get(name))
    total = parts.get("total")
    return _Printed(page.page_number, int(number), int(total) if total else None, form)
