"""A line's reading and its ink -> the reading with the colon that ends the line, where the recogniser passed over it.

A full-width colon stands half a character behind the label that it ends, and recognisers drop it without a doubt.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.imaging import Component
from pipeline.recognition.cascade import CheckedReading

IN_DOUBT = 0.9
"""A colon that only the ink shows is no surer than this, below what lands without a look."""
SMALL = 0.36
"""The dots of a colon are no larger than this, in heights of the line's highest stroke."""
TALL = 0.5
"""The last stroke before them is at least so high: among other dots they are dust, or the upper half of a line."""
ALIKE = 0.15
"""They differ by no more than this in place and size, in the same heights."""
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
    upper, lower = sorted(sorted(pieces, key=lambda b: b.left)[-2:], key=lambda b: b.top)
    others = [b for b in pieces if b is not upper and b is not lower]
    height = max(b.bottom - b.top for b in others)
    last = max(others, key=lambda b: b.right)
    beyond = min(upper.left, lower.left) >= last.right and last.bottom - last.top >= TALL * height
    small = max(upper.size, lower.size) <= SMALL * height
    level = abs((upper.left + upper.right) - (lower.left + lower.right)) <= 2 * ALIKE * height
    alike = abs(upper.size - lower.size) <= ALIKE * height
    apart = lower.top > upper.bottom
    if not (beyond and small and level and alike and apart):
        return reading
    known = tuple(dict.fromkeys((reading.text, *reading.alternatives)))
    return reading._replace(text=text + COLON, confidence=min(reading.confidence, IN_DOUBT), alternatives=known)
