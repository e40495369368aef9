"""A table and the cells of its form's labels -> where the form's fields and its hierarchy stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pipeline.elements import CellReading, TableReading
from pipeline.forms.label_likeness import before_colon, similarity
from pipeline.forms.profile_parts import FieldName, Relation
from pipeline.forms.profiles import Profile

Slots = dict[tuple[int, int], int]
"""(row, col) -> index of the cell that covers it."""


class FoundLabel(NamedTuple):
    """The cell of a label, and how alike the two are, 0-1: 0 for a label that was placed between its neighbours."""

    reading: CellReading
    similarity: float


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """A table whose labels were found by a profile.

    `labels` maps a label to the index of its cell in `table.cells`; `columns` likewise for the hierarchy's headers,
    left to right, empty when their row was not found; `share` is how much of the profile's labels was read, 0-1.
    """

    table: TableReading
    profile: Profile
    slots: Slots
    labels: dict[str, int]
    columns: tuple[int, ...]
    share: float

    def at(self, row: int, col: int) -> CellReading | None:
        """The reading of the cell that covers a slot; None outside the grid."""
        index = self.slots.get((row, col))
        return None if index is None else self.table.cells[index]

    def label(self, text: str | None) -> CellReading | None:
        """The cell of a label; None when it was not found."""
        index = self.labels.get(text or "")
        return None if index is None else self.table.cells[index]

    @property
    def all_labels(self) -> dict[str, int]:
        """The indices of the cells of all labels, the hierarchy's headers among them."""
        return self.labels | dict(zip(self.profile.hierarchy.headers, self.columns, strict=False))

    def find(self, label: str) -> FoundLabel | None:
        """The cell of a label, be it a header of the hierarchy, and how alike they are; None when it was not found."""
        index = self.labels.get(label, self.all_labels.get(label))
        if index is None:
            return None
        reading = self.table.cells[index]
        shared = any(one.label == label and one.relation is Relation.SAME_CELL for one in self.profile.fields)
        return FoundLabel(reading, similarity(before_colon(reading.text) if shared else reading.text, label))

    def is_label(self, reading: CellReading) -> bool:
        """Whether a cell is one of the labels."""
        cell = reading.cell
        index = self.slots[cell.row, cell.col]
        return index in self.columns or index in self.labels.values()

    def repeats_header(self, row: int) -> bool:
        """Whether a row below the hierarchy's headers reads like them: a header repeated, as where a page ended."""
        heads = zip(self.columns, self.profile.hierarchy.headers, strict=False)
        below = [(self.at(row, self.table.cells[index].cell.col), header) for index, header in heads]
        return bool(below) and all(one is not None and similarity(one.text, header) > 0 for one, header in below)

    @property
    def body_top(self) -> int:
        """The first row below the hierarchy's headers; the grid's end when they were not found."""
        if not self.columns:
            return self.table.grid.n_rows
        return max(cell.row + cell.row_span for cell in (self.table.cells[index].cell for index in self.columns))

    @property
    def note(self) -> CellReading | None:
        """The closing note: a cell that runs from edge to edge and begins like the form's."""
        wide = (reading for reading in self.table.cells if reading.cell.col_span == self.table.grid.n_cols)
        return next((reading for reading in wide if self.profile.is_note(reading.text)), None)

    @property
    def hierarchy_columns(self) -> tuple[int, ...]:
        """Columns of the levels, outermost first, and of the value; none where their headers were not found."""
        return tuple(self.table.cells[index].cell.col for index in self.columns)

    @property
    def project_columns(self) -> dict[FieldName, int]:
        """Columns of the fields that stand beside the indicators."""
        heads = ((entry.name, self.label(entry.label)) for entry in self.profile.fields if entry.is_beside_indicators)
        return {name: head.cell.col for name, head in heads if head is not None}

    @property
    def key_columns(self) -> dict[FieldName, int]:
        """Columns of the fields that tell one project from the next: those beside the indicators but the goals."""
        return {name: col for name, col in self.project_columns.items() if name is not FieldName.GOALS}

    @property
    def field_rows(self) -> frozenset[int]:
        """Rows in which a label stands beside its value, or in one cell with it: no header, whatever they look like."""
        beside = (entry.label for entry in self.profile.fields if entry.relation is not Relation.BELOW)
        labels = (self.label(label) for label in beside)
        return frozenset(label.cell.row for label in labels if label is not None)
