"""An upright page, dewarped, and its grids -> the text lines of every cell, found and not yet read."""

from __future__ import annotations

from pipeline.layout.cell_contrast import CellContrast
from pipeline.layout.end_marks import DARK_SPECK
from pipeline.layout.layout import CellLine, PageLayout, analyse_layout, cell_insides, paper_grain
from pipeline.layout.text_lines import ANCHOR, TALL_LINE, USUAL_TEXT_HEIGHT_MM, InkLine, find_text_lines, is_drawn

__all__ = [
    "ANCHOR",
    "DARK_SPECK",
    "TALL_LINE",
    "USUAL_TEXT_HEIGHT_MM",
    "CellContrast",
    "CellLine",
    "InkLine",
    "PageLayout",
    "analyse_layout",
    "cell_insides",
    "find_text_lines",
    "is_drawn",
    "paper_grain",
]
