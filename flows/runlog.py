"""The log of a run: a file in the output folder that holds what the console does not show."""

from __future__ import annotations

import datetime
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from pipeline.errors import OutputUnsafe
from pipeline.files import Folder, make_folder, open_folder, output_errors
from pipeline.landing import LOGS
from pipeline.visible import visible, visible_lines

KEPT = 30
"""Logs of earlier runs that stay: a month of nights."""
OURS = ("pipeline", "flows")
FORMAT = "%(asctime)s %(levelname)-7s %(process)d %(name)s: %(message)s"
_STARTED = f"{datetime.datetime.now():%Y%m%dT%H%M%S}-{os.getpid()}"


class LineFormatter(logging.Formatter):
    """A record is one line, whatever it quotes; the lines of its traceback are set in."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """The record's line."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """The traceback."""
        return "    " + visible_lines(super().formatException(ei)).replace("\n", "\n    ")


class _RunLogHandler(logging.FileHandler):
    """Writes the log, for its owner alone, while it can; a run does not fail for want of it, but says so."""

    has_ended = False

    def _open(self) -> TextIOWrapper:
        return os.fdopen(open_log(Path(self.baseFilename)), "a", encoding=self.encoding, errors=self.errors)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; the file is opened with the first one."""
        try:
            if not self.has_ended:
                super().emit(record)
        except (OSError, OutputUnsafe):  # as it is opened
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
        OutputUnsafe: when the folder of logs is a link.
    """
    path = log_of(out)
    root = logging.getLogger()
    if any(isinstance(handler, _RunLogHandler) for handler in root.handlers):
        yield path
        return
    with output_errors(out):
        make_folder(out)
        with open_folder(out) as folder:
            folder.make_folder(LOGS)
            with folder.folder(LOGS) as logs:
                _drop_old_logs(logs)
    handler = _RunLogHandler(path, mode="a", encoding="utf-8", delay=True, errors="backslashreplace")
    handler.setFormatter(LineFormatter(FORMAT))
    handler.setLevel(logging.INFO)  # what `--verbose` shows beyond that is for who looks on
    _listen_to_ours()
    root.addHandler(handler)
    try:
        yield path
    finally:
        root.removeHandler(handler)
        with suppress(OSError):  # what cannot be written now, no more than before
            handler.close()


def log_of(out: Path) -> Path:
    """This process's log of its runs into an output folder."""
    return out / LOGS / f"{_STARTED}.log"


def log_to_stderr() -> None:
    """Log to standard error, which a worker's pool has made the run's log."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(FORMAT))
    logging.basicConfig(handlers=[handler], force=True)
    _listen_to_ours()


def open_log(path: Path) -> int:
    """A descriptor to write at a log's end.

    Raises:
        OSError: when it cannot be opened.
        OutputUnsafe: when it, or its folder, is a link.
    """
    with open_folder(path.parent.parent) as out, out.folder(path.parent.name) as logs:
        return logs.open(path.name, os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def _listen_to_ours() -> None:
    for name in OURS:
        if logging.getLogger(name).getEffectiveLevel() > logging.INFO:
            logging.getLogger(name).setLevel(logging.INFO)


def _drop_old_logs(logs: Folder) -> None:
    for old in [name for name in logs.names() if name.endswith(".log")][:-KEPT]:
        logs.unlink(old)
