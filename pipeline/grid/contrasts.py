"""Ridges of a dewarped page -> the contrast that cell borders are judged by, and where none can be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp import NO_DASHES, STRONG_STROKES, Dashes, Pace
from pipeline.elements import Image
from pipeline.grid.candidates import Candidate
from pipeline.imaging import Histogram, as_image

LEAST_INK = 30
"""What is paler than this, of 255, may be paper: it says nothing about how dark a page's ink is."""
SOLID_MM = 1.6
"""The side of a patch that may hide the lines in it, as the star of a copied seal or a stain does."""
SOLID_DARKNESS = 0.4
"""A patch hides lines if it is on average this share of the page's strong ink dark: text is half as dense."""
TOUCHED_DARKNESS = 0.45
"""A pixel that is this share of the page's strong ink dark, and stands out from neither side, may be a rule that print
touches: it is no gap."""
FLANK_MM = (0.5, 1.5)
"""A stroke is flanked by ink that stands between these distances from it on both sides: further off is the next line of
text."""
FLANK_DARKNESS = 0.4
"""What flanks a stroke is at least this share of the page's strong ink dark."""
LIGHT_PRINT = 0.8
"""Light print in a fill is paler than this share of what is around it."""


class PageInk(NamedTuple):
    """The ink of a dewarped page.

    `darkness` (height, width) is 0 on paper and 255 under full ink. `outside` (height, width) is true where nothing of
    the scan is shown, and `sealed` where seal ink was taken away; None where that is nowhere. `may_be_filled` is False
    where dark fills were looked for before, and there are none.
    """

    darkness: Image
    outside: NDArray[np.bool_] | None = None
    sealed: NDArray[np.bool_] | None = None
    may_be_filled: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """Clipped contrast (height, width) along horizontal lines; for vertical ones all is transposed.

    `hidden` (height, width) is true where the paper on both sides of a line would be too dark to tell. On pages with
    dashed ruling in this direction, `pace` is that of its dashes, and `flanked` (height, width) is true where there is
    ink at a short distance on both sides. On pages with dark fills, `filled` (height, width) is true in them, and
    `printed` where something light is printed in them. `outside` is as in `PageInk`.
    """

    ridge: Image
    hidden: NDArray[np.bool_]
    px_per_mm: float
    pace: Pace | None = None
    flanked: NDArray[np.bool_] | None = None
    filled: NDArray[np.bool_] | None = None
    printed: NDArray[np.bool_] | None = None
    outside: NDArray[np.bool_] | None = None

    def between(self, left: int, right: int) -> Contrast:
        """The same for some of the columns."""
        masks = (self.flanked, self.filled, self.printed, self.outside)
        flanked, filled, printed, outside = (None if mask is None else mask[:, left:right] for mask in masks)
        return replace(
            self,
            ridge=self.ridge[:, left:right],
            hidden=self.hidden[:, left:right],
            flanked=flanked,
            filled=filled,
            printed=printed,
            outside=outside,
        )

    def straightened(self, piece: Candidate, reach: int) -> Contrast:
        """The same along a piece of line that leans: its own row is the middle one, with so many above and below it."""
        height, width = self.ridge.shape
        columns = np.arange(width)
        path = np.rint(np.clip(piece.place + piece.slope * (columns - (piece.begin + piece.end) / 2), 0, height - 1))
        rows = np.clip(path[None].astype(np.intp) + np.arange(-reach, reach + 1)[:, None], 0, height - 1)
        flanked, filled, printed = (
            None if mask is None else mask[rows, columns] for mask in (self.flanked, self.filled, self.printed)
        )
        return replace(
            self,
            ridge=np.ascontiguousarray(self.ridge[rows, columns]),
            hidden=self.hidden[rows, columns],
            flanked=flanked,
            filled=filled,
            printed=printed,
        )


def contrasts_along(
    ridges: tuple[Image, Image], page: PageInk, fills: Image | None, px_per_mm: float, dashes: Dashes
) -> tuple[Contrast, Contrast]:
    """What the cell borders along horizontal lines, and those along vertical ones, are judged by.

    Args:
        ridges: (height, width) clipped contrast along horizontal lines, and transposed along vertical ones, with their
            dashes drawn through.
        page: the dewarped page.
        fills: (height, width), its dark fills; None where it has none.
        px_per_mm: of the dewarped page.
        dashes: of the page.
    """
    darkness, outside, sealed, _ = page
    strong = _strong(darkness[::4, ::4])
    side = max(3, round(SOLID_MM * px_per_mm))
    hidden = as_image(cv2.blur(darkness, (side, side))) > int(max(1.0, SOLID_DARKNESS * strong))
    if dashes == NO_DASHES:  # strokes of characters would be taken for dashes that print touches
        hidden |= darkness > int(max(1.0, TOUCHED_DARKNESS * strong))
    for unseen in (outside, sealed):
        if unseen is not None:
            hidden |= unseen
    ink = as_image(darkness > int(FLANK_DARKNESS * strong)) if dashes != NO_DASHES else None
    filled = None if fills is None else fills > 0
    printed = None if fills is None else darkness < cv2.convertScaleAbs(fills, alpha=LIGHT_PRINT)
    across, down = (
        Contrast(
            ridge,
            hidden if upright else hidden.T,
            px_per_mm,
            pace,
            _flanked(ink if upright else ink.T, px_per_mm) if pace and ink is not None else None,
            filled if upright or filled is None else filled.T,
            printed if upright or printed is None else printed.T,
            outside if upright or outside is None else outside.T,
        )
        for ridge, pace, upright in zip(ridges, dashes, (True, False), strict=True)
    )
    return across, down


def _strong(sample: Image) -> float:
    """How dark a page's strong ink is; where there is so little that it is no share of the page, half of it is."""
    histogram = Histogram.of(sample)
    of_page = histogram.quantile(STRONG_STROKES / 100)
    has_ink = histogram.at_most[LEAST_INK - 1] < sample.size
    return max(of_page, histogram.quantile(0.5, least=LEAST_INK)) if has_ink else of_page


def _flanked(ink: Image, px_per_mm: float) -> NDArray[np.bool_]:
    """Where there is ink at a short distance both above and below, as beside strokes of characters."""
    near, far = (round(mm * px_per_mm) for mm in FLANK_MM)
    above = np.zeros((2 * far + 1, 1), np.uint8)
    above[: far - near + 1] = 1
    ink = np.ascontiguousarray(ink)
    both = cv2.min(cv2.dilate(ink, above), cv2.dilate(ink, above[::-1]))
    return as_image(both).astype(np.bool_)
