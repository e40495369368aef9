"""What docs/profiles.md says about profiles is what they do: each block of it is run, each figure is compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from filled_form import RUN
from readings import drawn, line, page
from typer.testing import CliRunner

from flows.cli import app
from pipeline.elements import DocumentResult, SourceFile, Status
from pipeline.forms.label_likeness import similarity
from pipeline.forms.profiles import load_profiles, profiles_digest, read_profile
from pipeline.forms.recognition import TITLE_SHARE
from pipeline.hierarchy.form_checks import NEAR_TIE
from pipeline.hierarchy.interpretation import interpret
from pipeline.landing.landing import land
from pipeline.landing.transaction import open_output
from pipeline.profile_trial import try_profiles
from pipeline.settings.settings import FormSettings, Settings, load_settings

TEXT = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
TITLE = "县档案馆2023年固定资产登记表"


def block(language, begins):
    """The block of a language that begins with some text, without its indentation."""
    blocks = re.findall(rf"^( *)```{language}\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)
    (found,) = (body for _, body in blocks if body.strip().startswith(begins))
    return "\n".join(row.strip() if row.startswith("   ") else row for row in found.splitlines()) + "\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with the profile of the example in my-forms."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-forms").mkdir()
    (tmp_path / "my-forms" / "any name.toml").write_text(block("toml", 'name = "asset_register"'), encoding="utf-8")
    (tmp_path / "signed-forms.toml").write_text(block("toml", "[forms]"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def forms(folder):
    return load_settings(folder / "signed-forms.toml").forms


def read(forms):
    """The page of the example, read."""
    return page([drawn(block("text", "| 使用单位"))], [line(TITLE)])


def test_the_folder_of_the_settings_is_read_beside_the_built_in_profiles(forms):
    assert {one.name for one in load_profiles(forms)} == {"asset_register", "goal_declaration", "performance_target"}


def test_the_example_reads_its_page_as_the_docs_say(forms):
    found = interpret([read(forms)], load_profiles(forms), forms)
    assert [project.unit_name for project in found.projects] == ["县档案馆"]
    leaves = ", ".join(f"{leaf.level1} › {leaf.level2}: {leaf.target_text}" for leaf in found.indicators)
    assert leaves in TEXT.replace("\n", " ")
    assert [place for place, role in found.roles.items() if role == "keeper"] == [(1, 0, 0, 3)]
    assert [row.values[-1] for row in found.rows[:2]] == [("存放地点", "二楼"), ("存放地点", "库房")]
    assert (found.projects[0].note, found.findings) == ("备注：每年盘点一次", ())


def test_the_trial_of_the_example_says_what_the_docs_show(forms):
    shown = block("text", "Page 1 is read as").splitlines()
    assert list(try_profiles(read(forms), load_profiles(forms), forms).lines())[: len(shown)] == shown


def test_the_mistakes_of_the_docs_are_told_as_they_show(folder):
    (folder / "mine.toml").write_text(block("toml", 'name = "mine"'), encoding="utf-8")
    result = CliRunner().invoke(app, ["profile", "check", "mine.toml"])
    assert (result.exit_code, result.stderr) == (2, block("text", "PROFILE_INVALID"))
    assert CliRunner().invoke(app, ["profile", "check", "my-forms/any name.toml"]).exit_code == 0


def test_a_mistake_in_a_profile_stops_a_run_before_it_starts(folder):
    (folder / "my-forms" / "mine.toml").write_text("name = 1", encoding="utf-8")
    (folder / "a.jpg").write_bytes(b"read")
    result = CliRunner().invoke(app, ["digitise", "a.jpg", "--out", "out", "--settings", "signed-forms.toml"])
    assert result.exit_code == 2
    assert "mine.toml:1: name: must be a string, got 1" in result.stderr
    assert not (folder / "out" / "documents").exists()


def test_changing_a_profile_has_documents_read_again(folder, forms):
    before = Settings().sha256(profiles_digest(load_profiles(forms)))
    path = folder / "my-forms" / "any name.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("保管人", "经手人"), encoding="utf-8")
    assert Settings().sha256(profiles_digest(load_profiles(forms))) != before


def test_a_third_of_a_label_may_be_misread_and_brackets_may_be_missing():
    assert similarity("资产类刮", "资产类别") > 0
    assert similarity("保管入", "保管人") > 0
    assert similarity("保菅入", "保管人") == 0
    assert similarity("金额", "金额（万元）") == 1


def test_the_score_is_four_fifths_labels_and_one_fifth_title(forms):
    (profile,) = (one for one in load_profiles(forms) if one.name == "asset_register")
    untitled = page([drawn(block("text", "| 使用单位"))], [line("收据")])
    assert interpret([untitled], (profile,), forms).forms[0].score == pytest.approx(4 / 5)
    assert pytest.approx(1 / 5) == TITLE_SHARE


def test_the_thresholds_are_those_of_the_docs():
    assert f"`forms.threshold` ({FormSettings().threshold})" in TEXT
    assert f"comes closer than {NEAR_TIE}" in TEXT


def test_a_form_without_levels_needs_no_hierarchy(folder):
    path = folder / "list.toml"
    path.write_text(
        'name = "list"\nversion = 1\nheader_row = ["姓名", "单位"]\ntitle.text = "签到表"', encoding="utf-8"
    )
    picture = "| 姓名 | 单位 | 签名 |\n| 张三 | 县医院 | |"
    found = interpret([page([drawn(picture)], [line("签到表")])], (read_profile(path),), FormSettings())
    assert (len(found.projects), found.indicators) == (1, ())
    assert found.rows[0].path == ("张三",)
    assert found.rows[0].values == (("单位", "县医院"), ("签名", ""))


def test_the_rows_are_read_as_the_docs_show(folder, forms):
    pages = (read(forms),)
    source = SourceFile("/scans/a.pdf", "ab" * 32, 10, "application/pdf", 1)
    with open_output(folder / "OUT", Settings().landing) as output:
        found = interpret(pages, load_profiles(forms), forms)
        land(DocumentResult(source, Status.LANDED, pages, found, ()), output, RUN)
    names = {}
    exec(block("python", "import pandas"), names)
    assert names["rows"][["level1", "name", "header", "text"]].values.tolist()[:3] == [
        ["设备", "计算机", "数量", "12台"],
        ["设备", "计算机", "存放地点", "二楼"],
        ["设备", "打印机", "数量", "3台"],
    ]
    duckdb = pytest.importorskip("duckdb")
    assert duckdb.sql(block("sql", "SELECT path")).fetchall()[1] == ("设备", "计算机", "存放地点", "二楼")


def test_labels_beside_values_are_no_header_once_a_profile_names_them(folder):
    picture = "| 姓名 | 张三 |\n| 性别 | 男 |"
    unknown = interpret([page([drawn(picture)])], (), FormSettings())
    assert [(row.path, row.path_headers) for row in unknown.rows] == [(("性别",), ("姓名",))]
    fields = "".join(
        f'[[fields]]\nname = "other"\nrole = "{role}"\nlabel = "{label}"\nrelation = "right_of"\n'
        for role, label in (("person", "姓名"), ("sex", "性别"))
    )
    (folder / "card.toml").write_text(f'name = "card"\nversion = 1\ntitle.text = "登记卡"\n{fields}', encoding="utf-8")
    known = interpret([page([drawn(picture)], [line("登记卡")])], (read_profile(folder / "card.toml"),), FormSettings())
    assert [[value.text for value in row.values] for row in known.rows] == [["姓名", "张三"], ["性别", "男"]]
