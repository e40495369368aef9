"""Cells that records rest on, and how sure their readings are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pipeline.correction.words import without_stray_marks
from pipeline.elements import CellReading, Finding
from pipeline.settings import OcrSettings
from pipeline.validation.evidence import Evidence
from pipeline.validation.rules import breach
from pipeline.values import half_width

DOUBTFUL_READING = "doubtful_reading"
REVIEW_CONFIDENCE = OcrSettings().review_confidence


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
            yield breach("unreadable_cell", ref, evidence.project)
        elif low or otherwise:
            detail = None if reading.confidence is None else f"confidence {reading.confidence:.2f}"
            texts = {"found": reading.text, "expected": " / ".join(otherwise) or None, "detail": detail}
            yield breach(DOUBTFUL_READING, ref, evidence.project, **texts)


def _otherwise(reading: CellReading) -> tuple[str, ...]:
    """What other cuts of a cell were read as, where that differs in more than marks at the ends."""
    said = _plain(reading.text or "")
    return tuple(text for text in reading.alternatives if _plain(text) != said)


def _plain(text: str) -> str:
    return without_stray_marks(half_width(text))
