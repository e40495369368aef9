"""Lines that a seal is part of -> what was written there, read without the seal.

A detector takes a seal, and what stands upon it or beside it, for one line: specks and strokes beside a seal make it
reach beyond its rim, and a signature upon it is read with the seal's characters among its own. What is left where the
seal is removed is looked at afresh: a name is one by itself, specks are none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from pipeline.elements import Ink
from pipeline.engines import Engines
from pipeline.imaging import as_image
from pipeline.ink import GraySeal, remove_gray_seals, with_ink_alone
from pipeline.signatures.margin_kinds import MarginLine, PageView
from pipeline.signatures.margin_lines import read_lines
from pipeline.signatures.working_page import outside_grids


def read_without_seals(
    view: PageView, pieces: Sequence[MarginLine], seals: Sequence[GraySeal], engines: Engines
) -> PageView:
    """The lines that are left at the places of others once seals are removed, on a page with nothing else.

    Args:
        view: what the lines are of; those that are left are of the same cells.
        pieces: the lines.
        seals: of the page.
        engines: the detector finds lines, the recogniser reads them.
    """
    inside = np.zeros(view.upright.ink.darkness.shape, np.uint8)
    for piece in pieces:
        cv2.fillPoly(inside, [np.rint(np.array(piece.quad)).astype(np.int32)], (1,))
    darkness = as_image(remove_gray_seals(view.upright.ink.darkness, seals) * inside)
    ink = Ink(darkness, np.zeros_like(view.upright.ink.seal), view.upright.ink.noise)
    alone = with_ink_alone(view.upright, ink)
    lines = read_lines(alone, outside_grids(alone, ()), engines)
    return PageView(alone, tuple(_placed(line, pieces) for line in lines), view.prior, lines_land=False, heat=view.heat)


def _placed(line: MarginLine, pieces: Sequence[MarginLine]) -> MarginLine:
    """A line with the cell of the line that stood nearest to it."""
    middle = np.mean(line.quad, axis=0)
    near = min(pieces, key=lambda piece: float(np.hypot(*(np.mean(piece.quad, axis=0) - middle))))
    old = near.text_line
    text = replace(line.text_line, table_index=old.table_index, row=old.row, col=old.col)
    return replace(line, text_line=text, dates=near.dates)
