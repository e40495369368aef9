"""forms/*.toml -> Profile: how a form type is recognised and what its cells mean. An unknown key is an error.

A profile is data: nothing in the code knows a form by name. `docs/profiles.md` explains every key to an archivist.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.elements import FieldRole
from pipeline.errors import ProfileInvalid
from pipeline.settings import FormSettings, find_lines, read_strictly, read_toml
from pipeline.text import WAN_PER_UNIT

BUILT_IN = Path(__file__).parent
MAX_LEVELS = 3
"""The indicators table has level1 to level3."""

TITLE_GROUPS = frozenset({"unit_name", "year"})
YEAR_GROUP = frozenset({"year"})


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
        _check_label("text", self.text)
        _check_pattern("pattern", self.pattern, TITLE_GROUPS)
        _check_pattern("year", self.year, YEAR_GROUP)


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
            _check_label(key, getattr(self, key))
        if (self.name is FieldName.AMOUNT_PART) != (self.part is not None):
            raise ValueError("part: an amount_part, and no other field, needs a part's name")
        if self.rows is not None and self.relation is not Relation.BELOW:
            raise ValueError(f"rows: only a field below its label has rows, this one is {self.relation}")
        if self.under is not None and self.relation is not Relation.RIGHT_OF:
            raise ValueError(f"under: only a field right_of its label has a column, this one is {self.relation}")
        if self.name is FieldName.OTHER and self.role is None:
            raise ValueError("role: a field of the name other needs one, as it is found by it")
        if (self.grammar is Grammar.CHOICE) != bool(self.choices):
            raise ValueError("choices: the grammar choice, and no other, needs a list of what may be chosen")
        if (self.grammar is Grammar.PATTERN) != (self.pattern is not None):
            raise ValueError("pattern: the grammar pattern, and no other, needs a regular expression")
        _check_pattern("pattern", self.pattern)

    @property
    def cell_role(self) -> FieldRole:
        """The role of the cells that hold this field."""
        return FieldRole(self.role or str(self.name))

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
    vocabulary: str | tuple[str, ...] | dict[str, tuple[str, ...]] = "open"

    def __post_init__(self) -> None:
        """A word alone is not a list."""
        _check_label("header", self.header)
        if isinstance(self.vocabulary, str) and self.vocabulary != "open":
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
        _check_label("value", self.value)
        if not 1 <= len(self.levels) <= MAX_LEVELS:
            raise ValueError(f"levels: must be 1 to {MAX_LEVELS}, got {len(self.levels)}")
        if len(set(self.headers)) != len(self.headers):
            raise ValueError(f"levels: each needs a header of its own, got {', '.join(self.headers)}")

    @property
    def headers(self) -> tuple[str, ...]:
        """The header texts, left to right."""
        return (*(level.header for level in self.levels), self.value) if self.levels else ()


NO_HIERARCHY = Hierarchy((), "")
"""Of a form without indicators, such as a register or a list of names."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A form type. `header_row` names labels that stand side by side; `anchors` further texts that tell the form.

    `words` are frequent in the form's open texts: they help where a character is in doubt.
    """

    name: str
    version: int
    title: TitleRule
    hierarchy: Hierarchy = NO_HIERARCHY
    fields: tuple[Field, ...] = ()
    header_row: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    note: str | None = None
    money_unit: str = "万元"
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be landed."""
        if self.money_unit not in WAN_PER_UNIT:
            raise ValueError(f"money_unit: must be one of {', '.join(WAN_PER_UNIT)}, got {self.money_unit!r}")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name) or self.name == "unknown":
            raise ValueError(f"name: must be lower case letters, digits and _, and not 'unknown', got {self.name!r}")
        for key, labels in (("header_row", self.header_row), ("anchors", self.anchors)):
            for place, label in enumerate(labels, 1):
                _check_label(f"{key}[{place}]", label)
        _check_label("note", self.note)
        if not self.labels:
            raise ValueError("needs a label to be recognised by: hierarchy, fields, header_row or anchors")

    @property
    def labels(self) -> tuple[str, ...]:
        """Every header text of the form, once, in the profile's order: the anchors it is recognised by."""
        of_fields = (label for entry in self.fields for label in entry.labels)
        return tuple(dict.fromkeys((*self.header_row, *of_fields, *self.hierarchy.headers, *self.anchors)))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """All texts that the profile knows to be right."""
        entries = (word for level in self.hierarchy.levels for word in sorted(level.words() or ()))
        choices = (choice for entry in self.fields for choice in entry.choices)
        return (self.title.text, *self.labels, *entries, *choices, *self.words)


def load_profiles(settings: FormSettings) -> tuple[Profile, ...]:
    """The built-in profiles and those of the user's folder, by name; a user's profile replaces a built-in namesake.

    Raises:
        ProfileInvalid: when a file cannot be read, names an unknown key, or a value has the wrong kind; the message
            names the file and the key.
    """
    folders = [BUILT_IN]
    if settings.folder is not None:
        folders.append(settings.folder)
    by_name: dict[str, Profile] = {}
    for folder in folders:
        by_name.update(_read_folder(folder))
    return tuple(by_name[name] for name in sorted(by_name))


def read_profile(path: Path) -> Profile:
    """One profile from its file.

    Raises:
        ProfileInvalid: as for `load_profiles`.
    """
    return read_strictly(path, Profile)


def profiles_digest(profiles: tuple[Profile, ...]) -> str:
    """SHA-256 (hex) of what the profiles say, wherever their files lie."""
    said = json.dumps([asdict(profile) for profile in profiles], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def name_taken(path: Path, profile: Profile) -> ProfileInvalid:
    """The mistake of a file whose profile has the name of another one in its folder."""
    line = find_lines(read_toml(path, ProfileInvalid)[1])["name",]
    return ProfileInvalid(f"{path}:{line}: name: {profile.name!r} is taken by another file of the same folder")


def _read_folder(folder: Path) -> dict[str, Profile]:
    by_name: dict[str, Profile] = {}
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - a glob is silent about a folder that cannot be listed
    except OSError as error:
        raise ProfileInvalid(f"{folder}: cannot be listed: {error.strerror}") from error
    for path in (folder / name for name in names if name.endswith(".toml") and not name.startswith(".")):
        profile = read_profile(path)
        if profile.name in by_name:
            raise name_taken(path, profile)
        by_name[profile.name] = profile
    return by_name


def _check_label(key: str, label: str | None) -> None:
    """Labels are compared by their letters and digits, so each needs some."""
    if label is not None and not any(character.isalnum() for character in label):
        raise ValueError(f"{key}: must hold letters or digits, got {label!r}")


def _check_pattern(key: str, pattern: str | None, groups: frozenset[str] = frozenset()) -> None:
    """A pattern must be a regular expression; where a record takes its groups, it must name some of them."""
    if pattern is None:
        return
    try:
        named = re.compile(pattern).groupindex.keys()
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{key}: is no regular expression: {error}") from error
    if groups and (not named or named - groups):
        raise ValueError(f"{key}: must name the groups {' or '.join(sorted(groups))}, got {sorted(named)}")
