"""Workers that are started before the flow are the flow's, if it wants the same."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from cli_runs import wait_for

from flows.plan import AS_USUAL, Options, identify
from flows.runlog import log_of
from flows.workers.starting import Wanted, started_workers, workers_for

pytestmark = pytest.mark.usefixtures("fake_workers")


@pytest.fixture
def wanted(tmp_path):
    log_of(tmp_path).parent.mkdir()
    return Wanted(2, tmp_path, Options(workers=2), identify(AS_USUAL), log_of(tmp_path))


def children(wanted=0):
    """The workers of this process, once there are so many."""
    found = set()

    def are_there():
        found.clear()
        found.update(_children())
        return len(found) >= wanted

    wait_for(are_there)
    return found


def _children():
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    alive = [pid for task in tasks for pid in task.read_text().split()]
    return {pid for pid in alive if b"fake_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def test_the_flow_gets_the_workers_that_were_started_for_it(wanted):
    with started_workers(wanted):
        started = children(2)
        with workers_for(replace(wanted, documents=1)):
            assert children() == started
        assert len(started) == 2
    assert children() == set()


@pytest.mark.parametrize("changes", [{"documents": 3}, {"options": Options(workers=1)}], ids=str)
def test_a_flow_that_wants_others_starts_its_own(wanted, changes):
    with started_workers(wanted):
        started = children(2)
        with workers_for(replace(wanted, **changes)):
            assert children(3) > started
        assert children() == started
    assert children() == set()


def test_a_flow_that_nobody_started_workers_for_starts_its_own(wanted):
    with workers_for(wanted):
        assert len(children(2)) == 2
    assert children() == set()
