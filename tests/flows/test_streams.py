"""A run ends with its own status, whoever has stopped reading what it says, and whatever else it lacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from cli_runs import FAKE_CLI, PATIENCE_S, write

from pipeline.landing.landing import read_table

COMMAND = f"{sys.executable} {FAKE_CLI}"


def shell(line, **environment):
    """What a shell makes of a line in which SIGNED_FORMS is the command."""
    return subprocess.run(
        ["bash", "-c", "set -o pipefail; " + line.replace("SIGNED_FORMS", COMMAND)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "closed", [">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full", "| true", "2>&1 | true"], ids=lambda closed: closed
)
def test_a_run_whose_words_nobody_reads_ends_as_any_other(tmp_path, closed):
    source = write(tmp_path / "in", a="read", b="corrupt")
    ended = shell(f"SIGNED_FORMS digitise {source} --out {tmp_path}/out --json {closed}")
    assert ended.returncode == 3
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr
    assert read_table(tmp_path / "out", "documents").num_rows == 2
    if ended.stdout:
        assert json.loads(ended.stdout)["exit_status"] == 3


@pytest.mark.parametrize("command", ["doctor", "--help", "digitise SOURCE --out OUT --json"])
def test_a_report_that_a_full_disk_does_not_take_fails_with_the_reason(tmp_path, command):
    (tmp_path / "in").mkdir()
    command = command.replace("SOURCE", str(tmp_path / "in")).replace("OUT", str(tmp_path / "out"))
    ended = shell(f"SIGNED_FORMS {command} >/dev/full")
    assert ended.returncode == 1
    assert "OUTPUT_UNWRITABLE: standard output: No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr


def test_a_limit_of_open_files_that_is_too_low_is_told_at_once(tmp_path):
    source = write(tmp_path / "in", a="read")
    ended = shell(f"ulimit -n 24; SIGNED_FORMS digitise {source} --out {tmp_path}/out")
    assert ended.returncode == 1
    assert "RESOURCES_EXHAUSTED: this program may have 24 files open; a run needs" in ended.stderr
    assert "ulimit -n" in ended.stderr


@pytest.mark.usefixtures("engine")
def test_a_run_takes_as_many_open_files_as_it_may_have(tmp_path):
    source = write(tmp_path / "in", **{f"a{number}": "read" for number in range(12)})
    ended = shell(f"ulimit -Sn 24; SIGNED_FORMS digitise {source} --out {tmp_path}/out --workers 8")
    assert ended.returncode == 0, ended.stderr


def test_an_output_folder_whose_name_is_no_text_in_the_locale_is_bad_usage(tmp_path):
    (tmp_path / "in").mkdir()
    for line in ("SIGNED_FORMS", "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 SIGNED_FORMS"):
        name = "$'\\xb1\\xed'" if line == "SIGNED_FORMS" else "扫描"
        ended = shell(f"{line} digitise {tmp_path}/in --out {tmp_path}/{name}")
        assert ended.returncode == 2
        assert "its path is no text in this locale" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.usefixtures("engine")
def test_a_run_without_a_home_a_locale_or_a_working_folder_lands(tmp_path):
    source = write(tmp_path / "in", 扫描="read")
    (tmp_path / "cwd").mkdir()
    line = f"cd {tmp_path}/cwd; rmdir {tmp_path}/cwd; SIGNED_FORMS digitise {source} --out {tmp_path}/out"
    ended = shell(line, LC_ALL="C", PYTHONIOENCODING="ascii", HOME="/nonexistent", TMPDIR="/nonexistent")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("remains", ["nothing", "a file"])
def test_an_output_folder_that_goes_while_a_run_writes_ends_it_with_the_reason(tmp_path, remains):
    source, out = write(tmp_path / "in", a="take long"), tmp_path / "out"
    put = "true" if remains == "nothing" else f"touch {out}"
    ended = shell(
        f"(until grep -q a.jpg {out}/.orders; do sleep 0.1; done; mv {out} {out}.away; {put}) 2>/dev/null & "
        f"SIGNED_FORMS digitise {source} --out {out}"
    )
    assert ended.returncode == 1
    assert f"OUTPUT_UNWRITABLE: {out}" in ended.stderr
    assert "Traceback" not in ended.stderr
