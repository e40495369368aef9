"""A table's columns say the same to Arrow, to pandas and to the reader of the data dictionary."""

import io
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.schema.columns import CANDIDATES, DECIMAL, FLAG, INT, REALS, TEXT, TIME, Table, always, maybe
from pipeline.schema.constraints import Reference, between, together

PETS = Table(
    "pets",
    "pet",
    ("name",),
    (
        always("name", TEXT, "What it is called."),
        maybe("age", INT, "Age in years.", between(0, 30)),
        maybe("weight", DECIMAL, "Weight in kilograms."),
    ),
)


def as_pandas(names, ages):
    columns = [pa.array(names, TEXT), pa.array(ages, INT), pa.nulls(len(names), DECIMAL)]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, schema=PETS.schema), file)
    return pd.read_parquet(file)


def test_the_schema_carries_types_nulls_and_descriptions():
    name, age, weight = PETS.schema
    assert [(f.name, f.type, f.nullable) for f in (name, age, weight)] == [
        ("name", pa.string(), False),
        ("age", pa.int32(), True),
        ("weight", pa.decimal128(20, 6), True),
    ]
    assert name.metadata == {b"description": b"What it is called."}
    assert age.metadata == {b"description": b"Age in years.", b"values": b"0 to 30"}


@pytest.mark.parametrize(("names", "ages"), [(["Rex", "Ida"], [3, None]), (["Rex"], [3]), (["Rex"], [None]), ([], [])])
def test_pandas_keeps_whole_numbers_whole_whether_or_not_some_are_null(names, ages):
    frame = as_pandas(names, ages)
    assert str(frame["age"].dtype) == "Int32"
    assert frame["age"].tolist() == [pd.NA if age is None else age for age in ages]


def test_a_decimal_column_holds_a_hundredth_of_a_yuan_in_amounts_of_ten_thousand_yuan():
    assert pa.array([Decimal("0.01") / 10_000], DECIMAL).to_pylist() == [Decimal("0.000001")]


def test_the_data_dictionary_entry_names_key_types_and_meaning():
    assert PETS.markdown.splitlines() == [
        "## pets",
        "",
        "One row per pet. Key: `name`.",
        "",
        "| column | type | null | values | meaning |",
        "|---|---|---|---|---|",
        "| `name` | string |  |  | What it is called. |",
        "| `age` | int32 | yes | 0 to 30 | Age in years. |",
        "| `weight` | decimal(20, 6) | yes |  | Weight in kilograms. |",
    ]


def test_the_data_dictionary_entry_ends_with_what_holds_between_columns_and_tables():
    owner = Reference(("owner",), "people", ("name",))
    table = Table("pets", "pet", ("name",), PETS.columns, (together("age", "weight"),), (owner,))
    assert table.markdown.splitlines()[-3:] == [
        "",
        "- `age` and `weight` are null together.",
        "- `owner` → `name` of `people`.",
    ]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FLAG, "bool"),
        (TIME, "timestamp (UTC)"),
        (REALS, "list of float64"),
        (CANDIDATES, "list of {name: string, score: float64}"),
    ],
)
def test_types_are_named_as_analysts_know_them(kind, words):
    table = Table("t", "thing", (), (always("x", kind, "A thing."),))
    assert f"| `x` | {words} |  |  | A thing. |" in table.markdown


def test_a_table_without_a_key_says_that_rows_may_repeat():
    assert "No key: rows may repeat." in Table("t", "thing", (), PETS.columns).markdown
