"""Upright page and its margins -> signatures: handwriting outside the tables, with its name, its date and its place.

Whether a page is signed is answered with its evidence (`signature_evidence.py`). Print, specks, ticks, seals and page
edges are no signature; a page without one is an answer too.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2

from pipeline.elements import (
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
from pipeline.lines import joined_quad, quad_size
from pipeline.margins import MarginLine
from pipeline.roster import read_roster
from pipeline.sealed_lines import find_gray_seals, is_of_seal
from pipeline.settings import Settings
from pipeline.signature_evidence import (
    MARGIN_EVIDENCE,
    SIGN_OFF_EVIDENCE,
    signature_parts,
    signature_probability,
)
from pipeline.signature_reading import SignatureReading, read_signature
from pipeline.signers import NameSource
from pipeline.signing_dates import YearSource

MIN_HANDWRITING = 0.35
"""Lines less likely than this to be handwriting are not looked at again."""
MAX_GAP_ACROSS = 1.5
MAX_GAP_DOWN = 1.0
"""Pieces of one signature stand side by side, or one above the other, within these letter heights."""
SAME_ROW = 0.5
"""Pieces side by side overlap by this share of the lower one's height."""
SURE_LIKENESS = -1.5
"""Dates less than this many nats per character behind what they look most like are dates."""
UNSURE_SHARE = 0.5
"""Handwriting less sure than the settings ask for, but more than this share of it, leaves the page unsure."""
SURE_DATE = 0.9
"""Dates less sure than this raise a finding, a warning below half of it."""
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
        """Both as one, if they are of different parts of the same page."""
        return SignaturePage(
            signatures=(*self.signatures, *other.signatures),
            status=min(self.status, other.status, key=SIGNED_FIRST.index),
            lines=(*self.lines, *other.lines),
            findings=(*self.findings, *other.findings),
        )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Lines that may be a signature: their places among all, themselves, what they say, and how probably they are."""

    members: tuple[int, ...]
    pieces: tuple[MarginLine, ...]
    reading: SignatureReading
    confidence: float


def find_signatures(
    upright: Upright, lines: Sequence[MarginLine], engines: Engines, settings: Settings
) -> SignaturePage:
    """Find and read the signatures among the lines outside the tables, and in the cells made for signing.

    Args:
        upright: the page.
        lines: its lines there.
        engines: the recogniser reads names and dates.
        settings: `signature` says how sure a signature must be, `landing` whether its crop is kept.
    """
    own = settings.signature
    names = [person.name for person in read_roster(own.roster)] if own.roster else []
    candidates = [
        _candidate(upright, lines, members, engines.recogniser, names)
        for members in (_clusters(lines) if own.enabled else ())
    ]
    likely = [one for one in candidates if one.confidence >= UNSURE_SHARE * own.min_confidence]
    stamped = _of_seals(upright, likely)
    signed = [one for one in likely if one not in stamped and one.confidence >= own.min_confidence]
    signatures = tuple(_signature(upright, one, settings) for one in signed)
    kinds = {i: LineKind.SIGNATURE for one in signed for i in one.members}
    kinds |= {i: LineKind.SEAL for one in stamped for i in one.members}
    landed = tuple(
        replace(line.text_line, kind=kinds.get(i, line.text_line.kind))
        for i, line in enumerate(lines)
        if line.text_line.table_index is None or i in kinds
    )
    unsure = SignatureStatus.UNSURE if len(likely) > len(stamped) else SignatureStatus.UNSIGNED
    status = SignatureStatus.SIGNED if signatures else unsure
    return SignaturePage(signatures, status, landed, _findings(upright.page.page_number, signatures, status))


def _candidate(
    upright: Upright,
    lines: Sequence[MarginLine],
    members: Sequence[int],
    recogniser: Recogniser,
    names: Sequence[str],
) -> _Candidate:
    pieces = tuple(lines[i] for i in members)
    reading = read_signature(upright, _rows(pieces), recogniser, names)
    prior = MARGIN_EVIDENCE if pieces[0].text_line.table_index is None else SIGN_OFF_EVIDENCE
    return _Candidate(tuple(members), pieces, reading, signature_probability(upright, pieces, reading, prior))


def _of_seals(upright: Upright, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Those that are what a seal left: they lie within its rim. What ends in a date is none."""
    doubtful = [one for one in candidates if not one.reading.date or one.reading.date.likeness < SURE_LIKENESS]
    seals = find_gray_seals(upright) if doubtful else ()
    return [one for one in doubtful if is_of_seal(upright, [piece.quad for piece in one.pieces], seals)]


def _clusters(margins: Sequence[MarginLine]) -> list[list[int]]:
    """Indices of the lines that may be one signature each: handwriting that stands together."""
    clusters: list[list[int]] = []
    for index, line in enumerate(margins):
        width, height = quad_size(line.quad)
        if line.text_line.kind is not LineKind.OTHER or line.handwriting < MIN_HANDWRITING or height > width:
            continue
        near = [cluster for cluster in clusters if any(_adjacent(margins[i], line) for i in cluster)]
        clusters = [cluster for cluster in clusters if cluster not in near]
        clusters.append(sorted([*(i for cluster in near for i in cluster), index]))
    return clusters


def _adjacent(a: MarginLine, b: MarginLine) -> bool:
    """Whether two pieces stand side by side in one row, or one above the other, in one cell or outside of all."""
    if _cell(a) != _cell(b):
        return False
    first, second = bounding_box(a.quad), bounding_box(b.quad)
    letter = max(a.letter_height, b.letter_height)
    across = max(first.left, second.left) - min(first.right, second.right)
    down = max(first.top, second.top) - min(first.bottom, second.bottom)
    side_by_side = across <= MAX_GAP_ACROSS * letter and -down >= SAME_ROW * min(first.height, second.height)
    return side_by_side or (across <= 0 and down <= MAX_GAP_DOWN * letter)


def _cell(line: MarginLine) -> tuple[int | None, ...]:
    return line.text_line.table_index, line.text_line.row, line.text_line.col


def _rows(pieces: Sequence[MarginLine]) -> list[Polygon]:
    """The quads of a signature's rows, from top to bottom; pieces side by side are one row."""
    rows: list[list[Polygon]] = []
    for quad in sorted((piece.quad for piece in pieces), key=lambda quad: -quad_size(quad)[0]):
        box = bounding_box(quad)
        for row in rows:
            other = bounding_box(row[0])
            shared = min(box.bottom, other.bottom) - max(box.top, other.top)
            if shared >= SAME_ROW * min(box.height, other.height):
                row.append(quad)
                break
        else:
            rows.append([quad])
    return sorted((joined_quad(row) for row in rows), key=lambda quad: bounding_box(quad).top)


def _signature(upright: Upright, candidate: _Candidate, settings: Settings) -> Signature:
    reading, line = candidate.reading, candidate.pieces[0].text_line
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
        date=datetime.date(date.year, date.month, date.day) if date and date.year else None,
        date_inferred=None,
        year_source=YearSource.WRITTEN if date and date.year else None,
        confidence=candidate.confidence,
        polygon=place,
        crop_png=_crop(upright, place) if settings.landing.signature_crops else None,
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


def _findings(page_number: int, signatures: Sequence[Signature], status: SignatureStatus) -> tuple[Finding, ...]:
    findings = [
        Finding(
            rule="signature_date_doubtful",
            severity=Severity.WARNING if signature.date_confidence < SURE_DATE / 2 else Severity.INFO,
            message="The signature's date can be read in more than one way.",
            page_number=page_number,
            found=signature.date_text,
        )
        for signature in signatures
        if signature.date_confidence is not None and signature.date_confidence < SURE_DATE
    ]
    if status is SignatureStatus.UNSURE:
        message = "There may be a signature on this page: something is written by hand, or looks so."
        findings.append(Finding("signature_unsure", Severity.WARNING, message, page_number))
    return tuple(findings)
