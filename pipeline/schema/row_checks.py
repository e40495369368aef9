"""A document's rows -> the same rows, or an error that names what is wrong with them: nothing malformed lands.

What `tables.py` says of types, nulls, values, keys and of each row is asked of Arrow's columns; where the answer is no,
the pandera schemas (schemas.py) say where and what. What leads from one table to another is checked between the tables
of the document.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import RowsMalformed
from pipeline.schema.columns import CELL_REFS, Column, Table
from pipeline.schema.constraints import Constraint, Reference, RuleKind
from pipeline.schema.keys import CELL_KEY
from pipeline.schema.tables import ALL_TABLES

MAX_NAMED = 5
"""A message spells out so many violations: the first ones tell what is wrong."""


def check_rows(landing: Mapping[str, pa.Table]) -> None:
    """Check rows, as a rule one document's of every table, against the schemas.

    Args:
        landing: the rows by the name of their table; tables may be missing, their references are then not checked.

    Raises:
        RowsMalformed: naming tables, columns and rows, from 0.
    """
    malformed = [name for name, rows in landing.items() if not is_sound(ALL_TABLES[name], rows)]
    violations = [
        *(text for name in malformed for text in _violations(name, landing[name])),
        *(text for name in landing for text in _broken_references(ALL_TABLES[name], landing)),
    ]
    if violations:
        more = f"; and {len(violations) - MAX_NAMED} more" if len(violations) > MAX_NAMED else ""
        raise RowsMalformed("; ".join(violations[:MAX_NAMED]) + more)


def is_sound(table: Table, rows: pa.Table) -> bool:
    """Whether the rows are as their table's description says, what leads to other tables apart."""
    if not rows.schema.equals(table.schema):
        return False
    if not rows.num_rows:
        return True
    whole = rows.combine_chunks()
    columns = {name: whole[name].chunk(0) for name in whole.column_names}
    return (
        all(_column_is_sound(column, columns[column.name]) for column in table.columns)
        and all(pc.all(keeps([columns[name] for name in rule.columns], rule.kind)).as_py() for rule in table.rules)
        and (not table.key or len(set(_values(whole, table.key))) == whole.num_rows)
    )


def _column_is_sound(column: Column, values: pa.Array) -> bool:
    if values.null_count and not column.nullable:
        return False
    known = values.drop_null() if values.null_count else values
    return column.check is None or not len(known) or bool(pc.all(holds(known, column.check)).as_py())


def _violations(name: str, rows: pa.Table) -> list[str]:
    """What is wrong within a table that is not sound, in words."""
    from pipeline.schema.explanations import violations  # noqa: PLC0415 - pandera takes long to import, and is seldom asked

    if not rows.num_rows:
        return [f"{name}: no rows, and not the table's columns"]
    return list(violations(name, rows)) or [f"{name}: not as the table's description says"]


def holds(values: pa.Array, constraint: Constraint) -> pa.Array:
    """Which of the values, none of them null, are as the constraint says."""
    asked = []
    if constraint.allowed:
        asked.append(pc.is_in(values, pa.array(constraint.allowed)))
    if constraint.pattern is not None:
        asked.append(pc.match_substring_regex(values, f"^(?:{constraint.pattern})$"))
    if constraint.minimum is not None:
        asked.append(pc.greater_equal(values, constraint.minimum))
    if constraint.above is not None:
        asked.append(pc.greater(values, constraint.above))
    if constraint.maximum is not None:
        asked.append(pc.less_equal(values, constraint.maximum))
    if constraint.items is not None:
        asked.append(_lists_hold(values, constraint, constraint.items))
    return functools.reduce(pc.and_, asked)


def _lists_hold(values: pa.Array, constraint: Constraint, of_items: Constraint) -> pa.Array:
    """The same of lists: their lengths and each of their items."""
    lengths = pc.list_value_length(values)
    fit = pc.greater_equal(lengths, constraint.min_items)
    fit = pc.and_(fit, pc.equal(pc.bit_wise_and(lengths, constraint.items_in - 1), 0))
    if constraint.max_items is not None:
        fit = pc.and_(fit, pc.less_equal(lengths, constraint.max_items))
    items, lists = pc.list_flatten(values), pc.list_parent_indices(values)
    items = pc.struct_field(items, constraint.item_field) if constraint.item_field else items
    known = pc.is_valid(items)
    fine = holds(items.filter(known), of_items)
    wrong = lists.filter(known).filter(pc.invert(fine))
    return pc.and_(fit, pc.invert(pc.is_in(pa.array(range(len(values)), lists.type), wrong)))


def keeps(columns: list[pa.Array], kind: RuleKind) -> pa.Array:
    """Which rows keep a rule of this kind."""
    first, last = columns[0], columns[-1]
    if kind is RuleKind.IN_ORDER:
        return pc.fill_null(pc.less_equal(first, last), fill_value=True)
    if kind is RuleKind.ONLY_WITH:
        return pc.or_(pc.is_null(first), pc.is_valid(last))
    pairs = itertools.pairwise(columns)
    return functools.reduce(pc.and_, (pc.equal(pc.is_null(left), pc.is_null(right)) for left, right in pairs))


def _broken_references(table: Table, landing: Mapping[str, pa.Table]) -> Iterator[str]:
    """What leads nowhere, in words: references of the table's rows, and the cells that they rest on."""
    rows = landing[table.name]
    for reference in table.references:
        yield from _missing(table.name, _keys(rows, reference.columns), reference, landing)
    for column in table.columns:
        if column.type == CELL_REFS:
            refs = (tuple(ref.values()) for cells in rows[column.name].to_pylist() for ref in cells)
            to_cells = Reference((column.name,), "cells", CELL_KEY[1:])
            yield from _missing(f"{table.name}.{column.name}", refs, to_cells, landing)


def _missing(
    where: str, keys: Iterable[tuple[object, ...]], reference: Reference, landing: Mapping[str, pa.Table]
) -> Iterator[str]:
    wanted = dict.fromkeys(keys)
    if not wanted or reference.table not in landing:
        return
    known = set(_keys(landing[reference.table], reference.key))
    for key in wanted:
        if key not in known:
            named = ", ".join(f"{name} {value}" for name, value in zip(reference.key, key, strict=True))
            yield f"{where}: no row of {reference.table} has {named}"


def _keys(rows: pa.Table, columns: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    """The values of the columns in each row in which all are known."""
    return (key for key in _values(rows, columns) if None not in key)


def _values(rows: pa.Table, columns: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    """The values of the columns in each row."""
    return zip(*(rows[name].to_pylist() for name in columns), strict=True)
