"""A document lands once, in every table; readers see it whole, and nothing is touched that need not be."""

import dataclasses
import datetime
import os
import re
import stat
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from filled_form import (
    BEGIN,
    DOCUMENT_ID,
    END,
    FORM,
    QUARANTINED,
    RUN,
)

from flows.batch import derive_signers
from pipeline.elements import (
    Status,
)
from pipeline.landing.landing import LandedDocument, land, landed, read_table, remember_source
from pipeline.landing.rows import rows
from pipeline.landing.transaction import commit, exclusive, open_output
from pipeline.schema.tables import TABLES
from pipeline.settings.settings import LandingSettings

CROPS = LandingSettings()
MODES = [("owner", 0o700, 0o600), ("group", 0o750, 0o640), ("all", 0o755, 0o644)]
FOR_NOBODY_ELSE = {".lock", ".staging", ".staging/.lock", ".signers-made-from.json"}
"""What readers have no use for."""
LATER = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
NEXT_RUN = dataclasses.replace(RUN, run_id="run-2", started_at=LATER, finished_at=LATER)


def files(out):
    return sorted(path for path in out.glob("[!.]*/*"))


def stamps(out):
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files(out)}


def contents(out):
    return {path.parent.name: path.read_bytes() for path in files(out)}


@pytest.fixture
def output(tmp_path):
    with open_output(tmp_path / "OUT", CROPS) as output:
        yield output


def other(result, digit):
    source = dataclasses.replace(result.source, document_id=digit * 64)
    return dataclasses.replace(result, source=source)


def test_a_landed_document_has_one_file_in_every_table(output):
    land(FORM, output, RUN)
    found = {path.relative_to(output.folder) for path in files(output.folder)}
    assert found == {Path(name) / f"{DOCUMENT_ID}.parquet" for name in TABLES}


def test_pandas_reads_a_folder_of_several_documents_as_one_table_with_plain_types(output):
    land(other(QUARANTINED, "0"), output, RUN)
    land(other(FORM, "1"), output, RUN)
    land(other(FORM, "2"), output, RUN)
    cells = pd.read_parquet(output.folder / "cells")
    indicators = pd.read_parquet(output.folder / "indicators")
    documents = pd.read_parquet(output.folder / "documents")
    assert len(cells) == 6
    assert [np.asarray(row.polygon).reshape(4, 2)[2].tolist() for row in cells.itertuples()][2] == [290.5, 90.25]
    assert cells["text"].isna().tolist() == [False, False, True] * 2
    assert cells["text"][1] == ""
    assert [Decimal(str(number)) for number in indicators["target_number"]] == [Decimal("15")] * 2
    assert indicators["cells"][0][1] == {"page_number": 1, "table_index": 0, "row": 0, "col": 2}
    assert documents["fiscal_year"].tolist() == [pd.NA, 2023, 2023]
    assert (str(documents["fiscal_year"].dtype), str(cells["row"].dtype)) == ("Int32", "int32")
    assert documents["started_at"][0] == pd.Timestamp(BEGIN)


def test_pandas_reads_the_same_columns_where_no_row_landed(output):
    land(QUARANTINED, output, RUN)
    for name, table in TABLES.items():
        frame = pd.read_parquet(output.folder / name)
        assert list(frame.columns) == table.schema.names
        assert len(frame) == (name in {"documents", "sources", "findings"}), name
    assert str(pd.read_parquet(output.folder / "pages")["width_px"].dtype) == "Int32"


def test_a_quarantined_document_lands_with_its_code_and_replaces_what_had_landed(output):
    land(FORM, output, RUN)
    land(QUARANTINED, output, NEXT_RUN)
    (row,) = read_table(output.folder, "documents").to_pylist()
    assert (row["status"], row["error_code"], row["n_pages"], row["media_type"]) == (
        "quarantined",
        "ENCRYPTED",
        None,
        None,
    )
    assert read_table(output.folder, "cells").num_rows == 0
    assert read_table(output.folder, "findings")["rule"].to_pylist() == ["page_failed"]


def test_landing_again_changes_only_the_run_id_and_the_times(output):
    land(FORM, output, RUN)
    before = contents(output.folder)
    land(FORM, output, NEXT_RUN)
    after = contents(output.folder)
    assert {name for name in before if before[name] != after[name]} == {"documents"}
    (row,) = read_table(output.folder, "documents").to_pylist()
    (first,) = rows(FORM, RUN, CROPS)["documents"].to_pylist()
    assert row | {"run_id": "run-1", "started_at": BEGIN, "finished_at": END} == first


def test_the_same_bytes_settings_and_version_need_not_be_read_again(output):
    land(FORM, output, RUN)
    assert landed(output.folder, DOCUMENT_ID, "5e" * 32, "0.1.0") == LandedDocument(
        document_id=DOCUMENT_ID,
        source_name="a.pdf",
        status=Status.PARTIAL,
        n_pages=2,
        n_pages_landed=1,
        n_findings=1,
        error_code=None,
        error_message=None,
        n_failed_runs=0,
        run_id="run-1",
        finished_at=END,
    )


def test_a_quarantined_document_need_not_be_read_again_either(output):
    land(QUARANTINED, output, RUN)
    known = landed(output.folder, DOCUMENT_ID, "5e" * 32, "0.1.0")
    assert (known.status, known.error_code) == (Status.QUARANTINED, "ENCRYPTED")


@pytest.mark.parametrize(
    ("document_id", "settings_sha256", "version"),
    [("cd" * 32, "5e" * 32, "0.1.0"), (DOCUMENT_ID, "00" * 32, "0.1.0"), (DOCUMENT_ID, "5e" * 32, "0.2.0")],
)
def test_other_bytes_settings_or_version_are_read(output, document_id, settings_sha256, version):
    land(FORM, output, RUN)
    assert landed(output.folder, document_id, settings_sha256, version) is None


@pytest.mark.parametrize("name", TABLES)
def test_a_document_that_lost_a_file_is_read_again(output, name):
    land(FORM, output, RUN)
    (output.folder / name / f"{DOCUMENT_ID}.parquet").unlink()
    assert landed(output.folder, DOCUMENT_ID, "5e" * 32, "0.1.0") is None


@pytest.mark.parametrize("damage", [b"", b"PAR1 no longer", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_a_document_whose_file_is_damaged_is_read_again_and_lands(output, damage):
    land(FORM, output, RUN)
    for name in ("documents", "sources"):
        (output.folder / name / f"{DOCUMENT_ID}.parquet").write_bytes(damage)
    assert landed(output.folder, DOCUMENT_ID, "5e" * 32, "0.1.0") is None
    land(FORM, output, RUN)
    assert landed(output.folder, DOCUMENT_ID, "5e" * 32, "0.1.0") is not None


def test_the_same_content_at_another_path_adds_a_source_and_touches_no_other_file(output):
    land(FORM, output, RUN)
    before = stamps(output.folder)
    copy = dataclasses.replace(NEXT_RUN, source_path="/archive/copy.pdf")
    assert remember_source(output, DOCUMENT_ID, copy)
    after = stamps(output.folder)
    assert {path.parent.name for path in before if before[path] != after[path]} == {"sources"}
    assert read_table(output.folder, "sources", ["source_path", "first_seen"]).to_pylist() == [
        {"source_path": "/archive/copy.pdf", "first_seen": LATER},
        {"source_path": "/scans/a.pdf", "first_seen": BEGIN},
    ]


def test_a_path_that_is_known_touches_no_file(output):
    land(FORM, output, RUN)
    before = stamps(output.folder)
    assert not remember_source(output, DOCUMENT_ID, NEXT_RUN)
    assert stamps(output.folder) == before


def test_landing_again_keeps_the_paths_that_were_seen(output):
    land(FORM, output, dataclasses.replace(RUN, source_path="/z.pdf"))
    land(FORM, output, dataclasses.replace(NEXT_RUN, source_path="/b.pdf"))
    found = read_table(output.folder, "sources").to_pylist()
    assert [(row["source_path"], row["first_seen"]) for row in found] == [("/b.pdf", LATER), ("/z.pdf", BEGIN)]


def test_a_file_name_that_is_not_unicode_lands_and_is_logged_spelled_out(output, caplog):
    caplog.set_level("INFO", "pipeline")
    source = dataclasses.replace(FORM.source, path="/scans/\udcb1\udced.pdf")
    land(dataclasses.replace(FORM, source=source), output, dataclasses.replace(RUN, source_path=source.path))
    assert read_table(output.folder, "documents")["source_name"].to_pylist() == [r"\udcb1\udced.pdf"]
    assert r"/scans/\udcb1\udced.pdf" in caplog.text
    assert not remember_source(output, DOCUMENT_ID, dataclasses.replace(NEXT_RUN, source_path=source.path))


def test_read_table_leaves_out_rows_of_documents_that_are_not_committed(output):
    land(other(FORM, "1"), output, RUN)
    land(other(FORM, "2"), output, RUN)
    (output.folder / "documents" / f"{'1' * 64}.parquet").unlink()
    assert read_table(output.folder, "indicators")["document_id"].to_pylist() == ["2" * 64]


def test_read_table_of_a_folder_where_nothing_landed_has_no_rows_and_all_columns(tmp_path):
    assert read_table(tmp_path, "cells") == TABLES["cells"].schema.empty_table()


def test_the_readers_guide_runs_as_it_is_written(output, monkeypatch):
    land(other(FORM, "1"), output, RUN)
    land(other(FORM, "2"), output, RUN)
    (output.folder / "documents" / f"{'1' * 64}.parquet").unlink()
    guide = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
    monkeypatch.chdir(output.folder.parent)
    names = {}
    exec(re.search("```python\n(.*?)```", guide, re.DOTALL)[1], names)
    assert names["indicators"]["document_id"].tolist() == ["2" * 64]


def malformed(result):
    """The result with a cell reading that no probability can be."""
    table = result.pages[0].tables[0]
    cells = (dataclasses.replace(table.cells[0], confidence=1.5), *table.cells[1:])
    page = dataclasses.replace(result.pages[0], tables=(dataclasses.replace(table, cells=cells),))
    return dataclasses.replace(result, pages=(page, *result.pages[1:]))


def test_a_document_whose_rows_the_schemas_refuse_lands_in_quarantine_and_nothing_else_of_it(output):
    landed_result = land(malformed(FORM), output, RUN)
    assert (landed_result.status, landed_result.error_code) == (Status.QUARANTINED, "ROWS_MALFORMED")
    (row,) = read_table(output.folder, "documents").to_pylist()
    assert (row["status"], row["error_code"], row["n_pages_landed"]) == ("quarantined", "ROWS_MALFORMED", 0)
    assert row["error_message"] == "cells.confidence, row 0: '1.5' fails '0 to 1'"
    (finding,) = read_table(output.folder, "findings").to_pylist()
    assert (finding["rule"], finding["found"]) == ("rows_malformed", "ROWS_MALFORMED")
    assert {name: read_table(output.folder, name).num_rows for name in TABLES} == dict.fromkeys(TABLES, 0) | {
        "documents": 1,
        "sources": 1,
        "findings": 1,
    }


def test_malformed_rows_replace_what_had_landed_and_the_next_document_lands(output):
    land(FORM, output, RUN)
    land(malformed(FORM), output, NEXT_RUN)
    land(other(FORM, "1"), output, NEXT_RUN)
    assert set(read_table(output.folder, "cells")["document_id"].to_pylist()) == {"1" * 64}


def test_texts_are_stored_once_each_and_stay_texts_to_pandas(output):
    for digit in "123":
        land(other(FORM, digit), output, RUN)
    with pq.ParquetFile(output.folder / "cells" / f"{'1' * 64}.parquet") as file:
        columns = {file.schema_arrow.names[i]: file.metadata.row_group(0).column(i) for i in range(6)}
    assert "RLE_DICTIONARY" in columns["document_id"].encodings
    assert "RLE_DICTIONARY" not in columns["row"].encodings
    findings = pd.read_parquet(output.folder / "findings")
    assert findings["severity"].tolist() == ["warning"] * 3
    assert str(findings["severity"].dtype) == "str"


@pytest.mark.parametrize("name", TABLES)
def test_each_landed_file_says_what_its_columns_mean_and_may_hold(output, name):
    land(FORM, output, RUN)
    schema = pq.read_schema(output.folder / name / f"{DOCUMENT_ID}.parquet")
    said = [(field.metadata[b"description"].decode(), field.metadata.get(b"values", b"").decode()) for field in schema]
    assert said == [(c.description, c.check.words if c.check else "") for c in TABLES[name].columns]


# --- errors that may be the machine's ---------------------------------------------------------------------------------

STOPPED = dataclasses.replace(QUARANTINED, error_code="DECODER_STOPPED", error_message="it was stopped")


def in_run(name):
    return dataclasses.replace(RUN, run_id=name)


def ending_with(code, pages=FORM.pages):
    """A partial document, a page of which ended with a code."""
    failed = dataclasses.replace(pages[1], status=Status.QUARANTINED, error_code=code)
    return dataclasses.replace(FORM, pages=(pages[0], failed), error_code=code, error_message="page 2: it failed")


def row_of(output):
    (row,) = read_table(output.folder, "documents").to_pylist()
    return row


def test_runs_that_end_with_an_error_of_the_machine_s_are_counted_once_each(output):
    for run, count in (("run-1", 1), ("run-1", 1), ("run-2", 2), ("run-2", 2), ("run-3", 3), ("run-4", 4)):
        landed_result = land(STOPPED, output, in_run(run))
        assert row_of(output)["n_failed_runs"] == count
        assert row_of(output)["error_message"] == landed_result.error_message
        assert f"({count} of 3 runs ended so" in landed_result.error_message
        known = landed(output.folder, DOCUMENT_ID, "5e" * 32, "0.1.0")
        assert known.is_tried_again == (count < 3)


@pytest.mark.parametrize("code", ["DECODER_CRASHED", "DECODER_TIMEOUT", "DECODER_OUT_OF_MEMORY", "INTERNAL"])
def test_a_page_that_ended_so_counts_like_a_document(output, code):
    land(ending_with(code), output, RUN)
    assert (row_of(output)["status"], row_of(output)["n_failed_runs"]) == ("partial", 1)


@pytest.mark.parametrize("code", ["CORRUPT", "TRUNCATED", "ENCRYPTED", "ROWS_MALFORMED"])
def test_an_error_of_the_document_s_own_is_not_counted_and_its_message_stays(output, code):
    land(STOPPED, output, RUN)
    land(dataclasses.replace(QUARANTINED, error_code=code), output, NEXT_RUN)
    assert (row_of(output)["n_failed_runs"], row_of(output)["error_message"]) == (0, QUARANTINED.error_message)


def test_the_count_begins_anew_under_other_settings(output):
    land(STOPPED, output, RUN)
    land(STOPPED, output, dataclasses.replace(NEXT_RUN, settings_sha256="7a" * 32))
    assert row_of(output)["n_failed_runs"] == 1


@pytest.mark.parametrize("code", ["WORKER_CRASHED", "DECODER_STOPPED"])
def test_a_run_that_reads_nothing_for_a_fault_of_the_machine_s_leaves_the_pages_that_an_earlier_one_read(output, code):
    land(ending_with("DECODER_TIMEOUT"), output, RUN)
    before = contents(output.folder)
    land(dataclasses.replace(STOPPED, error_code=code), output, NEXT_RUN)
    changed = {name for name, content in contents(output.folder).items() if content != before[name]}
    assert changed == {"documents"}
    row = row_of(output)
    assert (row["status"], row["n_pages_landed"], row["n_failed_runs"]) == ("partial", 1, 2)
    assert (row["error_code"], row["run_id"]) == (code, "run-2")


def test_a_document_that_had_landed_whole_is_not_lost_to_a_fault_of_the_machine_s(output):
    land(dataclasses.replace(FORM, status=Status.LANDED), output, RUN)
    before = contents(output.folder)
    result = land(STOPPED, output, NEXT_RUN)
    assert contents(output.folder) == before
    assert "stays" in result.error_message


def test_tables_of_a_time_before_a_column_are_made_anew(output):
    land(FORM, output, RUN)
    path = output.folder / "documents" / f"{DOCUMENT_ID}.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["n_failed_runs"]), path)
    assert landed(output.folder, DOCUMENT_ID, "5e" * 32, "0.1.0") is None


# --- who may read it --------------------------------------------------------------------------------------------------


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=lambda umask: f"umask {umask:03o}")
def any_umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(out):
    return {path.relative_to(out).as_posix(): stat.S_IMODE(path.lstat().st_mode) for path in out.rglob("*")}


@pytest.mark.parametrize(("readers", "of_folder", "of_file"), MODES)
def test_what_lands_is_for_those_who_may_read_it_whatever_the_umask(any_umask, tmp_path, readers, of_folder, of_file):
    out = tmp_path / "OUT"
    with open_output(out, LandingSettings(readable_by=readers)) as output:
        land(FORM, output, RUN)
        remember_source(output, DOCUMENT_ID, dataclasses.replace(RUN, source_path="/elsewhere.pdf"))
        derive_signers(output)
    found = modes(out)
    assert {"datapackage.json", "cells", f"documents/{DOCUMENT_ID}.parquet", "signers/signers.parquet"} <= set(found)
    own = {name: found.pop(name) for name in FOR_NOBODY_ELSE}
    assert set(own.values()) == {0o700, 0o600}
    assert {name: mode for name, mode in found.items() if mode != (of_file if "." in name else of_folder)} == {}
    assert stat.S_IMODE(out.stat().st_mode) == of_folder


def test_who_commits_without_a_word_of_readers_commits_for_the_owner_alone(any_umask, tmp_path):
    with open_output(tmp_path / "OUT", LandingSettings()) as output, exclusive(output.folder):
        commit(output.folder, "doc", "run-1", {"cells": b"x"})
    assert {mode & 0o077 for mode in modes(tmp_path / "OUT").values()} == {0}


def test_what_lands_in_a_folder_of_an_earlier_version_is_closed_and_the_folder_is_left_as_it_is(tmp_path):
    out = tmp_path / "OUT"
    for folder in (out, out / "cells"):
        folder.mkdir()
        folder.chmod(0o755)
    (out / "cells" / f"{DOCUMENT_ID}.parquet").touch(0o644)
    with open_output(out, CROPS) as output:
        land(FORM, output, RUN)
    found = modes(out)
    assert (found["cells"], found["lines"], found[f"cells/{DOCUMENT_ID}.parquet"]) == (0o755, 0o700, 0o600)
    assert stat.S_IMODE(out.stat().st_mode) == 0o755


def test_a_pipe_in_the_place_of_a_landed_file_is_not_waited_for(tmp_path):
    with open_output(tmp_path / "OUT", CROPS) as output:
        land(FORM, output, RUN)
        path = tmp_path / "OUT" / "sources" / f"{DOCUMENT_ID}.parquet"
        path.unlink()
        os.mkfifo(path)
        assert landed(output.folder, DOCUMENT_ID, RUN.settings_sha256, RUN.pipeline_version) is None
        land(FORM, output, RUN)
    assert path.is_file()
