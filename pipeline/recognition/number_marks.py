"""The text of a number and its ink -> the number with every sign and point that the ink shows, and doubt where it may.

A recogniser may pass over a point or half a comparator without a doubt. So the components of a line that reads as a
number are looked at for themselves: small ones at the digits' feet are points, flat ones at mid-height before the first
digit are signs, and a comparator with a bar is heavier below. What only the ink shows is never sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.elements import Hypothesis, Image
from pipeline.imaging import Component
from pipeline.recognition.cascade import CheckedReading

IN_DOUBT = 0.9
"""A number whose signs or points are in doubt is no surer than this, below what lands without a look."""
HALF_READ = 0.1
"""A sign or a point that was half read with this probability is in doubt: of numbers with less, none lacked one."""
TALL = 0.62
"""Digits are at least this high, as a share of the highest component of their line."""
SMALL = 0.45
"""Points, commas and signs are at most this high, in heights of digits."""
FEET = 0.66
"""The middle of a point or comma is at least so far down, in heights of digits."""
AT_SIGN = (0.25, 0.78)
"""The middle of a sign is at these heights, from the digits' top: worn faxes put it low."""
SIGN_WIDTH = 0.2
"""Signs are at least this wide, in heights of digits, and no higher than wide."""
DIGIT_WIDTH = 0.62
"""Digits with the paper beside them are this wide, in their heights: components of several that touch are divided by
it."""
BAR_HEAVIER = 1.2
"""A comparator with a bar has so many times more ink in its lower half than in the upper one, less `BAR_LEVER` times
what its corner shows: none of 35 in cells without a bar had as much, of 24 read without theirs 23 had."""
BAR_LEVER = 1.5
"""A comparator that lies low in its box is heavier below and has a darker lower corner; by so much the one makes up for
the other."""
BAR_CORNER = 0.25
"""So much darker than the upper outer corner, in the comparator's darkest ink, is the lower one where a bar is."""
OPEN_BAR = 1.08
"""Up to so many times more ink below, a comparator surely has no bar: all but two of those 35."""
COMPARATOR_PX = 10
"""Smaller comparators do not show whether they have a bar."""
NO_TAIL = 0.06
"""A comma's tail ends at least so far below a point of the same number, in heights of digits."""

POINTS_TO_A_COMMA = 3
"""A page writes decimals with points where so many numbers have one for each that seems to have a comma."""

SIGNS = "-+−–—－~"
POINTS = ".,，．。、·:：;"
_SPELLED = re.compile(r"[\d\s()（）%％‰≥≤≧≦><＞＜=±¥￥$/.,，．。、·:：;+\-−–—－~oO]+")

_COMPARATOR = re.compile(r"[><＞＜]")
_WITH_BAR = {">": "≥", "＞": "≥", "<": "≤", "＜": "≤"}
_POINT = re.compile(rf"(?<=\d)[{POINTS}]\s?(?=\d)")
_PER_MILLE = re.compile(r"(?<=\d)[%％][0oO](?=[)）]?$)")
_PER_MILLE_ALONE = re.compile(r"[%％][0oO]")
_COMMA = re.compile(r"(?<=\d)[,，](?=\d{1,2}(?![\d.,]))")
_DATE_WITHOUT_SIGNS = re.compile(r"(?:19|20)\d{4}(?:\d\d)?")
_DECIMAL = re.compile(r"\d[.．]\d{1,2}(?!\d)")
_SEPARATED = re.compile(r"\d{1,3}(?:[.,，．]\d{3})+[.,，．]\d{1,2}(?!\d)|\d{1,3}(?:[.,，．]\d{3}){2,}(?!\d)")
_TAKES_SIGN = re.compile(r"[\d.,，．]+\s?[%％‰]?")
"""A number that may be below zero; a range of years or a time is not."""
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


class LineInk(NamedTuple):
    """The components of a line, and the darkness (height, width) of the cell's inside in whose pixels they are."""

    pieces: Sequence[Component]
    inside: Image


class _Digits(NamedTuple):
    """The tall components of a number from left to right, with its top and foot, and the small ones."""

    tall: list[Component]
    small: list[Component]
    top: float
    height: float

    def middle(self, piece: Component) -> float:
        """How far down the middle of a component is, in heights of digits."""
        return ((piece.top + piece.bottom) / 2 - self.top) / self.height


def reads_as_number(text: str) -> bool:
    """Whether a text has digits, and nothing else but what stands with them in numbers, dates and times.

    Example:
        >>> reads_as_number("≥93.5%"), reads_as_number("(1,014.70)"), reads_as_number("3月")
        (True, True, False)
    """
    return any(map(str.isdecimal, text)) and _SPELLED.fullmatch(text) is not None


def check_marks(reading: CheckedReading, ink: LineInk) -> CheckedReading:
    """The reading of a line with the signs and points that its ink shows; unchanged where it is no number.

    Args:
        reading: of the line.
        ink: of the line; without components only what the recogniser half read is doubted.
    """
    if reading.confidence is None:
        return reading
    if _PER_MILLE_ALONE.fullmatch(reading.text):
        return _changed(reading, "‰")
    if not reads_as_number(reading.text):
        return reading
    checked = reading
    digits = _digits_of(ink.pieces)
    if digits is not None:
        checked = _with_points(checked, digits)
        checked = _with_sign(checked, digits)
        checked = _with_bar(checked, digits, ink)
        checked = _with_grouping(checked, digits)
    per_mille = _PER_MILLE.sub("‰", checked.text)
    checked = checked if per_mille == checked.text else _changed(checked, per_mille)
    return _doubted(checked) if _is_half_read(checked) else checked


def doubt_odd_commas(readings: Sequence[CheckedReading]) -> list[CheckedReading]:
    """The readings of a page with a point, in doubt, where a comma is before decimals on a page that writes points."""
    numbers = [reading.text for reading in readings if reading.confidence is not None and reads_as_number(reading.text)]
    commas, points = (sum(end.search(text) is not None for text in numbers) for end in (_COMMA, _DECIMAL))
    if not commas or points < POINTS_TO_A_COMMA * commas:
        return list(readings)
    odd = [reading.confidence is not None and reads_as_number(reading.text) for reading in readings]
    return [
        _changed(reading, _COMMA.sub(".", reading.text)) if number and _COMMA.search(reading.text) else reading
        for reading, number in zip(readings, odd, strict=True)
    ]


def settle_open_marks(reading: CheckedReading, again: str, looks_like_sign: bool) -> CheckedReading:
    """A number beside which something was painted over that may be a sign, a point or dust; always in doubt.

    Args:
        reading: with it painted over.
        again: the text with it left in.
        looks_like_sign: whether it has the shape and the place of a sign or point.
    """
    marks = again[: len(again) - len(reading.text)] if again.endswith(reading.text) else ""
    if marks and looks_like_sign and set(marks) <= set(SIGNS + "."):
        return _changed(reading, again) if _TAKES_SIGN.fullmatch(reading.text) else _doubted(reading, again)
    if again == reading.text and not looks_like_sign:
        return reading
    return _doubted(reading, again)


def _digits_of(pieces: Sequence[Component]) -> _Digits | None:
    """What is tall and what is small among the components of a number; None where there is nothing to compare."""
    highest = max((piece.bottom - piece.top for piece in pieces), default=0)
    tall = sorted((piece for piece in pieces if piece.bottom - piece.top >= TALL * highest), key=lambda b: b.left)
    if not tall:
        return None
    top, foot = (float(np.median(edges)) for edges in zip(*((b.top, b.bottom) for b in tall), strict=True))
    height = foot - top
    apart = [b for b in pieces if b not in tall and b.bottom - b.top <= SMALL * height and not _is_across(b, tall)]
    return _Digits(tall, sorted(apart, key=lambda b: b.left), top, height)


def _is_across(piece: Component, tall: Sequence[Component]) -> bool:
    """Whether a small component is above or below a tall one: a torn part of it."""
    overlaps = (min(piece.right, b.right) - max(piece.left, b.left) for b in tall)
    return max(overlaps) > (piece.right - piece.left) / 2


def _with_points(reading: CheckedReading, digits: _Digits) -> CheckedReading:
    """A number with the points between its digits that only the ink shows."""
    text = reading.text
    begin, last = digits.tall[0].left, digits.tall[-1]
    end = last.right if text[-1:].isdecimal() else last.left
    inner = [b for b in digits.small if digits.middle(b) >= FEET and begin < b.left and b.right <= end]
    if len(inner) <= len(_POINT.findall(text)):
        return reading
    places = [_characters_before(b, digits) for b in inner]
    signs = [index for index, sign in enumerate(text) if sign not in POINTS]
    if _characters(digits.tall, digits.height) != len(signs) or not all(0 < place < len(signs) for place in places):
        return _doubted(reading)
    missing = [signs[place] for place in places if text[signs[place] - 1] not in POINTS]
    pointed = text
    for index in sorted(missing, reverse=True):
        pointed = f"{pointed[:index]}.{pointed[index:]}"
    if not _is_plain_number(pointed):
        return _doubted(reading)
    half_read = {doubt.start for doubt in reading.hypotheses if doubt.start == doubt.stop and doubt.text in POINTS}
    return _changed(reading, pointed) if set(missing) <= half_read else _doubted(reading, pointed)


def _characters(tall: Sequence[Component], height: float) -> int:
    return sum(max(1, round((b.right - b.left) / (DIGIT_WIDTH * height))) for b in tall)


def _characters_before(piece: Component, digits: _Digits) -> int:
    """How many characters are left of a component, by the width of those that touch."""
    return _characters([b for b in digits.tall if b.left < piece.left], digits.height)


def _is_plain_number(text: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?|\d{1,3}(?:[,.]\d{3})+(?:\.\d+)?", text.lstrip(SIGNS)) is not None


def _with_sign(reading: CheckedReading, digits: _Digits) -> CheckedReading:
    """A number with the sign before its first digit that only the ink shows; doubt where one is between digits."""
    first, last = digits.tall[0], digits.tall[-1]
    flat = [
        b
        for b in digits.small
        if (b.right <= first.left + 1 or first.right <= b.left < b.right <= last.left)
        and b.right - b.left >= max(SIGN_WIDTH * digits.height, b.bottom - b.top)
        and AT_SIGN[0] <= digits.middle(b) <= AT_SIGN[1]
    ]
    between = [b for b in flat if b.left > first.left]
    if between and _DATE_WITHOUT_SIGNS.fullmatch(reading.text):
        return _doubted(reading)
    before = [b for b in flat if b not in between]
    if not before or not _TAKES_SIGN.fullmatch(reading.text):
        return reading
    plain = digits.middle(before[0]) < FEET
    if reading.text.startswith("."):
        return _doubted(reading, f"-{reading.text[1:]}") if plain else reading
    return _changed(reading, f"-{reading.text}", shift=1) if plain else _doubted(reading, f"-{reading.text}")


def _with_bar(reading: CheckedReading, digits: _Digits, ink: LineInk) -> CheckedReading:
    """A comparator with the bar below it that the ink shows, and doubt where it may have one."""
    match = _COMPARATOR.match(reading.text)
    if match is None:
        return reading
    heavier, corner = _below(ink, points_left=match[0] in "<＜")
    large = digits.height >= COMPARATOR_PX
    if heavier >= BAR_HEAVIER or corner >= BAR_CORNER:
        return _changed(reading, _WITH_BAR[match[0]] + reading.text[1:].lstrip())
    sure = large and heavier <= OPEN_BAR
    return reading if sure else _doubted(reading, _WITH_BAR[match[0]] + reading.text[1:].lstrip())


def _below(ink: LineInk, points_left: bool) -> tuple[float, float]:
    """How much heavier the lower half of a line's first sign is, and how much darker its lower outer corner.

    The corner is on the side to which the sign points.
    """
    first, *others = sorted(ink.pieces, key=lambda b: b.left)
    own = [first, *(b for b in others if b.left + b.right < 2 * first.right)]
    top, bottom = min(b.top for b in own), max(b.bottom for b in own)
    sign = ink.inside[top:bottom, min(b.left for b in own) : max(b.right for b in own)].astype(np.float64)
    sign = sign[:, ::-1] if points_left else sign
    half, low = sign.shape[0] // 2, max(1, round(0.22 * sign.shape[0]))
    outer = sign[:, sign.shape[1] // 2 :]
    darkest = max(1.0, float(sign.max(initial=0.0)))
    corner = float(outer[-low:].mean() - outer[:low].mean()) / darkest
    return float(sign[-half:].sum() / max(1.0, sign[:half].sum())) - BAR_LEVER * corner, corner


def _with_grouping(reading: CheckedReading, digits: _Digits) -> CheckedReading:
    """A number with separated thousands, whose commas and points the ink tells apart where they make no number."""
    match = _SEPARATED.search(reading.text)
    if match is None or _GROUPED.fullmatch(match[0]) or len(set(re.findall(r"\D", match[0]))) > 1 + 1:
        return reading
    begin, end = match.span()
    marks = [index for index in range(begin, end) if not reading.text[index].isdecimal()]
    cents = end - marks[-1] - 1 < len("000")
    wanted = [",", *("," for _ in marks[1:-1]), "." if cents else ","]
    if [reading.text[index] for index in marks] == wanted:
        return reading
    text = list(reading.text)
    for index, sign in zip(marks, wanted, strict=True):
        text[index] = sign
    feet = [b.bottom for b in digits.small if digits.middle(b) >= FEET]
    tails = len(feet) == len(marks) and cents
    plain = tails and all(foot - feet[-1] >= NO_TAIL * digits.height for foot in feet[:-1])
    return _changed(reading, "".join(text)) if plain else _doubted(reading, "".join(text))


def _is_half_read(reading: CheckedReading) -> bool:
    """Whether a sign or a point may be where none was read, or be another; or none where one was."""
    marks = set(SIGNS + POINTS)
    text = reading.text
    strong = [doubt for doubt in reading.hypotheses if doubt.probability >= HALF_READ]
    return any(marks & set(doubt.text + text[doubt.start : doubt.stop]) for doubt in strong) or any(
        _without_marks(other) == _without_marks(text) for other in reading.alternatives if other != text
    )


def _without_marks(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, SIGNS + POINTS + " ")))


def _doubted(reading: CheckedReading, other: str | None = None) -> CheckedReading:
    """The reading as one in doubt, with what else it may be."""
    known = (*reading.alternatives, *((other,) if other and other != reading.text else ()))
    confidence = None if reading.confidence is None else min(reading.confidence, IN_DOUBT)
    return reading._replace(confidence=confidence, alternatives=tuple(dict.fromkeys(known)))


def _changed(reading: CheckedReading, text: str, shift: int = 0) -> CheckedReading:
    """The reading with another text, in doubt, and the first one among its alternatives."""
    same = len(text) == len(reading.text) or shift
    moved = [doubt._replace(start=doubt.start + shift, stop=doubt.stop + shift) for doubt in reading.hypotheses]
    kept: tuple[Hypothesis, ...] = tuple(moved) if same and len(text) == len(reading.text) + shift else ()
    others = tuple(other for other in reading.alternatives if other != text)
    return _doubted(reading._replace(text=text, hypotheses=kept, alternatives=others), reading.text)
