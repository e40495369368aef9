"""A page -> upright, its ruling lines as curves, and the map that straightens it, with its inverse."""

from __future__ import annotations

from pipeline.dewarp.dashes import NO_DASHES, Dashes, Pace, filled
from pipeline.dewarp.deskewing import deskew, turned
from pipeline.dewarp.dewarping import DewarpedPage, Warp, dewarp
from pipeline.dewarp.fills import find_fills
from pipeline.dewarp.ridges import (
    KERNEL_MM,
    MIN_FRAGMENT_MM,
    STRONG_STROKES,
    across_smoothed,
    bar_ridge,
    connected,
    find_crests,
    line_ridge,
    ridges_of,
    solid_ridge,
    transposed,
)
from pipeline.dewarp.text_slant import AGREED_DEG, measure_slant
from pipeline.dewarp.tracing import Ruling, find_ruling_lines

__all__ = [
    "AGREED_DEG",
    "KERNEL_MM",
    "MIN_FRAGMENT_MM",
    "NO_DASHES",
    "STRONG_STROKES",
    "Dashes",
    "DewarpedPage",
    "Pace",
    "Ruling",
    "Warp",
    "across_smoothed",
    "bar_ridge",
    "connected",
    "deskew",
    "dewarp",
    "filled",
    "find_crests",
    "find_fills",
    "find_ruling_lines",
    "line_ridge",
    "measure_slant",
    "ridges_of",
    "solid_ridge",
    "transposed",
    "turned",
]
