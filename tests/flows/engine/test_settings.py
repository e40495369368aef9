"""Prefect hears from the program and the environment alone: nothing in the working folder is read, let alone run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_runs import FAKE_CLI, OF_THE_ENGINE, PATIENCE_S, write

from flows.engine.settings import SAFE_FOLDER, away_from_working_folder, is_loopback, told
from pipeline.landing.landing import read_table

CALLING = """
version: 1
handlers:
  trap: {"()": pathlib.Path.touch, "self": "%s"}
loggers:
  trapped: {handlers: [trap]}
"""
SHOW_SETTINGS = """
import json
from flows.engine.settings import settings_of_environment
with settings_of_environment() as settings:
    database = settings.server.database.connection_url
    print(json.dumps([str(settings.logging.config_path), database and database.get_secret_value()]))
"""


def lay_traps(folder):
    """Files that make Prefect, or Python, touch `folder`/SPRUNG when they are taken for settings or modules."""
    folder.mkdir()
    sprung = folder / "SPRUNG"
    (folder / "trap.yml").write_text(CALLING % sprung)
    (folder / ".env").write_text("PREFECT_LOGGING_CONFIG_PATH=trap.yml\nPREFECT_PROFILES_PATH=trap.toml\n")
    (folder / "prefect.toml").write_text('[logging]\nconfig_path = "trap.yml"\n')
    (folder / "pyproject.toml").write_text('[tool.prefect.logging]\nconfig_path = "trap.yml"\n')
    (folder / "trap.toml").write_text('active = "x"\n[profiles.x]\nPREFECT_LOGGING_CONFIG_PATH = "trap.yml"\n')
    for module in ("prefect", "pipeline", "flows", "multiprocessing", "sitecustomize"):
        (folder / f"{module}.py").write_text(f"import pathlib; pathlib.Path({str(sprung)!r}).touch()")
    for library in ("libc.so.6", "libz.so.1", "libm.so.6", "libpthread.so.0"):
        (folder / library).write_text("whoever loads this fails")
    return sprung


def environment(own_engine=True):
    return {k: v for k, v in os.environ.items() if not (own_engine and k in OF_THE_ENGINE)}


def shown_settings(folder):
    command = [sys.executable, "-P", "-c", SHOW_SETTINGS]
    said = subprocess.check_output(command, cwd=folder, env=environment(), text=True, timeout=PATIENCE_S)
    return json.loads(said)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".env", "PREFECT_LOGGING_CONFIG_PATH=trap.yml\nPREFECT_API_DATABASE_CONNECTION_URL=sqlite+aiosqlite:///x.db"),
        ("prefect.toml", '[logging]\nconfig_path = "trap.yml"\n[server.database]\nconnection_url = "sqlite:///x.db"'),
        (
            "pyproject.toml",
            '[tool.prefect.logging]\nconfig_path = "trap.yml"\n'
            '[tool.prefect.server.database]\nconnection_url = "sqlite:///x.db"',
        ),
    ],
)
def test_no_file_of_the_working_folder_is_taken_for_settings(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    config_path, database = shown_settings(tmp_path)
    assert not config_path.endswith("trap.yml")
    assert "x.db" not in (database or "")


@pytest.mark.usefixtures("engine")
def test_a_run_springs_no_trap_of_the_working_folder(tmp_path):
    sprung = lay_traps(tmp_path / "here")
    source = write(tmp_path / "in", a="read")
    command = [sys.executable, str(FAKE_CLI), "digitise", str(source), "--out", "out"]
    subprocess.run(command, cwd=sprung.parent, env=environment(), check=True, timeout=PATIENCE_S, capture_output=True)
    assert read_table(sprung.parent / "out", "documents").num_rows == 1
    assert not sprung.exists()


def test_the_traps_are_real(tmp_path):
    sprung = lay_traps(tmp_path / "here")
    check = "import prefect.logging.configuration as c; c.setup_logging(incremental=False)"
    trapped = environment() | {"PREFECT_LOGGING_CONFIG_PATH": "trap.yml"}
    subprocess.run(
        [sys.executable, "-P", "-c", check], cwd=sprung.parent, env=trapped, check=False, capture_output=True
    )
    assert sprung.exists()


def test_the_working_folder_is_the_same_afterwards_even_if_it_was_removed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with away_from_working_folder():
        assert Path.cwd() == SAFE_FOLDER
    assert Path.cwd() == tmp_path
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with away_from_working_folder():
        pass
    with pytest.raises(FileNotFoundError):
        Path.cwd()


def test_what_the_user_has_set_outweighs_wishes_but_not_words(monkeypatch):
    monkeypatch.setenv("SF_WORD", "the user's")
    monkeypatch.setenv("SF_WISH", "the user's")
    monkeypatch.delenv("SF_NEW", raising=False)
    with told({"SF_WORD": "ours"}, {"SF_WISH": "ours", "SF_NEW": "ours"}):
        assert [os.environ[name] for name in ("SF_WORD", "SF_WISH", "SF_NEW")] == ["ours", "the user's", "ours"]
    assert [os.environ.get(name) for name in ("SF_WORD", "SF_WISH", "SF_NEW")] == ["the user's", "the user's", None]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:4200/api", True),
        ("http://localhost/api", True),
        ("http://[::1]:4200/api", True),
        ("http://127.1.2.3/api", True),
        ("http://192.168.0.7/api", False),
        ("https://localhost.example/api", False),
        ("nonsense", False),
    ],
)
def test_the_loopback_is_told_from_other_machines(url, expected):
    assert is_loopback(url) is expected
