"""Traditional characters have one simplified form each; what both scripts share tells nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import ScriptCounts, count_scripts, simplified
from pipeline.text.variants import simplified_forms


def test_every_pair_leads_from_outside_gb2312_to_within_it():
    forms = simplified_forms()
    assert len(forms) > 2000
    assert not any(traditional.encode("gb2312", "ignore") for traditional in forms)
    assert all(form.encode("gb2312") for form in forms.values())
    assert not forms.keys() & set(forms.values())


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("项目支出", (1, 0)),
        ("項目支出", (0, 1)),
        ("后里面台", (0, 0)),
        ("性別與姓名", (0, 2)),
        ("Item 12", (0, 0)),
        ("", (0, 0)),
    ],
)
def test_characters_of_one_script_alone_are_counted(text, counts):
    assert count_scripts(text) == ScriptCounts(*counts)


@given(st.text(max_size=20))
def test_the_simplified_form_is_as_long_and_its_own(text):
    form = simplified(text)
    assert len(form) == len(text)
    assert simplified(form) == form
