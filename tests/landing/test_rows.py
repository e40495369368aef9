"""The rows of each table are a literal copy of what was read: exact, complete and in order."""

import dataclasses
import datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filled_form import (
    BEGIN,
    DOCUMENT_ID,
    END,
    FORM,
    GRID,
    IDENTITY,
    INDICATOR,
    NOTHING,
    PAGE,
    PROJECT,
    QUARANTINED,
    RUN,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.elements import (
    CellReading,
    CellRef,
    Correction,
    Finding,
    LineKind,
    Severity,
    TableReading,
    Target,
    TextLine,
)
from pipeline.landing.rows import rows
from pipeline.settings.settings import LandingSettings

CROPS = LandingSettings()
LATER = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
NEXT_RUN = dataclasses.replace(RUN, run_id="run-2", started_at=LATER, finished_at=LATER)


def records(name, result=FORM, run=RUN, settings=CROPS):
    """Rows of a table without their document_id."""
    return rows(result, run, settings)[name].drop_columns("document_id").to_pylist()


def test_every_row_starts_with_the_document_id():
    for name, table in rows(FORM, RUN, CROPS).items():
        assert table.column_names[0] == "document_id", name
        assert set(table["document_id"].to_pylist()) == {DOCUMENT_ID}, name


def test_a_document_lands_as_one_row_with_its_run():
    assert records("documents") == [
        {
            "source_name": "a.pdf",
            "byte_size": 1234,
            "media_type": "application/pdf",
            "n_pages": 2,
            "n_pages_landed": 1,
            "n_findings": 1,
            "status": "partial",
            "error_code": None,
            "error_message": None,
            "n_failed_runs": 0,
            "unit_name": "县政府办",
            "fiscal_year": 2023,
            "signatories": ["贺成才"],
            "settings_sha256": "5e" * 32,
            "pipeline_version": "0.1.0",
            "models": [{"name": "rec", "sha256": "6f" * 32}],
            "run_id": "run-1",
            "started_at": BEGIN,
            "finished_at": END,
        }
    ]
    assert records("sources") == [{"source_path": "/scans/a.pdf", "first_seen": BEGIN}]


def test_a_page_row_joins_its_reading_and_its_form_and_a_lost_page_has_nulls_for_what_is_unknown():
    assert records("pages") == [
        {
            "page_number": 1,
            "width_px": 500,
            "height_px": 400,
            "dpi": 200.0,
            "dpi_source": "file",
            "quarter_turns": 1,
            "skew_deg": -0.5,
            "to_source": list(IDENTITY),
            "form_type": "budget_project_targets",
            "form_score": 0.92,
            "form_runner_up": "goal_declaration",
            "form_runner_up_score": 0.64,
            "title": "绩效目标公开表",
            "n_tables": 1,
            "n_cells": 3,
            "mean_confidence": 0.5,
            "signature_status": "signed",
            "status": "landed",
            "error_code": None,
        },
        {
            "page_number": 2,
            "width_px": None,
            "height_px": None,
            "dpi": None,
            "dpi_source": None,
            "quarter_turns": 0,
            "skew_deg": 0.0,
            "to_source": list(IDENTITY),
            "form_type": None,
            "form_score": None,
            "form_runner_up": None,
            "form_runner_up_score": None,
            "title": None,
            "n_tables": 0,
            "n_cells": 0,
            "mean_confidence": None,
            "signature_status": "unsure",
            "status": "quarantined",
            "error_code": "CORRUPT",
        },
    ]


def test_lines_outside_tables_come_first_and_a_cells_lines_carry_its_key():
    assert records("lines") == [
        {
            "page_number": 1,
            "line_index": 0,
            "text": "绩效目标公开表",
            "confidence": 0.97,
            "polygon": [100.0, 10.0, 300.0, 10.0, 300.0, 40.0, 100.0, 40.0],
            "kind": "title",
            "table_index": None,
            "row": None,
            "col": None,
        },
        {
            "page_number": 1,
            "line_index": 1,
            "text": "产出指标",
            "confidence": 0.9,
            "polygon": [12.0, 52.0, 60.0, 52.0, 60.0, 70.0, 12.0, 70.0],
            "kind": "cell",
            "table_index": 0,
            "row": 0,
            "col": 0,
        },
    ]


def test_cells_land_with_roles_and_corrections_and_blank_differs_from_unreadable():
    cells = records("cells")
    assert cells[0] == {
        "page_number": 1,
        "table_index": 0,
        "row": 0,
        "col": 0,
        "row_span": 1,
        "col_span": 1,
        "text": "产出指标",
        "text_corrected": None,
        "correction_reason": None,
        "confidence": 0.9,
        "grid_confidence": 0.99,
        "polygon": [10.0, 50.0, 100.0, 50.0, 100.0, 90.0, 10.0, 90.0],
        "role": "level1",
        "under_seal": False,
        "options": None,
    }
    assert [c["grid_confidence"] for c in cells[1:]] == [0.98, 0.97]
    assert [(c["text"], c["text_corrected"], c["correction_reason"], c["under_seal"]) for c in cells[1:]] == [
        ("", None, None, False),
        (None, "≥15次", "vocabulary", True),
    ]


def test_a_project_lands_with_exact_amounts_and_the_cells_it_rests_on():
    assert records("projects") == [
        {
            "project_index": 0,
            "first_page": 1,
            "last_page": 1,
            "form_type": "budget_project_targets",
            "title": "绩效目标公开表",
            "fiscal_year": 2023,
            "parent_code": None,
            "unit_code": "101001",
            "unit_name": "县政府办",
            "department": None,
            "project_name": "办公经费",
            "amount": Decimal("15.5"),
            "amount_text": "15.5",
            "amount_unit_read": "万元",
            "amount_parts": [{"name": "财政拨款", "amount": Decimal("15.5")}, {"name": "其他资金", "amount": None}],
            "total": None,
            "total_text": None,
            "goals": ["目标1", "目标2"],
            "goals_text": "目标1目标2",
            "note": "",
            "confidence": 0.9,
            "needs_review": True,
            "cells": [{"page_number": 1, "table_index": 0, "row": 0, "col": 0}],
        }
    ]


def test_an_indicator_lands_with_its_ancestors_and_its_parsed_target():
    assert records("indicators") == [
        {
            "project_index": 0,
            "page_number": 1,
            "table_index": 0,
            "row": 0,
            "unit_code": "101001",
            "unit_name": "县政府办",
            "project_name": "办公经费",
            "level1": "产出指标",
            "level2": "数量指标",
            "level3": "会议次数",
            "target_text": "≥15次",
            "comparator": "≥",
            "target_number": Decimal(15),
            "target_unit": "次",
            "confidence": 0.9,
            "needs_review": False,
            "cells": [
                {"page_number": 1, "table_index": 0, "row": 0, "col": 0},
                {"page_number": 1, "table_index": 0, "row": 0, "col": 2},
            ],
        }
    ]


def test_a_row_of_a_table_lands_with_its_path_and_its_values_under_their_headers():
    assert records("rows") == [
        {
            "page_number": 1,
            "table_index": 0,
            "row": 0,
            "path": ["产出指标", "", None],
            "path_headers": ["一级指标", None, None],
            "values": [{"header": "绩效指标 › 指标值", "text": "≥15次"}, {"header": None, "text": None}],
            "confidence": 0.9,
            "needs_review": False,
            "cells": [
                {"page_number": 1, "table_index": 0, "row": 0, "col": 0},
                {"page_number": 1, "table_index": 0, "row": 0, "col": 2},
            ],
        }
    ]


def test_a_signature_lands_with_its_candidates_and_its_crop():
    assert records("signatures") == [
        {
            "page_number": 1,
            "signature_index": 0,
            "name": "贺成才",
            "name_read": "贺成オ",
            "name_source": "roster",
            "name_confidence": 0.8,
            "candidates": [{"name": "贺成才", "score": 0.8}, {"name": "贺成材", "score": 0.1}],
            "printed_name": "贺成才",
            "role": "负责人",
            "date_text": "3.30",
            "date_confidence": 0.9,
            "month": 3,
            "day": 30,
            "date": None,
            "date_inferred": datetime.date(2023, 3, 30),
            "year_source": "form",
            "confidence": 0.95,
            "polygon": [400.0, 5.0, 480.0, 5.0, 480.0, 30.0, 400.0, 30.0],
            "table_index": None,
            "row": None,
            "col": None,
            "crop_png": b"\x89PNG",
        }
    ]


def test_crops_stay_away_when_the_settings_say_so():
    assert records("signatures", settings=LandingSettings(signature_crops=False))[0]["crop_png"] is None


def test_a_stamp_lands_with_its_text_and_its_crop():
    assert records("stamps") == [
        {
            "page_number": 1,
            "stamp_index": 0,
            "colour": "red",
            "shape": "round",
            "text": "县政府办公室",
            "confidence": 0.97,
            "polygon": [300.0, 200.0, 340.0, 240.0, 300.0, 280.0, 260.0, 240.0],
            "crop_png": b"\x89PNG",
        }
    ]
    assert records("stamps", settings=LandingSettings(signature_crops=False))[0]["crop_png"] is None


def test_a_finding_lands_with_its_place():
    assert records("findings") == [
        {
            "page_number": 1,
            "project_index": 0,
            "table_index": 0,
            "row": 0,
            "col": 0,
            "rule": "level_outside_vocabulary",
            "severity": "warning",
            "message": "No such level.",
            "found": "产出指标",
            "expected": "满意度指标",
        }
    ]


@pytest.mark.parametrize("number", ["0.1234567", "100000000000000", "NaN", "1E+40"])
def test_a_number_that_its_column_cannot_hold_exactly_lands_as_null_with_a_finding(number):
    indicator = dataclasses.replace(INDICATOR, target=Target("=", Decimal(number), None))
    interpretation = dataclasses.replace(FORM.interpretation, indicators=(indicator,))
    result = dataclasses.replace(FORM, interpretation=interpretation)
    finding = records("findings", result)[-1]
    assert records("indicators", result)[0]["target_number"] is None
    assert (finding["rule"], finding["found"], finding["page_number"], finding["row"]) == (
        "number_not_storable",
        str(Decimal(number)),
        1,
        0,
    )
    assert records("documents", result)[0]["n_findings"] == 2


@pytest.mark.parametrize("number", ["2.3", "1000", "0.000001", "99999999999999.999999", "-1E+3", "1.50000000000"])
def test_a_number_that_fits_lands_exactly(number):
    project = dataclasses.replace(PROJECT, amount=Decimal(number))
    interpretation = dataclasses.replace(FORM.interpretation, projects=(project,))
    assert records("projects", dataclasses.replace(FORM, interpretation=interpretation))[0]["amount"] == Decimal(number)


def test_a_confidence_that_is_not_a_number_is_unknown():
    page = dataclasses.replace(PAGE, lines=(dataclasses.replace(PAGE.lines[0], confidence=float("nan")),))
    assert records("lines", dataclasses.replace(FORM, pages=(page,)))[0]["confidence"] is None


def test_a_cell_without_four_corners_is_refused():
    cell = dataclasses.replace(GRID.cells[0], polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    grid = dataclasses.replace(GRID, n_cols=1, cells=(cell,))
    page = dataclasses.replace(PAGE, tables=(TableReading(grid, (CellReading(cell, "", None, ()),)),))
    with pytest.raises(ValueError, match="four corners, got 3"):
        rows(dataclasses.replace(FORM, pages=(page,)), RUN, CROPS)


def test_a_row_that_lacks_a_required_value_is_refused_by_name():
    indicator = dataclasses.replace(INDICATOR, needs_review=None)
    interpretation = dataclasses.replace(FORM.interpretation, indicators=(indicator,))
    with pytest.raises(ValueError, match=r"indicators\.needs_review must not be null"):
        rows(dataclasses.replace(FORM, interpretation=interpretation), RUN, CROPS)


@pytest.mark.parametrize("run_id", ["", "../up", "a/b", "x" * 65])
def test_a_run_id_that_cannot_name_a_file_is_refused(run_id):
    with pytest.raises(ValueError, match="run_id"):
        dataclasses.replace(RUN, run_id=run_id)


def test_times_without_a_zone_are_refused():
    with pytest.raises(ValueError, match="time zone"):
        dataclasses.replace(RUN, started_at=datetime.datetime(2026, 1, 1))


# --- round trips ------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
confidences = st.none() | st.floats(0, 1)
corners = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=4, max_size=4).map(tuple)
indexes = st.none() | st.integers(0, 2**31 - 1)
lines = st.builds(TextLine, texts, confidences, corners, st.sampled_from(LineKind), indexes, indexes, indexes)
findings = st.builds(
    Finding,
    rule=texts,
    severity=st.sampled_from(Severity),
    message=texts,
    page_number=indexes,
    project_index=indexes,
    table_index=indexes,
    row=indexes,
    col=indexes,
    found=st.none() | texts,
    expected=st.none() | texts,
)


def through_parquet(table):
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return pq.read_table(pa.BufferReader(sink.getvalue())).drop_columns("document_id").to_pylist()


@settings(max_examples=40)
@given(st.lists(findings, max_size=4))
def test_findings_come_back_as_they_were(given_findings):
    result = dataclasses.replace(QUARANTINED, findings=tuple(given_findings))
    back = through_parquet(rows(result, RUN, CROPS)["findings"])
    assert [Finding(**(row | {"severity": Severity(row["severity"])})) for row in back] == given_findings


@settings(max_examples=40)
@given(st.lists(lines, max_size=4))
def test_lines_come_back_as_they_were_and_in_order(given_lines):
    page = dataclasses.replace(PAGE, lines=tuple(given_lines), tables=())
    back = through_parquet(rows(dataclasses.replace(FORM, pages=(page,)), RUN, CROPS)["lines"])
    assert [row.pop("line_index") for row in back] == list(range(len(given_lines)))
    assert {row.pop("page_number") for row in back} <= {1}
    polygons = [np.reshape(row.pop("polygon"), (-1, 2)).tolist() for row in back]
    assert polygons == [[list(point) for point in line.polygon] for line in given_lines]
    again = [TextLine(polygon=line.polygon, **row) for line, row in zip(given_lines, back, strict=True)]
    assert again == given_lines


@settings(max_examples=40)
@given(text=st.none() | texts, correction=st.none() | st.builds(Correction, texts, texts), role=st.none() | texts)
def test_a_cells_text_comes_back_as_it_was_with_null_and_blank_apart(text, correction, role):
    ref, grid = CellRef(1, 0, 0, 0), dataclasses.replace(GRID, n_cols=1, cells=GRID.cells[:1])
    page = dataclasses.replace(PAGE, tables=(TableReading(grid, (CellReading(GRID.cells[0], text, 0.5, ()),)),))
    meaning = dataclasses.replace(
        NOTHING,
        roles={} if role is None else {ref: role},
        corrections={} if correction is None else {ref: correction},
    )
    result = dataclasses.replace(FORM, pages=(page,), interpretation=meaning)
    (row,) = through_parquet(rows(result, RUN, CROPS)["cells"])
    back = None if row["text_corrected"] is None else Correction(row["text_corrected"], row["correction_reason"])
    assert (row["text"], back, row["role"]) == (text, correction, role)


def test_the_boxes_of_a_cell_land_as_its_options():
    page = FORM.pages[0]
    table = page.tables[0]
    boxed = dataclasses.replace(table.cells[0], text="☑新购□更新")
    tables = (dataclasses.replace(table, cells=(boxed, *table.cells[1:])),)
    form = dataclasses.replace(FORM, pages=(dataclasses.replace(page, tables=tables), *FORM.pages[1:]))
    assert [cell["options"] for cell in records("cells", form)] == [
        [{"label": "新购", "checked": True}, {"label": "更新", "checked": False}],
        None,
        None,
    ]
