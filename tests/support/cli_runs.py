"""The command line in processes of its own, with workers and a looker that are fakes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from typer.testing import CliRunner

from flows.cli import app

FAKE_CLI = Path(__file__).parent / "fake_cli.py"
PATIENCE_S = 60
NOTES = {".orders", ".ahead"}
"""Files of the fake workers' own in the output folder."""
OF_THE_ENGINE = {"PREFECT_HOME", "PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"}


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write(folder, **orders):
    """A file NAME.jpg for each keyword; its first line tells the fake worker what to do."""
    folder.mkdir(exist_ok=True)
    for name, order in orders.items():
        (folder / f"{name}.jpg").write_text(f"{order}\n{name}")
    return folder


@contextmanager
def start(*arguments, own_engine=False):
    """The command in a process of its own, with the session's flow engine or its own; killed at the end."""
    environment = {k: v for k, v in os.environ.items() if not (own_engine and k in OF_THE_ENGINE)}
    command = [sys.executable, str(FAKE_CLI), *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def is_alive(pid):
    """Whether a process runs; one that has ended and was not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
