"""LabelledTable -> TableLayout: where the parts of a form stand in it, and what the fields of its projects say."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from decimal import Decimal

from pipeline.elements import AmountPart
from pipeline.forms.fields import FieldReading, read_fields
from pipeline.forms.indicators import Leaf, find_leaves
from pipeline.forms.labelled_table import LabelledTable
from pipeline.forms.profile_parts import FieldName
from pipeline.forms.projects import find_projects, group_rows
from pipeline.text import parse_amount


@dataclass(frozen=True, slots=True)
class Block:
    """One project of a table: its leaves, the row that names what it belongs to, and its fields.

    A form without indicators has no leaves; the fields are all of the profile's, in its order. `money_unit` is the
    form's, for amounts beside which no unit was read.
    """

    leaves: tuple[Leaf, ...]
    group_row: int | None
    fields: tuple[FieldReading, ...]
    money_unit: str

    def text(self, name: FieldName) -> str | None:
        """The text of a field as read; None where the form has no place for it, or where it could not be read."""
        reading = self._field(name)
        return reading.text if reading else None

    def unit(self, name: FieldName) -> str | None:
        """The money unit that was read beside a field."""
        reading = self._field(name)
        return reading.unit if reading else None

    def amount(self, name: FieldName) -> Decimal | None:
        """A field's amount in 万元; None where it is none."""
        return parse_amount(self.text(name), self.unit(name) or self.money_unit)

    def amount_parts(self) -> tuple[AmountPart, ...]:
        """The named shares of the amount, in 万元."""
        return tuple(
            AmountPart(reading.field.part, parse_amount(reading.text, reading.unit or self.money_unit))
            for reading in self.fields
            if reading.field.part is not None and reading.cells
        )

    def _field(self, name: FieldName) -> FieldReading | None:
        return next((reading for reading in self.fields if reading.field.name is name), None)


@dataclass(frozen=True, slots=True)
class TableLayout:
    """The parts of a form in one of its tables: the projects from top to bottom, at least one.

    `group_rows` are the rows that name what the projects below them belong to.
    """

    table: LabelledTable
    blocks: tuple[Block, ...]
    group_rows: tuple[int, ...]

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The leaves of all projects, top to bottom."""
        return tuple(leaf for block in self.blocks for leaf in block.leaves)


def lay_out_table(table: LabelledTable, seams: Set[int] = frozenset()) -> TableLayout:
    """Find a form's projects in a table, with their indicators and fields.

    Args:
        table: the table, labelled.
        seams: rows at which a page begins, but the first.
    """
    leaves = find_leaves(table, seams)
    groups = group_rows(table, leaves)
    blocks = (
        Block(rows.leaves, rows.group_row, read_fields(table, rows), table.profile.money_unit)
        for rows in find_projects(table, leaves, groups)
    )
    return TableLayout(table, tuple(blocks), groups)
