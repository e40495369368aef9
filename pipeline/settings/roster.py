"""roster.csv, roster.toml -> the people who may have signed. An entry without a name, or a name twice, is an error."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import RosterInvalid
from pipeline.settings.small_files import read_text, shown
from pipeline.settings.strict_toml import read_strictly

COLUMNS = ("name", "role", "office")
"""What a roster may say of a person: whoever has the same name is told apart by eye."""
MAX_BYTES = 4 * 2**20
"""A roster may be this large: some hundred thousand people with their roles and offices."""
MAX_VALUE = 200
"""A name, a role or an office has fewer characters than this; what is longer is another table's column, or a quote left
open."""


class Person(NamedTuple):
    """Someone who may have signed; what is not known is ""."""

    name: str
    role: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A person as written; a message of what is wrong begins with the key."""

    name: str
    role: str = ""
    office: str = ""

    def __post_init__(self) -> None:
        for key in COLUMNS:
            value = getattr(self, key)
            if len(value) > MAX_VALUE or "\0" in value:
                raise ValueError(f"{key}: has over {MAX_VALUE} characters, or a NUL among them: {shown(value)}")
        if not self.person.name:
            raise ValueError("name: is missing")

    @property
    def person(self) -> Person:
        return Person("".join(self.name.split()), self.role.strip(), self.office.strip())


@dataclass(frozen=True, slots=True)
class _Roster:
    """A whole TOML file."""

    people: tuple[_Entry, ...] = ()

    def __post_init__(self) -> None:
        if twice := next(_named_twice([entry.person for entry in self.people]), None):
            raise ValueError(f"people[{twice.place + 1}]: {twice}")


@functools.lru_cache(maxsize=2)
def read_roster(path: Path) -> tuple[Person, ...]:
    """The people of a roster, once each, in the file's order.

    A CSV file (UTF-8) has a first row with the columns `name` and, if you like, `role` and `office`; a TOML file has a
    table `[[people]]` with these keys for each. A process reads a file once, so that all of its pages are matched with
    the same people, whatever becomes of the file meanwhile.

    Raises:
        RosterInvalid: when the file cannot be read, or entries are at fault; the message names each on its line.
    """
    people = _of_toml(path) if path.suffix.lower() == ".toml" else _of_csv(path)
    if not people:
        raise RosterInvalid(f"{path}: names nobody")
    return people


def roster_digest(people: tuple[Person, ...]) -> str:
    """SHA-256 (hex) of who is on a roster, wherever its file lies."""
    return hashlib.sha256(json.dumps(people).encode()).hexdigest()


def _of_toml(path: Path) -> tuple[Person, ...]:
    roster = read_strictly(path, _Roster, RosterInvalid, MAX_BYTES)
    return tuple(entry.person for entry in roster.people)


def _of_csv(path: Path) -> tuple[Person, ...]:
    people: list[Person] = []
    lines: list[int] = []
    problems: list[tuple[int, str]] = []
    for line, row in _rows(path):
        try:
            people.append(_Entry(**row).person)
            lines.append(line)
        except ValueError as error:
            problems.append((line, str(error)))
    problems += [(lines[twice.place], str(twice)) for twice in _named_twice(people)]
    if problems:
        raise RosterInvalid("\n".join(f"{path}:{line}: {problem}" for line, problem in sorted(problems)))
    return tuple(people)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file that say something, by the header's columns, each with the line that it ends on."""
    rows = csv.reader(io.StringIO(read_text(path, MAX_BYTES, RosterInvalid), newline=""))
    try:
        header = [column.strip() for column in next(rows, [])]
        if "name" not in header or not set(header) <= set(COLUMNS):
            raise RosterInvalid(
                f"{path}:1: the columns must be name and, if you like, role and office, got {shown(header)}"
            )
        for row in rows:
            if any(value.strip() for value in row):
                yield rows.line_num, {"name": "", **dict(zip(header, row, strict=False))}
    except csv.Error as error:
        raise RosterInvalid(f"{path}:{rows.line_num}: {error}") from error


class _NamedTwice(NamedTuple):
    """A person whose name an earlier one has; `place` counts from 0."""

    place: int
    name: str

    def __str__(self) -> str:
        return f"{self.name!r} is there twice; people of one name cannot be told apart"


def _named_twice(people: Sequence[Person]) -> Iterator[_NamedTwice]:
    seen: set[str] = set()
    for place, person in enumerate(people):
        if person.name in seen:
            yield _NamedTwice(place, person.name)
        seen.add(person.name)
