"""LabelledTable, its leaves -> which rows belong to one project and one unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.elements import CellReading
from pipeline.forms.indicators import Leaf
from pipeline.forms.labelled_table import LabelledTable
from pipeline.forms.profile_parts import Field, FieldName, Relation, Rows
from pipeline.text import has_content, one_line


@dataclass(frozen=True, slots=True)
class ProjectRows:
    """The rows of one project; `group_row` names what it belongs to. A form without indicators has no leaves."""

    leaves: tuple[Leaf, ...]
    group_row: int | None

    @property
    def of_leaves(self) -> tuple[int, ...]:
        """The rows in which its leaves begin."""
        return tuple(leaf.row for leaf in self.leaves)


def find_projects(table: LabelledTable, leaves: Sequence[Leaf], groups: Sequence[int]) -> tuple[ProjectRows, ...]:
    """The projects of a table, top to bottom.

    A project begins where the cell of the project's name begins, unless it repeats the project above. A form whose
    fields stand outside the indicators' rows holds one project; so does a form on which no indicator was found.

    Args:
        table: the table, labelled.
        leaves: its rows that hold an indicator.
        groups: its rows that name a group.
    """
    key = _column(table, Rows.PROJECT, FieldName.PROJECT_NAME)
    runs: list[list[Leaf]] = []
    last: CellReading | None = None
    for leaf in leaves:
        named = table.at(leaf.row, key.cell.col) if key else None
        begins = named is not None and named is not last and has_content(named.text)
        if not runs or (begins and not _repeats_project(table, runs[-1], leaf.row)):
            runs.append([])
        runs[-1].append(leaf)
        last = named
    return tuple(ProjectRows(tuple(run), _group_of(run, groups)) for run in runs or [[]])


def _repeats_project(table: LabelledTable, run: Sequence[Leaf], row: int) -> bool:
    """Whether the cells beside a row say the same as those beside the project above it, or nothing."""
    for name, col in table.project_columns.items():
        here = table.at(row, col)
        if here is None or (not has_content(here.text) and name is not FieldName.PROJECT_NAME):
            continue
        said = (table.at(leaf.row, col) for leaf in run)
        texts = {one_line(cell.text) for cell in said if cell is not None and has_content(cell.text)}
        if here.text is None or texts != {one_line(here.text)}:
            return False
    return True


def _column(table: LabelledTable, rows: Rows, preferred: FieldName) -> CellReading | None:
    """The label that heads the cells which name a project or a group: the preferred field's, else the first's."""
    entries: Sequence[Field] = [entry for entry in table.profile.fields if entry.rows is rows]
    named = [entry for entry in entries if entry.name is preferred]
    heads = (table.label(entry.label) for entry in (*named, *entries))
    return next((head for head in heads if head is not None), None)


def group_rows(table: LabelledTable, leaves: Sequence[Leaf]) -> tuple[int, ...]:
    """The rows below the headers that name a group: no indicator, no goals, no label of a value beside it, no note."""
    key = _column(table, Rows.GROUP, FieldName.UNIT_NAME)
    if key is None:
        return ()
    grid = table.table.grid
    goals = table.project_columns.get(FieldName.GOALS)
    beside = [table.label(entry.label) for entry in table.profile.fields if entry.relation is Relation.RIGHT_OF]
    taken = {label.cell.row for label in beside if label is not None}
    for leaf in leaves:
        cell = table.at(leaf.row, key.cell.col)
        taken.update(range(cell.cell.row, cell.cell.row + cell.cell.row_span) if cell else ())
    rows = []
    for row in range(key.cell.row + key.cell.row_span, grid.n_rows):
        cell = table.at(row, key.cell.col)
        if cell is None or row in taken or cell.cell.row != row or cell.cell.col_span == grid.n_cols:
            continue
        aims = table.at(row, goals) if goals is not None else None
        if has_content(cell.text) and not (aims is not None and aims is not cell and has_content(aims.text)):
            rows.append(row)
    return tuple(rows)


def _group_of(run: Sequence[Leaf], groups: Sequence[int]) -> int | None:
    """The last group above a project's rows; the first of all where none is above."""
    above = [row for row in groups if run and row < run[0].row]
    return above[-1] if above else next(iter(groups), None)
