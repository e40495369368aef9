"""Signatures of a document -> whose each is, and in which year: conclusions over several signatures."""

from __future__ import annotations

from pipeline.signers.settling import report_unresolved, settle_signers
from pipeline.signers.writer_groups import ALIKE, ANOTHER_WRITER, group_writers, report_other_writers
from pipeline.signers.years import infer_years

__all__ = [
    "ALIKE",
    "ANOTHER_WRITER",
    "group_writers",
    "infer_years",
    "report_other_writers",
    "report_unresolved",
    "settle_signers",
]
