"""Which way up a page is, where orienter and rows leave it open: the recogniser reads its longest lines in their turns.

Only in the right turn do lines read as many clear characters. Upside down nothing is clear. A page on its side still
has "lines", cut through several rows of text, and a few of their characters are read with full confidence: so it is
clear characters that count, over all lines together, not how sure a line of one or two of them is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.dewarp import deskew, dewarp, turned
from pipeline.elements import Page, Polygon, Upright
from pipeline.engines import Engines, LineReading, Recogniser
from pipeline.grid import find_grids
from pipeline.imaging import as_image, bounding_box
from pipeline.ink import without_pale
from pipeline.layout import CellLine, InkLine, PageLayout, analyse_layout
from pipeline.page.show_through import find_show_through
from pipeline.reading import NOTHING_READ, cut_cell_line
from pipeline.recognition import first_cut
from pipeline.settings import Settings

SAMPLE_LINES = 6
"""At most so many lines are read each way: the widest ones, which have the most characters to be sure or unsure of."""
MORE_LINES = 24
"""So many lines are read where they are known to be level, and the first ones leave in doubt which way up they are: of
faxes few characters are clear."""
CLEAR = 0.9
"""A clear character has at least this confidence, right or wrong."""
ENOUGH_CLEAR = 20
"""The right turn has at least so many clear characters. No page of a trial with 22, most of them poor, had fewer than
55 there, or more than 16 in a wrong turn."""
CLEAR_LEAD = 2.0
"""The right turn has so many times the clear characters of each other turn; where not, there is doubt."""
DECISIVE = 48
"""A page with so many clear characters as it is, or upside down, is not on its side: it is three times the most that
any wrong turn had."""
KEPT_AREA = 0.7
"""Without the back of its sheet a page keeps at least this share of what was ruled with it; where it keeps less, its
rules are as pale as the back's, and all is left as it is."""


class SettledPage(NamedTuple):
    """The layout of a page the right way up, as far as can be told; `sure` is False where it cannot.

    `readings` are of those of its lines that were read to find out, each cut as `first_cut` says. `without_columns` are
    places on the scan where rules have no columns between them. `show_through` says that the back of the sheet shines
    through.
    """

    layout: PageLayout
    sure: bool
    readings: Mapping[InkLine, LineReading] = NOTHING_READ
    without_columns: tuple[Polygon, ...] = ()
    show_through: bool = False


def settle_orientation(page: Page, engines: Engines, settings: Settings) -> SettledPage:
    """Turn a page upright, dewarp it and analyse its layout; where in doubt which way is up, read to find out.

    A page whose turn cannot be told stays as the file has it.

    Args:
        page: as the file holds it.
        engines: the orienter is asked first, the recogniser only where it is unsure.
        settings: of grids.
    """
    upright = deskew(page, engines.orienter)
    tone = find_show_through(upright, engines.recogniser)
    if tone is None:
        return _settled(upright, engines, settings)
    as_it_is, cleared = (
        _settled(shown, engines, settings)._replace(show_through=True)
        for shown in (upright, without_pale(upright, tone))
    )
    return cleared if _ruled_area(cleared) >= KEPT_AREA * _ruled_area(as_it_is) else as_it_is


def _ruled_area(settled: SettledPage) -> float:
    """The area of all cells on the scan, in its pixels."""
    return sum(bounding_box(cell.polygon).area for grid in settled.layout.grids for cell in grid.cells)


def _settled(upright: Upright, engines: Engines, settings: Settings) -> SettledPage:
    first = _analysed(upright, settings, sure=not upright.open_turns)
    if first.sure or not first.layout.grids:
        return first
    are_level = 1 not in upright.open_turns
    first, counts = _clear_characters(first, engines.recogniser, MORE_LINES if are_level else SAMPLE_LINES)
    known, clear = {0: first._replace(sure=True)}, dict(zip((0, 2), counts, strict=True))
    if max(counts) < DECISIVE and not are_level:
        aside = _analysed(turned(upright, 1), settings, sure=True)
        known[1], counts = _clear_characters(aside, engines.recogniser, SAMPLE_LINES)
        clear |= zip((1, 3), counts, strict=True)
    turns = _clearest_turn(clear)
    if turns is None:
        return first
    return known[turns] if turns in known else _analysed(turned(upright, turns), settings, sure=True)


def _analysed(upright: Upright, settings: Settings, sure: bool) -> SettledPage:
    dewarped = dewarp(upright)
    found = find_grids(dewarped, settings.grid)
    return SettledPage(analyse_layout(upright, dewarped, found.grids), sure, without_columns=found.without_columns)


def _clearest_turn(clear: Mapping[int, int]) -> int | None:
    """The quarter turns with by far the most clear characters; None where there is doubt."""
    *_, (_, second), (turns, most) = sorted(clear.items(), key=lambda item: item[1])
    return turns if most >= ENOUGH_CLEAR and most >= CLEAR_LEAD * second else None


def _clear_characters(page: SettledPage, recogniser: Recogniser, at_most: int) -> tuple[SettledPage, tuple[int, int]]:
    """Clear characters of a page's widest lines as they are, and upside down; no more lines than decide, or `at_most`.

    The page comes back with the readings of its lines as they are.

    Lines that read well as they are need not be read upside down before it is known that they do not decide.
    """
    paper = as_image(cv2.bitwise_not(page.layout.upright.ink.darkness))
    readings: dict[InkLine, LineReading] = {}

    def read(line: CellLine, step: int) -> int:
        cut = cut_cell_line(page.layout.dewarped, paper, line.ink, recogniser.line_height, first_cut(recogniser))
        (reading,) = recogniser.read([as_image(np.ascontiguousarray(cut[::step, ::step]))], reduced=True)
        if step == 1:
            readings[line.ink.shown] = reading
        return _distinct_clear(reading)

    upright = over = 0
    left: list[CellLine] = []
    for count, line in enumerate(sorted(page.layout.lines, key=lambda line: -line.ink.box.width)[:at_most]):
        if max(upright, over) >= (DECISIVE if count < SAMPLE_LINES else ENOUGH_CLEAR):
            break
        upright += read(line, 1)
        if upright >= ENOUGH_CLEAR:
            left.append(line)
        else:
            over += read(line, -1)
    if max(upright, over) < DECISIVE:
        over += sum(read(line, -1) for line in left)
    return page._replace(readings=readings), (upright, over)


def _distinct_clear(reading: LineReading) -> int:
    """Different clear characters of a line: a piece of dashed ruling reads as one character, many times over."""
    pairs = zip(reading.text, reading.char_confidences, strict=True)
    return len({character for character, confidence in pairs if confidence >= CLEAR and not character.isspace()})
