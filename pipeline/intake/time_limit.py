"""The time limit of a process: processor time first, wall-clock time only for a process that gets none.

On a busy machine a sound page takes long by the clock, and a page that never ends takes as much of the processor as it
gets: only processor time tells one from the other. A process that gets none of it is stopped, or waits for a disk.
"""

from __future__ import annotations

import sys
import time

from pipeline.errors import DecoderStopped, DecoderTimeout

MAX_STRETCH = 4.0
"""So many times the limit may pass on the clock while the process gets less of the processor than it might use. A sound
page needs a tenth of the limit or less, so it ends in time even where ten times as much is going on."""
PROGRESS_S = 0.001
"""Processor time from which a process counts as running: far less than a process that works takes in a second."""
LEAST_WAIT_S = 0.02
"""Checks are at least this far apart, so that waiting for the end of a limit costs no processor time itself."""
_CPUCLOCK_SCHED = 2


class TimeLimit:
    """The time that a process has for one step after the other.

    Args:
        pid: the process; a child that has not been waited for.
        seconds: of processor time that its first step may take.
    """

    def __init__(self, pid: int, seconds: float) -> None:
        self._pid = pid
        self.next_step(seconds)

    def next_step(self, seconds: float) -> None:
        """Begin a step that may take `seconds` of processor time."""
        self._seconds = seconds
        self._before = self._seen = processor_time(self._pid) or 0.0
        self._waited = self._idle = 0.0
        self.resume()

    def resume(self) -> None:
        """Go on with the step: the clock's time since the last check does not count."""
        self._at = time.monotonic()

    def check(self) -> float:
        """How many seconds may pass until the next check.

        Raises:
            DecoderTimeout: when the step took the processor's time that it has.
            DecoderStopped: when it did not get that in so long a time that somebody else is at fault.
        """
        now = time.monotonic()
        self._waited += now - self._at
        self._idle += now - self._at
        self._at = now
        used = self._used()
        if used >= self._seconds:
            raise DecoderTimeout("decoding took longer than the settings allow")
        if self._idle >= self._seconds:
            raise DecoderStopped(f"the decoding process got no processor time for {self._idle:.0f} s")
        if self._waited >= MAX_STRETCH * self._seconds:
            raise DecoderStopped(f"the decoding process got {used:.1f} s of processor time in {self._waited:.0f} s")
        left = self._seconds - max(used, self._idle), MAX_STRETCH * self._seconds - self._waited
        return max(LEAST_WAIT_S, min(left))

    def _used(self) -> float:
        """Seconds of processor time since the step began; of the clock's where the system does not tell."""
        total = processor_time(self._pid)
        if total is None:
            return self._waited
        if total - self._seen >= PROGRESS_S:
            self._seen, self._idle = total, 0.0
        return total - self._before


def processor_time(pid: int) -> float | None:
    """Seconds that the processor has spent on a process and its threads; None where that cannot be told.

    The number of its clock is what Linux's clock_getcpuclockid(3) gives, which Python has for threads alone.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        return time.clock_gettime(~pid << 3 | _CPUCLOCK_SCHED)
    except OSError:
        return None
