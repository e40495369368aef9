"""How the program ends: at once when its work is done, and soon when it is told to, whatever libraries still wait for.

At the interpreter's end Prefect would wait for every event that its server has not heard yet, seven seconds for each
once the server is gone. Nothing of ours waits for that end: what landed is on the disk, workers end with their pipes,
and locks with the process.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

STOP_WITHIN_S = 4.0
"""Seconds for an orderly end after a signal: the flow engine is told, which needs one. The docs promise five."""


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
