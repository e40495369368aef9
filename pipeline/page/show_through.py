"""A page with pale print -> whether that is the back of its sheet shining through, as reading proves.

The print of a back is mirrored. Lines of pale print are read as they are, mirrored left to right, and mirrored top to
bottom, as the back of a sheet turned over its short side is. Print of the front, however pale, reads as it is. Most
pale marks are no print and read in no way: in the mirror they are read quickly first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.elements import BBox, Image, Upright
from pipeline.engines import LineReading, Recogniser
from pipeline.imaging import as_image
from pipeline.ink import PalePrint, find_pale_print

SAMPLE_LINES = 8
"""At most so many lines of pale print are read each way."""
PADDING = 0.3
"""So much of a line's height is left around it."""
CLEAR = 0.9
"""A clear character has at least this confidence."""
ENOUGH_CLEAR = 6
"""Print that is mirrored has at least so many clear characters in its mirror image."""
CLEAR_LEAD = 2.0
"""And so many times as many as it has as it stands: some characters are their own mirror image."""

FIRST_LINES = 4
"""So many lines are read as they stand before any is in the mirror: of pale print of the front two or three do."""
HINT = 3
"""Lines are read in the mirror with care where there are so many clear characters when they are read quickly, at the
reduced height: on 28 pages whose back was made to shine through, and reads with care, there were 3 to 81."""
AS_IT_IS = np.s_[:, :]
"""No turn of an image: print of the front can be read in it."""
MIRRORED = (np.s_[:, ::-1], np.s_[::-1, :])
"""The turns of an image in which the print of a back can be read: left to right, and top to bottom."""


def find_show_through(upright: Upright, recogniser: Recogniser) -> float | None:
    """How dark the print of the back of a sheet is, where it shines through for sure; else None.

    Args:
        upright: the page.
        recogniser: reads what is pale.

    Returns:
        Darkness, 0-255.
    """
    pale = find_pale_print(upright.ink, upright.dpi)
    return pale.tone if pale is not None and is_mirrored(pale, recogniser) else None


def is_mirrored(pale: PalePrint, recogniser: Recogniser) -> bool:
    """Whether pale print reads better in the mirror than as it stands."""
    crops = [_cut(pale.shown, line) for line in pale.lines[:SAMPLE_LINES]]
    as_it_is = _clear(crops[:FIRST_LINES], AS_IT_IS, recogniser, ENOUGH_CLEAR)
    if as_it_is >= ENOUGH_CLEAR:
        return False
    hinted = [turn for turn in MIRRORED if _clear(crops, turn, recogniser, HINT, reduced=True) >= HINT]
    if hinted:
        as_it_is += _clear(crops[FIRST_LINES:], AS_IT_IS, recogniser, ENOUGH_CLEAR - as_it_is)
    if as_it_is >= ENOUGH_CLEAR:
        return False
    enough = max(ENOUGH_CLEAR, math.ceil(CLEAR_LEAD * as_it_is))
    return any(_clear(crops, turn, recogniser, enough) >= enough for turn in hinted)


def _clear(
    crops: Sequence[Image], turn: tuple[slice, slice], recogniser: Recogniser, enough: int, *, reduced: bool = False
) -> int:
    """Clear characters of lines in one turn; no more lines are read than show that there are enough."""
    count = 0
    for crop in crops:
        (reading,) = recogniser.read([as_image(np.ascontiguousarray(crop[turn]))], reduced=reduced)
        count += _distinct_clear(reading)
        if count >= enough:
            break
    return count


def _cut(shown: Image, line: BBox) -> Image:
    """A line of pale print, dark on white, as (height, width, 3)."""
    pad = round(PADDING * line.height)
    top, left = max(0, int(line.top) - pad), max(0, int(line.left) - pad)
    crop = shown[top : int(line.bottom) + pad, left : int(line.right) + pad]
    return as_image(cv2.cvtColor(cv2.bitwise_not(crop), cv2.COLOR_GRAY2BGR))


def _distinct_clear(reading: LineReading) -> int:
    """Different clear characters of a line."""
    pairs = zip(reading.text, reading.char_confidences, strict=True)
    return len({character for character, confidence in pairs if confidence >= CLEAR and not character.isspace()})
