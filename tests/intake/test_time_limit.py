"""A process has so much of the processor's time; one that gets none of it is not at fault."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from pipeline.errors import DecoderStopped, DecoderTimeout
from pipeline.intake.time_limit import MAX_STRETCH, TimeLimit, processor_time

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child's time")

BUSY = "print(flush=True)\nwhile True: pass"
IDLE = "print(flush=True)\nimport time; time.sleep(60)"


@pytest.fixture
def child():
    """Starts a process that does something; it is killed at the end."""
    children = []

    def start(script):
        children.append(subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE))
        children[-1].stdout.readline()
        return children[-1]

    yield start
    for process in children:
        process.kill()
        process.wait()
        process.stdout.close()


def wait_for(limit):
    """What becomes of a process that never answers."""
    limit.resume()
    while True:
        time.sleep(limit.check())


def in_turns(process, works_s, rests_s):
    """Stop and continue a process until it is gone, as a machine does that has too much to do."""
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        time.sleep(rests_s)
        process.send_signal(signal.SIGCONT)
        time.sleep(works_s)


def test_a_process_that_computes_for_ever_has_had_its_time(child):
    with pytest.raises(DecoderTimeout):
        wait_for(TimeLimit(child(BUSY).pid, 0.3))


def test_a_process_that_was_stopped_from_outside_did_not_use_its_time(child):
    process = child(BUSY)
    limit = TimeLimit(process.pid, 0.5)
    process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(DecoderStopped, match="no processor time"):
        wait_for(limit)
    assert time.monotonic() - started < MAX_STRETCH * 0.5


def test_a_process_that_waits_for_something_did_not_use_its_time(child):
    with pytest.raises(DecoderStopped):
        wait_for(TimeLimit(child(IDLE).pid, 0.3))


def test_a_process_that_gets_a_small_share_of_the_processor_is_told_from_one_that_is_stopped(child):
    process = child(BUSY)
    threading.Thread(target=in_turns, args=(process, 0.005, 0.2), daemon=True).start()
    with pytest.raises(DecoderStopped, match=r"got 0\.\d s of processor time in \d+ s"):
        wait_for(TimeLimit(process.pid, 0.6))


def test_time_in_which_nobody_waits_for_the_process_does_not_count_as_idle(child):
    limit = TimeLimit(child(IDLE).pid, 0.5)
    for _ in range(3):
        time.sleep(0.4)
        limit.resume()
        assert 0 < limit.check() <= 0.5


def test_each_step_has_its_own_time(child):
    process = child(BUSY)
    limit = TimeLimit(process.pid, 5.0)
    while processor_time(process.pid) < 0.5:
        time.sleep(0.02)
    limit.next_step(0.4)
    assert limit.check() > 0


def test_where_the_system_tells_no_processor_time_the_clock_s_counts(child, monkeypatch):
    monkeypatch.setattr("pipeline.intake.time_limit.processor_time", lambda pid: None)
    with pytest.raises(DecoderTimeout):
        wait_for(TimeLimit(child(IDLE).pid, 0.2))


def test_nobody_s_process_has_no_time():
    with subprocess.Popen(["true"]) as gone:
        pass
    assert processor_time(gone.pid) is None
    assert processor_time(os.getpid()) > 0
