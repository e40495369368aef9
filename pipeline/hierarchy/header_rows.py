"""A part of a table -> the rows that head its columns, found by where cells end and by what they say, never by a form.

A header's cells all end at one line, say something, are no quantities, and the columns that they make go on below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pipeline.elements import Cell, CellReading, TableReading
from pipeline.text import half_width, has_content, one_line, parse_target

MAX_HEADER_ROWS = 4
"""Headers of more rows were not seen; what spans more rows heads rows, not columns."""

MIN_ROWS_BELOW = 0.5
"""Half of the rows below must keep to the header's columns: totals and notes run across them."""

MIN_COLUMNS_NAMED = 0.75
"""The header must tell three quarters of the columns below apart: a label beside a long value names fewer."""

MAX_HEADING_LETTERS = 40
"""Longer texts are sentences; the longest heading seen has 26."""

JOINT = " › "
"""The texts of a header over several rows are merged by this sign, from top to bottom, as paths are written."""

_YEAR = re.compile(r"(?:19|20)\d\d年?(?:度)?")


@dataclass(frozen=True, slots=True)
class Region:
    """Rows `top` to `bottom` and columns `left` to `right` of a table, the last ones not included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Header:
    """The rows `top` to `bottom` (not included) that head columns, and their cells."""

    top: int
    bottom: int
    cells: tuple[CellReading, ...]

    def of(self, reading: CellReading) -> str | None:
        """What stands above a cell: the texts of the header cells as wide as it or wider, merged from top to bottom."""
        cell = reading.cell
        above = sorted(
            (head for head in self.cells if head.cell.col <= cell.col and _right(cell) <= _right(head.cell)),
            key=lambda head: head.cell.row,
        )
        texts = (one_line(head.text) for head in above if head.text and has_content(head.text))
        return JOINT.join(text for text in texts if text) or None

    @property
    def texts(self) -> tuple[tuple[int, int, str | None], ...]:
        """Where its cells stand, without their rows' number, and what they say."""
        return tuple((head.cell.row - self.top, head.cell.col, one_line(head.text)) for head in self.cells)


@dataclass(frozen=True, slots=True)
class Slots:
    """A table's cells by the slots that they cover, and for each row the columns at which its cells begin.

    `field_rows` are those in which a known form has labels beside their values: no header, whatever they look like.
    """

    cells: Mapping[tuple[int, int], CellReading]
    begins: tuple[frozenset[int], ...]
    field_rows: frozenset[int] = frozenset()

    @classmethod
    def of(cls, table: TableReading, field_rows: frozenset[int] = frozenset()) -> Slots:
        """The slots of a table."""
        cells = {slot: reading for reading in table.cells for slot in reading.cell.slots()}
        columns = range(table.grid.n_cols)
        begins = (frozenset(cells[row, col].cell.col for col in columns) for row in range(table.grid.n_rows))
        return cls(cells, tuple(begins), field_rows)

    def at(self, row: int, col: int) -> CellReading:
        """The cell that covers a slot."""
        return self.cells[row, col]

    def across(self, row: int, left: int, right: int) -> list[CellReading]:
        """The cells that cover a row between two columns, left to right, each once."""
        cells: list[CellReading] = []
        for col in range(left, right):
            if not cells or cells[-1] is not self.at(row, col):
                cells.append(self.at(row, col))
        return cells

    def block(self, region: Region) -> Iterator[CellReading]:
        """The cells that begin in a region's rows, in reading order."""
        for row in range(region.top, region.bottom):
            yield from (one for one in self.across(row, region.left, region.right) if one.cell.row == row)

    def edges(self, row: int, region: Region) -> frozenset[int]:
        """The columns at which a cell of the row begins, the region's first left out."""
        return frozenset(col for col in self.begins[row] if region.left < col < region.right)

    def all_edges(self, region: Region) -> frozenset[int]:
        """The columns at which a cell of any row of the region begins."""
        return frozenset[int]().union(*(self.edges(row, region) for row in range(region.top, region.bottom)))

    def parts(self, row: int, region: Region) -> bool:
        """Whether no cell of the region crosses the line above a row."""
        return all(self.at(row, col) is not self.at(row - 1, col) for col in range(region.left, region.right))


def find_header(slots: Slots, region: Region) -> Header | None:
    """The header at the top of a region; None where its first rows head nothing.

    Args:
        slots: the table.
        region: a part of it that no cell leaves upwards or downwards.
    """
    best: Header | None = None
    for bottom in range(region.top + 1, min(region.top + MAX_HEADER_ROWS, region.bottom - 1) + 1):
        if bottom - 1 in slots.field_rows:
            break
        if not slots.parts(bottom, region):
            continue
        block = replace(region, bottom=bottom)
        cells = tuple(slots.block(block))
        if not _are_headings(cells, region) or not _are_one(slots, block) or not _heads(slots, region, bottom):
            continue
        if best is None or slots.edges(bottom - 1, region) > slots.edges(best.bottom - 1, region):
            best = Header(region.top, bottom, cells)
    return best


def is_quantity(text: str | None) -> bool:
    """Whether a cell holds a number, with or without unit; a year or a month names a column as well as a word does."""
    plain = half_width(text or "")
    return parse_target(plain).comparator is not None and not _YEAR.fullmatch(plain)


def _right(cell: Cell) -> int:
    return cell.col + cell.col_span


def _are_headings(cells: tuple[CellReading, ...], region: Region) -> bool:
    """Whether cells are texts side by side; blank may be the corner, and what stands below another heading.

    Below a heading, whole numbers are names as well, as the days of a month are.
    """
    first = [one for one in cells if one.cell.row == region.top and one.cell.col > region.left]
    if not first or not all(has_content(one.text) for one in first):
        return False
    return not any(_is_no_heading(one.text, below=one.cell.row > region.top) for one in cells)


def _is_no_heading(text: str | None, *, below: bool) -> bool:
    plain = half_width(text or "")
    if "。" in plain or len(plain) > MAX_HEADING_LETTERS:
        return True
    return is_quantity(text) and not (below and plain.isdecimal())


def _are_one(slots: Slots, block: Region) -> bool:
    """Whether rows of headings belong together: the lower ones name parts of wider cells above them alone.

    Where a line divides the rows, the lower ones must name every such part, with words.
    """
    for row in range(block.top + 1, block.bottom):
        divided = slots.parts(row, block)
        for one in slots.across(row, block.left, block.right):
            says = one.cell.row == row and has_content(one.text)
            is_part = slots.at(row - 1, one.cell.col).cell.col_span > one.cell.col_span
            if (says and not is_part) or (divided and ((is_part and not says) or is_quantity(one.text))):
                return False
    return True


def _heads(slots: Slots, region: Region, bottom: int) -> bool:
    """Whether the rows below keep to the columns that the rows above `bottom` make."""
    named = slots.edges(bottom - 1, region)
    below = [slots.edges(row, region) for row in range(bottom, region.bottom)]
    ruled = [edges for edges in below if edges]  # a cell from edge to edge is a note or a heading between rows
    if not ruled:
        return False
    found = frozenset[int]().union(*ruled)
    keeping = sum(named <= edges for edges in ruled)
    return keeping >= MIN_ROWS_BELOW * len(ruled) and len(named) + 1 >= MIN_COLUMNS_NAMED * (len(found) + 1)
