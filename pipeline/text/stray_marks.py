"""A text -> the text without the marks that dust and the remains of ruling read as."""

from __future__ import annotations

from pipeline.text.normalise import half_width

STRAY = ".,·。，、;:'`\"-_~*•'"
"""Dust and the remains of ruling are read as these marks; no entry, name or value begins or ends with them."""


def without_stray_marks(text: str) -> str:
    """A text without marks at its ends; a point before a digit stays, as it may be a decimal point.

    Example:
        >>> without_stray_marks(".≥95%"), without_stray_marks("数量指标。"), without_stray_marks(".5")
        ('≥95%', '数量指标', '.5')
    """
    kept = text.strip(STRAY + " ")
    begin = text.index(kept) if kept else 0
    point = kept[:1].isdecimal() and text[:begin].rstrip()[-1:] in {".", "。", "·"}
    return text[begin - 1 : begin] + kept if point else kept


def is_rate(name: str | None) -> bool:
    """Whether an indicator of this name is a percentage."""
    plain = half_width(name or "").rstrip(")")
    return plain.endswith(RATE_ENDS) and not plain.endswith(NO_RATES)


RATE_ENDS = ("率", "满意度", "比例", "比重", "占比")
"""Indicators whose name ends so are percentages: each word says that something is a share."""
NO_RATES = (
    "频率",
    "效率",
    "功率",
    "速率",
    "心率",
    "汇率",
    "倍率",
    "比率",
    "税率",
    "利率",
    "容积率",
    "分辨率",
    "发生率",
)
"""These names end like those of shares as well, but their values may have other units, or none."""
