"""A line's reading and its ink -> the reading with the colon that ends the line, where the recogniser passed over it.

A full-width colon stands half a character behind the label that it ends, and recognisers drop it without a doubt.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.imaging import Component, colon_dots
from pipeline.recognition.cascade import CheckedReading

IN_DOUBT = 0.9
"""A colon that only the ink shows is no surer than this, below what lands without a look."""
SMALL = 0.36
"""The dots of a colon are no larger than this, in heights of the line's highest stroke."""
TALL = 0.5
"""The last stroke before them is at least so high: among other dots they are dust, or the upper half of a line."""
COLONS = frozenset(":：;；∶÷%％‰!！?？i")
"""What two dots at a line's end may have been read as."""
COLON = "："


def with_end_colon(reading: CheckedReading, pieces: Sequence[Component]) -> CheckedReading:
    """The reading with a colon at its end, in doubt, where two dots stand there that no character explains.

    Args:
        reading: of the line.
        pieces: the line's components; none where it has too many to be told apart.
    """
    text = reading.text.rstrip()
    if len(pieces) < 3 or not text or reading.confidence is None or text[-1] in COLONS:
        return reading
    *others, one, other = sorted(pieces, key=lambda b: b.left)
    height = max(b.bottom - b.top for b in others)
    last = max(others, key=lambda b: b.right)
    behind = one.left >= last.right and last.bottom - last.top >= TALL * height
    small = max(one.size, other.size) <= SMALL * height
    if not (behind and small and colon_dots((one, other), height)):
        return reading
    known = tuple(dict.fromkeys((reading.text, *reading.alternatives)))
    return reading._replace(text=text + COLON, confidence=min(reading.confidence, IN_DOUBT), alternatives=known)
