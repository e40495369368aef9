"""The log is there for the run, not the run for its log."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

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


def test_a_log_on_a_full_disk_costs_nothing_either(tmp_path, capsys):
    with run_log(tmp_path / "out") as log:
        Path(log).symlink_to("/dev/full")
        logger.warning("one")
        logger.warning("two")
    complaint = capsys.readouterr().err
    assert complaint.count("No space left on device") == 1
    assert "Traceback" not in complaint
