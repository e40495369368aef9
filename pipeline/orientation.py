"""Which way up a page is, where the orienter is not sure: the recogniser reads some lines both ways.

Upside-down text is read with little confidence. The grid is the same either way, so lines can be cut from its cells
without knowing; a page on its side has few lines that read well in either direction, and is then turned.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from pipeline.deskew import deskew, turned
from pipeline.elements import Page, Upright
from pipeline.engines import Engines
from pipeline.grid import GridsFound, build_grids
from pipeline.ink import as_image
from pipeline.ocr import cut_cell_line, find_cell_lines
from pipeline.rectify import FlatPage, rectify
from pipeline.settings import Settings

SURE_TURN = 0.9
"""Orienters this sure were right on every page of a trial with 228 turned ones; below, one in eight was not."""
SAMPLE_LINES = 6
"""Lines read each way: the widest ones, which have the most characters to be sure or unsure of."""
READABLE = 0.6
"""Mean confidence of upright lines, even faint ones; upside-down ones stay below 0.45."""
CLEAR_LEAD = 0.15
"""One way is upright if its lines are read with this much more confidence than the other way's."""


class SettledPage(NamedTuple):
    """A page the right way up, as far as can be told, flattened, with its grids. `sure` is False where it cannot."""

    upright: Upright
    flat: FlatPage
    found: GridsFound
    sure: bool


def settle_orientation(page: Page, engines: Engines, settings: Settings) -> SettledPage:
    """Turn a page upright, flatten it and build its grids; where in doubt which way is up, read to find out.

    Args:
        page: as the file holds it.
        engines: the orienter is asked first, the recogniser only where it is unsure.
        settings: of grids and lines.
    """
    upright = deskew(page, engines.orienter)
    first = _flattened(upright, settings, sure=upright.turn_confidence is None or upright.turn_confidence >= SURE_TURN)
    if first.sure or not first.found.grids:
        return first
    here, over = _legibility(first, engines, settings)
    if here >= READABLE and here > over:
        return first._replace(sure=True)
    if over >= READABLE and over > here + CLEAR_LEAD:
        return _flattened(turned(upright, 2), settings, sure=True)
    aside = _flattened(turned(upright, 1), settings, sure=True)
    left, right = _legibility(aside, engines, settings)
    if max(left, right) < READABLE or max(left, right) < max(here, over) + CLEAR_LEAD:
        return first
    return aside if left > right else _flattened(turned(upright, 3), settings, sure=True)


def _flattened(upright: Upright, settings: Settings, sure: bool) -> SettledPage:
    flat = rectify(upright)
    return SettledPage(upright, flat, build_grids(flat, settings.grid), sure)


def _legibility(page: SettledPage, engines: Engines, settings: Settings) -> tuple[float, float]:
    """Mean confidence of a page's widest lines as they are, and turned upside down."""
    cells = [cell for grid in page.found.grids for cell in grid.cells]
    lines = sorted(find_cell_lines(page.flat, cells), key=lambda line: -line.ink.box.width)[:SAMPLE_LINES]
    if not lines:
        return 0.0, 0.0
    paper = as_image(cv2.bitwise_not(page.upright.ink.darkness))
    cuts = [cut_cell_line(page.flat, paper, line.ink, settings.ocr.line_height) for line in lines]
    readings = engines.recogniser.read([*cuts, *(as_image(np.ascontiguousarray(cut[::-1, ::-1])) for cut in cuts)])
    confidences = [reading.confidence for reading in readings]
    return float(np.mean(confidences[: len(cuts)])), float(np.mean(confidences[len(cuts) :]))
