"""Dice -> the texts of a statistical table: headings over headings, stubs over several rows, marks and blanks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from benchmarks.structure_measures import Cells, PlacedCell

MARKS = ("x", "-", "*", "1", "0", "Y", "..", "+", "<1")
"""What statistics write for yes, none, a footnote, unknown."""
STUBS = ("Total", "Households", "Energy", "Transport", "Food", "Health", "Imports", "Exports", "Education", "Other")
HEADINGS = ("2009", "2010", "2011", "Change", "Share", "Male", "Female", "Q1", "Q2", "Index", "Rank", "All")
GROUPS = ("Annual rate", "Number of persons", "Per cent", "By region", "Estimates")
WORDS = (
    *("the", "rate", "of", "change", "was", "lower", "than", "in", "year", "before", "and", "remained", "within"),
    *("range", "that", "had", "been", "expected", "by", "most", "members", "committee", "while", "costs", "for"),
    *("services", "rose", "all", "regions", "as", "shown", "table", "below"),
)
FEWEST_ROWS, FEWEST_COLS = 2, 2


class Column(Enum):
    """What a column holds, and how wide it is beside the others."""

    STUB = 2.2
    MARKS = 0.45
    NUMBERS = 1.0
    TEXT = 2.4


class TableText(NamedTuple):
    """A table without places: its cells cover each of its slots once, the first `n_headings` rows are headings."""

    n_rows: int
    columns: tuple[Column, ...]
    n_headings: int
    cells: Cells


def sentence(dice: random.Random, words: int) -> str:
    """So many words that look like English."""
    return " ".join(dice.choices(WORDS, k=words)).capitalize()


def write_table(dice: random.Random, most_rows: int, most_cols: int) -> TableText:
    """A table of at most so many rows and columns, or of the fewest that make one."""
    n_cols = dice.randint(FEWEST_COLS, max(FEWEST_COLS, most_cols))
    kinds = dice.choices(
        (Column.MARKS, Column.NUMBERS, Column.TEXT), dice.choice(((1, 6, 0), (4, 3, 1), (0, 1, 1))), k=n_cols - 1
    )
    columns = (Column.STUB, *kinds)
    headings = list(_headings(dice, dice.choice((1, 2, 2)), columns))
    n_headings = max(cell.row for cell in headings) + 1
    if n_headings == 1:  # no two rows without a rule between them
        headings = [cell._replace(row_span=1) for cell in headings]
    n_body = dice.randint(FEWEST_ROWS, max(FEWEST_ROWS, most_rows - n_headings))
    cells = [*headings, *_body(dice, n_headings, n_body, columns)]
    return TableText(n_headings + n_body, columns, n_headings, tuple(sorted(cells)))


def _headings(dice: random.Random, n_rows: int, columns: tuple[Column, ...]) -> Iterator[PlacedCell]:
    """One row of headings, or two: groups above, what they join below, and columns of no group over both."""
    yield PlacedCell(0, 0, n_rows, 1, dice.choice(("", "Item", "Category", "Region")))
    col = 1
    while col < len(columns):
        span = dice.choice((1, 2, 2, 3, 4)) if n_rows == 2 else 1
        span = min(span, len(columns) - col)
        names = [_heading(dice, column) for column in columns[col : col + span]]
        if span == 1:
            yield PlacedCell(0, col, n_rows, 1, names[0])
        else:
            yield PlacedCell(0, col, 1, span, dice.choice(GROUPS))
            yield from (PlacedCell(1, col + index, 1, 1, name) for index, name in enumerate(names))
        col += span


def _heading(dice: random.Random, column: Column) -> str:
    return dice.choice(("A", "B", "I", "II", "1", "2")) if column is Column.MARKS else dice.choice(HEADINGS)


def _body(dice: random.Random, begin: int, n_rows: int, columns: tuple[Column, ...]) -> Iterator[PlacedCell]:
    """Rows of values; now and then a row that is one heading, or two or three rows under one stub."""
    blank, mark = dice.uniform(0.05, 0.5), dice.uniform(0.0, 0.4)
    with_sections, with_stubs = dice.random() < 0.3, dice.random() < 0.3
    row, end = begin, begin + n_rows
    while row < end:
        if with_sections and dice.random() < 0.2:
            yield PlacedCell(row, 0, 1, len(columns), f"{dice.choice(STUBS)} and {dice.choice(STUBS).lower()}")
            row += 1
            continue
        span = min(dice.choice((1, 2, 3)) if with_stubs else 1, end - row)
        yield PlacedCell(row, 0, span, 1, dice.choice(STUBS))
        for below in range(row, row + span):
            for col, column in enumerate(columns[1:], 1):
                yield PlacedCell(below, col, 1, 1, "" if dice.random() < blank else _value(dice, column, mark))
        row += span


def _value(dice: random.Random, column: Column, mark: float) -> str:
    if column is Column.TEXT:
        return sentence(dice, dice.randint(1, 9))
    if column is Column.MARKS or dice.random() < mark:
        return dice.choice(MARKS)
    return dice.choice((f"{dice.uniform(-20, 120):.1f}", f"{dice.randint(1, 99999):,}", f"{dice.randint(1, 99)}%"))
