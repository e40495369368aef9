"""How people write dates: every day of a year in every form, and the years that may stand before it.

A spelling is written in symbols, each of which stands for all characters that a recogniser may take for it: 〇 is read
as 0 or O, 一 as a dash.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from pipeline.text import LEAP_YEAR

POINT = "."
"""What stands between the numbers of a date without marks."""
NUMERALS = "〇一二三四五六七八九十"
"""The Chinese numerals from 0 to 10."""
SYMBOLS = {
    POINT: ".。·，、•,・",
    "0": "0OoＯ○",
    "1": "1lI|",
    "〇": "〇○0OoＯ零",
    "一": "一-—–－",
    "二": "二=＝",
    "三": "三≡",
    **{character: character for character in "23456789四五六七八九十廿卅年月日号"},
}
"""The characters that recognisers read, and that so count, where each of these symbols is written."""
SEPARATORS = {"/": "/／", "-": "-－—–"}
"""The characters that some write for points, and what recognisers read there."""
LOOKALIKES = {
    POINT: ":：",
    "1": "7/",
    "2": "Zz",
    "4": "9H",
    "5": "Ss生",
    "6": "b",
    "9": "gq",
    "五": "4本",
    "八": "一いハ人",
    "四": "の",
    "年": "手",
    "月": "0日周用",
    "日": "0月曰目",
}
"""What recognisers of print often read where each of these was written by hand: a 1 with a flag as 7, a closed 4 as
9."""
LIKE_POINT = -1.5
"""The natural logarithm of how much another separator counts as a point."""
LOOKS_LIKE = -3.5
"""The natural logarithm of how much a lookalike counts: of 30 characters so read, one was another than it seems."""

WRITTEN = re.compile(r"(?:(?P<year>\d{4}|\d\d)[.年])?(?P<month>\d\d?)[.月](?P<day>\d\d?)[.日号]?")
"""A date of digits, with where its year, month and day stand."""
MONTHS = 12
"""Months of a year."""
SHORTEST_MONTH = 28
"""Days of the shortest month there is, which every month has."""
FIRST_YEAR, LAST_YEAR = 1980, 2049
"""No form was signed earlier or later, so that two digits are always one year: 80 to 99 of 1900, 00 to 49 of 2000."""

LOST_POINT = -3.0
"""The natural logarithm of how often no point is seen where one is written: in one date of twenty."""
PADDED = -2.0
"""The natural logarithm of how often 3.5 is written as 03.05: by few."""
LAST_POINT = -1.0
"""The natural logarithm of how often a date of points ends with one."""
OTHER_DAY_MARK = -2.0
"""The natural logarithm of how often 号, or nothing, is written for 日."""
OLD_TENS = -1.5
"""The natural logarithm of how often 廿 is written for 二十, and 卅 for 三十."""
SHORT_YEAR = -1.0
"""The natural logarithm of how often a year is written with two digits."""
IMPOSSIBLE = -4.0
"""The natural logarithm of how often what is read cannot be: a slip of the pen or of the recogniser."""


class Script(StrEnum):
    """Which marks and numerals a date is written with."""

    POINTS = "points"
    MARKS = "marks"
    CHINESE = "chinese"


class Spelling(NamedTuple):
    """One way to write a date.

    `symbols` are those on paper, `text` is the same with the points that are lost, without one at its end. `month` and
    `day` are None where they are no day of a year, `year` is None where none is written or no possible one. `prior` is
    the natural logarithm of how usual the form is, 0 for the most usual.
    """

    symbols: str
    text: str
    script: Script
    year: int | None
    month: int | None
    day: int | None
    prior: float
    point_lost: bool = False
    start: str = ""
    """The symbols of the year."""
    possible: bool = True
    """Whether there is such a day, in a year in which forms are signed."""


class YearSpelling(NamedTuple):
    """A year before month and day."""

    symbols: str
    text: str
    year: int
    prior: float
    point_lost: bool = False


def in_chinese(number: int) -> str:
    """A number from 0 to 99 in Chinese numerals.

    Example:
        >>> in_chinese(31), in_chinese(10), in_chinese(7)
        ('三十一', '十', '七')
    """
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{NUMERALS[tens]}十"
    return head + (NUMERALS[ones] if ones or not tens else "")


@cache
def days(script: Script) -> tuple[Spelling, ...]:
    """Every day of a year, in every form of a script, without a year."""
    spell = {Script.POINTS: _with_points, Script.MARKS: _with_marks, Script.CHINESE: _in_chinese}[script]
    months = range(1, MONTHS + 1)
    each = ((month, day) for month in months for day in range(1, calendar.monthrange(LEAP_YEAR, month)[1] + 1))
    return tuple(spelling for month, day in each for spelling in spell(month, day))


def impossible(written: str) -> Spelling | None:
    """What is written as a date is but is none, such as 2.31 or 1823.3.30; None for any other text.

    Month and day stay where only the year is none.
    """
    parts = WRITTEN.fullmatch(written)
    if parts is None:
        return None
    known = {start.symbols: start.year for start in years(Script.MARKS)}
    year = known.get(f"{parts['year']}年")
    month, day = int(parts["month"]), int(parts["day"])
    is_day = 1 <= month <= MONTHS and 1 <= day <= calendar.monthrange(year or LEAP_YEAR, month)[1]
    if is_day and (year or not parts["year"]):
        return None
    return Spelling(
        symbols=written,
        text=written.strip(POINT),
        script=Script.POINTS if POINT in written else Script.MARKS,
        year=year,
        month=month if is_day else None,
        day=day if is_day else None,
        prior=IMPOSSIBLE,
        possible=False,
    )


@cache
def years(script: Script) -> tuple[YearSpelling, ...]:
    """Every year that may stand before month and day, in every form of a script."""
    mark = POINT if script is Script.POINTS else "年"
    return tuple(spelling for year in range(FIRST_YEAR, LAST_YEAR + 1) for spelling in _year(year, script, mark))


def dated(year: YearSpelling, day: Spelling) -> Spelling | None:
    """A day with a year before it; None where that year has no such day."""
    if not has_day(year.year, day):
        return None
    return Spelling(
        symbols=year.symbols + day.symbols,
        text=year.text + day.text,
        script=day.script,
        year=year.year,
        month=day.month,
        day=day.day,
        prior=year.prior + day.prior,
        point_lost=year.point_lost or day.point_lost,
        start=year.symbols,
        possible=day.possible,
    )


def has_day(year: int, day: Spelling) -> bool:
    """Whether a year has such a day."""
    return not (day.month and day.day and day.day > SHORTEST_MONTH and day.day > _month_length(year, day.month))


@cache
def _month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def _with_points(month: int, day: int) -> Iterator[Spelling]:
    plain = Spelling(f"{month}.{day}", f"{month}.{day}", Script.POINTS, None, month, day, 0.0)
    yield plain
    yield plain._replace(symbols=f"{month}.{day}.", prior=LAST_POINT)
    yield plain._replace(symbols=f"{month}{day}", prior=LOST_POINT, point_lost=True)
    if month < 10 or day < 10:
        padded = f"{month:02d}.{day:02d}"
        yield plain._replace(symbols=padded, text=padded, prior=PADDED)


def _with_marks(month: int, day: int) -> Iterator[Spelling]:
    plain = Spelling(f"{month}月{day}日", f"{month}月{day}日", Script.MARKS, None, month, day, 0.0)
    yield plain
    yield plain._replace(symbols=f"{month}月{day}", text=f"{month}月{day}", prior=OTHER_DAY_MARK)
    yield plain._replace(symbols=f"{month}月{day}号", text=f"{month}月{day}号", prior=OTHER_DAY_MARK)


def _in_chinese(month: int, day: int) -> Iterator[Spelling]:
    plain = in_chinese(day)
    old = plain.replace("二十", "廿").replace("三十", "卅")
    for number, how in {plain: 0.0, old: 0.0 if old == plain else OLD_TENS}.items():
        start = f"{in_chinese(month)}月{number}"
        for mark, prior in (("日", 0.0), ("", OTHER_DAY_MARK), ("号", OTHER_DAY_MARK)):
            yield Spelling(start + mark, start + mark, Script.CHINESE, None, month, day, how + prior)


def _year(year: int, script: Script, mark: str) -> Iterator[YearSpelling]:
    if script is Script.CHINESE:
        text = "".join(NUMERALS[int(digit)] for digit in str(year)) + mark
        yield YearSpelling(text, text, year, 0.0)
        return
    text = f"{year}{mark}"
    yield YearSpelling(text, text, year, 0.0)
    yield YearSpelling(text[2:], text[2:], year, SHORT_YEAR)
    if script is Script.POINTS:
        yield YearSpelling(text[:-1], text, year, LOST_POINT, point_lost=True)
