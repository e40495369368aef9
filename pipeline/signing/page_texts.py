"""A page's lines as places are found by them: boxes in upright pixels, what they say, and whether pens wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.elements import BBox, LineKind, Matrix, Polygon, TableReading
from pipeline.imaging import bounding_box, invert, map_polygon

PEN = 0.5
"""A line is handwriting from this probability on."""
CellPlace: TypeAlias = tuple[int, int, int]
"""Index of the table, row and column of a cell."""


@dataclass(frozen=True, slots=True)
class PageText:
    """A line: its text, its polygon in upright pixels, and how probably a pen wrote it, 0-1; `cell` is None outside.

    `confidence` is how sure the text is, 0-1.
    """

    text: str
    polygon: Polygon
    handwriting: float = 0.0
    cell: CellPlace | None = None
    kind: LineKind = LineKind.OTHER
    confidence: float = 1.0

    @property
    def box(self) -> BBox:
        """Its upright box."""
        return bounding_box(self.polygon)

    @property
    def printed(self) -> bool:
        """Whether it was printed or typed, and is no seal's and no signature's."""
        return self.handwriting < PEN and self.kind not in (LineKind.SEAL, LineKind.SIGNATURE)


def cell_texts(tables: Sequence[TableReading], to_scan: Matrix) -> Iterator[PageText]:
    """The lines of all cells.

    Args:
        tables: as read.
        to_scan: maps upright pixels to scan pixels.
    """
    to_upright = invert(to_scan)
    for table in tables:
        for reading in table.cells:
            place = table.grid.table_index, reading.cell.row, reading.cell.col
            pen = 1.0 if reading.handwritten else 0.0
            for line in reading.lines:
                polygon = map_polygon(to_upright, line.polygon)
                yield PageText(line.text, polygon, pen, place, confidence=line.confidence or 0.0)


def before(first: BBox, second: BBox) -> float:
    """How far the second box begins to the right of the end of the first; below 0 where it begins before."""
    return second.left - first.right


def shared_across(a: BBox, b: BBox) -> float:
    """How much of their width two boxes have in common, in pixels; below 0 for a gap."""
    return min(a.right, b.right) - max(a.left, b.left)


def shared_down(a: BBox, b: BBox) -> float:
    """How much of their height two boxes have in common, in pixels; below 0 for a gap."""
    return min(a.bottom, b.bottom) - max(a.top, b.top)
