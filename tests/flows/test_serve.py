"""Runs on a schedule: the same flow as by hand, started by the flow engine."""

from __future__ import annotations

import signal

import pytest
from cli_runs import PATIENCE_S, is_alive, run, start, wait_for, write

from flows import serve
from pipeline.landing.landing import read_table


@pytest.fixture
def often(engine, monkeypatch):
    """A server that looks for runs to start every second."""
    monkeypatch.setenv("PREFECT_RUNNER_POLL_FREQUENCY", "1")


@pytest.mark.usefixtures("often")
def test_a_run_happens_on_a_schedule_of_seconds(tmp_path):
    source, out = write(tmp_path / "in", a="read"), tmp_path / "out"
    with start("serve", source, "--out", out, "--interval", "3", own_engine=True) as process:
        wait_for(lambda: read_table(out, "documents").num_rows == 1)
        write(source, b="read")
        wait_for(lambda: read_table(out, "documents").num_rows == 2)
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "Traceback" not in complaint


@pytest.mark.usefixtures("often")
def test_a_killed_server_takes_its_run_along(tmp_path):
    source = write(tmp_path / "in", a="hang")
    with start("serve", source, "--out", tmp_path / "out", "--interval", "3", own_engine=True) as process:
        wait_for((source / "a.pid").exists)
        process.kill()
    wait_for(lambda: not is_alive(int((source / "a.pid").read_text())))


def test_a_schedule_that_is_no_cron_expression_is_bad_usage(tmp_path):
    result = run("serve", write(tmp_path / "in", a="read"), "--out", tmp_path / "out", "--cron", "at night")
    assert result.exit_code == 2
    assert "SCHEDULE_INVALID: 'at night' is no cron expression" in result.stderr


def test_cron_follows_the_clock_on_the_wall(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    assert serve._local_timezone() == "Asia/Shanghai"


def test_a_time_zone_without_a_name_is_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Nowhere/Else")
    assert serve._local_timezone() == "UTC"


def test_each_output_folder_has_a_deployment_of_its_own(tmp_path):
    names = {serve._deployment_name(tmp_path / name / "out") for name in "ab"}
    assert len(names) == 2
    assert serve._deployment_name(tmp_path / "a" / "out") in names
