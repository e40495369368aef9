"""Findings, and how a page or a document ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.elements.rules import FindingRule, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know, and the place it is about (None where it is about something larger)."""

    rule: FindingRule
    severity: Severity
    message: str
    page_number: int | None = None
    project_index: int | None = None
    table_index: int | None = None
    row: int | None = None
    col: int | None = None
    found: str | None = None
    expected: str | None = None


class Status(StrEnum):
    """How a page or a document ended."""

    LANDED = "landed"
    PARTIAL = "partial"
    QUARANTINED = "quarantined"
