"""The manifest -> models in place, checked, and prepared to be loaded."""

from __future__ import annotations

from pipeline.models.exactness import are_exact, probe_values
from pipeline.models.manifest import PP_OCR_HEIGHT, Role, Traits
from pipeline.models.placing import SIGNATURE_NET, WEIGHTS, PlacedModel, place_models, shipped_digests
from pipeline.models.preparation import (
    ALPHABET,
    BLANK,
    HEAD,
    HEAD_INT8,
    NETWORK_INT8,
    PROBE,
    PreparedModel,
    prepared,
)

__all__ = [
    "ALPHABET",
    "BLANK",
    "HEAD",
    "HEAD_INT8",
    "NETWORK_INT8",
    "PP_OCR_HEIGHT",
    "PROBE",
    "SIGNATURE_NET",
    "WEIGHTS",
    "PlacedModel",
    "PreparedModel",
    "Role",
    "Traits",
    "are_exact",
    "place_models",
    "prepared",
    "probe_values",
    "shipped_digests",
]
