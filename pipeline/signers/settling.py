"""The signatures of a document -> the same, with names that its pages settle together.

With a roster, signatures that look like one writer's take the name that explains all of them, where it is sure. And
most documents are signed by one person: a name that is sure on one page, and best on another though not surely, is
taken for that one's too. Without a roster, signatures of one writer are read together: the names that explain all of
them best are their candidates, and the first is their name where it is sure. `name_source` is consensus where others
changed the name, and says so. What is not sure has no name; the reading stays beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.elements import Finding, FindingRule, NameSource, PageReading, Severity, Signature
from pipeline.settings import SignatureSettings
from pipeline.signers.consensus import Agreement, choose, read_together
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
    settle = _read_together if settings.roster is None else _chosen
    for places in _by_writer(signatures, writers):
        signatures |= zip(places, settle([signatures[place] for place in places], least), strict=True)
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
                message = (
                    "Signatures that look like one hand's were read differently: they have the name that fits all."
                )
                yield Finding(
                    rule=FindingRule.SIGNATURE_NAME_AGREED,
                    severity=Severity.INFO,
                    message=message,
                    page_number=page.page_number,
                    found=signature.name_read,
                    expected=signature.name,
                )
            elif signature.name_source is NameSource.READ and settings.roster is not None:
                yield Finding(
                    rule=FindingRule.SIGNATURE_UNRESOLVED,
                    severity=Severity.WARNING,
                    message="No name of the roster is surely the signature's: its name stays open.",
                    page_number=page.page_number,
                    found=signature.name_read,
                    expected=signature.candidates[0].name if signature.candidates else None,
                )


def _by_writer(signatures: Mapping[SignaturePlace, Signature], writers: Sequence[WriterGroup]) -> Iterator[WriterGroup]:
    """The places of signatures by writer; those that were not compared with others each by itself."""
    compared = {place for writer in writers for place in writer}
    yield from writers
    yield from ((place,) for place in signatures if place not in compared)


def _read_together(signatures: Sequence[Signature], least: float) -> list[Signature]:
    """Signatures of one writer with the names that explain all of them; the first is theirs where it is sure."""
    names = read_together(signatures)
    if not names:
        return [*signatures]
    best = names[0]
    name = best.name if best.score >= least else None
    return [
        replace(
            signature,
            name=name,
            name_source=NameSource.CONSENSUS if _is_news(name, signature, signatures) else NameSource.READ,
            name_confidence=best.score,
            candidates=names,
        )
        for signature in signatures
    ]


def _is_news(name: str | None, signature: Signature, signatures: Sequence[Signature]) -> bool:
    """Whether others, read differently, gave a signature another name than it was read as."""
    return name is not None and name != signature.name_read and len({one.name_read for one in signatures}) > 1


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
