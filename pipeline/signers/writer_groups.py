"""The signatures of a document -> those that look like one writer's together, and findings where one looks unlike them.

Nothing here is forensic: writing that looks the same may be another's, and people write differently in a hurry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Finding, FindingRule, PageReading, Severity, Signature
from pipeline.handwriting import Strokes, same_writer

ALIKE = 0.5
"""A signature is taken for a writer's from this mean probability on: it is then as probably that writer's as not."""
ANOTHER_WRITER = 0.2
"""A signature less probable than this to be like any of a writer's is clearly another's; benchmarks/same_hand.py counts
how often that is said wrongly."""
LEAST_PAGES = 3
"""A writer must have signed so many pages before anybody is compared with it: of two that differ, neither is the other
one."""
MOST_COMPARED = 6
"""A signature is compared with so many of each writer, so that the comparisons of a long document grow with its pages
alone."""
NEAREST_WRITERS = 3
"""A signature is compared with so many writers, those nearest by coarse strokes, for the same reason."""
COARSE_SLICES = 24
"""A first comparison takes so many slices of a signature: enough to tell names apart."""


class SignaturePlace(NamedTuple):
    """A signature of a document: its page, from 1, and its number on the page, from 0."""

    page_number: int
    signature_index: int


WriterGroup: TypeAlias = tuple[SignaturePlace, ...]
"""Signatures that look like one writer's, in the document's order."""


class _Written(NamedTuple):
    place: SignaturePlace
    strokes: Strokes
    coarse: NDArray[np.float32]


def group_writers(pages: Sequence[PageReading]) -> tuple[WriterGroup, ...]:
    """Put the signatures of a document together by their writer, in its order; those without strokes are left out.

    Args:
        pages: the document's pages.
    """
    writers: list[list[_Written]] = []
    for written in _all_written(pages):
        near = sorted(writers, key=lambda writer: _coarse_distance(written, writer))[:NEAREST_WRITERS]
        likeness = [(float(np.mean(_likenesses(written, writer))), writer) for writer in near]
        best, home = max(likeness, key=lambda one: one[0], default=(0.0, None))
        if home is not None and best >= ALIKE:
            home.append(written)
        else:
            writers.append([written])
    return tuple(tuple(written.place for written in writer) for writer in writers)


def report_other_writers(pages: Sequence[PageReading], writers: Sequence[WriterGroup]) -> Iterator[Finding]:
    """A finding for each signature that looks clearly unlike those of the writer that signed most of the document.

    Args:
        pages: the document's pages, their names settled.
        writers: from `group_writers`.
    """
    signatures = signatures_by_place(pages)
    written = {one.place: one for one in _all_written(pages)}
    signed = {place.page_number for place in written}
    usual = [writer for writer in writers if _signs_most(writer, len(signed))]
    members = [[written[place] for place in writer] for writer in usual]
    at_home = {place for writer in usual for place in writer}
    for place, one in written.items() if usual else ():
        if place in at_home:
            continue
        most = max(max(_likenesses(one, writer)) for writer in members)
        if most < ANOTHER_WRITER:
            yield Finding(
                rule=FindingRule.SIGNED_BY_ANOTHER_HAND,
                severity=Severity.WARNING,
                message="The signature looks unlike those of the other pages: somebody else may have signed.",
                page_number=place.page_number,
                found=_named(signatures[place]),
                expected=_named(signatures[usual[0][0]]),
            )


def signatures_by_place(pages: Sequence[PageReading]) -> dict[SignaturePlace, Signature]:
    """All signatures of a document, in its order."""
    return {SignaturePlace(page.page_number, i): s for page in pages for i, s in enumerate(page.signatures)}


def _named(signature: Signature) -> str | None:
    """The name as resolved, or where it is open, as read."""
    return signature.name or signature.name_read


def _signs_most(writer: WriterGroup, signed_pages: int) -> bool:
    pages = len({place.page_number for place in writer})
    return pages >= LEAST_PAGES and 2 * pages > signed_pages


def _all_written(pages: Sequence[PageReading]) -> Iterator[_Written]:
    for place, signature in signatures_by_place(pages).items():
        strokes = signature.evidence.strokes if signature.evidence else None
        if strokes is not None:
            yield _Written(place, strokes, _coarse(strokes))


def _coarse(strokes: Strokes) -> NDArray[np.float32]:
    """The strokes at a fixed length: what can be compared at once."""
    return np.asarray(cv2.resize(strokes, (strokes.shape[1], COARSE_SLICES), interpolation=cv2.INTER_AREA), np.float32)


def _coarse_distance(written: _Written, writer: Sequence[_Written]) -> float:
    """How far a signature is from the nearest of a writer's first ones, by coarse strokes."""
    return min(float(np.square(written.coarse - other.coarse).sum()) for other in writer[:MOST_COMPARED])


def _likenesses(written: _Written, writer: Sequence[_Written]) -> list[float]:
    """How probably a signature is the same as those of a writer that are nearest by coarse strokes."""
    near = sorted(writer, key=lambda other: float(np.square(written.coarse - other.coarse).sum()))[:MOST_COMPARED]
    return [same_writer(written.strokes, other.strokes) for other in near]
