"""Workers whose documents cease to answer."""

from __future__ import annotations

import time

import pytest
from fakes import FAKE_WORKER
from hanging_share import hanging_share

from flows import looking
from flows.looking import NOT_ASKED
from flows.workers import pool
from flows.workers.pool import WorkerPool
from flows.workers.protocol import Order, Setup
from pipeline.errors import SourceUnreadable
from pipeline.files.opening import hash_file
from pipeline.landing.landing import read_table
from pipeline.landing.transaction import open_output
from pipeline.settings.settings import LandingSettings

SOON_S = 60


@pytest.fixture
def hurry(monkeypatch):
    """Seconds instead of half a minute."""
    monkeypatch.setattr(pool, "LOOK_AFTER_S", 2.0)
    monkeypatch.setattr(looking, "ANSWER_LIMIT_S", 5.0)


def workers(out, size=1):
    setup = Setup(str(out), None, "5" * 64, "1", (("model", "3" * 64),), 1)
    return WorkerPool(setup, size, out / "log", FAKE_WORKER)


def order(path):
    """To read a file that answers, as yet."""
    return Order(hash_file(path), (str(path),), "run")


def read(pool, wanted):
    return pool.read(wanted, lambda done, of: None)


@pytest.mark.usefixtures("hurry")
def test_a_document_on_a_share_that_ceases_to_answer_fails_soon_and_others_are_read(tmp_path):
    (tmp_path / "c.jpg").write_text("read\nc")
    files = {f"{name}.jpg": "read" for name in "abde"}
    with (
        hanging_share(tmp_path / "share", **files) as hang,
        open_output(tmp_path / "out", LandingSettings()),
        workers(tmp_path / "out") as started,
    ):
        begin = time.monotonic()
        on_share = {name: order(tmp_path / "share" / f"{name}.jpg") for name in "abde"}
        read(started, on_share["a"])
        hang("files")
        for name in "bd":
            with pytest.raises(SourceUnreadable, match="no answer for 5 s"):
                read(started, on_share[name])
        with pytest.raises(SourceUnreadable, match=NOT_ASKED):
            read(started, on_share["e"])
        read(started, order(tmp_path / "c.jpg"))
        assert time.monotonic() - begin < SOON_S
    assert read_table(tmp_path / "out", "documents").num_rows == 2


@pytest.mark.usefixtures("hurry")
def test_a_worker_that_takes_long_over_a_file_that_answers_is_waited_for(tmp_path):
    (tmp_path / "a.jpg").write_text("take long\na")
    with open_output(tmp_path / "out", LandingSettings()), workers(tmp_path / "out") as started:
        assert read(started, order(tmp_path / "a.jpg")).is_complete
