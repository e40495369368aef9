"""Signatures of a document -> whose each is, and in which year: conclusions over several signatures."""

from __future__ import annotations

from pipeline.signers.settling import report_unresolved, settle_signers
from pipeline.signers.writer_groups import ALIKE, ANOTHER_HAND, group_hands, report_other_hands
from pipeline.signers.years import infer_years

__all__ = [
    "ALIKE",
    "ANOTHER_HAND",
    "group_hands",
    "infer_years",
    "report_other_hands",
    "report_unresolved",
    "settle_signers",
]
