"""Sums of money: an amount against its shares and its costs, a printed total against the projects that it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from rapidfuzz.distance import Levenshtein

from pipeline.elements import FieldRole, Finding, FindingRule, Indicator, Interpretation, PageReading, Project
from pipeline.forms import FieldName
from pipeline.text import target_in_wan
from pipeline.validation.evidence import Evidence
from pipeline.validation.page_numbers import PrintedRun
from pipeline.validation.rules import breach

ROUNDING_WAN = Decimal("0.01")
"""Shares are printed to 0.01 万元, each rounded: their sum may miss the amount by that much."""

COST = "成本"
"""Forms call the levels above a cost indicator so."""

MIN_DIGITS = 3
"""Sums of fewer digits are near each other by chance, as 5 and 6 are."""
MAX_COSTS = 8
"""Beyond so many costs, some of them sum to the amount by chance."""


def check_parts(evidence: Evidence) -> Iterator[Finding]:
    """Shares that were read must sum to the amount; a share that is no amount is a finding of its own."""
    project = evidence.project
    ref = evidence.of_field(FieldName.AMOUNT)
    parts = [part.amount for part in project.amount_parts]
    for part in project.amount_parts:
        if part.amount is None:
            yield breach(FindingRule.UNPARSABLE_AMOUNT, ref, project, detail=part.name)
    if project.amount is None or not parts or None in parts:
        return
    summed = sum((part for part in parts if part is not None), Decimal(0))
    if abs(summed - project.amount) > ROUNDING_WAN:
        yield breach(FindingRule.AMOUNT_PARTS_MISMATCH, ref, project, found=str(summed), expected=str(project.amount))


def check_costs(evidence: Evidence) -> Iterator[Finding]:
    """Costs that indicators name against the project's amount.

    A cost above the amount, or one like it but for a digit, was misread on one side or the other. Lower costs may be
    all that the form states: they are told once, as an info. A price for each (元/人) is no cost of the project.
    """
    project = evidence.project
    amount = project.amount
    costs = [(leaf, cost) for leaf in evidence.leaves if _is_cost(leaf) and (cost := target_in_wan(leaf.target))]
    if amount is None or not costs or _some_sum_to([cost for _, cost in costs], amount):
        return
    told = False
    for leaf, cost in costs:
        rule = FindingRule.COST_EXCEEDS_AMOUNT if cost > amount + ROUNDING_WAN else FindingRule.COST_NEAR_AMOUNT
        if rule is FindingRule.COST_EXCEEDS_AMOUNT or _one_slip_apart(cost, amount):
            found = leaf.target_text
            yield breach(rule, evidence.value_of(leaf), project, found=found, expected=project.amount_text)
            told = True
    if not told:
        ref = evidence.of_field(FieldName.AMOUNT)
        summed = sum((cost for _, cost in costs), Decimal(0))
        yield breach(FindingRule.COST_UNLIKE_AMOUNT, ref, project, found=project.amount_text, expected=str(summed))


def check_sums(
    interpretation: Interpretation, pages: Sequence[PageReading], n_pages: int, run: PrintedRun
) -> Iterator[Finding]:
    """Each printed total against the projects that it counts."""
    landed = {page.page_number for page in pages}
    for total in check_totals(interpretation.projects, landed, n_pages, run):
        if total.outcome is Total.HOLDS:
            continue
        rule = FindingRule.TOTAL_MISMATCH if total.outcome is Total.MISMATCH else FindingRule.TOTAL_NOT_CHECKABLE
        ref = next(
            (ref for ref in total.project.cells if interpretation.roles.get(ref) == FieldRole(FieldName.TOTAL)), None
        )
        found = None if total.summed is None else str(total.summed)
        yield breach(rule, ref, total.project, found=found, expected=str(total.project.total))


def _is_cost(leaf: Indicator) -> bool:
    return any(COST in (word or "") for word in (leaf.level1, leaf.level2))


def _some_sum_to(costs: Sequence[Decimal], amount: Decimal) -> bool:
    """Whether one cost, or several together, are the amount."""
    several = range(1, len(costs) + 1) if len(costs) <= MAX_COSTS else (1, len(costs))
    return any(
        abs(sum(chosen, Decimal(0)) - amount) <= ROUNDING_WAN for n in several for chosen in combinations(costs, n)
    )


def _one_slip_apart(cost: Decimal, amount: Decimal) -> bool:
    """Whether the digits differ in one place, or in their point alone."""
    one, other = (f"{number.normalize():f}" for number in (cost, amount))
    digits = [text.replace(".", "").strip("0") for text in (one, other)]
    if min(map(len, digits)) < MIN_DIGITS:
        return False
    return digits[0] == digits[1] or Levenshtein.distance(one, other) == 1


class Total(StrEnum):
    """What came of checking a printed total."""

    HOLDS = "holds"
    MISMATCH = "mismatch"
    NOT_CHECKABLE = "not_checkable"


@dataclass(frozen=True, slots=True)
class CheckedTotal:
    """A printed total on its first project, the sum of the projects it counts (None where one has no amount)."""

    project: Project
    summed: Decimal | None
    outcome: Total


def check_totals(
    projects: Sequence[Project], landed: Set[int], n_pages: int, printed: PrintedRun
) -> Iterator[CheckedTotal]:
    """Check every printed total of a document.

    A total counts the projects from the page it is printed on to the page before the next, other total; the first
    counts from the document's first page. A sum that agrees proves itself. One that does not is a mismatch only where
    the document is complete: several projects, each page among them landed with one, and no page number left out; a
    single page may be one of a larger set, unless it says that it is not.

    Args:
        projects: the document's projects in order.
        landed: page numbers that were read.
        n_pages: pages in the file.
        printed: the page numbers that the document prints.
    """
    runs = _runs(projects)
    starts = [1, *(run[0].first_page for run in runs[1:]), n_pages + 1]
    for place, run in enumerate(runs):
        if run[0].total is not None:
            yield _check(run, landed, range(starts[place], starts[place + 1]), printed)


def _runs(projects: Sequence[Project]) -> list[list[Project]]:
    """The projects that one total counts, the total printed on the first of them; a total repeated is the same."""
    runs: list[list[Project]] = []
    for project in projects:
        if not runs or (project.total is not None and project.total != runs[-1][0].total):
            runs.append([])
        runs[-1].append(project)
    return runs


def _check(run: Sequence[Project], landed: Set[int], pages: range, printed: PrintedRun) -> CheckedTotal:
    amounts = [project.amount for project in run if project.amount is not None]
    summed = sum(amounts, Decimal(0)) if len(amounts) == len(run) else None
    if summed is not None and summed == run[0].total:
        return CheckedTotal(run[0], summed, Total.HOLDS)
    seen = {page for project in run for page in range(project.first_page, project.last_page + 1)}
    several = (len(run) > 1 and not printed.absent) or printed.whole
    complete = summed is not None and several and set(pages) <= seen & landed
    return CheckedTotal(run[0], summed, Total.MISMATCH if complete else Total.NOT_CHECKABLE)
