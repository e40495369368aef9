"""What breaks a rule, as a finding."""

from __future__ import annotations

from pipeline.elements import RULE_MEANINGS, CellRef, Finding, FindingRule, Project


def breach(rule: FindingRule, ref: CellRef | None, project: Project | None, **texts: str | None) -> Finding:
    """A finding of a rule at a cell; at a project's first page where there is no cell.

    Args:
        rule: one whose meaning is always the same.
        ref: the cell that breaks it.
        project: the project that it is about.
        texts: `found`, what stands there; `expected`, what was to be expected; `detail`, which begins the message.
    """
    detail = texts.pop("detail", None)
    severity, sentence = RULE_MEANINGS[rule]
    return Finding(
        rule=rule,
        severity=severity,
        message=f"{detail}: {sentence}" if detail else sentence,
        page_number=ref.page_number if ref else project.first_page if project else None,
        project_index=project.project_index if project else None,
        table_index=ref.table_index if ref else None,
        row=ref.row if ref else None,
        col=ref.col if ref else None,
        found=texts.get("found"),
        expected=texts.get("expected"),
    )
