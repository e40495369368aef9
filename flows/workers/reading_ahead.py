"""A document that is read before its run is known: what was read is kept until it is to land."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import NamedTuple

from flows.outcome import DocumentOutcome
from flows.workers.protocol import OnPage, Order
from pipeline.elements import DocumentResult


class Read(NamedTuple):
    """A document that was read, and when that began."""

    result: DocumentResult
    started_at: datetime.datetime


class AheadReader:
    """Reads a document when it is ordered without a run, and lands it when it is ordered again with one.

    Only the document that was ordered last is kept; any other is read when it is ordered. What is tried again is read
    anew. It is a `flows.workers.protocol.Reader`.
    """

    def __init__(
        self, digitise: Callable[[Order, OnPage], Read | None], land: Callable[[Read, Order], DocumentOutcome]
    ) -> None:
        self._digitise, self._land = digitise, land
        self._kept: Read | None = None

    def __call__(self, order: Order, on_page: OnPage) -> DocumentOutcome | None:
        """Read, or land what was read; None for what does not land."""
        kept, self._kept = self._kept, None
        if kept is None or order.again is not None or kept.result.source.document_id != order.document_id:
            kept = self._digitise(order, on_page)
        if kept is None:
            return None
        if order.run_id is None:
            self._kept = kept
            return None
        return self._land(kept, order)
