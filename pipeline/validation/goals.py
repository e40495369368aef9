"""Numbers that the goals name, against the values of the indicators: 「编印名录1000份」 and 「编印名录」 「1000册」."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from pipeline.elements import Finding, FindingRule
from pipeline.text import NUMBER, SIGNS, half_width, parse_target
from pipeline.validation.evidence import Evidence
from pipeline.validation.rules import breach

KINDS = {
    **dict.fromkeys(("份", "册", "本", "套", "部", "卷"), "copies"),
    **dict.fromkeys(("次", "期", "场", "届", "轮", "班"), "events"),
    **dict.fromkeys(("人", "名", "位", "人次"), "people"),
    **dict.fromkeys(("天", "日"), "days"),
    **dict.fromkeys(("公里", "千米"), "kilometres"),
}
"""Units that count the same thing under several words; every other unit is a kind of its own."""

WAN = Decimal(10000)
"""万 is ten thousand."""

_CLAUSE = re.compile(r"[^,，、;；。:：]+")
_QUANTITY = re.compile(rf"(?P<number>{NUMBER})(?P<unit>万?(?:余|多)?(?:人次|公里|千米|小时|分钟|[^\W\d_]|%))")
_NOT_CHINESE = re.compile(r"[^㐀-鿿]")
_QUANTITY_WORD = re.compile(r"(?:[人次份册天件场期]?数量?|人次)$")
"""How names of quantities end; what stands before is counted."""


class _Quantity(NamedTuple):
    """A number with what it counts, and the words beside it."""

    number: Decimal
    kind: str
    text: str


def check_goals(evidence: Evidence) -> Iterator[Finding]:
    """Values of indicators that differ from every number of their kind which the goals name beside its noun."""
    named = [quantity for goal in evidence.project.goals for quantity in _quantities(goal)]
    for leaf in evidence.leaves:
        target = leaf.target
        if target.number is None or target.unit is None or target.comparator not in SIGNS:
            continue
        number, kind = _counted(target.number, target.unit)
        noun = _noun(leaf.level3 or leaf.level2 or "")
        alike = [own for own in named if own.kind == kind and noun and noun in own.text]
        if alike and all(own.number != number for own in alike):
            texts = " / ".join(dict.fromkeys(own.text for own in alike))
            yield breach(
                FindingRule.GOAL_DIFFERS,
                evidence.value_of(leaf),
                evidence.project,
                found=leaf.target_text,
                expected=texts,
            )


def _quantities(goal: str) -> Iterator[_Quantity]:
    for clause in _CLAUSE.finditer(goal):
        plain = half_width(clause[0])
        for quantity in _QUANTITY.finditer(plain):
            number = parse_target(quantity["number"]).number
            if number is not None:
                yield _Quantity(*_counted(number, re.sub("[余多]", "", quantity["unit"])), plain)


def _counted(number: Decimal, unit: str) -> tuple[Decimal, str]:
    """A number of single things, and the kind of them."""
    single = unit.removeprefix("万") if not unit.startswith("万元") else unit
    return number * WAN if single != unit else number, KINDS.get(single, single)


def _noun(name: str) -> str | None:
    """The last two characters of an indicator's name, which in Chinese say what it is about.

    >>> _noun("出具监督报告份数"), _noun("《祁连人大名录》"), _noun("次数")
    ('报告', '名录', None)
    """
    words = _NOT_CHINESE.sub("", name)
    noun = _QUANTITY_WORD.sub("", words)[-2:]
    return noun if len(noun) == 2 else None
