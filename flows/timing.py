"""What the seconds of a run count from, and when its parts were done, as `--verbose` shows them."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

OWN_STAT = Path("/proc/self/stat")
START_TICKS = 19
"""Where in a process's `stat`, after its name, the ticks stand that the system had run for as it began."""

_BEGUN: ContextVar[float | None] = ContextVar("begun", default=None)

logger = logging.getLogger(__name__)


def process_begun(stat: Path = OWN_STAT) -> float:
    """When this process began, by `time.monotonic`; now, where the system does not say."""
    now = time.monotonic()
    try:
        ticks = int(stat.read_text().rpartition(")")[2].split()[START_TICKS])
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return now
    return now - max(0.0, age)


@contextmanager
def counting_from(begun: float) -> Iterator[None]:
    """Have the seconds of the runs started inside count from a moment, unless they count from an earlier one."""
    token = _BEGUN.set(begun if _BEGUN.get() is None else _BEGUN.get())
    try:
        yield
    finally:
        _BEGUN.reset(token)


def seconds_so_far() -> float:
    """Seconds since the moment that this run counts from; 0 where it counts from none."""
    begun = _BEGUN.get()
    return 0.0 if begun is None else time.monotonic() - begun


def part_done(part: str, seconds_ago: float = 0.0) -> None:
    """Have the log tell that a part of the run is done, and when it was."""
    logger.debug("%6.2f s: %s", seconds_so_far() - seconds_ago, part)
