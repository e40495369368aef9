"""A process that holds much gives back what it has freed."""

import subprocess
import sys
from pathlib import Path

import pytest

from flows.workers import memory
from flows.workers.memory import give_back, held_mb

ROOT = Path(__file__).resolve().parents[3]
FREED_BETWEEN_USED = """if True:
    from flows.workers.memory import give_back, held_mb
    blocks = [bytes(1000) for _ in range(100_000)]
    kept = blocks[::50]
    del blocks
    before = held_mb()
    print(give_back(before + 1), give_back(before - 1), before - held_mb() > 50, len(kept))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks the GNU C library")
def test_what_was_freed_between_what_is_used_is_given_back_from_a_limit_on():
    done = subprocess.run(
        [sys.executable, "-c", FREED_BETWEEN_USED],
        cwd=ROOT,
        env={"PYTHONMALLOC": "malloc"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "True", "True", "2000"]


@pytest.mark.parametrize("content", [None, "", "12", "a b c"])
def test_where_the_system_does_not_say_what_is_held_nothing_happens(tmp_path, monkeypatch, content):
    statm = tmp_path / "statm"
    if content is not None:
        statm.write_text(content)
    assert held_mb(statm) is None
    monkeypatch.setattr(memory, "held_mb", lambda: held_mb(statm))
    assert not give_back(0)


def test_the_second_number_counts_pages_of_memory(tmp_path):
    (tmp_path / "statm").write_text("900 256 3 1 0 2 0\n")
    assert held_mb(tmp_path / "statm") == 256 * memory.resource.getpagesize() / 2**20


def test_without_the_gnu_c_library_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert not give_back(0)
