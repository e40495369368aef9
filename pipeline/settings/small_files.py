"""Small text files that people write (settings, profiles, rosters, manifests) -> text, or a TOML tree.

They are read whole, so what a file may be is bounded before anything of it is parsed: a regular file, of some size, in
UTF-8; and of TOML how deep it nests and how long its keys are, as the standard library's parser calls itself for each
level, and takes memory with the square of a key's parts.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from pipeline.errors import SignedFormsError

MAX_TOML_BYTES = 2**20
"""A TOML file may be a hundred times as large as the longest profile."""
MAX_DEPTH = 32
"""Lists and inline tables may nest so deep; those of profiles have two levels."""
MAX_KEY_PARTS = 32
"""A key may have so many parts with dots between them; those of settings have two."""
MAX_SHOWN = 80
"""A message repeats so many characters of a wrong value, so that it stays a line."""

_PLACE_OF_ERROR = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
# Comments and strings, those that never end included, so that no part of a text is looked at twice.
_NO_STRUCTURE = re.compile(
    r'#[^\n]*+|"""(?:[^"\\]|\\.|"(?!""))*+(?:"{3,5}|\Z)|"(?:[^"\\\n]|\\.)*+"?'
    r"|'''(?:[^']|'(?!''))*+(?:'{3,5}|\Z)|'[^'\n]*+'?",
    re.DOTALL,
)
_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MAX_KEY_PARTS}}}")


def read_text(path: Path, max_bytes: int, refusal: type[SignedFormsError]) -> str:
    """The text of a file; a mark of byte order at its beginning is left out.

    Args:
        path: of a regular file: a pipe or a device might never end.
        max_bytes: that it may have.
        refusal: what is raised.

    Raises:
        SignedFormsError: of the kind `refusal`, when it cannot be read; the message begins with the path.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
            mode = os.fstat(descriptor).st_mode
            content = file.read(max_bytes + 1) if stat.S_ISREG(mode) else None
    except (OSError, ValueError) as error:  # a ValueError for a path with a NUL character
        raise refusal(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if content is None:
        raise refusal(f"{path}: cannot be read: it is no regular file")
    if len(content) > max_bytes:
        raise refusal(f"{path}: is larger than the {max_bytes} bytes allowed")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refusal(f"{path}:{line}: is no UTF-8 text: {error.reason}") from error


def read_toml(
    path: Path, refusal: type[SignedFormsError], max_bytes: int = MAX_TOML_BYTES
) -> tuple[dict[str, Any], str]:
    """The tree of a TOML file, and its text.

    Raises:
        SignedFormsError: of the kind `refusal`, when it cannot be read or is no TOML; the message begins with the path
            and, where that is known, the line.
    """
    text = read_text(path, max_bytes, refusal)
    _check_bounds(path, text, refusal)
    try:
        return tomllib.loads(text), text
    except (ValueError, RecursionError) as error:  # a plain ValueError for a number of thousands of digits
        place = _PLACE_OF_ERROR.search(str(error))
        end = text.count("\n") + 1 if place else None
        line = place[1] if place and place[1] else end
        raise refusal(f"{path}{f':{line}' if line else ''}: {_PLACE_OF_ERROR.sub('', str(error))}") from error


def shown(value: Any) -> str:
    """A value as a message repeats it: in a line of bearable length."""
    try:
        text = repr(value)
    except ValueError:  # a number of more digits than Python writes
        return "a number of thousands of digits"
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _check_bounds(path: Path, text: str, refusal: type[SignedFormsError]) -> None:
    structure = _NO_STRUCTURE.sub(_as_short_key, text)
    if key := _LONG_KEY.search(structure):
        line = structure.count("\n", 0, key.start()) + 1
        raise refusal(f"{path}:{line}: a key has more than {MAX_KEY_PARTS} parts")
    depth = 0
    for bracket in re.finditer(r"[\[{\]}]", structure):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            line = structure.count("\n", 0, bracket.start()) + 1
            raise refusal(f"{path}:{line}: is nested deeper than {MAX_DEPTH} levels")


def _as_short_key(match: re.Match[str]) -> str:
    """A key of one letter for a string, which may be a key's part, and the lines that it or a comment takes."""
    return "\n" * match[0].count("\n") or ("" if match[0].startswith("#") else "k")
