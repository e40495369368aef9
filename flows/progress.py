"""Shows a run as it goes: a bar on a terminal, plain lines elsewhere, nothing where nobody looks."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Protocol, TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from flows.outcome import DocumentOutcome
from flows.timing import seconds_so_far
from pipeline.visible import visible

PAGE_LINES_EVERY_S = 5.0
"""Plain lines about pages come no faster: a log is read later."""


class Show(Protocol):
    """What a run says as it goes; called from several threads."""

    def note(self, text: str) -> None:
        """Say what is being done."""

    def warn(self, text: str) -> None:
        """Say something that a person should see, and see still when the run has ended."""

    def documents(self, total: int) -> None:
        """So many documents are about to be read."""

    def page(self, source: str, done: int, of: int) -> None:
        """So many pages of a document are done."""

    def finished(self, outcome: DocumentOutcome) -> None:
        """A document has ended."""


class Silence:
    """Says nothing: scheduled runs have their log."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def warn(self, text: str) -> None:
        """Say nothing."""

    def documents(self, total: int) -> None:
        """Say nothing."""

    def page(self, source: str, done: int, of: int) -> None:
        """Say nothing."""

    def finished(self, outcome: DocumentOutcome) -> None:
        """Say nothing."""


class PlainLines:
    """A line for each thing said, with the seconds since the command's start."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._last_page = time.monotonic()
        self._started = self._last_page - seconds_so_far()
        self._total = self._done = 0

    def note(self, text: str) -> None:
        """Print it."""
        seconds = time.monotonic() - self._started
        with self._lock:
            print(f"[{seconds:6.1f} s] {visible(text)}", file=self._stream, flush=True)

    def warn(self, text: str) -> None:
        """Print it."""
        self.note(text)

    def documents(self, total: int) -> None:
        """Print how many there are."""
        self._total += total
        self.note(f"to read: {total}")

    def page(self, source: str, done: int, of: int) -> None:
        """Print it, if the last such line is old enough."""
        now = time.monotonic()
        if now - self._last_page >= PAGE_LINES_EVERY_S and done < of:
            self._last_page = now
            self.note(f"{Path(source).name}: {done} of {of} pages")

    def finished(self, outcome: DocumentOutcome) -> None:
        """Print how it ended."""
        self._done += 1
        self.note(f"{self._done} of {self._total}: {ending(outcome)}")


class Bar:
    """A bar that moves with the pages, and a line for each document that did not land whole."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task: TaskID = self._progress.add_task("", total=None)
        self._parts: dict[str, float] = {}
        self._done = 0

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def note(self, text: str) -> None:
        """Put it before the bar."""
        self._progress.update(self._task, description=escape(visible(text)))

    def warn(self, text: str) -> None:
        """Print it above the bar."""
        self._progress.console.print(escape(visible(text)))

    def documents(self, total: int) -> None:
        """Start the bar."""
        self._progress.reset(self._task, total=total, description="reading")

    def page(self, source: str, done: int, of: int) -> None:
        """Name the document and its page, and move the bar by its share."""
        self.note(f"{Path(source).name}: {done} of {of} pages")
        self._parts[source] = done / of
        self._move()

    def finished(self, outcome: DocumentOutcome) -> None:
        """Move the bar."""
        if not outcome.is_complete:
            self.warn(ending(outcome))
        self._parts.pop(outcome.sources[0], None)
        self._done += 1
        self._move()

    def _move(self) -> None:
        self._progress.update(self._task, completed=self._done + sum(tuple(self._parts.values())))


_SHOW: ContextVar[Show] = ContextVar("show", default=Silence())  # noqa: B039 - it holds nothing


def current_show() -> Show:
    """Where the run of this context is shown."""
    return _SHOW.get()


@contextmanager
def showing() -> Iterator[Show]:
    """Show the runs started inside on standard error."""
    console = Console(stderr=True)
    if console.is_terminal:
        with Bar(console) as bar, _set(bar):
            yield bar
    else:
        lines = PlainLines(sys.stderr)
        with _set(lines):
            yield lines


def ending(outcome: DocumentOutcome) -> str:
    """A document's ending in a line."""
    name = Path(outcome.sources[0]).name
    if outcome.error_code:
        return f"{name}: {outcome.status}, {outcome.error_code}: {outcome.error_message}"
    return f"{name}: {outcome.status}, pages: {len(outcome.pages)}, {outcome.seconds:.1f} s"


@contextmanager
def _set(show: Show) -> Iterator[None]:
    token = _SHOW.set(show)
    try:
        yield
    finally:
        _SHOW.reset(token)
