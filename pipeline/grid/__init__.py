"""A dewarped page -> grids, whose cells with their spans cover every slot once; or none, and why."""

from __future__ import annotations

from pipeline.grid.cross_check import Opinion, reconsider
from pipeline.grid.grids import GridsFound, build_grids
from pipeline.grid.ruled_areas import RuledArea, find_ruled_areas
from pipeline.grid.tiling import WALL_SCORE

__all__ = [
    "WALL_SCORE",
    "GridsFound",
    "Opinion",
    "RuledArea",
    "build_grids",
    "find_ruled_areas",
    "reconsider",
]
