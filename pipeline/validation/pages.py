"""The pages of a document: unknown forms, pages that say the same, and the page numbers they print."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from pipeline.elements import CellReading, Finding, FormMatch, LineKind, PageReading
from pipeline.recognition import UNKNOWN
from pipeline.validation.rules import breach
from pipeline.values import half_width, has_content

MIN_TEXTS = 8
"""Pages with fewer cells that say something are alike by chance, such as forms that nobody filled in."""
MAX_DIFFERING = 0.1
"""Share of a page's cells that two readings of it may disagree on."""

_STATED = re.compile(r"第(?P<number>\d{1,4})页(?:[,/]?共(?P<total>\d{1,4})页)?|(?P<of>\d{1,4})/(?P<whole>\d{1,4})页?")
_PLAIN = re.compile(r"[-—–·.]{0,2}(?P<number>\d{1,3})[-—–·.]{0,2}")


@dataclass(frozen=True, slots=True)
class PrintedRun:
    """The page numbers that a document prints.

    `last_page` is the document's page that prints the last number; None where no run was found. `absent` are the
    numbers that no page prints; `whole` says that the pages print how many there are, and that all of them are here.
    """

    last_page: int | None = None
    absent: tuple[int, ...] = ()
    whole: bool = False


def check_forms(pages: Sequence[PageReading], forms: Sequence[FormMatch]) -> Iterator[Finding]:
    """Pages with a table that no profile knows."""
    with_tables = {page.page_number for page in pages if page.tables}
    for form in forms:
        if form.form_type == UNKNOWN and form.page_number in with_tables:
            yield replace(breach("unknown_form", None, None), page_number=form.page_number)


# --- the same page twice ----------------------------------------------------------------------------------------------


class _Said(NamedTuple):
    """What a cell says, as pages are compared, and whether that is sure."""

    text: str
    sure: bool


def find_duplicates(pages: Sequence[PageReading], review_confidence: float) -> Iterator[Finding]:
    """Pages whose tables say what an earlier page's say, but for readings that are doubtful on one of them.

    Args:
        pages: of the document, in order.
        review_confidence: readings below it are doubtful, 0-1.

    Returns:
        A finding on each table of such a page, as its rows would be counted twice.
    """
    alike: dict[object, list[tuple[int, list[_Said]]]] = defaultdict(list)
    for page in pages:
        readings = [reading for table in page.tables for reading in table.cells]
        said = [_said(reading, review_confidence) for reading in readings]
        if sum(has_content(text) for text, _ in said) < MIN_TEXTS:
            continue
        shape = tuple((r.cell.row, r.cell.col, r.cell.row_span, r.cell.col_span) for r in readings)
        earlier = next((number for number, other in alike[shape] if _same(said, other)), None)
        alike[shape].append((page.page_number, said))
        if earlier is not None:
            finding = breach("duplicate_page", None, None, found=f"page {earlier}")
            for table in page.tables:
                yield replace(finding, page_number=page.page_number, table_index=table.grid.table_index)


def _said(reading: CellReading, review_confidence: float) -> _Said:
    return _Said(half_width(reading.text or ""), (reading.confidence or 0.0) >= review_confidence)


def _same(one: Sequence[_Said], other: Sequence[_Said]) -> bool:
    allowed = int(MAX_DIFFERING * len(one))
    for mine, theirs in zip(one, other, strict=True):
        if mine.text != theirs.text:
            allowed -= 1
            if allowed < 0 or (mine.sure and theirs.sure):
                return False
    return True


# --- printed page numbers ---------------------------------------------------------------------------------------------


def printed_run(pages: Sequence[PageReading]) -> PrintedRun:
    """The run of page numbers that a document prints outside its tables.

    Numbers count as a run where two pages or more print one, where they go up with the pages, and where no more are
    absent than there are; 「第3页 共12页」 is a run by itself, as it says how many there are.
    """
    printed = {page.page_number: number for page in pages if (number := _printed_number(page)) is not None}
    numbers = [number for number, _ in printed.values()]
    totals = {total for _, total in printed.values() if total is not None}
    total = totals.pop() if len(totals) == 1 else None
    if len(numbers) < (1 if total else 2) or any(after <= before for before, after in pairwise(numbers)):
        return PrintedRun()
    unnumbered = [page.page_number for page in pages if page.page_number not in printed]
    wanted = range(1, total + 1) if total else range(numbers[0], numbers[-1] + 1)
    absent = tuple(number for number in wanted if number not in numbers)
    if unnumbered:  # a number that was not read is not a page that is missing
        absent = _absent_between(printed)
    if (total is None and len(absent) > len(numbers)) or not set(numbers) <= set(wanted):
        return PrintedRun()
    return PrintedRun(max(printed), absent, bool(total) and not absent and not unnumbered)


def check_page_numbers(run: PrintedRun) -> Iterator[Finding]:
    """The numbers that are left out of a run, in one finding on the page that prints the last one."""
    if run.absent and run.last_page is not None:
        numbers = ", ".join(map(str, run.absent))
        yield replace(breach("page_missing", None, None, expected=numbers), page_number=run.last_page)


def _absent_between(printed: dict[int, tuple[int, int | None]]) -> tuple[int, ...]:
    """Numbers that are absent between two neighbouring pages of the document, which both print theirs."""
    absent: list[int] = []
    for (page, (number, _)), (next_page, (next_number, _)) in pairwise(printed.items()):
        if next_page == page + 1:
            absent += range(number + 1, next_number)
    return tuple(absent)


def _printed_number(page: PageReading) -> tuple[int, int | None] | None:
    """The number that a page prints, and how many pages it says there are; None where it prints none, or several."""
    lines = [half_width(line.text) for line in page.lines if line.kind in (LineKind.OTHER, LineKind.NOTE)]
    stated = [match for line in lines if (match := _STATED.fullmatch(line))]
    if stated:
        found = {
            (int(m["number"] or m["of"]), int(total) if (total := m["total"] or m["whole"]) else None) for m in stated
        }
    else:
        found = {(int(match["number"]), None) for line in lines if (match := _PLAIN.fullmatch(line))}
    return found.pop() if len(found) == 1 else None
