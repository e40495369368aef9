"""A signature without a written year gets the form's, told apart from a written one."""

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import box, drawn, line, page

from pipeline.elements import NameSource, Signature
from pipeline.forms.profiles import load_profiles
from pipeline.hierarchy.interpretation import interpret
from pipeline.settings.settings import FormSettings
from pipeline.signers.years import infer_years

SETTINGS = FormSettings()
PROFILES = load_profiles(SETTINGS)
FORM = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 107 | 祁连县司法局 | | | ^ | ^ | ^ | ^ |
| 合计 | | 15.00 | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 107001 | 普法宣传经费 | 15.00 | 目标1：印发手册 | 产出指标 | 数量指标 | 印发手册 | 1000册 |
"""


def signed(month, day, date=None):
    return Signature(
        name="贺成才", name_read="贺成才", name_source=NameSource.READ, name_confidence=0.9, candidates=(),
        date_text="", date_confidence=0.9, month=month, day=day, date=date, date_inferred=None, year_source=None,
        confidence=0.9, polygon=box(0, 0, 10, 10), crop_png=None,
    )  # fmt: skip


def form(year, number=1, *signatures):
    title = (
        f"祁连县司法局{year}年部门预算项目支出绩效目标公开表" if year else "祁连县司法局部门预算项目支出绩效目标公开表"
    )
    return replace(page([drawn(FORM)], [line(title)], number), signatures=signatures)


def dated(*pages):
    """(date inferred, source of its year) of each signature."""
    done = infer_years(pages, interpret(pages, PROFILES, SETTINGS))
    return [(s.date_inferred, s.year_source) for one in done for s in one.signatures]


def test_the_year_is_that_of_the_form_on_the_same_page():
    pages = form(2023, 1, signed(3, 30)), form(2024, 2, signed(4, 1))
    assert dated(*pages) == [(datetime.date(2023, 3, 30), "form"), (datetime.date(2024, 4, 1), "form")]


def test_a_page_without_a_form_takes_the_documents_year_if_there_is_one_only():
    letter = replace(page(number=2), signatures=(signed(3, 30),))
    assert dated(form(2023), letter) == [(datetime.date(2023, 3, 30), "document")]
    assert dated(form(2023), letter, form(2024, 3)) == [(None, None)]
    assert dated(form(None), letter) == [(None, None)]


@pytest.mark.parametrize(
    "signature",
    [signed(3, 30, datetime.date(2022, 3, 30)), signed(None, None), signed(2, 29)],
    ids=["a written year", "no date", "no such day in that year"],
)
def test_nothing_is_inferred_for(signature):
    assert dated(form(2023, 1, signature)) == [(None, None)]


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2090, 12, 31)))
def test_every_day_of_a_year_can_be_signed(day):
    assert dated(form(day.year, 1, signed(day.month, day.day))) == [(day, "form")]
