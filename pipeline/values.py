"""「≤15万元」 -> comparator, number, unit; amounts in 万元; written dates. Text in, exact values out, never a float.

A value that cannot be parsed is None, never a guess: the reading itself always stays beside it.
"""

from __future__ import annotations

import calendar
import re
from decimal import Decimal
from typing import NamedTuple

from pipeline.elements import Target

WAN_PER_UNIT = {
    "元": Decimal("0.0001"),
    "千元": Decimal("0.1"),
    "万元": Decimal(1),
    "百万元": Decimal(100),
    "亿元": Decimal(10000),
    "亿": Decimal(10000),
    "万": Decimal(1),
}
"""What one of each money unit is in 万元."""

MAX_INTEGER_DIGITS = 12
MAX_FRACTION_DIGITS = 6
"""Decimals land with 18 digits, six of them after the point: 0.01 元 is 0.000001 万元."""

LEAP_YEAR = 2024
"""Stands in where no year is written, so that 2.29 is a date."""

NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"

# Full-width ASCII (！ to ～) and what recognisers make of the same sign. Compatibility normalisation is no help here:
# it also turns ① into 1 and ² into 2, which would change numbers.
_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_SIGNS = str.maketrans(
    {
        "≦": "≤",
        "⩽": "≤",
        "〈": "<",
        "≧": "≥",
        "⩾": "≥",
        "〉": ">",
        "﹤": "<",
        "﹥": ">",
        "﹦": "=",
        "％": "%",
        "﹪": "%",
    }
)
_DIGRAPHS = (("<=", "≤"), ("=<", "≤"), (">=", "≥"), ("=>", "≥"))

# Letters that recognisers take for digits, corrected only where a digit is beside them.
_ZERO = re.compile(r"(?<=[\d.])[OoQ〇]+(?=[\d.,%]|$)|(?<![A-Za-z\d.])[OoQ](?=\.\d)")
_ONE = re.compile(r"(?:^|(?<=[≥≤<>=\d.]))[lI|]+(?=[\d.,%])")
_LINE_BREAKS = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
_POINT = re.compile(r"(?<=\d)[。·•・](?=\d)")

_WORDS = {
    "不低于": "≥", "不少于": "≥", "不小于": "≥", "大于等于": "≥", "大于或等于": "≥", "至少": "≥",
    "不高于": "≤", "不超过": "≤", "不大于": "≤", "不多于": "≤", "小于等于": "≤", "小于或等于": "≤", "至多": "≤",
    "控制在": "≤", "大于": ">", "高于": ">", "超过": ">", "多于": ">", "小于": "<", "低于": "<", "少于": "<",
    "等于": "=", "达到": "=",
}  # fmt: skip
_SUFFIXES = {"及以上": "≥", "以上": "≥", "及以下": "≤", "以下": "≤", "以内": "≤"}
_CHANGES = ("提高", "提升", "增长", "增加", "上升", "下降", "降低", "减少")
COMPARATORS = ("≥", "≤", ">", "<", "=", *_CHANGES)
"""All that a target's comparator may be; the landed tables hold nothing else."""

_TARGET = re.compile(
    rf"(?P<lead>[≥≤><=]|{'|'.join(sorted(_WORDS, key=len, reverse=True))}|{'|'.join(_CHANGES)})?"
    rf"(?P<number>{NUMBER})(?P<unit>[^\d.,~\-—–至到].*)?",
)
_CALENDAR = re.compile(r"(?:19|20)\d\d年.*|\d{1,2}月(?:(?:\d|份|底|初|末|[上中下]旬|前).*)?")
_AMOUNT = re.compile(rf"[¥￥]?(?P<number>{NUMBER})(?P<unit>{'|'.join(sorted(WAN_PER_UNIT, key=len, reverse=True))})?")

_DATE = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)(?:年|[-./]))?(?P<month>\d{1,2})(?:月|[-./])(?P<day>\d{1,2})(?:日|号)?[.,]?"
)
_DATE_POINTS = re.compile(r"[。·•・、,，]")


class WrittenDate(NamedTuple):
    """A date as written; `year` is None where none is written."""

    month: int
    day: int
    year: int | None


def half_width(text: str) -> str:
    """The text without white space, with ASCII forms of full-width signs and one form of each comparator.

    >>> half_width("≦ １５ 万元")
    '≤15万元'
    """
    plain = "".join(text.split()).translate(_SIGNS).translate(_HALF_WIDTH)
    for digraph, sign in _DIGRAPHS:
        plain = plain.replace(digraph, sign)
    return plain


def one_line(text: str | None) -> str | None:
    """The text without the white space that line breaks left between Chinese characters; None when it is blank.

    >>> one_line("服务对象 满意度指标")
    '服务对象满意度指标'
    """
    return _LINE_BREAKS.sub("", " ".join((text or "").split())) or None


def has_content(text: str | None) -> bool:
    """Whether a cell says something: a letter, a digit or unreadable ink; specks read as marks say nothing."""
    return text is None or any(character.isalnum() for character in text)


def parse_target(text: str | None) -> Target:
    """Split a target value into comparator, number and unit.

    A bare number is meant to be met exactly: 「1000册」 has the comparator "=". 「95%以上」 has "≥". A change keeps its
    verb: 「提高3个百分点」 is ("提高", 3, "个百分点"). A date is no quantity to compare: 「11月30日前」 has no
    comparator, the number 11 and the unit "月30日前", which together still spell the text. A qualitative value
    (「共享」), a range and anything unclear are (None, None, None).

    Args:
        text: the cell as read; None where it could not be read.
    """
    plain = _digits_repaired(half_width(text or ""))
    match = _TARGET.fullmatch(plain)
    number = _decimal(match["number"]) if match else None
    if match is None or number is None:
        return Target(None, None, None)
    unit = match["unit"] or ""
    lead = match["lead"]
    if lead is None and _CALENDAR.fullmatch(plain):
        return Target(None, number, unit)
    suffix = next((ending for ending in _SUFFIXES if unit.endswith(ending)), "")
    unit = unit.removesuffix(suffix)
    comparator = _SUFFIXES[suffix] if suffix and lead is None else _WORDS.get(lead or "=", lead or "=")
    return Target(comparator, number, unit or None)


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


def _digits_repaired(plain: str) -> str:
    return _POINT.sub(".", _ONE.sub(_ones, _ZERO.sub(_zeros, plain)))


def _zeros(run: re.Match[str]) -> str:
    return "0" * len(run[0])


def _ones(run: re.Match[str]) -> str:
    return "1" * len(run[0])


def _decimal(digits: str) -> Decimal | None:
    return _within_digits(Decimal(digits.replace(",", "")))


def _within_digits(number: Decimal) -> Decimal | None:
    """The number where its digits fit the tables' decimals, else None: rounding would change it silently."""
    exponent = number.as_tuple().exponent
    fits = isinstance(exponent, int) and -exponent <= MAX_FRACTION_DIGITS and number < Decimal(10) ** MAX_INTEGER_DIGITS
    return number if fits else None
