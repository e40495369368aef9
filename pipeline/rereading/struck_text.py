"""A cell with a line through its text -> its correction, and what was struck.

The struck characters and the strike are taken out of the cell's ink. What is left is the correction, and the cell's
text; where nothing is left, the struck text is all that the cell says, and is no more than a guess at what it means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.elements import BBox, Image
from pipeline.imaging import find_components
from pipeline.layout import InkLine, find_text_lines
from pipeline.rereading.columns import Setting, moved
from pipeline.rereading.strikes import Strike, find_strike, struck_box, without_strike

MOST = 3
"""Text is struck with so many lines at most."""
PIECE = 0.25
"""A strike beyond the text is painted over in pieces of this length, in character heights: they follow it."""
LEAST = 0.45
"""A correction is at least this high, in heights of the page's characters; what is lower is left of the strike."""


class StruckText(NamedTuple):
    """What stands in a cell with struck text, on the dewarped page: the struck line, and those of its correction."""

    struck: InkLine
    correction: tuple[InkLine, ...]


def find_struck_text(darkness: Image, box: BBox, corner: tuple[int, int], setting: Setting) -> StruckText | None:
    """The struck text of a cell and its correction; None where nothing is struck.

    Args:
        darkness: (height, width) of the cell's inside.
        box: of a line in it that may be struck, on the dewarped page.
        corner: where the inside's left and top are on the dewarped page.
        setting: of the page.
    """
    inside = moved(box, (-corner[0], -corner[1]))
    rows, columns = slice(int(inside.top), int(inside.bottom)), slice(int(inside.left), int(inside.right))
    line = darkness[rows, columns]
    strikes: list[Strike] = []
    while len(strikes) < MOST and (strike := find_strike(line, setting.text_height)) is not None:
        strikes.append(strike)
        line = without_strike(line, strike)
    if not strikes:
        return None
    components = find_components(line, setting.noise)
    boxes = [cut for strike in strikes if (cut := struck_box(components, strike, setting.text_height)) is not None]
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    struck = BBox(min(lefts), min(tops), max(rights), max(bottoms))
    left = darkness.copy()
    left[rows, columns] = line
    found = moved(struck, (columns.start, rows.start))
    left[int(found.top) : int(found.bottom), int(found.left) : int(found.right)] = 0
    specks = [found, *(moved(piece, (columns.start, rows.start)) for one in strikes for piece in _pieces(one, setting))]
    lines = find_text_lines(left, *setting).lines
    high = [one for one in lines if one.box.height >= LEAST * setting.text_height]
    return StruckText(InkLine(moved(found, corner), ()), tuple(_without(one, specks, corner) for one in high))


def _pieces(strike: Strike, setting: Setting) -> Sequence[BBox]:
    """A strike as boxes one after the other."""
    step, half = max(2, round(PIECE * setting.text_height)), strike.thickness / 2 + 1
    pieces = []
    for begin in range(0, len(strike.middles), step):
        own = strike.middles[begin : begin + step]
        left = strike.left + begin
        pieces.append(BBox(left, float(own.min()) - half, left + len(own), float(own.max()) + half + 1))
    return pieces


def _without(line: InkLine, struck: Sequence[BBox], corner: tuple[int, int]) -> InkLine:
    """A line of the correction, on the dewarped page; what is struck beside it is painted over as specks are."""
    near = line.box.height
    beside = [s for s in struck if s.left < line.box.right + near and s.right > line.box.left - near]
    specks = [*line.specks, *(s for s in beside if s.top < line.box.bottom + near and s.bottom > line.box.top - near)]
    return InkLine(moved(line.box, corner), tuple(moved(speck, corner) for speck in specks))
