"""An upright page, its grids -> its margins: every text line outside the tables, and which of them are written by hand.

The detector sees only the blocks of the margins that hold ink, at half the scan's resolution, the seal taken out: a
blank margin costs nothing. Whether a line is print or handwriting is judged from the shape of its ink and from how
sure the recogniser is of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.elements import Grid, Image, LineKind, Polygon, TextLine, Upright
from pipeline.engines import Detector, Engines, Recogniser
from pipeline.imaging import (
    MM_PER_INCH,
    Column,
    LineShape,
    apply_homography,
    as_image,
    bounding_box,
    cut_line,
    ink_on_white,
    invert,
    joined_quad,
    map_polygon,
    measure_line,
    polygon,
    print_end,
    quad_size,
    sub_quad,
)
from pipeline.recognition import read_once_or_twice
from pipeline.signatures.margin_kinds import FoundLine, MarginLine, handwriting_probability, kind_of, title_lines
from pipeline.signatures.working_page import WorkingPage, find_ink, outside_grids

END_MARGIN = 0.3
"""So much paper is left at a line's ends, in heights of its characters."""
SPECK_HEIGHT = 0.35
"""A component at a line's end is a speck only if it is lower than this share of the characters' height."""
SPECK_GAP = 0.45
"""A component at a line's end is a speck only if it is further off than this, in heights of the characters: a full stop
stands nearer."""
PART_MARGIN = 0.06
"""So much paper is left above and below the parts of a divided line, in shares of its height."""
MERGE_GAP = 1.5
"""The detector cuts a printed line where a gap is wider than a character, but seldom wider than this, in heights."""
MERGE_SHIFT = 0.4
"""Pieces of one line stand on one baseline, within this share of their height."""
MERGE_RATIO = 1.4
"""Pieces of one line have one height, within this ratio."""


def read_margins(upright: Upright, grids: Sequence[Grid], engines: Engines) -> tuple[MarginLine, ...]:
    """Find, read and tell apart the text lines outside the grids, from top to bottom.

    Args:
        upright: the page.
        grids: its tables; where there are none, the whole page is read.
        engines: the detector finds the lines, the recogniser reads them.
    """
    page = outside_grids(upright, grids)
    found = _read(upright, _detect(page, page.darkness, engines.detector), engines.recogniser)
    found = _merge_print(upright, _part(upright, found, engines.recogniser), engines.recogniser)
    to_upright = invert(upright.to_scan)
    corners = ([point for cell in grid.cells for point in cell.polygon] for grid in grids)
    tables = [bounding_box(apply_homography(to_upright, points)) for points in corners]
    title = title_lines(found, tables)
    found += _read_seals(upright, _detect(page, page.seal, engines.detector), engines.recogniser)
    found.sort(key=lambda line: sum(y for _, y in line.quad))
    return tuple(_margin_line(line, kind_of(line, line in title, tables), upright) for line in found)


def read_lines(upright: Upright, page: WorkingPage, engines: Engines) -> tuple[MarginLine, ...]:
    """Find and read the lines on a working page, whatever they are, from top to bottom.

    Args:
        upright: the page whose pixels are read.
        page: what the detector is shown of it.
        engines: the detector finds the lines, the recogniser reads them.
    """
    found = _read(upright, _detect(page, page.darkness, engines.detector), engines.recogniser)
    found = _merge_print(upright, _part(upright, found, engines.recogniser), engines.recogniser)
    found.sort(key=lambda line: sum(y for _, y in line.quad))
    return tuple(_margin_line(line, LineKind.OTHER, upright) for line in found)


def read_quads(upright: Upright, quads: Sequence[Polygon], recogniser: Recogniser) -> tuple[MarginLine, ...]:
    """The lines in quads, in upright pixels, read and judged."""
    return tuple(_margin_line(line, LineKind.OTHER, upright) for line in _read(upright, quads, recogniser))


def read_part(
    upright: Upright, line: MarginLine, start: float, end: float, recogniser: Recogniser
) -> tuple[MarginLine, ...]:
    """The part of a line between two shares of its width, read and judged for itself; none where there is no ink."""
    return read_quads(upright, _inked(upright, line.quad, start, end), recogniser)


def _detect(page: WorkingPage, layer: Image, detector: Detector) -> list[Polygon]:
    """Quads, in upright pixels, of the text lines of a layer of the working page."""
    quads = []
    for block in find_ink(layer, page.threshold):
        ink = layer[block.top : block.bottom, block.left : block.right]
        for line in detector.detect(ink_on_white(ink)):
            corners = np.array(line.polygon, np.float64) + np.array([block.left, block.top])
            quads.append(polygon(page.to_upright(corners)))
    return quads


def _read(upright: Upright, quads: Sequence[Polygon], recogniser: Recogniser) -> list[FoundLine]:
    """Lines of pen or print, each cut to where its ink begins and ends."""
    measured = []
    for quad in quads:
        shape = measure_line(upright.ink.darkness, quad, upright.ink.noise)
        if shape:
            measured.append(_trimmed(upright, quad, shape))
    readings = read_once_or_twice([reading_cut(upright, quad) for quad, _ in measured], recogniser)
    found = []
    for (quad, shape), reading in zip(measured, readings, strict=True):
        letter_mm = quad_size(quad)[1] * shape.height * MM_PER_INCH / upright.dpi
        if reading.text:
            found.append(FoundLine(quad, shape, reading, handwriting_probability(shape, letter_mm, reading)))
    return found


def reading_cut(upright: Upright, quad: Polygon) -> Image:
    """A quad's pixels, (height, width, 3): the scan's own, or under a seal, its ink without the seal."""
    box = bounding_box(quad)
    seal = upright.ink.seal[max(0, int(box.top)) : int(box.bottom) + 1, max(0, int(box.left)) : int(box.right) + 1]
    if not seal.any():
        return cut_line(upright.image, quad)
    return ink_on_white(cut_line(upright.ink.darkness, quad))


def _read_seals(upright: Upright, quads: Sequence[Polygon], recogniser: Recogniser) -> list[FoundLine]:
    """Lines of seal ink; they run around a circle, so little of them is read."""
    if not quads:
        return []
    seal = as_image(upright.ink.seal.astype(np.uint8) * 255)
    found = []
    for quad in quads:
        shape = measure_line(seal, quad, upright.ink.noise)
        if shape:
            reading = recogniser.read([cut_line(upright.image, quad)])[0]
            found.append(FoundLine(quad, shape, reading, 0.0, stamped=True))
    return found


def _part(upright: Upright, found: Sequence[FoundLine], recogniser: Recogniser) -> list[FoundLine]:
    """Lines of print that go on in handwriting become two, each read for itself."""
    parted: list[FoundLine] = []
    for line in found:
        end = print_end(upright.ink.darkness, line.quad, upright.ink.noise) if line.handwriting < 0.5 else None
        if end is None:
            parted.append(line)
            continue
        parted += _read(
            upright, [*_inked(upright, line.quad, 0.0, end), *_inked(upright, line.quad, end, 1.0)], recogniser
        )
    return parted


def _inked(upright: Upright, quad: Polygon, start: float, end: float) -> list[Polygon]:
    """The part of a quad between two shares of its width, as high as the ink there; none where there is none."""
    part = sub_quad(quad, start, 0.0, end, 1.0)
    ink = measure_line(upright.ink.darkness, part, upright.ink.noise)
    return [sub_quad(part, 0.0, ink.box[1] - PART_MARGIN, 1.0, ink.box[3] + PART_MARGIN)] if ink else []


def _trimmed(upright: Upright, quad: Polygon, shape: LineShape) -> tuple[Polygon, LineShape]:
    """The quad without the specks or blank paper at its ends, and its shape measured again if it changed."""
    width, height = quad_size(quad)
    letter = height * shape.height / max(width, 1.0)
    columns = list(shape.columns)
    while len(columns) > 1 and _is_speck(columns[0], columns[1].left - columns[0].right, shape, letter):
        columns.pop(0)
    while len(columns) > 1 and _is_speck(columns[-1], columns[-1].left - columns[-2].right, shape, letter):
        columns.pop()
    left = max(0.0, columns[0].left - END_MARGIN * letter)
    right = min(1.0, columns[-1].right + END_MARGIN * letter)
    if left == 0.0 and right == 1.0:
        return quad, shape
    trimmed = sub_quad(quad, left, 0.0, right, 1.0)
    return trimmed, measure_line(upright.ink.darkness, trimmed, upright.ink.noise) or shape


def _is_speck(end: Column, gap: float, shape: LineShape, letter: float) -> bool:
    """Whether the component at a line's end is lower and further off than any punctuation."""
    return end.height < SPECK_HEIGHT * shape.height and gap > SPECK_GAP * letter


def _merge_print(upright: Upright, found: Sequence[FoundLine], recogniser: Recogniser) -> list[FoundLine]:
    """Printed lines that the detector cut in pieces are joined and read again as one."""
    merged: list[FoundLine] = []
    for line in sorted(found, key=lambda line: line.quad[0][0]):
        before = next((other for other in merged if _continues(other, line)), None)
        if before is None:
            merged.append(line)
        else:
            merged.remove(before)
            merged += _read(upright, [joined_quad([before.quad, line.quad])], recogniser) or [before, line]
    return merged


def _continues(before: FoundLine, after: FoundLine) -> bool:
    """Whether one printed line goes on in another, to its right."""
    if before.handwriting >= 0.5 or after.handwriting >= 0.5:
        return False
    heights = sorted((before.letter_height, after.letter_height))
    ends, starts = np.array(before.quad, np.float64), np.array(after.quad, np.float64)
    along = (ends[1] - ends[0]) / max(float(np.hypot(*(ends[1] - ends[0]))), 1e-9)
    step = (starts[0] + starts[3]) / 2 - (ends[1] + ends[2]) / 2
    gap, shift = float(step @ along), abs(float(step @ np.array([-along[1], along[0]])))
    near = -heights[0] <= gap <= MERGE_GAP * heights[1] and shift <= MERGE_SHIFT * heights[1]
    return near and heights[1] <= MERGE_RATIO * heights[0]


def _margin_line(line: FoundLine, kind: LineKind, upright: Upright) -> MarginLine:
    in_scan = map_polygon(upright.to_scan, line.quad)
    text = TextLine(line.reading.text, line.reading.confidence, in_scan, kind)
    seen = None if line.stamped else line.reading.seen  # a seal's lines are read in other cuts
    return MarginLine(text, line.quad, line.shape, line.handwriting, seen=seen)
