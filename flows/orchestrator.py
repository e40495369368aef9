"""Gives a run its flow engine: Prefect's server in a thread of this process, on a loopback port with a password.

Prefect would start the server as a process of its own, which outlives a killed run and migrates its database at every
start (ten seconds). A thread dies with the run, and the database is migrated once for each version of Prefect. A
server that the user names in PREFECT_API_URL is used instead.
"""

from __future__ import annotations

import contextvars
import fcntl
import importlib
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import FlowEngineFailed
from pipeline.folder import make_folder

START_LIMIT_S = 300
"""Seconds for the server's start; migrating a new database takes ten on a fast machine."""
STOP_LIMIT_S = 5
"""Seconds for its end; what it still writes is only its own history."""
HOME_NAME = "flow-engine"
DATABASE = "prefect.db"

logger = logging.getLogger(__name__)


@contextmanager
def flow_engine(out: Path, *, scheduling: bool = False) -> Iterator[None]:
    """Have a flow engine for the flows called inside.

    Args:
        out: the output folder, which keeps the engine's database where the home folder cannot be written to.
        scheduling: whether schedules are followed as well.

    Raises:
        FlowEngineFailed: when the engine cannot be started.
    """
    if os.environ.get("PREFECT_API_URL"):
        yield
        return
    home = _choose_home(out)
    with _environment(home) as listener, _settings_of_environment():
        with _one_at_a_time(home):
            server, thread = _start(home, listener, scheduling=scheduling)
            _migrated(home).touch()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join(STOP_LIMIT_S)


def is_first_start(out: Path) -> bool:
    """Whether the engine has yet to make its database."""
    return not os.environ.get("PREFECT_API_URL") and not _is_migrated(_choose_home(out))


def _choose_home(out: Path) -> Path:
    """The first folder that can be written to: the user's choice, the home folder's state, the output folder."""
    chosen = os.environ.get("PREFECT_HOME")
    refusals = []
    for folder in [Path(chosen)] if chosen else [_state_folder(), out / f".{HOME_NAME}"]:
        try:
            if folder.is_symlink() and not chosen:
                raise OSError("is a link")
            make_folder(folder)  # for its owner alone: the history names documents
            with (folder / ".start.lock").open("a"):
                return folder.resolve()
        except (OSError, RuntimeError) as error:
            refusals.append(f"{folder}: {error}")
    raise FlowEngineFailed("; ".join(refusals))


def _state_folder() -> Path:
    """Where programs keep their state, after the XDG base directory convention; one folder a version of Prefect."""
    configured = os.environ.get("XDG_STATE_HOME", "")
    base = Path(configured) if configured.startswith("/") else Path("~/.local/state").expanduser()
    return base / "signed-forms" / f"{HOME_NAME}-{version('prefect')}"


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """Two runs that migrate one new database at once would break it."""
    with (home / ".start.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_migrated(home: Path) -> bool:
    """Whether the database is there, as this version of Prefect wants it; never said of a database of the user's."""
    is_ours = "PREFECT_API_DATABASE_CONNECTION_URL" not in os.environ
    return is_ours and _migrated(home).exists() and (home / DATABASE).exists()


def _migrated(home: Path) -> Path:
    return home / f".migrated-{version('prefect')}"


@contextmanager
def _environment(home: Path) -> Iterator[socket.socket]:
    """State what Prefect is to know, here and in the processes of scheduled runs; yields the port to listen at."""
    password = f"signed-forms:{secrets.token_hex(16)}"  # other users of the machine reach the port as well
    with _listening_socket() as listener:
        stated = {
            "PREFECT_HOME": str(home),
            "PREFECT_API_URL": f"http://127.0.0.1:{listener.getsockname()[1]}/api",
            "PREFECT_API_AUTH_STRING": password,
            "PREFECT_SERVER_API_AUTH_STRING": password,
        }
        wished = {
            "PREFECT_API_DATABASE_MIGRATE_ON_START": "false" if _is_migrated(home) else "true",
            "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
            "PREFECT_UI_ENABLED": "false",
            "PREFECT_LOGGING_TO_API_ENABLED": "false",  # nobody looks there: the run's log is a file
        }
        before = dict(os.environ)
        os.environ.update(wished | before | stated)
        try:
            yield listener
        finally:
            for name in stated | wished:
                os.environ.pop(name)
            os.environ.update(before)


@contextmanager
def _settings_of_environment() -> Iterator[None]:
    """Have Prefect read the environment now, in case that it was imported, and read it, before."""
    context = importlib.import_module("prefect.context").SettingsContext
    settings = importlib.import_module("prefect.settings")
    with context(profile=settings.Profile(name="signed-forms"), settings=settings.Settings()):
        yield


@contextmanager
def _listening_socket() -> Iterator[socket.socket]:
    """A free port of the loopback, taken at once so that no other process gets it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        try:
            listener.bind(("127.0.0.1", 0))
            listener.listen(128)
        except OSError as error:
            raise FlowEngineFailed(f"no port of 127.0.0.1: {error.strerror or error}") from error
        yield listener


def _start(home: Path, listener: socket.socket, *, scheduling: bool) -> tuple[Any, threading.Thread]:
    """Run the server in a daemon thread; returns once it answers."""
    uvicorn = importlib.import_module("uvicorn")
    app = importlib.import_module("prefect.server.api.server").create_app(ephemeral=not scheduling)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    complaints = _Complaints()
    context = contextvars.copy_context()
    thread = threading.Thread(
        target=context.run, args=(_run, server, listener, complaints), name="flow engine", daemon=True
    )
    thread.start()
    deadline = time.monotonic() + START_LIMIT_S
    while not server.started:
        if not thread.is_alive():
            raise FlowEngineFailed(f"{home}: {'; '.join(complaints.said) or 'the server ended as it started'}")
        if time.monotonic() > deadline:
            raise FlowEngineFailed(f"{home}: the server did not start within {START_LIMIT_S} s")
        time.sleep(0.02)
    return server, thread


def _run(server: Any, listener: socket.socket, complaints: _Complaints) -> None:
    uvicorn_log = logging.getLogger("uvicorn.error")
    uvicorn_log.addHandler(complaints)
    try:
        server.run(sockets=[listener])
    except SystemExit:  # uvicorn's way to say that it could not start; it has logged why
        logger.error("the flow engine could not start")
    finally:
        uvicorn_log.removeHandler(complaints)


class _Complaints(logging.Handler):
    """Keeps the last line of each error: of a traceback, the one that says what happened."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.said += record.getMessage().strip().splitlines()[-1:]
