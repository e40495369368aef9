"""What the values of a landed table may be: stated once, and read by the schemas, the package file and the docs.

A constraint is of one column, a rule of one row, a reference of one table to another. All three leave nulls alone:
whether a column may be null is said by the column itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a column's values may be. What is not given is not asked for.

    `minimum` and `maximum` bound numbers, `above` without touching it; `allowed` are all that a text may be; `pattern`
    is matched by the whole text. Of a list, `min_items`, `max_items` and `items_in` (its length is a multiple of it)
    bound the length, and `items` is what each item may be, or each item's `item_field`.
    """

    words: str
    """As the data dictionary says it."""
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    min_items: int = 0
    max_items: int | None = None
    items_in: int = 1
    items: Constraint | None = None
    item_field: str | None = None


class RuleKind(StrEnum):
    """How a rule's columns hang together."""

    TOGETHER = "together"
    IN_ORDER = "in order"
    ONLY_WITH = "only with"


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds between the columns of each row."""

    kind: RuleKind
    columns: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The rule in the words of the data dictionary."""
        names = [f"`{name}`" for name in self.columns]
        if self.kind is RuleKind.TOGETHER:
            return f"{', '.join(names[:-1])} and {names[-1]} are null together."
        if self.kind is RuleKind.IN_ORDER:
            return f"{names[0]} is at most {names[1]}."
        return f"{names[0]} is null where {names[1]} is."


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: where none of `columns` is null, `table` has a row whose `key` columns hold the same values."""

    columns: tuple[str, ...]
    table: str
    key: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The reference in the words of the data dictionary."""
        names = ", ".join(f"`{name}`" for name in self.columns)
        target = ", ".join(f"`{name}`" for name in self.key)
        return f"{names} → {target} of `{self.table}`." if self.columns != self.key else f"{names} → `{self.table}`."


def at_least(minimum: int) -> Constraint:
    """Numbers from `minimum` on."""
    return Constraint(f"{minimum} or more", minimum=minimum)


def above(limit: float) -> Constraint:
    """Numbers greater than `limit`."""
    return Constraint(f"more than {limit:g}", above=limit)


def between(minimum: float, maximum: float) -> Constraint:
    """Numbers from `minimum` to `maximum`, both included."""
    return Constraint(f"{minimum:g} to {maximum:g}", minimum=minimum, maximum=maximum)


def one_of(*values: str) -> Constraint:
    """Texts of an enumeration."""
    plain = tuple(map(str, values))
    return Constraint(", ".join(plain), allowed=plain)


def matching(pattern: str, words: str) -> Constraint:
    """Texts that match a regular expression from their first character to their last."""
    return Constraint(words, pattern=pattern)


def list_of(words: str, items: Constraint, item_field: str | None = None) -> Constraint:
    """Lists of any length, each item of which, or one field of it, is constrained."""
    return Constraint(words, items=items, item_field=item_field)


def points(least: int, most: int | None = None) -> Constraint:
    """Lists of numbers x, y, x, y, … of so many points."""
    words = f"{least * 2} numbers" if least == most else f"{least * 2} numbers or more, in pairs"
    length = None if most is None else most * 2
    return Constraint(words, min_items=least * 2, max_items=length, items_in=2, items=FINITE)


def numbers(count: int) -> Constraint:
    """Lists of exactly so many numbers."""
    return Constraint(f"{count} numbers", min_items=count, max_items=count, items=FINITE)


def together(*columns: str) -> Rule:
    """The columns are null in the same rows."""
    return Rule(RuleKind.TOGETHER, columns)


def in_order(first: str, last: str) -> Rule:
    """No row has more in `first` than in `last`."""
    return Rule(RuleKind.IN_ORDER, (first, last))


def only_with(column: str, other: str) -> Rule:
    """No row has `column` without `other`."""
    return Rule(RuleKind.ONLY_WITH, (column, other))


LARGEST_PLACE = 1e6
"""No scan has a million pixels on a side; a place beyond is a division by almost nothing."""
FINITE = Constraint("places on a scan", minimum=-LARGEST_PLACE, maximum=LARGEST_PLACE)
"""A place on a scan is a number, and no scan is as large."""
SHARE = between(0, 1)
"""Confidences and shares lie between nothing and the whole."""
SHA256 = matching("[0-9a-f]{64}", "64 hexadecimal digits")
"""A SHA-256 as written in lower case."""
