"""The signatures of a document -> those that look like one hand's together, and findings where one looks unlike them.

Nothing here is forensic: a hand that looks the same may be another's, and people write differently in a hurry.
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
"""A signature is taken for a hand's from this mean probability on: it is then as probably that hand's as not."""
ANOTHER_WRITER = 0.2
"""A signature less probable than this to be like any of a hand's is clearly another's; benchmarks/same_hand.py counts
how often that is said wrongly."""
LEAST_PAGES = 3
"""A hand must have signed so many pages before anybody is compared with it: of two that differ, neither is the other
one."""
MOST_COMPARED = 6
"""A signature is compared with so many of each hand, so that the comparisons of a long document grow with its pages
alone."""
NEAREST_WRITERS = 3
"""A signature is compared with so many hands, those that look most like it at a glance, for the same reason."""
GLANCE_SLICES = 24
"""A first look takes so many slices of a signature: enough to tell names apart."""


class SignaturePlace(NamedTuple):
    """A signature of a document: its page, from 1, and its number on the page, from 0."""

    page_number: int
    signature_index: int


OneHand: TypeAlias = tuple[SignaturePlace, ...]
"""Signatures that look like one hand's, in the document's order."""


class _Written(NamedTuple):
    place: SignaturePlace
    strokes: Strokes
    glance: NDArray[np.float32]


def group_writers(pages: Sequence[PageReading]) -> tuple[OneHand, ...]:
    """Put the signatures of a document together by hand, one after the other; those without strokes are left out.

    Args:
        pages: the document's pages.
    """
    hands: list[list[_Written]] = []
    for written in _all_written(pages):
        near = sorted(hands, key=lambda hand: _glance_apart(written, hand))[:NEAREST_WRITERS]
        likeness = [(float(np.mean(_likenesses(written, hand))), hand) for hand in near]
        best, home = max(likeness, key=lambda one: one[0], default=(0.0, None))
        if home is not None and best >= ALIKE:
            home.append(written)
        else:
            hands.append([written])
    return tuple(tuple(written.place for written in hand) for hand in hands)


def report_other_writers(pages: Sequence[PageReading], hands: Sequence[OneHand]) -> Iterator[Finding]:
    """A finding for each signature that looks clearly unlike those of the hand that signed most of the document.

    Args:
        pages: the document's pages, their names settled.
        hands: from `group_writers`.
    """
    signatures = signatures_by_place(pages)
    written = {one.place: one for one in _all_written(pages)}
    signed = {place.page_number for place in written}
    usual = [hand for hand in hands if _signs_most(hand, len(signed))]
    members = [[written[place] for place in hand] for hand in usual]
    at_home = {place for hand in usual for place in hand}
    for place, one in written.items() if usual else ():
        if place in at_home:
            continue
        most = max(max(_likenesses(one, hand)) for hand in members)
        if most < ANOTHER_WRITER:
            yield Finding(
                rule=FindingRule.SIGNED_BY_ANOTHER_HAND,
                severity=Severity.WARNING,
                message="The signature looks unlike those of the other pages: somebody else may have signed.",
                page_number=place.page_number,
                found=signatures[place].name,
                expected=signatures[usual[0][0]].name,
            )


def signatures_by_place(pages: Sequence[PageReading]) -> dict[SignaturePlace, Signature]:
    """All signatures of a document, in its order."""
    return {SignaturePlace(page.page_number, i): s for page in pages for i, s in enumerate(page.signatures)}


def _signs_most(hand: OneHand, signed_pages: int) -> bool:
    pages = len({place.page_number for place in hand})
    return pages >= LEAST_PAGES and 2 * pages > signed_pages


def _all_written(pages: Sequence[PageReading]) -> Iterator[_Written]:
    for place, signature in signatures_by_place(pages).items():
        strokes = signature.evidence.strokes if signature.evidence else None
        if strokes is not None:
            yield _Written(place, strokes, _glance(strokes))


def _glance(strokes: Strokes) -> NDArray[np.float32]:
    """The strokes at a fixed length: what can be compared at once."""
    return np.asarray(cv2.resize(strokes, (strokes.shape[1], GLANCE_SLICES), interpolation=cv2.INTER_AREA), np.float32)


def _glance_apart(written: _Written, hand: Sequence[_Written]) -> float:
    """How far a signature is from the nearest of a hand's first ones, at a glance."""
    return min(float(np.square(written.glance - other.glance).sum()) for other in hand[:MOST_COMPARED])


def _likenesses(written: _Written, hand: Sequence[_Written]) -> list[float]:
    """How probably a signature is the same as those of a hand that look most like it at a glance."""
    near = sorted(hand, key=lambda other: float(np.square(written.glance - other.glance).sum()))[:MOST_COMPARED]
    return [same_writer(written.strokes, other.strokes) for other in near]
