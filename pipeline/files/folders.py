"""An open folder: what is made in it is its owner's alone, and nothing that lies in it leads anywhere else.

All that signed-forms writes, it writes through here. A file is made for its owner, whatever the umask, and opened to
those who may read it before it takes its place; the process's umask would not do for that, as a default ACL of the
folder takes its place. No link is followed, and where everybody may write, nothing of a stranger's is used.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pipeline.errors import OutputUnsafe, OutputUnwritable
from pipeline.settings import ALL, GROUP, OWNER

OWN_FILE, OWN_FOLDER = 0o600, 0o700
OPENED: Mapping[str, int] = MappingProxyType({OWNER: 0o000, GROUP: 0o050, ALL: 0o055})
"""What a folder has for others beside its owner, by who may read it; a file has of it what is not for running it."""
NOT_RUN = 0o666
"""No file that is written here is a program."""
OTHER_KINDS = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO})
"""What opening says of links, and of what is no file or no folder."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder held open: what is done in it is done there, whatever its path leads to meanwhile.

    Every name is of something directly in it. All methods raise `OSError` when the system refuses, and `OutputUnsafe`
    when there is a link, or something else than a plain file, where a file should be.
    """

    path: Path
    descriptor: int

    @contextmanager
    def folder(self, name: str) -> Iterator[Folder]:
        """Hold a folder in it open."""
        with _held(Folder(self.path / name, _open(name, os.O_RDONLY | os.O_DIRECTORY, self))) as folder:
            yield folder

    def make_folder(self, name: str, readers: str = OWNER) -> bool:
        """Make a folder where there is none; whether it was made."""
        try:
            os.mkdir(name, OWN_FOLDER, dir_fd=self.descriptor)
        except FileExistsError:
            return False
        with self.folder(name) as made:
            _let_read(made.descriptor, OWN_FOLDER | OPENED[readers])
        return True

    def open(self, name: str, flags: int) -> int:
        """A descriptor of a file, which `os.O_CREAT` makes for its owner alone."""
        descriptor = _open(name, flags | os.O_NONBLOCK, self)  # a pipe that nobody writes to must not be waited for
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OutputUnsafe(f"{self.path / name} is no plain file")
        return descriptor

    def read(self, name: str, most: int = -1) -> bytes:
        """A file's content, or its first bytes."""
        with os.fdopen(self.open(name, os.O_RDONLY), "rb") as file:
            return file.read(most)

    def holds(self, name: str, content: bytes) -> bool:
        """Whether a file is there and has this content."""
        return self.has_file(name) and self.read(name, len(content) + 1) == content

    def create(self, name: str, content: bytes, readers: str = OWNER) -> None:
        """Write a file that is not there yet; returns once it is on the disk."""
        with os.fdopen(self.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as file:
            file.write(content)
            file.flush()
            _let_read(file.fileno(), (OWN_FOLDER | OPENED[readers]) & NOT_RUN)
            os.fsync(file.fileno())

    def put(self, name: str, content: bytes, readers: str = OWNER, draft: str | None = None) -> None:
        """Write a file whole or not at all, in the place of one that is there; `draft` is its name until then."""
        draft = draft or f".{name}"
        self.drop(draft)  # a killed process may have left it
        self.create(draft, content, readers)
        self.move(draft, self, name)

    def move(self, name: str, target: Folder, new_name: str) -> None:
        """Rename a file into a folder of the same file system, in the place of one that is there."""
        os.replace(name, new_name, src_dir_fd=self.descriptor, dst_dir_fd=target.descriptor)

    def close_to_others(self, name: str) -> None:
        """Leave a file that something else wrote to its owner alone."""
        descriptor = self.open(name, os.O_RDONLY)
        with suppress(PermissionError):  # some file systems, such as those of memory sticks, keep no modes
            os.fchmod(descriptor, OWN_FILE)
        os.close(descriptor)

    def has_file(self, name: str) -> bool:
        """Whether a plain file is there."""
        kind = self._kind(name)
        if kind not in (0, stat.S_IFREG):
            raise OutputUnsafe(f"{self.path / name} is no plain file")
        return kind == stat.S_IFREG

    def has_folder(self, name: str) -> bool:
        """Whether a folder is there."""
        return self._kind(name) == stat.S_IFDIR

    def unlink(self, name: str) -> None:
        """Remove a file if it is there."""
        if self.has_file(name):
            os.unlink(name, dir_fd=self.descriptor)

    def drop(self, name: str) -> None:
        """Remove a file, or a folder with all that is in it, if it is there."""
        if self.has_folder(name):
            shutil.rmtree(name, dir_fd=self.descriptor)
        else:
            self.unlink(name)

    def names(self) -> list[str]:
        """All that is in it, sorted."""
        return sorted(os.listdir(self.descriptor))  # noqa: PTH208 - a path has no descriptor

    def sync(self) -> None:
        """Return once what it holds is on the disk."""
        os.fsync(self.descriptor)

    def _kind(self, name: str) -> int:
        """What is there, as `stat.S_IFMT` says, and no link; 0 for nothing."""
        try:
            kind = stat.S_IFMT(os.stat(name, dir_fd=self.descriptor, follow_symlinks=False).st_mode)
        except FileNotFoundError:
            return 0
        if kind == stat.S_IFLNK:
            raise OutputUnsafe(f"{self.path / name} is a link")
        return kind


@contextmanager
def open_folder(path: Path) -> Iterator[Folder]:
    """Hold a folder open that the user named, who may have named a link.

    Raises:
        OSError: when there is none, or it cannot be opened.
    """
    with _held(Folder(path, os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))) as folder:
        yield folder


def make_folder(path: Path, readers: str = OWNER) -> None:
    """Make a folder, and those above it, where there is none; one that is there stays as it is.

    Raises:
        OSError: when it cannot be made.
    """
    if path.is_dir():
        return
    make_folder(path.parent, readers)
    try:
        path.mkdir(OWN_FOLDER)
    except FileExistsError:
        if not path.is_dir():  # else another process made it
            raise
    else:
        with open_folder(path) as made:
            _let_read(made.descriptor, OWN_FOLDER | OPENED[readers])


def too_open(path: Path, readers: str) -> str | None:
    """A sentence where a folder lets others in than may read what is written there; None elsewhere, or without one.

    It is only told: whoever made the folder may have opened it on purpose.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
    allowed = OWN_FOLDER | OPENED[readers] | (stat.S_IWGRP if readers != OWNER else 0)
    beyond = mode & ~allowed & (stat.S_IRWXG | stat.S_IRWXO)
    if not beyond:
        return None
    closing = f"chmod {mode & allowed:03o} closes the folder"
    if beyond == stat.S_IWOTH:
        return f"{path} can be written to by everybody (mode {mode:03o}); {closing}"
    return (
        f"{path} is open to {'everybody' if beyond & stat.S_IRWXO else 'its group'} (mode {mode:03o}); what is written "
        f"there from now on is not (landing.readable_by = {readers}); {closing}, too"
    )


def readers_of(path: Path) -> str:
    """Who may read a file, so that the one which takes its place is as readable; its owner where there is none."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return OWNER
    if mode & stat.S_IROTH:
        return ALL
    return GROUP if mode & stat.S_IRGRP else OWNER


@contextmanager
def _held(folder: Folder) -> Iterator[Folder]:
    try:
        yield folder
    finally:
        os.close(folder.descriptor)


def _open(name: str, flags: int, within: Folder) -> int:
    """Open no link and, where everybody may write, nothing but ours, the system's, or the folder's owner's."""
    path = within.path / name
    try:
        descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, OWN_FILE, dir_fd=within.descriptor)
    except OSError as error:
        if error.errno in OTHER_KINDS:
            raise OutputUnsafe(f"{path} is a link, or no {'folder' if flags & os.O_DIRECTORY else 'file'}") from error
        raise OSError(error.errno, error.strerror, str(path)) from error
    around, owner = os.fstat(within.descriptor), os.fstat(descriptor).st_uid
    if around.st_mode & stat.S_IWOTH and owner not in (os.geteuid(), 0, around.st_uid):
        os.close(descriptor)
        raise OutputUnsafe(f"{path} belongs to another user, and everybody may write to {within.path}")
    return descriptor


def _let_read(descriptor: int, wanted: int) -> None:
    """Add what is missing of a mode; what a folder hands down, such as its group, stays."""
    mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if wanted & ~mode:
        os.fchmod(descriptor, mode | wanted)


@contextmanager
def output_errors(folder: Path) -> Iterator[None]:
    """Say of which folder a failure to write is.

    Raises:
        OutputUnwritable: for every `OSError` of the block.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise OutputUnwritable(f"{where}: {error.strerror or error}") from error
