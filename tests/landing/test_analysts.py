"""The analysts' guide runs as it is written, and its pandas and its SQL give the same rows."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from budget_documents import DOCUMENTS, RUNS

from flows.batch import derive_signers
from pipeline.export import Targets, export
from pipeline.export.database import VIEWS
from pipeline.landing.landing import land
from pipeline.landing.transaction import open_output
from pipeline.settings.settings import LandingSettings

GUIDE = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text(encoding="utf-8")
PREPARATION = re.search("```python\n(.*?)```", GUIDE, re.DOTALL)[1]
QUESTIONS = {
    int(number): (title, python, sql)
    for number, title, python, sql in re.findall(
        r"^## (\d+)\. ([^\n]+)\n(?:(?!^## ).)*?```python\n(.*?)```\n+```sql\n(.*?)```", GUIDE, re.DOTALL | re.MULTILINE
    )
}
ANSWERS = {
    1: [("交通局", 2022, 1, Decimal(30)), ("交通局", 2023, 1, Decimal("34.54")), ("档案局", 2023, 1, Decimal("12.5"))],
    2: [
        ("桥梁养护", "交通局", Decimal("34.54"), 2, "桥梁养护的目标"),
        ("道路养护", "交通局", Decimal(30), 1, "道路养护的目标"),
        ("档案数字化", "档案局", Decimal("12.5"), 2, "档案数字化的目标"),
    ],
    3: [
        ("档案数字化", "产出指标", "时效指标", "按期完成率", "=100%"),
        ("桥梁养护", "产出指标", "质量指标", "验收合格率", "≥95%"),
        ("道路养护", "产出指标", "质量指标", "验收合格率", "≥95%"),
    ],
    4: [("桥梁养护", "交通局"), ("道路养护", "交通局")],
    5: [("桥梁养护", "养护成本", Decimal(40), Decimal("34.54"))],
    6: [("交通局", 2023, Decimal("34.54"), Decimal("4.54"))],
    7: [("warning", "b.pdf", 1, "cost_exceeds_amount", "≤40万元", "40", "34.54")],
    8: [
        ("养护里程", 1, 300.0, 0.0, 400.0, 50.0),
        ("验收合格率", 1, 300.0, 50.0, 400.0, 100.0),
        ("养护里程", 1, 300.0, 0.0, 400.0, 50.0),
        ("验收合格率", 1, 300.0, 50.0, 400.0, 100.0),
        ("养护成本", 1, 300.0, 100.0, 400.0, 150.0),
        ("按期完成率", 1, 300.0, 0.0, 400.0, 50.0),
        ("差错率", 1, 300.0, 50.0, 400.0, 100.0),
        ("群众满意度", 1, 300.0, 100.0, 400.0, 150.0),
        ("印刷费", 1, 300.0, 150.0, 400.0, 200.0),
    ],
    9: [
        ("a.pdf", 1, "unsigned", None, None, None, None, None),
        ("b.pdf", 1, "signed", "贺成才", "贺成オ", 0.8, 3, 30),
        ("c.pdf", 1, "signed", "贺成才", "贺成オ", 0.8, 3, 30),
    ],
    10: [("level2", "质量指标?", "质量指标", "vocabulary", 0.5)],
    11: [
        ("贺成才", 2, date(2023, 3, 30), date(2023, 3, 30), "b.pdf", 1),
        ("贺成才", 2, date(2023, 3, 30), date(2023, 3, 30), "c.pdf", 1),
    ],
}
"""What each question's answer is for the documents of `budget_documents`."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("analysts")
    with open_output(folder / "OUT", LandingSettings()) as output:
        for result, run in zip(DOCUMENTS, RUNS, strict=True):
            assert land(result, output, run) == result
        derive_signers(output)
    export(folder / "OUT", Targets(csv=folder / "csv", duckdb=folder / "forms.duckdb"))
    return folder


@pytest.fixture(scope="module")
def in_pandas(folder):
    """What the guide's pandas says to each question; only the preparation goes before it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        prepared = {}
        exec(PREPARATION, prepared)
        answers = {}
        for number, (_, python, _) in QUESTIONS.items():
            names = dict(prepared)
            exec(python, names)
            answers[number] = names["answer"]
    return answers


def plain(value):
    """A value of either, as Python has it."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if pd.isna(value) else value


def plain_rows(rows):
    return [tuple(plain(value) for value in row) for row in rows]


def test_the_guide_answers_eleven_questions():
    assert list(QUESTIONS) == list(ANSWERS) == list(range(1, 12))
    assert all(title.endswith("?") for title, _, _ in QUESTIONS.values())


@pytest.mark.parametrize("number", ANSWERS)
def test_pandas_answers(number, in_pandas):
    assert plain_rows(in_pandas[number].itertuples(index=False)) == ANSWERS[number]


@pytest.mark.parametrize("number", ANSWERS)
def test_sql_gives_the_same_columns_and_rows(number, folder, in_pandas):
    with duckdb.connect(str(folder / "forms.duckdb"), read_only=True) as database:
        found = database.execute(QUESTIONS[number][2])
        names = [column[0] for column in found.description]
        assert plain_rows(found.fetchall()) == ANSWERS[number]
    assert names == list(in_pandas[number].columns)


def test_the_guide_lists_the_views():
    listed = re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE)
    assert sorted(listed) == sorted(VIEWS)


def test_texts_come_back_from_csv_as_the_guide_says(folder, monkeypatch):
    names = {}
    monkeypatch.chdir(folder)
    exec(re.findall("```python\n(.*?)```", GUIDE, re.DOTALL)[-1], names)
    landed = pd.read_parquet("OUT/indicators").target_text
    assert names["targets"].tolist() == landed.tolist()
    assert "'=100%" in names["texts"].tolist()
