"""Worker processes that read documents: one that dies costs its document alone, and another takes its place.

A pool of our own, because Python's gives up all its work when one process is killed, and tells nothing before the end.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flows.outcome import DocumentOutcome, error_of
from flows.runlog import open_log
from flows.worker_protocol import OnPage, Order, Setup
from pipeline.errors import WorkerCrashed

COMMAND = (sys.executable, "-P", "-m", "flows.worker")
SILENCE_LIMIT_S = 900.0
"""Seconds without a word from a worker before it is taken for hung: far more than the largest page takes."""
THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

logger = logging.getLogger(__name__)


class WorkerPool:
    """A fixed number of workers; a document is read by one that is free. Threads may share a pool.

    Use it as a context; at its end, however it comes, the workers are killed. What they committed stays.
    """

    def __init__(self, setup: Setup, size: int, log: Path, command: Sequence[str] | None = None) -> None:
        self._workers = tuple(_Worker(setup, log, command or COMMAND) for _ in range(size))
        self._free: queue.LifoQueue[_Worker] = queue.LifoQueue()

    def __enter__(self) -> Self:
        for worker in self._workers:
            worker.start()
            self._free.put(worker)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers:
            worker.close()

    def read(self, order: Order, on_page: OnPage) -> DocumentOutcome | None:
        """Have a document read and landed; waits for a free worker.

        Args:
            order: which, and where it is.
            on_page: called from this thread as pages are done.

        Returns:
            How it ended; None when it is tried again, and cannot be decoded any better: what had landed stands.

        Raises:
            WorkerCrashed: when the worker died of it, or said nothing for `SILENCE_LIMIT_S`.
            SignedFormsError: as the worker says.
        """
        worker = self._free.get()
        try:
            return worker.read(order, on_page)
        finally:
            self._free.put(worker)

    def keep_one(self) -> None:
        """Let all workers go but the next to read, with the memory that they hold; call it when none is at work."""
        free = [self._free.get() for _ in self._workers]
        for worker in reversed(free):
            if worker is not free[0]:
                worker.stop()
            self._free.put(worker)


class _Worker:
    """One worker process at a time; a new one when the last is gone."""

    def __init__(self, setup: Setup, log: Path, command: Sequence[str]) -> None:
        self._setup, self._log, self._command = setup, log, command
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._is_closed = False

    def start(self) -> Connection:
        """Have a live process, and the connection to it."""
        if self._is_closed:
            raise WorkerCrashed("the run has ended")
        if self._process and self._connection and self._process.poll() is None:
            return self._connection
        self.stop()
        ours, theirs = Pipe()
        with theirs, os.fdopen(open_log(self._log), "ab") as log:
            self._process = subprocess.Popen(
                [*self._command, self._setup.to_json(), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | dict.fromkeys(THREAD_LIMITS, str(self._setup.threads)),
                process_group=0,  # Ctrl-C is for the run, which ends its workers itself
            )
        self._connection = ours
        return ours

    def read(self, order: Order, on_page: OnPage) -> DocumentOutcome | None:
        """Have a document read; see `WorkerPool.read`."""
        try:
            connection = self.start()
            connection.send_bytes(json.dumps(order.as_json()).encode())
            while True:
                message = self._hear(connection)
                if message["kind"] == "page":
                    on_page(message["done"], message["of"])
                elif message["kind"] == "outcome":
                    outcome = message["outcome"]
                    return outcome and DocumentOutcome.from_json(outcome)
                elif message["kind"] == "fault":
                    raise error_of(message["code"], message["message"])
        except (EOFError, OSError) as error:
            raise WorkerCrashed(f"the worker that read it {self.stop()}") from error

    def close(self) -> None:
        """Kill the process, and start no other."""
        self._is_closed = True
        self.stop()

    def stop(self) -> str:
        """Kill the process with all that it started, if it is still there; say in words how it ended."""
        if self._process is None:
            return "was not started"
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        status = self._process.wait()
        return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"

    def _hear(self, connection: Connection) -> dict[str, Any]:
        if not connection.poll(SILENCE_LIMIT_S):
            raise TimeoutError(f"no word for {SILENCE_LIMIT_S:.0f} s")
        message: dict[str, Any] = json.loads(connection.recv_bytes())
        return message
