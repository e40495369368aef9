"""Signatures and the evidence for their names."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.elements.places import Polygon


class SignatureStatus(StrEnum):
    """Whether a page is signed."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    UNSURE = "unsure"


class NameSource(StrEnum):
    """Which evidence gave a signature its name."""

    READ = "read"
    ROSTER = "roster"
    CONSENSUS = "consensus"


class YearSource(StrEnum):
    """Where a signature's year was taken from."""

    WRITTEN = "written"
    """It stands beside the day and the month."""
    FORM = "form"
    """The fiscal year stated by the form on the signature's page."""
    DOCUMENT = "document"
    """The one fiscal year that all forms of the document state."""


class Candidate(NamedTuple):
    """A possible reading of a name, with its confidence."""

    name: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class CtcPosteriors:
    """What a recogniser saw in one cut of a line, kept for the characters that it thought of at all.

    `log_probabilities` (time steps, characters + 1) are natural logarithms, one column for each of `characters`, whose
    first is the CTC blank "", and a last one for every other character. `best` is the score of the best path.
    """

    characters: tuple[str, ...]
    log_probabilities: NDArray[np.float32]
    best: float


@dataclass(frozen=True, slots=True, eq=False)
class NameEvidence:
    """A signature's name as strokes and as seen, until its document's signers are settled; it does not land.

    `strokes` (slices, features) are their shape as `same_hand.py` describes it, None where there is hardly any ink.
    `seen` is one for each cut of the name.
    """

    strokes: NDArray[np.float32] | None
    seen: tuple[CtcPosteriors, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A handwritten name and date on a page.

    `name` is the name as resolved, None where none is sure enough, `name_read` as read; `name_source` says which
    evidence resolved it, and `name_confidence` is that of the name or, where it is open, of the likeliest. `date` is
    known only where the year is written; else `date_inferred` and `year_source` say what it would be and why.
    `printed_name` and `role` stand in print beside it. `crop_png` is the scan's own pixels, encoded. `evidence` is what
    the name is settled by.
    """

    name: str | None
    name_read: str | None
    name_source: NameSource
    name_confidence: float | None
    candidates: tuple[Candidate, ...]
    date_text: str | None
    date_confidence: float | None
    month: int | None
    day: int | None
    date: datetime.date | None
    date_inferred: datetime.date | None
    year_source: YearSource | None
    confidence: float | None
    polygon: Polygon
    crop_png: bytes | None
    table_index: int | None = None
    row: int | None = None
    col: int | None = None
    printed_name: str | None = None
    role: str | None = None
    evidence: NameEvidence | None = field(default=None, compare=False, repr=False)
