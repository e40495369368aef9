"""The models of this machine, wherever they were placed: the source tree, or the data of whoever runs the tests."""

from __future__ import annotations

from pathlib import Path

from pipeline.models.placing import WEIGHTS, place_models
from pipeline.settings.settings import ModelSettings


def model_folder(name: str) -> Path:
    """The folder that holds a built-in model's inference.onnx and inference.yml."""
    (folder,) = (model.folder for model in place_models(ModelSettings()) if model.name == name)
    return folder


def weights_file(name: str) -> Path:
    """A built-in model's inference.onnx."""
    return model_folder(name) / WEIGHTS
