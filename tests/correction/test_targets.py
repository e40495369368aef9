"""Values are mended by what a value of their name can be, and by what the recogniser half read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import cell

from pipeline.correction.targets import repair_target
from pipeline.elements import CellReading, Hypothesis


def repaired(text, name, *hypotheses, alternatives=(), strict=False):
    read = CellReading(cell(0, 0), text, 0.4, (), alternatives=alternatives, hypotheses=hypotheses)
    return repair_target(read, name, strict_is_usual=strict)


@pytest.mark.parametrize(
    ("text", "name", "how", "mended"),
    [
        ("≥958", "群众满意度", {}, "≥95%"),
        ("≥958", "群众满意度", {"alternatives": ("≥95%",)}, "≥95%"),
        ("≥901", "合格率", {"alternatives": (">90%", "≥90%")}, "≥90%"),
        ("1008", "完成率", {}, "100%"),
        ("≥958", "受益户数", {}, "≥958"),
        ("≥95%", "合格率", {"alternatives": ("≥98%",)}, "≥95%"),
        ("100", "完成率", {}, "100"),
        ("全部", "完成率", {}, "全部"),
        (".≥95%", "合格率", {}, "≥95%"),
        ("≥120%", "增长率", {"alternatives": ("≥20%",)}, "≥120%"),
    ],
    ids=[
        "a rate of more than 100 without %",
        "another cut reads it",
        "the reading with the same sign",
        "a bare rate",
        "a number of households may be large",
        "a value that fits stays, whatever else was read",
        "no % is invented",
        "words",
        "a stray mark",
        "figures are not exchanged",
    ],
)
def test_a_rate_is_a_number_up_to_100_with_percent(text, name, how, mended):
    assert repaired(text, name, **how) == mended


def test_a_missing_percent_that_was_half_read_is_restored():
    assert repaired("100", "完成率", Hypothesis(3, 3, "%", 0.3)) == "100%"


@pytest.mark.parametrize(
    ("hypotheses", "alternatives", "strict", "mended"),
    [
        ([Hypothesis(0, 1, "≥", 0.2)], (), False, "≥5年"),
        ([], ("≥5年",), False, "≥5年"),
        ([Hypothesis(0, 1, "≥", 0.05)], (), False, ">5年"),
        ([], (), False, ">5年"),
        ([Hypothesis(0, 1, "≥", 0.4)], ("≥5年",), True, ">5年"),
    ],
    ids=["half read", "read in another cut", "hardly", "not at all", "the document has others"],
)
def test_a_strict_sign_is_loosened_only_on_evidence(hypotheses, alternatives, strict, mended):
    assert repaired(">5年", "使用年限", *hypotheses, alternatives=alternatives, strict=strict) == mended


@given(st.integers(0, 100), st.sampled_from(["≥", "≤", "", "="]))
def test_rates_that_may_be_right_are_never_changed(number, sign):
    assert repaired(f"{sign}{number}%", "完成率") == f"{sign}{number}%"
