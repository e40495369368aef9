"""Every rule of the validation: its name, how much it matters, and its sentence; docs/findings.md lists them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from pipeline.elements import CellRef, Finding, Project, Severity
from pipeline.forms import HIERARCHY_RULES


class Rule(NamedTuple):
    """How much a finding of this rule matters, and what it says."""

    severity: Severity
    sentence: str


INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        # what a record rests on
        "unreadable_cell": Rule(ERROR, "A cell that a record rests on has ink that could not be read."),
        "doubtful_reading": Rule(
            WARNING, "A cell that a record rests on was read with little confidence, or otherwise in another cut."
        ),
        # pages
        "unknown_form": Rule(INFO, "The page has a table but matches no form profile: its cells and rows land."),
        "duplicate_page": Rule(WARNING, "The page says what an earlier page says: it may have been scanned twice."),
        "page_missing": Rule(WARNING, "The page numbers as printed leave out pages: they may not have been scanned."),
        # fields
        "no_indicators": Rule(ERROR, "The form was recognised, but no row with an indicator was found on it."),
        "missing_field": Rule(WARNING, "A field that the form requires is blank, or its label was not found."),
        "malformed_code": Rule(WARNING, "A code holds something else than digits."),
        "unparsable_amount": Rule(WARNING, "The text is no amount of money."),
        "unexpected_unit": Rule(WARNING, "The money unit that was read is not the one that the form prints."),
        # hierarchy
        "leaf_without_ancestor": Rule(ERROR, "No entry of a higher level covers the indicator's row."),
        "leaf_without_name": Rule(ERROR, "The indicator has a value, but its last level is blank."),
        "leaf_without_value": Rule(WARNING, "The indicator is named, but its value is blank."),
        "leaf_without_project": Rule(
            WARNING, "No project's cell covers the indicator's row: it was added to the project above it."
        ),
        "rows_disagree": Rule(WARNING, "The indicator's cell and its value's cell cover different rows."),
        "level_outside_vocabulary": Rule(WARNING, "The entry is no word that this level of the form may hold."),
        "level_under_other_parent": Rule(WARNING, "The entry belongs under another entry of the level above."),
        "level_out_of_order": Rule(WARNING, "The entry stood further up already, with another one in between."),
        **{name: Rule(*rule) for name, rule in HIERARCHY_RULES.items()},
        # values
        "unparsable_target": Rule(INFO, "The value has digits but is not one number with a unit."),
        "strict_comparator": Rule(WARNING, "The value has > or <, where forms usually have ≥ or ≤."),
        "implausible_percentage": Rule(WARNING, "No share is such a percentage, or every share is."),
        "implausible_unit": Rule(
            WARNING, "The value's unit, or its lack of one, does not go with the indicator's name."
        ),
        "missing_unit": Rule(WARNING, "The value is a number alone, where the project's other values have a unit."),
        "stray_mark": Rule(WARNING, "The text begins or ends with a mark that says nothing: it may be a speck."),
        "goal_differs": Rule(INFO, "The goals name another number of the same kind beside the same noun."),
        # sums
        "amount_parts_mismatch": Rule(WARNING, "The shares of the amount do not sum to it."),
        "cost_exceeds_amount": Rule(WARNING, "The cost is more than the project's amount."),
        "cost_near_amount": Rule(WARNING, "The cost differs from the project's amount by one digit or by its point."),
        "cost_unlike_amount": Rule(INFO, "The costs that the indicators name do not sum to the project's amount."),
        "total_mismatch": Rule(WARNING, "The printed total is not the sum of the document's projects."),
        "total_not_checkable": Rule(
            INFO, "The printed total cannot be checked: projects that it counts may be on other pages."
        ),
    }
)


def breach(rule: str, ref: CellRef | None, project: Project | None, **texts: str | None) -> Finding:
    """A finding of a rule at a cell; at a project's first page where there is no cell.

    Args:
        rule: a key of `RULES`.
        ref: the cell that breaks it.
        project: the project that it is about.
        texts: `found`, what stands there; `expected`, what was to be expected; `detail`, which begins the message.
    """
    detail = texts.pop("detail", None)
    sentence = RULES[rule].sentence
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
