"""Signatures of one writer -> the one name that explains all of them, where each says something else, or is not sure.

One name written twelve times is read three ways. Each way is scored by what the recogniser saw in all of them: a name
that no single page was sure of may be the one that none of them contradicts. With a roster its names are scored so.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.elements import Signature
from pipeline.handwriting import likenesses, name_probabilities, pooled

MOST_PER_PLACE = 4
"""So many characters at each place of a name are mixed with those of other places: 256 names of four characters."""
LONGEST_MIXED = 4
"""Longer names are taken as they were read: mixed, they would be thousands."""
MOST_HEARD = 24
"""Names are compared with so many signatures, spread over the document: more say nothing else, and each takes some 10
ms."""
LEAST_LIKE = -3.0
"""A name that is further behind the best reading of any kind, in nats per character on the mean, explains nothing."""
SURER_TOGETHER = 0.5
"""The power of the mean confidence of the pages that read the name: together they are surer than each, but less than
if their errors had nothing to do with each other, as one writer is misread in the same way each time."""


class Agreement(NamedTuple):
    """The name that explains all of some signatures best, and the confidence that it is right, 0-1."""

    name: str
    confidence: float


def agree(signatures: Sequence[Signature]) -> Agreement | None:
    """The name of several signatures of one writer; None where they were all read alike, or no name explains them all.

    Args:
        signatures: of one writer, as they were read.
    """
    seen = [signature.evidence.seen for signature in signatures if signature.evidence and signature.evidence.seen]
    readings = {signature.name_read for signature in signatures if signature.name_read}
    if len(seen) < 2 or len(readings) < 2:
        return None
    names = _possible_names(signatures)
    heard = seen[:: math.ceil(len(seen) / MOST_HEARD)]
    likeness = np.mean([likenesses(cuts, names) for cuts in heard], axis=0)
    best = int(np.argmax(likeness))
    if likeness[best] < LEAST_LIKE * len(names[best]):
        return None
    mean = sum(_confidence(signature, names[best]) for signature in signatures) / len(signatures)
    return Agreement(names[best], mean**SURER_TOGETHER)


def choose(signatures: Sequence[Signature]) -> Agreement | None:
    """The name of a roster that explains several signatures of one writer best; None where they were not compared.

    All cuts of all signatures count as those of one (`pooled`), so the confidence is as that of a single signature, and
    no surer for their number: what a writer writes like another name is written so each time.

    Args:
        signatures: of one writer, their candidates names of the roster.
    """
    seen = [signature.evidence.seen for signature in signatures if signature.evidence and signature.evidence.seen]
    names = list(dict.fromkeys(candidate.name for signature in signatures for candidate in signature.candidates))
    if len(seen) < 2 or not names:
        return None
    heard = seen[:: math.ceil(len(seen) / MOST_HEARD)]
    lengths = np.array([len(name) for name in names], np.float64)
    likeness = pooled(np.array([likenesses(cuts, names) for cuts in heard]) / lengths)
    probabilities = name_probabilities(likeness, lengths)
    best = int(np.argmax(probabilities))
    return Agreement(names[best], float(probabilities[best]))


def _possible_names(signatures: Iterable[Signature]) -> list[str]:
    """All readings of all cuts, and what their characters make when mixed place by place; the surest readings first."""
    weights: dict[str, float] = defaultdict(float)
    for candidate in itertools.chain.from_iterable(signature.candidates for signature in signatures):
        weights[candidate.name] += candidate.score
    read = sorted(weights, key=lambda name: (-weights[name], name))
    names = dict.fromkeys(read)
    for length in range(1, LONGEST_MIXED + 1):
        alike = [name for name in read if len(name) == length]
        places = [list(dict.fromkeys(name[place] for name in alike))[:MOST_PER_PLACE] for place in range(length)]
        names.update(dict.fromkeys("".join(mixed) for mixed in itertools.product(*places) if alike))
    return list(names)


def _confidence(signature: Signature, name: str) -> float:
    """How sure a signature was of a name by itself; 0 where none of its cuts was read so."""
    return max((candidate.score for candidate in signature.candidates if candidate.name == name), default=0.0)
