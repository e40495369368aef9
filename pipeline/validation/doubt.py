"""Cells that records rest on, and how sure their readings are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pipeline.elements import CellReading, Finding
from pipeline.settings import OcrSettings
from pipeline.validation.evidence import Evidence
from pipeline.validation.rules import breach

DOUBTFUL_READING = "doubtful_reading"
REVIEW_CONFIDENCE = OcrSettings().review_confidence


def check_readings(evidence: Evidence, review_confidence: float) -> Iterator[Finding]:
    """Each cell of a project and its leaves that could not be read, or was read with little confidence.

    A correction does not settle the doubt.

    Args:
        evidence: of the project.
        review_confidence: cells below it are doubtful, 0-1.
    """
    refs = chain(evidence.project.cells, *(leaf.cells for leaf in evidence.leaves))
    for ref in dict.fromkeys(refs):
        reading = evidence.cells[ref]
        if reading.text is None:
            yield breach("unreadable_cell", ref, evidence.project)
        elif reading.confidence is not None and reading.confidence < review_confidence:
            yield breach(
                DOUBTFUL_READING,
                ref,
                evidence.project,
                found=reading.text,
                expected=_otherwise(reading),
                detail=f"confidence {reading.confidence:.2f}",
            )


def _otherwise(reading: CellReading) -> str | None:
    """What other cuts of a cell were read as, where that is not what it says now."""
    return " / ".join(text for text in reading.alternatives if text != reading.text) or None
