"""forms/*.toml -> Profile: how a form type is recognised and what its cells mean. An unknown key is an error.

A profile is data: nothing in the code knows a form by name. `docs/profiles.md` explains every key to an archivist.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import types
import typing
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.errors import ProfileInvalid
from pipeline.settings import FormSettings
from pipeline.values import WAN_PER_UNIT

BUILT_IN = Path(__file__).parent / "forms"
MAX_LEVELS = 3
"""The indicators table has level1 to level3."""

TITLE_GROUPS = frozenset({"unit_name", "year"})


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
        _check_pattern("pattern", self.pattern, TITLE_GROUPS)
        _check_pattern("year", self.year, frozenset({"year"}))


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a project, found by its label.

    `rows` chooses among the cells below a label that heads a column; `under` names the label of the column in which
    the value to the right stands; `unit_label` the label that states the money unit, where it is another one.
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

    def __post_init__(self) -> None:
        """Refuse combinations that mean nothing."""
        if (self.name is FieldName.AMOUNT_PART) != (self.part is not None):
            raise ValueError("part: an amount_part, and no other field, needs a part's name")
        if self.rows is not None and self.relation is not Relation.BELOW:
            raise ValueError(f"rows: only a field below its label has rows, this one is {self.relation}")
        if self.under is not None and self.relation is not Relation.RIGHT_OF:
            raise ValueError(f"under: only a field right_of its label has a column, this one is {self.relation}")

    @property
    def cell_role(self) -> str:
        """The role of the cells that hold this field."""
        return self.role or str(self.name)

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
    """The columns of the indicators, left to right: one to three levels, then the value."""

    levels: tuple[Level, ...]
    value: str

    def __post_init__(self) -> None:
        """As many levels as the indicators table has."""
        if not 1 <= len(self.levels) <= MAX_LEVELS:
            raise ValueError(f"levels: must be 1 to {MAX_LEVELS}, got {len(self.levels)}")
        if len(set(self.headers)) != len(self.headers):
            raise ValueError(f"levels: each needs a header of its own, got {', '.join(self.headers)}")

    @property
    def headers(self) -> tuple[str, ...]:
        """The header texts, left to right."""
        return (*(level.header for level in self.levels), self.value)


@dataclass(frozen=True, slots=True)
class Profile:
    """A form type. `header_row` names labels that stand side by side; `anchors` further texts that tell the form.

    `words` are frequent in the form's open texts: they help where a character is in doubt.
    """

    name: str
    version: int
    title: TitleRule
    hierarchy: Hierarchy
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
        for label in (*self.labels, self.title.text, self.note or self.name):
            if not any(character.isalnum() for character in label):
                raise ValueError(f"labels: must hold letters or digits, got {label!r}")

    @property
    def labels(self) -> tuple[str, ...]:
        """Every header text of the form, once, in the profile's order: the anchors it is recognised by."""
        of_fields = (label for entry in self.fields for label in entry.labels)
        return tuple(dict.fromkeys((*self.header_row, *of_fields, *self.hierarchy.headers, *self.anchors)))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """All texts that the profile knows to be right."""
        entries = (word for level in self.hierarchy.levels for word in sorted(level.words() or ()))
        return (self.title.text, *self.labels, *entries, *self.words)


def load_profiles(settings: FormSettings) -> tuple[Profile, ...]:
    """The built-in profiles and those of the user's folder, by name; a user's profile replaces a built-in namesake.

    Raises:
        ProfileInvalid: when a file cannot be read, names an unknown key, or a value has the wrong kind; the message
            names the file and the key.
    """
    folders = [BUILT_IN]
    if settings.folder is not None:
        if not settings.folder.is_dir():
            raise ProfileInvalid(f"{settings.folder}: is no folder")
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
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileInvalid(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileInvalid(f"{path}: {error}") from error
    profile: Profile = _build(Profile, tree, str(path))
    return profile


def profiles_digest(profiles: tuple[Profile, ...]) -> str:
    """SHA-256 (hex) of what the profiles say, wherever their files lie."""
    said = json.dumps([asdict(profile) for profile in profiles], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _read_folder(folder: Path) -> dict[str, Profile]:
    by_name: dict[str, Profile] = {}
    for path in sorted(folder.glob("*.toml")):
        profile = read_profile(path)
        if profile.name in by_name:
            raise ProfileInvalid(f"{path}: name: {profile.name!r} is taken by another file of the same folder")
        by_name[profile.name] = profile
    return by_name


def _check_pattern(key: str, pattern: str | None, allowed: frozenset[str]) -> None:
    if pattern is None:
        return
    try:
        groups = re.compile(pattern).groupindex.keys()
    except re.error as error:
        raise ValueError(f"{key}: is no regular expression: {error}") from error
    if not groups or groups - allowed:
        raise ValueError(f"{key}: must name the groups {' or '.join(sorted(allowed))}, got {sorted(groups)}")


def _build(kind: Any, tree: dict[str, Any], where: str) -> Any:
    """A dataclass from a table of TOML; `where` is the file and the keys that led here."""
    known = {entry.name: entry for entry in fields(kind)}
    unknown = sorted(tree.keys() - known.keys())
    if unknown:
        raise ProfileInvalid(f"{where}: unknown key {unknown[0]!r}; known keys are {', '.join(sorted(known))}")
    for name, entry in known.items():
        if name not in tree and entry.default is MISSING and entry.default_factory is MISSING:
            raise ProfileInvalid(f"{where}: {name}: is missing")
    hints = typing.get_type_hints(kind)
    values = {name: _value(hints[name], value, f"{where}: {name}") for name, value in tree.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise ProfileInvalid(f"{where}: {error}") from error


def _value(kind: Any, value: Any, where: str) -> Any:
    """A value of TOML as one of the kinds that its field allows."""
    kinds = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    for allowed in kinds:
        if is_dataclass(allowed) and isinstance(value, dict):
            return _build(allowed, value, where)
        origin, inner = typing.get_origin(allowed), typing.get_args(allowed)
        if origin is tuple and isinstance(value, list):
            return tuple(_value(inner[0], one, f"{where}[{place}]") for place, one in enumerate(value, 1))
        if origin is dict and isinstance(value, dict):
            return {key: _value(inner[1], one, f"{where}.{key}") for key, one in value.items()}
        if isinstance(allowed, type) and issubclass(allowed, StrEnum) and value in list(allowed):
            return allowed(value)
        if type(value) is allowed:
            return value
    raise ProfileInvalid(f"{where}: must be {_wanted(kinds)}, got {value!r}")


def _wanted(kinds: tuple[Any, ...]) -> str:
    named = {str: "a string", int: "a whole number", bool: "true or false"}
    wanted: list[str] = []
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            wanted.append("one of " + ", ".join(kind))
        elif typing.get_origin(kind) is tuple:
            wanted.append("a list")
        elif kind is not types.NoneType:
            wanted.append(named.get(kind, "a table"))
    return " or ".join(wanted)
