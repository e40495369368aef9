"""Sums of money: shares and costs against the amount, printed totals against the projects that they count."""

from __future__ import annotations

from decimal import Decimal

import pytest
from checked_forms import DECLARATION, FORM, check, document, findings, rules, summed, where, with_leaves
from readings import drawn, line, page

from pipeline.elements import LineKind, Severity

PRINTED = "产出指标 | 数量指标 | 印发手册 | 1000册"


@pytest.mark.parametrize(
    ("part", "broken"),
    [("40.00", []), ("39.99", []), ("41.00", ["amount_parts_mismatch"]), ("4o.o0x", ["unparsable_amount"])],
)
def test_the_shares_of_an_amount_sum_to_it_but_for_rounding(part, broken):
    pages = [page([drawn(DECLARATION.replace("PART", part))], [line("项目支出绩效目标申报表")])]
    assert rules(check(pages)) == broken


@pytest.mark.parametrize(
    ("amount", "costs", "broken"),
    [
        ("34.54", ["≤34.54万元"], []),
        ("34.54", ["≤345400元"], []),
        ("34.54", ["≤3454万元"], ["cost_exceeds_amount"]),
        ("34.54", ["≤34.64万元"], ["cost_exceeds_amount"]),
        ("34.54", ["≤34.51万元"], ["cost_near_amount"]),
        ("34.54", ["≤3.454万元"], ["cost_near_amount"]),
        ("34.54", ["≤15.6万元"], ["cost_unlike_amount"]),
        ("34.54", ["≤30万元", "≤4.54万元"], []),
        ("34.54", ["≤34.54万元", "≤20万元"], []),
        ("34.54", ["≤20万元", "≤10万元"], ["cost_unlike_amount"]),
        ("5.00", ["≤4万元"], ["cost_unlike_amount"]),
        ("34.54", ["=400元/人"], []),
        ("34.54", ["节约"], []),
        ("3x.54", ["≤15.6万元"], ["unparsable_amount"]),
    ],
)
def test_costs_are_compared_with_the_amount(amount, costs, broken):
    leaves = [f"^ | 成本指标 | 费用 | {cost}" for cost in costs]
    assert rules(findings(with_leaves(PRINTED, *leaves, amount=amount))) == broken


def test_money_that_is_no_cost_may_be_more_than_the_amount():
    saved = "效益指标 | 经济效益指标 | 节约财政资金 | ≥80万元"
    assert findings(with_leaves(PRINTED, saved, amount="34.54")) == ()


def test_a_cost_above_the_amount_is_named_with_the_amount():
    (finding,) = findings(with_leaves(PRINTED, "^ | 成本指标 | 费用 | ≤3454万元", amount="34.54"))
    assert where(finding) == ("cost_exceeds_amount", 4, 7, "≤3454万元")
    assert (finding.expected, finding.severity) == ("34.54", Severity.WARNING)


def test_costs_below_the_amount_are_told_once_as_an_info_with_their_sum():
    costs = [f"^ | 成本指标 | 费用{n} | ≤{n}万元" for n in (20, 10)]
    (finding,) = findings(with_leaves(PRINTED, *costs, amount="34.54"))
    assert (*where(finding), finding.expected) == ("cost_unlike_amount", 3, 2, "34.54", "30")
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("pictures", "broken"),
    [
        (summed("17.00", "15.00", "2.00"), []),
        (summed("18.00", "15.00", "2.00"), ["total_mismatch"]),
        (summed("17.00", "17.00"), []),
        (summed("117.06", "15.00"), ["total_not_checkable"]),
        (summed("18.00", "15.00", None, "2.00"), ["total_not_checkable"]),
        (summed("18.00", "15.00", "2.00", None), ["total_not_checkable"]),
        (summed("18.00", "15.00", "2.O.0"), ["unparsable_amount", "total_not_checkable"]),
        ([*summed("17.00", "15.00", "2.00"), *summed("9.00", "8.00", "1.00")], []),
        ([*summed("17.00", "15.00", "2.00"), *summed("9.00", "8.00", "3.00")], ["total_mismatch"]),
    ],
)
def test_a_printed_total_is_checked_when_the_document_is_complete(pictures, broken):
    assert rules(findings(*pictures)) == sorted(broken)


def numbered(pictures, *numbers):
    """A document whose pages print page numbers below their tables."""
    return [
        page(
            [drawn(picture)],
            [line("某局2023年部门预算项目支出绩效目标公开表"), line(number, 900, LineKind.OTHER)],
            place,
        )
        for place, (picture, number) in enumerate(zip(pictures, numbers, strict=True), 1)
    ]


@pytest.mark.parametrize(
    ("pages", "broken"),
    [
        (numbered(summed("18.00", "15.00", "2.00"), "- 1 -", "- 2 -"), ["total_mismatch"]),
        (numbered(summed("18.00", "15.00", "2.00"), "- 1 -", "- 3 -"), ["page_missing", "total_not_checkable"]),
        (numbered(summed("17.00", "15.00", "2.00"), "- 1 -", "- 3 -"), ["page_missing"]),
        (numbered(summed("18.00", "15.00"), "第1页 共1页"), ["total_mismatch"]),
        (numbered(summed("18.00", "15.00"), "第1页 共2页"), ["page_missing", "total_not_checkable"]),
    ],
)
def test_page_numbers_tell_whether_the_projects_of_a_total_are_all_there(pages, broken):
    assert rules(check(pages)) == broken


def test_a_mismatch_names_the_total_and_both_sums():
    (finding,) = findings(*summed("18.00", "15.00", "2.00"))
    assert (finding.page_number, finding.row, finding.col) == (1, 2, 2)
    assert (Decimal(finding.found), Decimal(finding.expected)) == (Decimal(17), Decimal(18))


def test_an_amount_that_was_misread_is_seen_by_the_total():
    pictures = [FORM.replace("AMOUNT", "1500").replace("TOTAL", "17.00"), FORM.replace("AMOUNT", "2.00")]
    (finding,) = check(document(*(picture.replace("TOTAL", "") for picture in pictures)))
    assert finding.rule == "total_mismatch"
