"""Normal forms of a text: half width, one line, and whether it says anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.normalise import half_width, has_content, one_line


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("≦ １５ 万元", "≤15万元"),
        ("９５％", "95%"),
        (">=3", "≥3"),
        ("=<3", "≤3"),
        ("＜＝3", "≤3"),
        ("第３页／共１２页", "第3页/共12页"),
        ("（万元）", "(万元)"),
        ("", ""),
    ],
)
def test_half_width_has_one_form_of_each_sign(text, plain):
    assert half_width(text) == plain


def test_half_width_keeps_circled_digits_and_superscripts_apart_from_numbers():
    assert half_width("① 100㎡ ２m²") == "①100㎡2m²"


@given(st.text())
def test_half_width_has_no_white_space_and_leaves_letters_of_other_scripts_alone(text):
    plain = half_width(text)
    assert "".join(plain.split()) == plain
    chinese = [character for character in text if "一" <= character <= "鿿"]
    assert [character for character in plain if "一" <= character <= "鿿"] == chinese


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("服务对象\n满意度指标", "服务对象满意度指标"),
        ("annual\nreport", "annual report"),
        ("第 3 页", "第3页"),
        ("  x  ", "x"),
        (" \n", None),
        ("", None),
        (None, None),
    ],
)
def test_one_line_keeps_the_spaces_between_latin_words_alone(text, line):
    assert one_line(text) == line


@given(st.text())
def test_one_line_is_its_own_normal_form(text):
    line = one_line(text)
    assert line is None or one_line(line) == line


@pytest.mark.parametrize(
    ("text", "says"), [("甲", True), ("3", True), ("①", True), ("。", False), (" ", False), ("", False), (None, True)]
)
def test_marks_say_nothing_and_ink_that_could_not_be_read_does(text, says):
    assert has_content(text) == says
