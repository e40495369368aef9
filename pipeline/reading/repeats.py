"""Lines of a cell and their readings -> the same without lines that show ink which another line shows already.

Grain, or what is left of a fill, can make one line of print look like two that overlap. Each is cut with all the ink
in its rows, so that both read the same text, and both are sure of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pipeline.elements import BBox
from pipeline.layout import CellLine
from pipeline.recognition import CheckedReading

SHARED = 0.5
"""Two lines show the same ink where they share this part of the lower one's rows and of the narrower one's columns;
lines that stand below each other share less than 0.3 of their rows, however close they are set."""
SURE_OF_EITHER = 0.9
"""Of two different texts that were read in the same ink one at least is wrong, so neither is surer than this: it is
below what counts as sure."""


def without_repeats(
    lines: Sequence[CellLine], readings: Sequence[CheckedReading]
) -> tuple[tuple[CellLine, ...], tuple[CheckedReading, ...]]:
    """Each line once, with its reading: of two that say the same of the same ink the surer; others are in doubt.

    Args:
        lines: cell by cell, each cell's from top to bottom.
        readings: of the lines, in their order.
    """
    repeats = [
        (first, first + 1)
        for first, (one, next_one) in enumerate(itertools.pairwise(lines))
        if one.cell == next_one.cell and _shares(one.ink.box, next_one.ink.box)
    ]
    if not repeats:
        return tuple(lines), tuple(readings)
    kept = dict(enumerate(readings))
    for pair in repeats:
        if any(index not in kept or not kept[index].text for index in pair):
            continue
        least_sure, _ = sorted(pair, key=lambda index: kept[index].confidence or 0.0)
        if kept[pair[0]].text == kept[pair[1]].text:
            del kept[least_sure]
        else:
            kept |= {index: _doubted(kept[index]) for index in pair}
    return tuple(lines[index] for index in kept), tuple(kept.values())


def _shares(one: BBox, other: BBox) -> bool:
    rows = min(one.bottom, other.bottom) - max(one.top, other.top)
    columns = min(one.right, other.right) - max(one.left, other.left)
    return rows >= SHARED * min(one.height, other.height) and columns >= SHARED * min(one.width, other.width)


def _doubted(reading: CheckedReading) -> CheckedReading:
    return reading._replace(confidence=min(reading.confidence or 0.0, SURE_OF_EITHER))
