"""Values: target values, amounts and dates as people write them and recognisers misread them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.elements import Target
from pipeline.text.quantities import WrittenDate, amount_unit, parse_amount, parse_date, parse_target, target_in_wan

NUMBERS = st.decimals(min_value=0, max_value=10**9, places=2) | st.integers(0, 10**9).map(Decimal)


@pytest.mark.parametrize(
    ("text", "comparator", "number", "unit"),
    [
        ("≥95%", "≥", "95", "%"),
        ("≤34.54万元", "≤", "34.54", "万元"),
        ("1000册", "=", "1000", "册"),
        ("=400元/人", "=", "400", "元/人"),
        ("=1200元/人/年", "=", "1200", "元/人/年"),
        ("120/人/天", "=", "120", "/人/天"),
        ("≥2.3万人", "≥", "2.3", "万人"),
        ("≤1.2万元/公里", "≤", "1.2", "万元/公里"),
        ("0件", "=", "0", "件"),
        ("3年", "=", "3", "年"),
        ("6个月", "=", "6", "个月"),
        ("1,000份", "=", "1000", "份"),
        ("不低于95%", "≥", "95", "%"),
        ("95%以上", "≥", "95", "%"),
        ("控制在15万元以内", "≤", "15", "万元"),
        ("提高3个百分点", "提高", "3", "个百分点"),
        ("下降百分之3", "下降", "3", "%"),
        ("≥百分之95", "≥", "95", "%"),
        ("≤30分钟", "≤", "30", "分钟"),
        ("30分钟内", "≤", "30", "分钟"),
        ("3个月之内", "≤", "3", "个月"),
        ("95%及以上", "≥", "95", "%"),
        ("不得超过15万元", "≤", "15", "万元"),
        ("3次市内", "=", "3", "次市内"),
    ],
)
def test_a_target_splits_into_comparator_number_and_unit(text, comparator, number, unit):
    assert parse_target(text) == Target(comparator, Decimal(number), unit)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("≦１５ 万元", "≤15万元"),
        ("<=15万元", "≤15万元"),
        ("≧95％", "≥95%"),
        (">=1OO%", "≥100%"),
        ("＞9O%", ">90%"),
        ("≥l0年", "≥10年"),
        ("≤34。54万元", "≤34.54万元"),
        ("＜＝３５元／册", "≤35元/册"),
        ("≤=15万元", "≤15万元"),
        ("≥lOO%", "≥100%"),
        ("≥1O次", "≥10次"),
        ("≥2l次", "≥21次"),
        ("=O件", "=0件"),
        ("O.5万元", "0.5万元"),
        ("提高l0个百分点", "提高10个百分点"),
        ("2O23年12月底前", "2023年12月底前"),
        ("1、000份", "1,000份"),
        ("1，000份", "1,000份"),
        (".≥58%", "≥58%"),
        ("≥95%。", "≥95%"),
        ("l20／人／天", "120/人/天"),
    ],
)
def test_confused_forms_parse_as_the_clean_form_does(text, clean):
    assert parse_target(text) == parse_target(clean)
    assert parse_target(clean).number is not None


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("≥120㎡", "平方米"),
        ("≥5.2km", "公里"),
        ("≤1.2万元/千米", "万元/公里"),
        ("=400元每人每年", "元/人/年"),
        ("提高3百分点", "个百分点"),
        ("≥90分", "分"),
        ("≥2.3万人", "万人"),
    ],
)
def test_a_unit_lands_under_one_name(text, unit):
    assert parse_target(text).unit == unit


@pytest.mark.parametrize(("text", "unit"), [("5l装", "l装"), ("≥5l", "l"), ("3Q装", "Q装")])
def test_a_letter_behind_a_number_may_be_its_unit(text, unit):
    assert parse_target(text).unit == unit


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("≤34.54万元", "34.54"),
        ("≤345400元", "34.54"),
        ("=1.2亿元", "12000"),
        ("≤3千元", "0.3"),
        ("≤35元/册", None),
        ("≥2.3万人", None),
        ("95", None),
        ("共享", None),
    ],
)
def test_a_target_that_is_a_sum_of_money_is_one_in_wan_yuan(text, amount):
    assert target_in_wan(parse_target(text)) == (None if amount is None else Decimal(amount))


def test_a_strict_comparator_stays_strict():
    assert parse_target("＞95%").comparator == ">"


@pytest.mark.parametrize(
    ("text", "number", "unit"), [("2023年12月底前", "2023", "年12月底前"), ("11月30日前", "11", "月30日前")]
)
def test_a_deadline_has_no_comparator_and_keeps_its_words_in_the_unit(text, number, unit):
    assert parse_target(text) == Target(None, Decimal(number), unit)


@pytest.mark.parametrize(
    "text",
    [
        "共享",
        "明显提高",
        "",
        None,
        "1-3天",
        "95.5.5%",
        "①100%",
        "1,23元",
        "9" * 13,
        "3、4期",
        "3场、4次",
        "O型血3次",
        "，12台",
        "Q1完成",
        "lO件",
    ],
)
def test_what_is_no_single_number_stays_qualitative(text):
    assert parse_target(text) == Target(None, None, None)


@given(
    comparator=st.sampled_from("≥≤=><"),
    number=NUMBERS,
    unit=st.sampled_from(["%", "万元", "元/人", "人次", "小时", "公里"]),
)
def test_any_written_target_parses_back_to_its_parts(comparator, number, unit):
    assert parse_target(f"{comparator}{number:f}{unit}") == Target(comparator, number, unit)


WRITTEN = {"≥": "≥≧⩾", "≤": "≤≦⩽", ">": ">＞﹥〉", "<": "<＜﹤〈", "=": "=＝﹦"}
LOOK_ALIKES = {"0": "0OoQ〇０", "1": "1lI|１"}


@st.composite
def rendered(draw):
    """A target, and its text as forms print it and recognisers misread it."""
    comparator, number = draw(st.sampled_from(sorted(WRITTEN))), draw(NUMBERS)
    unit = draw(st.sampled_from(["%", "万元", "元/人", "人次", "小时", "公里", "元/人/年", "个百分点"]))
    digits = f"{number:,f}" if draw(st.booleans()) else f"{number:f}"
    sign = draw(st.sampled_from(WRITTEN[comparator]))
    misread = "".join(draw(st.sampled_from(LOOK_ALIKES.get(digit, digit))) for digit in digits)
    spaces = draw(st.sampled_from(["", " ", "\u3000", "\n"]))
    wide = draw(st.booleans())
    text = spaces.join((sign, misread, unit.replace("%", "％").replace("/", "／") if wide else unit))
    return Target(comparator, number, unit), text


@given(rendered())
def test_a_target_is_the_same_however_it_is_printed_and_misread(target_and_text):
    target, text = target_and_text
    assert parse_target(text) == target


@given(st.integers(0, 10**9), st.sampled_from(["提高", "下降", "减少"]))
def test_a_change_keeps_its_verb(number, verb):
    assert parse_target(f"{verb}{number}%") == Target(verb, Decimal(number), "%")


@given(st.integers(2000, 2099), st.integers(1, 12), st.sampled_from(["底前", "30日前", "上旬", "份", ""]))
def test_a_deadline_still_spells_its_text(year, month, end):
    for text in (f"{year}年{month}月{end}", f"{month}月{end or '底'}"):
        target = parse_target(text)
        assert (target.comparator, f"{target.number}{target.unit}") == (None, text)


@given(st.text(max_size=30))
def test_any_text_parses_to_something_or_to_nothing_without_raising(text):
    parse_target(text)
    parse_amount(text, "元")
    parse_date(text)
    amount_unit(text)


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("15.00", "万元", "15.00"),
        ("15.00", None, "15.00"),
        ("1,234.50", "元", "0.123450"),
        ("１，２３４．５０", "万元", "1234.50"),
        ("290。71", "万元", "290.71"),
        ("O.00", "万元", "0.00"),
        ("O.OO", "万元", "0.00"),
        ("l5.0O", "万元", "15.00"),
        ("1、234.50", "万元", "1234.50"),
        ("15万元", "元", "15"),
        ("1.5亿元", "万元", "15000.0"),
        ("人民币￥34.54万元整", "元", "34.54"),
    ],
)
def test_an_amount_is_exact_and_always_in_wan_yuan(text, unit, amount):
    assert parse_amount(text, unit) == Decimal(amount)


@pytest.mark.parametrize("text", [None, "", "-5.00", "1,23", "12.34.56", "约15", "12.3456789", "9" * 13])
def test_what_is_no_amount_is_none_rather_than_a_guess(text):
    assert parse_amount(text, "万元") is None


@given(NUMBERS)
def test_thousands_separators_do_not_change_an_amount(number):
    assert parse_amount(f"{number:,f}", "万元") == number


@given(NUMBERS)
def test_ten_thousand_yuan_are_one_wan_yuan(number):
    assert parse_amount(f"{number:f}", "元") * 10000 == parse_amount(f"{number:f}", "万元")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("金额 (万元)", "万元"),
        ("金额（元）", "元"),
        ("金额(万无)", "万元"),
        ("3.5亿元", "亿元"),
        ("金额", None),
        ("万众一心", None),
        (None, None),
    ],
)
def test_a_label_or_an_amount_tells_its_unit(text, unit):
    assert amount_unit(text) == unit


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("3.30", WrittenDate(3, 30, None)),
        ("3.30.", WrittenDate(3, 30, None)),
        ("3。30", WrittenDate(3, 30, None)),
        ("3、30", WrittenDate(3, 30, None)),
        ("3月30日", WrittenDate(3, 30, None)),
        ("l1.1", WrittenDate(11, 1, None)),
        ("2.29", WrittenDate(2, 29, None)),
        ("2023.3.30", WrittenDate(3, 30, 2023)),
        ("2023年3月30日", WrittenDate(3, 30, 2023)),
    ],
)
def test_a_date_is_read_in_the_ways_people_write_it(text, date):
    assert parse_date(text) == date


@pytest.mark.parametrize("text", [None, "", "2.30", "2023.2.29", "13.1", "0.5", "330", "3", "贺成才"])
def test_a_day_that_does_not_exist_is_no_date(text):
    assert parse_date(text) is None
