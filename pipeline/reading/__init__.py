"""A page and its layout -> what each cell says."""

from __future__ import annotations

from pipeline.reading.cell_marks import measured_cells
from pipeline.reading.cells import ReadLine, cell_reading, join_lines, recognise_cells
from pipeline.reading.incomplete import (
    doubt_coarse,
    doubt_shown_through,
    doubt_unplaced,
    doubted_status,
    report_missing,
    withhold_cells,
    withhold_lines,
)
from pipeline.reading.line_cuts import cut_cell_line
from pipeline.reading.line_reading import NOTHING_READ

__all__ = [
    "NOTHING_READ",
    "ReadLine",
    "cell_reading",
    "cut_cell_line",
    "doubt_coarse",
    "doubt_shown_through",
    "doubt_unplaced",
    "doubted_status",
    "join_lines",
    "measured_cells",
    "recognise_cells",
    "report_missing",
    "withhold_cells",
    "withhold_lines",
]
