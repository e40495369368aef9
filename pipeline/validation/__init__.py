"""Readings and records -> findings: what a person should look at, and which records need review."""

from __future__ import annotations

from pipeline.validation.review import mark_for_review
from pipeline.validation.validating import validate

__all__ = [
    "mark_for_review",
    "validate",
]
