"""How much of this machine a run may take."""

from __future__ import annotations

import errno
import resource

from flows.doctor import free_memory_mb, usable_cores
from pipeline.errors import OutputUnwritable, ResourcesExhausted, SignedFormsError, UnexpectedError

MIN_FILES = 32
"""Open files with which a run with one worker still ends well."""
ENOUGH_FILES = 1024
"""For as many workers as there may be, and the flow engine."""
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM})
DISK_REFUSES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
NO_THREAD = "can't start new thread"

WORKER_MB = 1500
"""Memory of a worker while it reads a large page; engines and libraries take half of it."""


def default_workers(documents: int) -> int:
    """How many documents to read at once: as many as there are, as cores and memory bear; at least one."""
    free_mb = free_memory_mb()
    by_memory = documents if free_mb is None else int(free_mb // WORKER_MB)
    return max(1, min(documents, cores(), by_memory))


def cores() -> int:
    """Whole cores that this process may use; at least one."""
    return max(1, int(usable_cores()))


def take_open_files() -> None:
    """Let this process and its children open as many files as they need, within what the system allows.

    Raises:
        ResourcesExhausted: when that is too few for a run.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(ENOUGH_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < MIN_FILES:
        raise ResourcesExhausted(f"this program may have {wanted} files open; a run needs {MIN_FILES}")


def as_ours(error: Exception) -> SignedFormsError:
    """An error of our tree for any error that ended a run: what the system said, or else a fault of ours."""
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, SignedFormsError):
        return error
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and str(error) == NO_THREAD):
        return ResourcesExhausted(said)
    if isinstance(error, OSError) and error.errno in EXHAUSTED:
        return ResourcesExhausted(said)
    if isinstance(error, OSError) and error.errno in DISK_REFUSES:
        return OutputUnwritable(said)
    return UnexpectedError(said)
