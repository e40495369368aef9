"""Numbers that the goals name, beside the values of the indicators."""

from __future__ import annotations

import pytest
from checked_forms import findings, where, with_leaves

from pipeline.elements import Severity


def told(goals, name, value):
    """Whether the goals are said to name another number."""
    found = findings(with_leaves(f"产出指标 | 数量指标 | {name} | {value}", goals=goals))
    return [finding.expected for finding in found if finding.rule == "goal_differs"]


@pytest.mark.parametrize(
    ("goals", "name", "value"),
    [
        ("目标1：编印名录1000份", "《祁连人大名录》", "1000册"),
        ("目标1：惠及群众2.3万余人", "受益群众", "≥2.3万人"),
        ("目标1：惠及群众23000人", "受益群众", "≥2.3万人"),
        ("目标1：编印名录1000份", "出具报告份数", "30份"),
        ("目标1：编印名录1000份", "编印名录", "3次"),
        ("目标1：编印名录1000份", "编印名录", "提高3份"),
        ("目标1：培训3期，共50人", "培训次数", "3次"),
        ("目标1：培训3期；目标2：培训5期", "培训次数", "5次"),
        ("目标1：编印名录", "编印名录", "1000册"),
        ("目标1：满意度达到95%以上", "议案讨论率", "100%"),
        ("目标1：2023年完成3次", "次数", "5次"),
    ],
)
def test_the_same_number_another_thing_or_another_kind_of_unit_is_no_contradiction(goals, name, value):
    assert told(goals, name, value) == []


@pytest.mark.parametrize(
    ("goals", "name", "value", "expected"),
    [
        ("目标1：日常监督30次；出具监督报告46份。", "出具监督报告份数", "30份", "出具监督报告46份"),
        ("目标1：编印名录１０００份", "编印名录", "100册", "编印名录1000份"),
        ("目标1：惠及群众2.3万余人", "受益群众", "≥2.3人", "惠及群众2.3万余人"),
        ("目标1：使满意度达到95%以上", "人员满意度", "≥9%", "使满意度达到95%以上"),
        ("目标1：故障响应时间不超过2小时", "故障响应时间", "≤20小时", "故障响应时间不超过2小时"),
        ("目标1：培训3期；目标2：再培训4期", "培训次数", "5次", "培训3期 / 再培训4期"),
    ],
)
def test_another_number_of_the_same_kind_beside_the_same_noun_is_told(goals, name, value, expected):
    assert told(goals, name, value) == [expected]


def test_a_contradiction_is_an_info_on_the_cell_of_the_value():
    picture = with_leaves("产出指标 | 数量指标 | 编印名录 | 100册", goals="编印名录1000份")
    (finding,) = findings(picture)
    assert (*where(finding), finding.severity) == ("goal_differs", 3, 7, "100册", Severity.INFO)
