"""A text of others is shown on one line, with everything in it seen and nothing of it obeyed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.visible import UNSEEN, visible, visible_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a.pdf", "a.pdf"),
        ("县政府\u3000绩效表（终稿）.pdf", "县政府\u3000绩效表（终稿）.pdf"),
        ("a\nb", r"a\nb"),
        ("a\r\tb", r"a\r\tb"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("a\x9b31mb\x7f", r"a\x9b31mb\x7f"),
        ("fdp\u202e.exe", r"fdp\u202e.exe"),
        ("\u2066a\u2069\u200b\ufeff", r"\u2066a\u2069\u200b\ufeff"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("\udcff", r"\udcff"),
        ("\U000e0041", r"\U000e0041"),
        ("\uffff", r"\uffff"),
        ("𠀀\ue000é", "𠀀\ue000é"),
    ],
)
def test_what_is_not_seen_has_its_code_in_its_place(text, shown):
    assert visible(text) == shown


@given(st.text())
def test_nothing_unseen_is_left_and_what_is_seen_stays(text):
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert not {unicodedata.category(char) for char in shown} & UNSEEN
    assert visible(shown) == shown


def test_our_own_ends_of_lines_stay():
    assert visible_lines("a\x1b\nb") == "a\\x1b\nb"
