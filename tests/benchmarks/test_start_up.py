"""What one page costs from nothing, beside another checkout."""

from __future__ import annotations

import os
import sys

import pytest

from benchmarks import start_up
from benchmarks.start_up import Cost, Pair, Side, as_markdown, in_turn, timed


def test_the_seconds_of_a_process_and_of_those_it_waited_for_count():
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); print('said', file=sys.stderr)"
    cost, said = timed([sys.executable, "-c", code], os.environ)
    assert (cost.cpu_s >= 0.3, cost.wall_s >= 0.3, said) == (True, True, "said\n")


def test_a_run_that_fails_is_no_measurement():
    with pytest.raises(RuntimeError, match=r"status 3:\nwhy"):
        timed([sys.executable, "-c", "import sys; print('why', file=sys.stderr); sys.exit(3)"], os.environ)


def test_both_sides_run_in_turn_and_the_first_pair_is_not_counted(tmp_path, monkeypatch):
    here, other, order = Side(tmp_path, tmp_path / "here"), Side(tmp_path, tmp_path / "other"), []

    def digitise(page, side):
        order.append(side.folder.name)
        return Cost(float(len(order)), 0.0), ""

    monkeypatch.setattr(start_up, "digitise", digitise)
    assert in_turn(tmp_path, here, other, 2) == [
        Pair(Cost(3.0, 0.0), Cost(4.0, 0.0)),
        Pair(Cost(5.0, 0.0), Cost(6.0, 0.0)),
    ]
    assert order == ["here", "other"] * 3


def test_ratios_are_taken_pair_by_pair():
    pairs = [
        Pair(Cost(1.0, 2.0), Cost(2.0, 4.0)),
        Pair(Cost(4.0, 2.0), Cost(4.0, 4.0)),
        Pair(Cost(9.0, 1.0), Cost(12.0, 4.0)),
    ]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in as_markdown(pairs).splitlines()]
    assert lines[2:] == [
        ["here", "1.00", "4.00", "1.00", "2.00"],
        ["other", "2.00", "4.00", "4.00", "4.00"],
        ["here / other", "", "0.75", "", "0.50"],
    ]


def test_a_side_has_its_own_modules_and_its_own_flow_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    environment = Side(tmp_path / "checkout", tmp_path / "runs").environment()
    assert environment["PYTHONPATH"] == str(tmp_path / "checkout")
    assert environment["XDG_STATE_HOME"] == str(tmp_path / "runs" / "state")
    assert "PREFECT_API_URL" not in environment
