"""Lines of a page -> crops for the recogniser, each cut in a single interpolation from the upright page.

The seal is unmixed and specks are painted over in the crop. Nothing here changes the scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np

from pipeline.dewarp import DewarpedPage
from pipeline.elements import BBox, Cell, Image, Upright
from pipeline.imaging import as_image, bounding_box, invert, map_polygon, quantile
from pipeline.ink import CopiedSeal, find_copied_seal, remove_copied_seal
from pipeline.layout import CellLine, InkLine, PageLayout
from pipeline.recognition import USUAL, Padding

SPECK_MARGIN_PX = 2
"""Specks are painted over by so many pixels of the cut beyond their box."""
SEAL_SHARE = 0.002
"""A cell lies under a seal if this share of it is covered by seal ink."""


@dataclass(frozen=True, slots=True, eq=False)
class PageCuts:
    """What the lines of a page are cut from.

    `paper` (height, width) is the upright page, 255 where there is no ink. `otherwise` shows what is under a seal
    differently: with a coloured one left in, or a copied one removed. `sealed` says of each cell of all grids whether
    it lies under a seal.
    """

    layout: PageLayout
    paper: Image
    otherwise: Image
    sealed: tuple[bool, ...]

    @staticmethod
    def of(layout: PageLayout, cells: Sequence[Cell]) -> PageCuts:
        """Those of a page, whose cells are given grid by grid."""
        upright = layout.upright
        darkness = upright.ink.darkness
        copied = None if upright.ink.seal.any() else find_copied_seal(darkness)
        unsealed = upright.image if copied is None else as_image(cv2.bitwise_not(remove_copied_seal(darkness, copied)))
        sealed = tuple(_under_seal(upright, cells, copied))
        return PageCuts(layout, as_image(cv2.bitwise_not(darkness)), unsealed, sealed)

    def cut(self, line: InkLine, height: int, padding: Padding = USUAL) -> Image:
        """A line at a height in pixels, before it is scaled as `padding` says: (scaled height, width, 3) BGR."""
        return cut_cell_line(self.layout.dewarped, self.paper, line, height, padding)

    def cut_sealed(self, line: CellLine, height: int) -> Image | None:
        """A line under a seal, which is treated otherwise; None where there is no seal."""
        if not self.sealed[line.cell]:
            return None
        return cut_cell_line(self.layout.dewarped, self.otherwise, line.ink, height)


def cut_cell_line(dewarped: DewarpedPage, paper: Image, line: InkLine, height: int, padding: Padding = USUAL) -> Image:
    """A line as the recogniser wants it, its specks painted over.

    Args:
        dewarped: the page on which the line was found.
        paper: (height, width) gray of the upright page, 255 where there is no ink; or (height, width, 3), of which the
            brightest channel is taken, in which a seal is palest.
        line: its ink on the dewarped page.
        height: of the result in pixels, before it is scaled as `padding` says.
        padding: paper left around its ink, and the cut's softness and scale.

    Returns:
        (scaled height, width, 3) BGR.
    """
    box = line.box
    padded = BBox(
        box.left - padding.across * box.height,
        box.top - padding.down * box.height,
        box.right + padding.across * box.height,
        box.bottom + padding.down * box.height,
    )
    cut = dewarped.cut(paper, padded, round(height * padding.scale))
    cut = cut if cut.ndim == 2 else as_image(reduce(cv2.max, cv2.split(cut)))
    scale = cut.shape[0] / padded.height
    background = int(quantile(cut, 0.5)) if line.specks else 0
    for speck in line.specks:
        left, top = ((speck.left - padded.left) * scale, (speck.top - padded.top) * scale)
        right, bottom = ((speck.right - padded.left) * scale, (speck.bottom - padded.top) * scale)
        rows = slice(max(0, int(top) - SPECK_MARGIN_PX), max(0, int(bottom) + SPECK_MARGIN_PX + 1))
        columns = slice(max(0, int(left) - SPECK_MARGIN_PX), max(0, int(right) + SPECK_MARGIN_PX + 1))
        cut[rows, columns] = background
    if padding.softness:
        cut = as_image(cv2.GaussianBlur(cut, (0, 0), padding.softness * cut.shape[0]))
    return as_image(cv2.cvtColor(cut, cv2.COLOR_GRAY2BGR))


def _under_seal(upright: Upright, cells: Sequence[Cell], copied: CopiedSeal | None) -> list[bool]:
    """Which cells lie under a seal."""
    ink = upright.ink.seal
    if copied is None and not ink.any():
        return [False] * len(cells)
    to_upright = invert(upright.to_scan)
    boxes = [bounding_box(map_polygon(to_upright, cell.polygon)) for cell in cells]
    if copied is not None:
        return [copied.touches(box) for box in boxes]
    inside = [ink[max(0, int(b.top)) : int(b.bottom) + 1, max(0, int(b.left)) : int(b.right) + 1] for b in boxes]
    return [bool(seal.size and np.count_nonzero(seal) / seal.size >= SEAL_SHARE) for seal in inside]
