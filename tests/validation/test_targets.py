"""Values of indicators: what can be meant, and what was probably misread."""

from __future__ import annotations

import pytest
from checked_forms import findings, rules, where, with_leaves, with_value

from pipeline.elements import Severity


@pytest.mark.parametrize("value", ["≥95%", "≤15元/册", "=3场", "共享", "提高3个百分点", "不超过95%", "2023年12月底前"])
def test_a_usual_value_has_no_finding(value):
    assert findings(with_value("情况", value)) == ()


@pytest.mark.parametrize(("value", "usual"), [("＞95%", "≥95%"), (">5年", "≥5年"), ("〈30分钟", "≤30分钟")])
def test_a_strict_comparator_is_a_finding_and_stays_strict(value, usual):
    (finding,) = findings(with_value("情况", value))
    assert where(finding) == ("strict_comparator", 3, 7, value)
    assert (finding.expected, finding.severity) == (usual, Severity.WARNING)


@pytest.mark.parametrize("value", ["超过95%", "高于5年"])
def test_a_strict_word_is_meant_so(value):
    assert findings(with_value("情况", value)) == ()


@pytest.mark.parametrize(
    ("name", "value", "broken"),
    [
        ("合格率", "100%", []),
        ("合格率", "≥295%", ["implausible_percentage"]),
        ("覆盖率", "≤120%", ["implausible_percentage"]),
        ("覆盖率", "≤100%", ["implausible_percentage"]),
        ("覆盖率", "≥0%", ["implausible_percentage"]),
        ("覆盖率", "＞100%", ["implausible_percentage", "strict_comparator"]),
        ("事故发生率", "0%", []),
        ("事故发生率", "≤0.5%", []),
        ("游客增长率", "≥120%", []),
        ("收入", "增长120%", []),
    ],
)
def test_a_percentage_must_be_one_that_some_shares_reach_and_others_do_not(name, value, broken):
    assert rules(findings(with_value(name, value))) == broken


@pytest.mark.parametrize(
    ("name", "value", "broken"),
    [
        ("培训合格率", "≥95%", []),
        ("培训合格率", "≥958", ["implausible_unit"]),
        ("服务对象满意度", "≥9596", ["implausible_unit"]),
        ("服务对象满意度", "≥9成", []),
        ("出生率", "≤12‰", []),
        ("群众知晓率", "提高3个百分点", []),
        ("知晓率", "明显提高", []),
        ("巡查频率", "4次/月", []),
        ("培训人数", "≥12%", ["implausible_unit"]),
        ("故障响应时间", "≤30%", ["implausible_unit"]),
        ("价格指数", "≥3%", []),
        ("完成时限", "11月30日前", []),
    ],
)
def test_a_share_is_a_percentage_and_a_quantity_is_none(name, value, broken):
    assert rules(findings(with_value(name, value))) == broken


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        (["3场", "≥95%", "12台", "≥6"], [(6, "≥6")]),
        (["3场", "共享", "12台", "≥6"], []),
        (["3场", "≥95%", "12台", "6", "8"], []),
        (["3", "4", "5", "6"], []),
    ],
)
def test_a_number_alone_is_a_finding_where_the_others_have_units(values, broken):
    first, *others = (f"产出指标 | 数量指标 | 事项 | {value}" for value in values)
    found = findings(with_leaves(first, *(leaf.replace("产出指标", "^") for leaf in others)))
    assert [(f.row, f.found) for f in found if f.rule == "missing_unit"] == broken


@pytest.mark.parametrize("value", ["1-3天", "第3名", "3、4期"])
def test_a_value_with_digits_that_is_no_single_number_is_an_info(value):
    (finding,) = findings(with_value("情况", value))
    assert (*where(finding), finding.severity) == ("unparsable_target", 3, 7, value, Severity.INFO)
