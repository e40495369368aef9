"""The flow engine's own database: what Prefect remembers of runs. What landed does not depend on it.

So a database that is damaged, or has grown large, costs no run: it is set aside and made anew. Runs into different
output folders share it, and it is touched only when none of them has it open.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

logger = logging.getLogger(__name__)

DATABASE = "prefect.db"
COMPANIONS = ("", "-wal", "-shm")
"""What SQLite keeps beside a database: changes that are not in it yet, and their index."""
DAMAGED, EARLIER = ".damaged", ".earlier"
"""What the name of a database ends in that was set aside; one of each is kept."""
LIMIT_BYTES = 32 * 2**20
"""The size from which on a new one is begun: the history of 7,000 documents, and a third of a second to check."""
NEEDED_TABLES = frozenset({"alembic_version", "flow_run", "task_run"})


@contextmanager
def history_in_use(home: Path) -> Iterator[str | None]:
    """Have a sound database, or none yet, while the block lasts; yields what was done about it, in words, if anything.

    Two runs must not come here at once; see `orchestrator`.

    Args:
        home: the engine's folder.

    Raises:
        OSError: when a file of the folder cannot be moved or opened.
    """
    with (home / ".in-use.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another run has it open
            done = None
        else:
            done = _tidy(home)
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield done


def is_migrated(home: Path) -> bool:
    """Whether the database is there, as this version of Prefect wants it; never said of a database of the user's."""
    is_ours = "PREFECT_API_DATABASE_CONNECTION_URL" not in os.environ
    return is_ours and migrated_mark(home).exists() and (home / DATABASE).exists()


def migrated_mark(home: Path) -> Path:
    """A file that says that the database has the tables of this version of Prefect."""
    return home / f".migrated-{version('prefect')}"


def set_aside(home: Path, ending: str) -> Path:
    """Rename the database with all that belongs to it, over the one that was set aside before; returns where it is.

    Raises:
        OSError: when a file cannot be moved.
    """
    migrated_mark(home).unlink(missing_ok=True)
    for companion in reversed(COMPANIONS):  # the database last: what is left of it alone is still a database
        old, new = home / f"{DATABASE}{companion}", home / f"{DATABASE}{ending}{companion}"
        if new.is_dir() and not new.is_symlink():
            shutil.rmtree(new)
        new.unlink(missing_ok=True)
        if old.exists():
            old.replace(new)
    return home / f"{DATABASE}{ending}"


def _tidy(home: Path) -> str | None:
    """Set aside a database that nobody has open, if it is damaged or large."""
    database = home / DATABASE
    if not database.exists():
        return None
    size = sum(file.stat().st_size for companion in COMPANIONS if (file := home / f"{DATABASE}{companion}").exists())
    if size > LIMIT_BYTES:
        logger.info("the flow engine's history had %d bytes and is now %s", size, set_aside(home, EARLIER))
        return None
    fault = _fault(database)
    if fault is None:
        return None
    moved = set_aside(home, DAMAGED)
    words = f"the flow engine's history was damaged ({fault}); a new one is made, and the old one is {moved}"
    logger.warning("%s", words)
    return words


def _fault(database: Path) -> str | None:
    """What is wrong with a database, in words; None for one that is sound, or not finished yet."""
    try:
        with closing(sqlite3.connect(database, timeout=5)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        return str(error)
    if verdict != "ok":
        return " ".join(str(verdict).split())
    missing = NEEDED_TABLES - tables
    return f"it lacks the table {min(missing)}" if missing and migrated_mark(database.parent).exists() else None
