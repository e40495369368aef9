"""Which form a page is, and which of its cells are the form's labels, however some of them were read."""

from __future__ import annotations

import pytest
from form_pictures import DECLARATION, PROFILES, SETTINGS, TARGETS, TITLE
from readings import drawn, line, page

from pipeline.forms.recognition import label_table, rank_profiles, recognise_page

BY_NAME = {profile.name: profile for profile in PROFILES}
TARGET_FORM = BY_NAME["performance_target"]


def recognised(picture, *lines):
    return recognise_page(page([drawn(picture)], lines), PROFILES, SETTINGS.threshold)


def test_a_seal_read_as_title_does_not_become_the_title():
    match = recognised(TARGETS, line("祁连县司法局专用章", top=60), line(TITLE)).match
    assert (match.form_type, match.title) == ("performance_target", TITLE)


def test_a_form_is_recognised_without_its_title():
    match = recognised(DECLARATION).match
    assert (match.form_type, match.title) == ("goal_declaration", None)


def test_a_page_of_another_form_is_of_none_and_keeps_no_table():
    found = recognised("| 序号 | 姓名 | 签到 |\n| 1 | 张三 | |", line("会议签到表"))
    assert (found.match.form_type, found.match.title, found.tables) == ("unknown", "会议签到表", ())


def test_profiles_are_ranked_by_their_scores_and_the_second_is_the_runner_up():
    one = page([drawn(TARGETS)], [line(TITLE)])
    best, second = rank_profiles(one, PROFILES)
    match = recognised(TARGETS, line(TITLE)).match
    assert best.profile is TARGET_FORM
    assert best.score > second.score
    assert (match.score, match.runner_up, match.runner_up_score) == (best.score, second.profile.name, second.score)


def test_a_page_without_tables_has_the_score_0():
    assert [one.score for one in rank_profiles(page([], [line(TITLE)]), PROFILES)] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("header", "misread"),
    [
        ("一级指标", "级指标"),
        ("二级指标", "一级指标"),
        ("三级指标", "?"),
        ("指标值", "?"),
        ("单位编码", "?"),
        ("绩效目标", "绩效指标"),
    ],
)
def test_labels_that_stand_side_by_side_are_found_by_their_order_where_one_is_misread(header, misread):
    sound = label_table(drawn(TARGETS), TARGET_FORM)
    damaged = label_table(drawn(TARGETS.replace(f"| {header} |", f"| {misread} |")), TARGET_FORM)
    assert (damaged.labels, damaged.columns) == (sound.labels, sound.columns)
    assert damaged.share < sound.share


def test_a_table_without_the_headers_has_no_hierarchy():
    labelled = label_table(drawn("| 甲 | 乙 |\n| 1 | 2 |"), TARGET_FORM)
    assert (labelled.labels, labelled.columns, labelled.share) == ({}, (), 0.0)
