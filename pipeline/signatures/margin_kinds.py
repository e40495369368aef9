"""A line outside the cells -> what it is: title, note, print or handwriting."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.elements import BBox, LineKind, Polygon, TextLine, Upright
from pipeline.engines import LineReading, Seen
from pipeline.imaging import (
    LineShape,
    bounding_box,
    quad_size,
    sigmoid,
)
from pipeline.pen import PageHeat

MARGIN_EVIDENCE = -1.0
"""The natural logarithm of odds that what is written in a margin is a signature: it is more often a mark."""
TITLE_RATIO = 1.15
"""A title's further lines are at most this much smaller than its largest."""
TITLE_LETTERS = 4
"""A title has at least so many Chinese characters, a date's own not counted: a name and 2013年4月10日 have fewer."""
SURE_PRINT = 8
"""Lines with more Chinese characters than these, a date's own not counted, are print: two names have six."""
PEN_LETTER_MM = 5.0
"""This lies between the height of letters of forms, 3-4 mm, and of those of most pens, 6-12 mm."""
PRINTED_MARKS = re.compile(r"[()（）【】《》%:：=≥≤]|年度|万元|单位")
"""Marks and words that forms print in their margins and nobody signs with."""
PAGE_NUMBER = re.compile(r"第\s*[\d一二三四五六七八九十]+\s*页|共\s*\d+\s*页|[Pp]age\s*\d")
"""Lines with a page number are print, whatever mark stands upon them."""
NOTE_START = re.compile(r"^\W*(备\s*注|附\s*注|说\s*明|注\s*[:：\d])")
"""The first words of a note."""
LETTER = re.compile(r"(?![年月日])[\u3400-\u9fff]")
"""A Chinese character that is no mark of a date."""
CHINESE_DATE = re.compile(r"[〇零○一二三四五六七八九十0O]+(?=[年月日号])")
"""The numerals of a date in front of its marks."""


@dataclass(frozen=True, slots=True)
class MarginLine:
    """A line outside the grids: as it lands, its quad in upright pixels, and the shape of its ink.

    `handwriting` is how probably it was written by hand, 0-1. `dates` is the cell (table, row, column) of the signature
    to which a date in a cell of its own belongs. `seen` is what the recogniser saw in its `reading_cut`, where that was
    kept.
    """

    text_line: TextLine
    quad: Polygon
    shape: LineShape
    handwriting: float
    dates: tuple[int, int, int] | None = None
    seen: Seen | None = None

    @property
    def letter_height(self) -> float:
        """Height of its tall characters in pixels."""
        return quad_size(self.quad)[1] * self.shape.height


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A detected line before it has a kind; quad in upright pixels."""

    quad: Polygon
    shape: LineShape
    reading: LineReading
    handwriting: float
    stamped: bool = False

    @property
    def letter_height(self) -> float:
        """Height of its letters, in upright pixels."""
        return quad_size(self.quad)[1] * self.shape.height


class PageView(NamedTuple):
    """Lines in which signatures are looked for, and the page on which they are read; as it stands, that of the margins.

    `prior` is what their place says for their being a signature, as a natural logarithm of odds. `lines_land` says
    whether all of them land: those of cells, and of print that was written across, were read there already, and land a
    second time only where they are a signature's. `heat` is where on the page signatures are, None where nobody says;
    `apart` says that each line is a place of its own, found by its heat. `asked` are places where the page asks for a
    signature, in pixels of the page.
    """

    upright: Upright
    lines: tuple[MarginLine, ...]
    prior: float = MARGIN_EVIDENCE
    lines_land: bool = True
    heat: PageHeat | None = None
    apart: bool = False
    asked: tuple[Polygon, ...] = ()


def handwriting_probability(shape: LineShape, letter_mm: float, reading: LineReading) -> float:
    """How probably a line was written by hand, 0-1.

    A logistic model: print fills its box, stands even and close, and is read without doubt; pens write larger. The
    weights were fitted on printed lines, cells and signatures and rounded, the size held back so that a large heading
    stays print.
    """
    if _letters(reading.text) > SURE_PRINT or PAGE_NUMBER.search(reading.text):
        return 0.0
    score = 3.0 - 12.0 * shape.fill + 5.0 * shape.unevenness + min(shape.gap, 0.5) + 5.0 * (1.0 - reading.confidence)
    score += 4.0 * math.log(max(letter_mm, 0.1) / PEN_LETTER_MM) - 2.5 * bool(PRINTED_MARKS.search(reading.text))
    return sigmoid(score)


def title_lines(found: Sequence[FoundLine], tables: Sequence[BBox]) -> list[FoundLine]:
    """The largest print above the first table (anywhere on a page without one), and lines as large as it."""
    top = min((table.top for table in tables), default=math.inf)
    titles = [
        line
        for line in found
        if line.handwriting < 0.5
        and bounding_box(line.quad).top < top
        and _letters(line.reading.text) >= TITLE_LETTERS
        and not NOTE_START.match(line.reading.text)
    ]
    largest = max((line.letter_height for line in titles), default=0.0)
    return [line for line in titles if line.letter_height * TITLE_RATIO >= largest]


def _letters(text: str) -> int:
    """How many Chinese characters a text has, those of dates not counted."""
    return len(LETTER.findall(CHINESE_DATE.sub("", text)))


def kind_of(line: FoundLine, title: bool, tables: Sequence[BBox]) -> LineKind:
    """What a line is, by its place beside the tables, its first words, and the seal that it is part of."""
    if line.stamped:
        return LineKind.SEAL
    if title:
        return LineKind.TITLE
    below = bool(tables) and bounding_box(line.quad).bottom > max(table.bottom for table in tables)
    noted = below and line.handwriting < 0.5
    return LineKind.NOTE if noted or NOTE_START.match(line.reading.text) else LineKind.OTHER
