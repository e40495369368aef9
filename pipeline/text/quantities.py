"""「≤15万元」 -> comparator, number, unit; amounts in 万元; written dates. Text in, exact values out, never a float.

A value that cannot be parsed is None, never a guess: the reading itself always stays beside it.
"""

from __future__ import annotations

import calendar
import re
from decimal import Decimal
from typing import NamedTuple

from pipeline.elements import Target
from pipeline.text.normalise import half_width

WAN_PER_UNIT = {
    "元": Decimal("0.0001"),
    "千元": Decimal("0.1"),
    "万元": Decimal(1),
    "百万元": Decimal(100),
    "亿元": Decimal(10000),
    "亿": Decimal(10000),
    "万": Decimal(1),
}
"""What one of each money unit is in 万元, in which all amounts land: forms state them in it most often."""

MAX_INTEGER_DIGITS = 12
"""Decimals land with 18 digits, so that twelve are left before the point."""
MAX_FRACTION_DIGITS = 6
"""Six digits land after the point, as 0.01 元 is 0.000001 万元."""

SIGNS = frozenset("≥≤><=")
"""A target's comparator is one of these signs, or the verb of a change (提高)."""

LEAP_YEAR = 2024
"""This year stands in where none is written, so that 2.29 is a date."""

UNITS = {
    **dict.fromkeys(("㎡", "m²", "m2", "平米"), "平方米"),
    **dict.fromkeys(("㎥", "m³", "m3"), "立方米"),
    **dict.fromkeys(("㎞", "km", "KM", "千米"), "公里"),
    **dict.fromkeys(("㎏", "kg", "KG", "千克"), "公斤"),
    "百分点": "个百分点",
}
"""Units that are written in several ways lead to the one that lands, so that analysts need not know them all."""

NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
"""A number with or without commas between its thousands; other groupings are no numbers on these forms."""

# What recognisers take digits for; `_repaired_run` says where each is a digit without doubt.
_ZEROS, _ONES = "OoQ〇○", "lI|丨"
_AS_DIGITS = str.maketrans(_ZEROS + _ONES, "0" * len(_ZEROS) + "1" * len(_ONES))
_LIKE_DIGIT = rf"[\d{_ZEROS}{_ONES}]"
_RUN = re.compile(rf"(?<![A-Za-z]){_LIKE_DIGIT}+(?:[.,]{_LIKE_DIGIT}+)*(?![A-Za-z])")
_ZERO_AND_ZEROS = re.compile(r"[Oo〇○]\.[Oo〇○]+")
_POINT = re.compile(rf"(?<={_LIKE_DIGIT})[。·•・](?={_LIKE_DIGIT})")
_THOUSANDS = re.compile(r"(?<=\d)、(?=\d{3}(?!\d))")
_SPECK = re.compile(r"^[.,、。·'`]+(?=[≥≤<>=])")
_PER_CENT = re.compile(rf"百分之(?P<number>{NUMBER})")

_WORDS = {
    "不低于": "≥", "不少于": "≥", "不小于": "≥", "大于等于": "≥", "大于或等于": "≥", "至少": "≥", "最少": "≥",
    "不得低于": "≥", "不得少于": "≥", "不得高于": "≤", "不得超过": "≤",
    "不高于": "≤", "不超过": "≤", "不大于": "≤", "不多于": "≤", "小于等于": "≤", "小于或等于": "≤", "至多": "≤",
    "最多": "≤", "控制在": "≤", "大于": ">", "高于": ">", "超过": ">", "多于": ">", "小于": "<", "低于": "<",
    "少于": "<", "等于": "=", "达到": "=", "达": "=",
}  # fmt: skip
_SUFFIXES = {"及以上": "≥", "以上": "≥", "及以下": "≤", "以下": "≤", "以内": "≤", "之内": "≤", "内": "≤"}
_BOUND = re.compile(r"(?:及?以[上下]|[以之]内|(?<=[时钟天日月年周])内)$")
"""What ends a value like a comparator; 内 by itself after a unit of time alone, as in 「30分钟内」."""
_CHANGES = ("提高", "提升", "增长", "增加", "上升", "下降", "降低", "减少")
COMPARATORS = ("≥", "≤", ">", "<", "=", *_CHANGES)
"""All that a target's comparator may be; the landed tables hold nothing else."""

_TARGET = re.compile(
    rf"(?P<lead>[≥≤><=]|{'|'.join(sorted(_WORDS, key=len, reverse=True))}|{'|'.join(_CHANGES)})?"
    rf"(?P<number>{NUMBER})(?P<unit>[^\d.,、~\-—–至到](?:(?![、,]\d).)*)?",
)
_CALENDAR = re.compile(r"(?:19|20)\d\d年.*|\d{1,2}月(?:(?:\d|份|底|初|末|[上中下]旬|前).*)?")
_MONEY_UNIT = "|".join(sorted(WAN_PER_UNIT, key=len, reverse=True))
_AMOUNT = re.compile(rf"(?:人民币)?[¥￥]?(?P<number>{NUMBER})(?:(?P<unit>{_MONEY_UNIT})整?)?")

_DATE = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)(?:年|[-./]))?(?P<month>\d{1,2})(?:月|[-./])(?P<day>\d{1,2})(?:日|号)?[.,]?"
)
_DATE_POINTS = re.compile(r"[。·•・、,，]")


class WrittenDate(NamedTuple):
    """A date as written; `year` is None where none is written."""

    month: int
    day: int
    year: int | None


def parse_target(text: str | None) -> Target:
    """Split a target value into comparator, number and unit.

    A bare number is meant to be met exactly: 「1000册」 has the comparator "=". 「95%以上」 has "≥". A change keeps its
    verb: 「提高3个百分点」 is ("提高", 3, "个百分点"). A date is no quantity to compare: 「11月30日前」 has no
    comparator, the number 11 and the unit "月30日前", which together still spell the text. A qualitative value
    (「共享」), a range, several numbers and anything unclear are (None, None, None). The number is never scaled:
    「2.3万人」 is 2.3 of the unit "万人"; `target_in_wan` gives a sum of money in 万元.

    Args:
        text: the cell as read; None where it could not be read.
    """
    plain = _SPECK.sub("", _digits_repaired(half_width(text or "")))
    plain = _PER_CENT.sub(r"\g<number>%", plain)
    match = _TARGET.fullmatch(plain)
    number = _decimal(match["number"]) if match else None
    if match is None or number is None:
        return Target(None, None, None)
    unit = match["unit"] or ""
    lead = match["lead"]
    if lead is None and _CALENDAR.fullmatch(plain):
        return Target(None, number, unit)
    bound = _BOUND.search(unit)
    suffix = bound[0] if bound else ""
    unit = unit.removesuffix(suffix)
    comparator = _SUFFIXES[suffix] if suffix and lead is None else _WORDS.get(lead or "=", lead or "=")
    return Target(comparator, number, _normal_unit(unit) or None)


def target_in_wan(target: Target) -> Decimal | None:
    """A target that is a sum of money, in 万元; None where it is none, or a price for each (元/人).

    >>> target_in_wan(parse_target("≤150000元"))
    Decimal('15.0000')
    """
    if target.number is None or target.unit not in WAN_PER_UNIT:
        return None
    return _within_digits(target.number * WAN_PER_UNIT[target.unit])


def parse_amount(text: str | None, unit: str | None) -> Decimal | None:
    """An amount of money in 万元, exactly; None when the text is no amount.

    >>> parse_amount("1,234.50", "元")
    Decimal('0.123450')

    Args:
        text: the cell as read. A unit written in it ("15万元") outweighs `unit`.
        unit: the unit that the form states, a key of `WAN_PER_UNIT`; None means 万元.
    """
    match = _AMOUNT.fullmatch(_digits_repaired(half_width(text or "")))
    number = _decimal(match["number"]) if match else None
    if match is None or number is None:
        return None
    return _within_digits(number * WAN_PER_UNIT.get(match["unit"] or unit or "万元", Decimal(1)))


def amount_unit(text: str | None) -> str | None:
    """The money unit that a label or an amount names, as a key of `WAN_PER_UNIT`; None when it names none.

    >>> amount_unit("金额 (万元)")
    '万元'
    """
    plain = half_width(text or "")
    found = re.search(r"(?:百万|千|万|亿)?元|[(\d]万", plain)
    if found is None:
        return None
    # 元 is the sign most often misread after 万, so 万 after a bracket or a number is enough.
    return "万元" if found[0].endswith("万") else found[0]


def parse_date(text: str | None) -> WrittenDate | None:
    """A date as people write it beside a signature: 3.30, 3月30日, 2023.3.30; None unless it is a day that exists.

    Args:
        text: as read; the marks that recognisers make of a point (。 · 、 ，) count as one.
    """
    plain = _digits_repaired(_DATE_POINTS.sub(".", half_width(text or "")))
    match = _DATE.fullmatch(plain)
    if match is None:
        return None
    year = int(match["year"]) if match["year"] else None
    month, day = int(match["month"]), int(match["day"])
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year or LEAP_YEAR, month)[1]:
        return None
    return WrittenDate(month, day, year)


def _normal_unit(unit: str) -> str:
    """A unit in the form that lands: no stop at its end, 每 as /, and one word for each of its parts."""
    parts = unit.rstrip(".。,;、·").replace("每", "/").split("/")
    return "/".join(UNITS.get(part, part) for part in parts)


def _digits_repaired(plain: str) -> str:
    """The text with a digit for each sign that is taken for one, where nothing else can be meant."""
    return _RUN.sub(_repaired_run, _THOUSANDS.sub(",", _POINT.sub(".", plain)))


def _repaired_run(match: re.Match[str]) -> str:
    """A run of digits and signs like digits.

    All of it is a number between a comparator and a unit, or before %. Elsewhere it needs a digit, and a letter at its
    end (5l) or a round one at its beginning (O5) stays what it is.
    """
    run, text = match[0], match.string
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if (before and after and before in "≥≤<>=¥") or after == "%" or _ZERO_AND_ZEROS.fullmatch(run):
        return run.translate(_AS_DIGITS)
    if not any(sign.isdecimal() and sign.isascii() for sign in run):
        return run
    first = 1 if run[0] in _ZEROS and run[1] != "." else 0
    last = len(run.rstrip("Q" + _ONES))
    return run[:first] + run[first:last].translate(_AS_DIGITS) + run[last:]


def _decimal(digits: str) -> Decimal | None:
    return _within_digits(Decimal(digits.replace(",", "")))


def _within_digits(number: Decimal) -> Decimal | None:
    """The number where its digits fit the tables' decimals, else None: rounding would change it silently."""
    exponent = number.as_tuple().exponent
    fits = isinstance(exponent, int) and -exponent <= MAX_FRACTION_DIGITS and number < Decimal(10) ** MAX_INTEGER_DIGITS
    return number if fits else None
