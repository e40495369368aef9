"""The texts of a table -> the table on a sheet, ruled in one of the manners of reports, and where its cells stand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from benchmarks.drawing.report_texts import TableText, write_table
from benchmarks.structure_measures import Cells, PlacedCell

DRAWN_DPI = 400
"""Pages are drawn at more than the highest resolution, so that thin rules are scanned and not drawn."""
LINE_SPACING = 1.5
"""Lines of text are so many times the size of print apart."""
RULE_MM = (0.1, 0.5)
"""Rules of word processors are a quarter of a point to one and a half points thick."""
THICK_MM = (0.5, 0.9)
DASH_MM, GAP_MM = 1.0, 0.4
SIDE_SPACE = 0.3
"""Between the text of a cell and its borders at least this many times the size of print."""
SMALLEST_PRINT = 0.6
"""Print is made smaller down to this much of its size where a word does not fit its cell."""
MOST_ROWS, MOST_COLS = 30, 14
Room = tuple[float, float, float, float]
"""Left, top, right and bottom in pixels."""


class Ruling(NamedTuple):
    """How tables are ruled: thickness in pixels, greys of 0 (black) to 255, and the height of a row in lines."""

    thickness: int
    outer: int
    ink: int
    dashed: bool
    open_sides: bool
    heading_fill: int
    row_lines: float


class Sheet(NamedTuple):
    """A page while it is drawn: its canvas, the size of print in pixels, the ruling of its tables, and the dice."""

    canvas: PilImage.Image
    draw: ImageDraw.ImageDraw
    size_px: float
    ruling: Ruling
    dice: random.Random

    @property
    def line_px(self) -> float:
        """From one line of text to the next."""
        return self.size_px * LINE_SPACING

    def font(self, scale: float = 1.0) -> ImageFont.FreeTypeFont:
        """The one font of all pages, which comes with Pillow."""
        found = ImageFont.load_default(self.size_px * scale)
        assert isinstance(found, ImageFont.FreeTypeFont)
        return found


def to_px(mm: float) -> float:
    """Millimetres of paper in pixels of a sheet."""
    return mm * DRAWN_DPI / 25.4


def choose_ruling(dice: random.Random) -> Ruling:
    """One manner for all tables of a page: mostly black and solid, with sides, some with a thick border."""
    thickness = max(2, round(to_px(dice.uniform(*RULE_MM))))
    outer = max(thickness, round(to_px(dice.uniform(*THICK_MM)))) if dice.random() < 0.2 else thickness
    return Ruling(
        thickness,
        outer,
        ink=dice.choice((0, 0, 0, 90, 140)),
        dashed=dice.random() < 0.08,
        open_sides=dice.random() < 0.08,
        heading_fill=dice.choice((255, 255, 255, 225, 60)),
        row_lines=dice.uniform(0.95, 1.6),
    )


def draw_table(sheet: Sheet, room: Room) -> Cells:
    """Write a table that fits, and rule it at the top of the room; returns its cells with their corners."""
    left, top, right, bottom = room
    most_rows = min(MOST_ROWS, max(3, int((bottom - top) / sheet.line_px)))
    most_cols = min(MOST_COLS, max(2, int((right - left) / (4.5 * sheet.size_px))))
    while True:
        table = write_table(sheet.dice, most_rows, most_cols)
        xs = _column_edges(table, left, right)
        ys = _row_edges(sheet, table, xs, top)
        if ys[-1] <= bottom or most_rows == 3:
            break
        most_rows = max(3, most_rows * 2 // 3)
    cells = tuple(_placed(cell, xs, ys) for cell in table.cells)
    for cell in cells:
        _draw_content(sheet, cell, is_heading=cell.row < table.n_headings)
    _rule(sheet, cells, (xs[0], ys[0], xs[-1], ys[-1]))
    return cells


def _column_edges(table: TableText, left: float, right: float) -> NDArray[np.float64]:
    shares = np.cumsum([0.0, *(column.value for column in table.columns)])
    edges: NDArray[np.float64] = left + (right - left) * shares / shares[-1]
    return edges


def _row_edges(sheet: Sheet, table: TableText, xs: NDArray[np.float64], top: float) -> NDArray[np.float64]:
    """Rows as high as the cell in them with the most lines of text."""
    lines = [1] * table.n_rows
    for cell in table.cells:
        if cell.row_span == 1:
            lines[cell.row] = max(
                lines[cell.row], len(_wrapped(sheet, cell.text, xs[cell.col + cell.col_span] - xs[cell.col]))
            )
    heights = [(count - 1 + sheet.ruling.row_lines) * sheet.line_px for count in lines]
    edges: NDArray[np.float64] = top + np.cumsum([0.0, *heights])
    return edges


def _wrapped(sheet: Sheet, text: str, width: float) -> list[str]:
    """The text in lines that fit the width, where its words do."""
    font, lines = sheet.font(), list[str]()
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width - 2 * SIDE_SPACE * sheet.size_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _placed(cell: PlacedCell, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> PlacedCell:
    x1, x2 = float(xs[cell.col]), float(xs[cell.col + cell.col_span])
    y1, y2 = float(ys[cell.row]), float(ys[cell.row + cell.row_span])
    return cell._replace(polygon=((x1, y1), (x2, y1), (x2, y2), (x1, y2)))


def _draw_content(sheet: Sheet, cell: PlacedCell, *, is_heading: bool) -> None:
    """The cell's filling, and its text: in the middle, or at the left of a stub."""
    (x1, y1), _, (x2, y2), _ = cell.polygon
    paper = sheet.ruling.heading_fill if is_heading else 255
    sheet.draw.rectangle((x1, y1, x2, y2), fill=paper)
    lines = _wrapped(sheet, cell.text, x2 - x1)
    if not lines:
        return
    room = x2 - x1 - 2 * SIDE_SPACE * sheet.size_px
    longest = max(sheet.font().getlength(line) for line in lines)
    font = sheet.font(max(SMALLEST_PRINT, min(1.0, room / longest)))
    at_left = cell.col == 0 and not is_heading
    x, anchor = (x1 + SIDE_SPACE * sheet.size_px, "lm") if at_left else ((x1 + x2) / 2, "mm")
    for index, line in enumerate(lines):
        y = (y1 + y2) / 2 + (index - (len(lines) - 1) / 2) * sheet.line_px
        sheet.draw.text((x, y), line, fill=255 if paper < 128 else 0, font=font, anchor=anchor)


def _rule(sheet: Sheet, cells: Cells, box: Room) -> None:
    """The borders of all cells, and the table's own, which may be thicker or lack its sides."""
    left, top, right, bottom = box
    ruling = sheet.ruling
    for cell in cells:
        for begin, end in itertools.pairwise([*cell.polygon, cell.polygon[0]]):
            at_side = begin[0] == end[0] and begin[0] in (left, right)
            if not (at_side and ruling.open_sides):
                _draw_rule(sheet, (*begin, *end), ruling.thickness)
    if ruling.outer > ruling.thickness and not ruling.open_sides:
        sheet.draw.rectangle((left, top, right, bottom), outline=ruling.ink, width=ruling.outer)


def _draw_rule(sheet: Sheet, ends: Sequence[float], thickness: int) -> None:
    """A rule from one end to the other; a dashed one begins anew in each cell."""
    begin, end = np.array(ends[:2]), np.array(ends[2:])
    length = float(np.abs(end - begin).sum())
    if not sheet.ruling.dashed:
        sheet.draw.line((*begin, *end), fill=sheet.ruling.ink, width=thickness)
        return
    for at in np.arange(0.0, length, to_px(DASH_MM + GAP_MM)):
        dash = [begin + (end - begin) * min(1.0, place / length) for place in (at, at + to_px(DASH_MM))]
        sheet.draw.line((*dash[0], *dash[1]), fill=sheet.ruling.ink, width=thickness)
