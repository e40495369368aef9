"""manifest.toml -> which models there are, which packages carry them, and what is known of each one's weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, ClassVar

from pipeline.errors import ModelMissing
from pipeline.settings import MIN_LINE_HEIGHT, Range, read_strictly

MANIFEST = "manifest.toml"
PP_OCR_HEIGHT = 48
"""Height in pixels of the lines that all of PP-OCR's recognisers were trained on."""
MAX_LINE_HEIGHT = 1024
MAX_FEATURE = 1e6
"""Far beyond what any network's last layer sees."""


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
class Traits:
    """What is known of a recogniser's weights. The defaults suit any PP-OCR recogniser, and spare it no work."""

    line_height: Annotated[int, Range(MIN_LINE_HEIGHT, MAX_LINE_HEIGHT)] = PP_OCR_HEIGHT
    """Height in pixels of the lines that it was trained on."""
    reduced_height: Annotated[int | None, Range(MIN_LINE_HEIGHT, MAX_LINE_HEIGHT)] = None
    """Height in pixels at which it reads clear lines as well; None if at no other."""
    reduced_height_confidence: Annotated[float | None, Range(0, 1)] = None
    """A line's reading at the reduced height counts where it is this sure of each character."""
    blank_threshold: float | None = None
    """From this score of the blank on, before the softmax, a time step reads nothing; None if that is not known."""
    int8: bool = False
    """Whether it reads as well with int8 weights and activations."""
    int8_features: tuple[Annotated[float, Range(-MAX_FEATURE, MAX_FEATURE)], ...] | None = None
    """The least and the largest feature that its last layer sees; None computes that layer in floats."""

    def __post_init__(self) -> None:
        if (self.reduced_height is None) != (self.reduced_height_confidence is None):
            raise ValueError("reduced_height: goes with reduced_height_confidence; name both or neither")
        if self.reduced_height is not None and self.reduced_height >= self.line_height:
            raise ValueError(f"reduced_height: must be less than line_height, {self.line_height}")
        if self.int8_features is not None and not _spans_zero(self.int8_features):
            raise ValueError("int8_features: must be two numbers with 0 between them, the smaller one first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Traits):
    """An entry of the manifest. Without a SHA-256 (in a folder of one's own) any weights are taken as they are."""

    RENAMED: ClassVar[Mapping[str, str]] = MappingProxyType({"whole_numbers": "int8"})

    name: str
    role: Role
    sha256: str | None = None
    size: int | None = None
    licence: str | None = None
    carriers: tuple[Carrier, ...] = ()

    @property
    def traits(self) -> Traits:
        """What is known of the weights."""
        return Traits(*(getattr(self, field.name) for field in fields(Traits)))


@dataclass(frozen=True, slots=True)
class _Manifest:
    model: tuple[Model, ...]

    def __post_init__(self) -> None:
        if len({model.role for model in self.model}) < len(self.model):
            raise ValueError("model: two models have the same role")


def read_manifest(path: Path) -> tuple[Model, ...]:
    """The models that a manifest names, in its order.

    Raises:
        ModelMissing: when it cannot be read, an entry is incomplete or contradicts itself, or two models have the same
            role.
    """
    return read_strictly(path, _Manifest, ModelMissing).model


def _spans_zero(span: tuple[float, ...]) -> bool:
    return len(span) == 2 and span[0] <= 0 < span[1]
