"""What the doctor says about machines that lack something."""

import importlib
import sys
import tomllib
from collections import namedtuple
from types import SimpleNamespace

import pytest

from flows import doctor, machine
from flows.doctor import PYTHONS, examine, installed_packages
from flows.machine import free_memory_mb, usable_cores
from pipeline.engines import paddle
from pipeline.errors import EngineFailed
from pipeline.models.placing import TREE
from pipeline.settings.settings import ModelSettings

OWN_GROUP = "/system.slice/forms.service"


def fail_to_load(name):
    raise ImportError("libGL.so.1: cannot open shared object file")


@pytest.fixture
def checks(monkeypatch):
    """Examine a machine with some packages changed: a version, or None for a package that is not there."""

    def look(changed=None, **arguments):
        installed = {**installed_packages(), **(changed or {})}
        present = {name: version for name, version in installed.items() if version is not None}
        monkeypatch.setattr(doctor, "installed_packages", lambda: present)
        return {check.name: check for check in examine(**arguments)}

    return look


@pytest.fixture
def cv2_of(monkeypatch):
    """Have `cv2` say of itself that it was built in some way."""

    def say(version):
        loaded = SimpleNamespace(version=version, __file__="/usr/lib/cv2.so")
        load = importlib.import_module
        monkeypatch.setattr(doctor.importlib, "import_module", lambda name: loaded if name == "cv2" else load(name))

    return say


@pytest.fixture
def cgroups(tmp_path, monkeypatch):
    """Control groups with a group of our own two levels down."""
    (tmp_path / "self").write_text(f"0::{OWN_GROUP}\n")
    read = machine._read
    monkeypatch.setattr(machine, "_read", lambda path: read(tmp_path / "self" if path.name == "cgroup" else path))
    root = tmp_path / "cgroups"
    (root / OWN_GROUP.lstrip("/")).mkdir(parents=True)
    return root


def test_a_machine_that_can_run_the_tests_is_well_and_needs_no_remedy(checks, tmp_path):
    found = checks(out=tmp_path / "not" / "there" / "yet")
    assert {name for name, check in found.items() if not check.ok} <= {"memory"}  # which others may be using
    assert all(check.detail for check in found.values())
    assert all(check.remedy == "" for check in found.values() if check.ok)
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (True, "in int8"),
        (False, "in floats"),
        (ImportError("libgomp"), "unknown: ImportError"),
        (EngineFailed("no network"), "unknown: EngineFailed"),
    ],
)
def test_how_lines_are_read_is_said_and_stops_nothing(checks, monkeypatch, answer, said):
    def reads_in_int8(settings):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(paddle, "reads_in_int8", reads_in_int8)
    found = checks()["arithmetic"]
    assert found.ok
    assert said in found.detail


@pytest.mark.parametrize(
    ("changed", "removed"),
    [
        ({"opencv-python-headless": "4.11.0.86"}, "opencv-contrib-python opencv-python-headless"),
        (
            {"opencv-python": "4.10.0.84", "opencv-contrib-python-headless": "4.10.0.84"},
            "opencv-contrib-python opencv-contrib-python-headless opencv-python",
        ),
    ],
    ids=["two", "three"],
)
def test_more_than_one_opencv_are_named_with_the_command_that_leaves_one(checks, changed, removed):
    found = checks(changed)["one OpenCV"]
    assert not found.ok
    assert all(name in found.detail for name in changed)
    assert found.detail.endswith("; cv2 is that of opencv-contrib-python 4.10.0.84")
    python = f"{sys.executable} -m pip"
    assert found.remedy == (
        f"Run `{python} uninstall -y {removed} && {python} install --no-deps opencv-contrib-python==4.10.0.84`."
    )


def test_where_no_opencv_is_installed_the_command_installs_it(checks):
    found = checks({"opencv-contrib-python": None})["one OpenCV"]
    assert (found.ok, found.detail) == (False, "none installed")
    assert found.remedy == f"Run `{sys.executable} -m pip install --no-deps opencv-contrib-python==4.10.0.84`."


def test_where_there_is_no_pip_the_command_is_uvs(checks, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    found = checks({"opencv-python": "4.10.0.84"})["one OpenCV"]
    assert found.remedy == (
        f"Run `uv pip uninstall --python {sys.executable} opencv-contrib-python opencv-python"
        f" && uv pip install --python {sys.executable} --no-deps opencv-contrib-python==4.10.0.84`."
    )


@pytest.mark.parametrize(
    ("contrib", "headless", "owner"),
    [
        (False, False, "opencv-python 5.0.0.93"),
        (False, True, "opencv-python-headless 5.0.0.93"),
        (True, True, "opencv-contrib-python-headless 5.0.0.93"),
    ],
)
def test_an_opencv_whose_files_another_one_overwrote_is_told_with_the_other(checks, cv2_of, contrib, headless, owner):
    cv2_of(SimpleNamespace(opencv_version="5.0.0.93", contrib=contrib, headless=headless))
    found = checks()["one OpenCV"]
    assert (found.ok, found.detail) == (False, f"opencv-contrib-python 4.10.0.84; cv2 is that of {owner}")
    assert "uninstall -y opencv-contrib-python && " in found.remedy


def test_an_opencv_that_came_from_elsewhere_is_told_by_its_place(checks, cv2_of):
    cv2_of(None)
    found = checks()["one OpenCV"]
    assert not found.ok
    assert found.detail.endswith("cv2 is that of another build, in /usr/lib/cv2.so")


def test_two_opencvs_that_do_not_load_are_told_as_two(checks, monkeypatch):
    monkeypatch.setattr(doctor.importlib, "import_module", fail_to_load)
    found = checks({"opencv-python": "5.0.0.93"})["one OpenCV"]
    assert "opencv-python 5.0.0.93: libGL.so.1" in found.detail
    assert "pip uninstall" in found.remedy


def test_an_opencv_that_cannot_load_its_system_libraries_shows_what_is_missing(checks, monkeypatch):
    monkeypatch.setattr(doctor.importlib, "import_module", fail_to_load)
    found = checks()["one OpenCV"]
    assert not found.ok
    assert "libGL.so.1" in found.detail
    assert "apt-get install" in found.remedy


@pytest.mark.parametrize("name", ["paddlepaddle", "paddlepaddle-gpu"])
def test_paddlepaddle_beside_onnx_runtime_is_to_be_uninstalled(checks, name):
    found = checks({name: "3.2.0"})["no paddlepaddle"]
    assert not found.ok
    assert f"pip uninstall {name}" in found.remedy


def test_a_missing_package_and_one_of_another_version_are_both_named(checks):
    found = checks({"img2table": None, "paddleocr": "2.7.0"})["packages"]
    assert not found.ok
    assert "img2table is missing" in found.detail
    assert "paddleocr is 2.7.0 instead of 3.7.0" in found.detail


def test_missing_models_show_the_errors_own_remedy(checks, tmp_path):
    found = checks(models=ModelSettings(folder=tmp_path))["models"]
    assert not found.ok
    assert str(tmp_path) in found.detail
    assert "models.folder" in found.remedy


@pytest.mark.parametrize(("version", "ok"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)])
def test_pythons_that_the_dependencies_do_not_support_are_refused(checks, monkeypatch, version, ok):
    monkeypatch.setattr(doctor.sys, "version_info", version)
    assert checks()["Python"].ok is ok


def test_the_supported_pythons_are_the_projects():
    project = tomllib.loads((TREE / "pyproject.toml").read_text())["project"]
    (_, oldest), (major, newest) = PYTHONS
    assert project["requires-python"] == f">={major}.{oldest},<{major}.{newest + 1}"


def test_an_output_folder_where_a_file_stands_is_unwritable(checks, tmp_path):
    (tmp_path / "out").write_text("a file")
    found = checks(out=tmp_path / "out" / "below")["output folder"]
    assert not found.ok
    assert "--out" in found.remedy


def test_a_full_disk_is_a_fault_of_the_folder_on_it(checks, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage(10**9, 10**9 - 10**6, 10**6))
    found = checks(out=tmp_path)["output folder"]
    assert not found.ok
    assert "1 MB free" in found.detail


def test_a_home_folder_that_does_not_exist_is_a_fault(checks, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    found = checks()["home folder"]
    assert not found.ok
    assert "HOME" in found.remedy


def test_without_any_temporary_folder_the_fault_is_told_and_not_raised(checks, monkeypatch):
    def fail():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(doctor.tempfile, "gettempdir", fail)
    found = checks()["temporary folder"]
    assert not found.ok
    assert "TMPDIR" in found.remedy


@pytest.mark.parametrize(
    ("quota", "cores"), [("50000 100000", 0.5), ("max 100000", None), ("", None), ("99900000 100000", None)]
)
def test_usable_cores_are_those_of_the_quota_where_it_is_less_than_what_we_are_bound_to(cgroups, quota, cores):
    (cgroups / "system.slice" / "cpu.max").write_text(quota)
    bound = usable_cores(cgroups / "none")
    assert bound >= 1
    assert usable_cores(cgroups) == (bound if cores is None else cores)


def test_the_tightest_memory_limit_above_us_counts(cgroups, tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 8192000 kB\nMemAvailable:    4096000 kB\n")
    assert free_memory_mb(cgroups, meminfo) == 4000
    (cgroups / "system.slice" / "memory.max").write_text(str(900 * 2**20))
    (cgroups / "system.slice" / "memory.current").write_text(str(200 * 2**20))
    (cgroups / OWN_GROUP.lstrip("/") / "memory.max").write_text("max")
    assert free_memory_mb(cgroups, meminfo) == 700


def test_memory_is_unknown_rather_than_guessed_where_nothing_tells(cgroups, tmp_path):
    assert free_memory_mb(cgroups, tmp_path / "absent") is None


def test_too_little_memory_is_a_fault_that_suggests_fewer_workers(checks, monkeypatch):
    monkeypatch.setattr(doctor, "free_memory_mb", lambda: 300.0)
    found = checks()["memory"]
    assert not found.ok
    assert "fewer workers" in found.remedy
