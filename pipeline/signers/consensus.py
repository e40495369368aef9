"""Signatures of one writer -> the one name that explains all of them, where each says something else, or is not sure.

One name written twelve times is read three ways. Names are scored by what the recogniser saw in all of them: one that
no single page was sure of may be the one that none of them contradicts. With a roster its names are scored, without one
those that the strokes themselves suggest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.elements import Candidate, CtcPosteriors, Signature
from pipeline.handwriting import LONGEST, decode_names, likenesses, name_probabilities, pooled

MOST_HEARD = 24
"""Names are compared with so many signatures, spread over the document: more say nothing else, and each takes some 10
ms."""
MOST_NAMES = 5
"""So many names are listed with a signature."""
LEAST_PROBABLE = 0.05
"""A best name less probable than this explains nothing: the name has more characters, or is in another script."""


class Agreement(NamedTuple):
    """The name that explains all of some signatures best, and the confidence that it is right, 0-1."""

    name: str
    confidence: float


def read_together(signatures: Sequence[Signature]) -> tuple[Candidate, ...]:
    """The names that explain all signatures of one writer best, best first, without a roster (`decode_names`).

    None where the name is of no kind that is composed from characters: as long names, or names in Latin letters.

    Args:
        signatures: of one writer, as they were read.
    """
    short = any(len(signature.name_read or "") <= LONGEST for signature in signatures)
    names = decode_names(heard, MOST_NAMES) if short and (heard := _heard(signatures)) else ()
    if not names or names[0].probability < LEAST_PROBABLE:
        return ()
    return tuple(Candidate(match.name, match.probability) for match in names)


def choose(signatures: Sequence[Signature]) -> Agreement | None:
    """The name of a roster that explains several signatures of one writer best; None where they were not compared.

    All cuts of all signatures count as those of one (`pooled`), so the confidence is as that of a single signature, and
    no surer for their number: what a writer writes like another name is written so each time.

    Args:
        signatures: of one writer, their candidates names of the roster.
    """
    heard = _heard(signatures)
    names = list(dict.fromkeys(candidate.name for signature in signatures for candidate in signature.candidates))
    if len(heard) < 2 or not names:
        return None
    lengths = np.array([len(name) for name in names], np.float64)
    likeness = pooled(np.array([likenesses(cuts, names) for cuts in heard]) / lengths)
    probabilities = name_probabilities(likeness, lengths)
    best = int(np.argmax(probabilities))
    return Agreement(names[best], float(probabilities[best]))


def _heard(signatures: Sequence[Signature]) -> list[tuple[CtcPosteriors, ...]]:
    """What was seen of the names of some signatures, spread over all of them."""
    seen = [signature.evidence.seen for signature in signatures if signature.evidence and signature.evidence.seen]
    return seen[:: math.ceil(len(seen) / MOST_HEARD)] if seen else []
