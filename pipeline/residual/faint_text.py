"""The insides of the cells of a page that seem blank -> which of them hold print that is hardly darker than its paper.

Letters too pale to stand out one by one still make a stretch of the cell rougher than its paper is. So what each pixel
differs from the paper by is squared and averaged over windows of a character, and a cell has text where several windows
side by side are rougher than its quietest places, in light or in colour. A speck makes one window rough, and a rule
along a side all of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging import as_image
from pipeline.residual.faint_marks import FAINT
from pipeline.residual.planes import Plane, channel_mean, medians

EDGE = 0.12
"""What is left of rules reaches so far into a cell, in text heights, beyond where its inside begins."""
WINDOW = (1.0, 0.8)
"""A window is so wide and high, in text heights: a character."""
SIDE_BY_SIDE = 3
"""So many windows in a row are rough where there is text: two specks may fall together, three hardly do."""
MOST_TIMES = 4.0
"""A pixel counts for no more than so many times the usual difference of paper, lest one dark speck make up for all."""
ROUGH = 3.0
"""Text makes three windows so many times as rough as its paper: of 717 blank cells of 96 pages 1 had more (and that a
pale stamp), and 1 of 404 on worn pages; of 191 texts whose ink is 26-60 levels from their paper 9 in 10."""
ROUGH_COLOUR = 2.6
"""The same for colour: fringes along rules and the blocks of a JPEG reach this on 3 in 1,000 blank cells."""
LEAST_ROUGH = 0.4
"""Paper is taken to be so rough at least, in squared levels: a scanner that gives paper one level has none."""
AROUND_DARK = 0.25
"""The blur of dark specks reaches so far, in text heights."""
PAPER_COLOUR = 1.5
"""Colour is rougher in the blocks of a JPEG than in most of a page, so that its paper is taken to be as rough as
this."""
PALER_COLOUR = 0.12
"""Colour is smoothed by this, in text heights: JPEG keeps it at half the resolution."""
QUIET = 0.1
"""Paper is as rough as the window is that so many of the cell's windows are quieter than: text fills no cell."""
LEAST_OF_PAGE = 0.5
"""A cell's paper is taken to be at least so rough, in times of what is usual on the page."""
COLOURS = np.array([[-0.5, 1, -0.5], [1, -0.5, -0.5], [-0.5, -0.5, 1]], np.float32)
"""By how much each channel differs from the mean of the others."""


class FaintCell(NamedTuple):
    """A cell that seems blank: what its pixels differ from their paper by (height, width, channels), in levels."""

    apart: Plane
    text_height: float


def cells_with_faint_text(cells: Sequence[FaintCell]) -> list[bool]:
    """Of each cell, whether it holds a stretch of faint print.

    Args:
        cells: all cells of a page that seem blank; what is usual on it is known from all of them together.
    """
    lights = [_light(cell) for cell in cells]
    quiet = [_quiet(light, cell.text_height) for light, cell in zip(lights, cells, strict=True)]
    usual = float(np.median(quiet)) if quiet else 0.0
    return [
        _roughest(light, cell.text_height, max(LEAST_ROUGH, min(max(own, LEAST_OF_PAGE * usual), usual))) > ROUGH
        or any(_roughest(colour, cell.text_height, PAPER_COLOUR) > ROUGH_COLOUR for colour in _colours(cell))
        for cell, light, own in zip(cells, lights, quiet, strict=True)
    ]


def _light(cell: FaintCell) -> Plane:
    """Differences in lightness, none around what is as dark as dust: whether that is a mark is told by its shape."""
    level = _level(channel_mean(_inner(cell)))
    dark = as_image(np.abs(level) > FAINT)
    if dark.any():
        side = 2 * round(AROUND_DARK * cell.text_height) + 1
        level[cv2.dilate(dark, np.ones((side, side), np.uint8)) > 0] = 0
    return level


def _colours(cell: FaintCell) -> list[Plane]:
    inner = _inner(cell)
    if inner.shape[2] != len(COLOURS):
        return []
    smooth = cv2.GaussianBlur(cv2.transform(inner, COLOURS), (0, 0), max(0.8, PALER_COLOUR * cell.text_height))
    return [_level(smooth[..., colour]) for colour in range(len(COLOURS))]


def _inner(cell: FaintCell) -> Plane:
    """A cell without its outermost pixels, where rules may reach into it."""
    height, width = cell.apart.shape[:2]
    edge = max(1, round(EDGE * cell.text_height))
    across, down = (max(0, min(edge, (side - 4) // 2)) for side in (width, height))
    return cell.apart[down : height - down, across : width - across]


def _level(apart: NDArray[Any]) -> Plane:
    """Differences less what a whole row or column of them has: that is of a rule or its shadow, and no letter's."""
    level = apart - medians(apart, 1)
    return np.ascontiguousarray(level - medians(level, 0), np.float32)


def _windows(squares: Plane, text_height: float) -> Plane:
    """The mean in each window that lies inside."""
    width, height = (
        max(3, min(round(share * text_height), side)) for share, side in zip(WINDOW, squares.shape[::-1], strict=True)
    )
    means = cv2.blur(squares, (width, height))
    rows, columns = squares.shape
    top, left = min(height // 2, rows - 1), min(width // 2, columns - 1)
    bottom, right = max(top + 1, rows - (height - 1) // 2), max(left + 1, columns - (width - 1) // 2)
    return np.asarray(means[top:bottom, left:right], np.float32)


def _quiet(level: Plane, text_height: float) -> float:
    """How rough a cell's quietest places are."""
    return float(np.quantile(_windows(level * level, text_height), QUIET))


def _roughest(level: Plane, text_height: float, paper: float) -> float:
    """How many times as rough as paper the least rough of several windows side by side is, where that is most."""
    squares = np.minimum(level * level, MOST_TIMES**2 * paper)
    means = _windows(squares, text_height)
    step = max(3, round(WINDOW[0] * text_height))
    beside = min(SIDE_BY_SIDE, 1 + (means.shape[1] - 1) // step)
    reach = (beside - 1) * step
    least = means[:, : means.shape[1] - reach]
    for place in range(1, beside):
        least = np.minimum(least, means[:, place * step : means.shape[1] - reach + place * step])
    return float(least.max()) / paper
