"""Doubtful readings of open text -> the phrase that the recogniser half read, where the form's language knows it.

Names and goals have no closed vocabulary. What a character is surely not is told by its neighbours: 成事 is no pair of
letters that any phrase of the form or of the document has, 成率 is. Only characters that the recogniser itself read in
another cut, or half read, are considered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.correction.words import edited
from pipeline.elements import CellReading, Hypothesis
from pipeline.text import half_width

PLAINLY_HALF_READ = 0.2
"""A character that some cut half read this much is unsure, however sure the cell is."""
LEAST = 0.02
"""What is less probable is not considered, so that no wild guess is taken because a phrase knows it."""
READ_OTHERWISE = 0.3
"""Another cut's reading of a character counts as this probability: more than half read, less than read."""
COMMA = 0.1
"""A comma between two words of a sentence may be faint; this much of one is one."""

_MARKER = re.compile(r"目标\d{1,2}")
_LETTER = re.compile(r"[^\W\d_]")
_LETTER_PAIRS = re.compile(rf"(?=({_LETTER.pattern}{{2}}))")
_ENDS = ";；。！"
_HALF_READ_ENDS = ":：,，、.;；。"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Pairs of neighbouring letters that a form's language has."""

    pairs: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Lexicon:
        """The lexicon of texts that are known to be right.

        Example:
            >>> sorted(Lexicon.of(["完成率", "95%"]).pairs)
            ['完成', '成率']
        """
        return cls(frozenset(pair for text in texts for pair in _pairs(half_width(text))))

    def knows_better(self, text: str, doubt: Hypothesis) -> bool:
        """Whether a character and its neighbours are no pairs of the language, and with the other one they are."""
        before, after = text[doubt.start - 1 : doubt.start], text[doubt.stop : doubt.stop + 1]
        read = text[doubt.start : doubt.stop]
        old, new = {before + read, read + after}, {before + doubt.text, doubt.text + after}
        return not old & self.pairs and bool(new & self.pairs)


def _pairs(text: str) -> list[str]:
    """Its neighbouring letters, but for those of foreign words."""
    return [pair for pair in _LETTER_PAIRS.findall(text) if not pair.isascii()]


def is_half_read(reading: CellReading, unsure_below: float) -> bool:
    """Whether the recogniser was unsure of a cell, or plainly half read something in it."""
    unsure = reading.confidence is None or reading.confidence < unsure_below
    return unsure or any(doubt.probability >= PLAINLY_HALF_READ for doubt in reading.hypotheses)


def repair_phrase(reading: CellReading, lexicon: Lexicon, unsure_below: float) -> str:
    """A cell's text with those characters replaced that the lexicon knows better; the same where it does not.

    Args:
        reading: of the cell, with text.
        lexicon: of the form and the document.
        unsure_below: confidence from which a cell is sure, but for characters that were plainly half read.
    """
    text = reading.text or ""
    unsure = reading.confidence is None or reading.confidence < unsure_below
    followed: list[Hypothesis] = []
    for doubt in sorted((*reading.hypotheses, *_read_otherwise(reading)), key=lambda d: -d.probability):
        single = doubt.stop - doubt.start == 1 == len(doubt.text)
        probable = doubt.probability >= (LEAST if unsure else PLAINLY_HALF_READ)
        if single and probable and all(doubt.start != other.start for other in followed):
            letters = _LETTER.match(doubt.text) and _LETTER.match(text[doubt.start])
            if letters and lexicon.knows_better(edited(text, followed), doubt):
                followed.append(doubt)
    return edited(text, followed)


def _read_otherwise(reading: CellReading) -> Iterator[Hypothesis]:
    """Characters that another cut reads otherwise, where the rest has its place."""
    text = reading.text or ""
    for other in reading.alternatives:
        if len(other) == len(text):
            places = (place for place, (a, b) in enumerate(zip(text, other, strict=True)) if a != b)
            yield from (Hypothesis(place, place + 1, other[place], READ_OTHERWISE) for place in places)


def repair_list(reading: CellReading) -> str:
    """The text of a numbered list (目标1：…；目标2：…) with the marks between its items as the others have them.

    A mark is mended only where the recogniser was unsure of its place: before an item, what it half read or took for
    another mark is the end of the item before; after an item's number it is a colon; between two words a faint comma is
    one. A text without two items is left alone.
    """
    text = reading.text or ""
    markers = list(_MARKER.finditer(text))
    if len(markers) < 2:
        return text
    edits = [
        edit for marker in markers for edit in (_end_before(reading, marker), _colon_after(reading, marker)) if edit
    ]
    taken = {place for edit in edits for place in (edit.start, edit.stop)}
    commas = (d for d in reading.hypotheses if d.text in {"，", ","} and d.start == d.stop and d.probability >= COMMA)
    for doubt in commas:
        beside = text[max(0, doubt.start - 1) : doubt.start + 1]
        if doubt.start not in taken and _pairs(beside):
            edits.append(doubt._replace(text="，"))
    return edited(text, edits)


def _end_before(reading: CellReading, marker: re.Match[str]) -> Hypothesis | None:
    """What ends the item before a marker, where another mark or none was read there."""
    text, place = reading.text or "", marker.start()
    last = text[place - 1 : place]
    if not last or last in _ENDS:
        return None
    half_read = [d for d in reading.hypotheses if d.text and d.text in _HALF_READ_ENDS]
    if last in _HALF_READ_ENDS:
        return Hypothesis(place - 1, place, "；", 1.0)
    return next((Hypothesis(place, place, "；", d.probability) for d in half_read if d[:2] == (place, place)), None)


def _colon_after(reading: CellReading, marker: re.Match[str]) -> Hypothesis | None:
    """The colon after a marker's number, where none or another mark was read there."""
    text, place = reading.text or "", marker.end()
    if text[place : place + 1] in {":", "："}:
        return None
    if text[place : place + 1] and text[place] in _HALF_READ_ENDS:
        return Hypothesis(place, place + 1, "：", 1.0)
    half_read = (d for d in reading.hypotheses if d.text and d.text in _HALF_READ_ENDS)
    return next((d._replace(text="：") for d in half_read if d[:2] == (place, place)), None)
