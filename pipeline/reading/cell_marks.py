"""A page's layout -> which of its cells hold one mark and nothing else, by the shape of their ink.

Recognisers know many marks badly: they read --- as m, 〃 as 11. What a shape leaves open, the reading helps to settle:
a clear reading of something else is a letter or a numeral, an unclear one is what marks are read as.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from pipeline.elements import BBox, Cell, CellReading, Image, LineKind, TextLine
from pipeline.imaging import REMNANT_MM, box_corners, polygon
from pipeline.layout import CellLine, InkLine, PageLayout, cell_insides
from pipeline.marks import (
    NO_MARK,
    SHAPE_MARGIN,
    SHAPE_SCALE,
    Vector,
    find_mark_ink,
    mark_probabilities,
    may_hold_mark,
    measure_shape,
)

SURE = 0.99
"""A mark that its shape makes so probable is not read: of 195 such cells of pages that the model had not seen, all
held that mark."""
POSSIBLE = 0.05
"""A mark that its shape makes less probable than this is none."""
NO_DUST = 0.15
"""Ink that was taken for dust is read where its shape makes it a mark with this probability."""
DUST_SIZE = 0.5
"""Ink that was taken for dust is read where its longer side is this long, in heights of the page's text: 1 speck on 20
worn forms was, and no cross or ditto mark is much smaller."""
DISC = "●"
"""Dust is as round as this."""
UNPROVEN = 0.9
"""Marks of which no page with truth had any are no more probable than this; nor are those under a seal by their shape,
as what is left of one has shapes of its own."""
PROVEN = frozenset("—-/〃×√□☑") | {"---"}
"""Marks that pages with truth had, by which their probability was checked."""
BLANK_IN_DOUBT = 0.9
"""A cell whose dust was looked at closely is blank no surer than this."""
LIKELIER = 0.5
"""What is more probable than not lands."""
LONE = 0.95
"""Ink that was taken for dust, of a shape that fewer than `ALIKE` cells of the page have, is a mark from this
probability on: of 14 such shapes in cells of worn budget forms, at 0.52-0.88, none was a mark."""
ALIKE = 3
"""So many cells of a page with a mark of one kind are no dust, which takes any shape."""
HYPHEN = 0.6
"""A dash shorter than this, in heights of the page's text, is a hyphen."""
DASH, DASHES, HYPHEN_MARK = "—", "---", "-"
DASH_MARKS = frozenset({DASH, DASHES, HYPHEN_MARK})
BORDER_MM, PALE_SHARE = 0.8, 0.4
"""Flat ink so near to a cell's upper or lower border, and paler than this share of the page's print, is no sure dash:
dashed rules leave such pieces, at 0.1 to 0.3."""
MOST_UNREAD = {DASH: 0.98, HYPHEN_MARK: 0.98}
"""Marks that are by their shape no more probable than this, so that they are read: 一 has the same shape."""
READ_RIGHT = {
    "—": "[—–―_－-]",
    "---": "[—–―_－一-]{2,}",
    "√": "[√✓✔]",
    "×": "[×✕✗]",
    "☑": "[☑☒✓√]",
    "□": "[□☐]",
    "/": "[/／]",
}
"""What recognisers read in marks and in nothing else, by the mark, as regular expressions; others are read as
themselves."""
LOOK_ALIKES = {
    **{"—": "[一1]", "---": "[一1]", "/": "[1IlJ八小]", "\\": "[1Il]", "〃": '11|II|ll|[1HnU#"”]', "×": "[xXヌ]"},
    **{"√": "[VvＶr5]", "□": "[口日0OD]", "☑": "[日回团囗口0]", "○": "[0oO〇。]", "◎": "[0oO回]", "●": "[.·。、]"},
}
"""What is read in marks, and in letters and numerals of the same shape: such a reading says nothing of which it is."""
READ_SO = 10.0
"""A mark that is read as what it is becomes so many times likelier: no cell with other text was read so."""
READ_OTHERWISE = ((0.0, 10.0), (0.3, 5.0), (0.5, 2.0), (0.7, 0.5), (0.85, 0.06), (0.95, 0.005))
"""By the confidence of a reading that is no look-alike, how many times likelier it makes the mark. Of 540 marks on
pages with truth 4 in 10 were read as something else at less than 0.3, none at 0.95 or more; of 355 other cells of
their size 1 in 25 and 6 in 7."""
AMONG_NUMERALS = 0.01
"""A dash becomes so many times likelier in a column that has 二 or 三 for itself: 一 may stand there as well."""
NUMERALS = re.compile(r"[(（]?[二三四五六七八九十]+[)）、.]?")
"""Chinese numerals that rows are numbered with."""
LIKELY_SHAPE = 0.8
"""A shape that makes a mark so probable, on a page with others of its kind, is believed more than it says if nothing
was read against it: of 183 shapes of pages that the model had not seen, at 0.8 to 0.95, 2 were no such mark."""
RIGHT_WHERE_SETTLED = ((0.9, 0.955), (0.98, 0.98))
"""Share of such marks that are right, by the probability that shape and reading give them; less than 0.9 says nothing
more, as marks under a seal have it."""
MOST = 0.998
"""No mark is surer than a clear text."""


TOLERANCE = 1e-6
"""Of probabilities that are as high as they may be."""


class CellMark(NamedTuple):
    """A mark that may be all that a cell holds: how probable its shape makes it, and its ink on the dewarped page.

    No reading makes it more probable than `most`.
    """

    text: str
    probability: float
    ink: InkLine
    most: float = MOST


def find_cell_marks(layout: PageLayout, sealed: Sequence[bool]) -> dict[int, CellMark]:
    """The marks that cells may hold, by the cell's place among those of all grids.

    Args:
        layout: of the page.
        sealed: of each cell, whether it lies under a seal.
    """
    with_lines = {line.cell for line in layout.lines}
    found = {}
    for index, box, measures in _measured(layout):
        probabilities = mark_probabilities(measures)
        width, height = box.width / layout.text_height, box.height / layout.text_height
        if index in with_lines:
            possible = 1 - probabilities[NO_MARK] >= POSSIBLE
        else:
            possible = 1 - probabilities[NO_MARK] - probabilities[DISC] >= NO_DUST or max(width, height) >= DUST_SIZE
        if possible:
            text, probability = _likeliest(probabilities, width)
            unproven = text not in PROVEN or (text in DASH_MARKS and _may_be_rule(layout, index, box))
            by_shape = UNPROVEN if unproven or sealed[index] else MOST_UNREAD.get(text, MOST)
            most = UNPROVEN if unproven else MOST
            found[index] = CellMark(text, min(probability, by_shape), InkLine(box, ()), most)
    return found


def _may_be_rule(layout: PageLayout, index: int, box: BBox) -> bool:
    """Whether flat ink lies by the border above or below its cell, and is pale: what is left of that rule is, too."""
    cells = [cell for grid in layout.grids for cell in grid.cells]
    (inside,) = cell_insides(layout.dewarped, [cells[index]])
    near = BORDER_MM * layout.dewarped.warp.px_per_mm
    if box.top - inside.top > near and inside.bottom - box.bottom > near:
        return False
    peaks = [_peak(layout, line.ink.box) for line in layout.lines if line.cell != index]
    return bool(peaks) and _peak(layout, box) < PALE_SHARE * float(np.median(peaks))


def _peak(layout: PageLayout, box: BBox) -> int:
    rows, columns = slice(int(box.top), int(box.bottom)), slice(int(box.left), int(box.right))
    return int(layout.smooth[rows, columns].max(initial=0))


def _likeliest(probabilities: Mapping[str, float], width: float) -> tuple[str, float]:
    """The likeliest mark, and how probable it is; dashes count together, for one is as good as three."""
    kind = max((kind for kind in probabilities if kind != NO_MARK), key=probabilities.__getitem__)
    if kind not in {DASH, DASHES}:
        return kind, probabilities[kind]
    return HYPHEN_MARK if kind == DASH and width < HYPHEN else kind, probabilities[DASH] + probabilities[DASHES]


def measured_cells(layout: PageLayout) -> Iterator[tuple[Cell, Vector]]:
    """The cells whose ink may be a mark's, and the measures of its shape; for fitting."""
    cells = [cell for grid in layout.grids for cell in grid.cells]
    yield from ((cells[index], measures) for index, _, measures in _measured(layout))


def _measured(layout: PageLayout) -> Iterator[tuple[int, BBox, Vector]]:
    """Of cells whose ink may be a mark's: their place among those of all grids, the ink's box, its measures."""
    lines: dict[int, list[BBox]] = {}
    for line in layout.lines:
        lines.setdefault(line.cell, []).append(line.ink.box)
    cells = [cell for grid in layout.grids for cell in grid.cells]
    edge = max(1, round(REMNANT_MM * layout.dewarped.warp.px_per_mm))
    for index, inside in enumerate(cell_insides(layout.dewarped, cells)):
        if not may_hold_mark(lines.get(index, []), layout.text_height):
            continue
        left, top = int(inside.left), int(inside.top)
        smooth = layout.smooth[top : int(inside.bottom), left : int(inside.right)]
        box = find_mark_ink(smooth, layout.grain, layout.text_height, edge)
        if box is not None:
            box = BBox(box.left + left, box.top + top, box.right + left, box.bottom + top)
            measures = measure_shape(cut_shape(layout, box, inside))
            if measures is not None:
                yield index, box, measures


def cut_shape(layout: PageLayout, box: BBox, inside: BBox) -> Image:
    """Darkness of the scan around a box of the dewarped page, as shapes are measured in; 0 beyond what is `inside`."""
    scale = SHAPE_SCALE / layout.text_height
    margin = SHAPE_MARGIN / scale
    around = BBox(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin)
    cut = layout.dewarped.cut(layout.upright.ink.darkness, around, max(1, round(around.height * scale)))
    left, top = (max(0, math.ceil(px * scale)) for px in (inside.left - around.left, inside.top - around.top))
    right, bottom = (
        max(0, math.ceil(px * scale)) for px in (around.right - inside.right, around.bottom - inside.bottom)
    )
    cut[:top], cut[cut.shape[0] - bottom :], cut[:, :left], cut[:, cut.shape[1] - right :] = 0, 0, 0, 0
    return cut


def settle_mark(mark: CellMark, text: str, confidence: float | None, numbered: bool = False) -> CellMark:
    """A mark, as probable as its shape and what the recogniser read in it make it together.

    Args:
        mark: by its shape.
        text: as the recogniser read the same ink, "" for nothing.
        confidence: of that reading.
        numbered: whether the cells above and below are numbered in Chinese numerals: there 一 is one, and no dash.
    """
    read = "".join(text.split())
    kind = DASH if mark.text == HYPHEN_MARK else mark.text
    if numbered and kind == DASH:
        times = AMONG_NUMERALS
    elif re.fullmatch(READ_RIGHT.get(kind, re.escape(kind)), read):
        times = READ_SO
    elif re.fullmatch(LOOK_ALIKES.get(kind, "(?!)"), read):
        times = 1.0
    else:
        known, likelier = zip(*READ_OTHERWISE, strict=True)
        times = math.exp(float(np.interp(confidence or 0.0, known, np.log(likelier))))
    odds = mark.probability / max(1 - mark.probability, 1e-9) * times
    return mark._replace(probability=min(odds / (1 + odds), mark.most))


def believed(mark: CellMark, shape: CellMark, sure: int) -> CellMark:
    """A settled mark, a little surer where its shape is likely, and the page surely has others of its kind.

    Dashes stay as they are, for numerals have their shape.

    Args:
        mark: as settled by its shape and its reading.
        shape: the same by its shape alone.
        sure: how many marks of its kind are sure on the page.
    """
    read_against = mark.probability < shape.probability - TOLERANCE
    open_still = UNPROVEN + TOLERANCE < mark.probability < LONE and shape.probability >= LIKELY_SHAPE
    if read_against or not open_still or not sure or mark.text in DASH_MARKS:
        return mark
    known, right = zip(*RIGHT_WHERE_SETTLED, strict=True)
    return mark._replace(probability=float(np.interp(mark.probability, known, right)))


def lines_to_read(layout: PageLayout, marks: Mapping[int, CellMark]) -> list[CellLine]:
    """The lines of a page that the recogniser is shown: not those of sure marks, but open ones among the dust."""
    kept = [line for line in layout.lines if line.cell not in marks or marks[line.cell].probability < SURE]
    open_ones = {index for index, mark in marks.items() if mark.probability < SURE}
    dust = [CellLine(index, marks[index].ink) for index in sorted(open_ones - {line.cell for line in kept})]
    return sorted([*kept, *dust], key=lambda line: line.cell) if dust else kept


def with_marks(readings: Sequence[CellReading], marks: Mapping[int, CellMark], layout: PageLayout) -> list[CellReading]:
    """The readings of all cells of a page, in the grids' order, with the marks that they hold.

    A cell that may hold a mark and may hold text has the likelier of both, at what is left of its confidence.
    """
    if not marks:
        return list(readings)
    tables = [grid.table_index for grid in layout.grids for _ in grid.cells]
    numbered = {
        (table, reading.cell.col)
        for table, reading in zip(tables, readings, strict=True)
        if NUMERALS.fullmatch(reading.text or "")
    }
    told = {}
    for index, mark in marks.items():
        reading = readings[index]
        among_numerals = (tables[index], reading.cell.col) in numbered
        unread = mark.probability >= SURE
        told[index] = mark if unread else settle_mark(mark, reading.text or "", reading.confidence, among_numerals)
    sure = Counter(mark.text for mark in told.values() if mark.probability >= LONE)
    told = {index: believed(mark, marks[index], sure[mark.text]) for index, mark in told.items()}
    kinds = Counter(mark.text for mark in told.values() if mark.probability >= LIKELIER)
    with_lines = {line.cell for line in layout.lines}
    settled = list(readings)
    for index, mark in told.items():
        if index in with_lines or mark.probability >= LONE or kinds[mark.text] >= ALIKE:
            settled[index] = _with_mark(readings[index], mark, tables[index], layout)
        else:
            settled[index] = _doubted_blank(readings[index], mark)
    return settled


def _doubted_blank(reading: CellReading, mark: CellMark) -> CellReading:
    """A blank cell whose dust may be a mark, or text: at most as sure as it is neither."""
    left = min(BLANK_IN_DOUBT, 1 - mark.probability)
    return CellReading(reading.cell, "", left, (), reading.under_seal, tuple(filter(None, (reading.text, mark.text))))


def _with_mark(reading: CellReading, mark: CellMark, table: int, layout: PageLayout) -> CellReading:
    if mark.probability < LIKELIER:
        left = 1 - mark.probability
        sure = None if reading.confidence is None else min(reading.confidence, left)
        return replace(reading, confidence=sure)
    cell = reading.cell
    quad = polygon(layout.dewarped.warp.to_scan(box_corners(mark.ink.box) - 0.5))
    line = TextLine(mark.text, mark.probability, quad, LineKind.CELL, table, cell.row, cell.col)
    others = (reading.text,) if reading.text and reading.text != mark.text else ()
    return CellReading(cell, mark.text, mark.probability, (line,), reading.under_seal, others)
