"""The manifest -> models in place, checked, and made ready to run."""

from __future__ import annotations

from pipeline.models.blank_pruning import CtcHead, blank_of, split_off_head
from pipeline.models.denormals import clear_denormals
from pipeline.models.dynamic_height import with_dynamic_height
from pipeline.models.int8 import exactness_probe, quantise, quantised_head
from pipeline.models.networks import load_network
from pipeline.models.placing import CONFIG, WEIGHTS, PlacedModel, Role, place_models

__all__ = [
    "CONFIG",
    "WEIGHTS",
    "CtcHead",
    "PlacedModel",
    "Role",
    "blank_of",
    "clear_denormals",
    "exactness_probe",
    "load_network",
    "place_models",
    "quantise",
    "quantised_head",
    "split_off_head",
    "with_dynamic_height",
]
