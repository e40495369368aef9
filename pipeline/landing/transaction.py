"""A document's files -> the output folder, or out of it: all of them or none, whatever kills the run in between.

    OUT/.lock                      held by the one run that writes to OUT; its text says who
    OUT/.staging/.lock             held for one commit, as a run's workers commit at the same time
    OUT/.staging/NAME/<table>      files written and synced, not yet visible
    OUT/.staging/NAME.json         the journal entry: everything in NAME is complete and is to be put in place
    OUT/<table>/<document>.parquet committed
    OUT/.logs/                     logs of runs

A commit stages its files, writes the entry, renames the files one by one, and removes the entry. A removal has nothing
to stage: its entry lists the files that are to go. Whoever comes next finishes every commit and every removal that has
an entry and drops what was staged without one. All of it is on one file system, so each rename is atomic; files are
synced before the entry, folders before it goes.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.errors import OutputLocked, OutputUnsafe
from pipeline.files import Folder, make_folder, open_folder, output_errors
from pipeline.landing.journal import MAX_BYTES, Entry, Placing, Removing, read_entry
from pipeline.schema import ALL_TABLES
from pipeline.settings import OWNER, LandingSettings

LOCK_POLL_S = 0.05
"""How often a waiting run looks again: far less than a document takes."""
STAGING = ".staging"
"""The folder in which files are written before they are put in place; its dot keeps it out of what readers list."""
LOCK = ".lock"
"""The file that a run locks while it writes."""
ENTRY = ".json"
"""Entries of the journal end so."""
SUFFIX = ".parquet"
"""A table's files end so; readers list them by it."""


@dataclass(frozen=True, slots=True)
class Output:
    """A folder that this run may write to, and what is to land there; it travels to the run's workers.

    Made by `open_output`, whose lock holds as long as its `with` block.
    """

    folder: Path
    settings: LandingSettings


def document_file(folder: Path, table: str, document_id: str) -> Path:
    """Where a document's rows of a table stand once they are committed."""
    return folder / table / f"{document_id}{SUFFIX}"


def make_output(folder: Path, settings: LandingSettings) -> None:
    """Make an output folder where there is none, for those who may read it.

    Raises:
        OutputUnwritable: when it cannot be made.
    """
    with output_errors(folder):
        make_folder(folder, settings.readable_by)


@contextmanager
def open_output(folder: Path, settings: LandingSettings) -> Iterator[Output]:
    """Take an output folder for one run: create it, lock it, and finish what an interrupted run left.

    Raises:
        OutputLocked: when another run still holds the folder after `lock_timeout_s`; the message says which.
        OutputUnwritable: when the folder cannot be created or written to.
        OutputUnsafe: when something lies in it that leads out of it, or is no journal entry of ours.
    """
    make_output(folder, settings)
    with output_errors(folder):
        lock = _take_lock(folder, settings.lock_timeout_s)
    try:
        with exclusive(folder):
            pass  # recovers
        yield Output(folder, settings)
    finally:
        with suppress(OSError):
            _sign(lock, b"")  # so that the next holder is not taken for this run
        _release(lock)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep other workers from committing, once every interrupted commit or removal was finished or dropped.

    What is read and committed inside belongs together: nobody else changes a file in between.

    Raises:
        OutputUnwritable: when the folder cannot be written to.
        OutputUnsafe: when something lies in it that leads out of it, or is no journal entry of ours.
    """
    with output_errors(folder), open_folder(folder) as out:
        for table in ALL_TABLES:
            out.has_folder(table)  # refuses links, before anything is read through them
        out.make_folder(STAGING)
        with out.folder(STAGING) as staging:
            lock = staging.open(LOCK, os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                _recover(out, staging)
                yield
            finally:
                _release(lock)


def commit(folder: Path, document_id: str, run_id: str, files: Mapping[str, bytes], *, readers: str = OWNER) -> None:
    """Put a document's files in place, in the mapping's order; call it inside `exclusive`.

    Args:
        folder: the output folder.
        document_id: of the document; the name of its file in each table's folder.
        run_id: of the run; with the document it names the staged files.
        files: the content of each file by the name of its table. Tables not named keep the files they have.
        readers: who may read the files, as `LandingSettings.readable_by` says.

    Raises:
        OutputUnwritable: when a file cannot be written. Either nothing was changed, or the next `exclusive` finishes
            the commit.
        OutputUnsafe: when a table's folder is a link; nothing was changed.
    """
    name, entry = f"{document_id}.{run_id}", Placing(document_id, tuple(files))
    with _staging(folder) as (out, staging):
        with _undone_on_failure(staging, name):
            for table in files:
                _have_table(out, table, readers)
            _stage(staging, name, files, readers)
            _write_entry(staging, name, entry)
        _finish(out, staging, name)


def remove(folder: Path, name: str, files: Sequence[Path]) -> None:
    """Remove files of an output folder for good, in the order given; call it inside `exclusive`.

    Args:
        folder: the output folder.
        name: of the journal entry, unlike that of any other commit or removal.
        files: relative to `folder`; those that readers go by come first, and files of one folder stand together.

    Raises:
        OutputUnwritable: when a file cannot be removed. Either none was, or the next `exclusive` removes the others.
        OutputUnsafe: when a file, or its folder, is a link; nothing was removed.
    """
    entry = Removing(tuple(PurePosixPath(file) for file in files))
    with _staging(folder) as (out, staging):
        with _undone_on_failure(staging, name):
            for place, within in itertools.groupby(entry.files, key=lambda file: str(file.parent)):
                with out.folder(place) as holder:
                    _check_writable(holder)
                    for file in within:
                        holder.has_file(file.name)
            _write_entry(staging, name, entry)
        _finish(out, staging, name)


@contextmanager
def _staging(folder: Path) -> Iterator[tuple[Folder, Folder]]:
    """The output folder, and that of what is not in place yet."""
    with output_errors(folder), open_folder(folder) as out, out.folder(STAGING) as staging:
        yield out, staging


def _take_lock(folder: Path, timeout_s: float) -> int:
    """Lock OUT/.lock and sign it; returns the open descriptor, which holds the lock."""
    deadline = time.monotonic() + timeout_s
    with open_folder(folder) as out:
        lock = out.open(LOCK, os.O_RDWR | os.O_CREAT)
    try:
        while not _try_lock(lock):
            if time.monotonic() >= deadline:
                raise OutputLocked(f"{folder} is being written by {_holder(lock)}")
            time.sleep(LOCK_POLL_S)
        _sign(lock, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode())
    except BaseException:
        os.close(lock)
        raise
    return lock


def _sign(lock: int, text: bytes) -> None:
    """Write who holds a lock, unless its file has another name, maybe elsewhere, as copies by hard links have."""
    if os.fstat(lock).st_nlink == 1:
        os.ftruncate(lock, 0)
        os.pwrite(lock, text, 0)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _release(lock: int) -> None:
    """Unlock explicitly, as a forked child may still hold a copy of the descriptor."""
    fcntl.flock(lock, fcntl.LOCK_UN)
    os.close(lock)


def _holder(lock: int) -> str:
    """Who signed a lock, in words."""
    try:
        signed = json.loads(os.pread(lock, 4096, 0))
        return f"process {signed['pid']} on {signed['host']}"
    except (ValueError, KeyError, TypeError, RecursionError):  # the holder has not signed yet
        return "another process"


def _recover(out: Folder, staging: Folder) -> None:
    """Finish every commit and removal that has a journal entry; drop what was staged without one."""
    for name in staging.names():
        if name.endswith(ENTRY) and not name.startswith("."):
            _finish(out, staging, name.removesuffix(ENTRY))
    for name in staging.names():
        if name != LOCK:
            staging.drop(name)


def _stage(staging: Folder, name: str, files: Mapping[str, bytes], readers: str) -> None:
    """Write and sync each table's file into a folder of its own."""
    if not staging.make_folder(name):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(staging.path / name))
    with staging.folder(name) as staged:
        for table, content in files.items():
            staged.create(table, content, readers)
        staged.sync()


def _write_entry(staging: Folder, name: str, entry: Entry) -> None:
    """Write the journal entry; it exists only when it is complete."""
    content = json.dumps(entry.as_json()).encode()
    if len(content) > MAX_BYTES:
        raise OSError(errno.EFBIG, "too many files for one commit; name fewer documents at once")
    staging.put(name + ENTRY, content)
    staging.sync()


def _finish(out: Folder, staging: Folder, name: str) -> None:
    """Do what the journal entry says and is still to be done, and clear the entry."""
    entry = read_entry(staging.read(name + ENTRY, MAX_BYTES + 1), staging.path / (name + ENTRY))
    if isinstance(entry, Removing):
        _remove_files(out, entry.files)
    elif staging.has_folder(name):
        _put_in_place(out, staging, name, entry)
    staging.unlink(name + ENTRY)
    with suppress(OSError):
        staging.drop(name)  # committed; what is left here is dropped by the next `exclusive`


def _put_in_place(out: Folder, staging: Folder, name: str, entry: Placing) -> None:
    with staging.folder(name) as staged:
        for table in entry.tables:
            if staged.has_file(table):
                with out.folder(table) as place:
                    staged.move(table, place, f"{entry.document_id}{SUFFIX}")
    for table in entry.tables:
        with out.folder(table) as place:
            place.sync()


def _remove_files(out: Folder, files: Sequence[PurePosixPath]) -> None:
    """Remove what is still there; each folder is synced before the next one is begun, so that the order holds.

    An entry that was done but comes back after a power cut does no harm: whatever lands later syncs its going first.
    """
    for place, within in itertools.groupby(files, key=lambda file: str(file.parent)):
        if not out.has_folder(place):
            continue
        with out.folder(place) as holder:
            for file in within:
                holder.unlink(file.name)
            holder.sync()


@contextmanager
def _undone_on_failure(staging: Folder, name: str) -> Iterator[None]:
    """Undo a commit that fails before its renames; what cannot be removed now is removed by the next `exclusive`."""
    try:
        yield
    except (OSError, OutputUnsafe):
        with suppress(OSError):  # an entry that stands promises its files: the next `exclusive` finishes the commit
            staging.unlink(name + ENTRY)
            staging.unlink(f".{name}{ENTRY}")
            staging.drop(name)
        raise


def _have_table(out: Folder, table: str, readers: str) -> None:
    """Make a table's folder, and see before the journal entry whether files can be put into it."""
    if out.make_folder(table, readers):
        out.sync()
    with out.folder(table) as place:
        _check_writable(place)


def _check_writable(folder: Folder) -> None:
    if not os.access(folder.path, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder.path))
