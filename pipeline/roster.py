"""roster.csv, roster.toml -> the people who may have signed. An entry without a name, or a name twice, is an error."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import RosterInvalid

COLUMNS = ("name", "role", "office")


class Person(NamedTuple):
    """Someone who may have signed; what is not known is ""."""

    name: str
    role: str = ""
    office: str = ""


@functools.lru_cache(maxsize=2)
def read_roster(path: Path) -> tuple[Person, ...]:
    """The people of a roster, once each, in the file's order.

    A CSV file (UTF-8) has a first row with the columns `name` and, if you like, `role` and `office`; a TOML file has a
    table `[[people]]` with these keys for each. A process reads a file once.

    Raises:
        RosterInvalid: when the file cannot be read, or an entry is at fault; the message names it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RosterInvalid(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise RosterInvalid(f"{path}: is no UTF-8 text") from error
    entries = _of_toml(path, text) if path.suffix.lower() == ".toml" else _of_csv(path, text)
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


def _of_csv(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    rows = csv.reader(io.StringIO(text))
    header = [column.strip() for column in next(rows, [])]
    unknown = [column for column in header if column not in COLUMNS]
    if "name" not in header or unknown:
        raise RosterInvalid(f"{path}:1: the columns must be name and, if you like, role and office, got {header}")
    for row in rows:
        if any(value.strip() for value in row):
            yield f"{path}:{rows.line_num}", dict(zip(header, row, strict=False))


def _of_toml(path: Path, text: str) -> Iterable[tuple[str, Mapping[str, object]]]:
    try:
        people = tomllib.loads(text).get("people", [])
    except tomllib.TOMLDecodeError as error:
        raise RosterInvalid(f"{path}: {error}") from error
    if not isinstance(people, list) or not all(isinstance(entry, dict) for entry in people):
        raise RosterInvalid(f"{path}: people must be a list of tables, each headed [[people]]")
    return ((f"{path}: people[{number}]", entry) for number, entry in enumerate(people, 1))


def _person(where: str, entry: Mapping[str, object]) -> Person:
    unknown = sorted(entry.keys() - set(COLUMNS))
    if unknown:
        raise RosterInvalid(f"{where}: unknown key {unknown[0]!r}; known keys are {', '.join(COLUMNS)}")
    if not all(isinstance(value, str) for value in entry.values()):
        raise RosterInvalid(f"{where}: all values must be text")
    name = "".join(str(entry.get("name", "")).split())
    if not name:
        raise RosterInvalid(f"{where}: name: is missing")
    return Person(name, str(entry.get("role", "")).strip(), str(entry.get("office", "")).strip())
