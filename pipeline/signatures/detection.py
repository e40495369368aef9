"""Upright page and its margins -> signatures: handwriting outside the tables, with its name, its date and its place.

Whether a page is signed is answered with its evidence (`evidence.py`). Print, specks, ticks, seals and page
edges are no signature; a page without one is an answer too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pipeline.elements import (
    BBox,
    Candidate,
    Finding,
    FindingRule,
    LineKind,
    NameSource,
    Polygon,
    Severity,
    Signature,
    SignatureStatus,
    TextLine,
    Upright,
    YearSource,
)
from pipeline.engines import Engines
from pipeline.handwriting import DateReading, report_dates
from pipeline.imaging import (
    bounding_box,
    box_corners,
    common_area,
    joined_quad,
    map_polygon,
    mm_to_px,
    png_around,
    polygon,
    scale_matrix,
    share_of_smaller,
)
from pipeline.ink import find_gray_seals, may_hold_seal, sealed_share
from pipeline.pen import is_same
from pipeline.settings import Settings, read_roster
from pipeline.signatures.clusters import find_clusters, halves_of, row_members, rows_of
from pipeline.signatures.evidence import (
    NAME_LENGTHS,
    may_be_dated_name,
    signature_parts,
    signature_probability,
    suspicion,
)
from pipeline.signatures.margin_kinds import MarginLine, PageView
from pipeline.signatures.reading import SignatureReading, read_signature
from pipeline.signatures.seal_overlap import read_without_seals

SURE_LIKENESS = -1.5
"""Dates less than this many nats per character behind what they look most like are dates."""
SAME_SHARE = 0.5
"""Signatures with this share of the smaller one in common are the same."""
UNSURE_SHARE = 0.54
"""Handwriting less sure than the settings ask for, but more than this share of it, leaves the page unsure: what the
network marks with 0.5 is so, whatever else is written on the page."""
COLD = 0.1
"""What is less suspicious than this is no signature, unless it is a name with a date: it is not read once more."""
UNREAD = SignatureReading(None, None, None, None)
MOST_OF_REGION = 0.35
"""A signature that covers so much of a region of the heat, paper around the strokes included, is all of it; of a larger
region it is but a piece."""
MIN_SEALED = 0.1
"""Where a seal may hold this share of a candidate's ink, it is looked at once more without the seal."""
MOSTLY_SEALED = 0.5
"""Lines with this share of their ink within a seal are the seal's, whatever else stands there."""
CROP_MARGIN_MM = 2.0
"""A signature's crop shows so much of the page around it."""
MAX_CANDIDATES = 5
"""At most so many names of the roster land with a signature."""
SIGNED_FIRST = (SignatureStatus.SIGNED, SignatureStatus.UNSURE, SignatureStatus.UNSIGNED)
"""A page looked at in several ways has the first of these that any way found."""


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
        unsure = status is SignatureStatus.UNSURE
        return SignaturePage(
            signatures=(*self.signatures, *more),
            status=status,
            lines=(*self.lines, *other.lines),
            findings=tuple(f for f in findings if unsure or f.rule is not FindingRule.SIGNATURE_UNSURE),
        )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Lines that may be a signature: their places among all, themselves, what they say, and how probably they are.

    `suspicion` is the same if nothing else were written on the page.
    """

    members: tuple[int, ...]
    pieces: tuple[MarginLine, ...]
    reading: SignatureReading
    confidence: float
    suspicion: float


class _Parted(NamedTuple):
    """Candidates apart from seals, those over seals as they are without these, and the places of lines of seals."""

    apart: tuple[_Candidate, ...]
    over: tuple[_Candidate, ...] = ()
    sealed: tuple[int, ...] = ()


def _overlap(a: BBox, b: BBox) -> bool:
    """Whether two boxes have half of the smaller one in common."""
    return share_of_smaller(a, b) >= SAME_SHARE


class _Written(NamedTuple):
    """What signatures are looked for in, who reads it, and the roster's names."""

    view: PageView
    engines: Engines
    names: Sequence[str]


def find_signatures(view: PageView, engines: Engines, settings: Settings) -> SignaturePage:
    """Find and read the signatures among lines outside the tables, in cells made for signing, or across print.

    Args:
        view: the lines of one of these places.
        engines: the recogniser reads names and dates; where a seal stands, the detector finds lines without it.
        settings: `signature` says how sure a signature must be, `landing` whether its crop is kept.
    """
    own = settings.signature
    names = [person.name for person in read_roster(own.roster)] if own.roster else []
    written = _Written(view, engines, names)
    candidates = _all_candidates(written, own.min_confidence) if own.enabled else []
    parted = _part_from_seals(written, candidates, own.min_confidence)
    likely = [
        [one for one in kind if one.suspicion >= UNSURE_SHARE * own.min_confidence]
        for kind in (parted.apart, parted.over)
    ]
    apart, over = ([one for one in kind if one.confidence >= own.min_confidence] for kind in likely)
    signatures = _told_apart([_signature(view, one, settings) for one in (*apart, *over)])
    kinds = dict.fromkeys(parted.sealed, LineKind.SEAL) | {i: LineKind.SIGNATURE for one in apart for i in one.members}
    landed = [
        replace(line.text_line, kind=kinds.get(i, line.text_line.kind))
        for i, line in enumerate(view.lines)
        if view.lines_land or i in kinds
    ]
    landed += [replace(piece.text_line, kind=LineKind.SIGNATURE) for one in over for piece in one.pieces]
    unsure = SignatureStatus.UNSURE if any(likely) else SignatureStatus.UNSIGNED
    status = SignatureStatus.SIGNED if signatures else unsure
    dates = [one.reading.date for one in (*apart, *over) if one.reading.date]
    findings = tuple(_findings(view.upright.page.page_number, dates, status))
    return SignaturePage(signatures, status, tuple(landed), findings)


def _all_candidates(written: _Written, least: float) -> list[_Candidate]:
    """All that may be a signature; `least` is the confidence of one."""
    view = written.view
    clusters = [[i] for i in range(len(view.lines))] if view.apart else find_clusters(view.lines)
    return [one for members in clusters for one in _candidates(written, members, least)]


def _candidates(written: _Written, members: Sequence[int], least: float) -> list[_Candidate]:
    """Lines that stand together as one signature, or where several parts of them are names by themselves, as several.

    Parts are rows, and the halves of a long row. What is no name, such as a date, belongs to the name before it.
    """
    whole = _candidate(written, members)
    rows = [part for row in row_members(written.view.lines, members) for part in halves_of(written.view.lines, row)]
    alone = [_candidate(written, row) for row in rows] if len(rows) > 1 else []
    likely = [i for i, one in enumerate(alone) if one.confidence >= least]
    named = [i for i in likely if (name := alone[i].reading.name) is not None and len(name.text) in NAME_LENGTHS]
    if len(named) < 2:
        return [whole]
    groups: dict[int, list[int]] = {i: [] for i in named}
    for index, row in enumerate(rows):
        groups[max((i for i in named if i <= index), default=named[0])] += row
    return [alone[i] if group == rows[i] else _candidate(written, group) for i, group in groups.items()]


def _candidate(written: _Written, members: Sequence[int]) -> _Candidate:
    view, pieces = written.view, tuple(written.view.lines[i] for i in members)
    alone = suspicion(view, pieces)
    if view.heat is not None and alone < COLD and not may_be_dated_name(pieces):
        return _Candidate(tuple(members), pieces, UNREAD, alone, alone)
    seen = {piece.quad: piece.seen for piece in pieces if piece.seen is not None}
    reading = read_signature(view.upright, rows_of(pieces), written.engines.recogniser, written.names, seen)
    if view.heat is not None and reading.name is None:
        reading = reading._replace(date=None, date_quad=None)  # of a scrawl any stroke may be read as a figure
    probability = signature_probability(view, pieces, reading)
    return _Candidate(tuple(members), pieces, reading, probability, max(probability, alone))


def _part_from_seals(written: _Written, candidates: Sequence[_Candidate], least: float) -> _Parted:
    """Candidates that a seal is part of are read again without it: one that was written over it is another then.

    Seals are looked for where something looks signed and does not end in a date, or where two inks stand together.
    """
    view = written.view
    doubtful = [
        one
        for one in candidates
        if (one.suspicion >= UNSURE_SHARE * least and not _is_dated(one)) or may_hold_seal(view.upright, _quads(one))
    ]
    seals = find_gray_seals(view.upright, [quad for one in doubtful for quad in _quads(one)]) if doubtful else ()
    upon = [sealed_share(view.upright, _quads(one), seals) >= MIN_SEALED if seals else False for one in candidates]
    if not any(upon):
        return _Parted(tuple(candidates))
    touched = [one for one, touches in zip(candidates, upon, strict=True) if touches]
    without_seals = read_without_seals(view, [piece for one in touched for piece in one.pieces], seals, written.engines)
    return _Parted(
        apart=tuple(one for one, touches in zip(candidates, upon, strict=True) if not touches),
        over=tuple(_all_candidates(written._replace(view=without_seals), least)),
        sealed=tuple(
            index
            for one in touched
            for index, quad in zip(one.members, _quads(one), strict=True)
            if sealed_share(view.upright, [quad], seals) >= MOSTLY_SEALED
        ),
    )


def _quads(candidate: _Candidate) -> list[Polygon]:
    return [piece.quad for piece in candidate.pieces]


def _is_dated(candidate: _Candidate) -> bool:
    """Whether it surely ends in a date, with a name before it."""
    name, date = candidate.reading.name, candidate.reading.date
    return name is not None and date is not None and date.likeness >= SURE_LIKENESS


def _told_apart(signatures: Sequence[Signature]) -> tuple[Signature, ...]:
    """Without those that stand where a surer one does: a scrawl may cross several lines."""
    kept: list[Signature] = []
    for one in sorted(signatures, key=lambda own: -(own.confidence or 0.0)):
        box = bounding_box(one.polygon)
        if not any(_overlap(bounding_box(other.polygon), box) for other in kept):
            kept.append(one)
    return tuple(one for one in signatures if one in kept)


def _signature(view: PageView, candidate: _Candidate, settings: Settings) -> Signature:
    upright = view.upright
    reading, line = candidate.reading, min(candidate.pieces, key=lambda piece: piece.dates is not None).text_line
    pieces = [piece.quad for piece in candidate.pieces]
    parts = pieces if view.apart and not _is_dated(candidate) else signature_parts(candidate.pieces, reading)
    whole = view.apart or _is_dated(candidate)  # a region, or a name and its date, is all of it
    beyond = [] if whole else _beyond(view, parts)
    place = map_polygon(upright.to_scan, joined_quad([*parts, *beyond]))
    name, date, best = reading.letters or reading.name, reading.date, next(iter(reading.matches), None)
    resolved = best is not None and best.probability >= settings.signature.resolve_confidence
    listed = tuple(Candidate(match.name, match.probability) for match in reading.matches[:MAX_CANDIDATES])
    return Signature(
        name=best.name if best and resolved else None,
        name_read=name.text if name else None,
        name_source=NameSource.ROSTER if resolved else NameSource.READ,
        name_confidence=best.probability if best else name.confidence if name else None,
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


def _beyond(view: PageView, parts: list[Polygon]) -> list[Polygon]:
    """The region of the heat that a signature's parts are but a piece of, if there is one."""
    box = bounding_box(joined_quad(parts))
    regions = [region.box for region in view.heat.regions if is_same(region.box, box)] if view.heat else []
    own = max(regions, key=lambda region: common_area(region, box), default=None)
    if own is None or common_area(own, box) >= MOST_OF_REGION * own.area:
        return []
    return [polygon(box_corners(own))]


def _crop(upright: Upright, place: Polygon) -> bytes:
    """The page's own pixels around a polygon in scan pixels, as PNG."""
    box = bounding_box(map_polygon(scale_matrix(*upright.page.scale), place))
    return png_around(upright.page.image, box, mm_to_px(CROP_MARGIN_MM, upright.dpi))


def _findings(page_number: int, dates: Sequence[DateReading], status: SignatureStatus) -> Iterator[Finding]:
    yield from report_dates(page_number, dates)
    if status is SignatureStatus.UNSURE:
        message = "There may be a signature on this page: something is written by hand, or looks so."
        yield Finding(FindingRule.SIGNATURE_UNSURE, Severity.WARNING, message, page_number)
