"""Starts a run's workers: before its flow where somebody waits for it, so that they load while the flow engine does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from flows.batch import setup_for
from flows.machine import cores, default_workers
from flows.plan import Identity, Options
from flows.workers.pool import WorkerPool

MAX_WORKERS = 64
"""Documents read at once, at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What workers are started for."""

    documents: int
    out: Path
    options: Options
    identity: Identity
    log: Path


@dataclass(frozen=True, slots=True)
class _AtHand:
    """Workers that were started already, and what for."""

    pool: WorkerPool
    wanted: Wanted

    def are_for(self, wanted: Wanted) -> bool:
        """Whether they do for what is wanted now: the same but for documents that are gone since."""
        known = (self.wanted.out.absolute(), self.wanted.options, self.wanted.identity, self.wanted.log.absolute())
        asked = (wanted.out.absolute(), wanted.options, wanted.identity, wanted.log.absolute())
        return known == asked and wanted.documents <= self.wanted.documents


_AT_HAND: ContextVar[_AtHand | None] = ContextVar("workers at hand", default=None)


@contextmanager
def started_workers(wanted: Wanted) -> Iterator[WorkerPool]:
    """Have workers started, for the flow that is called inside; they are killed at the end."""
    with _pool(wanted) as pool:
        token = _AT_HAND.set(_AtHand(pool, wanted))
        try:
            yield pool
        finally:
            _AT_HAND.reset(token)


@contextmanager
def workers_for(wanted: Wanted) -> Iterator[WorkerPool]:
    """Have workers: those that were started for the same already, or else others; killed at the end all the same."""
    at_hand = _AT_HAND.get()
    with at_hand.pool if at_hand and at_hand.are_for(wanted) else _pool(wanted) as pool:
        yield pool


def _pool(wanted: Wanted) -> WorkerPool:
    size = min(wanted.options.workers or default_workers(wanted.documents), wanted.documents, MAX_WORKERS)
    threads = max(1, cores() // max(1, size))
    return WorkerPool(setup_for(wanted.out, wanted.options, wanted.identity, threads=threads), size, wanted.log)
