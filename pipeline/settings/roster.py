"""roster.csv, roster.toml -> the people who may have signed. An entry without a name, or a name twice, is an error."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import RosterInvalid
from pipeline.settings.small_files import read_text, read_toml, shown

COLUMNS = ("name", "role", "office")
MAX_BYTES = 4 * 2**20
"""Some hundred thousand people with their roles and offices."""
MAX_VALUE = 200
"""Characters of a name, a role or an office; what is longer is another table's column, or a quote left open."""


class Person(NamedTuple):
    """Someone who may have signed; what is not known is ""."""

    name: str
    role: str = ""
    office: str = ""


@functools.lru_cache(maxsize=2)
def read_roster(path: Path) -> tuple[Person, ...]:
    """The people of a roster, once each, in the file's order.

    A CSV file (UTF-8) has a first row with the columns `name` and, if you like, `role` and `office`; a TOML file has a
    table `[[people]]` with these keys for each. A process reads a file once, so that all
    of its pages are matched with the same people, whatever becomes of the file meanwhile.

    Raises:
        RosterInvalid: when the file cannot be read, or an entry is at fault; the message names it.
    """
    entries = _of_toml(path) if path.suffix.lower() == ".toml" else _of_csv(path)
    people: dict[str, Person] = {}
    for where, entry in entries:
        person = _person(where, entry)
        if person.name in people:
            raise RosterInvalid(f"{where}: {person.name!r} is there twice; people of one name cannot be told apart")
        people[person.name] = person
    if not people:
        raise RosterInvalid(f"{path}: names nobody")
    return tuple(people.values())


def roster_digest(people: tuple[Person, ...]) -> str:
    """SHA-256 (hex) of who is on a roster, wherever its file lies."""
    return hashlib.sha256(json.dumps(people).encode()).hexdigest()


def _of_csv(path: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    rows = csv.reader(io.StringIO(read_text(path, MAX_BYTES, RosterInvalid), newline=""))
    try:
        yield from _rows(path, rows)
    except csv.Error as error:
        raise RosterInvalid(f"{path}:{rows.line_num}: {error}") from error


def _rows(path: Path, rows: Any) -> Iterator[tuple[str, Mapping[str, object]]]:
    header = [column.strip() for column in next(rows, [])]
    unknown = [column for column in header if column not in COLUMNS]
    if "name" not in header or unknown:
        raise RosterInvalid(
            f"{path}:1: the columns must be name and, if you like, role and office, got {shown(header)}"
        )
    for row in rows:
        if any(value.strip() for value in row):
            yield f"{path}:{rows.line_num}", dict(zip(header, row, strict=False))


def _of_toml(path: Path) -> Iterable[tuple[str, Mapping[str, object]]]:
    people = read_toml(path, RosterInvalid, MAX_BYTES)[0].get("people", [])
    if not isinstance(people, list) or not all(isinstance(entry, dict) for entry in people):
        raise RosterInvalid(f"{path}: people must be a list of tables, each headed [[people]]")
    return ((f"{path}: people[{number}]", entry) for number, entry in enumerate(people, 1))


def _person(where: str, entry: Mapping[str, object]) -> Person:
    unknown = sorted(entry.keys() - set(COLUMNS))
    if unknown:
        raise RosterInvalid(f"{where}: unknown key {shown(unknown[0])}; known keys are {', '.join(COLUMNS)}")
    if not all(isinstance(value, str) for value in entry.values()):
        raise RosterInvalid(f"{where}: all values must be text")
    for key, value in entry.items():
        if len(str(value)) > MAX_VALUE or "\0" in str(value):
            raise RosterInvalid(f"{where}: {key}: has over {MAX_VALUE} characters, or a NUL among them: {shown(value)}")
    name = "".join(str(entry.get("name", "")).split())
    if not name:
        raise RosterInvalid(f"{where}: name: is missing")
    return Person(name, str(entry.get("role", "")).strip(), str(entry.get("office", "")).strip())
