"""Pieces of handwriting, what they say -> how probably they are a signature.

Where the network marks signatures, its heat decides. A Chinese name with a date behind it is one as well where its
strokes and its reading say so, for even, small pens leave the network cold: of 500 places on pages by others that
looked written, only two read so without being one.

Each piece of that evidence is a natural logarithm of odds, and they are added up: how unlike print the strokes look and
how sure their reading is, whether they end in a date, whether they are a name's length, whether they were drawn in as
many strokes as names are, and whether these stand as squarely as print.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from pipeline.elements import Polygon, Upright
from pipeline.imaging import (
    SHAPE_HEIGHT,
    bounding_box,
    box_corners,
    compose,
    cut_line,
    ink_mask,
    joined_quad,
    map_polygon,
    mm_to_px,
    polygon,
    quad_size,
    scale_matrix,
    sigmoid,
    sub_quad,
)
from pipeline.pen import is_same, signature_odds
from pipeline.signatures.margin_kinds import MarginLine, PageView
from pipeline.signatures.reading import CHINESE, SignatureReading
from pipeline.signatures.stroke_features import Strokes, measure_strokes

ASKED_EVIDENCE = 1.5
"""What is written where the page asks for a signature is one more often than elsewhere."""
DATE_FIGURE = re.compile(r"[\d〇零○一二三四五六七八九十]")
"""A figure of a date."""
UNLIKELY = 0.02
"""Shapes never say more than this against print, or for it: there are drawings that are unlike print and no names."""
DATE_EVIDENCE = 2.0
"""A line that ends in a date is hardly anything but a signature."""
DOUBTFUL_LIKENESS = 3.0
"""A line that could end in a date, this many nats per character behind what it looks most like, says nothing, and less
than that speaks against it unless a name stands there: a name is none the less one if something else follows it."""
LONE_DATE = 0.6
"""A date that takes at least this share of the place stands there by itself; one with strokes before it, or above it,
that cannot be read as a name takes half."""
LONE_DATE_EVIDENCE = -2.0
"""A date by itself signs nothing: rubber stamps write dates, and clerks do."""
NAME_EVIDENCE = 0.7
"""What can be read as a name is more often a signature than not."""
NO_NAME_EVIDENCE = -1.0
"""What cannot be read as a name is less often a signature."""
NAME_LENGTHS = range(2, 5)
"""Names have two to four characters."""
SHORT_EVIDENCE = -4.0
"""What is shorter than two characters is hardly a signature."""
MIN_WIDTH_MM = 9.0
"""Two small characters written by hand are as wide as this; shorter scribbles are marks and smudges."""
MIN_LENGTH = 5.0
"""Names in pen, without a date, have strokes of 5-11 letter heights in all, one in twenty a little fewer; ticks,
circles and staples have 1-3."""
LENGTH_EVIDENCE = -3.0
"""Each letter height of strokes that is missing says so much."""
MIN_ENDS = 8
"""Names in pen have 13 free ends of strokes or more, joined ones of script fonts 9; ticks and circles have 0-4."""
ENDS_EVIDENCE = -1.2
"""Each free end of a stroke that is missing says so much."""
MOST_SQUARE = 0.145
"""Handwriting has up to 0.15 of its edges square; rubber stamps and large print begin there, and have 0.28 as a
rule."""
SQUARE_EVIDENCE = -60.0
"""So much says each unit of the share of square edges beyond `MOST_SQUARE`."""
RED_EVIDENCE = -4.0
"""Red ink is a stamp's: few sign in red."""
MIN_RED = 30
"""Ink is red where its red channel is brighter than the others by this much, as a rule, of 255."""
MAX_LETTERS = 12.0
"""Names are 2-5 letter heights long; what is longer than this, without a date, may be a line of print."""
LONG_EVIDENCE = -1.0
"""Each letter height beyond `MAX_LETTERS` says that this is a line of print that is bent as the paper is."""
BLOCK_ASPECT = 1.4
"""What is less than so many times as wide as high may be a block, such as a seal, a stain or a drawing."""
MAX_BLOCK_MM = 15.0
"""A block is higher than this, and so higher than any letter."""
BLOCK_EVIDENCE = -4.0
"""What is hardly wider than high, and higher than any letter, is a seal, a stain or a drawing."""
MOST_AGAINST = -6.0
"""No one measure says more than this."""
FEWER_ENDS_EVIDENCE = -0.8
"""What each free end of a stroke that is missing of `MIN_ENDS` says beside the network, which marks staples, ticks and
lone strokes as well. Of 400 places on marked pages and on pages by others, half of the false ones lack four ends or
more; of signatures none does, but initials of two strokes do, and leave their page unsure."""
LUKEWARM = -1.0
"""Strokes are looked at from these log odds of the heat on: what is colder counts for nothing anyway."""
RED_BESIDE_HEAT = -2.0
"""What red ink says beside the network, which has seen red seals."""
SIMPLE_ENDS, SIMPLE_LENGTH = 4, 2.5
"""What has at most so many ends, and strokes shorter than so many letter heights, is a tick, a staple or a scratch: not
even initials are so short."""
SIMPLE_EVIDENCE = -3.0
"""What is so simple is hardly anything that people write."""


def signature_probability(view: PageView, pieces: Sequence[MarginLine], reading: SignatureReading) -> float:
    """How probably pieces that stand together are a signature, 0-1.

    Args:
        view: where they stand, and where on that page signatures are, if anybody says.
        pieces: at least one.
        reading: what they say.
    """
    heat = None
    if view.heat is not None:
        heat = signature_odds(view.heat, [piece.quad for piece in pieces]) + ASKED_EVIDENCE * _is_asked_for(
            view, pieces
        )
        if not (is_surely_dated(reading) and _may_be_name(reading)):
            return sigmoid(heat + (_against_heat(view.upright, pieces) if heat > LUKEWARM else 0.0))
    strokes = _odds_of_strokes(view.upright, pieces, reading, view.prior)
    return sigmoid(strokes if heat is None else max(strokes, heat))


def _against_heat(upright: Upright, pieces: Sequence[MarginLine]) -> float:
    """What strokes say against a signature where the network marks one: too few, too simple, or red.

    Strokes too pale to be measured say nothing.
    """
    strokes = _strokes_of(upright, pieces)
    if not sum(own.length for own in strokes):
        return RED_BESIDE_HEAT if _is_in_seal(upright, pieces) else 0.0
    fewer = max(0, MIN_ENDS - sum(own.ends for own in strokes))
    red = RED_BESIDE_HEAT if _is_red(upright, pieces) else 0.0
    return max(MOST_AGAINST, FEWER_ENDS_EVIDENCE * fewer) + red + _simplicity(strokes, pieces)


def _strokes_of(upright: Upright, pieces: Sequence[MarginLine]) -> list[Strokes]:
    return [measure_strokes(upright.ink.darkness, piece.quad, upright.ink.noise) for piece in pieces]


def _is_in_seal(upright: Upright, pieces: Sequence[MarginLine]) -> bool:
    """Whether there is a seal's ink in any of the pieces."""
    return any(cut_line(upright.ink.seal.view(np.uint8), piece.quad).any() for piece in pieces)


def _simplicity(strokes: Sequence[Strokes], pieces: Sequence[MarginLine]) -> float:
    ends, length = sum(own.ends for own in strokes), sum(own.length for own in strokes)
    simple = ends <= SIMPLE_ENDS and 0.0 < length < SIMPLE_LENGTH * _letter_height(pieces)
    return SIMPLE_EVIDENCE if simple else 0.0


def _is_asked_for(view: PageView, pieces: Sequence[MarginLine]) -> bool:
    """Whether any of the pieces stands where the page asks for a signature."""
    asked = [bounding_box(place) for place in view.asked]
    return any(is_same(box, bounding_box(piece.quad)) for box in asked for piece in pieces)


def suspicion(view: PageView, pieces: Sequence[MarginLine]) -> float:
    """How probably pieces were a signature, 0-1, if nothing else were written on the page; 0 where nobody says."""
    if view.heat is None:
        return 0.0
    odds = signature_odds(view.heat, [piece.quad for piece in pieces], among=False)
    return sigmoid(odds + (_simplicity(_strokes_of(view.upright, pieces), pieces) if odds > LUKEWARM else 0.0))


def may_be_dated_name(pieces: Sequence[MarginLine]) -> bool:
    """Whether pieces hold, as far as they can be read, what may be a Chinese name and a date."""
    text = "".join(piece.text_line.text for piece in pieces)
    return bool(CHINESE.search(text) and DATE_FIGURE.search(text))


def _odds_of_strokes(upright: Upright, pieces: Sequence[MarginLine], reading: SignatureReading, prior: float) -> float:
    """What the strokes, and what they say, say for a signature, as a logarithm of odds."""
    handwriting = min(max(*(piece.handwriting for piece in pieces), UNLIKELY), 1 - UNLIKELY)
    evidence = prior + math.log(handwriting / (1.0 - handwriting))
    named = _may_be_name(reading)
    evidence += NAME_EVIDENCE if named else NO_NAME_EVIDENCE
    if _is_lone_date(pieces, reading):
        evidence += LONE_DATE_EVIDENCE
    elif reading.date:
        evidence += DATE_EVIDENCE * max(0.0 if named else -1.0, 1.0 + reading.date.likeness / DOUBTFUL_LIKENESS)
    width, height = quad_size(joined_quad(signature_parts(pieces, reading)))
    if width < mm_to_px(MIN_WIDTH_MM, upright.dpi):
        evidence += SHORT_EVIDENCE
    if not reading.date:
        beyond = max(0.0, width / max(_letter_height(pieces), 1.0) - MAX_LETTERS)
        evidence += max(MOST_AGAINST, LONG_EVIDENCE * beyond)
    if width < BLOCK_ASPECT * height and _letter_height(pieces) > mm_to_px(MAX_BLOCK_MM, upright.dpi):
        evidence += BLOCK_EVIDENCE
    if _is_red(upright, pieces):
        evidence += RED_EVIDENCE
    return evidence + _stroke_evidence(upright, pieces)


def is_surely_dated(reading: SignatureReading) -> bool:
    """Whether it ends in what is hardly anything but a date."""
    return reading.date is not None and reading.date.likeness >= -DOUBTFUL_LIKENESS


def _may_be_name(reading: SignatureReading) -> bool:
    """Whether any way to read the name is as long as names are."""
    if reading.name is None:
        return False
    texts = (reading.name.text, *(candidate.name for candidate in reading.name.candidates))
    return any(len(text) in NAME_LENGTHS for text in texts)


def _is_lone_date(pieces: Sequence[MarginLine], reading: SignatureReading) -> bool:
    """Whether there is nothing but a date: no name, nor strokes that may be one."""
    if reading.name is not None or reading.date_quad is None:
        return False
    strokes = joined_quad([sub_quad(piece.quad, *piece.shape.box) for piece in pieces])
    return math.prod(quad_size(reading.date_quad)) >= LONE_DATE * math.prod(quad_size(strokes))


def signature_parts(pieces: Sequence[MarginLine], reading: SignatureReading) -> list[Polygon]:
    """The quads of name and date, or of all pieces where neither was found; the widest first.

    Where the date has a cell of its own they are upright: the slope of a name says nothing about so distant a date.
    """
    parts = [quad for quad in (reading.name_quad, reading.date_quad) if quad] or [piece.quad for piece in pieces]
    if any(piece.dates for piece in pieces):
        boxes = [bounding_box(quad) for quad in parts]
        parts = [polygon(box_corners(box)) for box in boxes]
    return sorted(parts, key=lambda quad: -quad_size(quad)[0])


def _stroke_evidence(upright: Upright, pieces: Sequence[MarginLine]) -> float:
    """What the pieces' strokes say against a name: too short, too few, too square."""
    strokes = _strokes_of(upright, pieces)
    length = sum(own.length for own in strokes)
    square = sum(own.square * own.length for own in strokes) / max(length, 1.0)
    missing = max(0.0, MIN_LENGTH - length / max(_letter_height(pieces), 1.0))
    fewer = max(0, MIN_ENDS - sum(own.ends for own in strokes))
    against = (
        LENGTH_EVIDENCE * missing,
        ENDS_EVIDENCE * fewer,
        SQUARE_EVIDENCE * max(0.0, square - MOST_SQUARE),
    )
    return sum(max(MOST_AGAINST, one) for one in against)


def _is_red(upright: Upright, pieces: Sequence[MarginLine]) -> bool:
    """Whether most of the pieces' ink is red on the scan."""
    redness = []
    to_image = compose(upright.to_scan, scale_matrix(*upright.page.scale))
    for piece in pieces:
        inked = ink_mask(cut_line(upright.ink.darkness, piece.quad, SHAPE_HEIGHT), upright.ink.noise) > 0
        scan = cut_line(upright.page.image, map_polygon(to_image, piece.quad), SHAPE_HEIGHT)
        blue, green, red = (scan[..., channel].astype(np.int16) for channel in range(3))
        redness.append((red - np.maximum(blue, green))[: inked.shape[0], : inked.shape[1]][inked])
    values = np.concatenate(redness)
    return bool(values.size) and float(np.median(values)) >= MIN_RED


def _letter_height(pieces: Sequence[MarginLine]) -> float:
    return max(piece.letter_height for piece in pieces)
