"""The cells of a leaf: its name, its value, the rows they cover, and the project beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.elements import CellRef, Finding, FindingRule, Indicator
from pipeline.forms import FieldName
from pipeline.text import has_content
from pipeline.validation.evidence import Evidence
from pipeline.validation.rules import breach

NEVER_FIRST = ".。,，、·・:：;；'`*_~^-"
"""No name or value begins with one of these marks: specks and dirt beside it are read as them."""
NEVER_LAST = ".,，、·・`*_~^-"
"""No name or value ends with one of these marks; those that close a sentence may."""


def check_leaves(evidence: Evidence) -> Iterator[Finding]:
    """Leaves without a name or a value, with cells out of line, and with marks that say nothing."""
    for leaf in evidence.leaves:
        yield from _check_leaf(evidence, leaf)


def _check_leaf(evidence: Evidence, leaf: Indicator) -> Iterator[Finding]:
    project, value, last = evidence.project, evidence.value_of(leaf), evidence.name_of(leaf)
    if last is not None and not has_content(evidence.text(last)):
        yield breach(FindingRule.LEAF_WITHOUT_NAME, last, project)
    if value is not None and not has_content(leaf.target_text):
        yield breach(FindingRule.LEAF_WITHOUT_VALUE, value, project)
    if value is not None and last is not None and value[:2] == last[:2]:
        rows = [(evidence.cells[ref].cell.row, evidence.cells[ref].cell.row_span) for ref in (value, last)]
        if rows[0] != rows[1]:
            yield breach(FindingRule.ROWS_DISAGREE, value, project, found=leaf.target_text)
    for ref in (last, value):
        text = evidence.text(ref) if ref else None
        if has_content(text or "") and _stray_mark(text or ""):
            yield breach(FindingRule.STRAY_MARK, ref, project, found=text)
    if _beside_other_project(evidence, leaf):
        here = CellRef(leaf.page_number, leaf.table_index, leaf.row, 0)
        yield replace(breach(FindingRule.LEAF_WITHOUT_PROJECT, here, project), col=None)


def _stray_mark(text: str) -> bool:
    plain = text.strip()
    return plain[0] in NEVER_FIRST or plain[-1] in NEVER_LAST


def _beside_other_project(evidence: Evidence, leaf: Indicator) -> bool:
    """Whether the form has its projects beside the indicators, and the named cell of this one misses the leaf's row."""
    roles = {
        field.cell_role
        for field in evidence.profile.fields
        if field.name is FieldName.PROJECT_NAME and field.is_beside_indicators
    }
    named = [ref for ref in evidence.project.cells if evidence.roles.get(ref) in roles]
    beside = [evidence.cells[ref].cell for ref in named if ref[:2] == (leaf.page_number, leaf.table_index)]
    return bool(named) and not any(cell.row <= leaf.row < cell.row + cell.row_span for cell in beside)
