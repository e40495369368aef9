"""What is doubtful about a form: a second profile that fits as well, and fields that are not made as it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from readings import drawn, line, page

from pipeline.elements import RULE_MEANINGS, FindingRule, Severity
from pipeline.forms.profile_parts import Field, FieldName, Grammar, Relation, TitleRule
from pipeline.forms.profiles import Profile
from pipeline.hierarchy.form_checks import follows_grammar
from pipeline.hierarchy.interpretation import interpret
from pipeline.settings.settings import FormSettings
from pipeline.validation import mark_for_review, validate

TITLE = "固定资产登记表"


def field(label, **given):
    return Field(**{"name": FieldName.OTHER, "label": label, "relation": Relation.RIGHT_OF, "role": "it", **given})


REGISTER = Profile(
    "register",
    1,
    TitleRule(TITLE),
    fields=(field("保管人", role="keeper", required=True), field("存放地点", role="place")),
)
PICTURE = "| 保管人 | 王芳 |\n| 存放地点 | 三楼 |"


def read(picture, *profiles):
    pages = [page([drawn(picture)], [line(TITLE)])]
    return pages, interpret(pages, profiles, FormSettings())


def told(picture, *profiles):
    return [(f.rule, f.row, f.col, f.found, f.expected) for f in read(picture, *profiles)[1].findings]


def test_the_runner_up_is_the_best_of_the_other_forms():
    other = replace(REGISTER, name="other", anchors=("购置日期", "规格型号"))
    third = replace(REGISTER, name="third", title=TitleRule("会议签到表"), anchors=("签名", "职务", "单位", "电话"))
    (match,) = read(PICTURE, third, other, REGISTER)[1].forms
    assert (match.form_type, match.score, match.runner_up, match.runner_up_score) == ("register", 1.0, "other", 0.6)


def test_a_form_known_alone_has_no_runner_up():
    (match,) = read(PICTURE, REGISTER)[1].forms
    assert (match.runner_up, match.runner_up_score) == (None, None)


def test_the_runner_up_of_an_unknown_page_is_the_form_it_resembles_most():
    (match,) = read("| 保管人 | 王芳 |\n| 金额 | 3 |", REGISTER)[1].forms
    assert (match.form_type, match.runner_up, match.score) == ("register", None, 0.6)
    (match,) = read("| 经手人 | 王芳 |\n| 金额 | 3 |", REGISTER)[1].forms
    assert (match.form_type, match.runner_up, match.score) == ("unknown", "register", 0.2)


def test_a_page_without_a_table_resembles_no_form():
    (match,) = interpret([page([], [line(TITLE)])], (REGISTER,), FormSettings()).forms
    assert (match.form_type, match.score, match.runner_up) == ("unknown", 0.0, None)


def test_a_near_tie_is_a_finding_that_asks_to_review_all_that_rests_on_the_table():
    _, found = read(PICTURE, REGISTER, replace(REGISTER, name="twin"))
    (finding,) = found.findings
    assert (finding.rule, finding.severity, finding.page_number) == ("form_ambiguous", Severity.WARNING, 1)
    assert (finding.found, finding.expected) == ("register 1.00", "twin 1.00")
    reviewed = mark_for_review(found, found.findings, 0.95)
    assert [record.needs_review for record in (*reviewed.projects, *reviewed.rows)] == [True, True, True]


def test_a_second_form_that_fits_clearly_less_is_no_finding():
    other = replace(REGISTER, name="other", anchors=("购置日期",))
    assert read(PICTURE, REGISTER, other)[1].forms[0].runner_up_score == pytest.approx(0.7333, abs=1e-4)
    assert told(PICTURE, REGISTER, other) == []


@pytest.mark.parametrize(
    ("given", "right", "wrong"),
    [
        ({"grammar": Grammar.CODE}, "107 001", "107O01"),
        ({"grammar": Grammar.AMOUNT}, "1,204.50元", "一千元"),
        ({"grammar": Grammar.NUMBER}, "12台", "若干"),
        ({"grammar": Grammar.DATE}, "2023年3月30日", "3月30日"),
        ({"grammar": Grammar.DATE}, "2023.12", "2023.13"),
        ({"grammar": Grammar.DATE}, "2023-02-28", "2023-02-30"),
        ({"grammar": Grammar.CHOICE, "choices": ("在用", "报废")}, "在 用", "闲置"),
        ({"grammar": Grammar.PATTERN, "pattern": r"ZC-\d{4}"}, "ＺＣ-0012", "ZC-12"),
        ({}, "任何文字", None),
    ],
)
def test_a_text_follows_its_grammar_or_not(given, right, wrong):
    assert follows_grammar(field("编号", **given), right)
    assert wrong is None or not follows_grammar(field("编号", **given), wrong)


@pytest.mark.parametrize("grammar", [Grammar.CODE, Grammar.AMOUNT])
def test_codes_and_amounts_with_a_column_are_left_to_the_checks_of_that_column(grammar):
    assert follows_grammar(Field(FieldName.UNIT_CODE, "编码", Relation.RIGHT_OF, grammar=grammar), "一〇七")


def test_a_field_against_its_grammar_is_named_with_what_it_may_be():
    state = field("状态", grammar=Grammar.CHOICE, choices=("在用", "报废"))
    profile = replace(REGISTER, fields=(*REGISTER.fields, state))
    assert told(PICTURE + "\n| 状态 | 在用 |", profile) == []
    assert told(PICTURE + "\n| 状态 | 闲置 |", profile) == [("malformed_field", 2, 1, "闲置", "在用 / 报废")]
    assert told(PICTURE + "\n| 状态 | |", profile) == []


def test_a_required_field_without_a_column_is_missing_when_it_is_blank():
    pages, found = read(PICTURE.replace("王芳", ""), REGISTER)
    (finding,) = found.findings
    assert (finding.rule, finding.row, finding.col) == ("missing_field", 0, 1)
    assert finding.message == f"保管人: {RULE_MEANINGS[FindingRule.MISSING_FIELD].sentence}"
    assert finding.severity == RULE_MEANINGS[FindingRule.MISSING_FIELD].severity
    assert validate(pages, found, (REGISTER,), 1) == ()


def test_a_required_field_whose_label_is_not_there_is_missing_on_its_project():
    _, found = read("| 存放地点 | 三楼 |\n| 固定资产 | |", replace(REGISTER, anchors=("固定资产",)))
    assert [(f.rule, f.project_index, f.row) for f in found.findings] == [("missing_field", 0, None)]
