"""What Prefect's database keeps of a flow run and its tasks, written as Prefect's own server writes it.

The tables are those of the one version of Prefect that `pyproject.toml` names; its server made them, and reads what is
written here. A run does not depend on it: what cannot be written is missing from the history, and the log says so.
"""

from __future__ import annotations

import datetime
import json
import logging
import sqlite3
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
"""Values by the names of columns, as JSON has them: times are ISO 8601 with an offset, spans are seconds."""

BUSY_LIMIT_S = 10.0
"""Seconds to wait for another run that writes to the database; each holds it for milliseconds."""
TIMES = frozenset(
    {"created", "updated", "timestamp", "state_timestamp", "expected_start_time", "start_time", "end_time"}
    | {"next_scheduled_start_time", "cache_expiration"}
)
SPANS = frozenset({"total_run_time"})
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
"""Prefect's tables keep a span of time as the moment so long after this one."""

logger = logging.getLogger(__name__)


class RunRecords:
    """Writes to a database that has Prefect's tables; used from the one thread that opened it."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        self._has_failed = False

    def flow(self, name: str) -> Row:
        """The flow of a name; a new one where none has it yet."""
        created = now()
        new = {"id": str(uuid.uuid4()), "created": created, "updated": created, "name": name, "tags": [], "labels": {}}
        self._write("INSERT OR IGNORE INTO flow", new)
        known = self._ask("SELECT id, created, updated FROM flow WHERE name = ?", name)
        return new if known is None else new | dict(zip(("id", "created", "updated"), known, strict=True))

    def flow_run(self, run: Row) -> None:
        """A flow run as it is now, in place of what it was."""
        self._upsert("flow_run", run)

    def flow_run_state(self, state: Row) -> None:
        """A state that a flow run entered."""
        self._write("INSERT OR IGNORE INTO flow_run_state", state)

    def task_run(self, run: Row, state: Row) -> None:
        """A task run as it is now, and the state that it entered."""
        self._upsert("task_run", run)
        self._write("INSERT OR IGNORE INTO task_run_state", state)

    def close(self) -> None:
        """Let go of the database."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _upsert(self, table: str, row: Row) -> None:
        kept = ", ".join(f"{name} = excluded.{name}" for name in row if name not in ("id", "created"))
        self._write(f"INSERT INTO {table}", row, f"ON CONFLICT (id) DO UPDATE SET {kept}")

    def _write(self, insert: str, row: Row, on_conflict: str = "") -> None:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self._ask(f"{insert} ({names}) VALUES ({marks}) {on_conflict}", *(_stored(*item) for item in row.items()))

    def _ask(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row of an answer; None where there is none, or the database cannot be used any more."""
        if self._has_failed:
            return None
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._database, timeout=BUSY_LIMIT_S, isolation_level=None)
                self._connection.execute(
                    "PRAGMA synchronous = NORMAL"
                )  # as Prefect's server: a crash costs the last rows
            row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            self._has_failed = True
            logger.warning("the flow engine's history misses the rest of this run: %s", error)
            return None
        return row


def now() -> str:
    """This moment, as JSON has it."""
    return datetime.datetime.now(datetime.UTC).isoformat()


def seconds_between(first: str, last: str) -> float:
    """Seconds from one moment to another."""
    return (datetime.datetime.fromisoformat(last) - datetime.datetime.fromisoformat(first)).total_seconds()


def later_than(moment: str | None, candidate: str) -> str:
    """A moment, or the first one after the moment before it: two states of a run share none."""
    if moment is None or seconds_between(moment, candidate) > 0:
        return candidate
    return (datetime.datetime.fromisoformat(moment) + datetime.timedelta(microseconds=1)).isoformat()


def _stored(name: str, value: Any) -> Any:
    """A value as Prefect's tables keep it: moments in UTC without an offset, lists and objects as JSON."""
    if name in SPANS:
        return _moment(EPOCH + datetime.timedelta(seconds=value))
    if name in TIMES and value is not None:
        return _moment(datetime.datetime.fromisoformat(value))
    return json.dumps(value) if isinstance(value, dict | list | tuple) else value


def _moment(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
