"""LabelledTable, Block -> the fields of one project, each with the cells that it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.elements import AmountPart, CellReading
from pipeline.forms.profiles import Field, FieldName, Grammar, Relation, Rows
from pipeline.forms.projects import Block
from pipeline.forms.recognition import LabelledTable
from pipeline.text import amount_unit, has_content, one_line, parse_amount


@dataclass(frozen=True, slots=True)
class FieldReading:
    """A field's text as read, its money unit as read, and its cells; no cells where the form has no place for it."""

    field: Field
    text: str | None
    unit: str | None
    cells: tuple[CellReading, ...]


def read_fields(table: LabelledTable, block: Block) -> tuple[FieldReading, ...]:
    """Every field of the profile for one project, in the profile's order."""
    return tuple(_read(table, block, field) for field in table.profile.fields)


def text_of(readings: tuple[FieldReading, ...], name: FieldName) -> str | None:
    """The text of a field as read; None where the form has no place for it, or where it could not be read."""
    return next((reading.text for reading in readings if reading.field.name is name), None)


def amount_of(
    readings: tuple[FieldReading, ...], name: FieldName, money_unit: str
) -> tuple[Decimal | None, str | None]:
    """A field's amount in 万元, and its unit as read.

    Args:
        readings: the fields of one project.
        name: the field.
        money_unit: the form's unit, used where none was read.
    """
    reading = next((reading for reading in readings if reading.field.name is name), None)
    if reading is None:
        return None, None
    return parse_amount(reading.text, reading.unit or money_unit), reading.unit


def amount_parts(readings: tuple[FieldReading, ...], money_unit: str) -> tuple[AmountPart, ...]:
    """The named shares of the amount, in 万元."""
    return tuple(
        AmountPart(reading.field.part, parse_amount(reading.text, reading.unit or money_unit))
        for reading in readings
        if reading.field.part is not None and reading.cells
    )


def _read(table: LabelledTable, block: Block, field: Field) -> FieldReading:
    cells = tuple(_cells(table, block, field))
    text = _joined(cells)
    if field.relation is Relation.SAME_CELL and text is not None:
        text = _after_colon(text)
    stated = table.label(field.unit_label or field.under or field.label)
    unit = (
        (amount_unit(text) or amount_unit(stated.text if stated else None)) if field.grammar is Grammar.AMOUNT else None
    )
    return FieldReading(field, text, unit, cells)


def _cells(table: LabelledTable, block: Block, field: Field) -> Iterator[CellReading]:
    """The cells that hold a field, none of them a label."""
    label = table.label(field.label)
    if label is None:
        return
    if field.relation is Relation.SAME_CELL:
        yield label
        return
    seen: list[CellReading] = []
    for row, col in _slots(table, block, field, label):
        reading = table.at(row, col)
        if reading is not None and reading not in seen and not table.is_label(reading):
            seen.append(reading)
    spoken = [reading for reading in seen if has_content(reading.text)]
    yield from spoken or seen[:1]


def _slots(table: LabelledTable, block: Block, field: Field, label: CellReading) -> list[tuple[int, int]]:
    """The slots in which a field may stand."""
    cell = label.cell
    if field.relation is Relation.RIGHT_OF:
        under = table.label(field.under) if field.under else None
        if field.under is None:
            return [(cell.row, cell.col + cell.col_span)]
        return [(cell.row, under.cell.col)] if under else []
    if field.rows is Rows.PROJECT:
        return [(row, cell.col) for row in block.rows]
    if field.rows is Rows.GROUP:
        return [] if block.group_row is None else [(block.group_row, cell.col)]
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


def _after_colon(text: str) -> str:
    return text.replace("：", ":").partition(":")[2].strip()
