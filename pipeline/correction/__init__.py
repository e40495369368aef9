"""Doubtful readings, what is known about the form -> corrected texts, each with its reason."""

from __future__ import annotations

from pipeline.correction.correcting import correct, corrected, report_corrections

__all__ = [
    "correct",
    "corrected",
    "report_corrections",
]
