"""Memory that is free within a worker, given back to the system.

The C library keeps what was freed, in pieces between what is still used: a worker that has read many pages holds a
third more than any of them needed. To give it back after every page would cost each page a twentieth of its time.
"""

from __future__ import annotations

import ctypes
import resource
from pathlib import Path

GIVE_BACK_ABOVE_MB = 540
"""Memory of a process, in MiB, from which on it gives back what is free; engines need 360, a page up to 200 more."""
STATM = Path("/proc/self/statm")
"""Its second number are the pages of memory that the process holds."""


def give_back(above_mb: float = GIVE_BACK_ABOVE_MB) -> bool:
    """Give free memory back if this process holds much; where the system or its C library cannot, nothing happens.

    Args:
        above_mb: from how many MiB on.

    Returns:
        Whether it was given back.
    """
    held = held_mb()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library
    if held is None or held <= above_mb or trim is None:
        return False
    trim(0)
    return True


def held_mb(statm: Path = STATM) -> float | None:
    """The memory that this process holds, in MiB; None where the system does not say."""
    try:
        pages = int(statm.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * resource.getpagesize() / 2**20
