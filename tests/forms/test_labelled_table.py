"""Where a form's labels stand in a table, and with them its columns and its note."""

from __future__ import annotations

import pytest
from form_pictures import DECLARATION, PROFILES, TARGETS
from readings import drawn

from pipeline.forms.profile_parts import FieldName
from pipeline.forms.recognition import label_table

BY_NAME = {profile.name: profile for profile in PROFILES}


def labelled(picture, form="performance_target"):
    return label_table(drawn(picture), BY_NAME[form])


def test_columns_are_found_by_their_headers():
    table = labelled(TARGETS)
    assert table.hierarchy_columns == (4, 5, 6, 7)
    beside = {FieldName.UNIT_CODE: 0, FieldName.PROJECT_NAME: 1, FieldName.AMOUNT: 2, FieldName.GOALS: 3}
    assert table.project_columns == beside
    assert table.key_columns == {name: col for name, col in beside.items() if name is not FieldName.GOALS}
    assert labelled("| 甲 | 乙 |").hierarchy_columns == ()


def test_rows_of_labels_beside_their_values_head_nothing():
    assert labelled(DECLARATION, "goal_declaration").field_rows >= {0, 1, 5}


@pytest.mark.parametrize(("note", "found"), [("备注：一个项目", True), ("各注：一个项目", True), ("说明", False)])
def test_a_note_runs_from_edge_to_edge_and_begins_like_the_forms(note, found):
    table = labelled(TARGETS.replace("备注：一个项目一张表", note))
    assert (table.note is not None and table.note.text == note) == found


def test_a_note_that_does_not_run_from_edge_to_edge_is_none():
    assert labelled(TARGETS.replace("一张表 | <", "一张表 | x")).note is None


def test_a_label_is_found_with_its_likeness():
    table = labelled(TARGETS.replace("绩效目标", "绩效日标"))
    sound, misread = table.find("指标值"), table.find("绩效目标")
    assert (sound.reading.text, sound.similarity) == ("指标值", 1.0)
    assert (misread.reading.text, misread.similarity) == ("绩效日标", 0.75)
    assert table.find("没有") is None


def test_the_body_begins_below_the_headers_and_a_header_repeated_in_it_is_known():
    table = labelled(TARGETS + "| | | | | 一级指标 | 二级指标 | 三级指标 | 指标值 |\n")
    assert (table.body_top, labelled("| 甲 | 乙 |").body_top) == (3, 1)
    assert [row for row in range(table.body_top, 9) if table.repeats_header(row)] == [8]


def test_labels_are_told_from_what_stands_beside_them():
    table = labelled(TARGETS)
    assert [table.is_label(table.at(2, col)) for col in range(8)] == [True, False, False, False, *[True] * 4]
    assert table.at(20, 0) is None
