"""Finds the models' weights in installed packages, checks them, and places them where PaddleOCR loads them.

`manifest.toml` names each model and the packages that carry it. A carrier is never imported: its file is found by its
metadata, checked against the manifest's size and SHA-256, and linked or copied to `<name>/inference.onnx`, beside a
copy of the `inference.yml` that is shipped: in the folder `models/` of a source tree, else in the user's data folder.
`python -m pipeline.models` does this ahead of the first run.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from pipeline.errors import ModelMismatch, ModelMissing
from pipeline.settings import ModelSettings, read_strictly

WEIGHTS = "inference.onnx"
CONFIG = "inference.yml"
MANIFEST = "manifest.toml"
SHIPPED = Path(__file__).resolve().parent
"""The folder of the manifest and of each model's `<name>/inference.yml`."""
TREE = SHIPPED.parents[1]
"""The source tree, if the program runs from one."""

logger = logging.getLogger(__name__)


class Role(StrEnum):
    """What a model does."""

    RECOGNISER = "recogniser"
    DETECTOR = "detector"
    ORIENTER = "orienter"


@dataclass(frozen=True, slots=True)
class Carrier:
    """A package that holds a model's weights; `member` is the file's path below the site's packages folder.

    The version is the one that was checked; another one serves as well if its bytes have the right digest.
    """

    package: str
    version: str
    member: str

    def __str__(self) -> str:
        return f"{self.package}=={self.version}"


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the manifest. Without a SHA-256 (in a folder of one's own) any weights are taken as they are.

    `blank_threshold` and `whole_numbers` are of a recogniser: from which score of the blank on, before the softmax, a
    time step reads nothing; and whether it reads as well with its channel mixers in int8.
    """

    name: str
    role: Role
    sha256: str | None = None
    size: int | None = None
    blank_threshold: float | None = None
    whole_numbers: bool = False
    licence: str | None = None
    carriers: tuple[Carrier, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedModel:
    """A model ready to load: `folder` holds its inference.onnx and inference.yml; `sha256` is of the weights.

    `digest` is of all that decides what it reads. For a built-in model that is the weights: the rest of it comes with
    the program, and changes with its version alone.
    """

    name: str
    role: Role
    folder: Path
    sha256: str
    digest: str
    blank_threshold: float | None = None
    whole_numbers: bool = False


@dataclass(frozen=True, slots=True)
class _Manifest:
    model: tuple[Model, ...]

    def __post_init__(self) -> None:
        if len({model.role for model in self.model}) < len(self.model):
            raise ValueError("model: two models have the same role")


def read_manifest(path: Path) -> tuple[Model, ...]:
    """The models that a manifest names, in its order.

    Raises:
        ModelMissing: when it cannot be read, an entry is incomplete, or two models have the same role.
    """
    return read_strictly(path, _Manifest, ModelMissing).model


def place_models(settings: ModelSettings) -> tuple[PlacedModel, ...]:
    """Have every model's weights in place and checked; cheap once they are, and safe in several processes at once.

    Raises:
        ModelMissing: when no installed package and no folder holds a model.
        ModelMismatch: when weights were found but are not the manifest's.
    """
    if settings.folder is not None:
        try:
            return _own_models(settings.folder)
        except OSError as error:
            raise ModelMissing(f"models.folder: {settings.folder} cannot be read: {error.strerror}") from error
    return tuple(_placed(model) for model in read_manifest(SHIPPED / MANIFEST))


def weights_folders() -> list[Path]:
    """Where the weights may be placed, the best first: `models/` of a source tree, then the user's data folder."""
    in_tree = [TREE / "models"] if (TREE / "pyproject.toml").is_file() else []
    data = _data_folder()
    return [*in_tree, *([data / "models"] if data else [])]


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _own_models(folder: Path) -> tuple[PlacedModel, ...]:
    own_manifest = folder / MANIFEST
    models = read_manifest(own_manifest if own_manifest.exists() else SHIPPED / MANIFEST)
    placed = []
    for model in models:
        home = folder / model.name
        absent = [name for name in (WEIGHTS, CONFIG) if not (home / name).is_file()]
        if absent and model.role is Role.ORIENTER:
            logger.info("%s has no %s: pages are turned without it", folder, model.name)
        elif absent:
            raise ModelMissing(f"models.folder: {home} has no {' and no '.join(absent)}")
        else:
            placed.append(_own_model(home, model))
    return tuple(placed)


def _own_model(home: Path, model: Model) -> PlacedModel:
    """A model whose dictionary, and what the manifest says of it, may change while its weights do not."""
    weights, config = file_digest(home / WEIGHTS), file_digest(home / CONFIG)
    placed = _placed_in(home, model, weights)
    said = [placed.name, placed.role, weights, config, placed.blank_threshold, placed.whole_numbers]
    return replace(placed, digest=hashlib.sha256(json.dumps(said).encode()).hexdigest())


def _placed(model: Model) -> PlacedModel:
    config = SHIPPED / model.name / CONFIG
    homes = [folder / model.name for folder in weights_folders()]
    for home in homes:
        if _is_right(home / WEIGHTS, model) and _same_bytes(home / CONFIG, config):
            return _placed_in(home, model, str(model.sha256))
    weights = _find_weights(model)
    refusals = []
    for home in homes:
        try:
            _place(weights, config, home)
        except OSError as error:
            refusals.append(f"{home}: {error.strerror}")
        else:
            logger.info("placed %s in %s", model.name, home)
            return _placed_in(home, model, str(model.sha256))
    raise ModelMissing(f"{model.name} cannot be placed: {'; '.join(refusals) or 'there is no home folder'}")


def _placed_in(home: Path, model: Model, digest: str) -> PlacedModel:
    """A model with what is known of its weights, where these are the ones in the folder."""
    if model.sha256 not in (None, digest):
        return PlacedModel(model.name, model.role, home, digest, digest)
    return PlacedModel(model.name, model.role, home, digest, digest, model.blank_threshold, model.whole_numbers)


def _find_weights(model: Model) -> Path:
    """The first carrier's file with the right digest."""
    wrong = []
    for carrier, path in _carried(model):
        if _is_right(path, model):
            return path
        wrong.append(f"{path} (of {carrier.package}, wanted {carrier})")
    if wrong:
        raise ModelMismatch(f"{model.name}: other bytes than the manifest's in {', '.join(wrong)}")
    names = ", ".join(str(carrier) for carrier in model.carriers)
    raise ModelMissing(f"{model.name}: no installed package carries it; looked for {names}")


def _carried(model: Model) -> Iterator[tuple[Carrier, Path]]:
    for carrier in model.carriers:
        try:
            path = Path(str(distribution(carrier.package).locate_file(carrier.member)))
        except PackageNotFoundError:
            continue
        if path.is_file():
            yield carrier, path


def _is_right(path: Path, model: Model) -> bool:
    try:
        return path.stat().st_size == model.size and file_digest(path) == model.sha256
    except OSError:
        return False


def _same_bytes(path: Path, other: Path) -> bool:
    try:
        return path.read_bytes() == other.read_bytes()
    except OSError:
        return False


def _place(weights: Path, config: Path, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    if not _same_bytes(home / CONFIG, config):
        _put(home / CONFIG, lambda temporary: shutil.copyfile(config, temporary))
    _put(home / WEIGHTS, lambda temporary: _link_or_copy(weights, temporary))


def _put(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a name of its own, then rename it: another process sees all of it or none."""
    temporary = target.with_name(f".{target.stem}-{uuid.uuid4().hex}{target.suffix}")
    try:
        write(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)  # renaming one of two links to the same file leaves both


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # another file system, or links to others' files are forbidden
        shutil.copyfile(source, target)


def _data_folder() -> Path | None:
    """The program's folder among the user's data, after the XDG base directory convention."""
    configured = Path(os.environ.get("XDG_DATA_HOME", ""))
    try:
        base = configured if configured.is_absolute() else Path("~/.local/share").expanduser()
    except RuntimeError:  # no HOME, and the user is not in the password file
        return None
    return base / "signed-forms"


def main() -> None:
    """Place all models and name them, one a line."""
    for model in place_models(ModelSettings()):
        sys.stdout.write(f"{model.name}  {model.sha256[:12]}  {model.folder}\n")
