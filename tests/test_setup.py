"""What a newcomer meets first: the Makefile, the lock, the nightly deployment."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def make(*arguments, **variables):
    command = ["make", "--no-print-directory", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | variables)


def test_help_names_every_target():
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split()
    assert re.findall(r"^  make (\w+)", make("help").stdout, re.MULTILINE) == phony


def test_a_python_that_is_too_old_is_refused_by_name(tmp_path):
    old = tmp_path / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
    old.chmod(0o755)
    result = make("run", f"PYTHON={old}", f"venv={tmp_path / 'venv'}")
    assert result.returncode != 0
    assert f"{old} is Python 3.9.2; Python 3.11, 3.12 or 3.13 is needed." in result.stdout
    assert not (tmp_path / "venv").exists()


def test_accuracy_without_a_folder_says_how():
    result = make("accuracy", "-o", ".venv/.ready")
    assert result.returncode != 0
    assert "make accuracy TRUTH=DIR" in result.stdout


def test_every_locked_package_is_pinned_with_hashes():
    entries = re.split(r"\n(?=[a-z0-9])", LOCK[LOCK.index("\n", LOCK.rindex("# ", 0, 400)) :].strip())
    entries = [entry for entry in entries if not entry.startswith("#")]
    assert len(entries) > 100
    assert [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_host():
    assert not re.search(r"https?://|^-", LOCK, re.MULTILINE)


def test_the_lock_has_one_opencv_and_no_paddlepaddle():
    names = re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE)
    assert [name for name in names if name.startswith("opencv")] == ["opencv-contrib-python"]
    assert "paddlepaddle" not in names


def test_ci_runs_what_developers_run():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def nightly():
    (deployment,) = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    return deployment


def test_the_nightly_deployment_starts_the_flow_with_parameters_that_it_takes(nightly):
    from prefect.flows import load_flow_from_entrypoint  # noqa: PLC0415 - seconds that the other tests need not spend

    file, _, name = nightly["entrypoint"].partition(":")
    flow = load_flow_from_entrypoint(f"{ROOT / file}:{name}")
    assert flow.name == "digitise"
    taken = flow.validate_parameters(nightly["parameters"])
    assert (taken["sources"], taken["out"]) == (["data/raw"], "data/processed")


def test_the_nightly_deployment_runs_once_a_night_and_never_twice_at_once(nightly):
    (schedule,) = nightly["schedules"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", schedule["cron"])
    assert nightly["concurrency_limit"] == 1


def test_the_pinned_prefect_is_the_one_that_prefect_yaml_names():
    settings = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    assert f"prefect=={settings['prefect-version']} " in LOCK
