"""Texts and names within Excel's limits; what has to give is named."""

from __future__ import annotations

import re

from pipeline.visible import visible

MAX_CELL_UNITS = 32_767
"""A cell of Excel holds so many UTF-16 units."""
MAX_NAME_UNITS = 31
"""The name of a sheet holds so many UTF-16 units."""
CUT = " …[cut]"
"""A text that was cut ends so, so that nobody takes it for whole."""
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
LOOKS_RICH = re.compile(r"<r>.*</r>", re.DOTALL)
"""XlsxWriter would take such a text for its own markup."""


def fitted(text: str, where: str) -> tuple[str, str | None]:
    """A text as a cell can hold it, and what was changed, in a sentence; None when nothing was.

    Args:
        text: any.
        where: the cell, for the sentence.
    """
    if _units(text) > MAX_CELL_UNITS:
        return _cut(text, MAX_CELL_UNITS - len(CUT)) + CUT, f"{where} was cut: it has {len(text)} characters."
    if LOOKS_RICH.fullmatch(text):
        return f"{text} ", f"{where} has a space added at its end."
    return text, None


def sheet_name(number: str, stem: str) -> str:
    """A name that Excel takes for a sheet, unique where the number is.

    >>> sheet_name("3.1", "申报表[终]")
    '3.1 申报表_终_'

    Args:
        number: begins the name.
        stem: as much of it follows as there is room for.
    """
    plain = NOT_IN_NAMES.sub("_", visible(f"{number} {stem}"))
    return _cut(plain, MAX_NAME_UNITS).strip().strip("'")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, units: int) -> str:
    """The longest beginning of so many UTF-16 units, no character of which is halved."""
    return text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "ignore")
