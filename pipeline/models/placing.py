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
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from pipeline.errors import ModelMismatch, ModelMissing
from pipeline.models.manifest import MANIFEST, Carrier, Model, Role, Traits, read_manifest
from pipeline.settings import ModelSettings

WEIGHTS = "inference.onnx"
CONFIG = "inference.yml"
PREPARED = "prepared"
SHIPPED = Path(__file__).resolve().parent
"""The folder of the manifest and of each model's `<name>/inference.yml`."""
SIGNATURE_NET = SHIPPED / "signature_net.onnx"
"""The network that marks signatures on a page: the project's own, and small enough to come with the program."""
TREE = SHIPPED.parents[1]
"""The source tree, if the program runs from one."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlacedModel:
    """A model ready to load: `folder` holds its inference.onnx and inference.yml; `sha256` is of the weights.

    `digest` is of all that decides what it reads. For a built-in model that is the weights: the rest of it comes with
    the program, and changes with its version alone. `traits` are those of a recogniser. `prepared_in` are folders to
    keep it in as it is prepared to run, the best first.
    """

    name: str
    role: Role
    folder: Path
    sha256: str
    digest: str
    traits: Traits
    prepared_in: tuple[Path, ...]


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


@cache
def shipped_digests() -> tuple[tuple[str, str], ...]:
    """(name, SHA-256) of each network that comes with the program itself."""
    return ((SIGNATURE_NET.stem, file_digest(SIGNATURE_NET)),)


def weights_folders() -> list[Path]:
    """Where the weights may be placed, the best first: `models/` of a source tree, then the user's data folder."""
    in_tree = [TREE / "models"] if (TREE / "pyproject.toml").is_file() else []
    data = _data_folder()
    return [*in_tree, *([data / "models"] if data else [])]


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put_file(target: Path, write: Callable[[Path], object]) -> None:
    """Have a file written under a name of its own, then rename it: another process sees all of it or none.

    Raises:
        OSError: when the folder cannot be written to.
    """
    temporary = target.with_name(f".{target.stem}-{uuid.uuid4().hex}{target.suffix}")
    try:
        write(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)  # renaming one of two links to the same file leaves both


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
    traits = model.traits if model.sha256 in (None, weights) else Traits()  # those of other weights
    said = [model.name, model.role, weights, config, asdict(traits)]
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return PlacedModel(model.name, model.role, home, weights, digest, traits, _kept_for_the_user())


def _placed(model: Model) -> PlacedModel:
    config = SHIPPED / model.name / CONFIG
    homes = [folder / model.name for folder in weights_folders()]
    for home in homes:
        if _is_right(home / WEIGHTS, model) and _same_bytes(home / CONFIG, config):
            return _placed_in(home, model)
    weights = _find_weights(model)
    refusals = []
    for home in homes:
        try:
            _place(weights, config, home)
        except OSError as error:
            refusals.append(f"{home}: {error.strerror}")
        else:
            logger.info("placed %s in %s", model.name, home)
            return _placed_in(home, model)
    raise ModelMissing(f"{model.name} cannot be placed: {'; '.join(refusals) or 'there is no home folder'}")


def _placed_in(home: Path, model: Model) -> PlacedModel:
    """A built-in model, whose weights are in a folder; what is prepared of it is kept beside them."""
    digest = str(model.sha256)
    kept = tuple(dict.fromkeys((home / PREPARED, *_kept_for_the_user())))
    return PlacedModel(model.name, model.role, home, digest, digest, model.traits, kept)


def _kept_for_the_user() -> tuple[Path, ...]:
    """The user's own folder for models as they are prepared: nothing is written beside weights of one's own."""
    data = _data_folder()
    return (data / PREPARED,) if data else ()


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
        put_file(home / CONFIG, lambda temporary: shutil.copyfile(config, temporary))
    put_file(home / WEIGHTS, lambda temporary: _link_or_copy(weights, temporary))


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
