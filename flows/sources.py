"""SOURCE… -> the files to read, each content once, and what is left alone, with the reason."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from flows.looker import Kind
from flows.looking import Looker, NoAnswer
from pipeline.errors import SourceMissing, SourceUnreadable

READ_SUFFIXES = frozenset(
    {".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".jp2", ".j2k", ".jpx"}
)
"""What a folder's files are read by; a file named as a SOURCE is read whatever it is called."""
KEPT_BY = {
    "a NAS": ("@eaDir", "@tmp", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot"),
    "macOS": ("__MACOSX", ".DS_Store", "Network Trash Folder", "Temporary Items"),
    "Windows": ("Thumbs.db", "ehthumbs.db", "desktop.ini", "$RECYCLE.BIN", "RECYCLER", "System Volume Information"),
    "the file system": ("lost+found",),
}
"""Names of what systems put beside the documents: their thumbnails and waste are images, too."""
_KEEPER = {name.casefold(): keeper for keeper, names in KEPT_BY.items() for name in names}
LEADS_NOWHERE = "a link that leads nowhere"
LEADS_OUT = "a link that leads out of the source; intake.follow_links in the settings follows it"


class PassedOver(NamedTuple):
    """What a folder holds and no run looks at, with the reason."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What the sources hold, each file once.

    `files` are to be read, `ignored` are of other types, `passed_over` are no documents, or not the source's.
    `unreadable` could not be looked at: documents may be missing.
    """

    files: tuple[Path, ...]
    ignored: tuple[Path, ...]
    passed_over: tuple[PassedOver, ...]
    unreadable: tuple[tuple[Path, SourceUnreadable], ...]


def list_files(
    sources: Sequence[Path], looker: Looker, *, leave_out: Iterable[Path] = (), follow_links: bool = False
) -> Listing:
    """List the sources' files in the order given, a folder's files sorted.

    Args:
        sources: files and folders; a folder is searched to its bottom, each linked folder once.
        looker: asks the file systems.
        leave_out: folders not to search, such as the output folder inside a source.
        follow_links: whether links are followed that lead out of the source they were found in.

    Raises:
        SourceMissing: when a source is neither a file nor a folder.
        SourceUnreadable: when a source does not answer, or is a folder that cannot be listed.
    """
    own = {(status.st_dev, status.st_ino) for folder in leave_out if folder.is_dir() for status in [folder.stat()]}
    search = _Search(looker, follow_links)
    for source in sources:
        search.source(source, set(own))
    ignored = (path for real, path in search.ignored.items() if real not in search.files)
    return Listing(
        tuple(search.files.values()),
        tuple(ignored),
        tuple(PassedOver(str(path), why) for path, why in search.passed_over.items()),
        tuple(
            (path, SourceUnreadable(f"{path.name} cannot be read: {why}")) for path, why in search.unreadable.items()
        ),
    )


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


class _Place(NamedTuple):
    """A path as it is shown, and as it is without links."""

    path: Path
    real: str


class _Search:
    """Collects what was found; a real path's first path is shown."""

    def __init__(self, looker: Looker, follow_links: bool) -> None:
        self._looker, self._follow_links = looker, follow_links
        self.files: dict[str, Path] = {}
        self.ignored: dict[str, Path] = {}
        self.passed_over: dict[Path, str] = {}
        self.unreadable: dict[Path, str] = {}

    def source(self, source: Path, seen: set[tuple[int, int]]) -> None:
        """Search a source; `seen` are the folders already visited, so that links cannot lead in a circle."""
        try:
            found = self._looker.ask("look_at", source)
        except NoAnswer as error:
            raise SourceUnreadable(f"{source}: {error.strerror}") from error
        except OSError as error:
            raise SourceMissing(f"{source}: {error.strerror}") from error
        top = _Place(source, found["real"])
        if found["kind"] == Kind.FOLDER:
            self._search(top, seen)
        elif found["kind"] == Kind.FILE:
            self.files.setdefault(top.real, source)
        else:
            raise SourceMissing(f"{source}: neither a file nor a folder, but a {found['kind']}")

    def _search(self, top: _Place, seen: set[tuple[int, int]]) -> None:
        try:
            pending = [(top, self._list(top, seen))]
        except OSError as error:
            raise SourceUnreadable(f"{top.path}: {error.strerror}") from error
        while pending:
            folder, entries = pending[-1]
            found = next(entries, None)
            if found is None:
                pending.pop()
                continue
            name, kind = found
            entry = _Place(folder.path / name, f"{folder.real.rstrip('/')}/{name}")
            try:
                inner = self._entry(entry, Kind(kind), top)
                if inner:
                    pending.append((inner, self._list(inner, seen)))
            except OSError as error:
                self.unreadable[entry.path] = str(error.strerror)

    def _list(self, folder: _Place, seen: set[tuple[int, int]]) -> Iterator[tuple[str, str]]:
        listed = self._looker.ask("list_folder", folder.path)
        identity = (listed["device"], listed["inode"])
        if identity in seen:
            return iter(())
        seen.add(identity)
        self._looker.remember((str(folder.path), folder.real), listed["device"])
        return iter([(name, kind) for name, kind in listed["entries"]])

    def _entry(self, entry: _Place, kind: Kind, top: _Place) -> _Place | None:
        """Note what stands under a name; if it is a folder to be searched, that is returned.

        Raises:
            OSError: when it cannot be looked at.
        """
        why = _reason_by_name(entry.path.name)
        if why is None and kind is Kind.LINK:
            followed = self._follow(entry, top)
            if isinstance(followed, str):
                why = followed
            else:
                entry, kind = followed
        if why is None and kind in (Kind.PIPE, Kind.SOCKET, Kind.DEVICE):
            why = f"a {kind}"
        if why is not None:
            self.passed_over[entry.path] = why
            return None
        if kind is Kind.FOLDER:
            return entry
        (self.files if _is_read(entry.path) else self.ignored).setdefault(entry.real, entry.path)
        return None

    def _follow(self, link: _Place, top: _Place) -> tuple[_Place, Kind] | str:
        """What a link leads to, or why that is not looked at."""
        named = os.path.abspath(top.path)  # noqa: PTH100 - it asks no file system
        try:
            found = self._looker.ask("follow", Path(link.real), top.real, named, self._follow_links)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP) and not _is_read(link.path):
                return LEADS_NOWHERE
            raise
        return LEADS_OUT if found is None else (_Place(link.path, found["real"]), Kind(found["kind"]))


def _is_read(path: Path) -> bool:
    return path.suffix.lower() in READ_SUFFIXES


def _reason_by_name(name: str) -> str | None:
    """Why nothing of this name is looked at; None for all other names."""
    keeper = _KEEPER.get(name.casefold())
    if keeper or name.startswith("._"):
        return f"kept there by {keeper or 'macOS'}"
    if name.startswith("~$"):
        return "kept there by an office program"
    return "hidden" if name.startswith(".") else None
