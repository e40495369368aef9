"""A page as read -> where in a cell a mark belongs: in the middle of its height, and where the column's lines stand.

A small mark, such as × in print of 8 points, is as small and as round as dust. But dust falls anywhere, and a mark
stands where text would: one speck in fifty does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, TableReading
from pipeline.imaging import as_image
from pipeline.layout import PageLayout
from pipeline.residual.faint_marks import TO_DEVIATIONS
from pipeline.residual.planes import channel_mean, median

MIDDLE = 0.25
"""A mark's middle is no further than this above or below the cell's, in text heights."""
ALIGNED = 0.3
"""And so near to the cell's middle across, or its side to where the lines of the column begin or end."""
MIN_LINES = 3
"""So many lines of a column tell where it begins or ends."""
STRAIGHT = 0.15
"""Half of them are no further than this from the one in the middle, in text heights."""
LEAST = 0.2
"""A mark is at least so long, in text heights."""
LARGEST = 0.6
"""What is longer is told by its shape."""
TIMES, LEVELS = 5.0, 6.0
"""A mark differs from its paper by so many times the cell's usual difference, and by so many levels."""


class ColumnSides(NamedTuple):
    """How far from the sides of their cells the lines of a column begin and end; None where they are ragged."""

    left: float | None
    right: float | None


RAGGED = ColumnSides(None, None)


class MarkPlace(NamedTuple):
    """Where a cell's marks belong, in pixels of the upright page: its box, and the sides of its column's lines."""

    cell: BBox
    column: ColumnSides
    text_height: float

    def holds(self, box: BBox) -> bool:
        """Whether a mark belongs where a box is."""
        middle_x, middle_y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        if abs(middle_y - (self.cell.top + self.cell.bottom) / 2) > MIDDLE * self.text_height:
            return False
        off = [abs(middle_x - (self.cell.left + self.cell.right) / 2)]
        left, right = self.column
        off += [] if left is None else [abs(box.left - self.cell.left - left)]
        off += [] if right is None else [abs(self.cell.right - box.right - right)]
        return min(off) <= ALIGNED * self.text_height


def column_sides(
    layout: PageLayout, tables: Sequence[TableReading], text_height: float
) -> dict[tuple[int, int], ColumnSides]:
    """The sides of the columns of all tables, by table and column.

    Args:
        layout: of the page.
        tables: as far as they were read.
        text_height: of the page's print, in pixels.
    """
    found = {}
    for number, table in enumerate(tables):
        single = [cell for cell in table.cells if cell.lines and cell.text and cell.cell.col_span == 1]
        lines = layout.dewarped.boxes([line.polygon for cell in single for line in cell.lines[:1]])
        boxes = layout.dewarped.boxes([cell.cell.polygon for cell in single])
        columns = np.array([cell.cell.col for cell in single])
        lefts = np.array([line.left - box.left for line, box in zip(lines, boxes, strict=True)])
        rights = np.array([box.right - line.right for line, box in zip(lines, boxes, strict=True)])
        for column in np.unique(columns).tolist():
            own = columns == column
            sides = (_straight(offsets[own], STRAIGHT * text_height) for offsets in (lefts, rights))
            found[number, column] = ColumnSides(*sides)
    return found


def has_placed_mark(apart: NDArray[np.float32], scale: float, origin: tuple[float, float], place: MarkPlace) -> bool:
    """Whether a cell holds one speck alone, and that where a mark belongs.

    Args:
        apart: (height, width, channels) what a patch of its inside differs from its paper by.
        scale: pixels of the upright page to one of the patch.
        origin: of the patch, across and down, on the upright page.
        place: of the cell's marks.
    """
    light = channel_mean(apart)
    if float(np.ptp(light)) <= LEVELS:
        return False
    light -= median(light)
    usual = TO_DEVIATIONS * float(median(np.abs(light)))
    dark = as_image(np.abs(light) > max(LEVELS, TIMES * usual))
    components = cv2.connectedComponents(dark)[0] - 1  # less the paper
    if components != 1:
        return False
    left, top, width, height = cv2.boundingRect(as_image(np.abs(light) > np.abs(light).max() / 2))
    at_edge = left == 0 or top == 0 or left + width == dark.shape[1] or top + height == dark.shape[0]
    long = max(width, height) * scale / place.text_height
    right, bottom = left + width, top + height
    across, down = origin
    box = BBox(across + left * scale, down + top * scale, across + right * scale, down + bottom * scale)
    return not at_edge and LEAST <= long <= LARGEST and place.holds(box)


def _straight(offsets: NDArray[np.float64], most: float) -> float | None:
    """The usual one of some offsets, if they are alike."""
    if len(offsets) < MIN_LINES:
        return None
    usual = float(np.median(offsets))
    return usual if float(np.median(np.abs(offsets - usual))) <= most else None
