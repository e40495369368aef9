"""LabelledTable, ProjectRows -> the fields of one project, each with the cells that it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.elements import CellReading
from pipeline.forms.labelled_table import LabelledTable
from pipeline.forms.profile_parts import Field, Grammar, Relation, Rows
from pipeline.forms.projects import ProjectRows
from pipeline.text import amount_unit, has_content, one_line


@dataclass(frozen=True, slots=True)
class FieldReading:
    """A field's text as read, its money unit as read, and its cells; no cells where the form has no place for it."""

    field: Field
    text: str | None
    unit: str | None
    cells: tuple[CellReading, ...]


def read_fields(table: LabelledTable, rows: ProjectRows) -> tuple[FieldReading, ...]:
    """Every field of the profile for one project, in the profile's order."""
    return tuple(_read(table, rows, field) for field in table.profile.fields)


def _read(table: LabelledTable, rows: ProjectRows, field: Field) -> FieldReading:
    cells = tuple(_cells(table, rows, field))
    text = _joined(cells)
    if field.relation is Relation.SAME_CELL and text is not None:
        text = text.replace("：", ":").partition(":")[2].strip()
    stated = table.label(field.unit_label or field.under or field.label)
    unit = (
        (amount_unit(text) or amount_unit(stated.text if stated else None)) if field.grammar is Grammar.AMOUNT else None
    )
    return FieldReading(field, text, unit, cells)


def _cells(table: LabelledTable, rows: ProjectRows, field: Field) -> Iterator[CellReading]:
    """The cells that hold a field, none of them a label."""
    label = table.label(field.label)
    if label is None:
        return
    if field.relation is Relation.SAME_CELL:
        yield label
        return
    seen: list[CellReading] = []
    for row, col in _slots(table, rows, field, label):
        reading = table.at(row, col)
        if reading is not None and reading not in seen and not table.is_label(reading):
            seen.append(reading)
    spoken = [reading for reading in seen if has_content(reading.text)]
    yield from spoken or seen[:1]


def _slots(table: LabelledTable, rows: ProjectRows, field: Field, label: CellReading) -> list[tuple[int, int]]:
    """The slots in which a field may stand."""
    cell = label.cell
    if field.relation is Relation.RIGHT_OF:
        under = table.label(field.under) if field.under else None
        if field.under is None:
            return [(cell.row, cell.col + cell.col_span)]
        return [(cell.row, under.cell.col)] if under else []
    if field.rows is Rows.PROJECT:
        return [(row, cell.col) for row in rows.of_leaves]
    if field.rows is Rows.GROUP:
        return [] if rows.group_row is None else [(rows.group_row, cell.col)]
    return [(cell.row + cell.row_span, cell.col)]


def _joined(cells: tuple[CellReading, ...]) -> str | None:
    """The cells' texts in reading order, a repeated one once; None where there is none, or ink that was not read."""
    texts = [reading.text for reading in cells if reading.text is not None]
    if not texts or len(texts) < len(cells):
        return None
    once: dict[str | None, str] = {}
    for text in texts:
        once.setdefault(one_line(text), text)
    return "\n".join(once.values())
