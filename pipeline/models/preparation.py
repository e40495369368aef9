"""Placed models -> files that need only be loaded: each network is rewritten once, and kept beside its weights.

What is kept lies in a folder that is named by all that it follows from: the version of the rewrites, the weights, the
configuration, and what the manifest says of them. Its last file lists the others with their digests: where it is not
there, or a file is not as it says, the model is prepared anew. Every file takes its place whole, and what two processes
prepare of the same model is the same, so any number of them may do so at once. Where nothing can be kept, a model is
prepared in a temporary folder, at each start.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from pipeline.models.placing import CONFIG, PlacedModel, file_digest, put_file

VERSION = 1
"""Counts up with each change of what is prepared, so that nothing is loaded that another version prepared."""
CONTENTS = "prepared.json"
"""Lists the other files, each with its SHA-256."""
ALPHABET = "alphabet.json"
"""The character of each of a recogniser's classes but the blank, in their order."""
HEAD = "head.onnx"
"""A recogniser's last layer, where it was taken off."""
BLANK = "blank.npy"
"""What that layer has for the blank: its weights, and its bias last."""
NETWORK_INT8, HEAD_INT8 = "network-int8.onnx", "head-int8.onnx"
"""The same two with int8 weights."""
PROBE = "probe.onnx"
"""Tells whether a processor multiplies int8 matrices exactly."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """A model to load: `folder` holds the files of these `names`, the network in floats as `inference.onnx`."""

    folder: Path
    names: frozenset[str]

    def file(self, name: str) -> Path | None:
        """One of its files; None where the model has none such."""
        return self.folder / name if name in self.names else None


@contextmanager
def prepared(model: PlacedModel) -> Iterator[PreparedModel]:
    """A model's files, from where they are kept, or made; they may be gone afterwards.

    Raises:
        OSError: when its weights cannot be read, or not even a temporary folder takes its files.
        EngineFailed: when its weights cannot be used.
    """
    config = (model.folder / CONFIG).read_bytes()
    name = _folder_name(model, config)
    found = next((kept for folder in model.prepared_in if (kept := _find(folder / name))), None)
    if found is None:
        files: Mapping[str, bytes] = importlib.import_module("pipeline.models.rewriting").rewritten(model, config)
        found = next((kept for folder in model.prepared_in if (kept := _keep(files, folder / name))), None)
        if found is None:
            with tempfile.TemporaryDirectory(prefix="signed-forms-") as scratch:
                _write(files, Path(scratch))
                yield PreparedModel(Path(scratch), frozenset(files))
            return
        del files
    yield found


def _folder_name(model: PlacedModel, config: bytes) -> str:
    """A name that changes with all that a model's files follow from."""
    follows_from = [VERSION, model.role, model.sha256, hashlib.sha256(config).hexdigest(), asdict(model.traits)]
    return f"{VERSION}-{hashlib.sha256(json.dumps(follows_from, sort_keys=True).encode()).hexdigest()[:32]}"


def _find(folder: Path) -> PreparedModel | None:
    """What is kept in a folder, if it is all there and undamaged."""
    try:
        digests = json.loads((folder / CONTENTS).read_bytes())
        if digests and all(file_digest(folder / name) == digest for name, digest in digests.items()):
            return PreparedModel(folder, frozenset(digests))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError) as error:
        logger.info("%s cannot be used: %s", folder, error)
        return None
    logger.info("%s is damaged", folder)
    return None


def _keep(files: Mapping[str, bytes], folder: Path) -> PreparedModel | None:
    """Keep a model's files; None where the folder does not take them."""
    try:
        _write(files, folder)
    except OSError as error:
        logger.info("prepared models cannot be kept in %s: %s", folder, error.strerror)
        return None
    logger.info("prepared a model in %s", folder)
    return _find(folder)


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files, and last what they are."""
    folder.mkdir(parents=True, exist_ok=True)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    for name, content in {**files, CONTENTS: json.dumps(digests).encode()}.items():
        put_file(folder / name, partial(Path.write_bytes, data=content))
