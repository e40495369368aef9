"""What Arrow's columns are asked is what pandera asks, only faster; test_schemas.py has the words for what is wrong."""

import json
import subprocess
import sys

import pyarrow as pa
import pytest
from filled_form import FORM, QUARANTINED, RUN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import RowsMalformed
from pipeline.landing.rows import rows
from pipeline.schema.explanations import violations
from pipeline.schema.row_checks import check_rows, is_sound
from pipeline.schema.tables import TABLES
from pipeline.settings.settings import LandingSettings

SOUND = rows(FORM, RUN, LandingSettings())
FILLED = [name for name in SOUND if SOUND[name].num_rows]
PLAIN = st.none() | st.integers(-2, 3) | st.floats(-1, 2) | st.booleans()
VALUES = PLAIN | st.sampled_from(["", "read", "landed", "甲"])


@pytest.mark.parametrize("result", [FORM, QUARANTINED], ids=["read", "quarantined"])
def test_what_the_pipeline_makes_of_documents_is_sound(result):
    assert all(is_sound(TABLES[name], own) for name, own in rows(result, RUN, LandingSettings()).items())


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_rows_are_sound_exactly_where_pandera_has_nothing_against_them(data):
    name = data.draw(st.sampled_from(FILLED))
    table = TABLES[name]
    column = data.draw(st.sampled_from(table.columns)).name
    records = SOUND[name].to_pylist()
    row = data.draw(st.integers(0, len(records) - 1))
    records[row][column] = data.draw(VALUES | st.just(records[0][column]))
    try:
        changed = pa.Table.from_pylist(records, schema=table.schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return  # no value of the column's type at all
    assert is_sound(table, changed) == (not list(violations(name, changed)))


def test_a_table_of_another_type_without_anything_else_wrong_is_refused():
    marked = SOUND["cells"].replace_schema_metadata({"made": "elsewhere"})
    check_rows({**SOUND, "cells": marked})
    place = SOUND["cells"].schema.get_field_index("row")
    cast = SOUND["cells"].set_column(place, "row", SOUND["cells"]["row"].cast(pa.int64()))
    with pytest.raises(RowsMalformed, match="cells"):
        check_rows({**SOUND, "cells": cast})


def test_landing_and_reading_what_landed_do_not_wait_for_pandera():
    check = "import json, sys, pipeline.landing.landing; print(json.dumps('pandera' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) is False
