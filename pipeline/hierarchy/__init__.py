"""Readings of pages and profiles -> projects, indicators and rows, merged over page breaks."""

from __future__ import annotations

from pipeline.hierarchy.header_rows import JOINT
from pipeline.hierarchy.interpretation import interpret

__all__ = [
    "JOINT",
    "interpret",
]
