"""A page and its grids -> what each cell says; residual ink in the tables is read or named."""

from __future__ import annotations

from pipeline.reading.cascade import first_cut, read_once_or_twice
from pipeline.reading.cells import NOTHING_READ, cut_cell_line, recognise_cells
from pipeline.reading.incomplete import doubted_status, report_missing, withhold_cells, withhold_lines
from pipeline.reading.layout import CellLine, PageLayout, analyse_layout, cell_insides
from pipeline.reading.page_script import doubt_unread_script, report_unread_script
from pipeline.reading.residual_ink import ReadPage
from pipeline.reading.residual_text import RecoveredText, recover_residual_text
from pipeline.reading.text_lines import InkLine

__all__ = [
    "NOTHING_READ",
    "CellLine",
    "InkLine",
    "PageLayout",
    "ReadPage",
    "RecoveredText",
    "analyse_layout",
    "cell_insides",
    "cut_cell_line",
    "doubt_unread_script",
    "doubted_status",
    "first_cut",
    "read_once_or_twice",
    "recognise_cells",
    "recover_residual_text",
    "report_missing",
    "report_unread_script",
    "withhold_cells",
    "withhold_lines",
]
