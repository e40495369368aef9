"""The flow: one document's fault costs that document; what has landed is not read again."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from flows import digitise as flow_module
from flows.plan import Options
from flows.report import Report
from flows.runs import run
from pipeline.errors import OutputLocked, OutputUnwritable, SourceMissing
from pipeline.intake.documents import hash_file
from pipeline.landing.landing import read_table
from pipeline.landing.transaction import open_output
from pipeline.settings.settings import LandingSettings

pytestmark = pytest.mark.usefixtures("engine", "fake_workers")


def digitise(sources, out, **options):
    return Report.from_json(flow_module.digitise([*map(str, sources)], str(out), Options(**options)))


def write(folder, **orders):
    """A file NAME.jpg for each keyword, whose first line is the order."""
    folder.mkdir(exist_ok=True)
    for name, order in orders.items():
        (folder / f"{name}.jpg").write_text(f"{order}\n{name}")
    return folder


def endings(report):
    return {Path(d.sources[0]).stem: (str(d.status), d.error_code) for d in report.documents}


def orders(out):
    """The documents that workers were given, with the worker of each and how many there were."""
    return [line.split() for line in (out / ".orders").read_text().splitlines()]


def test_documents_land_and_are_counted(tmp_path):
    report = digitise([write(tmp_path / "in", a="read", b="read")], tmp_path / "out", workers=2)
    assert report.exit_status == 0
    assert report.totals._asdict() == {
        **{"documents": 2, "landed": 2, "partial": 0, "quarantined": 0, "failed": 0, "skipped": 0},
        **{"pages": 2, "cells": 4, "indicators": 0, "findings": 0},
    }
    assert read_table(tmp_path / "out", "cells").num_rows == 4


def test_a_document_that_kills_its_worker_twice_costs_only_itself(tmp_path):
    report = digitise([write(tmp_path / "in", a="read", b="die", c="read")], tmp_path / "out", workers=2)
    assert endings(report) == {
        "a": ("landed", None),
        "b": ("quarantined", "WORKER_CRASHED"),
        "c": ("landed", None),
    }
    assert report.exit_status == 3
    landed = read_table(tmp_path / "out", "documents").to_pylist()
    assert sorted(row["status"] for row in landed) == ["landed", "landed", "quarantined"]
    assert "SIGKILL" in next(row["error_message"] for row in landed if row["error_code"])


def test_a_document_that_killed_its_worker_is_tried_again_alone_after_the_others(tmp_path):
    source = write(tmp_path / "in", a="die once", b="read", c="read")
    report = digitise([source], tmp_path / "out", workers=2)
    assert report.exit_status == 0
    names = [name for name, *_ in orders(tmp_path / "out")]
    assert names.count("a.jpg") == 2
    assert names[-1] == "a.jpg"


def test_a_fault_of_ours_is_quarantined_with_a_remedy(tmp_path):
    report = digitise([write(tmp_path / "in", a="stumble", b="read")], tmp_path / "out", workers=1)
    (shortfall,) = report.shortfalls
    assert shortfall.code == "INTERNAL"
    assert shortfall.message.startswith("RuntimeError: a fault of ours")
    assert "log" in shortfall.remedy
    logs = "".join(log.read_text() for log in (tmp_path / "out" / ".logs").iterdir())
    assert "Traceback" in logs


def test_what_may_be_the_machines_fault_is_read_again_by_the_next_run(tmp_path):
    source = write(tmp_path / "in", a="die", b="corrupt")
    digitise([source], tmp_path / "out", workers=1)
    (source / "a.died").touch()
    report = digitise([source], tmp_path / "out", workers=1)
    assert [Path(d.sources[0]).stem for d in report.documents if not d.skipped] == ["a"]


# --- faults that may be the machine's ---------------------------------------------------------------------------------


def document_row(out, stem):
    rows = read_table(out, "documents").to_pylist()
    return next(row for row in rows if row["source_name"] == f"{stem}.jpg")


def test_a_document_whose_decoder_was_stopped_is_tried_again_alone_after_the_others(tmp_path):
    source = write(tmp_path / "in", a="starve once", b="read", c="read")
    report = digitise([source], tmp_path / "out", workers=2)
    assert endings(report)["a"] == ("landed", None)
    names = [name for name, *_ in orders(tmp_path / "out")]
    assert names.count("a.jpg") == 2
    assert names[-1] == "a.jpg"
    assert document_row(tmp_path / "out", "a")["n_failed_runs"] == 0


def test_before_a_second_try_all_workers_but_one_are_gone(tmp_path):
    source = write(tmp_path / "in", a="starve once", b="read", c="read")
    digitise([source], tmp_path / "out", workers=3)
    *before, (_, pid, workers) = orders(tmp_path / "out")
    assert workers == "1"
    assert pid in {worker for _, worker, _ in before}


@pytest.mark.parametrize(
    ("order", "code"), [("starve", "DECODER_STOPPED"), ("die", "WORKER_CRASHED"), ("stumble", "INTERNAL")]
)
def test_three_runs_try_what_may_be_the_machine_s_fault_and_no_fourth(tmp_path, order, code):
    source, out = write(tmp_path / "in", a=order), tmp_path / "out"
    for count in (1, 2, 3):
        report = digitise([source], out)
        assert (report.totals.skipped, endings(report)["a"]) == (0, ("quarantined", code))
        row = document_row(out, "a")
        assert (row["n_failed_runs"], row["error_code"]) == (count, code)
        assert f"{count} of 3 runs" in row["error_message"]
    assert len(orders(out)) == 6  # twice in each run
    assert digitise([source], out).totals.skipped == 1
    assert "--force" in document_row(out, "a")["error_message"]
    assert len(orders(out)) == 6


def test_a_document_that_was_given_up_is_read_by_force_and_under_other_settings(tmp_path):
    source, out = write(tmp_path / "in", a="starve"), tmp_path / "out"
    for _ in range(3):
        digitise([source], out)
    assert digitise([source], out, force=True).totals.skipped == 0
    assert digitise([source], out).totals.skipped == 1
    (tmp_path / "settings.toml").write_text("[intake]\ndecode_timeout_s = 30.0\n")
    assert digitise([source], out, settings=tmp_path / "settings.toml").totals.skipped == 0
    assert document_row(out, "a")["n_failed_runs"] == 1


def test_what_lands_at_last_is_no_longer_counted_as_failed(tmp_path):
    source, out = write(tmp_path / "in", a="die"), tmp_path / "out"
    digitise([source], out)
    (source / "a.jpg").with_suffix(".sound").touch()
    assert endings(digitise([source], out))["a"] == ("landed", None)
    assert document_row(out, "a")["n_failed_runs"] == 0


# --- files that change during a run ---------------------------------------------------------------------------------


def replaced(path, order, name="other"):
    """Rename a file of other content onto a path."""
    draft = path.with_name(f".{name}")
    draft.write_text(f"{order}\n{name}")
    draft.replace(path)


@pytest.fixture
def planned(monkeypatch):
    """Does something between a run's plan and the first document that it reads."""
    monkeypatch.setattr(flow_module.read_document, "retry_delay_seconds", [0, 0])

    def does(action):
        plan = flow_module.make_plan
        monkeypatch.setattr(flow_module, "make_plan", lambda *args: (plan(*args), action())[0])

    return does


def landed_ids(out):
    return set(read_table(out, "documents")["document_id"].to_pylist())


def test_a_file_replaced_after_it_was_planned_lands_under_no_hash_and_is_read_by_the_next_run(tmp_path, planned):
    source, out = write(tmp_path / "in", a="corrupt", b="read"), tmp_path / "out"
    planned(lambda: replaced(source / "a.jpg", "read"))
    report = digitise([source], out, workers=1)
    assert endings(report) == {"a": ("failed", "SOURCE_CHANGED"), "b": ("landed", None)}
    assert report.exit_status == 1
    assert landed_ids(out) == {hash_file(source / "b.jpg")}
    planned(lambda: None)
    assert digitise([source], out).exit_status == 0
    assert landed_ids(out) == {hash_file(source / "a.jpg"), hash_file(source / "b.jpg")}


def test_a_document_of_two_files_of_which_one_is_replaced_is_read_from_the_other(tmp_path, planned):
    source, out = write(tmp_path / "in", a="read", c="read"), tmp_path / "out"
    (source / "b.jpg").write_bytes((source / "a.jpg").read_bytes())
    content = hash_file(source / "b.jpg")
    planned(lambda: replaced(source / "a.jpg", "read"))
    report = digitise([source], out, workers=1)
    assert report.exit_status == 0
    assert document_row(out, "b")["document_id"] == content
    assert landed_ids(out) == {content, hash_file(source / "c.jpg")}


def test_a_document_all_of_whose_files_are_replaced_fails_and_the_run_goes_on(tmp_path, planned):
    source, out = write(tmp_path / "in", a="read", c="read"), tmp_path / "out"
    (source / "b.jpg").write_bytes((source / "a.jpg").read_bytes())
    planned(lambda: (replaced(source / "a.jpg", "read"), (source / "b.jpg").unlink()))
    report = digitise([source], out, workers=1)
    assert endings(report) == {"a": ("failed", "SOURCE_CHANGED"), "c": ("landed", None)}
    assert landed_ids(out) == {hash_file(source / "c.jpg")}


def test_a_file_replaced_after_it_took_its_worker_down_is_not_quarantined(tmp_path, planned):
    source, out = write(tmp_path / "in", a="be replaced and die"), tmp_path / "out"
    planned(lambda: None)
    assert endings(digitise([source], out)) == {"a": ("failed", "SOURCE_CHANGED")}
    assert landed_ids(out) == set()


def test_what_a_file_was_before_it_was_finished_leaves_the_tables_when_it_has_landed_whole(tmp_path):
    source, out = write(tmp_path / "in", a="corrupt", b="corrupt"), tmp_path / "out"
    digitise([source], out)
    unfinished, other = hash_file(source / "a.jpg"), hash_file(source / "b.jpg")
    replaced(source / "a.jpg", "read")
    report = digitise([source], out)
    assert [document.document_id for document in report.superseded] == [unfinished]
    assert unfinished in "\n".join(report.lines())
    assert landed_ids(out) == {hash_file(source / "a.jpg"), other}
    assert not [path for path in out.glob("*/*") if unfinished in path.name]
    assert digitise([source], out).superseded == ()


def test_a_state_whose_successor_landed_in_a_run_that_was_killed_leaves_the_tables_with_the_next(tmp_path, monkeypatch):
    source, out = write(tmp_path / "in", a="corrupt"), tmp_path / "out"
    digitise([source], out)
    replaced(source / "a.jpg", "read")
    with monkeypatch.context() as patch:
        patch.setattr(flow_module, "remove_superseded", lambda *args: ())
        digitise([source], out)
    assert len(landed_ids(out)) == 2
    run([source], out, Options())
    assert landed_ids(out) == {hash_file(source / "a.jpg")}


def test_a_file_that_cannot_be_read_fails_alone_and_does_not_land(tmp_path, monkeypatch):
    monkeypatch.setattr(flow_module.read_document, "retry_delay_seconds", [0, 0])
    report = digitise([write(tmp_path / "in", a="vanish", b="read")], tmp_path / "out", workers=1)
    assert endings(report) == {"a": ("failed", "SOURCE_UNREADABLE"), "b": ("landed", None)}
    assert report.exit_status == 1
    assert read_table(tmp_path / "out", "documents").num_rows == 1


def test_reading_is_tried_three_times_but_a_document_of_bad_bytes_once(tmp_path, monkeypatch):
    monkeypatch.setattr(flow_module.read_document, "retry_delay_seconds", [0, 0])
    digitise([write(tmp_path / "in", a="vanish", b="corrupt")], tmp_path / "out", workers=1)
    names = [name for name, *_ in orders(tmp_path / "out")]
    assert (names.count("a.jpg"), names.count("b.jpg")) == (3, 1)


def test_a_full_disk_ends_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(flow_module.read_document, "retry_delay_seconds", [0, 0])
    with pytest.raises(OutputUnwritable, match="No space left"):
        digitise([write(tmp_path / "in", a="disk full")], tmp_path / "out", workers=1)


def test_what_has_landed_is_skipped_and_no_file_changes(tmp_path):
    source, out = write(tmp_path / "in", a="read", b="corrupt"), tmp_path / "out"
    assert digitise([source], out).exit_status == 3
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}
    report = digitise([source], out)
    assert report.totals.skipped == 2
    assert report.exit_status == 3
    assert endings(report)["b"] == ("quarantined", "CORRUPT")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")} == before


def test_force_reads_again(tmp_path):
    source, out = write(tmp_path / "in", a="read"), tmp_path / "out"
    first, second = digitise([source], out), digitise([source], out, force=True)
    assert second.totals.skipped == 0
    assert first.run_id != second.run_id
    assert read_table(out, "documents").column("run_id").to_pylist() == [second.run_id]


def test_other_settings_read_again(tmp_path):
    source, out = write(tmp_path / "in", a="read"), tmp_path / "out"
    digitise([source], out)
    settings = tmp_path / "settings.toml"
    settings.write_text("[grid]\nreview_confidence = 0.5\n")
    assert digitise([source], out, settings=settings).totals.skipped == 0


def test_the_same_content_lands_once_with_all_its_paths(tmp_path):
    source = write(tmp_path / "in", a="read")
    (source / "b.jpg").write_bytes((source / "a.jpg").read_bytes())
    report = digitise([source], tmp_path / "out")
    assert report.totals.documents == 1
    digitise([write(tmp_path / "more", a="read")], tmp_path / "out")
    paths = [Path(path).relative_to(tmp_path).as_posix() for path in paths_of(tmp_path / "out")]
    assert paths == ["in/a.jpg", "in/b.jpg", "more/a.jpg"]


def paths_of(out):
    return sorted(read_table(out, "sources").column("source_path").to_pylist())


def test_an_output_folder_in_use_is_refused(tmp_path):
    source, out = write(tmp_path / "in", a="read"), tmp_path / "out"
    with open_output(out, LandingSettings()), pytest.raises(OutputLocked):
        digitise([source], out)


def test_a_missing_source_starts_nothing(tmp_path):
    with pytest.raises(SourceMissing):
        digitise([tmp_path / "absent"], tmp_path / "out")


def test_no_worker_outlives_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(flow_module.read_document, "retry_delay_seconds", [0, 0])
    source = write(tmp_path / "in", a="hang", b="disk full while another hangs")
    with pytest.raises(OutputUnwritable):
        digitise([source], tmp_path / "out", workers=2)
    pid = int((source / "a.pid").read_text())
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        time.sleep(0.05)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_document_whose_rows_the_schemas_refuse_counts_as_quarantined(tmp_path):
    source = write(tmp_path / "in", a="read", b="malformed")
    report = digitise([source], tmp_path / "out", workers=1)
    assert endings(report) == {"a": ("landed", None), "b": ("quarantined", "ROWS_MALFORMED")}
    assert report.exit_status == 3
    assert endings(digitise([source], tmp_path / "out"))["b"] == ("quarantined", "ROWS_MALFORMED")
    assert "b.jpg" not in [name for name, *_ in orders(tmp_path / "out")[2:]]
