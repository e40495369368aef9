"""Documents that are read ahead of their run: once, and landed only when the run orders them."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from flows.batch import land_document
from flows.workers.protocol import Order
from flows.workers.reading_ahead import AheadReader, Read
from pipeline.elements import NOTHING_UNDERSTOOD, DocumentResult, SourceFile, Status

STARTED = datetime.datetime(2026, 3, 30, tzinfo=datetime.UTC)


def result(name):
    source = SourceFile(f"{name}.jpg", name, 1, "image/jpeg", 1)
    return DocumentResult(source, Status.LANDED, (), NOTHING_UNDERSTOOD, (), None, None)


def order(name, run_id="run", again=None):
    return Order(name, (f"{name}.jpg",), run_id, again)


def ahead(name):
    return order(name, None)


class Worker:
    """A reader that notes what it read and what it landed."""

    def __init__(self, *broken):
        self.read, self.landed, self.broken = [], [], list(broken)
        self.obey = AheadReader(self.digitise, self.land)

    def digitise(self, wanted, on_page):
        self.read.append(wanted.document_id)
        if wanted.document_id in self.broken:
            self.broken.remove(wanted.document_id)
            raise RuntimeError("a fault of ours")
        return Read(result(wanted.document_id), STARTED)

    def land(self, read, wanted):
        self.landed.append((read.result.source.document_id, wanted.run_id))
        return wanted.document_id


def test_what_was_read_ahead_lands_with_its_run_without_being_read_again():
    worker = Worker()
    assert worker.obey(ahead("a"), print) is None
    assert (worker.read, worker.landed) == (["a"], [])
    assert worker.obey(order("a"), print) == "a"
    assert (worker.read, worker.landed) == (["a"], [("a", "run")])


@pytest.mark.parametrize("wanted", [order("b"), order("a", again=()), order("a", again=(2,))])
def test_another_document_and_one_that_is_tried_again_are_read(wanted):
    worker = Worker()
    worker.obey(ahead("a"), print)
    worker.obey(wanted, print)
    assert worker.read == ["a", wanted.document_id]


def test_what_was_kept_lands_once():
    worker = Worker()
    for wanted in (ahead("a"), order("a"), order("a")):
        worker.obey(wanted, print)
    assert worker.read == ["a", "a"]


def test_what_failed_ahead_is_read_when_it_is_ordered():
    worker = Worker("a")
    with pytest.raises(RuntimeError):
        worker.obey(ahead("a"), print)
    assert worker.obey(order("a"), print) == "a"
    assert worker.read == ["a", "a"]


def test_nothing_lands_without_a_run(tmp_path):
    with pytest.raises(ValueError, match="ahead of its run"):
        land_document(result("a"), ahead("a"), None, None, STARTED)


def test_an_order_survives_the_pipe_with_and_without_a_run():
    for wanted in (order("a"), ahead("a"), replace(order("a"), again=(1, 2))):
        assert Order.from_json(wanted.as_json()) == wanted
