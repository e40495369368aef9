"""Forms that the code was not made for: a TOML profile alone lands them, from drawn readings and rendered pages."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from filled_form import RUN
from readings import drawn, line, page

from pipeline.document import digitise_document
from pipeline.elements import DocumentResult, LineKind, SourceFile, Status
from pipeline.engines.paddle import load_engines
from pipeline.forms.profiles import load_profiles
from pipeline.hierarchy.interpretation import interpret
from pipeline.landing.landing import land, read_table
from pipeline.landing.transaction import open_output
from pipeline.settings.settings import FormSettings, Settings
from pipeline.validation import mark_for_review, validate

FORMS = Path(__file__).parents[1] / "data" / "forms"
FOREIGN = Path(__file__).parents[1] / "data" / "foreign"
SETTINGS = FormSettings(folder=FORMS)

REGISTER = """
| 使用单位 | 县档案馆 | < | 填表日期 | 2023年3月30日 | < |
| 保管人 | 王芳 | < | 资产状态 | 在用 | < |
| 资产类别 | 资产小类 | 资产名称 | 数量 | 单价（元） | 存放地点 |
| 设备 | 办公设备 | 计算机 | 12台 | 4,800.00 | 二楼 |
| ^ | ^ | 打印机 | 3台 | 1,500.00 | ^ |
| ^ | 专用设备 | 扫描仪 | 2台 | 26,000.00 | 库房 |
| 家具 | 柜类 | 密集架 | 40组 | 900.00 | ^ |
| 备注：每年盘点一次 | < | < | < | < | < |
"""
SIGN_IN = """
| 会议名称 | 档案数字化培训会 | < | 时间 | 2023年5月6日 |
| 地点 | 二楼会议室 | < | 主持人：李强 | < |
| 序号 | 姓名 | 单位 | 职务 | 签名 |
| 1 | 张三 | 县医院 | 干事 | |
| 2 | 李四 | 县中学 | 教师 | |
| 序号 | 姓名 | 单位 | 职务 | 签名 |
| 3 | 王五 | | 校长 | |
"""


@pytest.fixture
def landed(tmp_path):
    """Lands one page of one table with a title, and gives the committed rows of a table."""

    def run(picture, title):
        profiles = load_profiles(SETTINGS)
        pages = (page([drawn(picture)], [line(title)]),)
        found = interpret(pages, profiles, SETTINGS)
        findings = (*found.findings, *validate(pages, found, profiles, 1))
        source = SourceFile("/scans/a.pdf", "ab" * 32, 10, "application/pdf", 1)
        result = DocumentResult(source, Status.LANDED, pages, mark_for_review(found, findings, 0.95), findings)
        with open_output(tmp_path / "out", Settings().landing) as output:
            land(result, output, RUN)
        return lambda name: read_table(tmp_path / "out", name).to_pylist()

    return run


def test_a_register_of_assets_lands_with_its_fields_and_its_list(landed):
    tables = landed(REGISTER, "县档案馆2023年固定资产登记表")
    (form,) = tables("pages")
    assert (form["form_type"], form["form_score"]) == ("asset_register", 1.0)
    (project,) = tables("projects")
    assert (project["unit_name"], project["fiscal_year"], project["note"]) == ("县档案馆", 2023, "备注：每年盘点一次")
    columns = ("level1", "level2", "level3", "target_number", "target_unit")
    assert [tuple(leaf[column] for column in columns) for leaf in tables("indicators")] == [
        ("设备", "办公设备", "计算机", Decimal(12), "台"),
        ("设备", "办公设备", "打印机", Decimal(3), "台"),
        ("设备", "专用设备", "扫描仪", Decimal(2), "台"),
        ("家具", "柜类", "密集架", Decimal(40), "组"),
    ]  # fmt: skip
    assert tables("findings") == []


def test_columns_beside_the_value_land_in_the_rows_of_the_register(landed):
    rows = landed(REGISTER, "县档案馆2023年固定资产登记表")("rows")
    assert rows[1]["path"] == ["设备", "办公设备", "打印机"]
    assert rows[1]["path_headers"] == ["资产类别", "资产小类", "资产名称"]
    assert rows[1]["values"] == [
        {"header": "数量", "text": "3台"},
        {"header": "单价（元）", "text": "1,500.00"},
        {"header": "存放地点", "text": "二楼"},
    ]


def test_fields_without_a_column_are_found_by_their_role(landed):
    cells = landed(REGISTER, "县档案馆2023年固定资产登记表")("cells")
    assert {cell["role"]: cell["text"] for cell in cells if cell["role"] in ("keeper", "filled_in", "state")} == {
        "keeper": "王芳",
        "filled_in": "2023年3月30日",
        "state": "在用",
    }


@pytest.mark.parametrize(
    ("right", "wrong", "rule", "row"),
    [
        ("2023年3月30日", "3月30日", "malformed_field", 0),
        ("| 在用 |", "| 闲置 |", "malformed_field", 1),
        ("王芳", "", "missing_field", 1),
        ("| 设备 |", "| 设各 |", "level_outside_vocabulary", 3),
        ("柜类", "办公设备", "level_under_other_parent", 6),
    ],
)
def test_what_does_not_fit_the_register_is_named(landed, right, wrong, rule, row):
    found = landed(REGISTER.replace(right, wrong, 1), "县档案馆2023年固定资产登记表")("findings")
    assert (rule, row) in {(finding["rule"], finding["row"]) for finding in found}


def test_a_list_of_people_lands_its_rows_and_its_fields_without_a_hierarchy(landed):
    tables = landed(SIGN_IN, "会议签到表")
    assert tables("pages")[0]["form_type"] == "sign_in"
    (project,) = tables("projects")
    assert project["project_name"] == "档案数字化培训会"
    assert tables("indicators") == []
    assert [finding["rule"] for finding in tables("findings")] == []
    rows = [row for row in tables("rows") if row["path"]]
    assert [row["path"] for row in rows] == [["1", "张三"], ["2", "李四"], ["3", "王五"]]
    assert rows[2]["values"] == [
        {"header": "单位", "text": ""},
        {"header": "职务", "text": "校长"},
        {"header": "签名", "text": ""},
    ]


def test_a_value_in_the_same_cell_as_its_label_is_found_by_its_role(landed):
    cells = landed(SIGN_IN, "会议签到表")("cells")
    assert [cell["text"] for cell in cells if cell["role"] == "chair"] == ["主持人：李强"]


def test_the_three_forms_are_told_apart():
    profiles = load_profiles(SETTINGS)
    for picture, title, name in ((REGISTER, "固定资产登记表", "asset_register"), (SIGN_IN, "会议签到表", "sign_in")):
        read = [page([drawn(picture)], [line(title, kind=LineKind.TITLE)])]
        (match,) = interpret(read, profiles, SETTINGS).forms
        assert match.form_type == name
        assert match.score - match.runner_up_score > 0.5


# --- rendered pages, read by the real engines -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engines():
    return load_engines(Settings().models)


def read(name, engines):
    return digitise_document(FOREIGN / name, Settings(forms=SETTINGS), engines, load_profiles(SETTINGS))


@pytest.mark.slow
def test_a_rendered_acceptance_form_lands_by_its_profile(engines):
    found = read("double.chromium.pdf", engines).interpretation
    assert (found.forms[0].form_type, found.forms[0].score) == ("asset_acceptance", 1.0)
    (project,) = found.projects
    assert (project.project_name, project.amount, project.amount_unit_read) == ("多功能一体机", Decimal("2.088"), "元")
    assert [row.path for row in found.rows if len(row.path) == 3] == [
        ("验收情况", "外观", "包装"),
        ("验收情况", "外观", "机身"),
        ("验收情况", "性能", "打印"),
        ("验收情况", "性能", "扫描"),
    ]


@pytest.mark.slow
def test_a_rendered_ledger_over_three_pages_lands_by_its_profile(engines):
    found = read("ledger.weasyprint.pdf", engines).interpretation
    assert [match.form_type for match in found.forms] == ["ledger"] * 3
    assert [(i.page_number, i.level1, i.level2, i.level3, i.target_text) for i in found.indicators][:3] == [
        (1, "2 May", "101", "Stationery", "48.20"),
        (1, "2 May", "102", "Postage", "12.75"),
        (1, "2 May", "103", "Bank", ""),
    ]
    assert ("11 May", "110", "Bank") in [(i.level1, i.level2, i.level3) for i in found.indicators]


@pytest.mark.slow
def test_a_rendered_table_of_no_known_form_lands_its_rows(engines):
    found = read("stubs.chromium.pdf", engines).interpretation
    leaf = next(row for row in found.rows if row.path[-1:] == ("延伸长度",))
    assert leaf.path == ("绩效指标", "产出指标", "数量指标", "管网", "延伸长度")
    assert leaf.values == (("指标值", "≥48公里"), ("备注", ""))
