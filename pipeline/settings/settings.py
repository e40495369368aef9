"""signed-forms.toml -> Settings: one small frozen dataclass per stage. An unknown key is an error, never ignored.

Each field's default is right for office scans; its comment in `docs/settings.md` says when to change it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, ClassVar, TypeAlias

from pipeline.errors import SettingsInvalid
from pipeline.settings.strict_toml import Range, read_strictly


class Readers(StrEnum):
    """Who may read the tables: the user who runs the program, the folder's group as well, everybody."""

    OWNER = "owner"
    GROUP = "group"
    ALL = "all"


OWNER, GROUP, ALL = READERS = tuple(Readers)
Share: TypeAlias = Annotated[float, Range(0, 1)]
"""A part of a whole, or a probability."""
YEAR_S = 365 * 24 * 60 * 60
"""A year in seconds: nobody waits longer."""
MIN_LINE_HEIGHT = 16
"""Lines are at least so many pixels high: Chinese characters have up to a dozen strokes one above the other."""


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """Limits checked before decoding, and on the process that decodes."""

    max_bytes: Annotated[int, Range(1, 2**40)] = 512 * 1024 * 1024
    max_pages: Annotated[int, Range(1, 1_000_000)] = 2000
    max_pixels: Annotated[int, Range(1, 2**31 - 1)] = 120_000_000
    """Pixels of one page; an A2 page at 400 dpi has 62 million."""
    decode_timeout_s: Annotated[float, Range(0.1, 24 * 60 * 60)] = 15.0
    """Seconds of processor time for one page; as many without any, or four times as many with too little, end it too.
    """
    decode_memory_mb: Annotated[int, Range(1, 2**20)] = 750
    """Address space that one decoding process may use beyond what it starts with: with the run and a worker 1.5 GB."""
    render_dpi: Annotated[int, Range(30, 2400)] = 300
    """Resolution of PDF pages that are not one image."""
    follow_links: bool = False
    """Whether links are followed that lead out of the source they were found in."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Where the models are, and how they are run."""

    RENAMED: ClassVar[Mapping[str, str]] = MappingProxyType({"whole_numbers": "int8"})

    folder: Path | None = None
    """A folder of one's own models, as `models/README.md` describes it; None for the ones that the manifest names."""
    threads: Annotated[int, Range(0, 1024)] = 0
    """Threads of one recogniser session; 0 shares the cores among the workers."""
    int8: bool = True
    """Read with int8 weights and activations where the model's manifest allows it and the processor multiplies them
    exactly: lines take seven tenths of the time. False computes in floats everywhere."""


@dataclass(frozen=True, slots=True)
class GridSettings:
    """What counts as a table."""

    min_rows: Annotated[int, Range(1, 1000)] = 2
    min_cols: Annotated[int, Range(1, 1000)] = 2
    review_confidence: Share = 0.9
    """Grids below this confidence raise a finding."""


@dataclass(frozen=True, slots=True)
class OcrSettings:
    """How sure text lines must be read."""

    review_confidence: Share = 0.95
    """Cells below this confidence ask for review: nearly all wrong texts, and one in ten of all."""


@dataclass(frozen=True, slots=True)
class SignatureSettings:
    """How signatures are found and read."""

    enabled: bool = True
    min_confidence: Share = 0.5
    roster: Path | None = None
    """A file of the names of those who may have signed (CSV or TOML)."""
    resolve_confidence: Share = 0.8
    """A name is taken for the signature's from this probability on; below it the signature has none."""
    labels: tuple[str, ...] = ()
    """Words by which one's own forms ask for a signature, besides those of `pipeline/signing/labels.txt`."""


@dataclass(frozen=True, slots=True)
class FormSettings:
    """Which forms are known."""

    folder: Path | None = None
    """A folder of one's own form profiles (*.toml), beside the built-in ones."""
    threshold: Share = 0.6
    """Pages whose best profile scores lower are of form type "unknown"."""
    correct: bool = True
    """Whether single slips of unsure readings are corrected; the readings themselves always land as they are."""


@dataclass(frozen=True, slots=True)
class LandingSettings:
    """What lands, and who may read it."""

    signature_crops: bool = True
    readable_by: Readers = Readers.OWNER
    lock_timeout_s: Annotated[float, Range(0, YEAR_S)] = 0.0
    """How long to wait for another run that writes to the same folder."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; the defaults are used where signed-forms.toml says nothing."""

    intake: IntakeSettings = field(default_factory=IntakeSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    grid: GridSettings = field(default_factory=GridSettings)
    ocr: OcrSettings = field(default_factory=OcrSettings)
    signature: SignatureSettings = field(default_factory=SignatureSettings)
    forms: FormSettings = field(default_factory=FormSettings)
    landing: LandingSettings = field(default_factory=LandingSettings)

    def sha256(self, *digests: str) -> str:
        """SHA-256 (hex) of everything that may change a document's rows: the settings and the given digests.

        Args:
            digests: of what the settings point at, such as form profiles and models, in a fixed order.
        """
        values = asdict(self)
        for name in ("threads", "folder"):  # where and how fast, not what; a folder's content comes as a digest
            values["models"].pop(name)
        values["intake"].pop("follow_links")
        values["forms"].pop("folder")
        values["signature"].pop("roster")
        for name in ("lock_timeout_s", "readable_by"):
            values["landing"].pop(name)
        text = json.dumps([values, *digests], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def load_settings(path: Path | None) -> Settings:
    """Read a settings file; None gives the defaults.

    Paths inside the file are relative to its own folder.

    Raises:
        SettingsInvalid: when the file cannot be read, or names an unknown key, or a value is not of the kind or within
            the range that is allowed.
    """
    return Settings() if path is None else read_strictly(path, Settings, SettingsInvalid)
