"""Findings, records -> which records a person should look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from pipeline.elements import (
    CellReading,
    Finding,
    FindingRule,
    Indicator,
    Interpretation,
    Project,
    Severity,
    TableRow,
)
from pipeline.settings import OcrSettings
from pipeline.text import half_width, without_stray_marks
from pipeline.validation.evidence import Evidence
from pipeline.validation.rules import breach


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

    def doubtful(record: Project | Indicator | TableRow) -> bool:
        places: set[tuple[int | None, ...]] = {tuple(ref) for ref in record.cells}
        places |= {(ref.page_number, ref.table_index, None, None) for ref in record.cells}
        if not isinstance(record, Project):
            places.add((record.page_number, record.table_index, record.row, None))
        low = record.confidence is not None and record.confidence < review_confidence
        return low or bool(places & named) or (isinstance(record, Project) and record.project_index in doubted)

    return replace(
        interpretation,
        projects=tuple(replace(record, needs_review=doubtful(record)) for record in interpretation.projects),
        indicators=tuple(replace(record, needs_review=doubtful(record)) for record in interpretation.indicators),
        rows=tuple(replace(record, needs_review=doubtful(record)) for record in interpretation.rows),
    )


REVIEW_CONFIDENCE = OcrSettings().review_confidence
"""Where nobody asks for another one, readings are doubtful below the confidence of the default settings."""


def check_readings(evidence: Evidence, review_confidence: float) -> Iterator[Finding]:
    """Each cell of a project and its leaves that could not be read, or whose reading is doubtful.

    A reading is doubtful where its confidence is low, and where another cut of the cell was read as something else,
    marks at its ends apart: confidence says how sure one reading is, not whether the next one agrees. A correction does
    not settle the doubt.

    Args:
        evidence: of the project.
        review_confidence: lower confidences, 0-1, are low.
    """
    refs = chain(evidence.project.cells, *(leaf.cells for leaf in evidence.leaves))
    for ref in dict.fromkeys(refs):
        reading = evidence.cells[ref]
        otherwise = _otherwise(reading)
        low = reading.confidence is not None and reading.confidence < review_confidence
        if reading.text is None:
            yield breach(FindingRule.UNREADABLE_CELL, ref, evidence.project)
        elif low or otherwise:
            detail = None if reading.confidence is None else f"confidence {reading.confidence:.2f}"
            texts = {"found": reading.text, "expected": " / ".join(otherwise) or None, "detail": detail}
            yield breach(FindingRule.DOUBTFUL_READING, ref, evidence.project, **texts)


def _otherwise(reading: CellReading) -> tuple[str, ...]:
    """What other cuts of a cell were read as, where that differs in more than marks at the ends."""
    said = _plain(reading.text or "")
    return tuple(text for text in reading.alternatives if _plain(text) != said)


def _plain(text: str) -> str:
    return without_stray_marks(half_width(text))
