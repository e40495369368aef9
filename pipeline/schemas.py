"""A document's rows -> the same rows, or an error that names what is wrong with them: nothing malformed lands.

The pandera schemas are derived from `tables.py`: types, nulls, values, keys and the rules of each row. What leads from
one table to another is checked between the tables of the document, as pandera sees one table at a time.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa
import pyarrow.compute as pc
from pandera.errors import SchemaErrors

from pipeline.columns import CELL_REFS, Column, Table
from pipeline.constraints import Constraint, Reference, Rule, RuleKind
from pipeline.errors import RowsMalformed
from pipeline.tables import ALL_TABLES, CELL_KEY

Holds: TypeAlias = "pd.Series[bool]"

KEY_REPEATS = "multiple_fields_uniqueness"
"""What pandera calls it."""
MAX_QUOTED = 80
"""Characters of a refused value that a message quotes."""
MAX_NAMED = 5
"""Violations that a message spells out; the first ones tell what is wrong."""


def check_rows(landing: Mapping[str, pa.Table]) -> None:
    """Check rows, as a rule one document's of every table, against the schemas.

    Args:
        landing: the rows by the name of their table; tables may be missing, their references are then not checked.

    Raises:
        RowsMalformed: naming tables, columns and rows, from 0.
    """
    violations = [
        *(text for name, rows in landing.items() for text in _violations(name, rows)),
        *(text for name in landing for text in _broken_references(ALL_TABLES[name], landing)),
    ]
    if violations:
        more = f"; and {len(violations) - MAX_NAMED} more" if len(violations) > MAX_NAMED else ""
        raise RowsMalformed("; ".join(violations[:MAX_NAMED]) + more)


@functools.cache
def schema_of(name: str) -> pa_pandas.DataFrameSchema:
    """The pandera schema of a landed table, for frames with Arrow's types (`types_mapper=pandas.ArrowDtype`).

    Raises:
        KeyError: when there is no such table.
    """
    table = ALL_TABLES[name]
    return pa_pandas.DataFrameSchema(
        {column.name: _column(column) for column in table.columns},
        checks=[_rule_check(rule) for rule in table.rules],
        unique=list(table.key) or None,
        strict=True,
        ordered=True,
        name=name,
    )


def _violations(name: str, rows: pa.Table) -> Iterator[str]:
    """What is wrong within a table, in words."""
    if not rows.num_rows:
        if not rows.schema.equals(ALL_TABLES[name].schema):
            yield f"{name}: no rows, and not the table's columns"
        return
    try:
        schema_of(name).validate(rows.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True), lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        repeated = cases["check"] == KEY_REPEATS
        for row in cases[repeated]["index"].drop_duplicates():
            yield f"{name}, row {int(row)}: its key repeats"
        for case in cases[~repeated].drop_duplicates(["column", "check", "index"]).itertuples():
            where = f"{name}.{case.column}" if case.column in rows.column_names else name
            row = "" if pd.isna(case.index) else f", row {int(case.index)}"
            yield f"{where}{row}: {str(case.failure_case)[:MAX_QUOTED]!r} fails {case.check!r}"


def _column(column: Column) -> pa_pandas.Column:
    checks = [] if column.check is None else [_check(column.check)]
    return pa_pandas.Column(pd.ArrowDtype(column.type), checks=checks, nullable=column.nullable)


def _check(constraint: Constraint) -> pa_pandas.Check:
    def check(values: pd.Series) -> bool | Holds:
        holds = _holds(pa.array(values), constraint)
        if pc.all(holds).as_py():
            return True  # the usual case: pandera need not look for the values that fail
        return pd.Series(holds.to_numpy(zero_copy_only=False), index=values.index)

    return pa_pandas.Check(check, name=constraint.words, error=constraint.words)


def _holds(values: pa.Array, constraint: Constraint) -> pa.Array:
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
    holds = pc.greater_equal(lengths, constraint.min_items)
    holds = pc.and_(holds, pc.equal(pc.bit_wise_and(lengths, constraint.items_in - 1), 0))
    if constraint.max_items is not None:
        holds = pc.and_(holds, pc.less_equal(lengths, constraint.max_items))
    items, lists = pc.list_flatten(values), pc.list_parent_indices(values)
    items = pc.struct_field(items, constraint.item_field) if constraint.item_field else items
    known = pc.is_valid(items)
    fine = _holds(items.filter(known), of_items)
    wrong = lists.filter(known).filter(pc.invert(fine))
    return pc.and_(holds, pc.invert(pc.is_in(pa.array(range(len(values)), lists.type), wrong)))


def _rule_check(rule: Rule) -> pa_pandas.Check:
    def check(frame: pd.DataFrame) -> bool | Holds:
        keeps = _keeps([pa.array(frame[name]) for name in rule.columns], rule.kind)
        if pc.all(keeps).as_py():
            return True
        return pd.Series(keeps.to_numpy(zero_copy_only=False), index=frame.index)

    return pa_pandas.Check(check, name=rule.sentence, error=rule.sentence)


def _keeps(columns: list[pa.Array], kind: RuleKind) -> pa.Array:
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
    values = zip(*(rows[name].to_pylist() for name in columns), strict=True)
    return (key for key in values if None not in key)
