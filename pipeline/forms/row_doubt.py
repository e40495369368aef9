"""Rules that fire while a hierarchy is read, with their severity and sentence; and where one fired, as a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from pipeline.elements import CellRef, Finding, Severity


class HierarchyRule(NamedTuple):
    """How much a doubt of this rule matters, and what it says."""

    severity: Severity
    sentence: str


HIERARCHY_RULES: Mapping[str, HierarchyRule] = MappingProxyType(
    {
        "continued_from_previous_page": HierarchyRule(
            Severity.INFO,
            "The table goes on from the page before; a cell named here goes on as well, `found` says how.",
        ),
        "text_joined_across_pages": HierarchyRule(
            Severity.WARNING,
            "The page break cuts a cell that has text below it, `found`: both parts were taken for one.",
        ),
        "continuation_unclear": HierarchyRule(
            Severity.WARNING,
            "A table may be the rest of the one before it; `found` says why it was not joined to it.",
        ),
        "unknown_table": HierarchyRule(
            Severity.INFO, "The page's form is known, but this table matches no form: its cells and rows land."
        ),
        "project_repeated": HierarchyRule(
            Severity.WARNING, "An earlier project of the document has the same code, name and amount."
        ),
        "stub_left_blank": HierarchyRule(
            Severity.WARNING, "A level's cell was left blank: the entry above it, `found`, was taken for it."
        ),
        "level_straddles": HierarchyRule(
            Severity.WARNING, "The entry covers rows of several entries of the level above, or of several projects."
        ),
        "rows_shifted": HierarchyRule(
            Severity.WARNING, "In a row of this project, `found` stands where it cannot: its rows may have shifted."
        ),
        "row_without_indicator": HierarchyRule(
            Severity.WARNING, "The row holds text, but neither an indicator nor anything else that the form has."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class RowDoubt:
    """A rule that fired in a row (as the joined table counts them), at a cell if `cell` is known.

    `page_number` is set where the doubt is about another page than the row's own.
    """

    rule: str
    row: int
    cell: CellRef | None = None
    found: str | None = None
    detail: str | None = None
    page_number: int | None = None


def as_finding(doubt: RowDoubt, row: CellRef, project_index: int | None) -> Finding:
    """The doubt as it lands.

    Args:
        doubt: a doubt.
        row: where its row stands on its own page; its column says nothing.
        project_index: the project that the row belongs to.
    """
    severity, sentence = HIERARCHY_RULES[doubt.rule]
    place = doubt.cell or row
    elsewhere = doubt.page_number is not None
    return Finding(
        rule=doubt.rule,
        severity=severity,
        message=f"{doubt.detail}: {sentence}" if doubt.detail else sentence,
        page_number=doubt.page_number if elsewhere else place.page_number,
        project_index=project_index,
        table_index=None if elsewhere else place.table_index,
        row=None if elsewhere else place.row,
        col=doubt.cell.col if doubt.cell else None,
        found=doubt.found,
    )
