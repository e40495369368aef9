"""The fields of a project, each against what its form says about it."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.elements import Finding, FindingRule
from pipeline.forms import FieldName, Grammar
from pipeline.text import half_width, has_content
from pipeline.validation.evidence import Evidence
from pipeline.validation.rules import breach

READINGS = {FieldName.AMOUNT: "amount_text", FieldName.TOTAL: "total_text", FieldName.GOALS: "goals_text"}
"""Fields whose reading lies under another name than their own; an amount's part has no reading of its own."""


def check_fields(evidence: Evidence) -> Iterator[Finding]:
    """Fields that are missing or no text of their kind, and a project without indicators."""
    project, profile = evidence.project, evidence.profile
    if profile.hierarchy.levels and not evidence.leaves:
        yield breach(FindingRule.NO_INDICATORS, None, project)
    for field in profile.fields:
        if field.name is FieldName.OTHER:  # no column of its own: `hierarchy/form_checks.py` looks at its cells
            continue
        ref = evidence.with_role(project.cells, field.cell_role)
        text = None if field.part else getattr(project, READINGS.get(field.name, field.name))
        if field.required and not has_content(text or ""):
            yield breach(FindingRule.MISSING_FIELD, ref, project, detail=field.label, found=text)
        if field.grammar is Grammar.CODE and text and not half_width(text).isdecimal():
            yield breach(FindingRule.MALFORMED_CODE, ref, project, found=text)
        if field.name in (FieldName.AMOUNT, FieldName.TOTAL) and text and getattr(project, field.name) is None:
            yield breach(FindingRule.UNPARSABLE_AMOUNT, ref, project, found=text)
    if project.amount_unit_read not in (None, profile.money_unit):
        ref = evidence.of_field(FieldName.AMOUNT)
        yield breach(
            FindingRule.UNEXPECTED_UNIT, ref, project, found=project.amount_unit_read, expected=profile.money_unit
        )
