"""Sound rows pass; each kind of malformed row is named by its table, column and row."""

import dataclasses
import math

import pandas as pd
import pyarrow as pa
import pytest
from filled_form import FORM, QUARANTINED, RUN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import RowsMalformed
from pipeline.landing.rows import rows
from pipeline.schema.columns import CELL_REFS
from pipeline.schema.explanations import schema_of
from pipeline.schema.row_checks import check_rows
from pipeline.schema.tables import ALL_TABLES, TABLES
from pipeline.settings.settings import LandingSettings

SOUND = rows(FORM, RUN, LandingSettings())


def changed(name, /, **values):
    """The sound rows with other values in the first row of a table."""
    records = SOUND[name].to_pylist()
    records[0] |= values
    return {**SOUND, name: pa.Table.from_pylist(records, schema=TABLES[name].schema)}


def complaint(landing):
    with pytest.raises(RowsMalformed) as caught:
        check_rows(landing)
    return str(caught.value)


@pytest.mark.parametrize("result", [FORM, QUARANTINED], ids=["read", "quarantined"])
def test_what_the_pipeline_makes_of_documents_is_sound(result):
    check_rows(rows(result, RUN, LandingSettings()))


@pytest.mark.parametrize("name", ALL_TABLES)
def test_every_table_has_a_schema_with_its_columns_types_nulls_and_key(name):
    schema = schema_of(name)
    frame = ALL_TABLES[name].schema.empty_table().to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
    assert list(schema.columns) == list(frame.columns)
    assert {column: kind.dtype.type for column, kind in schema.columns.items()} == dict(frame.dtypes)
    assert {column: kind.nullable for column, kind in schema.columns.items()} == {
        field.name: field.nullable for field in ALL_TABLES[name].schema
    }
    assert schema.unique == (list(ALL_TABLES[name].key) or None)


@pytest.mark.parametrize(
    ("name", "values", "named"),
    [
        ("cells", {"row_span": 0}, "cells.row_span, row 0: '0' fails '1 or more'"),
        ("cells", {"grid_confidence": 1.5}, "cells.grid_confidence, row 0: '1.5' fails '0 to 1'"),
        ("cells", {"confidence": math.inf}, "cells.confidence, row 0: 'inf' fails '0 to 1'"),
        ("cells", {"polygon": [0.0] * 6}, "cells.polygon, row 0: "),
        ("cells", {"polygon": [0.0] * 7 + [math.nan]}, "cells.polygon, row 0: "),
        ("cells", {"text_corrected": "x"}, "`text_corrected` and `correction_reason` are null together."),
        ("lines", {"polygon": [0.0] * 7}, "in pairs"),
        ("lines", {"kind": "heading"}, "lines.kind, row 0: 'heading' fails 'cell, title"),
        ("lines", {"row": 0}, "`table_index`, `row` and `col` are null together."),
        ("pages", {"dpi": 0.0}, "pages.dpi, row 0: '0.0' fails 'more than 0'"),
        ("pages", {"quarter_turns": 4}, "pages.quarter_turns"),
        ("pages", {"to_source": [1.0] * 8}, "pages.to_source, row 0"),
        ("projects", {"first_page": 2}, "`first_page` is at most `last_page`."),
        ("projects", {"fiscal_year": 23}, "projects.fiscal_year, row 0: '23' fails '1900 to 2999'"),
        ("indicators", {"comparator": "~"}, "indicators.comparator, row 0: '~' fails"),
        ("signatures", {"month": 13}, "signatures.month, row 0: '13' fails '1 to 12'"),
        ("signatures", {"day": None}, "`month` and `day` are null together."),
        ("signatures", {"year_source": None}, "`date_inferred` is null where `year_source` is."),
        ("signatures", {"candidates": [{"name": "何", "score": 2.0}]}, "each score 0 to 1"),
        ("documents", {"settings_sha256": "5E" * 32}, "documents.settings_sha256"),
        ("documents", {"models": [{"name": "rec", "sha256": "6f"}]}, "each sha256 64 hexadecimal digits"),
        ("documents", {"n_pages_landed": 3}, "`n_pages_landed` is at most `n_pages`."),
        ("documents", {"status": "lost"}, "documents.status, row 0: 'lost' fails"),
        ("findings", {"severity": "fatal"}, "findings.severity, row 0: 'fatal' fails"),
        ("findings", {"table_index": None}, "`row` is null where `table_index` is."),
    ],
)
def test_a_malformed_value_is_named_with_what_it_should_be(name, values, named):
    assert named in complaint(changed(name, **values))


@pytest.mark.parametrize(
    ("name", "values", "named"),
    [
        ("indicators", {"project_index": 7}, "indicators: no row of projects has document_id abab"),
        ("lines", {"page_number": 9}, "lines: no row of pages has document_id abab"),
        ("findings", {"page_number": 3}, "findings: no row of pages"),
        ("projects", {"last_page": 3}, "projects: no row of pages"),
        ("signatures", {"table_index": 0, "row": 5, "col": 0}, "signatures: no row of cells"),
        (
            "indicators",
            {"cells": [{"page_number": 1, "table_index": 0, "row": 0, "col": 9}]},
            "indicators.cells: no row of cells has page_number 1, table_index 0, row 0, col 9",
        ),
    ],
)
def test_what_leads_to_no_row_of_another_table_is_named(name, values, named):
    assert named in complaint(changed(name, **values))


def test_a_key_that_repeats_is_refused():
    doubled = pa.concat_tables([SOUND["projects"], SOUND["projects"]])
    assert (
        complaint({**SOUND, "projects": doubled})
        == "projects, row 0: its key repeats; projects, row 1: its key repeats"
    )


def test_findings_may_repeat():
    doubled = pa.concat_tables([SOUND["findings"], SOUND["findings"]])
    check_rows({**SOUND, "findings": doubled})


def test_columns_in_another_order_or_of_another_type_are_refused_even_without_rows():
    cells = SOUND["cells"]
    assert complaint({"cells": cells.select(cells.column_names[::-1])})
    assert complaint({"cells": cells.drop_columns(["role"]).slice(0, 0)})
    floats = cells.set_column(1, "page_number", cells["page_number"].cast(pa.float64()))
    assert "page_number" in complaint({"cells": floats})


def test_a_long_list_of_violations_is_cut_but_counted():
    records = [row | {"row_span": 0, "col_span": 0} for row in SOUND["cells"].to_pylist()]
    malformed = pa.Table.from_pylist(records, schema=TABLES["cells"].schema)
    assert complaint({**SOUND, "cells": malformed}).endswith("; and 1 more")


def test_cell_keys_are_followed_in_every_table_that_has_them():
    with_keys = {name for name, table in TABLES.items() if any(c.type == CELL_REFS for c in table.columns)}
    nowhere = [{"page_number": 1, "table_index": 0, "row": 99, "col": 0}]
    assert {"projects", "indicators"} <= with_keys
    for name in with_keys & {"projects", "indicators"}:
        assert f"{name}.cells: no row of cells" in complaint(changed(name, cells=nowhere))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(spans=st.lists(st.integers(-2, 4), min_size=3, max_size=3), share=st.none() | st.floats(-0.5, 1.5))
def test_rows_pass_exactly_when_every_value_is_within_its_bounds(spans, share):
    records = [
        row | {"row_span": span, "confidence": share}
        for row, span in zip(SOUND["cells"].to_pylist(), spans, strict=True)
    ]
    landing = {**SOUND, "cells": pa.Table.from_pylist(records, schema=TABLES["cells"].schema)}
    if min(spans) >= 1 and (share is None or 0 <= share <= 1):
        check_rows(landing)
    else:
        assert "cells." in complaint(landing)


def test_a_result_that_cannot_be_made_into_rows_is_malformed_too():
    too_large = dataclasses.replace(FORM.source, n_pages=2**40)
    with pytest.raises(RowsMalformed, match=r"documents\.n_pages must be int32"):
        rows(dataclasses.replace(FORM, source=too_large), RUN, LandingSettings())
