"""Whole runs by the real command on real-looking pages."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_runs import wait_for
from PIL import Image

from pipeline.landing.landing import read_table
from pipeline.schema.tables import TABLES

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("engine")]

PAGES = Path(__file__).parent / "data" / "pages"
COMMAND = (sys.executable, "-m", "flows.cli", "digitise")
OF_THE_RUN = {"run_id", "started_at", "finished_at", "first_seen"}


def rows(out):
    """All landed rows, less what belongs to the run alone."""
    tables = {name: read_table(out, name) for name in TABLES}
    return {name: table.drop_columns([*OF_THE_RUN & set(table.column_names)]) for name, table in tables.items()}


def times(out):
    return {path: path.stat().st_mtime_ns for path in out.rglob("*.parquet")}


def digitise(*arguments):
    command = [*COMMAND, *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Two pages with their truth beside them, and a file that is no image."""
    folder = tmp_path_factory.mktemp("scans")
    for name in ("dev-004-clean", "dev-028-clean"):
        shutil.copy(PAGES / f"{name}.jpg", folder)
        shutil.copy(PAGES / f"{name}.json", folder)
    (folder / "torn.jpg").write_bytes((PAGES / "dev-004-clean.jpg").read_bytes()[:300])
    return folder


@pytest.fixture(scope="module")
def undisturbed(source, tmp_path_factory, engine):
    """An output folder, and what the run said that filled it."""
    out = tmp_path_factory.mktemp("undisturbed")
    return out, *digitise(source, "--out", out)


def test_a_torn_file_costs_only_itself_and_truth_files_are_ignored(undisturbed, source):
    out, status, report = undisturbed
    assert status == 3
    assert report["totals"]["landed"] == 2
    assert [Path(entry["source"]).name for entry in report["not_landed"]] == ["torn.jpg"]
    assert sorted(Path(path).name for path in report["ignored"]) == ["dev-004-clean.json", "dev-028-clean.json"]
    assert read_table(out, "indicators").num_rows == report["totals"]["indicators"] > 0
    assert read_table(out, "cells").num_rows == report["totals"]["cells"] > 0
    assert read_table(out, "findings").num_rows == report["totals"]["findings"] > 0


def test_a_second_run_leaves_every_file_untouched(undisturbed, source):
    out, *_ = undisturbed
    before = times(out)
    status, report = digitise(source, "--out", out)
    assert (status, report["totals"]["skipped"], report["totals"]["findings"]) == (3, 3, 0)
    assert times(out) == before


def test_a_run_killed_in_the_middle_is_finished_by_the_next_with_the_same_tables(undisturbed, source, tmp_path):
    command = [*COMMAND, str(source), "--out", str(tmp_path), "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: any(tmp_path.glob("documents/*.parquet")))
        process.send_signal(signal.SIGKILL)
    assert read_table(tmp_path, "documents").num_rows < 3
    status, report = digitise(source, "--out", tmp_path)
    assert status == 3
    assert report["totals"]["skipped"] > 0
    assert rows(tmp_path) == rows(undisturbed[0])


def test_force_reads_again_and_only_run_and_times_differ(undisturbed, source):
    out, _, first = undisturbed
    before = rows(out)
    status, second = digitise(source, "--out", out, "--force")
    assert (status, second["totals"]["skipped"]) == (3, 0)
    assert second["run_id"] != first["run_id"]
    assert set(read_table(out, "documents").column("run_id").to_pylist()) == {second["run_id"]}
    assert rows(out) == before


# --- files and machines that are not as they should be ----------------------------------------------------------------


@pytest.fixture
def scan(tmp_path):
    """Three pages in one file."""
    page = Image.open(PAGES / "dev-004-clean.jpg")
    path = tmp_path / "in" / "scan.tif"
    path.parent.mkdir()
    page.save(path, save_all=True, append_images=[page, page], compression="jpeg")
    return path


@contextmanager
def decoders_of(path, signal_number, times):
    """Send a signal to so many processes that decode a file, each as soon as it is seen."""
    hit, over = set(), threading.Event()

    def watch():
        while len(hit) < times and not over.is_set():
            for pid in {int(entry.name) for entry in Path("/proc").glob("[0-9]*")} - hit:
                if _decodes(pid, path):
                    os.kill(pid, signal_number)
                    hit.add(pid)
            time.sleep(0.005)

    thread = threading.Thread(target=watch)
    thread.start()
    yield hit
    over.set()
    thread.join()


def _decodes(pid, path):
    """Whether a process is a decoder that has a file as its standard input."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        return b"pipeline.decoding." in command and Path(f"/proc/{pid}/fd/0").readlink() == path
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_a_document_whose_decoder_is_stopped_or_killed_once_lands_whole_in_the_same_run(scan, tmp_path, number):
    settings = tmp_path / "settings.toml"
    settings.write_text("[intake]\ndecode_timeout_s = 4.0\n")
    with decoders_of(scan, number, times=1) as hit:
        status, report = digitise(scan, "--out", tmp_path / "out", "--settings", settings)
    assert len(hit) == 1
    assert (status, report["totals"]["landed"], report["totals"]["pages"]) == (0, 1, 3)
    (row,) = read_table(tmp_path / "out", "documents").to_pylist()
    assert (row["status"], row["n_pages_landed"], row["n_failed_runs"]) == ("landed", 3, 0)


def test_a_document_whose_decoders_are_all_killed_is_read_by_the_next_run(scan, tmp_path):
    with decoders_of(scan, signal.SIGKILL, times=10**6):
        status, report = digitise(scan, "--out", tmp_path / "out")
    assert (status, report["totals"]["quarantined"]) == (3, 1)
    (row,) = read_table(tmp_path / "out", "documents").to_pylist()
    assert (row["error_code"], row["n_failed_runs"]) == ("DECODER_STOPPED", 1)
    assert "1 of 3 runs" in row["error_message"]
    assert digitise(scan, "--out", tmp_path / "out")[0] == 0


def test_a_scan_that_was_read_half_written_leaves_nothing_of_that_when_it_is_whole(scan, tmp_path):
    whole = scan.read_bytes()
    scan.write_bytes(whole[: len(whole) * 4 // 5])
    assert digitise(scan.parent, "--out", tmp_path / "out")[0] == 3
    scan.write_bytes(whole)
    status, report = digitise(scan.parent, "--out", tmp_path / "out")
    assert (status, len(report["superseded"])) == (0, 1)
    assert [row["n_pages"] for row in read_table(tmp_path / "out", "documents").to_pylist()] == [3]
    assert len(list((tmp_path / "out" / "pages").iterdir())) == 1
