"""signed-forms.toml -> Settings: one small frozen dataclass per stage. An unknown key is an error, never ignored.

Each field's default is right for office scans; its comment in `docs/settings.md` says when to change it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
import types
import typing
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import SettingsInvalid

MIN_LINE_HEIGHT = 16
"""Pixels; Chinese characters have up to a dozen strokes one above the other."""


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """Limits checked before decoding, and on the process that decodes."""

    max_bytes: int = 512 * 1024 * 1024
    max_pages: int = 2000
    max_pixels: int = 120_000_000
    """Pixels of one page; an A2 page at 400 dpi has 62 million."""
    decode_timeout_s: float = 15.0
    """Seconds for one page."""
    decode_memory_mb: int = 1200
    """Address space that one decoding process may use beyond what it starts with."""
    render_dpi: int = 300
    """Resolution of PDF pages that are not one image."""
    follow_links: bool = False
    """Whether links are followed that lead out of the source they were found in."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Where the models are."""

    folder: Path | None = None
    """A folder of one's own models, laid out like `models/`; None for the ones that the manifest names."""
    threads: int = 0
    """Threads of one recogniser session; 0 shares the cores among the workers."""
    whole_numbers: bool = True
    """Compute the recogniser's widest layers in whole numbers, where its weights are known to read as well so and the
    processor multiplies them exactly: lines take seven tenths of the time. False computes in floats everywhere."""


@dataclass(frozen=True, slots=True)
class GridSettings:
    """What counts as a table."""

    min_rows: int = 2
    min_cols: int = 2
    review_confidence: float = 0.9
    """Grids below this confidence raise a finding."""


@dataclass(frozen=True, slots=True)
class OcrSettings:
    """How text lines are read."""

    line_height: int = 48
    """Height in pixels at which the recogniser wants a line."""
    review_confidence: float = 0.95
    """Cells below this confidence ask for review: nearly all wrong texts, and one in ten of all."""

    def __post_init__(self) -> None:
        """Refuse heights at which nothing can be read."""
        if self.line_height < MIN_LINE_HEIGHT:
            raise SettingsInvalid(f"ocr.line_height must be at least {MIN_LINE_HEIGHT}, got {self.line_height}")


@dataclass(frozen=True, slots=True)
class SignatureSettings:
    """How signatures are found and read."""

    enabled: bool = True
    min_confidence: float = 0.5
    roster: Path | None = None
    """A file of the names of those who may have signed (CSV or TOML)."""
    resolve_confidence: float = 0.8
    """A name of the roster is taken for the signature's from this probability on."""


@dataclass(frozen=True, slots=True)
class FormSettings:
    """Which forms are known."""

    folder: Path | None = None
    """A folder of one's own form profiles (*.toml), beside the built-in ones."""
    threshold: float = 0.6
    """Pages whose best profile scores lower are of form type "unknown"."""
    correct: bool = True
    """Whether single slips of unsure readings are corrected; the readings themselves always land as they are."""


@dataclass(frozen=True, slots=True)
class LandingSettings:
    """What lands."""

    signature_crops: bool = True
    lock_timeout_s: float = 0.0
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
        values["landing"].pop("lock_timeout_s")
        text = json.dumps([values, *digests], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def load_settings(path: Path | None) -> Settings:
    """Read a settings file; None gives the defaults.

    Paths inside the file are relative to its own folder.

    Raises:
        SettingsInvalid: when the file cannot be read, or names an unknown key, or a value has the wrong kind.
    """
    if path is None:
        return Settings()
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{path}: {error}") from error
    settings: Settings = _build(Settings, tree, str(path), path.parent)
    return settings


def _build(kind: Any, tree: dict[str, Any], where: str, folder: Path) -> Any:
    known = {f.name for f in fields(kind)}
    unknown = sorted(tree.keys() - known)
    if unknown:
        raise SettingsInvalid(f"{where}: unknown key {unknown[0]!r}; known keys are {', '.join(sorted(known))}")
    hints = typing.get_type_hints(kind)
    values = {name: _value(hints[name], value, f"{where}: {name}", folder) for name, value in tree.items()}
    return kind(**values)


def _value(kind: Any, value: Any, where: str, folder: Path) -> Any:
    if is_dataclass(kind):
        if not isinstance(value, dict):
            raise SettingsInvalid(f"{where} must be a table, got {value!r}")
        return _build(kind, value, where, folder)
    allowed = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    if Path in allowed and isinstance(value, str):
        return folder / value
    if float in allowed and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) not in allowed:
        wanted = " or ".join(k.__name__ for k in allowed if k is not type(None))
        raise SettingsInvalid(f"{where} must be {wanted}, got {value!r}")
    if isinstance(value, int | float) and not isinstance(value, bool) and not value >= 0:
        raise SettingsInvalid(f"{where} must not be negative, got {value!r}")
    return value
