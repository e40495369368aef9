"""Forms drawn in text, and the findings that the validation has on them."""

from __future__ import annotations

from readings import drawn, line, page

from pipeline.forms.profiles import load_profiles
from pipeline.hierarchy.interpretation import interpret
from pipeline.settings.settings import FormSettings
from pipeline.validation import validate

SETTINGS = FormSettings()
PROFILES = load_profiles(SETTINGS)
TITLE = "县司法局2023年部门预算项目支出绩效目标公开表"

FORM = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 107 | 县司法局 | | | ^ | ^ | ^ | ^ |
| 合计 | | TOTAL | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 107001 | 普法经费 | AMOUNT | 目标1：印发手册 | 产出指标 | 数量指标 | 印发手册 | 1000册 |
| ^ | ^ | ^ | ^ | ^ | 成本指标 | 印刷成本 | ≤15元/册 |
"""
DECLARATION = """
| 项目名称 | 演练经费 | < | < | < |
| 主管部门 | 县政府 | < | 实施单位 | 县应急局 |
| 项目资金（万元） | 年度资金总额 | < | 45.52 | < |
| ^ | 其中：财政拨款 | < | PART | < |
| ^ | 其他资金 | < | 5.52 | < |
| 年度目标 | 办好演练 | < | < | < |
| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| ^ | 产出指标 | 数量指标 | 演练场次 | 3场 |
"""
SOUND = FORM.replace("TOTAL", "").replace("AMOUNT", "15.00")


def with_leaves(*leaves, amount="15.00", goals="目标1：印发手册"):
    """A form with the given leaves, each "level1 | level2 | level3 | value"; its project stands beside all of them."""
    head = SOUND.strip().splitlines()[:3]
    first, *others = leaves
    body = [
        f"| 107001 | 普法经费 | {amount} | {goals} | {first} |",
        *(f"| ^ | ^ | ^ | ^ | {leaf} |" for leaf in others),
    ]
    return "\n".join([*head, *body])


def with_value(name, value, level2="质量指标"):
    """A form with one leaf."""
    return with_leaves(f"产出指标 | {level2} | {name} | {value}")


def document(*pictures):
    """Pages of one table each; None is a page that did not land."""
    return [
        page([drawn(picture)], [line(TITLE)], number)
        for number, picture in enumerate(pictures, 1)
        if picture is not None
    ]


def check(pages, n_pages=None, **settings):
    """The findings of a document's pages."""
    return validate(pages, interpret(pages, PROFILES, SETTINGS), PROFILES, n_pages or len(pages), **settings)


def findings(*pictures):
    return check(document(*pictures), len(pictures))


def rules(found):
    """The names of the rules that were broken, in order of name."""
    return sorted(finding.rule for finding in found)


def where(finding):
    return finding.rule, finding.row, finding.col, finding.found


def summed(total, *amounts):
    """A document whose first page prints a total, with a page for each amount; None is a page that did not land."""
    pictures = [None if amount is None else FORM.replace("AMOUNT", amount) for amount in amounts]
    return [p and p.replace("TOTAL", "" if place else total) for place, p in enumerate(pictures)]
