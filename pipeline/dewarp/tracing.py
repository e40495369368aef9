"""Darkness -> ruling lines, as curves rather than segments.

A ruling line is a thin dark ridge that goes on for longer than any stroke of a character. The ridge's contrast is
clipped at a few times the paper's noise, so that a faded line counts as much as a black one, and averaged along short
oriented kernels; what stays high for several millimetres is traced, with sub-pixel precision, into a fragment of a
curve. A line broken by a seal, a speck or a junction gives several fragments, joined later by their place on the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from pipeline.dewarp.dashes import Dashes, find_pace
from pipeline.dewarp.fills import find_fills
from pipeline.dewarp.ridges import (
    MIN_DASHED_STRENGTH,
    MIN_FRAGMENT_MM,
    crest_lines,
    oriented_mean,
    ridges_of,
    solid_ridge,
)
from pipeline.elements import Axis, Image
from pipeline.imaging import Points

MIN_STRENGTH = 0.6
"""A fragment has at least this mean clipped contrast, of 1: rows of text reach 0.4-0.5, dashed lines 0.6."""
MIN_DASHED_MM = 12.0
"""Fainter traces at least this long are looked at for dashes."""


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """A traced piece of a ruling line.

    `points` (n, 2) are in the pixels of the image it was traced on, at equal steps along the line. `strength` is the
    mean clipped contrast, 0-1.
    """

    axis: Axis
    points: Points
    strength: float

    @property
    def length(self) -> float:
        """Extent along the line, in pixels."""
        return float(np.ptp(self.points[:, 0 if self.axis is Axis.HORIZONTAL else 1]))


class Ruling(NamedTuple):
    """The traced pieces of a page's ruling lines, and the pace of their dashes."""

    fragments: tuple[Fragment, ...]
    dashes: Dashes


def find_ruling_lines(darkness: Image, px_per_mm: float, *, may_be_filled: bool = True) -> Ruling:
    """Trace the ruling lines of a deskewed page, horizontal and vertical.

    Args:
        darkness: (height, width), 0 paper to 255 ink.
        px_per_mm: of the image.
        may_be_filled: whether there may be dark fills, as is known where these were looked for.
    """
    both = ridges_of(darkness, px_per_mm, find_fills(darkness, px_per_mm) if may_be_filled else None)
    ridges = dict(zip((Axis.HORIZONTAL, Axis.VERTICAL), both, strict=True))
    responses = {axis: oriented_mean(ridge, axis, px_per_mm) for axis, ridge in ridges.items()}
    faint = {
        axis: crest_lines(response, MIN_DASHED_STRENGTH, MIN_DASHED_MM, px_per_mm)
        for axis, response in responses.items()
    }
    dashes = Dashes(*(find_pace(ridges[axis], lines, px_per_mm) for axis, lines in faint.items()))
    for axis, pace in zip((Axis.HORIZONTAL, Axis.VERTICAL), dashes, strict=True):
        if pace is not None:
            solid = solid_ridge(ridges[axis], axis, px_per_mm, pace)
            responses[axis] = oriented_mean(solid, axis, px_per_mm)
    fragments = (f for axis, response in responses.items() for f in _fragments(response, axis, px_per_mm))
    return Ruling(tuple(fragments), dashes)


def _fragments(response: Image, axis: Axis, px_per_mm: float) -> Iterator[Fragment]:
    turn = slice(None, None, 1 if axis is Axis.HORIZONTAL else -1)
    for points, strength in crest_lines(response, MIN_STRENGTH, MIN_FRAGMENT_MM, px_per_mm):
        yield Fragment(axis, points[:, turn], strength)
