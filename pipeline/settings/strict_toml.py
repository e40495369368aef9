"""A TOML file -> a dataclass, strictly: what is unknown, missing or wrong is named with file, line and what may be.

Settings, profiles, rosters and manifests of models are read so. All problems of a file are told at once, so that it is
corrected in one go.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

from rapidfuzz import fuzz, process

from pipeline.errors import SignedFormsError
from pipeline.settings.small_files import MAX_TOML_BYTES, read_toml, shown
from pipeline.settings.toml_lines import KeyPath, find_lines

Built = TypeVar("Built")

LIKE_ENOUGH = 60
"""A known word is suggested for an unknown one above this likeness (0-100): two letters of five may be wrong."""

_KEY_OF_ERROR = re.compile(r"(\w+)(?:\[(\d+)\])?: ")
_WRONG = object()
"""Stands for a value that was refused, so that the rest of its file is still checked."""


class Range(NamedTuple):
    """The least and the most that a number may be; `Annotated[int, Range(1, 9)]` is the kind of a field."""

    least: float
    most: float


def read_strictly(
    path: Path, kind: type[Built], refusal: type[SignedFormsError], max_bytes: int = MAX_TOML_BYTES
) -> Built:
    """A dataclass from a file, with the dataclasses, lists, tables and words that its fields ask for.

    A key that a dataclass names in `RENAMED` is unknown as well, and its message gives the new name. A `ValueError`
    that a dataclass raises on construction is a problem like any other; where its message begins with a key ("part: …",
    "anchors[2]: …"), the problem is on that key's line. Paths are relative to the file's folder.

    Args:
        path: of the TOML file.
        kind: the dataclass that the whole file is.
        refusal: what is raised.
        max_bytes: that the file may have.

    Raises:
        SignedFormsError: of the kind `refusal`, with one line for each problem: file, line, keys, what is wrong and
            what is allowed.
    """
    tree, text = read_toml(path, refusal, max_bytes)
    reader = _Reader(path, find_lines(text))
    built = reader.table(kind, tree, ())
    if reader.problems:
        raise refusal("\n".join(message for _, message in sorted(reader.problems)))
    return typing.cast(Built, built)


class _Reader:
    """Builds values and collects what is wrong with them, each with its line."""

    def __init__(self, path: Path, lines: dict[KeyPath, int]) -> None:
        self.path, self.lines = path, lines
        self.problems: list[tuple[int, str]] = []

    def table(self, kind: Any, tree: dict[str, Any], at: KeyPath) -> Any:
        """A dataclass from a table."""
        known = {entry.name: entry for entry in fields(kind)}
        before = len(self.problems)
        renamed: Mapping[str, str] = getattr(kind, "RENAMED", {})
        meant = {
            key: renamed.get(key) or _nearest(key, known.keys() - tree.keys()) for key in tree.keys() - known.keys()
        }
        for key, name in meant.items():
            hint = f" (its name is {name!r} now)" if key in renamed else _suggestion(name)
            self._refuse((*at, key), f"unknown key {key!r}{hint}; known keys are", sorted(known), at)
        for name, entry in known.items():
            if name not in {*tree, *meant.values()} and entry.default is MISSING and entry.default_factory is MISSING:
                self._refuse((*at, name), "is missing", ())
        hints = typing.get_type_hints(kind, include_extras=True)
        values = {name: self.value(hints[name], tree[name], (*at, name)) for name in known if name in tree}
        if len(self.problems) > before:
            return _WRONG
        try:
            return kind(**values)
        except ValueError as error:
            self._refuse_as_told(at, str(error))
            return _WRONG

    def value(self, kind: Any, value: Any, at: KeyPath) -> Any:
        """A value as one of the kinds that its field allows, and within its range."""
        if typing.get_origin(kind) is Annotated:
            plain, limits = typing.get_args(kind)
            return self._within(limits, self.value(plain, value, at), at)
        kinds = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
        for allowed in kinds:
            if is_dataclass(allowed) and isinstance(value, dict):
                return self.table(allowed, value, at)
            origin, inner = typing.get_origin(allowed), typing.get_args(allowed)
            if origin is tuple and isinstance(value, list):
                return tuple(self.value(inner[0], one, (*at, place)) for place, one in enumerate(value, 1))
            if origin is dict and isinstance(value, dict):
                return {key: self.value(inner[1], one, (*at, key)) for key, one in value.items()}
            if (scalar := self._scalar(allowed, value)) is not _WRONG:
                return scalar
        words = [word for allowed in kinds if _is_word(allowed) for word in allowed]
        self._refuse(at, f"must be {_wanted(kinds)}, got {shown(value)}{_suggestion(_nearest(value, words))}", ())
        return _WRONG

    def _scalar(self, allowed: Any, value: Any) -> Any:
        """A word, path, number, string or truth value of a kind; _WRONG for what is not."""
        if _is_word(allowed):
            return allowed(value) if value in list(allowed) else _WRONG
        if allowed is Path and isinstance(value, str) and "\0" not in value:
            return self.path.parent / value
        if allowed is float and type(value) is int:
            with suppress(OverflowError):
                return float(value)
        return value if type(value) is allowed else _WRONG

    def _within(self, limits: Range, value: Any, at: KeyPath) -> Any:
        if value is _WRONG or limits.least <= value <= limits.most:
            return value
        self._refuse(at, f"must be from {limits.least:,} to {limits.most:,}, got {shown(value)}", ())
        return _WRONG

    def _refuse(self, at: KeyPath, what: str, allowed: Iterable[str], shown: KeyPath | None = None) -> None:
        """Note a problem; a key that is not there is on the line of the table that lacks it."""
        line = next(self.lines[at[:length]] for length in range(len(at), -1, -1) if at[:length] in self.lines)
        keys = _spelt(at if shown is None else shown)
        words = f" {', '.join(allowed)}" if allowed else ""
        self.problems.append((line, f"{self.path}:{line}: {keys}{': ' if keys else ''}{what}{words}"))

    def _refuse_as_told(self, at: KeyPath, message: str) -> None:
        """Note what a dataclass refused, at the key that its message begins with, if any."""
        match = _KEY_OF_ERROR.match(message)
        if match is None:
            self._refuse(at, message, ())
        else:
            place = (int(match[2]),) if match[2] else ()
            self._refuse((*at, match[1], *place), message[match.end() :], ())


def _spelt(at: KeyPath) -> str:
    """The keys as a message names them: fields[2]: label."""
    spelt = "".join(f"[{key}]" if isinstance(key, int) else f": {key}" for key in at)
    return spelt.removeprefix(": ")


def _nearest(word: Any, known: Iterable[str]) -> str | None:
    """Which known word was probably meant; None where none is alike."""
    words = [str(one) for one in known]
    found = process.extractOne(word, words, scorer=fuzz.ratio) if isinstance(word, str) else None
    return found[0] if found and found[1] > LIKE_ENOUGH else None


def _suggestion(word: str | None) -> str:
    return f" (did you mean {word!r}?)" if word else ""


def _is_word(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _wanted(kinds: tuple[Any, ...]) -> str:
    named = {str: "a string", int: "a whole number", bool: "true or false", float: "a number", Path: "a path"}
    wanted: list[str] = []
    for kind in kinds:
        if _is_word(kind):
            wanted.append("one of " + ", ".join(kind))
        elif typing.get_origin(kind) is tuple:
            wanted.append("a list")
        elif kind is not types.NoneType:
            wanted.append(named.get(kind, "a table"))
    return " or ".join(wanted)
