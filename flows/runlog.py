"""The log of a run: a file in the output folder that holds what the console does not show."""

from __future__ import annotations

import datetime
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.commit import LOGS
from pipeline.errors import OutputUnwritable

KEPT = 30
"""Logs of earlier runs that stay: a month of nights."""
OURS = ("pipeline", "flows")
FORMAT = "%(asctime)s %(levelname)-7s %(process)d %(name)s: %(message)s"
_STARTED = f"{datetime.datetime.now():%Y%m%dT%H%M%S}-{os.getpid()}"


class _RunLogHandler(logging.FileHandler):
    """Writes the log while it can; a run does not fail for want of its log, but says so."""

    has_ended = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; the file is opened with the first one."""
        try:
            if not self.has_ended:
                super().emit(record)
        except OSError:  # as it is opened
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        """Say that there is no more log, once."""
        self.has_ended = True
        print(f"The log {self.baseFilename} ends here: {sys.exc_info()[1]}", file=sys.stderr)  # noqa: T201


@contextmanager
def run_log(out: Path) -> Iterator[Path]:
    """Log to this process's file of the output folder; it appears with its first line.

    Entered again inside, it makes sure that the log is still attached: Prefect replaces handlers as it is imported.

    Raises:
        OutputUnwritable: when there can be no such file.
    """
    path = out / LOGS / f"{_STARTED}.log"
    root = logging.getLogger()
    if any(isinstance(handler, _RunLogHandler) for handler in root.handlers):
        yield path
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _drop_old_logs(path.parent)
    except OSError as error:
        raise OutputUnwritable(f"{error.filename or out}: {error.strerror or error}") from error
    handler = _RunLogHandler(path, mode="a", encoding="utf-8", delay=True, errors="backslashreplace")
    handler.setFormatter(logging.Formatter(FORMAT))
    _listen_to_ours()
    root.addHandler(handler)
    try:
        yield path
    finally:
        root.removeHandler(handler)
        with suppress(OSError):  # what cannot be written now, no more than before
            handler.close()


def log_to_stderr() -> None:
    """Log to standard error, which a worker's pool has made the run's log."""
    logging.basicConfig(stream=sys.stderr, format=FORMAT, force=True)
    _listen_to_ours()


def _listen_to_ours() -> None:
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


def _drop_old_logs(folder: Path) -> None:
    for old in sorted(folder.glob("*.log"))[:-KEPT]:
        old.unlink(missing_ok=True)
