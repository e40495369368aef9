"""Readings and records -> findings: what a person should look at, and which records need review."""

from __future__ import annotations

from pipeline.validation.review import DOUBTFUL_READING, mark_for_review
from pipeline.validation.rules import RULES, Rule
from pipeline.validation.validating import validate

__all__ = [
    "DOUBTFUL_READING",
    "RULES",
    "Rule",
    "mark_for_review",
    "validate",
]
