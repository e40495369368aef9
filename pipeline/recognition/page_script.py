"""The lines of a page -> which script they are in: no lone traditional character lands, and no script is invented.

A recogniser that reads both Chinese scripts takes 项 for 項 where a scan is coarse, and is sure of it. A page is in one
script, so that the others of its characters tell which is meant.

A recogniser whose alphabet lacks a script reads spaces for most of its letters, and letters of another script for those
that look alike, surely: 「Всего」 becomes 「Bcero」. What gives it away is how little it reads in so much ink.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.elements import CellReading, Finding, FindingRule, Severity, TableReading, TextLine
from pipeline.imaging import quad_size
from pipeline.recognition.cascade import CheckedReading
from pipeline.text import count_scripts, simplified

SURE = 0.95
"""The page's script is told by the texts that are surely right."""
ENOUGH = 5
"""So many simplified characters tell it, where nearly none are traditional: a page in the other has hardly one."""
MOST = 5.0
"""A page is in simplified characters where it has so many times more of them: a fax in one script has as many as one
traditional character in eight among its sure ones, and is still in one script."""
KANA = 3
"""A page with more kana than these is in Japanese, which has characters of both scripts."""
ALONE = 0.99
"""A traditional character in the one such line of a page stays, in doubt, where the line is read as surely as this: a
name may be written so."""
LIKELY = 0.9
"""A text in the page's script is no surer than this where the recogniser saw the other: below what counts as sure, and
as many of them are right on coarse faxes."""


WIDE = 2.5
"""Lines count that are so many times as wide as high: shorter ones hold a number or a mark as often as a word."""
HOLLOW = 0.6
"""A line is hollow that has fewer characters than this for each of its heights: Latin print has two, ideographs one."""
HOLLOW_SHARE = 0.25
"""A page is in a script that cannot be read where so many of its wide lines are hollow: from 0.33 to 0.94 of them on
real pages in Cyrillic; 0.14 at most where the print is Latin, as dashes and leaders are hollow, too."""
MIN_HOLLOW = 5
"""Fewer hollow lines than these are marks, handwriting or leaders."""
IDEOGRAPHS = 0.1
"""Where more of the letters and digits are ideographs, hollow lines are headings whose characters are set far apart."""
MIN_READ = 5
"""Where fewer letters and digits than these were read, nothing tells a script from a scan that is too poor to read."""
SELDOM_RIGHT = 0.1
"""A text with letters is no surer than this on such a page: some names and units are in Latin letters even there."""


def in_page_script(readings: Sequence[CheckedReading]) -> list[CheckedReading]:
    """The readings with traditional characters replaced, and in doubt, on a page in simplified characters.

    What was read stays among the alternatives. On all other pages the readings stay as they are.

    Args:
        readings: of all lines of a page.
    """
    strange = [index for index, reading in enumerate(readings) if simplified(reading.text) != reading.text]
    if not strange or not _is_simplified(readings):
        return list(readings)
    landed = list(readings)
    for index in strange:
        landed[index] = _in_simplified(readings[index], alone=len(strange) == 1)
    return landed


def _is_simplified(readings: Sequence[CheckedReading]) -> bool:
    sure = "".join(reading.text for reading in readings if (reading.confidence or 0.0) >= SURE)
    if sum(unicodedata.name(c, "").startswith(("HIRAGANA", "KATAKANA")) for c in sure) > KANA:
        return False
    counts = count_scripts(sure)
    return counts.simplified >= max(ENOUGH, MOST * counts.traditional)


def _in_simplified(reading: CheckedReading, *, alone: bool) -> CheckedReading:
    confidence, meant = reading.confidence or 0.0, simplified(reading.text)
    if alone and confidence >= ALONE:
        return reading._replace(confidence=LIKELY, alternatives=(*reading.alternatives, meant))
    others = (other for other in reading.alternatives if other != meant)
    return reading._replace(text=meant, confidence=min(confidence, LIKELY), alternatives=(reading.text, *others))


def doubt_unread_script(tables: Sequence[TableReading]) -> tuple[TableReading, ...]:
    """The tables with all texts but numbers in doubt, where the page is in a script that cannot be read.

    Args:
        tables: of one page.
    """
    if not is_unread_script(tables):
        return tuple(tables)
    return tuple(TableReading(table.grid, tuple(map(_doubted, table.cells))) for table in tables)


def report_unread_script(page_number: int, tables: Sequence[TableReading]) -> Iterator[Finding]:
    """That a page is in a script that cannot be read, and which of its cells are in it."""
    if not is_unread_script(tables):
        return
    message = "The print is in a script that the recogniser cannot read: only its numbers were read."
    yield Finding(FindingRule.SCRIPT_UNREAD, Severity.WARNING, message, page_number)
    for table in tables:
        for reading in filter(_is_invented, table.cells):
            yield Finding(
                rule=FindingRule.SCRIPT_UNREAD,
                severity=Severity.WARNING,
                message="The cell's text is in a script that the recogniser cannot read.",
                page_number=page_number,
                table_index=table.grid.table_index,
                row=reading.cell.row,
                col=reading.cell.col,
                found=reading.text,
            )


def is_unread_script(tables: Sequence[TableReading]) -> bool:
    """Whether most of what a page's tables say was read as spaces."""
    lines = [line for table in tables for reading in table.cells for line in reading.lines]
    wide = [line for line in lines if _heights(line) >= WIDE]
    hollow = sum(_printed(line.text) < HOLLOW * _heights(line) for line in wide)
    if hollow < max(MIN_HOLLOW, HOLLOW_SHARE * len(wide)):
        return False
    letters = [character for line in lines for character in line.text if character.isalnum()]
    return len(letters) >= MIN_READ and sum(map(_is_ideograph, letters)) <= IDEOGRAPHS * len(letters)


def _heights(line: TextLine) -> float:
    """How many times as wide as high a line is."""
    width, height = quad_size(line.polygon)
    return width / max(height, 1.0)


def _printed(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _is_ideograph(character: str) -> bool:
    return unicodedata.east_asian_width(character) == "W"


def _is_invented(reading: CellReading) -> bool:
    """Whether a text has letters, or nothing that says anything."""
    text = reading.text or "0"
    return any(c.isalpha() for c in text) or not any(c.isalnum() for c in text)


def _doubted(reading: CellReading) -> CellReading:
    if not _is_invented(reading) or reading.confidence is None:
        return reading
    lines = tuple(
        replace(line, confidence=None if line.confidence is None else min(line.confidence, SELDOM_RIGHT))
        for line in reading.lines
    )
    return replace(reading, confidence=min(reading.confidence, SELDOM_RIGHT), lines=lines)
