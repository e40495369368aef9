"""Profiles: forms described in TOML, and the errors that tell an archivist what to correct."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from pipeline.errors import ProfileInvalid
from pipeline.forms.profile_parts import Field, Hierarchy, Level, TitleRule
from pipeline.forms.profiles import BUILT_IN, Profile, load_profiles, profiles_digest, read_profile
from pipeline.settings.settings import FormSettings

MINIMAL = """
name = "register"
version = 1

[title]
text = "固定资产登记表"

[hierarchy]
value = "数量"

[[hierarchy.levels]]
header = "类别"
"""

FIELD = '\n[[fields]]\nname = "unit_name"\nlabel = "单位"\nrelation = "right_of"\n'


@pytest.fixture
def written(tmp_path):
    """Writes a profile's text to a file of the user's folder."""

    def write(text: str, name: str = "register.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_both_built_in_forms_load():
    assert [profile.name for profile in load_profiles(FormSettings())] == ["goal_declaration", "performance_target"]


def test_every_label_of_a_form_is_one_of_its_anchors():
    profile = next(p for p in load_profiles(FormSettings()) if p.name == "performance_target")
    assert profile.labels == (
        "单位编码", "单位及项目名称", "金额（万元）", "绩效目标", "绩效指标", "合计",
        "一级指标", "二级指标", "三级指标", "指标值",
    )  # fmt: skip


def test_a_profile_needs_no_more_than_a_name_a_title_and_a_hierarchy(written):
    profile = read_profile(written(MINIMAL))
    assert profile == Profile("register", 1, TitleRule("固定资产登记表"), Hierarchy((Level("类别"),), "数量"))


def test_a_users_profile_stands_beside_the_built_in_ones(written):
    names = [profile.name for profile in load_profiles(FormSettings(folder=written(MINIMAL).parent))]
    assert names == ["goal_declaration", "performance_target", "register"]


def test_a_users_profile_replaces_a_built_in_namesake(written):
    folder = written(MINIMAL.replace("register", "goal_declaration")).parent
    profile = next(p for p in load_profiles(FormSettings(folder=folder)) if p.name == "goal_declaration")
    assert profile.title.text == "固定资产登记表"


def test_two_files_of_one_folder_cannot_share_a_name(written):
    written(MINIMAL, "a.toml")
    folder = written(MINIMAL, "b.toml").parent
    with pytest.raises(ProfileInvalid, match=r"b\.toml:2: name: 'register' is taken"):
        load_profiles(FormSettings(folder=folder))


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(ProfileInvalid, match="nowhere: cannot be listed: No such file"):
        load_profiles(FormSettings(folder=tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            MINIMAL.replace("version", "verison"),
            "3: unknown key 'verison' (did you mean 'version'?); known keys are anchors, fields",
        ),
        (MINIMAL.replace("header", "heading"), "12: hierarchy: levels[1]: unknown key 'heading' (did you"),
        (MINIMAL.replace("version = 1", ""), "1: version: is missing"),
        (MINIMAL.replace('header = "类别"', ""), "11: hierarchy: levels[1]: header: is missing"),
        (MINIMAL.replace("version = 1", 'version = "1"'), "3: version: must be a whole number, got '1'"),
        (MINIMAL.replace("version = 1", "version = true"), "version: must be a whole number, got True"),
        (MINIMAL.replace('name = "register"', 'name = "Mein Formular"'), "2: name: must be lower case letters"),
        (MINIMAL.replace('name = "register"', 'name = "unknown"'), "2: name: must be lower case letters"),
        (MINIMAL.replace('"类别"', '"--"'), "12: hierarchy: levels[1]: header: must hold letters or digits, got '--'"),
        (MINIMAL.replace('"数量"', '""'), "9: hierarchy: value: must hold letters or digits, got ''"),
        (MINIMAL.replace('"固定资产登记表"', '"*"'), "6: title: text: must hold letters or digits, got '*'"),
        ('anchors = [\n"印",\n"-"]\n' + MINIMAL, "3: anchors[2]: must hold letters or digits, got '-'"),
        (MINIMAL + 'vocabulary = "closed"', '13: hierarchy: levels[1]: vocabulary: must be "open" or a list'),
        (MINIMAL + "vocabulary = 3", "levels[1]: vocabulary: must be a string or a list or a table, got 3"),
        (MINIMAL + 'vocabulary = ["房屋",\n3]', "14: hierarchy: levels[1]: vocabulary[2]: must be a string, got 3"),
        (MINIMAL + '[[hierarchy.levels]]\nheader = "b"\n' * 3, "11: hierarchy: levels: must be 1 to 3, got 4"),
        ('name = "a"\nversion = 1\ntitle.text = "甲"', "1: needs a label to be recognised by"),
        (MINIMAL + FIELD.replace("unit_name", "keeper"), "15: fields[1]: name: must be one of parent_code"),
        (MINIMAL + FIELD.replace("unit_name", "unit_nam"), "got 'unit_nam' (did you mean 'unit_name'?)"),
        (MINIMAL + FIELD.replace("unit_name", "other"), "14: fields[1]: role: a field of the name other needs one"),
        (MINIMAL + FIELD + 'role = "value"', "18: fields[1]: role: 'value' is what every form calls cells of another"),
        (MINIMAL + FIELD + 'role = "level1"', "18: fields[1]: role: 'level1' is what every form calls"),
        (MINIMAL + FIELD + 'grammar = "choice"', "14: fields[1]: choices: the grammar choice, and no other"),
        (MINIMAL + FIELD + 'choices = ["是"]', "18: fields[1]: choices: the grammar choice, and no other"),
        (MINIMAL + FIELD + 'grammar = "pattern"', "14: fields[1]: pattern: the grammar pattern, and no other"),
        (MINIMAL + FIELD + 'grammar = "pattern"\npattern = "["', "19: fields[1]: pattern: is no regular expression"),
        (MINIMAL + FIELD + 'grammar = "pattern"\npattern = "a{9999999999}"', "19: fields[1]: pattern: is no regular"),
        (MINIMAL + FIELD + f'grammar = "pattern"\npattern = "{5000 * "("}"', "19: fields[1]: pattern: is no regular"),
        (MINIMAL.replace('text = "固', "pattern = '('\ntext = \"固"), "pattern: is no regular"),
        (MINIMAL.replace('text = "固', "pattern = '(?P<page>x)'\ntext = \"固"), "title: pattern: must name the groups"),
        (MINIMAL.replace('text = "固', "year = '(?P<unit_name>x)'\ntext = \"固"), "title: year: must name the groups"),
        (MINIMAL.replace("数量", "类别"), "hierarchy: levels: each needs a header of its own, got 类别, 类别"),
        (MINIMAL + FIELD.replace("right_of", "left_of"), "relation: must be one of right_of, below, same_cell"),
        (MINIMAL + FIELD + 'rows = "group"', "fields[1]: rows: only a field below its label"),
        (MINIMAL + FIELD.replace("right_of", "below") + 'under = "金额"', "fields[1]: under: only a field right_of"),
        (MINIMAL + FIELD + 'part = "其他"', "fields[1]: part: an amount_part, and no other field"),
        ('money_unit = "两"\n' + MINIMAL, "money_unit: must be one of 元"),
        ("name = ", "1: Invalid value"),
        ('a = 1\nb = """', "2: "),
    ],
)  # fmt: skip
def test_a_wrong_profile_is_refused_with_its_file_and_key(written, text, message):
    with pytest.raises(ProfileInvalid, match=re.escape(message)) as raised:
        read_profile(written(text))
    assert "register.toml" in str(raised.value)


def test_all_problems_of_a_file_are_told_at_once_from_top_to_bottom(written):
    text = MINIMAL.replace("version", "verison").replace("header", "heading")
    with pytest.raises(ProfileInvalid) as raised:
        read_profile(written(text))
    told = [message.partition("register.toml:")[2] for message in str(raised.value).splitlines()]
    assert [message.split(";")[0] for message in told] == [
        "3: unknown key 'verison' (did you mean 'version'?)",
        "12: hierarchy: levels[1]: unknown key 'heading' (did you mean 'header'?)",
    ]


def test_a_file_in_another_encoding_is_refused_with_the_line(tmp_path):
    path = tmp_path / "gbk.toml"
    path.write_bytes('name = "a"\n[title]\ntext = "登记表"'.encode("gbk"))
    with pytest.raises(ProfileInvalid, match=r"gbk\.toml:3: is no UTF-8 text"):
        read_profile(path)


def test_a_form_without_indicators_needs_no_hierarchy(written):
    text = 'name = "sign_in"\nversion = 1\nheader_row = ["姓名", "单位"]\ntitle.text = "会议签到表"'
    assert read_profile(written(text)).labels == ("姓名", "单位")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ProfileInvalid, match=r"none\.toml: cannot be read"):
        read_profile(tmp_path / "none.toml")


def test_a_vocabulary_by_parent_allows_a_word_only_under_that_parent():
    level = Level("二级指标", {"产出指标": ("数量指标",), "效益指标": ("社会效益",)})
    assert level.allows("数量指标", "产出指标")
    assert not level.allows("数量指标", "效益指标")
    assert level.allows("数量指标", "a parent that is itself misread")
    assert not level.allows("数里指标", "产出指标")


def test_an_open_level_allows_every_word():
    assert Level("三级指标").allows("采购设备数量", None)


def test_the_digest_changes_with_what_profiles_say_and_with_nothing_else(tmp_path):
    profiles = load_profiles(FormSettings())
    copies = []
    for path in sorted(BUILT_IN.glob("*.toml")):
        copy = tmp_path / path.name
        copy.write_text("# moved\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
        copies.append(read_profile(copy))
    assert profiles_digest(tuple(copies)) == profiles_digest(profiles)
    assert profiles_digest((replace(profiles[0], version=2), profiles[1])) != profiles_digest(profiles)


DOCS = Path(__file__).parents[2] / "docs" / "profiles.md"


@pytest.mark.parametrize("kind", [Profile, TitleRule, Field, Hierarchy, Level])
def test_the_docs_explain_exactly_the_keys_of_each_table(kind):
    section = re.search(rf"<!-- {kind.__name__} -->\n(.*?)\n\n", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    keys = re.findall(r"^\| `(\w+)`", section[1], re.MULTILINE)
    assert sorted(keys) == sorted(entry.name for entry in fields(kind))
