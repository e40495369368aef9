"""What a run's flow leaves in Prefect's history: how the flow and each of its tasks truly went."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing

import pytest
from cli_runs import OF_THE_ENGINE, PATIENCE_S, start, wait_for, write
from engine_homes import migrated_home

from flows.engine.history import DATABASE


@pytest.fixture
def home(engine, tmp_path, monkeypatch):
    """A home with an empty history, for commands that are started with their own engine."""
    folder = migrated_home(tmp_path / "home")
    for name in OF_THE_ENGINE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PREFECT_HOME", str(folder))
    return folder


def states(home, kind, run_id):
    """The states of a flow run or a task run, in order."""
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        query = f"SELECT name FROM {kind}_state WHERE {kind}_id = ? ORDER BY timestamp"
        return [name for (name,) in connection.execute(query, (run_id,))]


def task_runs(home, run_id):
    """The ids of a flow run's tasks by their names."""
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        return dict(connection.execute("SELECT name, id FROM task_run WHERE flow_run_id = ?", (run_id,)))


def test_the_history_says_how_the_flow_and_each_task_ended(home, tmp_path):
    source = write(tmp_path / "in", a="read", c="vanish")
    with start("digitise", source, "--out", tmp_path / "out", "--json") as process:
        said, _ = process.communicate(timeout=PATIENCE_S)
    run_id = json.loads(said)["run_id"]
    assert states(home, "flow_run", run_id) == ["Pending", "Running", "Completed"]
    tasks = task_runs(home, run_id)
    assert states(home, "task_run", tasks["a.jpg"]) == ["Pending", "Running", "Completed"]
    retried = ["Pending", "Running", *["AwaitingRetry", "Retrying"] * 2, "Failed"]
    assert states(home, "task_run", tasks["c.jpg"]) == retried


def test_the_history_of_an_interrupted_run_says_that_it_crashed(home, tmp_path):
    source = write(tmp_path / "in", a="hang")
    with start("digitise", source, "--out", tmp_path / "out") as process:
        wait_for((source / "a.pid").exists)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        assert connection.execute("SELECT state_type FROM flow_run ORDER BY created").fetchall()[-1] == ("CRASHED",)
