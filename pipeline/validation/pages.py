"""The pages of a document: unknown forms, and pages that say what another one says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from pipeline.elements import Finding, FindingRule, FormMatch, PageReading
from pipeline.forms import UNKNOWN
from pipeline.text import half_width, has_content
from pipeline.validation.rules import breach

MIN_TEXTS = 8
"""Pages with fewer cells that say something are alike by chance, such as forms that nobody filled in."""
MAX_DIFFERING = 0.1
"""Two readings of one page disagree on no larger share of its cells: pages that differ in more say different things."""


def check_forms(pages: Sequence[PageReading], forms: Sequence[FormMatch]) -> Iterator[Finding]:
    """Pages with a table that no profile knows."""
    with_tables = {page.page_number for page in pages if page.tables}
    for form in forms:
        if form.form_type == UNKNOWN and form.page_number in with_tables:
            yield replace(breach(FindingRule.UNKNOWN_FORM, None, None), page_number=form.page_number)


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
        said = [_Said(half_width(r.text or ""), (r.confidence or 0.0) >= review_confidence) for r in readings]
        if sum(has_content(text) for text, _ in said) < MIN_TEXTS:
            continue
        shape = tuple((r.cell.row, r.cell.col, r.cell.row_span, r.cell.col_span) for r in readings)
        earlier = next((number for number, other in alike[shape] if _same(said, other)), None)
        alike[shape].append((page.page_number, said))
        if earlier is not None:
            finding = breach(FindingRule.DUPLICATE_PAGE, None, None, found=f"page {earlier}")
            for table in page.tables:
                yield replace(finding, page_number=page.page_number, table_index=table.grid.table_index)


def _same(one: Sequence[_Said], other: Sequence[_Said]) -> bool:
    allowed = int(MAX_DIFFERING * len(one))
    for mine, theirs in zip(one, other, strict=True):
        if mine.text != theirs.text:
            allowed -= 1
            if allowed < 0 or (mine.sure and theirs.sure):
                return False
    return True
