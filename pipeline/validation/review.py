"""Findings, records -> which records a person should look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeline.elements import CellRef, Finding, Indicator, Interpretation, Project, Severity


def mark_for_review(
    interpretation: Interpretation, findings: Iterable[Finding], review_confidence: float
) -> Interpretation:
    """The interpretation with each record's `needs_review` decided.

    A record needs review when its confidence is lower than `review_confidence`, or when a warning or an error names a
    cell, a row or a table that it rests on, or the project itself. An info never asks for review.

    Args:
        interpretation: the records.
        findings: all findings of the document, those of its pages too.
        review_confidence: 0-1.
    """
    serious = [finding for finding in findings if finding.severity is not Severity.INFO]
    named = {(f.page_number, f.table_index, f.row, f.col) for f in serious if f.table_index is not None}
    doubted = {f.project_index for f in serious if f.table_index is None and f.project_index is not None}

    def doubtful(record: Project | Indicator) -> bool:
        places = {(r.page_number, r.table_index, row, col) for r in record.cells for row, col in _wider(r)}
        if isinstance(record, Indicator):
            places.add((record.page_number, record.table_index, record.row, None))
        low = record.confidence is not None and record.confidence < review_confidence
        return low or bool(places & named) or (isinstance(record, Project) and record.project_index in doubted)

    return replace(
        interpretation,
        projects=tuple(replace(record, needs_review=doubtful(record)) for record in interpretation.projects),
        indicators=tuple(replace(record, needs_review=doubtful(record)) for record in interpretation.indicators),
    )


def _wider(ref: CellRef) -> tuple[tuple[int | None, int | None], ...]:
    """The cell's own place, and its whole table's."""
    return (ref.row, ref.col), (None, None)
