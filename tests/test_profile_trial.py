"""Trying a profile on a page: every label is shown with what was found, or with what comes nearest."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
from drawing import form, rule, sheet
from fake_engines import fake_engines
from readings import drawn, line, page
from typer.testing import CliRunner

from flows.cli import app
from pipeline.elements import CellRef
from pipeline.errors import ProfileInvalid, SourceMissing
from pipeline.forms.profiles import read_profile
from pipeline.profile_trial import check_profiles, profiles_with, read_one_page, try_profiles
from pipeline.settings.settings import FormSettings, Settings

DATA = Path(__file__).parent / "data"
REGISTER, SIGN_IN = (DATA / "forms" / name for name in ("asset_register.toml", "sign_in.toml"))
PICTURE = """
| 使用单位 | 县档案馆 | < | 填表日期 | 2023年3月30日 | < |
| 经手人 | 王芳 | < | 资产状态 | 在用 | < |
| 资产类别 | 资产小类 | 资产名称 | 数里 | 单价 | 存放地点 |
| 设备 | 办公设备 | 计算机 | 12台 | 4,800.00 | 二楼 |
| ^ | ^ | 打印机 | 3台 | 1,500.00 | ^ |
"""
PAGE = page([drawn(PICTURE)], [line("县档案馆2023年固定资产登记表")])


def trial(path=REGISTER, picture=None, **settings):
    tried, profiles = profiles_with(path, FormSettings(**settings))
    reading = page([drawn(picture)], [line("会议签到表")]) if picture else PAGE
    return try_profiles(reading, profiles, FormSettings(**settings), tried)


def test_each_label_is_shown_with_its_cell_and_how_like_it_is():
    labels = {one.label: one for one in trial().labels}
    unit, value = labels["使用单位"], labels["数量"]
    assert (unit.cell, unit.text, unit.similarity, unit.nearest) == (CellRef(1, 0, 0, 0), "使用单位", 1.0, None)
    assert (value.cell, value.text, value.similarity) == (CellRef(1, 0, 2, 3), "数里", 0.5)


def test_a_label_that_is_not_there_is_shown_with_the_nearest_text():
    keeper = next(one for one in trial().labels if one.label == "保管人")
    assert (keeper.cell, keeper.text, keeper.similarity, keeper.nearest) == (None, None, 0.0, "经手人")


def test_a_label_placed_between_its_neighbours_has_no_likeness_of_its_own():
    picture = "| 序号 | 姓名 | ?? | 职务 | 签名 |\n| 1 | 张三 | 县医院 | 干事 | |"
    assert next((one.cell.col, one.similarity) for one in trial(SIGN_IN, picture).labels if one.label == "单位") == (
        2,
        0,
    )
    assert "  by its place  单位: 「??」 (table 0, row 0, column 2)" in trial(SIGN_IN, picture).lines()


def test_all_profiles_are_scored_and_the_page_is_read_as_the_best():
    found = trial()
    assert [name for name, _ in found.scores] == ["asset_register", "goal_declaration", "performance_target"]
    assert (found.form_type, found.tried, found.title_similarity) == ("asset_register", "asset_register", 1.0)
    assert found.scores[0][1] == pytest.approx(0.88)


def test_a_profile_below_the_threshold_still_shows_what_it_would_read():
    found = trial(threshold=0.95)
    assert (found.form_type, found.tried) == ("unknown", "asset_register")
    assert [leaf.level3 for leaf in found.indicators] == ["计算机", "打印机"]


def test_without_a_profile_the_one_that_fits_best_is_shown():
    found = trial(None)
    assert found.tried == found.scores[0][0] == "goal_declaration"
    assert found.form_type == "unknown"


def test_fields_are_shown_with_their_texts_and_their_cells():
    fields = {one.role: one for one in trial().fields}
    assert (fields["unit_name"].texts, fields["unit_name"].cells) == (("县档案馆",), (CellRef(1, 0, 0, 1),))
    assert fields["keeper"].texts == ()


def test_what_is_doubtful_is_shown_as_in_a_run():
    assert [(one.rule, one.message.partition(":")[0]) for one in trial().findings] == [("missing_field", "保管人")]


def test_the_text_has_a_line_for_each_label_field_and_leaf():
    told = list(trial().lines())
    assert told[0] == "Page 1 is read as asset_register (a form needs 0.60)."
    assert "  1.00  使用单位: 「使用单位」 (table 0, row 0, column 0)" in told
    assert "  ----  保管人: not found; the nearest is 「经手人」" in told
    assert "  unit_name (使用单位): 县档案馆" in told
    assert "  设备 › 办公设备 › 打印机: 3台" in told
    assert told[-1].startswith("  warning: missing_field: 保管人: ")


def test_the_rows_of_a_form_without_levels_are_shown_instead_of_leaves():
    picture = "| 会议名称 | 培训 | < | < | < |\n| 序号 | 姓名 | 单位 | 职务 | 签名 |\n| 1 | 张三 | 县医院 | | |"
    assert "  1 › 张三: ['县医院', '', '']" in trial(SIGN_IN, picture).lines()


def test_json_holds_the_same_and_amounts_as_text():
    plain = json.loads(json.dumps(trial().as_json()))
    assert plain["scores"]["asset_register"] == pytest.approx(0.88)
    assert plain["labels"][0] | {"cell": None} == {
        "label": "使用单位", "cell": None, "text": "使用单位", "similarity": 1.0, "nearest": None,
    }  # fmt: skip
    assert plain["labels"][0]["cell"] == [1, 0, 0, 0]
    assert plain["indicators"][0]["target"]["number"] == "12"
    assert plain["rows"][0]["path"] == ["设备", "办公设备", "计算机"]


def test_a_page_without_a_table_has_no_label():
    found = try_profiles(page(), (read_profile(SIGN_IN),), FormSettings())
    assert (found.form_type, found.scores) == ("unknown", (("sign_in", 0.0),))
    assert {one.cell for one in found.labels} == {None}


def test_a_tried_profile_replaces_its_namesake(tmp_path):
    (tmp_path / "mine.toml").write_text(SIGN_IN.read_text(encoding="utf-8").replace("sign_in", "goal_declaration"))
    tried, profiles = profiles_with(tmp_path / "mine.toml", FormSettings())
    assert [one.name for one in profiles] == ["performance_target", "goal_declaration"]
    assert profiles[1] is tried


# --- reading the page -------------------------------------------------------------------------------------------------


@pytest.fixture
def picture(tmp_path):
    """A file with a drawn form."""
    path = tmp_path / "form.png"
    cv2.imwrite(str(path), rule(sheet(), form()))
    return path


def test_one_page_of_a_file_is_read(picture):
    reading = read_one_page(picture, 1, Settings(), fake_engines())
    assert (reading.page_number, len(reading.tables[0].cells)) == (1, 25)


def test_a_page_that_is_not_there_is_bad_usage(picture, tmp_path):
    with pytest.raises(SourceMissing, match=r"form\.png: has no page 2, but 1"):
        read_one_page(picture, 2, Settings(), fake_engines())
    with pytest.raises(SourceMissing, match="is no file"):
        read_one_page(tmp_path / "none.png", 1, Settings(), fake_engines())


# --- the commands -----------------------------------------------------------------------------------------------------


@pytest.fixture
def read_as(monkeypatch):
    """The command reads the page above, whatever the file."""
    monkeypatch.setattr("pipeline.engines.paddle.load_engines", lambda models: None)
    monkeypatch.setattr("pipeline.profile_trial.read_one_page", lambda *_: PAGE)


def run(*arguments):
    return CliRunner().invoke(app, ["profile", *map(str, arguments)])


def wrong(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text('name = "a"\nverison = 1\n[title]\ntext = "登记表"\n', encoding="utf-8")
    return path


def test_check_tells_what_each_profile_holds():
    result = run("check", REGISTER, SIGN_IN)
    assert result.exit_code == 0
    assert f"ok     {SIGN_IN}: sign_in, version 1: 9 labels, 4 fields, 0 levels" in result.stdout


def test_check_ends_with_status_2_and_the_line_of_every_mistake(tmp_path):
    result = run("check", wrong(tmp_path), SIGN_IN)
    assert result.exit_code == 2
    assert f"PROFILE_INVALID: {tmp_path}/wrong.toml:2: unknown key 'verison' (did you mean 'version'?)" in result.stderr
    assert "docs/profiles.md lists them all" in result.stderr
    assert f"ok     {SIGN_IN}" in result.stdout


def test_check_as_json_lists_files_and_their_problems(tmp_path):
    result = run("check", wrong(tmp_path), SIGN_IN, "--json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert (told["ok"], [one["profile"] for one in told["files"]]) == (False, [None, "sign_in"])
    assert [len(one["problems"]) for one in told["files"]] == [1, 0]
    assert [one.problems for one in check_profiles([SIGN_IN])] == [[]]


def test_check_tells_of_two_files_of_a_folder_with_one_name(tmp_path):
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(SIGN_IN.read_text(encoding="utf-8"), encoding="utf-8")
    checked = check_profiles([tmp_path / "a.toml", tmp_path / "b.toml", SIGN_IN])
    assert [one.problems for one in checked] == [
        [],
        [f"{tmp_path}/b.toml:3: name: 'sign_in' is taken by another file of the same folder"],
        [],
    ]


@pytest.mark.usefixtures("read_as")
def test_try_shows_the_match_label_by_label():
    result = run("try", "page.png", REGISTER)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == list(trial().lines())


@pytest.mark.usefixtures("read_as")
def test_try_as_json_is_one_object():
    assert json.loads(run("try", "page.png", REGISTER, "--json").stdout) == json.loads(json.dumps(trial().as_json()))


@pytest.mark.usefixtures("read_as")
def test_try_knows_the_profiles_of_the_settings(tmp_path):
    settings = tmp_path / "signed-forms.toml"
    settings.write_text(f"[forms]\nfolder = '{DATA / 'forms'}'\n", encoding="utf-8")
    assert run("try", "page.png", "--settings", settings).stdout.startswith("Page 1 is read as asset_register")


@pytest.mark.usefixtures("read_as")
def test_try_refuses_a_wrong_profile_before_it_reads(tmp_path):
    result = run("try", "page.png", wrong(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    with pytest.raises(ProfileInvalid):
        profiles_with(wrong(tmp_path), FormSettings())


@pytest.mark.parametrize("arguments", [["check"], ["try"], ["try", "a.png", "--page", "0"], ["polish"]], ids=" ".join)
def test_bad_usage_ends_with_status_2(arguments):
    assert run(*arguments).exit_code == 2


@pytest.mark.slow
def test_try_reads_a_rendered_page_with_the_real_engines():
    result = run("try", DATA / "foreign" / "double.chromium.pdf", DATA / "forms" / "asset_acceptance.toml")
    assert result.exit_code == 0
    assert "  1.00  规格型号: 「规格型号」 (table 0, row 0, column 3)" in result.stdout
    assert "  model (规格型号): M-2200" in result.stdout
