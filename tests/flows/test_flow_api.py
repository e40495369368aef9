"""What a run's flow leaves in the history: the same as with Prefect's own server."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sqlite3
from contextlib import closing

import pytest
from cli_runs import OF_THE_ENGINE, PATIENCE_S, start, wait_for, write
from engine_homes import migrated_home

from flows.engine.flow_api import FlowApi
from flows.engine.history import DATABASE

PASSWORD = "name:word"
OF_ONE_RUN = {"id", "created", "updated", "state_id", "state_timestamp", "timestamp", "flow_run_id"} | {
    *("start_time", "end_time", "expected_start_time", "total_run_time", "dynamic_key", "task_run_id")
}
"""Columns that differ from run to run."""


@pytest.fixture
def home(engine, tmp_path, monkeypatch):
    """A home with an empty history, for commands that are started with their own engine."""
    folder = migrated_home(tmp_path / "home")
    for name in OF_THE_ENGINE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return folder


def rows(home, table):
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY created, rowid")]


def digitise(home, source, out, **environment):
    os.environ.update(environment | {"PREFECT_HOME": str(home)})
    with start("digitise", source, "--out", out, "--json") as process:
        said, complaint = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in complaint
    return json.loads(said)


def history(home, run_id):
    """What is told of a flow run and its tasks, without what differs from run to run."""
    (run,) = [row for row in rows(home, "flow_run") if row["id"] == run_id]
    states = [row for row in rows(home, "flow_run_state") if row["flow_run_id"] == run_id]
    tasks = sorted((row for row in rows(home, "task_run") if row["flow_run_id"] == run_id), key=lambda row: row["name"])
    of_tasks = {
        task["name"]: [row for row in rows(home, "task_run_state") if row["task_run_id"] == task["id"]]
        for task in tasks
    }
    return (
        plain(run | {"name": None}),
        [plain(state) for state in sorted(states, key=lambda row: row["timestamp"])],
        [plain(task) for task in tasks],
        {name: [plain(s) for s in sorted(of, key=lambda row: row["timestamp"])] for name, of in of_tasks.items()},
    )


def plain(row):
    return {name: told(value) for name, value in row.items() if name not in OF_ONE_RUN}


def told(value):
    """A value; of an object what was said, as the server adds what was left out."""
    try:
        tree = json.loads(value)
    except (TypeError, ValueError):
        return value
    ids_and_times = {"flow_run_id", "task_run_id", "transition_id", "scheduled_time", "retry_jitter_factor"}
    ids_and_times |= {"max_retries", "retry_delay_seconds", "pause_keys", "resuming", "retry_type", "out", "sources"}
    return {key: of for key, of in tree.items() if key not in ids_and_times} if isinstance(tree, dict) else tree


@pytest.mark.usefixtures("engine")
def test_the_history_of_a_run_is_what_prefects_server_would_have_kept(home, tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", "")
    source = write(tmp_path / "in", a="read", b="corrupt", c="vanish")
    ours = digitise(home, source, tmp_path / "ours")
    database = f"sqlite+aiosqlite:///{home / DATABASE}"  # a database of the user's: Prefect's own server answers
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", database)
    servers = digitise(home, source, tmp_path / "servers")
    told_by_us, told_by_server = history(home, ours["run_id"]), history(home, servers["run_id"])
    assert told_by_us == told_by_server
    assert [state["name"] for state in told_by_us[1]] == ["Pending", "Running", "Completed"]
    retried = ["Pending", "Running", *["AwaitingRetry", "Retrying"] * 2, "Failed"]
    assert [state["name"] for state in told_by_us[3]["c.jpg"]] == retried


@pytest.mark.usefixtures("engine")
def test_the_history_of_an_interrupted_run_says_that_it_crashed(home, tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", str(home))
    source = write(tmp_path / "in", a="hang")
    with start("digitise", source, "--out", tmp_path / "out") as process:
        wait_for((source / "a.pid").exists)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert rows(home, "flow_run")[-1]["state_type"] == "CRASHED"


@pytest.mark.usefixtures("engine")
def test_a_history_that_cannot_be_written_costs_no_run(home, tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", str(home))
    with closing(sqlite3.connect(home / DATABASE)) as connection, connection:
        connection.execute("ALTER TABLE flow_run RENAME COLUMN run_count TO runs")
    report = digitise(home, write(tmp_path / "in", a="read"), tmp_path / "out")
    assert report["totals"]["landed"] == 1
    (log,) = (tmp_path / "out" / ".logs").iterdir()
    assert "history misses the rest of this run" in log.read_text()


# --- who may ask, and what --------------------------------------------------------------------------------------------


def ask(api, method, path, password=PASSWORD, body=b""):
    """Status and body of an answer."""
    said = []

    async def receive():
        return {"type": "http.request", "body": body}

    async def send(message):
        said.append(message)

    known = [(b"authorization", b"Basic " + base64.b64encode(password.encode()))] if password else []
    asyncio.run(api({"type": "http", "method": method, "path": path, "headers": known}, receive, send))
    return said[0]["status"], json.loads(said[1]["body"])


@pytest.fixture
def api(tmp_path):
    return FlowApi(tmp_path / DATABASE, PASSWORD)


@pytest.mark.parametrize("password", ["", "name:other"])
def test_who_does_not_know_the_password_is_told_nothing(api, password):
    assert ask(api, "GET", "/api/admin/version", password) == (401, {})


def test_what_a_run_does_not_need_is_not_found(api):
    assert ask(api, "GET", "/api/admin/version")[0] == 200
    for method, path in [("GET", "/api/deployments/1"), ("POST", "/api/flow_runs/1/set_state"), ("DELETE", "/")]:
        assert ask(api, method, path, body=b'{"state": {"type": "RUNNING"}}')[0] == 404


def hear(api, *said):
    """What a client is answered that says so on a WebSocket."""
    incoming = [{"type": "websocket.connect"}, *({"type": "websocket.receive", "text": text} for text in said)]
    incoming.append({"type": "websocket.disconnect"})
    answers = []

    async def receive():
        return incoming.pop(0)

    async def send(message):
        answers.append(message)

    asyncio.run(api({"type": "websocket"}, receive, send))
    return answers


def test_events_are_heard_from_those_who_know_the_password_alone(api):
    known = hear(api, json.dumps({"type": "auth", "token": PASSWORD}))
    assert [answer["type"] for answer in known] == ["websocket.accept", "websocket.send"]
    for words in ({"type": "auth", "token": "other"}, {"event": "prefect.task-run.Running"}):
        assert hear(api, json.dumps(words))[-1] == {"type": "websocket.close", "code": 1008}


def test_two_states_of_a_run_never_share_a_moment(api, monkeypatch):
    monkeypatch.setattr("flows.engine.flow_api.now", lambda: "2026-01-01T00:00:00+00:00")
    state = {"type": "PENDING", "name": "Pending"}
    body = json.dumps({"flow_id": "f", "parameters": {}, "state": state}).encode()
    _, run = ask(api, "POST", "/api/flow_runs/", body=body)
    moments = [run["state"]["timestamp"]]
    for kind in ("RUNNING", "COMPLETED"):
        body = json.dumps({"state": {"type": kind}}).encode()
        moments.append(ask(api, "POST", f"/api/flow_runs/{run['id']}/set_state", body=body)[1]["state"]["timestamp"])
    assert sorted(set(moments)) == moments
