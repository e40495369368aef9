"""Pictures of the two built-in forms, filled in and read without a mistake."""

from __future__ import annotations

from pipeline.forms.profiles import load_profiles
from pipeline.settings.settings import FormSettings

SETTINGS = FormSettings()
PROFILES = load_profiles(SETTINGS)

TITLE = "祁连县司法局2023年部门预算项目支出绩效目标公开表"
TARGETS = """
| 单位编码 | 单位及项目名称 | 金额 (万元) | 绩效目标 | 绩效指标 | < | < | < |
| 107 | 祁连县司法局 | | | ^ | ^ | ^ | ^ |
| 合计 | | 15.00 | | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| 107001 | 普法宣传 经费 | 15.00 | 目标1：印发手册； 目标2：办班 | 产出指标 | 数量指标 | 印发手册 | 1000册 |
| ^ | ^ | ^ | ^ | ^ | ^ | 办班次数 | ≥3次 |
| ^ | ^ | ^ | ^ | ^ | 成本指标 | 印刷成本 | ≤15万元 |
| ^ | ^ | ^ | ^ | 满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥95% |
| 备注：一个项目一张表 | < | < | < | < | < | < | < |
"""
DECLARATION = """
| 项目名称 | 演练经费 | < | < | < |
| 主管部门 | 县政府 | < | 实施单位 | 县应急局 |
| 项目资金（万元） | 年度资金总额 | < | 45.52 | < |
| ^ | 其中：财政拨款 | < | 40.00 | < |
| ^ | 其他资金 | < | 5.52 | < |
| 年度目标 | 办好演练 | < | < | < |
| 绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值 |
| ^ | 产出指标 | 数量指标 | 演练场次 | 3场 |
| ^ | 效益指标 | 社会效益 | 群众知晓率 | ≥90% |
"""
