"""Upright page and its margins -> signatures: handwriting outside the tables, with its name, its date and its place.

Whether a page is signed is answered with its evidence (`signature_evidence.py`). Print, specks, ticks, seals and page
edges are no signature; a page without one is an answer too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2

from pipeline.date_findings import report_dates
from pipeline.elements import (
    BBox,
    Candidate,
    Finding,
    LineKind,
    Polygon,
    Severity,
    Signature,
    SignatureStatus,
    TextLine,
    Upright,
)
from pipeline.engines import Engines, Recogniser
from pipeline.geometry import bounding_box, map_polygon, mm_to_px
from pipeline.handwritten_dates import DateReading
from pipeline.lines import joined_quad
from pipeline.margins import MarginLine, PageView
from pipeline.roster import read_roster
from pipeline.sealed_lines import find_gray_seals, is_of_seal
from pipeline.settings import Settings
from pipeline.signature_clusters import find_clusters, halves_of, row_members, rows_of
from pipeline.signature_evidence import (
    NAME_LENGTHS,
    signature_parts,
    signature_probability,
)
from pipeline.signature_reading import SignatureReading, read_signature
from pipeline.signers import NameSource
from pipeline.signing_dates import YearSource

SURE_LIKENESS = -1.5
"""Dates less than this many nats per character behind what they look most like are dates."""
SAME_SHARE = 0.5
"""Signatures with this share of the smaller one in common are the same."""
UNSURE_SHARE = 0.5
"""Handwriting less sure than the settings ask for, but more than this share of it, leaves the page unsure."""
CROP_MARGIN_MM = 2.0
MAX_CANDIDATES = 5
"""Names of the roster that land with a signature."""


SIGNED_FIRST = (SignatureStatus.SIGNED, SignatureStatus.UNSURE, SignatureStatus.UNSIGNED)


@dataclass(frozen=True, slots=True)
class SignaturePage:
    """The signatures of a page, whether it is signed, and its lines, those of a signature marked as such."""

    signatures: tuple[Signature, ...]
    status: SignatureStatus
    lines: tuple[TextLine, ...]
    findings: tuple[Finding, ...] = ()

    def joined(self, other: SignaturePage) -> SignaturePage:
        """Both as one: of the same page, looked at otherwise. What was found here is not found a second time."""
        boxes = [bounding_box(own.polygon) for own in self.signatures]
        more = [one for one in other.signatures if not any(_overlap(bounding_box(one.polygon), box) for box in boxes)]
        status = min(self.status, other.status, key=SIGNED_FIRST.index)
        findings = dict.fromkeys((*self.findings, *other.findings))
        return SignaturePage(
            signatures=(*self.signatures, *more),
            status=status,
            lines=(*self.lines, *other.lines),
            findings=tuple(f for f in findings if f.rule != "signature_unsure" or status is SignatureStatus.UNSURE),
        )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Lines that may be a signature: their places among all, themselves, what they say, and how probably they are."""

    members: tuple[int, ...]
    pieces: tuple[MarginLine, ...]
    reading: SignatureReading
    confidence: float


def _overlap(a: BBox, b: BBox) -> bool:
    """Whether two boxes have half of the smaller one in common."""
    across, down = min(a.right, b.right) - max(a.left, b.left), min(a.bottom, b.bottom) - max(a.top, b.top)
    return across > 0 and down > 0 and across * down >= SAME_SHARE * min(a.area, b.area)


class _Written(NamedTuple):
    """What signatures are looked for in, who reads it, and the roster's names."""

    view: PageView
    recogniser: Recogniser
    names: Sequence[str]


def find_signatures(view: PageView, engines: Engines, settings: Settings) -> SignaturePage:
    """Find and read the signatures among lines outside the tables, in cells made for signing, or across print.

    Args:
        view: the lines of one of these places.
        engines: the recogniser reads names and dates.
        settings: `signature` says how sure a signature must be, `landing` whether its crop is kept.
    """
    own = settings.signature
    names = [person.name for person in read_roster(own.roster)] if own.roster else []
    written = _Written(view, engines.recogniser, names)
    clusters = find_clusters(view.lines) if own.enabled else ()
    candidates = [one for members in clusters for one in _candidates(written, members, own.min_confidence)]
    likely = [one for one in candidates if one.confidence >= UNSURE_SHARE * own.min_confidence]
    stamped = _of_seals(view.upright, likely)
    signed = [one for one in likely if one not in stamped and one.confidence >= own.min_confidence]
    signatures = tuple(_signature(view.upright, one, settings) for one in signed)
    kinds = {i: LineKind.SIGNATURE for one in signed for i in one.members}
    kinds |= {i: LineKind.SEAL for one in stamped for i in one.members}
    landed = tuple(
        replace(line.text_line, kind=kinds.get(i, line.text_line.kind))
        for i, line in enumerate(view.lines)
        if view.lines_land or i in kinds
    )
    unsure = SignatureStatus.UNSURE if len(likely) > len(stamped) else SignatureStatus.UNSIGNED
    status = SignatureStatus.SIGNED if signatures else unsure
    dates = [one.reading.date for one in signed if one.reading.date]
    return SignaturePage(signatures, status, landed, tuple(_findings(view.upright.page.page_number, dates, status)))


def _candidates(written: _Written, members: Sequence[int], least: float) -> list[_Candidate]:
    """Lines that stand together as one signature, or where several parts of them are names by themselves, as several.

    Parts are rows, and the halves of a long row. What is no name, such as a date, belongs to the name before it.
    """
    whole = _candidate(written, members)
    rows = [part for row in row_members(written.view.lines, members) for part in halves_of(written.view.lines, row)]
    alone = [_candidate(written, row) for row in rows] if len(rows) > 1 else []
    named = [i for i, one in enumerate(alone) if one.confidence >= least and _is_name(one.reading)]
    if len(named) < 2:
        return [whole]
    groups: dict[int, list[int]] = {i: [] for i in named}
    for index, row in enumerate(rows):
        groups[max((i for i in named if i <= index), default=named[0])] += row
    return [alone[i] if group == rows[i] else _candidate(written, group) for i, group in groups.items()]


def _is_name(reading: SignatureReading) -> bool:
    return reading.name is not None and len(reading.name.text) in NAME_LENGTHS


def _candidate(written: _Written, members: Sequence[int]) -> _Candidate:
    view, pieces = written.view, tuple(written.view.lines[i] for i in members)
    reading = read_signature(view.upright, rows_of(pieces), written.recogniser, written.names)
    probability = signature_probability(view.upright, pieces, reading, view.prior)
    return _Candidate(tuple(members), pieces, reading, probability)


def _of_seals(upright: Upright, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Those that are what a seal left: they lie within its rim. What ends in a date is none."""
    doubtful = [one for one in candidates if not one.reading.date or one.reading.date.likeness < SURE_LIKENESS]
    quads = [[piece.quad for piece in one.pieces] for one in doubtful]
    seals = find_gray_seals(upright, [quad for own in quads for quad in own]) if doubtful else ()
    return [one for one, own in zip(doubtful, quads, strict=True) if is_of_seal(upright, own, seals)]


def _signature(upright: Upright, candidate: _Candidate, settings: Settings) -> Signature:
    reading, line = candidate.reading, min(candidate.pieces, key=lambda piece: piece.dates is not None).text_line
    place = map_polygon(upright.to_scan, joined_quad(signature_parts(candidate.pieces, reading)))
    name, date, best = reading.name, reading.date, next(iter(reading.matches), None)
    resolved = best is not None and best.probability >= settings.signature.resolve_confidence
    listed = tuple(Candidate(match.name, match.probability) for match in reading.matches[:MAX_CANDIDATES])
    return Signature(
        name=best.name if best and resolved else name.text if name else None,
        name_read=name.text if name else None,
        name_source=NameSource.ROSTER if resolved else NameSource.READ,
        name_confidence=best.probability if best and resolved else name.confidence if name else None,
        candidates=listed or (name.candidates if name else ()),
        date_text=date.text if date else None,
        date_confidence=date.confidence if date else None,
        month=date.month if date else None,
        day=date.day if date else None,
        date=date.full_date if date else None,
        date_inferred=None,
        year_source=YearSource.WRITTEN if date and date.full_date else None,
        confidence=candidate.confidence,
        polygon=place,
        crop_png=_crop(upright, place) if settings.landing.signature_crops else None,
        evidence=reading.evidence,
        table_index=line.table_index,
        row=line.row,
        col=line.col,
    )


def _crop(upright: Upright, place: Polygon) -> bytes:
    """The scan's own pixels around a polygon in scan pixels, as PNG."""
    box, margin = bounding_box(place), mm_to_px(CROP_MARGIN_MM, upright.dpi)
    top, left = (max(0, math.floor(edge - margin)) for edge in (box.top, box.left))
    image = upright.page.image[top : math.ceil(box.bottom + margin), left : math.ceil(box.right + margin)]
    _, encoded = cv2.imencode(".png", image)
    return encoded.tobytes()


def _findings(page_number: int, dates: Sequence[DateReading], status: SignatureStatus) -> Iterator[Finding]:
    yield from report_dates(page_number, dates)
    if status is SignatureStatus.UNSURE:
        message = "There may be a signature on this page: something is written by hand, or looks so."
        yield Finding("signature_unsure", Severity.WARNING, message, page_number)
