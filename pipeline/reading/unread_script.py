"""The tables of a page -> whether they are in a script that the recogniser cannot read, and its texts in doubt.

A recogniser whose alphabet lacks a script reads spaces for most of its letters, and letters of another script for those
that look alike, surely: 「Всего」 becomes 「Bcero」. What gives it away is how little it reads in so much ink.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.elements import CellReading, Finding, FindingRule, Severity, TableReading, TextLine
from pipeline.imaging import quad_size

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
