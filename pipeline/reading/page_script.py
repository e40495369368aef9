"""Readings of a page's lines -> the same in the page's own script: no lone traditional character among simplified ones.

A recogniser that reads both scripts takes 项 for 項 where a scan is coarse, and is sure of it. A page is in one script,
so that the others of its characters tell which is meant.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from pipeline.reading.cascade import CheckedReading
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
