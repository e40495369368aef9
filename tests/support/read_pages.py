"""Drawn pages as far as they were read, and what was forgotten of them, for tests of what the reading leaves out."""

from __future__ import annotations

from dataclasses import replace

from drawing import Table, print_text, rule, sheet, upright
from fake_engines import FakeRecogniser

from pipeline.dewarp.dewarping import dewarp
from pipeline.grid.grids import build_grids
from pipeline.layout.layout import analyse_layout
from pipeline.reading.cells import recognise_cells
from pipeline.residual.residual_ink import ReadPage
from pipeline.settings.settings import GridSettings

TABLE = Table(rows=(200, 300, 400), cols=(100, 420, 740, 1060))


def printed(letters=8):
    """The table with a line of text in each cell of its first row."""
    image = rule(sheet(), TABLE)
    for left in TABLE.cols[:3]:
        print_text(image, left + 20, 215, letters)
    return image


def page_of(image, *, unread=(), elsewhere=()):
    """The drawn page, read; what was read in the cells at `unread` is forgotten."""
    page = upright(image)
    dewarped = dewarp(page)
    grids = build_grids(dewarped, GridSettings())
    layout = analyse_layout(page, dewarped, grids)
    tables = recognise_cells(layout, FakeRecogniser())
    forgotten = tuple(
        replace(
            table,
            cells=tuple(
                replace(cell, text="", lines=()) if (cell.cell.row, cell.cell.col) in unread else cell
                for cell in table.cells
            ),
        )
        for table in tables
    )
    return ReadPage(layout, forgotten, elsewhere)
