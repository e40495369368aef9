"""The looking process: `python -P -m flows.looker DESCRIPTOR`, which asks the file systems for the run; see `looking`.

It answers questions, one at a time, as JSON on a two-way pipe: `{"ask": name, "of": arguments}`. To each it says any
number of `{"going": true}`, as long as it gets on, and then `{"answer": …}`, or `{"errno": …, "strerror": …}`.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable
from enum import StrEnum
from multiprocessing.connection import Connection
from typing import Any

CHUNK_BYTES = 4 * 2**20
"""What is read between two signs of life: little enough for a share that gives a few MB a second."""
ENTRIES = 1000
"""A folder's names that are read between two signs of life."""
MAX_LINKS = 40
"""Links on the way to a file, as the system itself allows."""

Going = Callable[[], None]


class Kind(StrEnum):
    """What stands under a name."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    PIPE = "pipe"
    SOCKET = "socket"
    DEVICE = "device"


def look_at(path: str, going: Going) -> dict[str, Any]:
    """What a path leads to, with its real path."""
    return {"kind": _kind(os.stat(path).st_mode), "real": os.path.realpath(path)}  # noqa: PTH116 - names are text here


def list_folder(path: str, going: Going) -> dict[str, Any]:
    """A folder's names with their kinds, sorted, and which folder it is, whatever its path."""
    named = []
    with os.scandir(path) as entries:
        for entry in entries:
            named.append((entry.name, _kind_of_entry(entry)))
            if len(named) % ENTRIES == 0:
                going()
    status = os.stat(path)  # noqa: PTH116
    return {"device": status.st_dev, "inode": status.st_ino, "entries": sorted(named)}


def follow(link: str, root: str, named: str, everywhere: bool, going: Going) -> dict[str, Any] | None:
    """What a link leads to, as `look_at` tells it; None where it leads out of a folder, of which nothing is asked then.

    Args:
        link: its path; that of its folder has no links in it.
        root: the folder's real path.
        named: the folder's path as its user wrote it, absolute; links may go by it as well.
        everywhere: whether links that lead out are followed, too.
        going: not called.
    """
    real = os.path.realpath(link, strict=True) if everywhere else _within(link, root, named)
    return None if real is None else {"kind": _kind(os.lstat(real).st_mode), "real": real}


def state(path: str, going: Going) -> list[int]:
    """What changes when a file does: device, inode, size, and in nanoseconds the times of its last change.

    The one that the system saw is among them, as nobody can set that one back.
    """
    status = os.stat(path)  # noqa: PTH116
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def digest(path: str, going: Going) -> str:
    """SHA-256 (hex) of a regular file."""
    with open(_open_regular(path), "rb", buffering=0) as file:
        sha256, chunk = hashlib.sha256(), memoryview(bytearray(CHUNK_BYTES))
        while got := file.readinto(chunk):
            sha256.update(chunk[:got])
            going()
    return sha256.hexdigest()


def touch(path: str, going: Going) -> bool:
    """Whether a file opens and gives its first byte."""
    descriptor = _open_regular(path)
    try:
        return bool(os.read(descriptor, 1))
    finally:
        os.close(descriptor)


QUESTIONS: dict[str, Callable[..., Any]] = {
    question.__name__: question for question in (look_at, list_folder, follow, state, digest, touch)
}


def main() -> None:
    """Answer the process at the other end of the descriptor until it is gone."""
    connection = Connection(int(sys.argv[1]))

    def say(what: dict[str, Any]) -> None:
        connection.send_bytes(json.dumps(what).encode())

    try:
        while True:
            asked = json.loads(connection.recv_bytes())
            try:
                say({"answer": QUESTIONS[asked["ask"]](*asked["of"], lambda: say({"going": True}))})
            except OSError as error:
                say({"errno": error.errno, "strerror": error.strerror or str(error)})
    except (EOFError, OSError):  # nobody listens any more
        return


def _within(link: str, root: str, named: str) -> str | None:
    """The real path that a link leads to, or None where its way, part by part, leaves the folder."""
    at, todo, links = os.path.dirname(link), [os.path.basename(link)], 0  # noqa: PTH119, PTH120
    while todo:
        part = todo.pop()
        if part in ("", "."):
            continue
        at = os.path.dirname(at) if part == ".." else os.path.join(at, part)  # noqa: PTH118, PTH120
        at = root if at == named else at
        if not _is_below(at, root):
            if _is_below(root, at) or _is_below(named, at):
                continue  # on the way to the folder, as an absolute link is
            return None
        if at != root and stat.S_ISLNK(os.lstat(at).st_mode):
            links += 1
            if links > MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            target = os.readlink(at)  # noqa: PTH115
            at = "/" if target.startswith("/") else os.path.dirname(at)  # noqa: PTH120
            todo += reversed(target.split("/"))
    return at if _is_below(at, root) else None


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _open_regular(path: str) -> int:
    """Open a regular file; another kind is refused, and not waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file")
    return descriptor


def _kind_of_entry(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return Kind.LINK
    if entry.is_dir(follow_symlinks=False):
        return Kind.FOLDER
    if entry.is_file(follow_symlinks=False):
        return Kind.FILE
    return _kind(entry.stat(follow_symlinks=False).st_mode)


def _kind(mode: int) -> Kind:
    kinds = {stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.FOLDER, stat.S_IFIFO: Kind.PIPE, stat.S_IFSOCK: Kind.SOCKET}
    return kinds.get(stat.S_IFMT(mode), Kind.DEVICE)


if __name__ == "__main__":
    main()
