"""What a command does while somebody waits for it: workers first, every second counted, every part named."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_runs import FAKE_CLI, PATIENCE_S, start, wait_for, write

from flows import runs
from flows.plan import Options
from pipeline.errors import FlowEngineFailed
from pipeline.landing import read_table

pytestmark = pytest.mark.usefixtures("engine", "fake_workers")
LATE_S = 3.0
PARTS = ("imports", "plan", "workers started", "flow engine ready", "worker ready", "page 1 of 2 read", "landed", "end")


def workers():
    """The worker processes of this one."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    alive = [pid for task in tasks for pid in task.read_text().split()]
    return [pid for pid in alive if b"fake_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_workers_are_there_before_the_flow_engine_is(tmp_path, monkeypatch):
    @contextmanager
    def slow_engine(out, note):
        wait_for(workers)
        seen.extend(workers())
        yield

    seen = []
    monkeypatch.setattr(runs, "flow_engine", slow_engine)
    source, out = write(tmp_path / "in", a="read", b="read"), tmp_path / "out"
    assert runs.run([source], out, Options(workers=1)).totals.landed == 2
    by = {line.split()[1] for line in (out / ".orders").read_text().splitlines()}
    assert by == set(seen)


def noted(file):
    """Names of documents, each with the process that was told of it, as the fake workers note them."""
    lines = file.read_text().splitlines() if file.exists() else []
    return {tuple(line.split()[:2]) for line in lines}


def test_the_first_documents_are_read_while_the_flow_engine_starts_each_by_the_worker_that_lands_it(
    tmp_path, monkeypatch
):
    @contextmanager
    def slow_engine(out, note):
        wait_for(lambda: len(noted(out / ".ahead")) == 2)
        assert not (out / ".orders").exists()
        yield

    monkeypatch.setattr(runs, "flow_engine", slow_engine)
    source, out = write(tmp_path / "in", a="read", b="read"), tmp_path / "out"
    assert runs.run([source], out, Options(workers=2)).totals.landed == 2
    assert {name for name, _ in noted(out / ".ahead")} == {"a.jpg", "b.jpg"}
    assert noted(out / ".orders") == noted(out / ".ahead")


def test_no_worker_outlives_a_run_whose_flow_engine_does_not_start(tmp_path, monkeypatch):
    @contextmanager
    def broken_engine(out, note):
        wait_for(workers)
        raise FlowEngineFailed("no")
        yield

    monkeypatch.setattr(runs, "flow_engine", broken_engine)
    with pytest.raises(FlowEngineFailed):
        runs.run([write(tmp_path / "in", a="read")], tmp_path / "out", Options())
    assert workers() == []


def test_where_there_is_nothing_to_read_no_worker_and_no_engine_is_started(tmp_path, monkeypatch):
    source, out = write(tmp_path / "in", a="read"), tmp_path / "out"
    runs.run([source], out, Options())
    monkeypatch.setattr(runs, "flow_engine", None)
    monkeypatch.setattr(runs, "started_workers", None)
    assert runs.run([source], out, Options()).totals.skipped == 1


@pytest.mark.parametrize("has_landed", [False, True])
def test_the_reports_seconds_are_those_of_the_whole_process(tmp_path, has_landed):
    source, out = write(tmp_path / "in", a="read"), tmp_path / "out"
    if has_landed:
        runs.run([source], out, Options())
    code = f"import runpy, sys, time; time.sleep({LATE_S}); sys.path.insert(0, {str(FAKE_CLI.parent)!r});"
    code += f"sys.argv[0] = {str(FAKE_CLI)!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", code, "digitise", str(source), "--out", str(out), "--json"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout
    assert json.loads(said)["seconds"] >= LATE_S


def test_verbose_tells_the_parts_of_a_run_in_their_order_with_the_seconds(tmp_path):
    source = write(tmp_path / "in", a="read")
    with start("--verbose", "digitise", source, "--out", tmp_path / "out") as process:
        said, complaint = process.communicate(timeout=PATIENCE_S)
    lines = [line.split(" s: ") for line in complaint.splitlines() if " s: " in line and line.lstrip()[:1].isdigit()]
    assert {part.split(",")[0] for _, part in lines} == set(PARTS)
    in_order = [part.split(",")[0] for _, part in lines]
    assert [part for part in in_order if part != "worker ready"] == [part for part in PARTS if part != "worker ready"]
    (seconds,) = re.findall(r" in ([0-9.]+) s\. ", said)
    assert float(lines[-1][0]) == pytest.approx(float(seconds), abs=1.0)


def test_the_log_of_a_verbose_run_is_that_of_any_other(tmp_path):
    with start("--verbose", "digitise", write(tmp_path / "in", a="read"), "--out", tmp_path / "out") as process:
        process.communicate(timeout=PATIENCE_S)
    (log,) = (tmp_path / "out" / ".logs").iterdir()
    assert "flow engine ready" not in log.read_text()
    assert "ended with status 0" in log.read_text()


def test_the_documents_of_a_run_land_with_the_id_that_it_reports(tmp_path):
    report = runs.run([write(tmp_path / "in", a="read", b="die")], tmp_path / "out", Options())
    assert set(read_table(tmp_path / "out", "documents")["run_id"].to_pylist()) == {report.run_id}
