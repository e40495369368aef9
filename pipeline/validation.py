"""Records -> list[Finding]: what a person should know before trusting them. Nothing is changed here.

Every rule is in `RULES`, with its severity and its sentence; `docs/findings.md` lists them for readers of the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from rapidfuzz import process

from pipeline.elements import (
    CellReading,
    CellRef,
    Finding,
    FormMatch,
    Indicator,
    Interpretation,
    PageReading,
    Project,
    Severity,
)
from pipeline.hierarchy import LEVEL_ROLES, VALUE_ROLE
from pipeline.hierarchy_rules import HIERARCHY_RULES
from pipeline.profiles import FieldName, Grammar, Level, Profile, Rows
from pipeline.recognition import UNKNOWN
from pipeline.totals import Total, check_totals
from pipeline.values import half_width, has_content


class Rule(NamedTuple):
    """How much a finding of this rule matters, and what it says."""

    severity: Severity
    sentence: str


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "unknown_form": Rule(Severity.INFO, "The page has a table but matches no form profile: only its cells land."),
        "no_indicators": Rule(Severity.ERROR, "The form was recognised, but no row with an indicator was found on it."),
        "missing_field": Rule(Severity.WARNING, "A field that the form requires is blank, or its label was not found."),
        "unreadable_cell": Rule(Severity.ERROR, "A cell that a record rests on has ink that could not be read."),
        "leaf_without_ancestor": Rule(Severity.ERROR, "No entry of a higher level covers the indicator's row."),
        "leaf_without_name": Rule(Severity.ERROR, "The indicator has a value, but its last level is blank."),
        "leaf_without_value": Rule(Severity.WARNING, "The indicator is named, but its value is blank."),
        "leaf_without_project": Rule(
            Severity.WARNING, "No project's cell covers the indicator's row: it was added to the project above it."
        ),
        "rows_disagree": Rule(Severity.WARNING, "The indicator's cell and its value's cell cover different rows."),
        "level_outside_vocabulary": Rule(
            Severity.WARNING, "The entry is no word that this level of the form may hold."
        ),
        "level_under_other_parent": Rule(Severity.WARNING, "The entry belongs under another entry of the level above."),
        "unparsable_amount": Rule(Severity.WARNING, "The text is no amount of money."),
        "unparsable_target": Rule(Severity.INFO, "The value has digits but is not one number with a unit."),
        "unexpected_unit": Rule(Severity.WARNING, "The money unit that was read is not the one that the form prints."),
        "malformed_code": Rule(Severity.WARNING, "A code holds something else than digits."),
        "amount_parts_mismatch": Rule(Severity.WARNING, "The shares of the amount do not sum to it."),
        "total_mismatch": Rule(Severity.WARNING, "The printed total is not the sum of the document's projects."),
        "total_not_checkable": Rule(
            Severity.INFO, "The printed total cannot be checked: projects that it counts may be on other pages."
        ),
        **{name: Rule(*rule) for name, rule in HIERARCHY_RULES.items()},
    }
)

ROUNDING_WAN = Decimal("0.01")
"""Shares are printed to 0.01 万元, each rounded: their sum may miss the amount by that much."""

READINGS = {FieldName.AMOUNT: "amount_text", FieldName.TOTAL: "total_text", FieldName.GOALS: "goals_text"}
"""Fields whose reading lies under another name than their own; an amount's part has no reading of its own."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the rules look at beside the record itself."""

    cells: Mapping[CellRef, CellReading]
    roles: Mapping[CellRef, str]
    profile: Profile
    project: Project

    def with_role(self, refs: Iterable[CellRef], role: str) -> CellRef | None:
        """The first of some cells that has a role."""
        return next((ref for ref in refs if self.roles.get(ref) == role), None)


def validate(
    pages: Sequence[PageReading], interpretation: Interpretation, profiles: Sequence[Profile], n_pages: int
) -> tuple[Finding, ...]:
    """Check a document's records against their forms, their cells and each other.

    Args:
        pages: the pages that were read, in order; fewer than `n_pages` where some failed.
        interpretation: their records.
        profiles: the profiles that the records were made by.
        n_pages: pages in the file.

    Returns:
        The findings, by page, then project, row and column.
    """
    cells = {
        CellRef(page.page_number, table.grid.table_index, reading.cell.row, reading.cell.col): reading
        for page in pages
        for table in page.tables
        for reading in table.cells
    }
    by_name = {profile.name: profile for profile in profiles}
    evidence = {
        project.project_index: _Evidence(cells, interpretation.roles, by_name[project.form_type], project)
        for project in interpretation.projects
    }
    findings = [*_check_forms(pages, interpretation.forms)]
    leaves = {indicator.project_index for indicator in interpretation.indicators}
    for project in interpretation.projects:
        findings += _check_project(evidence[project.project_index], project.project_index in leaves)
    for indicator in interpretation.indicators:
        findings += _check_leaf(evidence[indicator.project_index], indicator)
        findings += _check_levels(evidence[indicator.project_index], indicator)
    findings += _check_sums(interpretation, pages, n_pages)
    return tuple(sorted(dict.fromkeys(findings), key=_place))


def mark_for_review(
    interpretation: Interpretation, findings: Iterable[Finding], review_confidence: float
) -> Interpretation:
    """The interpretation with each record's `needs_review` decided.

    A record needs review when its confidence is lower than `review_confidence`, or when a warning or an error names a
    cell, a row or a table that it rests on, or the project itself. An info never asks for review.

    Args:
        interpretation: the records.
        findings: all findings of the document, those of its pages too.
        review_confidence: 0-1.
    """
    serious = [finding for finding in findings if finding.severity is not Severity.INFO]
    named = {(f.page_number, f.table_index, f.row, f.col) for f in serious if f.table_index is not None}
    doubted = {f.project_index for f in serious if f.table_index is None and f.project_index is not None}

    def doubtful(record: Project | Indicator) -> bool:
        places = {(r.page_number, r.table_index, row, col) for r in record.cells for row, col in _wider(r)}
        if isinstance(record, Indicator):
            places.add((record.page_number, record.table_index, record.row, None))
        low = record.confidence is not None and record.confidence < review_confidence
        return low or bool(places & named) or (isinstance(record, Project) and record.project_index in doubted)

    return replace(
        interpretation,
        projects=tuple(replace(record, needs_review=doubtful(record)) for record in interpretation.projects),
        indicators=tuple(replace(record, needs_review=doubtful(record)) for record in interpretation.indicators),
    )


def _wider(ref: CellRef) -> tuple[tuple[int | None, int | None], ...]:
    """The cell's own place, and its whole table's."""
    return (ref.row, ref.col), (None, None)


def _place(finding: Finding) -> tuple[float, ...]:
    place = (finding.page_number, finding.project_index, finding.table_index, finding.row, finding.col)
    return tuple(-1.0 if number is None else float(number) for number in place)


def _finding(rule: str, ref: CellRef | None, project: Project | None, **texts: str | None) -> Finding:
    """A finding of a rule at a cell; at a project's first page where there is no cell."""
    sentence = RULES[rule].sentence
    detail = texts.pop("detail", None)
    return Finding(
        rule=rule,
        severity=RULES[rule].severity,
        message=f"{detail}: {sentence}" if detail else sentence,
        page_number=ref.page_number if ref else project.first_page if project else None,
        project_index=project.project_index if project else None,
        table_index=ref.table_index if ref else None,
        row=ref.row if ref else None,
        col=ref.col if ref else None,
        found=texts.get("found"),
        expected=texts.get("expected"),
    )


def _check_forms(pages: Sequence[PageReading], forms: Sequence[FormMatch]) -> Iterator[Finding]:
    with_tables = {page.page_number for page in pages if page.tables}
    for form in forms:
        if form.form_type == UNKNOWN and form.page_number in with_tables:
            yield replace(_finding("unknown_form", None, None), page_number=form.page_number)


def _check_project(evidence: _Evidence, has_leaves: bool) -> Iterator[Finding]:
    project, profile = evidence.project, evidence.profile
    if not has_leaves:
        yield _finding("no_indicators", None, project)
    for field in profile.fields:
        ref = evidence.with_role(project.cells, field.cell_role)
        text = None if field.part else getattr(project, READINGS.get(field.name, field.name))
        if field.required and not has_content(text or ""):
            yield _finding("missing_field", ref, project, detail=field.label, found=text)
        if field.grammar is Grammar.CODE and text and not half_width(text).isdecimal():
            yield _finding("malformed_code", ref, project, found=text)
        if field.name in (FieldName.AMOUNT, FieldName.TOTAL) and text and getattr(project, field.name) is None:
            yield _finding("unparsable_amount", ref, project, found=text)
    for ref in project.cells:
        if evidence.cells[ref].text is None:
            yield _finding("unreadable_cell", ref, project)
    if project.amount_unit_read not in (None, profile.money_unit):
        read = {"found": project.amount_unit_read, "expected": profile.money_unit}
        yield _finding("unexpected_unit", evidence.with_role(project.cells, FieldName.AMOUNT), project, **read)
    yield from _check_parts(evidence)


def _check_parts(evidence: _Evidence) -> Iterator[Finding]:
    """Shares that were read must sum to the amount; a share that is no amount is a finding of its own."""
    project = evidence.project
    ref = evidence.with_role(project.cells, FieldName.AMOUNT)
    parts = [part.amount for part in project.amount_parts]
    for part in project.amount_parts:
        if part.amount is None:
            yield _finding("unparsable_amount", ref, project, detail=part.name)
    if project.amount is None or not parts or None in parts:
        return
    summed = sum((part for part in parts if part is not None), Decimal(0))
    if abs(summed - project.amount) > ROUNDING_WAN:
        yield _finding("amount_parts_mismatch", ref, project, found=str(summed), expected=str(project.amount))


def _check_leaf(evidence: _Evidence, leaf: Indicator) -> Iterator[Finding]:
    """The leaf's own cells: its name, its value, its rows, and the project beside it."""
    project = evidence.project
    here = CellRef(leaf.page_number, leaf.table_index, leaf.row, 0)
    value = evidence.with_role(leaf.cells, VALUE_ROLE)
    last = evidence.with_role(leaf.cells, LEVEL_ROLES[len(evidence.profile.hierarchy.levels) - 1])
    for ref in leaf.cells:
        if evidence.cells[ref].text is None:
            yield _finding("unreadable_cell", ref, project)
    if last is not None and not has_content(evidence.cells[last].text):
        yield _finding("leaf_without_name", last, project)
    if value is not None and not has_content(leaf.target_text):
        yield _finding("leaf_without_value", value, project)
    if value is not None and last is not None and value[:2] == last[:2]:
        rows = [(evidence.cells[ref].cell.row, evidence.cells[ref].cell.row_span) for ref in (value, last)]
        if rows[0] != rows[1]:
            yield _finding("rows_disagree", value, project, found=leaf.target_text)
    if leaf.target.number is None and any(sign.isdecimal() for sign in half_width(leaf.target_text or "")):
        yield _finding("unparsable_target", value, project, found=leaf.target_text)
    if _beside_other_project(evidence, leaf):
        yield replace(_finding("leaf_without_project", here, project), col=None)


def _beside_other_project(evidence: _Evidence, leaf: Indicator) -> bool:
    """Whether the form has its projects beside the indicators, and the named cell of this one misses the leaf's row."""
    roles = {
        field.cell_role
        for field in evidence.profile.fields
        if field.name is FieldName.PROJECT_NAME and field.rows is Rows.PROJECT
    }
    named = [ref for ref in evidence.project.cells if evidence.roles.get(ref) in roles]
    beside = [evidence.cells[ref].cell for ref in named if ref[:2] == (leaf.page_number, leaf.table_index)]
    return bool(named) and not any(cell.row <= leaf.row < cell.row + cell.row_span for cell in beside)


def _check_levels(evidence: _Evidence, leaf: Indicator) -> Iterator[Finding]:
    """The leaf's ancestors: that they are there, and that they are words which may stand there."""
    above: str | None = None
    row = CellRef(leaf.page_number, leaf.table_index, leaf.row, 0)
    levels = evidence.profile.hierarchy.levels
    for depth, level in enumerate(levels):
        word = (leaf.level1, leaf.level2, leaf.level3)[depth]
        ref = evidence.with_role(leaf.cells, LEVEL_ROLES[depth])
        rule, expected = _level_rule(level, word, above)
        unread = ref is not None and evidence.cells[ref].text is None
        if rule is not None and not unread and (has_content(word or "") or depth < len(levels) - 1):
            finding = _finding(rule, ref or row, evidence.project, detail=level.header, found=word, expected=expected)
            yield finding if ref else replace(finding, col=None)
        above = word


def _level_rule(level: Level, word: str | None, above: str | None) -> tuple[str | None, str | None]:
    """The rule that an entry of a level breaks, if any, and the entry that was to be expected."""
    if word is None or not has_content(word):
        return "leaf_without_ancestor", None
    if not level.allows(word, None):
        return "level_outside_vocabulary", process.extractOne(word, sorted(level.words() or ()))[0]
    if not level.allows(word, above):
        return "level_under_other_parent", None
    return None, None


def _check_sums(interpretation: Interpretation, pages: Sequence[PageReading], n_pages: int) -> Iterator[Finding]:
    """Each printed total against the projects that it counts."""
    landed = {page.page_number for page in pages}
    for total in check_totals(interpretation.projects, landed, n_pages):
        if total.outcome is Total.HOLDS:
            continue
        rule = "total_mismatch" if total.outcome is Total.MISMATCH else "total_not_checkable"
        ref = next((ref for ref in total.project.cells if interpretation.roles.get(ref) == FieldName.TOTAL), None)
        found = None if total.summed is None else str(total.summed)
        yield _finding(rule, ref, total.project, found=found, expected=str(total.project.total))
