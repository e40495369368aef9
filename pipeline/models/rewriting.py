"""A placed model's network -> the files that are loaded in its place: graphs that say the same for less work.

Only this module and the rewrites that it calls import ONNX: whoever finds a model prepared does without.
"""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import numpy as np
import onnx
import yaml

from pipeline.errors import EngineFailed
from pipeline.models.blank_pruning import blank_of, count_classes, split_off_head
from pipeline.models.denormals import clear_denormals
from pipeline.models.dynamic_height import takes_any_height, with_dynamic_height
from pipeline.models.int8 import exactness_probe, quantise, quantised_head
from pipeline.models.manifest import Role, Traits
from pipeline.models.networks import read_network
from pipeline.models.placing import CONFIG, WEIGHTS, PlacedModel
from pipeline.models.preparation import ALPHABET, BLANK, HEAD, HEAD_INT8, NETWORK_INT8, PROBE


def rewritten(model: PlacedModel, config: bytes) -> dict[str, bytes]:
    """The content of each file that is kept of a model, by its name.

    Args:
        model: whose weights are read.
        config: the content of its `inference.yml`.

    Raises:
        OSError: when the weights cannot be read.
        EngineFailed: when they are others than were placed, keep some of themselves in other files, or do not fit the
            configuration or the manifest.
    """
    path = model.folder / WEIGHTS
    weights = path.read_bytes()
    if hashlib.sha256(weights).hexdigest() != model.sha256:
        raise EngineFailed(f"{path} was changed while it was loaded")
    network = read_network(weights, path)
    if model.role is Role.RECOGNISER:
        try:
            return _recogniser(network, yaml.safe_load(config), model.traits)
        except ValueError as error:
            raise EngineFailed(f"{model.name}: {error}") from error
    clear_denormals(network)
    return {WEIGHTS: network.SerializeToString(), CONFIG: config}


def _recogniser(network: onnx.ModelProto, config: Any, traits: Traits) -> dict[str, bytes]:
    """A recogniser's network in floats and, where its traits allow it, the cheaper ones."""
    files = {ALPHABET: json.dumps(_alphabet(network, config)).encode()}
    if traits.reduced_height is not None and not (with_dynamic_height(network) or takes_any_height(network)):
        raise ValueError("reduced_height: the network takes lines of one height only")
    head = None if traits.blank_threshold is None else split_off_head(network)
    clear_denormals(network)
    files[WEIGHTS] = network.SerializeToString()
    if head is not None:
        files[HEAD] = head.SerializeToString()
        files[BLANK] = _array_file(np.append(*blank_of(head)))
    if traits.int8:
        files |= _int8(network, head, traits.int8_features)
    return files


def _int8(
    network: onnx.ModelProto, head: onnx.ModelProto | None, features: tuple[float, ...] | None
) -> dict[str, bytes]:
    """The network with int8 weights, and its last layer if it is known what that sees; nothing where none can be."""
    if not quantise(network):
        return {}
    files = {NETWORK_INT8: network.SerializeToString(), PROBE: exactness_probe().SerializeToString()}
    if head is not None and features is not None:
        files[HEAD_INT8] = quantised_head(head, features).SerializeToString()
    return files


def _alphabet(network: onnx.ModelProto, config: Any) -> list[str]:
    """The character of each class behind the blank: the configuration's, or else the network's own, and the space."""
    said = (config or {}).get("PostProcess", {}).get("character_dict")
    own = next((entry.value.split("\n") for entry in network.metadata_props if entry.key == "character"), None)
    characters = own if said is None else list(said)
    if characters is None:
        raise ValueError(f"neither {CONFIG} (PostProcess: character_dict) nor the network lists the characters")
    if not all(isinstance(character, str) for character in characters):
        raise ValueError(f"{CONFIG}: character_dict: each character must be a string; put digits into quotes")
    alphabet = [*characters, " "]
    classes = count_classes(network)
    if classes not in (None, len(alphabet) + 1):
        raise ValueError(f"{len(characters):,} characters, the space and the blank are not {classes:,} classes")
    return alphabet


def _array_file(array: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()
