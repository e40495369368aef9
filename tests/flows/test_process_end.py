"""The program ends when its work is done or it is told to, whatever else its process holds."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

LINGERING = """
import threading, time
from flows.process_end import end_within, leave
threading.Thread(target=time.sleep, args=(600,)).start()
threading._register_atexit(time.sleep, 600)
"""


def ended(code):
    """Exit status, output, and how long it took."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", LINGERING + code], capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout, time.monotonic() - begun


def test_leaving_waits_for_no_thread_and_no_exit_handler_but_says_what_was_printed():
    status, said, seconds = ended("print('the last word', end=''); leave(3)")
    assert (status, said) == (3, "the last word")
    assert seconds < 60


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_leaving_minds_no_closed_stream(stream):
    status, _, _ = ended(f"import sys; sys.{stream}.close(); leave(3)")
    assert status == 3


def test_an_end_that_is_set_comes_whatever_the_main_thread_does():
    status, _, seconds = ended("end_within(143, 0.2); time.sleep(600)")
    assert status == 143
    assert seconds < 60


def test_an_end_that_is_set_keeps_no_process_waiting():
    status, _, seconds = ended("end_within(1, 600); leave(0)")
    assert status == 0
    assert seconds < 60
