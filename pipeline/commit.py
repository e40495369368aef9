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
import shutil
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import OutputLocked, OutputUnwritable
from pipeline.settings import LandingSettings

LOCK_POLL_S = 0.05
"""How often a waiting run looks again: far less than a document takes."""
STAGING = ".staging"
LOGS = ".logs"
SUFFIX = ".parquet"


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


@contextmanager
def open_output(folder: Path, settings: LandingSettings) -> Iterator[Output]:
    """Take an output folder for one run: create it, lock it, and finish what an interrupted run left.

    Raises:
        OutputLocked: when another run still holds the folder after `lock_timeout_s`; the message says which.
        OutputUnwritable: when the folder cannot be created or written to.
    """
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = _take_lock(folder, settings.lock_timeout_s)
    try:
        with exclusive(folder):
            pass  # recovers
        yield Output(folder, settings)
    finally:
        with suppress(OSError):
            os.ftruncate(lock, 0)  # unsigned, so that the next holder is not taken for this run
        _release(lock)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep other workers from committing, once every interrupted commit or removal was finished or dropped.

    What is read and committed inside belongs together: nobody else changes a file in between.

    Raises:
        OutputUnwritable: when the folder cannot be written to.
    """
    with output_errors(folder):
        staging = folder / STAGING
        staging.mkdir(exist_ok=True)
        lock = os.open(staging / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _recover(folder)
            yield
        finally:
            _release(lock)


def commit(folder: Path, document_id: str, run_id: str, files: Mapping[str, bytes]) -> None:
    """Put a document's files in place, in the mapping's order; call it inside `exclusive`.

    Args:
        folder: the output folder.
        document_id: of the document; the name of its file in each table's folder.
        run_id: of the run; with the document it names the staged files.
        files: the content of each file by the name of its table. Tables not named keep the files they have.

    Raises:
        OutputUnwritable: when a file cannot be written. Either nothing was changed, or the next `exclusive` finishes
            the commit.
    """
    with output_errors(folder):
        name = f"{document_id}.{run_id}"
        try:
            for table in files:
                _check_folder(folder / table)
            _stage(folder / STAGING / name, files)
            _write_entry(_entry(folder, name), {"document_id": document_id, "tables": list(files)})
        except OSError:
            _drop(folder, name)
            raise
        _finish(folder, name)


def remove(folder: Path, name: str, files: Sequence[Path]) -> None:
    """Remove files of an output folder for good, in the order given; call it inside `exclusive`.

    Args:
        folder: the output folder.
        name: of the journal entry, unlike that of any other commit or removal.
        files: relative to `folder`; those that readers go by come first, and files of one folder stand together.

    Raises:
        OutputUnwritable: when a file cannot be removed. Either none was, or the next `exclusive` removes the others.
    """
    with output_errors(folder):
        try:
            for place in {file.parent for file in files}:
                _check_writable(folder / place)
            _write_entry(_entry(folder, name), {"removed": [file.as_posix() for file in files]})
        except OSError:
            _drop(folder, name)
            raise
        _finish(folder, name)


def _take_lock(folder: Path, timeout_s: float) -> int:
    """Lock OUT/.lock and sign it; returns the open descriptor, which holds the lock."""
    deadline = time.monotonic() + timeout_s
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        while not _try_lock(lock):
            if time.monotonic() >= deadline:
                raise OutputLocked(f"{folder} is being written by {_holder(lock)}")
            time.sleep(LOCK_POLL_S)
        os.ftruncate(lock, 0)
        os.pwrite(lock, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode(), 0)
    except BaseException:
        os.close(lock)
        raise
    return lock


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
    except (ValueError, KeyError, TypeError):  # the holder has not signed yet
        return "another process"


def _recover(folder: Path) -> None:
    """Finish every commit and removal that has a journal entry; drop what was staged without one."""
    staging = folder / STAGING
    for entry in sorted(staging.glob("[!.]*.json")):
        _finish(folder, entry.stem)
    for left in sorted(staging.iterdir()):
        if left.is_dir():
            shutil.rmtree(left)
        elif left.name != ".lock":
            left.unlink()


def _entry(folder: Path, name: str) -> Path:
    return folder / STAGING / f"{name}.json"


def _draft(entry: Path) -> Path:
    return entry.with_name(f".{entry.name}")


def _stage(staged: Path, files: Mapping[str, bytes]) -> None:
    """Write and sync each table's file into a folder of its own."""
    staged.mkdir()
    for table, content in files.items():
        write_synced(staged / table, content)
    _sync_folder(staged)


def _write_entry(entry: Path, journal: Mapping[str, str | list[str]]) -> None:
    """Write the journal entry; it exists only when it is complete."""
    draft = _draft(entry)
    write_synced(draft, json.dumps(journal).encode())
    draft.replace(entry)
    _sync_folder(entry.parent)


def _finish(folder: Path, name: str) -> None:
    """Do what the journal entry says and is still to be done, and clear the entry."""
    entry, staged = _entry(folder, name), folder / STAGING / name
    journal = json.loads(entry.read_bytes())
    if "removed" in journal:
        _remove_files(folder, [Path(file) for file in journal["removed"]])
    else:
        _put_in_place(folder, staged, journal["tables"], journal["document_id"])
    entry.unlink()
    shutil.rmtree(staged, ignore_errors=True)  # committed; what is left here is dropped by the next `exclusive`


def _put_in_place(folder: Path, staged: Path, tables: list[str], document_id: str) -> None:
    for table in tables:
        if (staged / table).exists():
            (staged / table).replace(document_file(folder, table, document_id))
    for table in tables:
        _sync_folder(folder / table)


def _remove_files(folder: Path, files: Sequence[Path]) -> None:
    """Remove what is still there; each folder is synced before the next one is begun, so that the order holds.

    An entry that was done but comes back after a power cut does no harm: whatever lands later syncs its going first.
    """
    for place, within in itertools.groupby(files, key=lambda file: file.parent):
        for file in within:
            (folder / file).unlink(missing_ok=True)
        if (folder / place).is_dir():
            _sync_folder(folder / place)


def _drop(folder: Path, name: str) -> None:
    """Undo a commit that failed before its renames; what cannot be removed now is removed by the next `exclusive`."""
    entry = _entry(folder, name)
    try:
        entry.unlink(missing_ok=True)
        _draft(entry).unlink(missing_ok=True)
    except OSError:
        return  # the entry stands, so the files it promises must stay: the next `exclusive` finishes the commit
    shutil.rmtree(folder / STAGING / name, ignore_errors=True)


def _check_folder(folder: Path) -> None:
    """Make a table's folder, and see before the journal entry whether files can be put into it."""
    if not folder.is_dir():
        folder.mkdir()
        _sync_folder(folder.parent)
    _check_writable(folder)


def _check_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def write_synced(path: Path, content: bytes) -> None:
    """Write a file, and return once it is on the disk.

    Raises:
        OSError: when it cannot be written.
    """
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
