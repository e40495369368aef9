"""Where a rule of the hierarchy fired while it was read; and as a finding."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.elements import RULE_MEANINGS, CellRef, Finding, FindingRule


@dataclass(frozen=True, slots=True)
class RowDoubt:
    """A rule that fired in a row (as the merged table counts them), at a cell if `cell` is known.

    `page_number` is set where the doubt is about another page than the row's own.
    """

    rule: FindingRule
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
    severity, sentence = RULE_MEANINGS[doubt.rule]
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
