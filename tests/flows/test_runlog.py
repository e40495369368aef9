"""The log is there for the run, not the run for its log."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

from flows import runlog
from flows.runlog import run_log

logger = logging.getLogger("flows.test")


def test_a_log_that_cannot_be_written_is_told_of_once_and_costs_nothing_else(tmp_path, capsys):
    with run_log(tmp_path / "out"):
        shutil.rmtree(tmp_path / "out")
        logger.warning("one")
        logger.warning("two")
    complaint = capsys.readouterr().err
    assert complaint.count("ends here: ") == 1
    assert "Traceback" not in complaint


def test_a_log_on_a_full_disk_costs_nothing_either(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(runlog, "open_log", lambda path: os.open("/dev/full", os.O_WRONLY))
    with run_log(tmp_path / "out"):
        logger.warning("one")
        logger.warning("two")
    complaint = capsys.readouterr().err
    assert complaint.count("No space left on device") == 1
    assert "Traceback" not in complaint


def test_a_log_in_whose_place_a_link_lies_is_not_written_and_says_so_once(tmp_path, capsys):
    elsewhere = tmp_path / "elsewhere"
    with run_log(tmp_path / "out") as log:
        Path(log).symlink_to(elsewhere)
        logger.warning("one")
        logger.warning("two")
    complaint = capsys.readouterr().err
    assert complaint.count("ends here") == 1
    assert not elsewhere.exists()
