"""Evaluation: landed tables beside hand-written truth, with figures worked out by hand."""

from __future__ import annotations

import json
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.errors import NothingLanded, TruthAmbiguous
from pipeline.evaluate import as_json, as_markdown, evaluate, worst_pages
from pipeline.evaluate.landed import COLUMNS
from pipeline.schema.tables import TABLES

SCHEMAS = {
    "documents": {"document_id": pa.string(), "source_name": pa.string()},
    "pages": {"page_number": pa.int32(), "title": pa.string(), "status": pa.string()},
    "cells": {
        **dict.fromkeys(("page_number", "table_index", "row", "col", "row_span", "col_span"), pa.int32()),
        **{"text": pa.string(), "text_corrected": pa.string(), "role": pa.string()},
        **{"confidence": pa.float64(), "grid_confidence": pa.float64(), "polygon": pa.list_(pa.float64())},
    },
    "projects": {
        "first_page": pa.int32(),
        **dict.fromkeys(("unit_name", "unit_code", "project_name"), pa.string()),
        **dict.fromkeys(("amount_text", "total_text", "goals_text"), pa.string()),
    },
    "indicators": {
        "page_number": pa.int32(),
        **dict.fromkeys(("level1", "level2", "level3", "target_text", "comparator"), pa.string()),
        "target_number": pa.decimal128(20, 4),
    },
    "findings": {
        **dict.fromkeys(("page_number", "table_index", "row", "col"), pa.int32()),
        "severity": pa.string(),
    },
    "signatures": {
        **{"page_number": pa.int32(), "name": pa.string(), "date_text": pa.string()},
        "polygon": pa.list_(pa.float64()),
    },
}


def square(left, top, right, bottom):
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def dewarped(polygon, dx=0, dy=0):
    return [number for x, y in polygon for number in (float(x + dx), float(y + dy))]


HEADER, NAME, TARGET = square(0, 0, 20, 10), square(0, 10, 10, 20), square(10, 10, 20, 20)
TRUTH = {
    "n_rows": 2,
    "n_cols": 2,
    "cells": [
        {"row": 0, "col": 0, "row_span": 1, "col_span": 2, "text": "标题", "polygon": HEADER},
        {"row": 1, "col": 0, "row_span": 1, "col_span": 1, "text": "数量", "polygon": NAME},
        {"row": 1, "col": 1, "row_span": 1, "col_span": 1, "text": "≥3期", "polygon": TARGET},
    ],
    "signature": {
        **{"name": "王五", "date": "3.30"},
        **{"name_polygon": square(100, 0, 110, 10), "date_polygon": square(110, 0, 120, 10)},
    },
    "record": {
        **{"title": "某表", "project": "培训经费", "amount": "12.5", "unit_name": None},
        "indicators": [
            {"level1": "产出", "level2": "数量", "level3": "培训", "value": "≥3期"},
            {"level1": "产出", "level2": "质量", "level3": "合格率", "value": "优"},
        ],
    },
}


def cell(*place, **columns):
    numbers = dict(zip(("row", "col", "row_span", "col_span"), place, strict=True))
    return {"page_number": 1, "table_index": 0, "grid_confidence": 0.9, "polygon": [0.0] * 8, **numbers, **columns}


LANDED = {
    "documents": [{"source_name": "a-clean.jpg"}],
    "pages": [{"page_number": 1, "title": "某 表", "status": "landed"}],
    "cells": [
        cell(0, 0, 1, 2, text="标题", confidence=0.95, polygon=dewarped(HEADER, 3, 4)),
        cell(
            1, 0, 1, 1, text="数星", text_corrected="数量", role="level3", confidence=0.75, polygon=dewarped(NAME, 3, 4)
        ),
        cell(1, 1, 1, 1, text="≥3朋", role="value", confidence=None, polygon=dewarped(TARGET, 3, 4)),
    ],
    "projects": [{"first_page": 1, "project_name": "培训经贡", "amount_text": "１2.5", "unit_name": "无"}],
    "indicators": [
        {
            **{"page_number": 1, "level1": "产出", "level2": "数量", "level3": "培训", "target_text": "≥ 3期"},
            **{"comparator": "≥", "target_number": Decimal(3)},
        },
        {"page_number": 1, "level1": "产出", "level2": "质量", "level3": "合格本", "target_text": "优"},
    ],
    "signatures": [
        {"page_number": 1, "name": "王五", "date_text": "3.30.", "polygon": dewarped(square(100, 0, 120, 10))},
        {"page_number": 1, "name": "赵六", "date_text": None, "polygon": dewarped(square(0, 0, 20, 10))},
    ],
}


def write_truth(folder, **pages):
    folder.mkdir(exist_ok=True)
    for name, tree in pages.items():
        (folder / f"{name.replace('_', '-')}.json").write_text(json.dumps(tree), encoding="utf-8")
    return folder


def write_tables(out, document_id="d1", **tables):
    for table, schema in SCHEMAS.items():
        rows = [{"document_id": document_id, **row} for row in tables.get(table, ())]
        (out / table).mkdir(parents=True, exist_ok=True)
        full = pa.schema({"document_id": pa.string(), **schema})
        parquet.write_table(pa.Table.from_pylist(rows, schema=full), out / table / f"{document_id}.parquet")
    return out


@pytest.fixture
def evaluation(tmp_path):
    """One page landed with known faults, one that never landed, and a landed page without truth."""
    truth = write_truth(tmp_path / "truth", a_clean=TRUTH, b_fax={**TRUTH, "signature": None})
    out = write_tables(tmp_path / "out", **LANDED)
    write_tables(out, "d2", documents=[{"source_name": "stray.pdf"}], pages=[{"page_number": 7, "title": None}])
    return evaluate(truth, out)


def test_cells_are_measured_in_place_as_read_and_as_corrected(evaluation):
    measures = evaluation.group("clean").measures
    assert measures.structure_f1 == 1  # all three in place
    assert measures.read_f1 == pytest.approx(2 * 1 / 6)
    assert measures.exact_f1 == pytest.approx(2 * 2 / 6)
    assert measures.cer == pytest.approx(1 / 7)  # 期 read as 朋, of seven characters
    assert measures.structure_perfect == 1
    assert measures.corner_px == 5  # 3 to the right, 4 down


@pytest.mark.parametrize(
    ("finding", "lost"),
    [({}, 1), ({"table_index": 0, "row": 1, "col": 1}, 0), ({"table_index": 0, "row": 1, "col": 0}, 1)],
)
def test_a_lost_decimal_point_is_silent_unless_a_finding_names_its_cell(tmp_path, finding, lost):
    target = {**TRUTH["cells"][2], "text": "≥3.5期"}
    truth = write_truth(tmp_path / "truth", a_clean={**TRUTH, "cells": [*TRUTH["cells"][:2], target]})
    findings = [{"page_number": 1, **finding}, {"page_number": None}]
    measured = evaluate(truth, write_tables(tmp_path / "out", **LANDED, findings=findings)).group("all")
    assert (measured.counts.points, measured.measures.points_lost_silently) == (1, lost)
    assert f"| {lost}/1 |" in as_markdown(evaluate(truth, tmp_path / "out"))


@pytest.mark.parametrize(
    ("severity", "row", "shares"),
    [("warning", (1, 1), (1, 0)), ("error", (1, 0), (0, 1)), ("info", (1, 1), (0, 0)), ("warning", (0, 0), (0, 0))],
)
def test_warnings_are_measured_on_wrong_and_on_right_leaves(tmp_path, severity, row, shares):
    truth = write_truth(tmp_path / "truth", a_clean=TRUTH)
    finding = {"page_number": 1, "table_index": 0, "row": row[0], "col": row[1], "severity": severity}
    result = evaluate(truth, write_tables(tmp_path / "out", **LANDED, findings=[finding]))
    measures = result.group("all").measures
    assert (measures.wrong_warned, measures.right_warned) == shares
    assert f"| all | {shares[0]}/1 | {shares[1]}/1 |" in as_markdown(result)


def test_grits_weighs_each_slot(evaluation):
    measures = evaluation.group("clean").measures
    assert measures.grits_top == 1
    assert measures.grits_con == pytest.approx((2 + 1 + 2 / 3) / 4)  # title on two slots, one cell right, one 2/3 alike


def test_records_are_measured_by_leaf_number_and_field(evaluation):
    measures = evaluation.group("clean").measures
    assert measures.indicator_f1 == pytest.approx(2 * 1 / 4)
    assert measures.indicators_perfect == 0
    assert measures.numbers == 1
    assert measures.fields == pytest.approx(2 / 3)  # the unit is not stated, so it is not asked for
    assert measures.by_field["amount"] == 1
    assert measures.by_field["project"] == 0
    assert measures.by_field["unit_name"] is None


def test_signatures_are_measured_where_they_stand(evaluation):
    measures = evaluation.group("clean").measures
    assert (measures.signature_found, measures.signature_extra, measures.date) == (1, 1, 1)
    assert (measures.name_font, measures.name_pen) == (1, None)
    assert evaluation.group("fax").measures.signature_false == 0


def test_a_page_that_never_landed_counts_as_all_missed(evaluation):
    assert evaluation.missed == ("b-fax",)
    assert evaluation.group("fax").measures.exact_f1 == 0
    assert evaluation.group("fax").measures.cer == 1
    assert evaluation.group("all").measures.structure_f1 == pytest.approx(2 * 3 / 9)
    assert evaluation.group("all").measures.grits_top == 0.5


def test_landed_pages_without_truth_are_listed_and_change_no_figure(evaluation):
    assert evaluation.ignored == ("stray.pdf page 7",)
    assert evaluation.group("all").counts.pages == 2


def test_confidences_are_set_beside_the_text_as_read(evaluation):
    bins = {(b.low, b.high): (b.count, b.right) for b in evaluation.cells.bins if b.count}
    assert bins == {(0.95, 0.98): (1, 1.0), (0.5, 0.8): (1, 0.0)}
    assert evaluation.cells.ece == pytest.approx((0.05 + 0.75) / 2)
    assert evaluation.cells.unknown == 1
    assert evaluation.grids.ece == pytest.approx(0.1)


def test_groups_begin_with_all_and_go_by_the_last_word_of_the_name(evaluation):
    assert [group.name for group in evaluation.groups] == ["all", "clean", "fax"]
    with pytest.raises(KeyError):
        evaluation.group("photo")


def test_the_worst_pages_come_first(evaluation):
    assert [page.name for page in worst_pages(evaluation)] == ["b-fax", "a-clean"]
    assert [page.name for page in worst_pages(evaluation, 1)] == ["b-fax"]


def test_json_holds_groups_pages_and_lists_with_four_digits(evaluation):
    tree = json.loads(as_json(evaluation))
    assert tree["groups"]["clean"]["exact_f1"] == 0.6667
    assert tree["groups"]["clean"]["counts"]["form_fields"]["project"] == {"true": 1, "right": 0}
    assert tree["pages"]["b-fax"]["exact_f1"] == 0
    assert tree["missed"] == ["b-fax"]
    assert tree["ignored"] == ["stray.pdf page 7"]


def test_markdown_shows_counts_beside_small_groups(evaluation):
    lines = as_markdown(evaluation).splitlines()
    assert "| clean | 1 | 1.0000 | 0.6667 | 0.3333 | 0.1429 | 1.0000 | 0.9167 | 1/1 | 5.00 | – |" in lines
    assert "| clean | 1/1 | – | 1 | – | 1/1 | 1/1 |" in lines
    assert "| a-clean | 3 | 2 | 3 | 3 | 1/2 | 2/3 |" in lines
    assert "- b-fax" in lines


def test_pages_of_a_pdf_are_named_by_their_number(tmp_path):
    truth = write_truth(tmp_path / "truth", page_02=TRUTH)
    second = {name: [row | {"page_number": 2} for row in rows] for name, rows in LANDED.items() if name == "cells"}
    pages = [{"page_number": number, "title": None, "status": "landed"} for number in (1, 2)]
    out = write_tables(tmp_path / "out", documents=[{"source_name": "scan.PDF"}], pages=pages, **second)
    result = evaluate(truth, out)
    assert [group.name for group in result.groups] == ["all", "sample"]
    assert result.group("sample").measures.structure_f1 == 1
    assert result.ignored == ("scan.PDF page 1",)


def test_only_the_first_page_of_an_image_answers_to_its_name(tmp_path):
    truth = write_truth(tmp_path / "truth", a_clean=TRUTH)
    pages = [{"page_number": number, "title": None, "status": "landed"} for number in (1, 2)]
    cells = LANDED["cells"] + [row | {"page_number": 2} for row in LANDED["cells"]]
    out = write_tables(tmp_path / "out", documents=[{"source_name": "a-clean.tif"}], pages=pages, cells=cells)
    assert evaluate(truth, out).group("all").counts.cells_landed == 3


def test_a_quarantined_page_counts_as_never_landed(tmp_path):
    truth = write_truth(tmp_path / "truth", a_clean=TRUTH)
    pages = [{"page_number": 1, "title": None, "status": "quarantined"}]
    out = write_tables(tmp_path / "out", documents=LANDED["documents"], pages=pages)
    assert evaluate(truth, out).missed == ("a-clean",)


def test_rows_of_a_document_that_was_never_committed_do_not_count(tmp_path):
    truth = write_truth(tmp_path / "truth", a_clean=TRUTH)
    out = write_tables(tmp_path / "out", "d2", documents=[{"source_name": "other.jpg"}])
    write_tables(out, "d1", **{name: rows for name, rows in LANDED.items() if name != "documents"})
    assert evaluate(truth, out).missed == ("a-clean",)


def test_a_file_that_is_still_being_written_is_left_alone(tmp_path):
    truth = write_truth(tmp_path / "truth", a_clean=TRUTH)
    out = write_tables(tmp_path / "out", **LANDED)
    (out / "cells" / ".d2.parquet").write_bytes(b"PAR1")
    assert evaluate(truth, out).group("all").counts.cells_landed == 3


def test_a_name_that_fits_two_landed_pages_is_refused(tmp_path):
    truth = write_truth(tmp_path / "truth", a_clean=TRUTH)
    out = write_tables(tmp_path / "out", **LANDED)
    write_tables(out, "d2", **LANDED)
    with pytest.raises(TruthAmbiguous, match="a-clean"):
        evaluate(truth, out)


def test_a_folder_without_landed_tables_is_refused(tmp_path):
    truth = write_truth(tmp_path / "truth", a_clean=TRUTH)
    with pytest.raises(NothingLanded, match="nowhere"):
        evaluate(truth, tmp_path / "nowhere")


def test_every_column_that_is_read_is_a_landed_column():
    for table, columns in COLUMNS.items():
        assert set(columns) <= {column.name for column in TABLES[table].columns}
