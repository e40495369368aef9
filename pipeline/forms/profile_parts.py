"""What a profile is made of: the form's title, its fields and the levels of its hierarchy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from pipeline.elements import LEVEL_ROLES, CellRole, FieldRole

OPEN = "open"
"""The vocabulary of a level that may hold any word."""

TITLE_GROUPS = frozenset({"unit_name", "year"})
"""What a title may name: a record has columns for these alone."""
YEAR_GROUP = frozenset({"year"})
"""What a line outside the table may name: a unit is taken from the title or a field."""


class FieldName(StrEnum):
    """What a field of a form says about a project."""

    PARENT_CODE = "parent_code"
    UNIT_CODE = "unit_code"
    UNIT_NAME = "unit_name"
    DEPARTMENT = "department"
    PROJECT_NAME = "project_name"
    AMOUNT = "amount"
    AMOUNT_PART = "amount_part"
    TOTAL = "total"
    GOALS = "goals"
    OTHER = "other"
    """Anything that `projects` has no column for: it lands in `cells`, found by its role."""


class Relation(StrEnum):
    """Where a field's value stands, seen from its label."""

    RIGHT_OF = "right_of"
    BELOW = "below"
    SAME_CELL = "same_cell"


class Rows(StrEnum):
    """Which rows below a label a field is taken from."""

    PROJECT = "project"
    """The rows that also hold indicators."""
    GROUP = "group"
    """The row above them that names what they belong to, such as the unit."""


class Grammar(StrEnum):
    """How a field's text is made."""

    TEXT = "text"
    CODE = "code"
    AMOUNT = "amount"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class TitleRule:
    """How the page's title reads: `text` is compared fuzzily; the patterns' named groups are `unit_name` and `year`.

    `pattern` is searched in the title itself, `year` in the other lines outside the table.
    """

    text: str
    pattern: str | None = None
    year: str | None = None

    def __post_init__(self) -> None:
        """Refuse patterns that are none, or whose groups no record has."""
        check_label("text", self.text)
        check_pattern("pattern", self.pattern, TITLE_GROUPS)
        check_pattern("year", self.year, YEAR_GROUP)


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a project, found by its label.

    `rows` chooses among the cells below a label that heads a column; `under` names the label of the column in which
    the value to the right stands; `unit_label` the label that states the money unit, where it is another one;
    `choices` and `pattern` say what the grammars of these names allow.
    """

    name: FieldName
    label: str
    relation: Relation
    role: str | None = None
    under: str | None = None
    rows: Rows | None = None
    grammar: Grammar = Grammar.TEXT
    part: str | None = None
    unit_label: str | None = None
    required: bool = False
    choices: tuple[str, ...] = ()
    pattern: str | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that mean nothing."""
        for key in ("label", "under", "unit_label"):
            check_label(key, getattr(self, key))
        if (self.name is FieldName.AMOUNT_PART) != (self.part is not None):
            raise ValueError("part: an amount_part, and no other field, needs a part's name")
        if self.rows is not None and self.relation is not Relation.BELOW:
            raise ValueError(f"rows: only a field below its label has rows, this one is {self.relation}")
        if self.under is not None and self.relation is not Relation.RIGHT_OF:
            raise ValueError(f"under: only a field right_of its label has a column, this one is {self.relation}")
        if self.name is FieldName.OTHER and self.role is None:
            raise ValueError("role: a field of the name other needs one, as it is found by it")
        if self.role in tuple(CellRole):
            raise ValueError(f"role: {self.role!r} is what every form calls cells of another kind")
        if (self.grammar is Grammar.CHOICE) != bool(self.choices):
            raise ValueError("choices: the grammar choice, and no other, needs a list of what may be chosen")
        if (self.grammar is Grammar.PATTERN) != (self.pattern is not None):
            raise ValueError("pattern: the grammar pattern, and no other, needs a regular expression")
        check_pattern("pattern", self.pattern)

    @property
    def cell_role(self) -> FieldRole:
        """The role of the cells that hold this field."""
        return FieldRole(self.role or str(self.name))

    @property
    def is_beside_indicators(self) -> bool:
        """Whether it stands in the rows of its project's indicators."""
        return self.rows is Rows.PROJECT

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that this field needs."""
        return tuple(label for label in (self.label, self.under, self.unit_label) if label is not None)


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the hierarchy: the column under `header`.

    `vocabulary` is "open", a closed list, or closed lists by the entry of the level above.
    """

    header: str
    vocabulary: str | tuple[str, ...] | dict[str, tuple[str, ...]] = OPEN

    def __post_init__(self) -> None:
        """A word alone is not a list."""
        check_label("header", self.header)
        if isinstance(self.vocabulary, str) and self.vocabulary != OPEN:
            raise ValueError(f'vocabulary: must be "open" or a list, got {self.vocabulary!r}')

    def words(self) -> frozenset[str] | None:
        """Every word that the level may hold; None when it is open."""
        if isinstance(self.vocabulary, str):
            return None
        if isinstance(self.vocabulary, dict):
            return frozenset(word for words in self.vocabulary.values() for word in words)
        return frozenset(self.vocabulary)

    def allows(self, word: str, above: str | None) -> bool:
        """Whether a word may stand under an entry of the level above."""
        if isinstance(self.vocabulary, dict) and above in self.vocabulary:
            return word in self.vocabulary[above]
        words = self.words()
        return words is None or word in words


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The columns of the indicators, left to right: one to three levels, then the value; see `NO_HIERARCHY`."""

    levels: tuple[Level, ...]
    value: str

    def __post_init__(self) -> None:
        """As many levels as the indicators table has."""
        if not self.levels and not self.value:
            return
        check_label("value", self.value)
        if not 1 <= len(self.levels) <= len(LEVEL_ROLES):
            raise ValueError(f"levels: must be 1 to {len(LEVEL_ROLES)}, got {len(self.levels)}")
        if len(set(self.headers)) != len(self.headers):
            raise ValueError(f"levels: each needs a header of its own, got {', '.join(self.headers)}")

    @property
    def headers(self) -> tuple[str, ...]:
        """The header texts, left to right."""
        return (*(level.header for level in self.levels), self.value) if self.levels else ()


NO_HIERARCHY = Hierarchy((), "")
"""A form without indicators, such as a register or a list of names, has this hierarchy."""


def check_label(key: str, label: str | None) -> None:
    """Labels are compared by their letters and digits, so each needs some."""
    if label is not None and not any(character.isalnum() for character in label):
        raise ValueError(f"{key}: must hold letters or digits, got {label!r}")


def check_pattern(key: str, pattern: str | None, groups: frozenset[str] = frozenset()) -> None:
    """A pattern must be a regular expression; where a record takes its groups, it must name some of them."""
    if pattern is None:
        return
    try:
        named = re.compile(pattern).groupindex.keys()
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{key}: is no regular expression: {error}") from error
    if groups and (not named or named - groups):
        raise ValueError(f"{key}: must name the groups {' or '.join(sorted(groups))}, got {sorted(named)}")
