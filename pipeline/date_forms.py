"""How people write dates: every day of a year in every form, and the years that may stand before it.

A spelling is written in symbols, each of which stands for all characters that a recogniser may take for it: 〇 is read
as 0 or O, 一 as a dash. `ANY` and `OTHER` both stand for any digit, so that dates which cannot be are not taken for
the nearest that can.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from pipeline.values import LEAP_YEAR

POINT = "."
DIGITS = "0123456789"
NUMERALS = "〇一二三四五六七八九十"
ANY, OTHER = "D", "E"
"""Two symbols for the same, so that two digits may follow each other without a blank."""
SYMBOLS = {
    POINT: ".。·，、•,・",
    "0": "0OoＯ○",
    "1": "1lI|",
    "〇": "〇○0OoＯ零",
    "一": "一-—–－",
    "二": "二=＝",
    "三": "三≡",
    **{character: character for character in "23456789四五六七八九十年月日号"},
    ANY: DIGITS,
    OTHER: DIGITS,
}
"""What recognisers read, and so what counts, where each of these is written."""

FIRST_YEAR, LAST_YEAR = 1980, 2049
"""No form was signed earlier or later, so that two digits are always one year: 80 to 99 of 1900, 00 to 49 of 2000."""

LOST_POINT = -3.0
"""Natural logarithms of how often people write so, beside the plain form: in one date of twenty no point is seen;"""
PADDED = -2.0
"""03.05 is written by few;"""
LAST_POINT = -1.0
OTHER_DAY_MARK = -2.0
"""号 for 日, or neither;"""
SHORT_YEAR = -1.0
IMPOSSIBLE = -6.0
"""and what cannot be is a slip of the pen or of the recogniser."""


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


class YearSpelling(NamedTuple):
    """What stands before month and day; `year` is None where it is no year in which forms were signed."""

    symbols: str
    text: str
    year: int | None
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
    months = range(1, 13)
    each = ((month, day) for month in months for day in range(1, calendar.monthrange(LEAP_YEAR, month)[1] + 1))
    return tuple(spelling for month, day in each for spelling in spell(month, day))


@cache
def impossible_days(script: Script) -> tuple[Spelling, ...]:
    """Digits of any kind where month and day would stand."""
    one_or_two = (ANY, ANY + OTHER)
    if script is Script.POINTS:
        texts = [f"{month}.{day}" for month in one_or_two for day in one_or_two]
    elif script is Script.MARKS:
        texts = [f"{month}月{day}日" for month in one_or_two for day in one_or_two]
    else:
        texts = []
    return tuple(Spelling(text, text, script, None, None, None, IMPOSSIBLE) for text in texts)


@cache
def years(script: Script) -> tuple[YearSpelling, ...]:
    """Every year that may stand before month and day, in every form of a script, and any digits in its place."""
    mark = POINT if script is Script.POINTS else "年"
    return tuple(spelling for year in range(FIRST_YEAR, LAST_YEAR + 1) for spelling in _year(year, script, mark)) + (
        ()
        if script is Script.CHINESE
        else (
            YearSpelling(f"{ANY}{OTHER}{ANY}{OTHER}{mark}", "", None, IMPOSSIBLE),
            YearSpelling(f"{ANY}{OTHER}{mark}", "", None, IMPOSSIBLE + SHORT_YEAR),
        )
    )


def dated(year: YearSpelling, day: Spelling) -> Spelling | None:
    """A day with a year before it; None where that year has no such day."""
    if year.year and day.month and day.day and day.day > calendar.monthrange(year.year, day.month)[1]:
        return None
    return day._replace(
        symbols=year.symbols + day.symbols,
        text=year.text + day.text,
        year=year.year,
        prior=year.prior + day.prior,
        point_lost=year.point_lost or day.point_lost,
        start=year.symbols,
    )


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
    start = f"{in_chinese(month)}月{in_chinese(day)}"
    for mark, prior in (("日", 0.0), ("", OTHER_DAY_MARK), ("号", OTHER_DAY_MARK)):
        yield Spelling(start + mark, start + mark, Script.CHINESE, None, month, day, prior)


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
