"""The tables' description -> pandera schemas, and what they say against rows, in words.

They are derived from `tables.py`: types, nulls, values, keys and the rules of each row, which are asked as soundness.py
asks them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TypeAlias

import pandas as pd
import pandera.pandas as pa_pandas
import pyarrow as pa
import pyarrow.compute as pc
from pandera.errors import SchemaErrors

from pipeline.schema.columns import Column
from pipeline.schema.constraints import Constraint, Rule
from pipeline.schema.row_checks import holds, keeps
from pipeline.schema.tables import ALL_TABLES

Holds: TypeAlias = "pd.Series[bool]"

KEY_REPEATS = "multiple_fields_uniqueness"
"""Pandera calls a key that comes twice so."""
MAX_QUOTED = 80
"""A message quotes so many characters of a refused value, so that it stays a line."""


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


def violations(name: str, rows: pa.Table) -> Iterator[str]:
    """What is wrong with a table's rows, in words; at least one row."""
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
        held = holds(pa.array(values), constraint)
        if pc.all(held).as_py():
            return True  # pandera need not look for the values that fail
        return pd.Series(held.to_numpy(zero_copy_only=False), index=values.index)

    return pa_pandas.Check(check, name=constraint.words, error=constraint.words)


def _rule_check(rule: Rule) -> pa_pandas.Check:
    def check(frame: pd.DataFrame) -> bool | Holds:
        kept = keeps([pa.array(frame[name]) for name in rule.columns], rule.kind)
        if pc.all(kept).as_py():
            return True
        return pd.Series(kept.to_numpy(zero_copy_only=False), index=frame.index)

    return pa_pandas.Check(check, name=rule.sentence, error=rule.sentence)
