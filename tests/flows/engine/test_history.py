"""The flow engine's database is history: damaged or large, it costs no run."""

from __future__ import annotations

import fcntl
import json
import random
import sqlite3
from contextlib import closing

import pytest
from cli_runs import PATIENCE_S, start, write
from engine_homes import migrated_home

from flows.engine import history as flow_history
from flows.engine.history import DATABASE, history_in_use, is_migrated, migrated_mark


@pytest.fixture
def home(tmp_path):
    """A home with a database that could be Prefect's."""
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("CREATE TABLE flow_run (id, name)")
        connection.execute("CREATE TABLE task_run (id, name)")
        connection.executemany("INSERT INTO task_run VALUES (?, ?)", [(n, "x" * 1000) for n in range(200)])
    migrated_mark(tmp_path).touch()
    return tmp_path


def halve(database):
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])


def spoil_a_page(database):
    content = bytearray(database.read_bytes())
    content[40960 : 40960 + 512] = random.Random(1).randbytes(512)
    database.write_bytes(content)


DAMAGES = {
    "half of it is gone": halve,
    "a page of it is spoilt": spoil_a_page,
    "it is random bytes": lambda database: database.write_bytes(random.Random(1).randbytes(5000)),
    "it is empty": lambda database: database.write_bytes(b""),
    "it is a folder": lambda database: (database.unlink(), database.mkdir()),
}


def test_a_sound_database_is_left_alone(home):
    before = (home / DATABASE).read_bytes()
    with history_in_use(home) as done:
        assert done is None
    assert (home / DATABASE).read_bytes() == before
    assert is_migrated(home)


def test_where_there_is_none_nothing_is_said(tmp_path):
    with history_in_use(tmp_path) as done:
        assert done is None


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_set_aside_and_named(home, damage):
    DAMAGES[damage](home / DATABASE)
    with history_in_use(home) as done:
        assert str(home / DATABASE) in done
        assert not (home / DATABASE).exists()
        assert (home / f"{DATABASE}.damaged").exists()
        assert not is_migrated(home)


def test_only_the_last_damaged_one_is_kept_whatever_it_is(home):
    database = home / DATABASE
    DAMAGES["it is a folder"](database)
    for content in (b"first", b"second"):
        with history_in_use(home):
            database.write_bytes(content)
    with history_in_use(home):
        pass
    assert (home / f"{DATABASE}.damaged").read_bytes() == b"second"


def test_a_database_that_was_not_finished_is_left_to_be_migrated(home):
    migrated_mark(home).unlink()
    (home / DATABASE).write_bytes(b"")
    with history_in_use(home) as done:
        assert done is None
        assert (home / DATABASE).exists()


def test_a_large_database_is_begun_anew_without_a_word_to_the_user(home, monkeypatch):
    monkeypatch.setattr(flow_history, "LIMIT_BYTES", 100_000)
    with history_in_use(home) as done:
        assert done is None
        assert not is_migrated(home)
    assert (home / f"{DATABASE}.earlier").stat().st_size > 100_000


def test_what_is_not_in_the_database_yet_goes_with_it(home, monkeypatch):
    monkeypatch.setattr(flow_history, "LIMIT_BYTES", 100_000)
    (home / f"{DATABASE}-wal").write_bytes(b"changes")
    with history_in_use(home):
        assert not (home / f"{DATABASE}-wal").exists()
    assert (home / f"{DATABASE}.earlier-wal").read_bytes() == b"changes"


def test_a_database_that_another_run_has_open_is_left_alone(home):
    halve(home / DATABASE)
    with (home / ".in-use.lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        with history_in_use(home) as done:
            assert done is None
            assert (home / DATABASE).exists()


def test_a_database_of_the_users_is_never_said_to_be_migrated(home, monkeypatch):
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", "sqlite+aiosqlite:///elsewhere.db")
    assert not is_migrated(home)


@pytest.mark.usefixtures("engine")
def test_a_run_over_a_damaged_history_says_so_and_lands(tmp_path, monkeypatch):
    home = migrated_home(tmp_path / "home")
    spoil_a_page(home / DATABASE)
    monkeypatch.delenv("PREFECT_API_URL")
    monkeypatch.setenv("PREFECT_HOME", str(home))
    with start("digitise", write(tmp_path / "in", a="read"), "--out", tmp_path / "out", "--json") as process:
        said, complaint = process.communicate(timeout=PATIENCE_S)
    assert json.loads(said)["totals"]["landed"] == 1
    assert "the flow engine's history was damaged" in complaint
    assert f"{DATABASE}.damaged" in complaint
