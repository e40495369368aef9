"""Which way up a page is, where the orienter is not sure: the recogniser reads its longest lines in two or four turns.

Only in the right turn do lines read as many clear characters. Upside down nothing is clear. A page on its side still
has "lines", cut through several rows of text, and a few of their characters are read with full confidence: so it is
clear characters that count, over all lines together, not how sure a line of one or two of them is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.dewarp import SURE_TURN, DewarpedPage, deskew, dewarp, turned
from pipeline.elements import Page, Upright
from pipeline.engines import Engines, LineReading, Recogniser
from pipeline.grid import GridsFound, build_grids
from pipeline.imaging import as_image
from pipeline.reading import CellLine, cut_cell_line, find_cell_lines, first_cut
from pipeline.settings import Settings

SAMPLE_LINES = 6
"""Lines read each way at most: the widest ones, which have the most characters to be sure or unsure of."""
CLEAR = 0.9
"""Confidence of a character that was surely read, right or wrong."""
ENOUGH_CLEAR = 20
"""Clear characters that the right turn has at least. No page of a trial with 22, most of them poor, had fewer than 55
there, or more than 16 in a wrong turn."""
CLEAR_LEAD = 2.0
"""The right turn has so many times the clear characters of each other turn; where not, there is doubt."""
DECISIVE = 48
"""Three times the most that any wrong turn had: a page that reads so well, or upside down, is not on its side."""


class SettledPage(NamedTuple):
    """A page the right way up, as far as can be told, flattened, with its grids. `sure` is False where it cannot."""

    upright: Upright
    dewarped: DewarpedPage
    found: GridsFound
    sure: bool


def settle_orientation(page: Page, engines: Engines, settings: Settings) -> SettledPage:
    """Turn a page upright, flatten it and build its grids; where in doubt which way is up, read to find out.

    A page whose turn cannot be told stays as the file has it.

    Args:
        page: as the file holds it.
        engines: the orienter is asked first, the recogniser only where it is unsure.
        settings: of grids.
    """
    upright = deskew(page, engines.orienter)
    first = _dewarped(upright, settings, sure=upright.turn_confidence is None or upright.turn_confidence >= SURE_TURN)
    if first.sure or not first.found.grids:
        return first
    known = {0: first._replace(sure=True)}
    clear = dict(zip((0, 2), _clear_characters(first, engines.recogniser), strict=True))
    if max(clear.values()) < DECISIVE:
        known[1] = _dewarped(turned(upright, 1), settings, sure=True)
        clear |= zip((1, 3), _clear_characters(known[1], engines.recogniser), strict=True)
    turns = _clearest_turn(clear)
    if turns is None:
        return first
    return known[turns] if turns in known else _dewarped(turned(upright, turns), settings, sure=True)


def _dewarped(upright: Upright, settings: Settings, sure: bool) -> SettledPage:
    dewarped = dewarp(upright)
    return SettledPage(upright, dewarped, build_grids(dewarped, settings.grid), sure)


def _clearest_turn(clear: Mapping[int, int]) -> int | None:
    """The quarter turns with by far the most clear characters; None where there is doubt."""
    *_, (_, second), (turns, most) = sorted(clear.items(), key=lambda item: item[1])
    return turns if most >= ENOUGH_CLEAR and most >= CLEAR_LEAD * second else None


def _clear_characters(page: SettledPage, recogniser: Recogniser) -> tuple[int, int]:
    """Clear characters of a page's widest lines as they are, and upside down; no more lines than decide.

    Lines that read well as they are need not be read upside down before it is known that they do not decide.
    """
    lines = find_cell_lines(page.dewarped, tuple(cell for grid in page.found.grids for cell in grid.cells))
    paper = as_image(cv2.bitwise_not(page.upright.ink.darkness))

    def read(line: CellLine, step: int) -> int:
        cut = cut_cell_line(page.dewarped, paper, line.ink, recogniser.line_height, first_cut(recogniser))
        (reading,) = recogniser.read([as_image(np.ascontiguousarray(cut[::step, ::step]))], reduced=True)
        return _distinct_clear(reading)

    upright = over = 0
    left: list[CellLine] = []
    for line in sorted(lines, key=lambda line: -line.ink.box.width)[:SAMPLE_LINES]:
        upright += read(line, 1)
        if upright >= DECISIVE:
            return upright, over
        if upright >= ENOUGH_CLEAR:
            left.append(line)
            continue
        over += read(line, -1)
        if over >= DECISIVE:
            return upright, over
    return upright, over + sum(read(line, -1) for line in left)


def _distinct_clear(reading: LineReading) -> int:
    """Different clear characters of a line: a piece of dashed ruling reads as one character, many times over."""
    pairs = zip(reading.text, reading.char_confidences, strict=True)
    return len({character for character, confidence in pairs if confidence >= CLEAR and not character.isspace()})
