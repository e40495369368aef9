"""Units of measurement: those that tables hold, the ways in which each is read, and which a text may be meant as."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import NamedTuple

COMMON, RARE = 1.0, 0.03
"""How often units stand in tables, by far: of two that look alike, as μg/m³ and μg/m² or % and ‰, one is meant most."""

KNOWN_UNITS = {
    **dict.fromkeys(("℃", "m²", "m³", "km²", "hm²", "μg/m³", "mg/m³", "mg/L", "μg/L", "mg/kg", "μg/kg"), COMMON),
    **dict.fromkeys(("g/L", "kg", "mg", "mL", "mm", "cm", "km", "MJ/kg", "kJ/kg", "kPa", "MPa", "kWh", "%"), COMMON),
    **dict.fromkeys(("mg/mL", "g/m³", "kg/m³", "m³/h", "m³/d", "μm", "cm²", "cm³", "kg/h", "L/min"), COMMON),
    **dict.fromkeys(("‰", "μg/m²", "mg/m²", "mg/m", "kg/m²"), RARE),
}
"""Units, and how often each is meant among those that look like it; those of two capitals are read without help."""

SPELLINGS = {
    "℃": ("℃", "°C", "°℃", "ºC"),
    "‰": ("‰", "%0", "%o", "%%", "%。"),
    "μ": ("μ", "µ", "u"),
    "²": ("²", "2"),
    "³": ("³", "3"),
}
"""What recognisers make of signs: the same, its parts, or a letter or digit of the same shape."""

NUMBER_BEFORE = re.compile(r"[≥≤><=±]?[\d,.]*\d(?=\D)")
COMPOSED = re.compile(r"\d%[0o%。]$")
UNIT_LIKE = re.compile(r"(?=.*[A-Za-zμµ°º℃%/])[A-Za-zμµ°º℃%/²³.'\d。]+")
LONGEST = 6
"""No unit is longer."""
SLIPS = {1: 0, 2: 1, 3: 1}
"""So many characters of a text so long may be wrong, in one that is meant as a unit."""
SLIPS_OF_LONG = 2
"""So many may be wrong in longer ones."""


class MeantUnit(NamedTuple):
    """A text that may be meant: a number and a unit, each way in which it may be read, and how often it is meant."""

    text: str
    spellings: tuple[str, ...]
    weight: float


def meant_units(text: str) -> tuple[MeantUnit, ...]:
    """The texts with a known unit that a text may be meant as, by one or two slips of a recogniser; none if by more.

    None either of one that ends with a common unit as it is.

    Example:
        >>> [unit.text for unit in meant_units("35m")]
        ['35m²', '35m³', '35mg', '35mL', '35mm', '35cm', '35km', '35μm']
    """
    number = NUMBER_BEFORE.match(text)
    head = number[0] if number else ""
    tail = text[len(head) :]
    if len(tail) > LONGEST + 1 or KNOWN_UNITS.get(tail) == COMMON or not UNIT_LIKE.fullmatch(tail):
        return ()
    return tuple(
        MeantUnit(head + unit, tuple(head + spelling for spelling in spellings_of(unit)), weight)
        for unit, weight in KNOWN_UNITS.items()
        if any(_is_near(tail, spelling, with_number=bool(head)) for spelling in spellings_of(unit))
    )


def is_composed(text: str) -> bool:
    """Whether a text ends with a sign in parts, such as %0 for ‰, that nobody prints so."""
    return COMPOSED.search(text) is not None


@lru_cache(maxsize=len(KNOWN_UNITS))
def spellings_of(unit: str) -> tuple[str, ...]:
    """All ways in which a unit is read.

    Example:
        >>> spellings_of("m²")
        ('m²', 'm2')
    """
    return tuple("".join(parts) for parts in itertools.product(*(SPELLINGS.get(c, (c,)) for c in unit)))


def _is_near(tail: str, spelling: str, *, with_number: bool) -> bool:
    """Whether a text is a spelling but for few slips; a lone letter but for a sign beside it, as C is ℃.

    Parts of ‰ and % mean nothing without a number, and nothing else looks like them.
    """
    if len(tail) == 1 and tail != spelling:
        return len(spelling) == 2 and tail in spelling and (with_number or spelling == "°C")
    if spelling[0] == "%":
        return with_number and tail == spelling
    if abs(len(tail) - len(spelling)) > SLIPS_OF_LONG:
        return False
    return slips(tail, spelling) <= SLIPS.get(min(len(tail), len(spelling)), SLIPS_OF_LONG)


def slips(text: str, other: str) -> int:
    """The fewest characters to change, add or leave out that make one text the other (Levenshtein).

    Example:
        >>> slips("ug/m'", "μg/m³")
        2
    """
    row = list(range(len(other) + 1))
    for index, character in enumerate(text, start=1):
        before, row[0] = row[0], index
        for place, wanted in enumerate(other, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (character != wanted))
    return row[-1]
