"""Pages that are signed, with what is kept of their names: nothing is drawn but the strokes, nothing is recognised."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from readings import box, page
from written_names import strokes_of, written

from pipeline.elements import Candidate, NameEvidence, NameSource, Signature
from pipeline.handwriting.name_evidence import keep_posteriors
from pipeline.handwriting.writer_similarity import describe_writing

ALPHABET = ("", *"贺成才加页木本王涛赵雪")


def seen(*places, rest=0.002):
    """What was seen of a name: at each of its places the probabilities of characters."""
    table = np.full((2 * len(places) - 1, len(ALPHABET)), rest)
    table[1::2, 0] = 1.0
    for place, characters in enumerate(places):
        for character, probability in characters.items():
            table[2 * place, ALPHABET.index(character)] = probability
    return keep_posteriors(np.log(table / table.sum(axis=1, keepdims=True)).astype(np.float32), ALPHABET)


@cache
def strokes(name, hand, seed=0):
    """The strokes of a name that a hand writes a little otherwise each time."""
    return describe_writing(written(strokes_of(name, hand, wobble=2.0, seed=seed)), 3.0)


def signature(*candidates, source=NameSource.READ, shape=None, cuts=()):
    """A signature that was read as the first of its candidates (name, confidence), if there are any.

    Its name is open as long as no roster gave it one.
    """
    read, confidence = candidates[0] if candidates else (None, None)
    name = None if source is NameSource.READ else read
    return Signature(
        name=name, name_read=read, name_source=source, name_confidence=confidence,
        candidates=tuple(Candidate(*one) for one in candidates), date_text=None, date_confidence=None, month=None,
        day=None, date=None, date_inferred=None, year_source=None, confidence=0.9, polygon=box(0, 0, 10, 10),
        crop_png=None, evidence=NameEvidence(shape, tuple(cuts)),
    )  # fmt: skip


def pages_signed(*signed):
    """Pages from 1 on; each is signed once, or by all of a list, or not at all (None)."""
    each = [tuple(s) if isinstance(s, list) else (s,) if s else () for s in signed]
    return [replace(page(number=number), signatures=own) for number, own in enumerate(each, 1)]
