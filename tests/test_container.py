"""The image that the Containerfile makes: what it names exists, and, with `make container`, its steps are run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer
from containerfile import Build, debian, is_ignored, parse

from flows.cli import app
from flows.doctor import OPENCV, PYTHONS

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
INSTRUCTIONS = parse((ROOT / "Containerfile").read_text(encoding="utf-8"))
IGNORE = [
    line for line in (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
]
PAGE = ROOT / "tests" / "data" / "pages" / "dev-t03-turned.jpg"
CELLS = 59


def named(name):
    return [instruction for instruction in INSTRUCTIONS if instruction.name == name]


def only(name):
    (instruction,) = named(name)
    return instruction


def runs(words):
    """The one RUN that holds some words, as one line."""
    (found,) = (instruction.rest for instruction in named("RUN") if words in instruction.rest)
    return found


def tracked():
    """Files that git tracks, or would if they were added."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout, so there is no list of the project's files")
    return [line for line in done.stdout.splitlines() if (ROOT / line).is_file()]


def context():
    """The files that a build is given."""
    return [file for file in tracked() if not is_ignored(file, IGNORE)]


def sources():
    return [source for copy in named("COPY") if "from" not in copy.options for source in copy.words[:-1]]


@pytest.mark.parametrize(
    ("path", "ignored"),
    [("pipeline/page/read.py", False), ("pipeline/page/__pycache__/read.pyc", True), (".git/config", True)],
)
def test_only_the_source_itself_is_given_to_the_build(path, ignored):
    assert is_ignored(path, IGNORE) is ignored


def test_an_instruction_that_is_not_known_is_an_error():
    with pytest.raises(ValueError, match="unknown instruction: ADD x y"):
        parse("FROM a\nADD x y\n")


def test_everything_that_is_copied_is_tracked_and_given_to_the_build():
    given = context()
    assert [source for source in sources() if not any(Path(file).is_relative_to(source) for file in given)] == []
    assert [file for file in given if not any(Path(file).is_relative_to(source) for source in sources())] == []


def test_all_that_the_program_is_built_from_is_copied():
    project = PYPROJECT["project"]
    found = {pattern.rstrip("*") for pattern in PYPROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert found | {project["readme"], *project["license-files"], "pyproject.toml", "setup.py"} < set(sources())


def test_packages_are_installed_as_the_makefile_does_but_compiled():
    (line,) = re.findall(r"-m (pip install [^\n]*\\\n[^\n]*--require-hashes[^\n]*)", MAKEFILE)
    wanted = [word for word in shlex.split(line.replace("\\\n", "")) if word != "--no-compile"]
    assert shlex.split(runs("--require-hashes"))[2:] == wanted
    (line,) = re.findall(r"-m (pip install [^\n]*--no-build-isolation) -e \.", MAKEFILE)
    assert f"-m {line} . " in runs("--no-build-isolation")


def test_the_system_gets_the_packages_that_the_makefile_asks_for():
    libraries = re.findall(r'missing\+=" (lib[\w.-]+)"', MAKEFILE)
    assert len(libraries) == 2
    assert f"--no-install-recommends {' '.join(libraries)} " in runs("apt-get install")


def test_what_development_alone_needs_is_taken_off_again():
    tools = {re.match(r"[\w-]+", line)[0] for line in PYPROJECT["dependency-groups"]["dev"]}
    _, _, removed = runs("pip uninstall").partition("--yes ")
    assert set(removed.split()) == tools


def test_python_is_one_that_is_supported_and_the_same_in_both_stages():
    first, second = (instruction.rest.removesuffix(" AS build") for instruction in named("FROM"))
    assert first == second
    version = re.fullmatch(r"python:3\.(\d+)-slim-bookworm", first)
    assert PYTHONS[0][1] <= int(version[1]) <= PYTHONS[1][1]


def test_what_is_built_is_where_the_image_looks_for_it():
    (copied,) = (copy for copy in named("COPY") if "from" in copy.options)
    place, target = copied.words
    assert place == target
    assert any(copied.options["from"] == line.rest.partition(" AS ")[2] for line in named("FROM"))
    assert f"python -m venv {place}" in {line.rest for line in named("RUN")}
    env = dict(line.rest.split("=", 1) for line in named("ENV"))
    assert env["PATH"] == f"{place}/bin:$PATH"
    assert runs("pipeline.models").startswith(f"XDG_DATA_HOME={env['XDG_DATA_HOME']} {place}/bin/python ")


def test_the_program_runs_as_a_user_who_is_made_and_owns_the_volume():
    user, volume = only("USER").rest, only("VOLUME").rest
    assert user not in {"root", "0"}
    assert re.search(rf"\buseradd [^&]*\b{user}\b", runs("useradd"))
    assert f"install -d -m 700 -o {user} -g {user} {volume}" in runs("useradd")
    order = [instruction.name for instruction in INSTRUCTIONS]
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert "RUN" not in order[order.index("USER") :]


def test_the_image_starts_the_program_and_is_well_if_the_doctor_says_so():
    (program,) = only("ENTRYPOINT").words
    assert program in PYPROJECT["project"]["scripts"]
    _, _, health = only("HEALTHCHECK").rest.partition("CMD ")
    assert health == f'["{program}", "doctor"]'
    assert "doctor" in typer.main.get_command(app).commands
    assert only("CMD").words == ["--help"]


def what_is_missing():
    """Why the steps cannot be run here; empty if they can."""
    missing = [name for name in ("debootstrap", "unshare", "chroot") if shutil.which(name) is None]
    if os.geteuid() != 0:
        return "only root can make a root of its own"
    return f"not installed: {', '.join(missing)}" if missing else ""


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The image as the Containerfile's own steps make it, in a fresh Debian."""
    if missing := what_is_missing():
        pytest.skip(f"the steps of the Containerfile are not run: {missing}")
    folder = tmp_path_factory.mktemp("roots")
    folder.chmod(0o755)
    release = re.search(r"-slim-(\w+)", named("FROM")[0].rest)[1]
    base = debian(release, folder / "debian")
    yield Build(ROOT, context(), base, folder).run(INSTRUCTIONS)
    subprocess.run(["rm", "-rf", folder], check=True)  # gigabytes that nobody looks at


def said(image, *command):
    done = image.run(*command, network=False, capture_output=True, timeout=600)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.container
def test_the_image_is_well_without_a_network_and_its_models_are_inside(image):
    status, output, errors = said(image, *image.health)
    assert status == 0, output + errors
    assert f"ok     one OpenCV: {OPENCV}" in output
    assert not (image.root / f"home/{image.user}/.local/share").exists()  # the models were not placed once more


@pytest.mark.container
def test_the_image_runs_as_its_user_who_can_write_to_the_volume_alone(image):
    (volume,) = image.volumes
    assert said(image, "id", "-un")[1] == f"{image.user}\n"
    assert said(image, "touch", f"{volume}/file")[0] == 0
    assert said(image, "touch", "/opt/signed-forms/file")[0] != 0
    (image.root / volume.lstrip("/") / "file").unlink()


@pytest.mark.container
def test_the_image_has_no_tools_of_development_and_no_sources(image):
    listed = said(image, "/opt/signed-forms/bin/python", "-m", "pip", "list", "--format=freeze")[1]
    names = {line.partition("==")[0].lower() for line in listed.splitlines()}
    assert {"signed-forms", "prefect"} < names
    assert not names & {re.match(r"[\w-]+", line)[0] for line in PYPROJECT["dependency-groups"]["dev"]}
    assert not (image.root / "source").exists()


@pytest.mark.container
def test_the_image_digitises_a_page_into_its_volume(image):
    (volume,) = image.volumes
    scans = image.root / "scans"
    scans.mkdir()
    shutil.copy(PAGE, scans)
    status, output, errors = said(image, *image.entrypoint, "digitise", "/scans", "--out", ".")
    assert status == 0, output + errors
    assert pq.read_table(image.root / volume.lstrip("/") / "cells").num_rows == CELLS
    assert not (image.root / f"home/{image.user}/.local/share").exists()  # models lay ready to be loaded
    assert said(image, *image.entrypoint, *image.command)[0] == 0
