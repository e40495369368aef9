"""Sums of money: an amount against its shares and its costs, a printed total against the projects that it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from rapidfuzz.distance import Levenshtein

from pipeline.elements import Finding, Indicator, Interpretation, PageReading
from pipeline.profiles import FieldName
from pipeline.validation.evidence import Evidence
from pipeline.validation.page_numbers import PrintedRun
from pipeline.validation.rules import breach
from pipeline.validation.totals import Total, check_totals
from pipeline.values import target_in_wan

ROUNDING_WAN = Decimal("0.01")
"""Shares are printed to 0.01 万元, each rounded: their sum may miss the amount by that much."""

COST = "成本"
"""What the levels above a cost indicator are called."""

MIN_DIGITS = 3
"""Sums of fewer digits are near each other by chance: 5 and 6."""
MAX_COSTS = 8
"""Beyond so many costs, some of them sum to the amount by chance."""


def check_parts(evidence: Evidence) -> Iterator[Finding]:
    """Shares that were read must sum to the amount; a share that is no amount is a finding of its own."""
    project = evidence.project
    ref = evidence.with_role(project.cells, FieldName.AMOUNT)
    parts = [part.amount for part in project.amount_parts]
    for part in project.amount_parts:
        if part.amount is None:
            yield breach("unparsable_amount", ref, project, detail=part.name)
    if project.amount is None or not parts or None in parts:
        return
    summed = sum((part for part in parts if part is not None), Decimal(0))
    if abs(summed - project.amount) > ROUNDING_WAN:
        yield breach("amount_parts_mismatch", ref, project, found=str(summed), expected=str(project.amount))


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
        rule = "cost_exceeds_amount" if cost > amount + ROUNDING_WAN else "cost_near_amount"
        if rule == "cost_exceeds_amount" or _one_slip_apart(cost, amount):
            found = leaf.target_text
            yield breach(rule, evidence.value_of(leaf), project, found=found, expected=project.amount_text)
            told = True
    if not told:
        ref = evidence.with_role(project.cells, FieldName.AMOUNT)
        summed = sum((cost for _, cost in costs), Decimal(0))
        yield breach("cost_unlike_amount", ref, project, found=project.amount_text, expected=str(summed))


def check_sums(
    interpretation: Interpretation, pages: Sequence[PageReading], n_pages: int, run: PrintedRun
) -> Iterator[Finding]:
    """Each printed total against the projects that it counts."""
    landed = {page.page_number for page in pages}
    for total in check_totals(interpretation.projects, landed, n_pages, run):
        if total.outcome is Total.HOLDS:
            continue
        rule = "total_mismatch" if total.outcome is Total.MISMATCH else "total_not_checkable"
        ref = next((ref for ref in total.project.cells if interpretation.roles.get(ref) == FieldName.TOTAL), None)
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
