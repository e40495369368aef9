"""How much of this machine a run may take."""

from __future__ import annotations

from pipeline.doctor import free_memory_mb, usable_cores

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
