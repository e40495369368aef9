"""What the pool and its workers say to each other, and the worker's side of the talk.

Messages are JSON objects on a two-way pipe. To the worker: an `Order` for each document; before the run is known, one
without a run may come, which is read ahead and answered only when it comes again with its run. From the worker, each
with a `kind`: `ready` (at, as `time.time` says) once, then for each document any number of `page` (document_id, done,
of, at), and one `outcome` (outcome) or `fault` (code, message). A `fault` in place of `ready` is the worker's last
word. Nothing is pickled.
"""

from __future__ import annotations

import datetime
import functools
import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from flows.outcome import DocumentOutcome
from pipeline.errors import SignedFormsError, UnexpectedError
from pipeline.landing import RunInfo
from pipeline.visible import visible

Sources: TypeAlias = tuple[str, ...]
"""The paths of one content; the first that still holds it is read."""
OnPage: TypeAlias = Callable[[int, int], None]
"""Told how many pages are done, and how many there are."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """A document to read: the content that was planned, and where it was found."""

    document_id: str
    sources: Sources
    run_id: str | None
    """Of the run that the document lands with; None before that is known: it is read ahead, and does not land."""
    again: tuple[int, ...] | None = None
    """Of a document whose decoder failed in this run: the pages that it failed on, none where it was the document."""

    def as_json(self) -> dict[str, Any]:
        """Plain values that `json.dumps` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, tree: dict[str, Any]) -> Order:
        """The inverse of `as_json`."""
        again = tree["again"]
        return cls(tree["document_id"], tuple(tree["sources"]), tree["run_id"], None if again is None else tuple(again))


Reader: TypeAlias = Callable[[Order, OnPage], DocumentOutcome | None]
"""None for a document that is read ahead, and for one that is tried again and whose decoder fails as it did."""


@dataclass(frozen=True, slots=True)
class Setup:
    """All that a worker is told before its first document; paths are absolute."""

    out: str
    settings_file: str | None
    settings_sha256: str
    pipeline_version: str
    models: tuple[tuple[str, str], ...]
    threads: int
    debug_images: str | None = None

    def to_json(self) -> str:
        """As the worker's argument."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Setup:
        """The inverse of `to_json`."""
        tree = json.loads(text)
        return cls(**(tree | {"models": tuple((name, sha256) for name, sha256 in tree["models"])}))

    def run_info(self, run_id: str, source: str, started_at: datetime.datetime) -> RunInfo:
        """What to record of a document that a run has read from `source` until now."""
        return RunInfo(
            run_id=run_id,
            started_at=started_at,
            finished_at=datetime.datetime.now(datetime.UTC),
            settings_sha256=self.settings_sha256,
            pipeline_version=self.pipeline_version,
            models=self.models,
            source_path=source,
        )


def serve(connection: Connection, prepare: Callable[[], Reader]) -> None:
    """Answer the pool at the other end of the connection; does not return before it is gone.

    Args:
        connection: to the pool.
        prepare: loads what every document needs, and gives the function that reads one.
    """
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(connection, orders), name="pool", daemon=True).start()
    try:
        read = prepare()
    except Exception as error:  # whatever it is, the pool is told, and the log says where
        logger.exception("the worker cannot start")
        _say_fault(connection, error)
        return
    _say(connection, "ready", at=time.time())
    while True:
        order = Order.from_json(json.loads(orders.get()))
        on_page = functools.partial(_say_page, connection, order.document_id)
        try:
            outcome = read(order, on_page)
        except Exception as error:  # a fault of ours costs this document, and the log says where
            if order.run_id is None:
                continue  # it is read once more when it is to land, and what is wrong is told then
            logger.exception("%s did not land", visible(order.sources[0]))
            _say_fault(connection, error)
        else:
            if order.run_id is not None:
                _say(connection, "outcome", outcome=outcome and outcome.as_json())


def _say_page(connection: Connection, document_id: str, done: int, of: int) -> None:
    _say(connection, "page", document_id=document_id, done=done, of=of, at=time.time())


def _say_fault(connection: Connection, error: Exception) -> None:
    if isinstance(error, SignedFormsError):
        _say(connection, "fault", code=error.code, message=str(error))
    else:
        _say(connection, "fault", code=UnexpectedError.code, message=f"{type(error).__name__}: {error}")


def _say(connection: Connection, kind: str, **values: Any) -> None:
    connection.send_bytes(json.dumps({"kind": kind, **values}).encode())


def _listen(connection: Connection, orders: queue.SimpleQueue[bytes]) -> None:
    """Pass on what the pool says; once it is gone, end, whatever is being read."""
    try:
        while True:
            orders.put(connection.recv_bytes())
    except (EOFError, OSError):
        os._exit(0)
