"""Looks at the machine before a run does: what is missing, in the user's words, and what to do about it."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distributions, requires
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from flows.machine import free_memory_mb, usable_cores
from pipeline.errors import SignedFormsError
from pipeline.models import place_models
from pipeline.settings import ModelSettings

PROGRAM = "signed-forms"
PYTHONS = ((3, 11), (3, 13))
"""The oldest and the newest Python that every dependency supports."""
OPENCVS = frozenset(
    {"opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"}
)
"""Distributions that all install the same `cv2`: the one installed last overwrites the others."""
OPENCV = "opencv-contrib-python"
"""The one that PaddleX and img2table ask for; which version, the program's own requirements say."""
PADDLES = frozenset({"paddlepaddle", "paddlepaddle-gpu"})
MIN_MEMORY_MB = 1500
"""One worker with its engines and a large page."""
MIN_DISK_MB = 500
"""Room for the tables of a few thousand pages."""
LIBRARIES = "Install the system library that is named, for example `apt-get install libgl1 libglib2.0-0`."
INSTALL = "Install signed-forms again in a fresh environment; in a source tree, remove .venv, then `make run`."


class Check(NamedTuple):
    """One thing that was looked at; `remedy` is "" where all is well."""

    name: str
    ok: bool
    detail: str
    remedy: str


def examine(models: ModelSettings | None = None, out: Path | None = None) -> list[Check]:
    """Check everything a run needs from the machine.

    Args:
        models: the settings that say where the models are; None for the built-in ones.
        out: a folder that results should go to, checked too when given; it need not exist yet.
    """
    installed = installed_packages()
    checks = [
        _python(sys.version_info[:2]),
        _packages(installed),
        _one_opencv(installed),
        _no_paddlepaddle(installed),
        _models(models or ModelSettings()),
        _cores(),
        _arithmetic(models or ModelSettings()),
        _memory(),
        _standing_folder("temporary folder", tempfile.gettempdir, "Set TMPDIR to a folder that can be written to."),
        _standing_folder("home folder", Path.home, "Set HOME to a folder that exists and can be written to."),
    ]
    if out is not None:
        checks.append(_folder("output folder", out, "Check its permissions and its disk, or give another --out."))
    return checks


def installed_packages() -> dict[str, str]:
    """Version of every installed distribution, by its normalised name."""
    return {_normal(dist.metadata["Name"]): dist.version for dist in distributions() if dist.metadata["Name"]}


def _python(version: tuple[int, ...]) -> Check:
    oldest, newest = PYTHONS
    name = ".".join(map(str, version))
    wanted = f"Python {'.'.join(map(str, oldest))} to {'.'.join(map(str, newest))}"
    return _check("Python", oldest <= version <= newest, f"{name} (wanted: {wanted})", f"Install {wanted}.")


def _packages(installed: Mapping[str, str]) -> Check:
    wanted = _requirements()
    if not wanted:
        return _check("packages", False, f"{PROGRAM} itself is not installed", INSTALL)
    faults, found = [], []
    for name, pinned in wanted.items():
        version = installed.get(name)
        found.append(f"{name} {version}")
        if version is None:
            faults.append(f"{name} is missing")
        elif pinned not in (None, version):
            faults.append(f"{name} is {version} instead of {pinned}")
    return _check("packages", not faults, ", ".join(faults or found), INSTALL)


def _requirements() -> dict[str, str | None]:
    """What the program requires: the version that each package is pinned to, None for any; empty if not installed."""
    try:
        lines = requires(PROGRAM) or ()
    except PackageNotFoundError:
        return {}
    matches = [re.match(r"([\w.-]+)(?:==([\w.]+))?(.*)", line) for line in lines]
    return {_normal(match[1]): match[2] for match in matches if match and "extra ==" not in match[3]}


def _one_opencv(installed: Mapping[str, str]) -> Check:
    present = [f"{name} {installed[name]}" for name in sorted(OPENCVS & installed.keys())]
    listed = ", ".join(present) or "none installed"
    remedy = f"Run `{_opencv_alone(sorted(OPENCVS & installed.keys()))}`."
    if not present:
        return _check("one OpenCV", False, listed, remedy)
    try:
        owner = _owner(importlib.import_module("cv2"))
    except ImportError as error:
        return _check("one OpenCV", False, f"{listed}: {error}", LIBRARIES if len(present) == 1 else remedy)
    return _check("one OpenCV", present == [owner], f"{listed}; cv2 is that of {owner}", remedy)


def _owner(cv2: ModuleType) -> str:
    """The distribution that `cv2` comes from, with its version; each says in `cv2.version` how it was built."""
    build = getattr(cv2, "version", None)
    if build is None or not hasattr(build, "contrib"):  # built by other means, or a folder of remains
        return f"another build, in {cv2.__file__}"
    name = f"opencv{'-contrib' * build.contrib}-python{'-headless' * build.headless}"
    return f"{name} {build.opencv_version}"


def _opencv_alone(present: Sequence[str]) -> str:
    """The command after which the OpenCV that is required is the only one.

    All go, for they share files: those of the one that stays would go with the others.
    """
    pinned = {name: version for name, version in _requirements().items() if name in OPENCVS}
    wanted = " ".join(f"{name}=={version}" if version else name for name, version in pinned.items())
    python = shlex.quote(sys.executable)
    if find_spec("pip"):
        remove, install = f"{python} -m pip uninstall -y", f"{python} -m pip install"
    else:
        remove, install = f"uv pip uninstall --python {python}", f"uv pip install --python {python}"
    removal = f"{remove} {' '.join(present)} && " if present else ""
    return f"{removal}{install} --no-deps {wanted or OPENCV}"


def _no_paddlepaddle(installed: Mapping[str, str]) -> Check:
    present = sorted(PADDLES & installed.keys())
    detail = f"{', '.join(present)} installed" if present else "not installed, and not needed"
    return _check("no paddlepaddle", not present, detail, f"Uninstall it: `pip uninstall {' '.join(present)}`.")


def _models(settings: ModelSettings) -> Check:
    try:
        placed = place_models(settings)
    except SignedFormsError as error:
        return _check("models", False, str(error), error.remedy)
    return _check("models", True, ", ".join(f"{model.name} {model.sha256[:12]}" for model in placed), "")


def _cores() -> Check:
    return _check("cores", True, f"{usable_cores():g} usable of {os.cpu_count()}", "")


def _arithmetic(settings: ModelSettings) -> Check:
    """How lines are read here; the other checks say what is wrong where this cannot be told."""
    try:
        int8 = importlib.import_module("pipeline.engines.paddle").reads_in_int8(settings)
    except (ImportError, OSError, RuntimeError, SignedFormsError) as error:
        return _check("arithmetic", True, f"unknown: {type(error).__name__}", "")
    reason = "the settings, the model or the processor, which does not multiply int8 matrices exactly, want it so"
    floats = f"lines are read in floats throughout, which takes longer: {reason}"
    return _check("arithmetic", True, "lines are read in int8 where they are clear" if int8 else floats, "")


def _memory() -> Check:
    free = free_memory_mb()
    if free is None:
        return _check("memory", True, "unknown on this system", "")
    remedy = f"Free some memory or use fewer workers: each may need {MIN_MEMORY_MB:,} MB."
    return _check("memory", free >= MIN_MEMORY_MB, f"{free:,.0f} MB free", remedy)


def _standing_folder(name: str, locate: Callable[[], str | Path], remedy: str) -> Check:
    """Whether a folder that nobody will make for us exists and can be written to."""
    try:
        folder = Path(locate())
    except (OSError, RuntimeError) as error:  # there is no such folder at all
        return _check(name, False, str(error), remedy)
    return _folder(name, folder, remedy) if folder.is_dir() else _check(name, False, f"{folder} is no folder", remedy)


def _folder(name: str, folder: Path, remedy: str) -> Check:
    """Whether a file can be made in a folder, or the folder in its nearest parent that exists."""
    existing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free / 2**20
    except OSError as error:
        return _check(name, False, f"{folder} cannot be written to: {error.strerror}", remedy)
    return _check(name, free >= MIN_DISK_MB, f"{folder}, {free:,.0f} MB free", f"Free some space. {remedy}")


def _check(name: str, ok: bool, detail: str, remedy: str) -> Check:
    return Check(name, ok, detail, "" if ok else remedy)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
