"""A page and its grids -> what each cell says; residual ink in the tables is read or named."""

from __future__ import annotations

from pipeline.reading.cascade import CheckedReading, Padding, calibrated, first_cut, read_checked, read_once_or_twice
from pipeline.reading.cell_marks import measured_cells
from pipeline.reading.cells import NOTHING_READ, ReadLine, cell_reading, cut_cell_line, join_lines, recognise_cells
from pipeline.reading.incomplete import (
    doubt_coarse,
    doubt_shown_through,
    doubt_unplaced,
    doubted_status,
    report_missing,
    withhold_cells,
    withhold_lines,
)
from pipeline.reading.layout import CellLine, PageLayout, analyse_layout, cell_insides, paper_grain
from pipeline.reading.page_script import doubt_unread_script, report_unread_script
from pipeline.reading.residual_ink import ReadPage
from pipeline.reading.residual_text import RecoveredText, recover_residual_text
from pipeline.reading.text_lines import InkLine, find_text_lines

__all__ = [
    "NOTHING_READ",
    "CellLine",
    "CheckedReading",
    "InkLine",
    "Padding",
    "PageLayout",
    "ReadLine",
    "ReadPage",
    "RecoveredText",
    "analyse_layout",
    "calibrated",
    "cell_insides",
    "cell_reading",
    "cut_cell_line",
    "doubt_coarse",
    "doubt_shown_through",
    "doubt_unplaced",
    "doubt_unread_script",
    "doubted_status",
    "find_text_lines",
    "first_cut",
    "join_lines",
    "measured_cells",
    "paper_grain",
    "read_checked",
    "read_once_or_twice",
    "recognise_cells",
    "recover_residual_text",
    "report_missing",
    "report_unread_script",
    "withhold_cells",
    "withhold_lines",
]
