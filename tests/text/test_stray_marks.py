"""Marks that are no text, and names of shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.stray_marks import is_rate, without_stray_marks


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (".≥95%", "≥95%"),
        ("，12台", "12台"),
        ("数量指标。", "数量指标"),
        ("·刚察县自然资源局", "刚察县自然资源局"),
        (".5", ".5"),
        ("0.5", "0.5"),
        ("`5台", "5台"),
        ("(试行)", "(试行)"),
        ("。", ""),
        ("", ""),
    ],
)
def test_marks_at_the_ends_go_and_a_point_before_a_digit_stays(text, kept):
    assert without_stray_marks(text) == kept


@given(st.text(max_size=12))
def test_letters_and_digits_are_never_lost_with_the_marks(text):
    assert [c for c in without_stray_marks(text) if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("完成率", True),
        ("群众满意度", True),
        ("资金到位率（%）", False),
        ("培训人数", False),
        (None, False),
        ("", False),
    ],
)
def test_names_of_rates(name, rate):
    assert is_rate(name) == rate


@pytest.mark.parametrize(
    ("name", "rate"), [("合格率", True), ("满意度", True), ("巡查频率", False), ("办事效率", False), (None, False)]
)
def test_a_frequency_or_an_efficiency_is_no_share(name, rate):
    assert is_rate(name) is rate
