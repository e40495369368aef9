"""The value of a leaf: whether it parses, and whether it can be meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.elements import Finding, FindingRule, Indicator, Target
from pipeline.text import SIGNS, half_width, is_rate
from pipeline.validation.evidence import Evidence
from pipeline.validation.rules import breach

WHOLE = Decimal(100)
"""A share is at most this, in per cent."""
GROWTH = ("增", "提高", "提升", "上升", "超额", "同比", "环比")
"""Words in an indicator's name by which its percentage may exceed the whole."""

PARTS_OF_A_WHOLE = ("%", "‰", "百分点", "成")
"""Units of shares begin or end with one of these words: 个百分点, 三成."""
COUNTS = ("数", "数量", "人次", "份数", "里程", "面积", "时间", "年限", "天数")
"""How names of quantities end, which are no percentages; 指数 and 系数 are neither."""
NO_COUNTS = ("指数", "系数", "倍数", "参数", "分数")
"""These names end like those of quantities, but are ratios: a percentage may be meant."""

MOST = 0.75
"""Where this share of a project's numbers have a unit, one without was probably misread."""
FEW = 3
"""Fewer numbers than that say nothing about how a form writes them."""


def check_targets(evidence: Evidence) -> Iterator[Finding]:
    """Values that are unclear, strict, or that no indicator of such a name has."""
    units_usual = _units_usual([leaf.target for leaf in evidence.leaves])
    for leaf in evidence.leaves:
        for rule, expected in _broken_rules(leaf, units_usual):
            yield breach(rule, evidence.value_of(leaf), evidence.project, found=leaf.target_text, expected=expected)


def _broken_rules(leaf: Indicator, units_usual: bool) -> Iterator[tuple[FindingRule, str | None]]:
    """Each rule that a leaf's value breaks, and what was to be expected."""
    target = leaf.target
    plain = half_width(leaf.target_text or "")
    if target.number is None:
        if any(sign.isdecimal() for sign in plain):
            yield FindingRule.UNPARSABLE_TARGET, None
        return
    if any(sign in plain for sign in "<>"):
        yield FindingRule.STRICT_COMPARATOR, plain.replace(">", "≥").replace("<", "≤")
    name = half_width(leaf.level3 or leaf.level2 or leaf.level1 or "")
    if _implausible_percentage(target, name):
        yield FindingRule.IMPLAUSIBLE_PERCENTAGE, None
    if target.comparator is not None and _implausible_unit(target, name):
        yield FindingRule.IMPLAUSIBLE_UNIT, None
    elif target.unit is None and units_usual:
        yield FindingRule.MISSING_UNIT, None


def _units_usual(targets: Sequence[Target]) -> bool:
    units = [target.unit is not None for target in targets if target.number is not None]
    return sum(units) >= FEW and sum(units) >= MOST * len(units)


def _implausible_percentage(target: Target, name: str) -> bool:
    """Whether no share can be so, such as 295%, or every share is, such as ≤100%."""
    if target.unit != "%" or target.number is None or target.comparator not in SIGNS:
        return False
    beyond = target.number > WHOLE and not any(word in name for word in GROWTH)
    strictly = target.comparator == ">" and target.number == WHOLE
    always = (target.comparator == "≤" and target.number == WHOLE) or (target.comparator == "≥" and target.number == 0)
    return beyond or strictly or always


def _implausible_unit(target: Target, name: str) -> bool:
    """Whether a share has another unit than a percentage, or a quantity has a percentage."""
    unit = target.unit or ""
    part = unit.startswith(PARTS_OF_A_WHOLE) or unit.endswith(PARTS_OF_A_WHOLE)
    if is_rate(name):
        return not part
    return part and name.endswith(COUNTS) and not name.endswith(NO_COUNTS)
