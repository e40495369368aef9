"""Gives a run its flow engine: Prefect's server in a thread of this process, on a loopback port with a password.

Prefect would start the server as a process of its own, which outlives a killed run and migrates its database at every
start (ten seconds). A thread dies with the run, and the database is migrated once for each version of Prefect. A
server that the user chose is used instead; see `chosen_server`.
"""

from __future__ import annotations

import contextvars
import fcntl
import importlib
import logging
import os
import secrets
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.engine.chosen_server import chosen_server
from flows.engine.history import DAMAGED, history_in_use, is_migrated, migrated_mark, set_aside
from flows.engine.settings import NO_PROXY, built_in_files, has_chosen_server, settings_of_environment, told
from pipeline.errors import FlowEngineFailed
from pipeline.files import make_folder

START_LIMIT_S = 300
"""Seconds for the server's start; migrating a new database takes ten on a fast machine."""
DELIVERY_LIMIT_S = 10.0
"""Seconds for what is still to be said of a run to reach the server before that ends."""
STOP_LIMIT_S = 2
"""Seconds for its end; what it still writes is only its own history."""
KEPT_DAYS = 30
"""How long a server that follows schedules remembers what is over."""
HOME_NAME = "flow-engine"
LOCK = ".start.lock"

logger = logging.getLogger(__name__)


@contextmanager
def flow_engine(
    out: Path, *, scheduling: bool = False, note: Callable[[str], object] = lambda text: None
) -> Iterator[None]:
    """Have a flow engine for the flows called inside.

    Args:
        out: the output folder, which keeps the engine's database where the home folder cannot be written to.
        scheduling: whether schedules are followed as well.
        note: told what the user should know, in words.

    Raises:
        FlowEngineFailed: when the engine cannot be started.
        FlowServerUnreachable: when the server that the user chose does not answer.
    """
    with ExitStack() as engine:
        if engine.enter_context(chosen_server()):
            yield
            return
        home = _choose_home(out)
        with _one_at_a_time(home):
            _note_if_any(engine.enter_context(_history(home)), note)
            listener = engine.enter_context(_listening_socket())
            engine.enter_context(told(_words(home, listener), _wishes(home)))
            engine.enter_context(settings_of_environment())
            if not scheduling:
                engine.enter_context(_no_heartbeats())
            server, thread = _start_or_begin_anew(home, listener, scheduling=scheduling)
            migrated_mark(home).touch()
        try:
            yield
        finally:
            _deliver_events()
            server.should_exit = True
            thread.join(STOP_LIMIT_S)


def is_first_start(out: Path) -> bool:
    """Whether the engine has yet to make its database."""
    return not has_chosen_server() and not is_migrated(_choose_home(out))


def _choose_home(out: Path) -> Path:
    """The first folder that can be written to: the user's choice, the home folder's state, the output folder."""
    chosen = os.environ.get("PREFECT_HOME")
    refusals = []
    for folder in [Path(chosen)] if chosen else [_state_folder(), out / f".{HOME_NAME}"]:
        try:
            make_folder(folder)  # for its owner alone: the history names documents
            if folder.parent == out:
                _check_owner(folder)
            with (folder / LOCK).open("a"):
                return folder.resolve()
        except (OSError, RuntimeError) as error:
            refusals.append(f"{folder}: {error}")
    raise FlowEngineFailed("; ".join(refusals))


def _check_owner(folder: Path) -> None:
    """Refuse a folder that others may have filled, as output folders may be shared.

    Raises:
        PermissionError: when it is a link, somebody else's, or others can write to it.
    """
    status = folder.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise PermissionError("is a link")
    by_others = stat.S_IMODE(status.st_mode) & (stat.S_IWGRP | stat.S_IWOTH)
    if status.st_uid != os.geteuid() or by_others:
        raise PermissionError("others may have put files there")


def _state_folder() -> Path:
    """Where programs keep their state, after the XDG base directory convention; one folder a version of Prefect."""
    configured = os.environ.get("XDG_STATE_HOME", "")
    base = Path(configured) if configured.startswith("/") else Path("~/.local/state").expanduser()
    return base / "signed-forms" / f"{HOME_NAME}-{version('prefect')}"


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """Two runs that migrate one new database at once would break it."""
    with (home / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _history(home: Path) -> Iterator[str | None]:
    """See `history_in_use`.

    Raises:
        FlowEngineFailed: when a file of it cannot be moved or opened.
    """
    with ExitStack() as history:
        try:
            done = history.enter_context(history_in_use(home))
        except OSError as error:
            raise FlowEngineFailed(f"{error.filename or home}: {error.strerror or error}") from error
        yield done


def _note_if_any(text: str | None, note: Callable[[str], object]) -> None:
    if text:
        note(text)


def _words(home: Path, listener: socket.socket) -> dict[str, str]:
    """What Prefect is told, here and in the processes of scheduled runs, whatever the user has set."""
    password = f"signed-forms:{secrets.token_hex(16)}"  # other users of the machine reach the port as well
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{listener.getsockname()[1]}/api",
        "PREFECT_API_AUTH_STRING": password,
        "PREFECT_SERVER_API_AUTH_STRING": password,
        **NO_PROXY,
    }


def _wishes(home: Path) -> dict[str, str]:
    """What Prefect is told unless the user has set it."""
    return {
        **built_in_files(),
        "PREFECT_API_DATABASE_MIGRATE_ON_START": "false" if is_migrated(home) else "true",
        "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",  # both are this very installation's
        "PREFECT_UI_ENABLED": "false",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",  # nobody looks there: the run's log is a file
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",  # three quarters of the history, shown nowhere
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEPT_DAYS * 24 * 3600),
    }


def _start_or_begin_anew(home: Path, listener: socket.socket, *, scheduling: bool) -> tuple[Any, threading.Thread]:
    """Start the server; where it cannot start with the database there is, the next run finds none."""
    had_database = is_migrated(home)
    try:
        return _start(home, listener, scheduling=scheduling)
    except FlowEngineFailed as error:
        if not had_database:
            raise
        moved = set_aside(home, DAMAGED)
        raise FlowEngineFailed(f"{error}; its history was set aside as {moved}, so run again") from error


def _deliver_events() -> None:
    """Wait, but not for long, until the server has heard what is still to be told of the runs."""
    events = importlib.import_module("prefect.events.worker").EventsWorker
    events.drain_all(timeout=DELIVERY_LIMIT_S)


@contextmanager
def _no_heartbeats() -> Iterator[None]:
    """Have flows send none: the server ends with the run, nobody would miss them, and they hold up its end by 1 s."""
    settings = importlib.import_module("prefect.settings")
    with settings.temporary_settings({settings.PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
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
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=STOP_LIMIT_S))
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
