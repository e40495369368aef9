"""Journal entries of an output folder, as JSON: the files of a document to put in place, or files to remove.

What an entry names lies in a table's folder or among the logs, whoever wrote it: anything else is refused.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from pipeline.errors import OutputUnsafe

LOGS = ".logs"
"""The folder of the logs, beside the tables; its dot keeps it out of what readers list."""
MAX_BYTES = 32 * 1024 * 1024
"""An entry may be this large: the removal of some 35,000 documents."""
MAX_NAME_BYTES = 255
"""File systems take names of so many bytes."""


@dataclass(frozen=True, slots=True)
class Placing:
    """All files of a document are staged and are to be put in place, table by table."""

    document_id: str
    tables: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse names that lead elsewhere."""
        for name in (self.document_id, *self.tables):
            if not _is_plain(name):
                raise OutputUnsafe(f"{name!r} is no name of a document or a table")

    def as_json(self) -> dict[str, Any]:
        """What is written."""
        return {"document_id": self.document_id, "tables": list(self.tables)}


@dataclass(frozen=True, slots=True)
class Removing:
    """Files, relative to the output folder, are to go in this order."""

    files: tuple[PurePosixPath, ...]

    def __post_init__(self) -> None:
        """Refuse files of other places."""
        for file in self.files:
            in_place = len(file.parts) == 2 and (_is_plain(file.parts[0]) or file.parts[0] == LOGS)
            if not in_place or not _is_plain(file.name):
                raise OutputUnsafe(f"{str(file)!r} is no file of a table and no log")

    def as_json(self) -> dict[str, Any]:
        """What is written."""
        return {"removed": [str(file) for file in self.files]}


Entry: TypeAlias = Placing | Removing


def read_entry(content: bytes, path: Path) -> Entry:
    """The entry that a file holds.

    Raises:
        OutputUnsafe: when it is none of ours; the message names the path.
    """
    if len(content) > MAX_BYTES:
        raise OutputUnsafe(f"{path} is no journal entry: it has more than {MAX_BYTES} bytes")
    try:
        match json.loads(content):
            case {"document_id": str(document_id), "tables": [*tables], **others} if not others and _texts(tables):
                return Placing(document_id, tuple(tables))
            case {"removed": [*files], **others} if not others and _texts(files):
                return Removing(tuple(map(PurePosixPath, files)))
    except (ValueError, RecursionError) as error:
        raise OutputUnsafe(f"{path} is no journal entry: {error}") from error
    except OutputUnsafe as error:
        raise OutputUnsafe(f"{path} is no journal entry of ours: {error}") from error
    raise OutputUnsafe(f"{path} is no journal entry: it says neither what to put in place nor what to remove")


def _texts(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _is_plain(name: str) -> bool:
    """Whether it is the name of something directly in a folder, and is not hidden there."""
    try:
        length = len(os.fsencode(name))
    except UnicodeEncodeError:
        return False
    return 0 < length <= MAX_NAME_BYTES and not name.startswith(".") and not {"/", "\0"} & set(name)
