"""The signatures of a document -> the same, with names that its pages settle together.

Most documents are signed by one person. A hand that the roster's name explains surely on one page, and best on another
though not surely, is taken for the same person's there: `name_source` is then consensus, and says so. What stays open
keeps the name as read, with a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from pipeline.elements import Finding, PageReading, Severity, Signature
from pipeline.settings import SignatureSettings

ONE_SIGNER_ODDS = 9.0
"""Of the documents that someone surely signed, nine in ten are signed by nobody else."""
LEAST_LIKE = 0.2
"""A name less probable than this by the strokes alone is not made sure by other pages."""


class NameSource(StrEnum):
    """Which evidence gave a signature its name."""

    READ = "read"
    ROSTER = "roster"
    CONSENSUS = "consensus"


def settle_signers(pages: Sequence[PageReading], settings: SignatureSettings) -> tuple[PageReading, ...]:
    """Give signatures that are not sure by themselves the name that another page of the document is sure of.

    Only with a roster: readings alone that agree may all be wrong in the same way.

    Args:
        pages: the document's pages, their signatures matched with the roster.
        settings: the roster, and how sure a name must be.
    """
    if settings.roster is None:
        return tuple(pages)
    sure = {s.name for page in pages for s in page.signatures if s.name_source == NameSource.ROSTER}
    return tuple(
        replace(page, signatures=tuple(_settled(s, sure, settings.resolve_confidence) for s in page.signatures))
        for page in pages
    )


def report_unresolved(pages: Sequence[PageReading], settings: SignatureSettings) -> Iterator[Finding]:
    """A finding for each signature for which no name of the roster is sure enough."""
    for page in pages if settings.roster else ():
        for signature in page.signatures:
            if signature.name_source == NameSource.READ:
                yield Finding(
                    rule="signature_unresolved",
                    severity=Severity.WARNING,
                    message="No name of the roster is surely the signature's: the name stands as it was read.",
                    page_number=page.page_number,
                    found=signature.name_read,
                    expected=signature.candidates[0].name if signature.candidates else None,
                )


def _settled(signature: Signature, sure: set[str | None], least: float) -> Signature:
    best = signature.candidates[0] if signature.candidates else None
    if signature.name_source != NameSource.READ or best is None or best.name not in sure or best.score < LEAST_LIKE:
        return signature
    probability = best.score * ONE_SIGNER_ODDS / (best.score * ONE_SIGNER_ODDS + 1 - best.score)
    if probability < least:
        return signature
    return replace(signature, name=best.name, name_source=NameSource.CONSENSUS, name_confidence=probability)
