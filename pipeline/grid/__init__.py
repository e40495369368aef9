"""A dewarped page -> grids, whose cells with their spans cover every slot once, each as sure as its place is."""

from __future__ import annotations

from pipeline.grid.cross_checking import CrossCheck, cross_check
from pipeline.grid.grids import build_grids, find_grids
from pipeline.grid.ruled_areas import rules_of
from pipeline.grid.settling import RuledArea
from pipeline.grid.tiling import CELL_BORDER_SCORE

__all__ = [
    "CELL_BORDER_SCORE",
    "CrossCheck",
    "RuledArea",
    "build_grids",
    "cross_check",
    "find_grids",
    "rules_of",
]
