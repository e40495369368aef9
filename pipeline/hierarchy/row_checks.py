"""MergedTable, its blocks -> doubts about its rows: entries that cover too much, rows that shifted, text left over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.elements import CellReading, CellRef, FindingRule
from pipeline.forms import Block, FieldName, LabelledTable, Leaf, TableLayout, misplaced
from pipeline.hierarchy.merged_table import MergedTable
from pipeline.hierarchy.row_doubt import RowDoubt
from pipeline.text import has_content, one_line


def doubt_rows(merged: MergedTable, layout: TableLayout) -> Iterator[RowDoubt]:
    """What is doubtful about a table's rows, infos of its page breaks included.

    Args:
        merged: the table.
        layout: its projects and their leaves.
    """
    yield from merged.doubts
    table, blocks, leaves = merged.table, layout.blocks, layout.leaves
    for leaf in leaves:
        for depth, own in leaf.blanks:
            level = table.profile.hierarchy.levels[depth].header
            yield RowDoubt(FindingRule.STUB_LEFT_BLANK, leaf.row, _first(merged, own), leaf.words()[depth], level)
    straddling = [*_straddling(table, leaves)]
    for row, reading, header in straddling:
        yield RowDoubt(FindingRule.LEVEL_STRADDLES, row, _first(merged, reading), reading.text, header)
    for row, reading in _left_over(layout):
        yield RowDoubt(FindingRule.ROW_WITHOUT_INDICATOR, row, _first(merged, reading), reading.text)
    starts = [block.leaves[0].row for block in blocks if block.leaves]
    for start, end, block in zip(starts, [*starts[1:], table.table.grid.n_rows], blocks, strict=False):
        cell = next(_misplaced_cells(table, block, range(start, end), [reading for _, reading, _ in straddling]), None)
        if cell is not None:
            yield from (
                RowDoubt(FindingRule.ROWS_SHIFTED, leaf.row, found=one_line(cell.text)) for leaf in block.leaves
            )


def _first(merged: MergedTable, reading: CellReading) -> CellRef:
    return merged.refs([reading])[0]


def _straddling(table: LabelledTable, leaves: Sequence[Leaf]) -> Iterator[tuple[int, CellReading, str]]:
    """Level cells that cover rows of several entries of the level to their left, or of several projects."""
    if not leaves:
        return
    *levels, _ = table.hierarchy_columns
    name = table.key_columns.get(FieldName.PROJECT_NAME)
    heads = [level.header for level in table.profile.hierarchy.levels]
    outer_columns = [name, *levels[:-1]]
    for outer, col, head in zip(outer_columns, levels, heads, strict=True):
        inner = {id(cell): cell for row in _body(table) if (cell := table.at(row, col)) is not None}
        for cell in inner.values():
            rows = range(max(cell.cell.row, table.body_top), cell.cell.row + cell.cell.row_span)
            if (
                outer is not None
                and len(_entries(table, rows, outer)) > 1
                and cell.cell.col_span < table.table.grid.n_cols
            ):
                yield cell.cell.row, cell, head


def _entries(table: LabelledTable, rows: range, col: int) -> set[str | None]:
    """What the cells of a column say in some rows."""
    cells = (table.at(row, col) for row in rows)
    return {one_line(cell.text) for cell in cells if cell is not None and has_content(cell.text)}


def _left_over(layout: TableLayout) -> Iterator[tuple[int, CellReading]]:
    """The first cell of each row that says something where the form has nothing: no indicator, unit, label or note."""
    table = layout.table
    if not layout.leaves:
        return
    known = {row for leaf in layout.leaves for row in leaf.rows} | set(layout.group_rows)
    known |= {cell.cell.row for cell in table.table.cells if table.is_label(cell)}
    known |= {row for row in _body(table) if table.repeats_header(row)}
    for row in _body(table):
        begun = (table.at(row, col) for col in range(table.table.grid.n_cols))
        said = [cell for cell in begun if cell is not None and cell.cell.row == row and has_content(cell.text)]
        if row not in known and said and said[0].cell.col_span < table.table.grid.n_cols:
            yield row, said[0]


def _body(table: LabelledTable) -> range:
    return range(table.body_top, table.table.grid.n_rows)


def _misplaced_cells(
    table: LabelledTable, block: Block, rows: range, straddling: Sequence[CellReading]
) -> Iterator[CellReading]:
    """The cells of a project's rows that stand where their text cannot, or that only stand under another entry."""
    yield from (cell for row in rows if (cell := misplaced(table, row)) is not None)
    for leaf in block.leaves:
        for level, cell, above in zip(table.profile.hierarchy.levels, leaf.levels, (None, *leaf.words()), strict=False):
            word = one_line(cell.text) if cell is not None else None
            if cell is None or word is None or any(cell is other for other in straddling):
                continue
            if level.allows(word, None) and not level.allows(word, above):
                yield cell
