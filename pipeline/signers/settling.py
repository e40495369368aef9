"""The signatures of a document -> the same, with names that its pages settle together.

With a roster, signatures that look like one writer's take the name that explains all of them, where it is sure. And
most documents are signed by one person: a name that is sure on one page, and best on another though not surely, is
taken for that one's too. Without a roster, signatures of one writer take the one reading that explains all of them.
`name_source` is then consensus, and says so. What stays open keeps the name as read, with a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.elements import Finding, FindingRule, NameSource, PageReading, Severity, Signature
from pipeline.settings import SignatureSettings
from pipeline.signers.consensus import Agreement, agree, choose
from pipeline.signers.writer_groups import SignaturePlace, WriterGroup, signatures_by_place

ONE_SIGNER_ODDS = 9.0
"""Of the documents that someone surely signed, nine in ten are signed by nobody else."""
LEAST_LIKE = 0.2
"""A name less probable than this by the strokes alone is not made sure by other pages."""


def settle_signers(
    pages: Sequence[PageReading], writers: Sequence[WriterGroup], settings: SignatureSettings
) -> tuple[PageReading, ...]:
    """Give signatures that are not sure by themselves the name that the document's others make sure, or likelier.

    Args:
        pages: the document's pages, their signatures matched with the roster.
        writers: which of the signatures look like one writer's.
        settings: the roster, and how sure a name must be.
    """
    least, signatures = settings.resolve_confidence, signatures_by_place(pages)
    for writer in writers:
        own = [signatures[place] for place in writer]
        signatures |= zip(writer, _agreed(own) if settings.roster is None else _chosen(own, least), strict=True)
    if settings.roster is not None:
        sure = {s.name for s in signatures.values() if s.name_source is not NameSource.READ}
        signatures = {place: _settled(signature, sure, least) for place, signature in signatures.items()}
    return tuple(
        replace(page, signatures=tuple(signatures[SignaturePlace(page.page_number, i)] for i in range(len(signed))))
        if (signed := page.signatures)
        else page
        for page in pages
    )


def report_unresolved(pages: Sequence[PageReading], settings: SignatureSettings) -> Iterator[Finding]:
    """A finding for each signature for which no name of the roster is sure enough, or whose pages agreed on another."""
    for page in pages:
        for signature in page.signatures:
            if signature.name_source is NameSource.CONSENSUS and settings.roster is None:
                yield from _renamed(page, signature, settings.resolve_confidence)
            elif signature.name_source is NameSource.READ and settings.roster is not None:
                yield Finding(
                    rule=FindingRule.SIGNATURE_UNRESOLVED,
                    severity=Severity.WARNING,
                    message="No name of the roster is surely the signature's: the name stands as it was read.",
                    page_number=page.page_number,
                    found=signature.name_read,
                    expected=signature.candidates[0].name if signature.candidates else None,
                )


def _renamed(page: PageReading, signature: Signature, least: float) -> Iterator[Finding]:
    if signature.name != signature.name_read:
        yield Finding(
            rule=FindingRule.SIGNATURE_NAME_AGREED,
            severity=Severity.INFO if (signature.name_confidence or 0.0) >= least else Severity.WARNING,
            message="Signatures that look like one hand's were read differently: they have the name that fits all.",
            page_number=page.page_number,
            found=signature.name_read,
            expected=signature.name,
        )


def _agreed(signatures: Sequence[Signature]) -> list[Signature]:
    """Signatures of one writer that were read differently under the one name that explains them all."""
    agreement = agree(signatures)
    return [_under(signature, agreement) if agreement else signature for signature in signatures]


def _chosen(signatures: Sequence[Signature], least: float) -> list[Signature]:
    """Signatures of one writer under the name of the roster that surely explains them all; who is sure stays so.

    Where two are sure of two names, they are of several writers.
    """
    sure = {signature.name for signature in signatures if signature.name_source is not NameSource.READ}
    open_ones = any(signature.name_source is NameSource.READ for signature in signatures)
    choice = choose(signatures) if open_ones and len(sure) < 2 else None
    if choice is None or choice.confidence < least or sure - {choice.name}:
        return [*signatures]
    return [_under(one, choice) if one.name_source is NameSource.READ else one for one in signatures]


def _under(signature: Signature, agreement: Agreement) -> Signature:
    name, confidence = agreement
    return replace(signature, name=name, name_source=NameSource.CONSENSUS, name_confidence=confidence)


def _settled(signature: Signature, sure: set[str | None], least: float) -> Signature:
    best = signature.candidates[0] if signature.candidates else None
    if signature.name_source is not NameSource.READ or best is None or best.name not in sure or best.score < LEAST_LIKE:
        return signature
    probability = best.score * ONE_SIGNER_ODDS / (best.score * ONE_SIGNER_ODDS + 1 - best.score)
    if probability < least:
        return signature
    return replace(signature, name=best.name, name_source=NameSource.CONSENSUS, name_confidence=probability)
