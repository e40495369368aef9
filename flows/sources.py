"""SOURCE… -> the files to read, each content once, and the files that are left alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from pipeline.errors import SourceMissing, SourceUnreadable

READ_SUFFIXES = frozenset(
    {".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".jp2", ".j2k", ".jpx"}
)
"""What a folder's files are read by; a file named as a SOURCE is read whatever it is called."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files that the sources name, each once, and those of their folders that are of other types."""

    files: tuple[Path, ...]
    ignored: tuple[Path, ...]


def list_files(sources: Sequence[Path], leave_out: Iterable[Path] = ()) -> Listing:
    """List the sources' files in the order given, a folder's files sorted, its hidden files left out.

    Args:
        sources: files and folders; a folder is searched to its bottom, each linked folder once.
        leave_out: folders not to search, such as the output folder inside a source.

    Raises:
        SourceMissing: when a source is neither a file nor a folder.
        SourceUnreadable: when a folder cannot be listed.
    """
    seen = {_identity(folder) for folder in leave_out if folder.is_dir()}
    files: dict[str, Path] = {}
    ignored: dict[str, Path] = {}
    for source in sources:
        for path in _walk(source, seen):
            is_named = path is source
            target = files if is_named or path.suffix.lower() in READ_SUFFIXES else ignored
            target.setdefault(os.path.realpath(path), path)
    return Listing(tuple(files.values()), tuple(path for real, path in ignored.items() if real not in files))


def path_as_text(path: Path) -> str:
    """A path as the flow engine takes it, which wants text: a name in another encoding travels as a file: address."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return path.absolute().as_uri()
    return str(path)


def path_from_text(text: str) -> Path:
    """The inverse of `path_as_text`; takes plain paths as people write them."""
    if text.startswith("file://"):
        return Path(os.fsdecode(unquote_to_bytes(urlsplit(text).path)))
    return Path(text)


def _walk(source: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        mode = source.stat().st_mode
    except OSError as error:
        raise SourceMissing(f"{source}: {error.strerror or error}") from error
    if stat.S_ISREG(mode):
        yield source
    elif stat.S_ISDIR(mode):
        yield from _walk_folder(source, set(seen))
    else:
        raise SourceMissing(f"{source}: neither a file nor a folder")


def _walk_folder(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    """Every file below a folder; `seen` are the folders already visited, so that links cannot lead in a circle."""
    identity = _identity(folder)
    if identity in seen:
        return
    seen.add(identity)
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise SourceUnreadable(f"{folder}: {error.strerror or error}") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk_folder(entry, seen)
        else:
            yield entry


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
