"""Upright page and its margins -> signatures: handwriting outside the tables, with its name, its date and its place.

Whether a page is signed is answered with its evidence: how unlike print the strokes are, whether they end in a date,
whether they are as long as a name. Print, specks, seals and page edges are no signature; a page without one is an
answer too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2

from pipeline.date_findings import report_dates
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
from pipeline.engines import Engines
from pipeline.geometry import bounding_box, map_polygon, mm_to_px
from pipeline.handwritten_dates import DateReading
from pipeline.lines import joined_quad, quad_size
from pipeline.margins import MarginLine
from pipeline.roster import read_roster
from pipeline.settings import Settings
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
PRIOR_EVIDENCE = -1.0
"""Natural logarithms of odds, all of these: what is written in a margin is more often a mark than a signature ..."""
DATE_EVIDENCE = 2.0
DOUBTFUL_LIKENESS = 3.0
"""... but a line that ends in a date is hardly anything else; one that could end in a date, this many nats per
character behind what it looks most like, says nothing."""
NAME_EVIDENCE = 0.7
NO_NAME_EVIDENCE = -1.0
NAME_LENGTHS = range(2, 5)
"""Names have two to four characters."""
SHORT_EVIDENCE = -4.0
MIN_WIDTH_MM = 9.0
"""Two characters of a small hand; shorter scribbles are marks and smudges."""
ALL_DATE = re.compile(r"[\d.。·，、,\sOo〇○零一二三四五六七八九十年月日号/-]{2,}$")
"""A line that may be a date and is nothing else, as far as it can be read."""
UNSURE_SHARE = 0.5
"""Handwriting less sure than the settings ask for, but more than this share of it, leaves the page unsure."""
CROP_MARGIN_MM = 2.0
MAX_CANDIDATES = 5
"""Names of the roster that land with a signature."""


@dataclass(frozen=True, slots=True)
class SignaturePage:
    """The signatures of a page, whether it is signed, and its lines, those of a signature marked as such."""

    signatures: tuple[Signature, ...]
    status: SignatureStatus
    lines: tuple[TextLine, ...]
    findings: tuple[Finding, ...] = ()


def find_signatures(
    upright: Upright, margins: Sequence[MarginLine], engines: Engines, settings: Settings
) -> SignaturePage:
    """Find and read the signatures among the lines outside the tables.

    Args:
        upright: the page.
        margins: its lines outside the tables.
        engines: the recogniser reads names and dates.
        settings: `signature` says how sure a signature must be, `landing` whether its crop is kept.
    """
    signatures: list[Signature] = []
    dates: list[DateReading] = []
    roster = settings.signature.roster
    names = [person.name for person in read_roster(roster)] if roster else []
    signed: set[int] = set()
    unsure = False
    for members in _clusters(margins) if settings.signature.enabled else ():
        pieces = [margins[i] for i in members]
        reading = read_signature(upright, _rows(pieces), engines.recogniser, names)
        confidence = _confidence(upright, pieces, reading)
        if confidence >= settings.signature.min_confidence:
            signatures.append(_signature(upright, pieces, reading, confidence, settings))
            dates += [reading.date] if reading.date else []
            signed.update(members)
        unsure |= confidence >= UNSURE_SHARE * settings.signature.min_confidence
    lines = tuple(
        replace(line.text_line, kind=LineKind.SIGNATURE) if i in signed else line.text_line
        for i, line in enumerate(margins)
    )
    status = SignatureStatus.SIGNED if signatures else SignatureStatus.UNSURE if unsure else SignatureStatus.UNSIGNED
    return SignaturePage(tuple(signatures), status, lines, tuple(_findings(upright.page.page_number, dates, status)))


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
    return [_with_dates(cluster, margins) for cluster in clusters]


def _with_dates(cluster: list[int], margins: Sequence[MarginLine]) -> list[int]:
    """The cluster and the dates beside or below it: digits are written as evenly as print, and are read as surely."""
    dates = [
        index
        for index, line in enumerate(margins)
        if index not in cluster
        and line.text_line.kind is LineKind.OTHER
        and ALL_DATE.match(line.text_line.text)
        and any(_adjacent(margins[i], line) for i in cluster)
    ]
    return sorted([*cluster, *dates])


def _adjacent(a: MarginLine, b: MarginLine) -> bool:
    """Whether two pieces stand side by side in one row, or one above the other."""
    first, second = bounding_box(a.quad), bounding_box(b.quad)
    letter = max(a.letter_height, b.letter_height)
    across = max(first.left, second.left) - min(first.right, second.right)
    down = max(first.top, second.top) - min(first.bottom, second.bottom)
    side_by_side = across <= MAX_GAP_ACROSS * letter and -down >= SAME_ROW * min(first.height, second.height)
    return side_by_side or (across <= 0 and down <= MAX_GAP_DOWN * letter)


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


def _confidence(upright: Upright, pieces: Sequence[MarginLine], reading: SignatureReading) -> float:
    """How probably this is a signature: the strokes' own probability, moved by what they say and how long they are."""
    handwriting = min(max(*(piece.handwriting for piece in pieces), 1e-6), 1 - 1e-6)
    evidence = PRIOR_EVIDENCE + math.log(handwriting / (1.0 - handwriting))
    if reading.date:
        evidence += DATE_EVIDENCE * max(-1.0, 1.0 + reading.date.likeness / DOUBTFUL_LIKENESS)
    letters = len(reading.name.text) if reading.name else 0
    evidence += NAME_EVIDENCE if letters in NAME_LENGTHS else NO_NAME_EVIDENCE
    parts = [quad for quad in (reading.name_quad, reading.date_quad) if quad] or [piece.quad for piece in pieces]
    if quad_size(joined_quad(parts))[0] < mm_to_px(MIN_WIDTH_MM, upright.dpi):
        evidence += SHORT_EVIDENCE
    return 1.0 / (1.0 + math.exp(-evidence))


def _signature(
    upright: Upright, pieces: Sequence[MarginLine], reading: SignatureReading, confidence: float, settings: Settings
) -> Signature:
    parts = [quad for quad in (reading.name_quad, reading.date_quad) if quad] or [piece.quad for piece in pieces]
    widest_first = sorted(parts, key=lambda quad: -quad_size(quad)[0])
    place = map_polygon(upright.to_scan, joined_quad(widest_first))
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
        confidence=confidence,
        polygon=place,
        crop_png=_crop(upright, place) if settings.landing.signature_crops else None,
        evidence=reading.evidence,
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
