"""Upright page, and what was read of it -> its seals and stamps, each with its colour, its shape and what it says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import (
    Image,
    Polygon,
    Signature,
    Stamp,
    StampColour,
    StampShape,
    TableReading,
    TextLine,
    Upright,
)
from pipeline.engines import Recogniser
from pipeline.imaging import (
    MM_PER_INCH,
    bounding_box,
    in_polygon,
    map_polygon,
    measure_line,
    mm_to_px,
    padded_quad,
    png_around,
    polygon,
    scale_matrix,
    share_of_smaller,
)
from pipeline.ink import find_copied_seal, scaled
from pipeline.settings import Settings
from pipeline.stamps.coloured_ink import ColouredInk, find_coloured_ink, reduced, small_step
from pipeline.stamps.evidence import Evidence, stamp_probability
from pipeline.stamps.print_lines import Quads, lines_in, small_quads, sure_lines, without_lines
from pipeline.stamps.rims import Rim, find_black_rims, find_coloured_rims
from pipeline.stamps.stamp_ink import stamp_ink
from pipeline.stamps.stamp_text import StampText, read_round, read_straight
from pipeline.stamps.text_stamps import coloured_clusters, stamped_lines
from pipeline.stamps.wording import is_stamps, is_stamps_number

MIN_CONFIDENCE = 0.4
"""What is less probably a stamp does not land: emblems of letterheads, loops of pens, rings drawn around a word."""
LINE_CONFIDENCE = 0.85
"""Black words that stamps say, slanted or in a frame of their own, are most probably a stamp."""
NOISE_LEVELS = 2.5
"""Ink of the small image is more than so many standard deviations of the paper's noise dark: averaging halves it."""
DARKNESS = (36, 60)
"""It is darker than the first of these, of 255, and what is darker than the second is ink on any page."""
SAME = 0.5
"""Of two rims with this share of the smaller one's box in common one is left: rims are often double."""
HEADED = 0.3
"""Emblems of letterheads stand within this share of the page's height from its top."""
LINES_ABOVE = 1
"""Above such an emblem there are at most so many lines of print."""
SLANT_DEG = 2.0
"""Coloured words are slanted when turned by more than this from the page's rows."""
UNEVENNESS = 0.17
"""Characters whose heights differ by more than this share are taken for a hand's, as type is even."""
UPON_PRINT = 0.01
"""A stamp stands upon print where at least this share of its box is black ink."""
CROP_MARGIN_MM = 1.0
"""A stamp's crop shows so much of the page around it."""
MIN_CHARACTERS = 2
"""A single character may be a star, an emblem or a blot."""
WITHIN = 0.65
"""What a rim encloses is looked at within this multiple of its outline's distance from the middle."""
WORDS_PAD = 0.25
"""Words are cut with so much around them, in their heights."""
MAX_CORNERS = 30
"""The polygon of a round stamp lands with at most so many corners."""
RIM_MARGIN = 1.08
"""Outlines are drawn at this multiple of a rim's distance from its middle."""


class SeenPage(NamedTuple):
    """An upright page, and what was found on it so far.

    `lines` are those outside its `tables`; coloured ink of its `signatures` is no stamp.
    """

    upright: Upright
    lines: Sequence[TextLine]
    tables: Sequence[TableReading]
    signatures: Sequence[Signature]


class _Small(NamedTuple):
    """What stamps are looked for in, so many times smaller than the page, and where lines of print stand there.

    `unprinted` is the coloured ink without lines of print in that colour.
    """

    step: int
    coloured: ColouredInk | None
    unprinted: ColouredInk | None
    darkness: Image
    threshold: float
    lines: Quads


def find_stamps(page: SeenPage, recogniser: Recogniser, settings: Settings) -> tuple[Stamp, ...]:
    """The seals and stamps of a page, from top to bottom.

    Args:
        page: as read.
        recogniser: reads what is round a rim and across.
        settings: `landing` says whether crops are kept.
    """
    small = _small(page)
    rims = _apart(_rims(page, small))
    found = [_stamp(page, small, rim, recogniser) for rim in (*rims, *_words(page, small, rims))]
    stamps = [stamp for stamp in found if stamp.confidence >= MIN_CONFIDENCE]
    stamps += _stamped(page, [rim.outline * small.step for rim in rims])
    if settings.landing.signature_crops:
        stamps = [replace(stamp, crop_png=_crop(page.upright, stamp.polygon)) for stamp in stamps]
    return tuple(sorted(stamps, key=lambda stamp: min(y for _, y in stamp.polygon)))


def _small(page: SeenPage) -> _Small:
    upright = page.upright
    step = small_step(upright.image)
    printed = [
        line
        for line in sure_lines(page.lines, page.tables)
        if not (is_stamps(line.text) or is_stamps_number(line.text))
    ]
    quads = small_quads(upright, [line.polygon for line in printed], step)
    coloured = find_coloured_ink(upright)
    return _Small(
        step=step,
        coloured=coloured,
        unprinted=None if coloured is None else _unprinted(coloured, quads),
        darkness=reduced(upright.ink.darkness, step),
        threshold=min(DARKNESS[1], max(DARKNESS[0], NOISE_LEVELS * upright.ink.noise)),
        lines=quads,
    )


def _rims(page: SeenPage, small: _Small) -> list[Rim]:
    """The rims in colour, then those in black; a copied seal over a table where its cells are known to be under one."""
    rims = find_coloured_rims(small.coloured, small.unprinted) if small.coloured and small.unprinted else []
    rims += find_black_rims(without_lines(small.darkness, small.lines), small.threshold)
    if not rims and any(cell.under_seal for table in page.tables for cell in table.cells):
        copied = find_copied_seal(page.upright.ink.darkness)
        if copied is not None:
            centre = round(copied.x / small.step), round(copied.y / small.step)
            reach = round(RIM_MARGIN * copied.radius / small.step)
            outline = cv2.ellipse2Poly(centre, (reach, reach), 0, 0, 360, 4)
            rims.append(Rim(np.asarray(outline, np.int32), StampColour.BLACK, StampShape.ROUND))
    return rims


def _unprinted(coloured: ColouredInk, lines: Quads) -> ColouredInk:
    """Coloured ink without lines of print in that colour."""
    masks = {kind: without_lines(mask, lines_in(mask, lines)) for kind, mask in coloured.masks.items()}
    return coloured._replace(masks=masks)


def _apart(rims: Sequence[Rim]) -> list[Rim]:
    """One of each group of rims that lie upon each other: coloured before black, and the larger first."""
    kept: list[Rim] = []
    for rim in sorted(rims, key=lambda rim: (rim.colour is StampColour.BLACK, -cv2.contourArea(rim.outline))):
        if not any(_shared(rim.outline, other.outline) >= SAME for other in kept):
            kept.append(rim)
    return kept


def _words(page: SeenPage, small: _Small, rims: Sequence[Rim]) -> list[Rim]:
    """Words in coloured ink, apart from rims and signatures."""
    if small.unprinted is None:
        return []
    signed = small_quads(page.upright, [own.polygon for own in page.signatures], small.step)
    return list(coloured_clusters(small.unprinted, [*(rim.outline for rim in rims), *signed]))


def _stamp(page: SeenPage, small: _Small, rim: Rim, recogniser: Recogniser) -> Stamp:
    """The stamp that may be in a place, as read; its crop is cut later."""
    upright = page.upright
    outline = rim.outline * small.step
    ink, corner = stamp_ink(upright, outline, rim.colour)
    quad = _padded(_upright_quad(outline, 1.0)) if rim.words else _upright_quad(outline, RIM_MARGIN)
    if rim.shape in (StampShape.ROUND, StampShape.OVAL):
        said = read_round(ink, outline, corner, recogniser)
    else:
        said = read_straight(ink, quad - corner, recogniser)
    text = _line_text(page, small, rim, said) if rim.words else said.text
    shape = measure_line(ink, polygon(quad - corner), upright.ink.noise) if rim.words else None
    angle = -math.degrees(math.atan2(*(quad[1] - quad[0])[::-1]))
    box = cv2.boundingRect(outline)
    place = quad if rim.shape is StampShape.BOX else _corners(outline)
    seen = Evidence(
        colour=rim.colour,
        shape=rim.shape,
        filled=rim.filled,
        words=rim.words,
        own=_own_share(small, rim),
        legible=len(text or "") >= MIN_CHARACTERS,
        says_stamp=text is not None and (is_stamps(text) or is_stamps_number(text)),
        letterhead=_heads_letter(small, rim),
        slanted=abs(angle - upright.skew_deg) > SLANT_DEG,
        uneven=not is_stamps(text or "") and (shape is None or shape.unevenness > UNEVENNESS),
        upon_print=_upon_print(small, rim),
        diameter_mm=max(box[2:]) * MM_PER_INCH / upright.dpi,
        in_table=_in_table(page, place),
    )
    confidence = round(stamp_probability(seen), 3)
    return Stamp(rim.colour, rim.shape, text, confidence, map_polygon(upright.to_scan, polygon(place)), None)


def _line_text(page: SeenPage, small: _Small, rim: Rim, said: StampText) -> str | None:
    """What words without a rim say: as the page's lines there were read, where these are surer."""
    sure = [line for line in page.lines if (line.confidence or 0.0) > said.confidence]
    quads = small_quads(page.upright, [line.polygon for line in sure], small.step)
    there = [line.text for line, quad in zip(sure, quads, strict=True) if _shared(quad, rim.outline) >= SAME]
    return " ".join(there) or said.text


def _stamped(page: SeenPage, known: Sequence[NDArray[np.int32]]) -> list[Stamp]:
    """Words in black that were stamped, beyond the outlines of those that are known."""
    inside = (line for table in page.tables for cell in table.cells for line in cell.lines)
    found = stamped_lines(page.upright, [*page.lines, *inside])
    return [
        Stamp(
            StampColour.BLACK,
            StampShape.BOX,
            line.text.strip(),
            LINE_CONFIDENCE,
            map_polygon(page.upright.to_scan, line.quad),
            None,
        )
        for line in found
        if not any(_shared(np.rint(np.array(line.quad)).astype(np.int32), outline) >= SAME for outline in known)
    ]


def _own_share(small: _Small, rim: Rim) -> float:
    """The share of what a rim encloses that ink of its own colour takes."""
    inside = _inside(small.darkness.shape, np.rint(scaled(rim.outline, WITHIN)).astype(np.int32))
    if small.coloured is None or rim.colour is StampColour.BLACK:
        inked = small.darkness > small.threshold
    elif rim.colour in (StampColour.BLUE, StampColour.VIOLET):
        inked = (small.coloured.masks[StampColour.BLUE] | small.coloured.masks[StampColour.VIOLET]) > 0
    else:
        inked = small.coloured.masks[rim.colour] > 0
    return float(np.count_nonzero(inside & inked)) / max(1, int(np.count_nonzero(inside)))


def _upon_print(small: _Small, rim: Rim) -> bool:
    inside = _inside(small.darkness.shape, rim.outline)
    black = np.count_nonzero(inside & (small.darkness > DARKNESS[1]))
    return bool(black >= UPON_PRINT * np.count_nonzero(inside))


def _heads_letter(small: _Small, rim: Rim) -> bool:
    """Whether a place is at the page's head, above its text or beside the first line of it."""
    top = int(rim.outline[:, 1].min())
    if rim.outline[:, 1].max() > HEADED * small.darkness.shape[0]:
        return False
    return sum(int(quad[:, 1].max() < top) for quad in small.lines) <= LINES_ABOVE


def _in_table(page: SeenPage, corners: NDArray[np.generic]) -> bool:
    """Whether the middle of a place on the page lies in a cell of a table."""
    middle = map_polygon(page.upright.to_scan, polygon(corners.mean(axis=0)))[0]
    cells = (reading.cell.polygon for table in page.tables for reading in table.cells)
    return any(in_polygon(cell, middle) for cell in cells)


def _inside(shape: tuple[int, ...], outline: NDArray[np.int32]) -> NDArray[np.bool_]:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [outline], (1,))
    return mask > 0


def _shared(one: NDArray[np.int32], other: NDArray[np.int32]) -> float:
    """How much of the smaller of two outlines' boxes they have in common."""
    return share_of_smaller(bounding_box(one), bounding_box(other))


def _upright_quad(outline: NDArray[np.int32], margin: float) -> NDArray[np.float64]:
    """The corners (4, 2) of the smallest box around an outline, less its margin, from the text's top left clockwise."""
    middle, (across, down), degrees = cv2.minAreaRect(outline)
    corners = np.array(cv2.boxPoints((middle, (across / margin, down / margin), degrees)), np.float64)
    sides = np.roll(corners, -1, axis=0) - corners
    return np.roll(corners, -int(np.argmax(sides[:, 0] / np.hypot(*sides.T).clip(1e-9))), axis=0)


def _padded(quad: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners of words with some paper around them, as their ends are pale on a small image."""
    return np.array(padded_quad(polygon(quad), WORDS_PAD), np.float64)


def _corners(outline: NDArray[np.int32]) -> NDArray[np.int32]:
    """A few of an outline's points, clockwise from the one nearest to its top left."""
    points = outline[:: math.ceil(len(outline) / MAX_CORNERS)]
    if cv2.contourArea(points.astype(np.float32), oriented=True) < 0:
        points = points[::-1]
    return np.roll(points, -int(points.sum(axis=1).argmin()), axis=0)


def _crop(upright: Upright, place: Polygon) -> bytes:
    """The page's own pixels around a polygon in scan pixels, as PNG."""
    box = bounding_box(map_polygon(scale_matrix(*upright.page.scale), place))
    return png_around(upright.page.image, box, mm_to_px(CROP_MARGIN_MM, upright.dpi))
