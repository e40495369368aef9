"""A scan and its tables -> whether it is cut to them, so that a signature beside the tables would not be seen."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.elements import Page, TableReading
from pipeline.imaging import bounding_box, mm_to_px

NARROW_MM = 15.0
"""A margin that is narrower has no room for a signature: people write some 12 mm high, and not up to a rule."""
SHEETS = (2**0.5, 11 / 8.5)
"""The longer side of a sheet by its shorter one: A4 and its kin, Letter. What has such a shape may be a whole sheet."""
SAME_SHAPE = 0.03
"""Scanners and frames of photographs change a sheet's shape by less than this share."""


def is_cut_to_tables(page: Page, tables: Sequence[TableReading]) -> bool:
    """Whether the tables leave no room for a signature on any side of a picture that is no whole sheet.

    Args:
        page: as the file holds it.
        tables: as read, in its pixels.
    """
    points = [point for table in tables for cell in table.grid.cells for point in cell.polygon]
    if not points or _is_sheet(page):
        return False
    box = bounding_box(points)
    across, down = (mm_to_px(NARROW_MM, dpi) for dpi in page.scan_dpi)
    beside, above = max(box.left, page.width - box.right), max(box.top, page.height - box.bottom)
    return beside <= across and above <= down


def _is_sheet(page: Page) -> bool:
    shape = max(page.width, page.height) / max(1, min(page.width, page.height))
    return any(abs(shape / sheet - 1) <= SAME_SHAPE for sheet in SHEETS)
