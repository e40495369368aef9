"""Characters -> what they say: normal forms, amounts and targets, the marks that are no text, and alignments."""

from __future__ import annotations

from pipeline.text.alignment import Alignment, align, best_sums
from pipeline.text.normalise import KNOWN_TEXTS, half_width, has_content, one_line
from pipeline.text.options import Option, read_options
from pipeline.text.quantities import (
    COMPARATORS,
    LEAP_YEAR,
    NUMBER,
    SIGNS,
    WAN_PER_UNIT,
    amount_unit,
    parse_amount,
    parse_date,
    parse_target,
    target_in_wan,
)
from pipeline.text.stray_marks import is_rate, without_stray_marks
from pipeline.text.units import MeantUnit, is_composed, meant_units
from pipeline.text.variants import ScriptCounts, count_scripts, simplified

__all__ = [
    "COMPARATORS",
    "KNOWN_TEXTS",
    "LEAP_YEAR",
    "NUMBER",
    "SIGNS",
    "WAN_PER_UNIT",
    "Alignment",
    "MeantUnit",
    "Option",
    "ScriptCounts",
    "align",
    "amount_unit",
    "best_sums",
    "count_scripts",
    "half_width",
    "has_content",
    "is_composed",
    "is_rate",
    "meant_units",
    "one_line",
    "parse_amount",
    "parse_date",
    "parse_target",
    "read_options",
    "simplified",
    "target_in_wan",
    "without_stray_marks",
]
