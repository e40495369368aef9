"""Files that people write -> settings and rosters, read strictly: every mistake is named with its line."""

from __future__ import annotations

from pipeline.settings.roster import read_roster, roster_digest
from pipeline.settings.settings import (
    ALL,
    GROUP,
    MIN_LINE_HEIGHT,
    OWNER,
    FormSettings,
    GridSettings,
    IntakeSettings,
    LandingSettings,
    ModelSettings,
    OcrSettings,
    Settings,
    SignatureSettings,
    load_settings,
)
from pipeline.settings.small_files import read_toml
from pipeline.settings.strict_toml import Range, read_strictly
from pipeline.settings.toml_lines import find_lines

__all__ = [
    "ALL",
    "GROUP",
    "MIN_LINE_HEIGHT",
    "OWNER",
    "FormSettings",
    "GridSettings",
    "IntakeSettings",
    "LandingSettings",
    "ModelSettings",
    "OcrSettings",
    "Range",
    "Settings",
    "SignatureSettings",
    "find_lines",
    "load_settings",
    "read_roster",
    "read_strictly",
    "read_toml",
    "roster_digest",
]
