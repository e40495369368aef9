"""A path -> an open file and its SHA-256: what is decoded, refused and landed is what was hashed.

A path may lead to another file a moment later, so it is opened once. Whatever is asked of the content afterwards is
asked of that descriptor, and before anything lands the descriptor is hashed again.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.elements import SourceFile
from pipeline.errors import DocumentError, SourceChanged, SourceUnreadable
from pipeline.files.media_types import HEAD_BYTES, sniff_media_type

SETTLED_S = 2.0
"""A file that was written to within this many seconds may not be finished: programs that copy seldom pause for longer,
and the coarsest times of files, those of FAT, advance in steps of two seconds."""


class OpenFile:
    """A regular file, open and hashed; a context that closes it. Made by `open_file`.

    `source` says what it is as far as its bytes tell: the media type is "" where they are none that we know, and no
    pages are counted.
    """

    def __init__(self, path: Path, stream: FileIO) -> None:
        self.stream = stream
        self._status = os.fstat(stream.fileno())
        self.source = SourceFile(str(path), _digest(stream), self._status.st_size, _media_type(stream), 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close it; again is harmless."""
        self.stream.close()

    def check_unchanged(self) -> None:
        """See whether somebody has written to the file since it was opened, as far as its size and time tell.

        Raises:
            SourceChanged: when it was written to.
        """
        now = os.fstat(self.stream.fileno())
        if (now.st_size, now.st_mtime_ns) != (self._status.st_size, self._status.st_mtime_ns):
            raise self._changed()

    def check_content(self) -> None:
        """Make sure that the content is still the one that was hashed, whatever its time says.

        It moves the descriptor, which a decoding process shares: call it when that has ended.

        Raises:
            SourceChanged: when it is not.
            SourceUnreadable: when it cannot be read any more.
        """
        self.check_unchanged()
        if _digest(self.stream) != self.source.document_id:
            raise self._changed()

    def settle(self) -> None:
        """Wait until a file that was written to just now is so no more, or `SETTLED_S` have passed since; old ones not.

        Raises:
            SourceChanged: when it was written to meanwhile.
        """
        age_s = time.time() - self._status.st_mtime
        if 0 <= age_s < SETTLED_S:
            time.sleep(SETTLED_S - age_s)
        self.check_unchanged()

    def _changed(self) -> SourceChanged:
        return SourceChanged(f"{self.source.name} was written to while it was read")


def open_file(path: Path) -> OpenFile:
    """Open and hash a regular file; anything else (a folder, a pipe that would never end) is refused.

    Raises:
        SourceUnreadable: when it is no regular file or cannot be read.
    """
    file = _open(path)
    try:
        return OpenFile(path, file)
    except BaseException:
        file.close()
        raise


def hash_file(path: Path) -> str:
    """The `document_id` of a file: the SHA-256 (hex) of its bytes.

    Raises:
        SourceUnreadable: when it is no regular file or cannot be read.
    """
    with _open(path) as file:
        return _digest(file)


def _open(path: Path) -> FileIO:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe that nobody writes to is not waited for
    except OSError as error:
        raise SourceUnreadable(f"{path.name} cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SourceUnreadable(f"{path.name} is not a regular file")
    return FileIO(descriptor)


def _digest(file: FileIO) -> str:
    try:
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SourceUnreadable(f"the file cannot be read: {error.strerror}") from error


def _media_type(file: FileIO) -> str:
    try:
        return sniff_media_type(os.pread(file.fileno(), HEAD_BYTES, 0))
    except DocumentError:
        return ""
