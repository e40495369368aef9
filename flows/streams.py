"""Standard output and error that nobody reads, or that cannot be written, do not end a run."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

from pipeline.errors import OutputUnwritable


def steady_streams() -> None:
    """Make the standard streams of this process bear what becomes of their readers; call it before anything is opened.

    A stream that was closed leads nowhere from now on: the next file that is opened would take its number, and get
    what is printed. What cannot be printed of a name that is no text is spelled out.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    sys.stdout = _text(_Steady(1, _refuse), sys.stdout)
    sys.stderr = _text(_Steady(2, _forgive), sys.stderr)


class _Steady(io.RawIOBase):
    """Writes to a descriptor until that fails; then it is told once, and all that follows is dropped."""

    def __init__(self, descriptor: int, failed: Callable[[OSError], None]) -> None:
        super().__init__()
        self._descriptor, self._failed = descriptor, failed
        self._has_failed = False

    def write(self, data: Any) -> int:
        """Write some bytes; how many."""
        view = memoryview(data)
        if not self._has_failed:
            try:
                return os.write(self._descriptor, view)
            except OSError as error:
                self._has_failed = True
                self._failed(error)
        return view.nbytes

    def writable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Whether somebody looks on."""
        return os.isatty(self._descriptor)


def _text(raw: _Steady, before: TextIO | None) -> io.TextIOWrapper:
    encoding = getattr(before, "encoding", None) or "utf-8"
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors="backslashreplace", line_buffering=True)


def _forgive(error: OSError) -> None:
    """Progress and complaints that nobody gets."""


def _refuse(error: OSError) -> None:
    """A reader that has enough has had it; a disk that is full has not.

    Raises:
        OutputUnwritable: when it is no reader that has gone.
    """
    if not isinstance(error, BrokenPipeError):
        raise OutputUnwritable(f"standard output: {error.strerror}") from error
