"""What cells are read anew from: the page's pixels, what its ink is measured by, and the recogniser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import cv2

from pipeline.elements import (
    BBox,
    Cell,
    Finding,
    FindingRule,
    Grid,
    Image,
    LineKind,
    Polygon,
    Severity,
    TableReading,
    TextLine,
)
from pipeline.engines import Recogniser
from pipeline.imaging import as_image, box_corners, polygon
from pipeline.layout import InkLine, PageLayout, cell_insides
from pipeline.reading import ReadLine, cut_cell_line
from pipeline.recognition import CheckedReading, Padding, read_checked
from pipeline.rereading.columns import Setting


class CellInk(NamedTuple):
    """A cell of a grid with the darkness (height, width) of its inside, and where that begins on the dewarped page."""

    grid: Grid
    cell: Cell
    darkness: Image
    corner: tuple[int, int]


class PageInk(NamedTuple):
    """A page's layout with its paper as gray (height, width), 255 without ink; who reads it, and its cells' texts."""

    layout: PageLayout
    paper: Image
    setting: Setting
    recogniser: Recogniser
    texts: tuple[CheckedReading, ...]

    @classmethod
    def of(cls, layout: PageLayout, text_height: float, recogniser: Recogniser, tables: Sequence[TableReading]) -> Self:
        """Of a page whose characters are so many pixels high, and whose cells were read so."""
        setting = Setting(layout.grain, text_height, layout.dewarped.warp.px_per_mm)
        cells = (cell for table in tables for cell in table.cells if cell.text)
        texts = tuple(CheckedReading(cell.text or "", cell.confidence, ()) for cell in cells)
        return cls(layout, as_image(cv2.bitwise_not(layout.upright.ink.darkness)), setting, recogniser, texts)

    def cell(self, grid: Grid, cell: Cell) -> CellInk:
        """The ink of one cell."""
        (box,) = cell_insides(self.layout.dewarped, [cell])
        left, top = int(box.left), int(box.top)
        return CellInk(grid, cell, self.layout.smooth[top : int(box.bottom), left : int(box.right)], (left, top))

    def read(self, lines: Sequence[InkLine]) -> list[CheckedReading]:
        """Checked readings of level lines."""

        def cut(index: int, padding: Padding) -> Image:
            return cut_cell_line(self.layout.dewarped, self.paper, lines[index], self.recogniser.line_height, padding)

        return read_checked(len(lines), cut, self.recogniser)

    def quad(self, box: BBox) -> Polygon:
        """Where a box of the dewarped page lies on the scan."""
        return polygon(self.layout.dewarped.warp.to_scan(box_corners(box) - 0.5))

    def line(self, ink: CellInk, quad: Polygon, reading: CheckedReading) -> ReadLine:
        """A line of a cell as it lands."""
        place = (ink.grid.table_index, ink.cell.row, ink.cell.col)
        return ReadLine(TextLine(reading.text, reading.confidence, quad, LineKind.CELL, *place), reading)

    def finding(self, rule: FindingRule, ink: CellInk, message: str, found: str | None) -> Finding:
        """A warning about a cell."""
        return Finding(
            rule=rule,
            severity=Severity.WARNING,
            message=message,
            page_number=self.layout.upright.page.page_number,
            table_index=ink.grid.table_index,
            row=ink.cell.row,
            col=ink.cell.col,
            found=found,
        )
