"""Where ink stands outside the grids: blocks that are worth a detector's time, on a page of half the resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Grid, Image, Matrix, Upright
from pipeline.imaging import MM_PER_INCH, Points, apply_homography, as_image, averaged, invert, middle_sheet, mm_to_px

WORKING_SIDE_PX = 1240
"""The page on which margins are searched, or the middle of a strip, has a long side of about so many pixels: 106 dpi
for A4, where a 10-point character has 15 px."""
NEAR = (0.95, 1.1)
"""Pages are reduced by an integer within these shares of what makes them so small: it takes a fortieth of the time.
At 200, 300, 400 and 600 dpi there is one."""
WORKING_DPI = WORKING_SIDE_PX / 297 * MM_PER_INCH
"""The resolution of that page if it is A4; only the sizes below depend on it."""
RULING_MM = 1.2
"""Ink this close to a grid belongs to its outer ruling."""
MIN_STROKE_MM = 0.9
"""Components smaller than this in both directions start no block: specks, and the dots of a text that has more."""
MAX_RULE_MM = 0.8
"""Ink no thicker than this, and longer than `MIN_RULE_MM`, is a rule; it is not text."""
MAX_EDGE_MM = 8.0
"""Ink at the scan's border no thicker than this, and longer than `MIN_RULE_MM`, is what lay around the page; it is not
text."""
MIN_RULE_MM = 15.0
"""Thin ink is a rule only if it is longer than this."""
MIN_LETTER_MM = 1.5
"""A block whose tallest stroke is lower holds no text."""
BLOCK_GAP_MM = (12.0, 5.0)
"""Ink nearer than this across, and down, is looked at together."""
NOISE_LEVELS = 5.0
"""Ink is more than so many standard deviations of the paper's noise dark."""
MIN_DARKNESS = 25
"""Ink is darker than this, of 255; toner faded to a tenth still is."""
SEAL_DARKNESS = 160
"""In the layer that shows it alone seal ink is this dark, about as dark as in a gray scan."""


class Block(NamedTuple):
    """A box on the working page, right and bottom excluded."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, eq=False)
class WorkingPage:
    """The page outside its grids, small: `darkness` and `seal` (height, width) uint8, 0 where there is none.

    Pixels darker than `threshold` are ink; `scale` is its pixels per pixel of the upright page.
    """

    darkness: Image
    seal: Image
    threshold: float
    scale: float

    def to_upright(self, points: Points) -> Points:
        """Points (n, 2) of this page as points of the upright page."""
        result: Points = (points + 0.5) / self.scale - 0.5
        return result


def outside_grids(upright: Upright, grids: Sequence[Grid]) -> WorkingPage:
    """The page's ink at working resolution, blank inside the grids and on their outer ruling."""
    times = _times_smaller(max(middle_sheet(upright.image).shape[:2]))
    darkness = _reduced(upright.ink.darkness, times)
    inside = _inside(grids, invert(upright.to_scan), 1 / times, darkness.shape[::-1])
    darkness = as_image(cv2.subtract(darkness, inside))
    seal = np.zeros_like(darkness)
    if upright.ink.seal.any():
        seal = _reduced(as_image(upright.ink.seal.astype(np.uint8) * SEAL_DARKNESS), times)
        seal = as_image(cv2.subtract(seal, inside))
    threshold = max(MIN_DARKNESS, NOISE_LEVELS * upright.ink.noise)
    return WorkingPage(darkness, seal, threshold, 1 / times)


def _times_smaller(longest: int) -> float:
    """How many times smaller the working page is than one with a side of so many pixels."""
    times = longest / WORKING_SIDE_PX
    whole = max(1, round(times))
    return whole if NEAR[0] <= whole / times <= NEAR[1] else max(1.0, times)


def _reduced(layer: Image, times: float) -> Image:
    """A layer of the page at working resolution."""
    if times == int(times):
        return averaged(layer, int(times))
    size = (max(1, round(layer.shape[1] / times)), max(1, round(layer.shape[0] / times)))
    return as_image(cv2.resize(layer, size, interpolation=cv2.INTER_AREA))


def find_ink(layer: Image, threshold: float) -> list[Block]:
    """Boxes around ink that may be text, from top to bottom, each with a margin; specks and rules make none.

    Args:
        layer: (height, width) darkness at working resolution.
        threshold: darkness above which a pixel is ink.
    """
    mask = as_image((layer > int(threshold)).view(np.uint8))
    strokes = [box for box in _boxes(mask) if _may_be_text(box, Block(0, 0, mask.shape[1], mask.shape[0]))]
    if not strokes:
        return []
    canvas = np.zeros_like(mask)
    for box in strokes:
        canvas[box.top : box.bottom, box.left : box.right] = 1
    across, down = (2 * round(mm_to_px(gap, WORKING_DPI) / 2) + 1 for gap in BLOCK_GAP_MM)
    grown = cv2.dilate(canvas, cv2.getStructuringElement(cv2.MORPH_RECT, (across, down)))
    letter = mm_to_px(MIN_LETTER_MM, WORKING_DPI)
    blocks = (block for block in _boxes(as_image(grown)) if _tallest(strokes, block) >= letter)
    return sorted(blocks, key=lambda block: block.top)


def _inside(grids: Sequence[Grid], scan_to_upright: Matrix, scale: float, size: tuple[int, ...]) -> Image:
    """255 inside the grids' cells and on their outer ruling, 0 elsewhere."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    cells = np.array([cell.polygon for grid in grids for cell in grid.cells], np.float64)
    corners = (apply_homography(scan_to_upright, cells) + 0.5) * scale - 0.5
    for quad in np.round(corners).astype(np.int32).reshape(-1, 4, 2):
        cv2.fillConvexPoly(mask, quad, (255,))
    reach = 2 * round(mm_to_px(RULING_MM, WORKING_DPI)) + 1
    return as_image(cv2.dilate(mask, np.ones((reach, reach), np.uint8)))


def _boxes(mask: NDArray[np.uint8]) -> list[Block]:
    """The boxes of connected ones, from top to bottom; rows without any, most of a page as a rule, are passed over."""
    inked = np.flatnonzero(mask.any(axis=1))
    runs = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)
    return [box for rows in runs if len(rows) for box in _boxes_in(mask, int(rows[0]), int(rows[-1]) + 1)]


def _boxes_in(mask: NDArray[np.uint8], top: int, bottom: int) -> list[Block]:
    """The boxes of connected ones within some rows."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask[top:bottom], connectivity=8)
    return [Block(x, top + y, x + w, top + y + h) for x, y, w, h, _ in stats[1:].tolist()]


def _may_be_text(box: Block, page: Block) -> bool:
    long, short = sorted((box.right - box.left, box.bottom - box.top), reverse=True)
    if long < mm_to_px(MIN_STROKE_MM, WORKING_DPI):
        return False
    at_border = box.left <= 0 or box.top <= 0 or box.right >= page.right or box.bottom >= page.bottom
    max_rule = mm_to_px(MAX_EDGE_MM if at_border else MAX_RULE_MM, WORKING_DPI)
    return not (short < max_rule and long > mm_to_px(MIN_RULE_MM, WORKING_DPI))


def _tallest(strokes: Sequence[Block], block: Block) -> int:
    inside = (box for box in strokes if block.left <= box.left < block.right and block.top <= box.top < block.bottom)
    return max((box.bottom - box.top for box in inside), default=0)
