"""LabelledTable -> its rows that hold an indicator, each with the cells above it in the hierarchy.

A leaf's ancestors are the cells that cover its row. Only in a table that merges no cells of its levels does a blank one
take the entry above it, and the leaf says so: `Leaf.blanks`.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from pipeline.elements import CellReading
from pipeline.forms.labelled_table import LabelledTable
from pipeline.forms.profiles import Profile
from pipeline.text import has_content, one_line


@dataclass(frozen=True, slots=True)
class Leaf:
    """A row with an indicator: its level cells, outermost first, and its value; None where no cell can be one.

    `blanks` are the level cells of the row itself, by depth from 0, that were left blank and take the entry above.
    """

    row: int
    levels: tuple[CellReading | None, ...]
    value: CellReading
    blanks: tuple[tuple[int, CellReading], ...] = ()

    @property
    def rows(self) -> range:
        """The rows that its name and its value cover together, from its own on."""
        cells = [reading.cell for reading in (self.levels[-1], self.value) if reading is not None]
        return range(self.row, max(cell.row + cell.row_span for cell in cells))

    def words(self) -> tuple[str | None, ...]:
        """The texts of its levels, on one line."""
        return tuple(one_line(cell.text) if cell else None for cell in self.levels)


def find_leaves(table: LabelledTable, seams: Set[int] = frozenset()) -> tuple[Leaf, ...]:
    """The rows that hold an indicator, top to bottom: those where a last level or a value begins and says something.

    Args:
        table: the table, labelled.
        seams: rows at which a page begins, but the first.
    """
    bare = _bare_leaves(table)
    if any(_is_merged(cell, leaf, seams) for leaf in bare for cell in leaf.levels[:-1] if cell is not None):
        return tuple(bare)
    leaves: list[Leaf] = []
    for leaf in bare:
        leaves.append(_filled(table, leaves[-1], leaf) if leaves else leaf)
    return tuple(leaves)


def misplaced(table: LabelledTable, row: int) -> CellReading | None:
    """A cell that begins in a row and stands where its text cannot: the row's cells may have shifted.

    That is a word of one level in the column of another, of the value or of a project's field, or any text right of
    the hierarchy in a column without a header. A name may be a word of the level above it, if that level is not blank.
    """
    *levels, value = table.hierarchy_columns
    heads = table.table.cells[table.columns[-1]].cell
    for col in range(table.table.grid.n_cols):
        reading = table.at(row, col)
        if reading is None or (reading.cell.row, reading.cell.col) != (row, col) or not has_content(reading.text):
            continue
        word = one_line(reading.text)
        if col in levels:
            depth = levels.index(col)
            parent = table.at(row, levels[depth - 1]) if depth else None
            named = depth == len(levels) - 1 and parent is not None and has_content(parent.text)
            elsewhere = frozenset() if named else _other_words(table.profile, depth)
        elif col == value or col in table.project_columns.values():
            elsewhere = _other_words(table.profile, None)
        else:
            elsewhere = frozenset()
            header = table.at(heads.row, col)
            if col > value and reading.cell.col_span == 1 and header is not None and header.text == "":
                return reading
        if word in elsewhere:
            return reading
    return None


def _other_words(profile: Profile, depth: int | None) -> frozenset[str]:
    """The words of closed levels that may not stand at a depth; all of them where it is None."""
    levels = profile.hierarchy.levels
    own = levels[depth].words() if depth is not None else None
    return frozenset(word for level in levels for word in level.words() or ()) - (own or frozenset())


def _bare_leaves(table: LabelledTable) -> list[Leaf]:
    if not table.columns:
        return []
    *levels, value = table.hierarchy_columns
    leaves = []
    for row in range(table.body_top, table.table.grid.n_rows):
        target = _inside(table, row, value)
        ancestors = tuple(_inside(table, row, level) for level in levels)
        last = ancestors[-1]
        if target is None or last is None or last is target or table.repeats_header(row):
            continue
        begins = row in (target.cell.row, last.cell.row)
        if begins and (has_content(target.text) or has_content(last.text)):
            leaves.append(Leaf(row, ancestors, target))
    return leaves


def _inside(table: LabelledTable, row: int, col: int) -> CellReading | None:
    """The cell at a slot of the hierarchy; None when it reaches into the headers or out of the hierarchy's columns."""
    reading = table.at(row, col)
    left = table.table.cells[table.columns[0]].cell.col
    if reading is None or reading.cell.col < left or reading.cell.row < table.body_top:
        return None
    return reading


def _is_merged(cell: CellReading, leaf: Leaf, seams: Set[int]) -> bool:
    """Whether a level's cell covers more than one leaf, but for one on the next page."""
    first, end = cell.cell.row, cell.cell.row + cell.cell.row_span
    return end - first - sum(first < seam < end for seam in seams) > len(leaf.rows)


def _filled(table: LabelledTable, above: Leaf, leaf: Leaf) -> Leaf:
    """The leaf with the entries above it in the columns that were left blank, where nothing speaks against them."""
    last = leaf.levels[-1]
    whole = last is not None and has_content(last.text) and has_content(leaf.value.text)
    if not whole or above.rows.stop != leaf.row or misplaced(table, leaf.row) or _begins_project(table, leaf.row):
        return leaf
    levels, blanks = list(leaf.levels), []
    for depth, own in enumerate(leaf.levels[:-1]):
        entry = above.levels[depth]
        if own is not None and entry is not None and _left_blank(above, leaf, depth):
            levels[depth] = entry
            blanks.append((depth, own))
        elif one_line(own.text if own else None) != above.words()[depth]:
            break
    filled = replace(leaf, levels=tuple(levels), blanks=tuple(blanks))
    return filled if _is_allowed(table.profile, filled.words()) else leaf


def _left_blank(above: Leaf, leaf: Leaf, depth: int) -> bool:
    """Whether a level's cell is blank, below an entry of the same column."""
    own, entry = leaf.levels[depth], above.levels[depth]
    if own is None or entry is None or has_content(own.text) or not has_content(entry.text):
        return False
    return (own.cell.col, own.cell.col_span) == (entry.cell.col, entry.cell.col_span)


def _begins_project(table: LabelledTable, row: int) -> bool:
    """Whether a cell of a project's own begins in a row, and says something else than the one above it."""
    for col in table.key_columns.values():
        here, above = table.at(row, col), table.at(row - 1, col)
        named = here is not None and here is not above and has_content(here.text)
        if named and (here is None or above is None or one_line(here.text) != one_line(above.text)):
            return True
    return False


def _is_allowed(profile: Profile, words: Sequence[str | None]) -> bool:
    """Whether each word may stand under the word of the level above it."""
    pairs = zip(profile.hierarchy.levels, words, (None, *words), strict=False)
    return all(word is None or level.allows(word, above) for level, word, above in pairs)
