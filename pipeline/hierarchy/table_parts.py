"""A table -> its parts: the header that heads each, the stubs beside it, and where the values begin.

What covers several rows at the left heads them (a stub), rows that head columns are found by `header_rows.py`, and the
rest are values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.elements import CellReading, TableReading
from pipeline.forms import LabelledTable
from pipeline.hierarchy.header_rows import Header, Region, Slots, find_header, is_quantity
from pipeline.text import half_width, has_content


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a table that are read alike.

    `ancestors` are the stubs beside all of them, which lie left of the region; columns before `stubs_end` are stubs,
    the others values. `region` begins below the header; rows that are `left_out` repeat it.
    """

    region: Region
    ancestors: tuple[CellReading, ...]
    header: Header | None
    stubs_end: int
    left_out: frozenset[int] = frozenset()

    @property
    def heading(self) -> tuple[object, ...] | None:
        """What parts have in common that go on from page to page; None without a header."""
        return (self.region.left, self.region.right, self.header.texts) if self.header else None


def find_parts(table: TableReading, known: LabelledTable | None = None) -> tuple[Part, ...]:
    """The parts of a table, top to bottom.

    Of a table whose form is known, the profile says which row ends the header and which columns are stubs; a table of
    another form is divided by what it is.

    Args:
        table: any table, its cells read.
        known: the same with the labels of its form; None where its form is unknown.
    """
    if known is not None:
        heads = [head for head in map(known.label, known.profile.header_row) if head is not None]
        return (_hierarchy(known, heads),) if known.columns else _parts_of_form(known, heads)
    grid = table.grid
    return tuple(_parts(Slots.of(table), Region(0, grid.n_rows, 0, grid.n_cols), ()))


def _hierarchy(known: LabelledTable, heads: Sequence[CellReading]) -> Part:
    """The list of a form whose levels and values are known: what stands above it are fields."""
    grid, top = known.table.grid, known.body_top
    columns = [known.table.cells[index] for index in known.columns]
    last_level = columns[-2].cell
    beside = [
        one for one in known.table.cells if one.cell.col >= last_level.col and one.cell.row + one.cell.row_span == top
    ]
    header = Header(0, top, tuple(dict.fromkeys((*heads, *columns, *beside))))
    repeated = frozenset(row for row in range(top, grid.n_rows) if known.repeats_header(row))
    stubs_end = last_level.col + last_level.col_span
    return Part(Region(top, grid.n_rows, 0, grid.n_cols), (), header, stubs_end, repeated)


def _parts_of_form(known: LabelledTable, heads: Sequence[CellReading]) -> tuple[Part, ...]:
    """The parts of a form without levels: labels beside values head nothing, a header row that it names does."""
    grid = known.table.grid
    slots = Slots.of(known.table, known.field_rows)
    whole = Region(0, grid.n_rows, 0, grid.n_cols)
    top = min((head.cell.row for head in heads), default=0)
    bottom = max((head.cell.row + head.cell.row_span for head in heads), default=0)
    divided = all(row in (0, grid.n_rows) or slots.parts(row, whole) for row in (top, bottom))
    if not heads or not divided or bottom == grid.n_rows:
        return tuple(_parts(slots, whole, ()))
    header = find_header(slots, replace(whole, top=top)) or Header(top, bottom, tuple(heads))
    above = _parts(slots, replace(whole, bottom=top), ()) if top else ()
    return (*above, _part(slots, replace(whole, top=header.bottom), (), header))


def _parts(slots: Slots, region: Region, ancestors: tuple[CellReading, ...]) -> Iterator[Part]:
    """The parts of a region, whose left stubs are peeled off before its header is looked for."""
    region, ancestors = _peeled(slots, region, ancestors)
    top = region.top
    while top < region.bottom:
        rest = replace(region, top=top)
        header = _first_header(slots, rest)
        if header is not None:
            yield _part(slots, replace(rest, top=header.bottom), ancestors, header)
            return
        if ancestors:  # what stands beside a stub is one list, whether or not it has a header
            yield _part(slots, rest, ancestors, None)
            return
        band, *alike = _bands_alike(slots, rest)
        if alike:
            band = replace(band, bottom=alike[-1].bottom)
            yield _part(slots, band, (), None)
        else:
            yield from _parts_of_band(slots, band)
        top = band.bottom


def _first_header(slots: Slots, region: Region) -> Header | None:
    """The header at the top of a region, unless rows below it are a better one: then it is labels beside values."""
    header = find_header(slots, region)
    if header is None:
        return None
    named = slots.edges(header.bottom - 1, region)
    if named == slots.all_edges(region):
        return header
    for top, bottom in _lines_across(slots, replace(region, top=header.bottom)):
        inner, _ = _peeled(slots, replace(region, top=top, bottom=bottom), ())
        below = replace(inner, bottom=region.bottom) if inner.left == region.left else inner
        other = find_header(slots, below)
        if other and slots.edges(other.bottom - 1, below) > {edge for edge in named if edge > below.left}:
            return None
    return header


def _lines_across(slots: Slots, region: Region) -> Iterator[tuple[int, int]]:
    """The rows of a region from one line across it to the next: where they begin and where they end."""
    lines = [row for row in range(region.top + 1, region.bottom) if slots.parts(row, region)]
    return pairwise([region.top, *lines, region.bottom])


def _parts_of_band(slots: Slots, band: Region) -> Iterator[Part]:
    if _peeled(slots, band, ())[1]:
        yield from _parts(slots, band, ())
    else:
        yield _part(slots, band, (), None)


def _bands_alike(slots: Slots, region: Region) -> list[Region]:
    """The first rows of a region up to a line across it, and those below with the same columns and no header."""
    bands: list[Region] = []
    for top, bottom in _lines_across(slots, region):
        band = replace(region, top=top, bottom=bottom)
        if bands and (_kind(slots, band) != _kind(slots, bands[0]) or _first_header(slots, replace(region, top=top))):
            break
        bands.append(band)
    return bands


def _kind(slots: Slots, band: Region) -> tuple[frozenset[int], bool]:
    """The columns of some rows, and whether labels stand beside their values there."""
    return slots.all_edges(band), not slots.field_rows.isdisjoint(range(band.top, band.bottom))


def _peeled(slots: Slots, region: Region, ancestors: tuple[CellReading, ...]) -> tuple[Region, tuple[CellReading, ...]]:
    """A region without the stubs at its left that cover all of its rows, and those stubs."""
    while region.bottom - region.top > 1:
        first = slots.at(region.top, region.left).cell
        right = first.col + first.col_span
        if right >= region.right or first.row > region.top or first.row + first.row_span < region.bottom:
            break
        ancestors = (*ancestors, slots.at(region.top, region.left))
        region = replace(region, left=right)
    return region, ancestors


def _part(slots: Slots, region: Region, ancestors: tuple[CellReading, ...], header: Header | None) -> Part:
    repeated = _repeated(slots, region, header)
    body = _Body(slots, region, [row for row in range(region.top, region.bottom) if row not in repeated])
    return Part(region, ancestors, header, _stubs_end(body, bool(ancestors), header is not None), repeated)


def _repeated(slots: Slots, region: Region, header: Header | None) -> frozenset[int]:
    """The rows below a header that read like it, as where a long table was pasted together; never all of them."""
    if header is None:
        return frozenset()
    height = header.bottom - header.top
    rows: set[int] = set()
    for top in range(region.top, region.bottom - height + 1):
        again = replace(region, top=top, bottom=top + height)
        if Header(top, top + height, tuple(slots.block(again))).texts == header.texts:
            rows.update(range(top, top + height))
    return frozenset(rows) if len(rows) < region.bottom - region.top else frozenset()


@dataclass(frozen=True, slots=True)
class _Body:
    """The rows of a part without those that repeat its header."""

    slots: Slots
    region: Region
    rows: Sequence[int]

    def column(self, col: int) -> list[CellReading]:
        """The cells that cover a column, each once; cells from edge to edge left out."""
        cells: list[CellReading] = []
        for row in self.rows:
            one = self.slots.at(row, col)
            if one not in cells[-1:] and one.cell.col_span < self.region.right - self.region.left:
                cells.append(one)
        return cells


def _stubs_end(body: _Body, below_stub: bool, headed: bool) -> int:
    """The first column of values: right of the merged stubs and of the column of names that they lead to."""
    left, right = body.region.left, body.region.right
    names = left
    while names < right and _is_merged(body, names):
        names += 1
    if names == left and not (below_stub or headed):
        return left
    while names + 1 < right and _is_numbering(body, names):
        names += 1
    named = names + 1 < right and not _are_quantities(body, names)
    return names + 1 if named else max(names, min(left + headed, right - 1))


def _is_merged(body: _Body, col: int) -> bool:
    """Whether a column has cells over several rows, each of them beside one cell of the column before."""
    cells = body.column(col)
    before = body.column(col - 1) if col > body.region.left else []
    inside = all(any(_holds(outer, inner) for outer in before) for inner in cells) or not before
    return inside and any(one.cell.row_span > 1 for one in cells)


def _is_numbering(body: _Body, col: int) -> bool:
    """Whether a column numbers the rows: 1, 2, 3 and so on, or codes in the first column."""
    texts = [half_width(one.text or "") for one in body.column(col) if one.cell.col_span == 1]
    written = [text for text in texts if text]
    if not written or not all(text.isdecimal() for text in written):
        return False
    numbers = [int(text) for text in written]
    if col == body.region.left:
        return len(set(numbers)) == len(numbers)
    return len(numbers) > 1 and all(later == earlier + 1 for earlier, later in pairwise(numbers))


def _are_quantities(body: _Body, col: int) -> bool:
    """Whether most of what a column says are quantities."""
    texts = [one.text for one in body.column(col) if one.cell.col == col and has_content(one.text)]
    return sum(map(is_quantity, texts)) > len(texts) / 2


def _holds(outer: CellReading, inner: CellReading) -> bool:
    """Whether a cell covers all rows of another."""
    begins, ends = outer.cell.row, outer.cell.row + outer.cell.row_span
    return begins <= inner.cell.row and inner.cell.row + inner.cell.row_span <= ends
