"""How the program ends: at once when its work is done, and soon when it is told to, whatever libraries still wait for.

At the interpreter's end Prefect would wait for every event that its server has not heard yet, seven seconds for each
once the server is gone. Nothing of ours waits for that end: what landed is on the disk, workers end with their pipes,
and locks with the process.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import NoReturn

EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143
STOP_WITHIN_S = 4.0
"""Seconds for an orderly end after a signal: the flow engine is told, which needs one. The docs promise five."""


def end_on_signals() -> None:
    """Have Ctrl-C and SIGTERM end this process: in order where that is quick; a second Ctrl-C at once.

    In order means that the main thread meets a `KeyboardInterrupt`, or a `SystemExit` with `EXIT_TERMINATED`.
    """
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _terminate)


def end_within(status: int, seconds: float = STOP_WITHIN_S) -> None:
    """End this process with a status in so many seconds at the latest, whatever it is doing then."""
    timer = threading.Timer(seconds, os._exit, (status,))
    timer.daemon = True
    timer.start()


def leave(status: int) -> NoReturn:
    """End this process now, once what it has written is on its way; nothing is waited for, and no exit handler runs."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # nobody reads it any more, or it was closed
            stream.flush()
    os._exit(status)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGINT, lambda *_: os._exit(EXIT_INTERRUPTED))
    end_within(EXIT_INTERRUPTED)
    raise KeyboardInterrupt


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    end_within(EXIT_TERMINATED)
    sys.exit(EXIT_TERMINATED)
