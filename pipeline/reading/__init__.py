"""A page and its grids -> what each cell says; ink in the tables that no cell explains is read or named."""

from __future__ import annotations

from pipeline.reading.cascade import first_cut, read_once_or_twice
from pipeline.reading.cells import CellLine, cell_insides, cut_cell_line, find_cell_lines, recognise_cells
from pipeline.reading.incomplete import doubted_status, report_missing, withhold_cells, withhold_lines
from pipeline.reading.residual_ink import ReadPage
from pipeline.reading.residual_text import RecoveredText, recover_residual_text

__all__ = [
    "CellLine",
    "ReadPage",
    "RecoveredText",
    "cell_insides",
    "cut_cell_line",
    "doubted_status",
    "find_cell_lines",
    "first_cut",
    "read_once_or_twice",
    "recognise_cells",
    "recover_residual_text",
    "report_missing",
    "withhold_cells",
    "withhold_lines",
]
