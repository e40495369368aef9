"""How alike a text and a label are: slips of the recogniser are forgiven, other words are not."""

from __future__ import annotations

import pytest
from form_pictures import PROFILES, TARGETS
from readings import drawn

from pipeline.forms.label_likeness import before_colon, label_likeness, similarity


@pytest.mark.parametrize(
    ("text", "label", "alike"),
    [
        ("单位编码", "单位编码", True),
        ("单 位 编 码：", "单位编码", True),
        ("金额 (万元)", "金额", True),
        ("台计", "合计", True),
        ("单位名称", "项目名称", False),
        ("二级指标", "指标值", False),
        ("", "合计", False),
        ("…", "合计", False),
        (None, "合计", False),
    ],
)
def test_a_label_is_known_again_unless_too_much_of_it_is_misread(text, label, alike):
    assert (similarity(text, label) > 0) == alike


def test_a_text_is_wholly_like_itself_and_less_like_itself_misread():
    assert similarity("绩效目标", "绩效目标") == 1.0
    assert 0 < similarity("绩效日标", "绩效目标") < 1


@pytest.mark.parametrize(("text", "label"), [("单位：县政府", "单位"), ("单位", "单位"), (None, "")])
def test_where_label_and_value_share_a_cell_the_label_ends_at_the_colon(text, label):
    assert before_colon(text) == label


def test_each_label_of_a_form_is_compared_with_each_cell():
    profile, table = PROFILES[1], drawn(TARGETS)
    likeness = label_likeness(table, profile)
    assert likeness.shape == (len(profile.labels), len(table.cells))
    row = profile.labels.index("单位编码")
    assert likeness[row, 0] == likeness[row].max() == 1.0
