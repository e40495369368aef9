"""A page of which a part is not there -> a reading that claims nothing about that part.

What could not be decoded is white on the page, and white is what blank cells look like: so what touches it is withheld,
and said. Where thin strokes may have left no trace on the scan, no text is sure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.elements import (
    BBox,
    CellReading,
    Finding,
    FindingRule,
    Missing,
    Page,
    Polygon,
    Severity,
    SignatureStatus,
    TableReading,
    TextLine,
)
from pipeline.errors import TruncatedFile
from pipeline.imaging import bounding_box

DISPLACED_CONFIDENCE = 0.3
"""Where bytes were lost at an unknown place, nothing is surer than this: what was read there may belong to another
cell."""
UNSURE_CONFIDENCE = 0.94
"""Nothing is surer on a scan that may have lost strokes: of four pages of print at 204 x 98 dpi 5 % of the texts that
were read with more than .95 were wrong. Blank cells are blank none the less."""
UNPLACED_BELOW = 0.75
"""A cell of which place and spans are less sure than this is as likely blank as it is a cell: so sure is one that only
an unseen border in a fill parts from the next. Of such blank cells a third had lost their text to another cell."""


def doubt_shown_through(tables: Sequence[TableReading]) -> tuple[TableReading, ...]:
    """The tables with nothing that is sure, as on a page through which its back shines: pale marks may be missing."""
    return tuple(replace(table, cells=tuple(map(_unsure, table.cells))) for table in tables)


def doubt_coarse(tables: Sequence[TableReading], page: Page) -> tuple[TableReading, ...]:
    """The tables with no text that is sure, where the page's scan may have lost strokes; else as they are."""
    if page.resampled is None or not page.resampled.coarse:
        return tuple(tables)
    return tuple(replace(table, cells=tuple(map(_coarse, table.cells))) for table in tables)


def doubt_unplaced(tables: Sequence[TableReading]) -> tuple[TableReading, ...]:
    """The tables with no cell surely blank that may be a part of another: its text may stand there."""
    return tuple(replace(table, cells=tuple(map(_unplaced, table.cells))) for table in tables)


def _unplaced(reading: CellReading) -> CellReading:
    placed = reading.cell.confidence
    if reading.text != "" or reading.confidence is None or placed >= UNPLACED_BELOW:
        return reading
    return replace(reading, confidence=min(reading.confidence, placed))


def _coarse(reading: CellReading) -> CellReading:
    return _unsure(reading) if reading.text else reading


def _unsure(reading: CellReading) -> CellReading:
    sure = reading.confidence is not None and reading.confidence > UNSURE_CONFIDENCE
    return replace(reading, confidence=UNSURE_CONFIDENCE) if sure else reading


def withhold_cells(tables: Sequence[TableReading], missing: Missing | None) -> tuple[TableReading, ...]:
    """The tables without the texts of cells that touch what is missing: null, as what could not be read."""
    if missing is None:
        return tuple(tables)
    return tuple(replace(table, cells=tuple(_withheld(cell, missing) for cell in table.cells)) for table in tables)


def withhold_lines(lines: Sequence[TextLine], missing: Missing | None) -> tuple[TextLine, ...]:
    """The lines, without a confidence where they touch what is missing: what was read may be a part of them only."""
    if missing is None:
        return tuple(lines)
    return tuple(
        replace(line, confidence=None if _touches(line.polygon, missing.box) else _doubted(line.confidence, missing))
        for line in lines
    )


def doubted_status(status: SignatureStatus, missing: Missing | None) -> SignatureStatus:
    """Whether the page is signed: it may be where it cannot be seen."""
    return SignatureStatus.UNSURE if missing and status is SignatureStatus.UNSIGNED else status


def report_missing(page: Page, tables: Sequence[TableReading]) -> Iterator[Finding]:
    """Which share of the page is missing and where, and each cell that it touches.

    Args:
        page: the page.
        tables: its tables.
    """
    if page.missing is None:
        return
    box = page.missing.box
    share = f"{box.area / (page.width * page.height):.0%}"
    place = f"{share} of the page could not be decoded: {_place(box, page)}." if box.area else ""
    if page.missing.displaced:
        place += " Bytes may be missing elsewhere, too: what was read may stand in the wrong place."
    message = f"{place.strip()} {TruncatedFile.remedy}"
    yield Finding(FindingRule.IMAGE_INCOMPLETE, Severity.ERROR, message, page.page_number, found=share)
    for table in tables:
        for cell in table.cells:
            if _touches(cell.cell.polygon, box):
                message = "The cell reaches into the part of the page that could not be decoded."
                index, row, col = table.grid.table_index, cell.cell.row, cell.cell.col
                yield Finding(
                    FindingRule.CELL_INCOMPLETE, Severity.ERROR, message, page.page_number, None, index, row, col
                )


def _withheld(reading: CellReading, missing: Missing) -> CellReading:
    lines = withhold_lines(reading.lines, missing)
    if _touches(reading.cell.polygon, missing.box):
        return replace(reading, text=None, confidence=None, lines=lines, alternatives=(), hypotheses=())
    return replace(reading, confidence=_doubted(reading.confidence, missing), lines=lines)


def _doubted(confidence: float | None, missing: Missing) -> float | None:
    return min(confidence, DISPLACED_CONFIDENCE) if missing.displaced and confidence is not None else confidence


def _touches(polygon: Polygon, box: BBox) -> bool:
    own = bounding_box(polygon)
    across = own.left < box.right and box.left < own.right
    return across and own.top < box.bottom and box.top < own.bottom


def _place(box: BBox, page: Page) -> str:
    """Where the box lies, as shortly as it can be said."""
    wide, high = box.width >= page.width, box.height >= page.height
    rows, columns = f"rows {box.top:.0f} to {box.bottom:.0f}", f"columns {box.left:.0f} to {box.right:.0f}"
    if wide and box.bottom >= page.height:
        return f"all below row {box.top:.0f} of {page.height}"
    if wide:
        return f"{rows} of {page.height}"
    if high:
        return f"{columns} of {page.width}"
    return f"{rows} of {page.height}, {columns} of {page.width}"
