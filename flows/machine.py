"""How much of this machine a run may take."""

from __future__ import annotations

import errno
import os
import re
import resource
from pathlib import Path

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


CGROUPS = Path("/sys/fs/cgroup")


def usable_cores(cgroups: Path = CGROUPS) -> float:
    """Cores that this process may use: those it is bound to, or fewer where a container's quota allows fewer."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([float(bound), *_quotas(cgroups)])


def free_memory_mb(cgroups: Path = CGROUPS, meminfo: Path = Path("/proc/meminfo")) -> float | None:
    """Memory in MB that is free for this process, on the machine and in its container; None where unknown."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", _read(meminfo), re.MULTILINE)
    free = [int(found[1]) / 1024] if found else []
    for group in _groups(cgroups):
        limit, used = _read(group / "memory.max"), _read(group / "memory.current")
        if limit.isdigit() and used.isdigit():
            free.append((int(limit) - int(used)) / 2**20)
    return min(free, default=None)


def _quotas(cgroups: Path) -> list[float]:
    quotas = []
    for group in _groups(cgroups):
        quota, _, period = _read(group / "cpu.max").partition(" ")
        if quota.isdigit() and period.isdigit():
            quotas.append(int(quota) / int(period))
    return quotas


def _groups(cgroups: Path) -> list[Path]:
    """This process's control group and all above it; each may set a limit."""
    own = re.search(r"^0::/?(.*)$", _read(Path("/proc/self/cgroup")), re.MULTILINE)
    path = cgroups / own[1] if own else cgroups
    return [group for group in (path, *path.parents) if group.is_relative_to(cgroups)]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
