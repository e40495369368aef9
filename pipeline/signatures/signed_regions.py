"""Heat of signatures on a page -> the places that it shows and no line does, each read as a signature.

A detector of text finds lines. A scrawl over a printed name, a stamp or a rule is none, nor are initials in a corner:
the heat shows them all the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.elements import BBox, LineKind, Polygon, TableReading, TextLine, Upright
from pipeline.engines import Engines
from pipeline.imaging import (
    LineShape,
    bounding_box,
    box_corners,
    in_polygon,
    invert,
    map_polygon,
    measure_line,
    polygon,
)
from pipeline.pen import PageHeat, is_same
from pipeline.signatures.margin_kinds import MarginLine, PageView
from pipeline.signatures.margin_lines import reading_cut

REGION_EVIDENCE = 0.0
"""What a region's place says, as the natural logarithm of odds: the heat has said it."""
LEAST_PROBABILITY = 0.1
"""Regions less probable than this are not read."""
NO_SHAPE = LineShape((0.0, 0.0, 1.0, 1.0), 1.0, 0.1, 0.5, 0.0, ())
"""The shape of strokes too pale to be measured."""


def read_regions(
    upright: Upright,
    heat: PageHeat,
    found: Sequence[Polygon],
    tables: Sequence[TableReading],
    engines: Engines,
) -> PageView | None:
    """The regions of a page's heat where no signature was found yet, as lines; None where there are none.

    Args:
        upright: the page.
        heat: where signatures are on it.
        found: signatures that were found, in scan pixels.
        tables: to say in which cell a region stands.
        engines: the recogniser reads what is written.
    """
    to_upright = invert(upright.to_scan)
    taken = [bounding_box(map_polygon(to_upright, own)) for own in found]
    boxes = [
        region.box
        for region in heat.regions
        if region.probability >= LEAST_PROBABILITY and not any(is_same(region.box, box) for box in taken)
    ]
    if not boxes:
        return None
    quads = [polygon(box_corners(_within(box, upright))) for box in boxes]
    readings = engines.recogniser.read([reading_cut(upright, quad) for quad in quads])
    lines = []
    for quad, reading in zip(quads, readings, strict=True):
        in_scan = map_polygon(upright.to_scan, quad)
        text = TextLine(reading.text, reading.confidence, in_scan, LineKind.OTHER, *_place(in_scan, tables))
        shape = measure_line(upright.ink.darkness, quad, upright.ink.noise) or NO_SHAPE
        lines.append(MarginLine(text, quad, shape, handwriting=1.0))
    return PageView(upright, tuple(lines), REGION_EVIDENCE, lines_land=False, heat=heat, apart=True)


def _within(box: BBox, upright: Upright) -> BBox:
    height, width = upright.image.shape[:2]
    return BBox(max(0.0, box.left), max(0.0, box.top), min(float(width), box.right), min(float(height), box.bottom))


def _place(in_scan: Polygon, tables: Sequence[TableReading]) -> tuple[int, int, int] | tuple[None, None, None]:
    """The table, row and column of the cell that holds a place's middle; None for each where none does."""
    across, down = np.mean(in_scan, axis=0).tolist()
    for table in tables:
        for reading in table.cells:
            if in_polygon(reading.cell.polygon, (across, down)):
                return table.grid.table_index, reading.cell.row, reading.cell.col
    return None, None, None
