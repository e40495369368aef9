"""What is doubtful about a page's form itself: another profile fits as well, or a field is not made as it should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from pipeline.elements import RULE_MEANINGS, CellReading, CellRef, Finding, FindingRule, Project, Severity
from pipeline.forms import Field, FieldName, FieldReading, Grammar, RecognisedPage
from pipeline.text import half_width, has_content, parse_amount, parse_date, parse_target

NEAR_TIE = 0.1
"""Two forms whose scores lie closer than this may be taken for each other: one label of ten decides between them."""

_YEAR_AND_MONTH = re.compile(r"(?:19|20)\d\d(?:年|[-./])(?:0?[1-9]|1[0-2])月?")


def ambiguous_forms(pages: Iterable[RecognisedPage]) -> Iterator[Finding]:
    """A finding for each table of a page whose second best profile fits nearly as well as the one it was read by."""
    for page in pages:
        match = page.match
        if match.runner_up_score is None or match.score - match.runner_up_score >= NEAR_TIE:
            continue
        for table in page.tables:
            yield Finding(
                rule=FindingRule.FORM_AMBIGUOUS,
                severity=Severity.WARNING,
                message="Another profile fits the page nearly as well as the one that it was read by.",
                page_number=match.page_number,
                table_index=table.table.grid.table_index,
                found=f"{match.form_type} {match.score:.2f}",
                expected=f"{match.runner_up} {match.runner_up_score:.2f}",
            )


def malformed_fields(
    project: Project,
    readings: Iterable[FieldReading],
    refs: Callable[[Iterable[CellReading]], tuple[CellRef, ...]],
) -> Iterator[Finding]:
    """A finding for each field that its grammar does not allow, and for each blank one that only its role names.

    Fields with a column of `projects` are checked for blanks, and codes and amounts for their form, by the validation.

    Args:
        project: the record that the fields were read for.
        readings: the fields.
        refs: the keys of some cells.
    """
    for reading in readings:
        field, written = reading.field, has_content(reading.text or "")
        if field.name is FieldName.OTHER and field.required and not written:
            yield _finding(FindingRule.MISSING_FIELD, project, reading, refs(reading.cells))
        elif written and not follows_grammar(field, reading.text or ""):
            yield _finding(FindingRule.MALFORMED_FIELD, project, reading, refs(reading.cells))


def follows_grammar(field: Field, text: str) -> bool:
    """Whether a field's text is made as its profile says; codes and amounts with a column of their own always are.

    Args:
        field: of the profile.
        text: as read, not blank.
    """
    own_column = field.name is not FieldName.OTHER
    if field.grammar is Grammar.TEXT or (own_column and field.grammar in (Grammar.CODE, Grammar.AMOUNT)):
        return True
    plain = half_width(text)
    match field.grammar:
        case Grammar.CODE:
            follows = plain.isdecimal()
        case Grammar.AMOUNT:
            follows = parse_amount(text, None) is not None
        case Grammar.NUMBER:
            follows = parse_target(text).number is not None
        case Grammar.DATE:
            follows = _is_date(text)
        case Grammar.CHOICE:
            follows = plain in {half_width(choice) for choice in field.choices}
        case Grammar.PATTERN:
            follows = re.fullmatch(field.pattern or "", plain) is not None
    return follows


def _is_date(text: str) -> bool:
    """Whether a text is a day or a month with its year."""
    day = parse_date(text)
    return (day is not None and day.year is not None) or _YEAR_AND_MONTH.fullmatch(half_width(text)) is not None


def _finding(rule: FindingRule, project: Project, reading: FieldReading, refs: tuple[CellRef, ...]) -> Finding:
    """At the field's first cell; where it has none, at the project."""
    severity, sentence = RULE_MEANINGS[rule]
    field, ref = reading.field, next(iter(refs), None)
    return Finding(
        rule=rule,
        severity=severity,
        message=f"{field.label}: {sentence}",
        page_number=ref.page_number if ref else project.first_page,
        project_index=project.project_index,
        table_index=ref.table_index if ref else None,
        row=ref.row if ref else None,
        col=ref.col if ref else None,
        found=reading.text,
        expected=" / ".join(field.choices) or field.pattern or str(field.grammar),
    )
