"""Every day has its ways to be written, and no way stands for two days unless its point is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.handwriting.date_spellings import (
    LOOKALIKES,
    SYMBOLS,
    Script,
    Spelling,
    dated,
    days,
    impossible,
    in_chinese,
    years,
)

MARCH_30 = Spelling("3.30", "3.30", Script.POINTS, None, 3, 30, 0.0)


def spellings_of(script, month, day):
    return {spelling.symbols: spelling for spelling in days(script) if (spelling.month, spelling.day) == (month, day)}


@pytest.mark.parametrize(
    ("script", "symbols"),
    [
        (Script.POINTS, {"3.5", "3.5.", "35", "03.05"}),
        (Script.MARKS, {"3月5日", "3月5", "3月5号"}),
        (Script.CHINESE, {"三月五日", "三月五", "三月五号"}),
    ],
)
def test_a_day_is_written_in_these_ways(script, symbols):
    assert set(spellings_of(script, 3, 5)) == symbols


@pytest.mark.parametrize("script", list(Script))
def test_all_366_days_are_there_and_no_other(script):
    found = {(spelling.month, spelling.day) for spelling in days(script)}
    assert len(found) == 366
    assert {(2, 29), (12, 31)} <= found


@pytest.mark.parametrize("script", list(Script))
def test_ways_that_lose_no_point_stand_for_one_day(script):
    whole = [spelling.symbols for spelling in days(script) if not spelling.point_lost]
    assert len(set(whole)) == len(whole)


def test_without_its_point_111_is_two_days():
    assert [s.text for s in days(Script.POINTS) if s.symbols == "111"] == ["1.11", "11.1"]


def test_a_lost_point_is_less_usual_and_comes_back_in_the_text():
    lost = spellings_of(Script.POINTS, 3, 30)["330"]
    assert (lost.text, lost.point_lost) == ("3.30", True)
    assert lost.prior < spellings_of(Script.POINTS, 3, 30)["3.30"].prior


@pytest.mark.parametrize(("symbols", "year"), [("2023.", 2023), ("23.", 2023), ("99.", 1999), ("2023", 2023)])
def test_a_year_stands_before_the_day(symbols, year):
    start = next(start for start in years(Script.POINTS) if start.symbols == symbols)
    whole = dated(start, MARCH_30)
    assert (whole.symbols, whole.start, whole.year) == (f"{symbols}3.30", symbols, year)
    assert whole.text.endswith(".3.30")


def test_a_year_in_chinese_is_written_digit_by_digit():
    assert "二〇二三年" in {start.symbols for start in years(Script.CHINESE)}


def test_the_29th_of_february_is_in_leap_years_alone():
    leap_day = MARCH_30._replace(symbols="2.29", text="2.29", month=2, day=29)
    known = {start.symbols: start for start in years(Script.POINTS)}
    assert dated(known["2024."], leap_day).year == 2024
    assert dated(known["2023."], leap_day) is None


@pytest.mark.parametrize(
    ("written", "year", "month", "day"),
    [
        ("2.31", None, None, None),
        ("13.1.", None, None, None),
        ("4月31日", None, None, None),
        ("2023.2.29", 2023, None, None),
        ("1823.3.30", None, 3, 30),
        ("75年3月30", None, 3, 30),
    ],
)
def test_what_is_written_like_a_date_and_is_none_keeps_what_can_be(written, year, month, day):
    found = impossible(written)
    assert (found.symbols, found.year, found.month, found.day) == (written, year, month, day)
    assert not found.possible


@pytest.mark.parametrize("written", ["3.30", "2024.2.29", "99.12.31", "3月30日", "330", "张三", "1.2.3.4", ""])
def test_dates_and_what_is_like_none_are_not_impossible(written):
    assert impossible(written) is None


def test_what_cannot_be_is_less_usual_than_anything_that_can():
    usual = min(spelling.prior for script in Script for spelling in days(script))
    assert impossible("2.31").prior < usual


@pytest.mark.parametrize(
    ("month", "day", "text"), [(3, 25, "三月廿五日"), (12, 20, "十二月廿日"), (1, 31, "一月卅一日")]
)
def test_the_tens_of_a_day_may_be_written_in_one_character(month, day, text):
    own = spellings_of(Script.CHINESE, month, day)
    assert own[text].prior < own[text.replace("廿", "二十").replace("卅", "三十")].prior


def test_every_symbol_counts_itself_and_what_looks_like_it_does_not_count_as_much():
    assert all(symbol in members for symbol, members in SYMBOLS.items())
    assert not any(set(LOOKALIKES[symbol]) & set(SYMBOLS[symbol]) for symbol in LOOKALIKES)


@given(st.integers(1, 99))
def test_numbers_in_chinese_are_the_sum_of_tens_and_ones(number):
    text = in_chinese(number)
    tens, _, ones = text.rpartition("十")
    digit = dict(zip("一二三四五六七八九", range(1, 10), strict=True))
    assert number == (digit.get(tens, 1) if "十" in text else 0) * 10 + digit.get(ones, 0)
