"""Worker processes that read documents: one that dies costs its document alone, and another takes its place.

A pool of our own, because Python's gives up all its work when one process is killed, and tells nothing before the end.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from flows.looking import NOT_ASKED, Looker, NoAnswer
from flows.outcome import DocumentOutcome, error_of
from flows.runlog import open_log
from flows.timing import part_done
from flows.workers.protocol import OnPage, Order, Setup
from pipeline.errors import OutputUnsafe, SourceUnreadable, WorkerCrashed

COMMAND = (sys.executable, "-P", "-m", "flows.workers.worker")
SILENCE_LIMIT_S = 900.0
"""Seconds without a word from a worker before it is taken for hung: far more than the largest page takes."""
LOOK_AFTER_S = 30.0
"""Seconds without a word after which it is seen whether the document's file still answers: most pages take less."""
KILL_LIMIT_S = 5.0
"""Seconds for a killed process to end; one that waits for a share that is gone ends when that is back."""
THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

logger = logging.getLogger(__name__)


class WorkerPool:
    """A fixed number of workers; a document is read by one that is free. Threads may share a pool.

    Use it as a context; at its end, however it comes, the workers are killed. What they committed stays.
    """

    def __init__(self, setup: Setup, size: int, log: Path, command: Sequence[str] | None = None) -> None:
        sight = _Sight()
        self._workers = tuple(_Worker(setup, log, command or COMMAND, sight) for _ in range(size))
        self._free: list[_Worker] = []
        self._freed = threading.Condition()

    def __enter__(self) -> Self:
        """Start them, unless that is done already."""
        if not self._free:
            for worker in self._workers:
                worker.start()
            self._free = list(self._workers)
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
            SourceUnreadable: when its file does not answer any more.
            SignedFormsError: as the worker says.
        """
        worker = self._take(order)
        try:
            return worker.read(order, on_page)
        finally:
            with self._freed:
                self._free.append(worker)
                self._freed.notify()

    def read_ahead(self, orders: Iterable[Order]) -> None:
        """Have each worker read one of the first documents at once, to land it when it is ordered with its run."""
        for worker, order in zip(self._workers, orders, strict=False):
            worker.read_ahead(order)

    def keep_one(self) -> None:
        """Let all workers go but the next to read, with the memory that they hold; call it when none is at work."""
        for worker in self._free[:-1]:
            worker.stop()

    def _take(self, order: Order) -> _Worker:
        """A free worker: the one that has read the document ahead, else the one that was freed last."""
        with self._freed:
            self._freed.wait_for(lambda: self._free)
            ready = (worker for worker in self._free if worker.ahead == order.document_id)
            worker = next(ready, self._free[-1])
            self._free.remove(worker)
        return worker


class _Worker:
    """One worker process at a time; a new one when the last is gone."""

    def __init__(self, setup: Setup, log: Path, command: Sequence[str], sight: _Sight) -> None:
        self._setup, self._log, self._command, self._sight = setup, log, command, sight
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._is_closed = False
        self.ahead: str | None = None
        """The document that it was told to read ahead, until it is told of another."""

    def start(self) -> Connection:
        """Have a live process, and the connection to it."""
        if self._is_closed:
            raise WorkerCrashed("the run has ended")
        if self._process and self._connection and self._process.poll() is None:
            return self._connection
        self.stop()
        ours, theirs = Pipe()
        with theirs, _open_log(self._log) as log:
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

    def read_ahead(self, order: Order) -> None:
        """Have a document read that is not to land yet; whatever goes wrong shows when it is."""
        with suppress(OSError, WorkerCrashed):
            self.start().send_bytes(json.dumps(order.as_json()).encode())
            self.ahead = order.document_id

    def read(self, order: Order, on_page: OnPage) -> DocumentOutcome | None:
        """Have a document read; see `WorkerPool.read`."""
        source, self.ahead = Path(order.sources[0]), None
        try:
            self._sight.check_not_given_up(source)
            connection = self.start()
            connection.send_bytes(json.dumps(order.as_json()).encode())
            while True:
                message = self._hear(connection, source)
                if message["kind"] == "ready":
                    part_done("worker ready", seconds_ago=time.time() - message["at"])
                elif message["kind"] == "page" and message["document_id"] == order.document_id:
                    ago = time.time() - message["at"]
                    part_done(f"page {message['done']} of {message['of']} read, {source.name}", seconds_ago=ago)
                    on_page(message["done"], message["of"])
                elif message["kind"] == "outcome":
                    outcome = message["outcome"]
                    return outcome and DocumentOutcome.from_json(outcome)
                elif message["kind"] == "fault":
                    raise error_of(message["code"], message["message"])
        except NoAnswer as error:
            self.stop()
            raise SourceUnreadable(f"{source.name} cannot be read: {error.strerror}") from error
        except (EOFError, OSError) as error:
            raise WorkerCrashed(f"the worker that read it {self.stop()}") from error

    def close(self) -> None:
        """Kill the process, and start no other."""
        self._is_closed = True
        self.stop()

    def stop(self) -> str:
        """Kill the process with all that it started, if it is still there; say in words how it ended."""
        process, self._process = self._process, None
        if process is None:
            return "was not started"
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        try:
            status = process.wait(KILL_LIMIT_S)
        except subprocess.TimeoutExpired:
            return "was killed, and waits for something of the system's before it ends"
        return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"

    def _hear(self, connection: Connection, source: Path) -> dict[str, Any]:
        """The worker's next message, if it comes in time.

        Raises:
            NoAnswer: when the worker says nothing, and its document's file does not answer.
            TimeoutError: when it says nothing for long.
        """
        deadline = time.monotonic() + SILENCE_LIMIT_S
        while not connection.poll(LOOK_AFTER_S):
            self._sight.look_at(source)
            if time.monotonic() > deadline:
                raise TimeoutError(f"no word for {SILENCE_LIMIT_S:.0f} s")
        message: dict[str, Any] = json.loads(connection.recv_bytes())
        return message


def _open_log(log: Path) -> BinaryIO:
    """The log to write on; nowhere, when it cannot be opened."""
    try:
        return os.fdopen(open_log(log), "ab")
    except (OSError, OutputUnsafe):  # which the run's own handler tells of
        return os.fdopen(os.open(os.devnull, os.O_WRONLY), "ab")


class _Sight:
    """Sees for all workers, one after the other, whether files still answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looker = Looker()

    def check_not_given_up(self, source: Path) -> None:
        """Make sure that a file is not where files have ceased to answer.

        Raises:
            NoAnswer: when it is.
        """
        if self._looker.gave_up(source):
            raise NoAnswer(NOT_ASKED)

    def look_at(self, source: Path) -> None:
        """See whether a file answers.

        Raises:
            NoAnswer: when it does not.
        """
        with self._lock, self._looker:
            (answer,) = self._looker.ask_all("touch", [(source,)])
        if isinstance(answer, NoAnswer):  # any other error the worker meets as well, and tells
            raise answer
