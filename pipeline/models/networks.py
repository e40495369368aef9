"""A network as ONNX keeps it, with all of its weights in its own file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx

from pipeline.errors import EngineFailed


def read_network(content: bytes, path: Path) -> onnx.ModelProto:
    """A network from the content of its file, whose path is only named in errors.

    ONNX may keep weights in other files, wherever they are. None of them is opened, nor was it digested.

    Raises:
        EngineFailed: when the network keeps weights in other files.
    """
    network = onnx.load_from_string(content)
    elsewhere = [tensor for tensor in _tensors(network) if tensor.data_location == onnx.TensorProto.EXTERNAL]
    if elsewhere:
        files = sorted(
            {entry.value for tensor in elsewhere for entry in tensor.external_data if entry.key == "location"}
        )
        raise EngineFailed(
            f"{path} keeps weights in other files: {', '.join(files)}. "
            f"Make it one file: onnx.save(onnx.load('{path.name}'), '{path.name}')"
        )
    return network


def _tensors(message: Any) -> Iterator[onnx.TensorProto]:
    """Every tensor of a network, wherever in it."""
    if isinstance(message, onnx.TensorProto):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in [value] if hasattr(value, "ListFields") else value:
                yield from _tensors(part)
