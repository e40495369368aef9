"""Asks the file systems where the documents are, and never waits long for one that does not answer.

Whoever asks a share that is gone waits until it is back, and in the worst case no signal ends him before. So the
run asks processes of its own (`looker`), gives each a limited time, and leaves behind those that do not come back.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.errors import ResourcesExhausted

COMMAND = (sys.executable, "-P", "-m", "flows.looker")
ANSWER_LIMIT_S = 20.0
"""Seconds without a sign of life: disks that were asleep take up to fifteen to answer."""
MAX_HANGS = 2
"""Questions that a file system may leave unanswered; then it is asked nothing more, as each costs the time limit."""

NOT_ASKED = "not asked, as its disk or share did not answer before"


class NoAnswer(TimeoutError):
    """A file system did not answer in time."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.ETIMEDOUT, why)


@dataclass(frozen=True, slots=True)
class _Looking:
    """A looking process, and our end of its pipe."""

    process: subprocess.Popen[bytes]
    connection: Connection


@dataclass(slots=True)
class _Asked:
    """A question on its way: which of all it is, where its path is, and until when there must be a sign of life."""

    number: int
    place: object
    deadline: float = field(default_factory=lambda: time.monotonic() + ANSWER_LIMIT_S)


class Looker:
    """Asks questions, up to `size` at once; see `looker` for what may be asked.

    Use it as a context, from one thread; at its end its processes are killed, and not waited for.
    """

    def __init__(self, size: int = 1) -> None:
        self._size = size
        self._idle: list[_Looking] = []
        self._busy: dict[Connection, tuple[_Looking, _Asked]] = {}
        self._devices: dict[str, int] = {}
        self._hangs: Counter[object] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for looking in (*self._idle, *(looking for looking, _ in self._busy.values())):
            _leave(looking)
        self._idle, self._busy = [], {}

    def ask(self, question: str, path: Path, *more: Any) -> Any:
        """The answer to one question.

        Raises:
            NoAnswer: when there is none in time.
            OSError: as the file system says.
            ResourcesExhausted: when there can be no process to ask.
        """
        (answer,) = self.ask_all(question, [(path, *more)])
        if isinstance(answer, OSError):
            raise answer
        return answer

    def ask_all(self, question: str, about: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The answers to one question of many paths, in their order; an `OSError`, as `ask` raises it, for some.

        Args:
            question: a function of `looker`.
            about: its arguments for each; the first is a path.
        """
        answers: list[Any] = [None] * len(about)
        todo = deque(range(len(about)))
        while todo or self._busy:
            while todo and len(self._busy) < self._size:
                number = todo.popleft()
                place = self._place(os.fspath(about[number][0]))
                if self._hangs[place] >= MAX_HANGS:
                    answers[number] = NoAnswer(NOT_ASKED)
                else:
                    self._send({"ask": question, "of": [*map(_plain, about[number])]}, _Asked(number, place))
            for asked, answer in self._hear():
                answers[asked.number] = answer
        return answers

    def remember(self, folder: Iterable[str], device: int) -> None:
        """Note on which device a folder of these paths is: all that is on it hangs together."""
        self._devices |= dict.fromkeys(folder, device)

    def gave_up(self, path: Path) -> bool:
        """Whether nothing more is asked about a path, as its file system did not answer."""
        return self._hangs[self._place(os.fspath(path))] >= MAX_HANGS

    def _place(self, path: str) -> object:
        folder = os.path.dirname(path)  # noqa: PTH120 - many thousands of times
        return self._devices.get(folder, folder)

    def _send(self, question: dict[str, Any], asked: _Asked) -> None:
        looking = self._idle.pop() if self._idle else _start()
        self._busy[looking.connection] = looking, asked
        with suppress(OSError):  # a process that has ended is heard of at once
            looking.connection.send_bytes(json.dumps(question).encode())

    def _hear(self) -> list[tuple[_Asked, Any]]:
        """Wait for a sign of life, or for the first deadline; what was answered, or never will be."""
        first = min((asked.deadline for _, asked in self._busy.values()), default=0.0)
        ready = wait(list(self._busy), max(0.0, first - time.monotonic()))
        heard = [self._take(connection) for connection in ready if isinstance(connection, Connection)]
        now = time.monotonic()
        late = [connection for connection, (_, asked) in self._busy.items() if asked.deadline < now]
        return [one for one in (*heard, *map(self._give_up, late)) if one]

    def _take(self, connection: Connection) -> tuple[_Asked, Any] | None:
        looking, asked = self._busy[connection]
        try:
            message = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            del self._busy[connection]
            _leave(looking)
            return asked, OSError(errno.EIO, "the process that looked at it was killed")
        if "going" in message:
            asked.deadline = time.monotonic() + ANSWER_LIMIT_S
            return None
        del self._busy[connection]
        self._idle.append(looking)
        if "errno" in message:
            return asked, OSError(message["errno"], message["strerror"])
        return asked, message["answer"]

    def _give_up(self, connection: Connection) -> tuple[_Asked, Any]:
        looking, asked = self._busy.pop(connection)
        _leave(looking)
        self._hangs[asked.place] += 1
        return asked, NoAnswer(f"no answer for {ANSWER_LIMIT_S:g} s: its disk or share hangs")


def _start() -> _Looking:
    try:
        ours, theirs = Pipe()
        with theirs:
            process = subprocess.Popen(
                [*COMMAND, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for the run
            )
    except OSError as error:  # which must not be taken for the answer of a file system
        raise ResourcesExhausted(f"no process to look at the sources with: {error.strerror}") from error
    return _Looking(process, ours)


def _leave(looking: _Looking) -> None:
    """Kill a process; one that waits for a share may end only when that is back, so nobody waits for it."""
    looking.connection.close()
    looking.process.kill()


def _plain(argument: Any) -> Any:
    return os.fspath(argument) if isinstance(argument, Path) else argument
