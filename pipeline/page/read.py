"""Page -> PageReading: the stages of one page, one after the other.

A page whose table is refused keeps its lines; a page that fails altogether is quarantined with a code and costs
nothing but itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from pipeline.dewarp import AGREED_DEG, measure_slant
from pipeline.elements import (
    CellReading,
    DpiSource,
    Finding,
    Matrix,
    PageReading,
    Severity,
    SignatureStatus,
    Status,
    TableReading,
    Upright,
)
from pipeline.elements import Page as ScannedPage
from pipeline.engines import Engines
from pipeline.errors import DocumentError, GridRefused, TruncatedFile
from pipeline.grid import GridsFound, Opinion, reconsider
from pipeline.imaging import compose, rotation_matrix
from pipeline.intake import check_size
from pipeline.page.orientation import settle_orientation
from pipeline.page.overlay import draw_page
from pipeline.page.step_pictures import draw_steps
from pipeline.reading import (
    ReadPage,
    conserve_text,
    doubted_status,
    recognise_cells,
    report_missing,
    withhold_cells,
    withhold_lines,
)
from pipeline.settings import Settings
from pipeline.signatures import PageView, find_signatures, read_margins, read_overwriting, read_sign_off

logger = logging.getLogger(__name__)

AMPLE_DPI = 200.0
"""From here on a lower resolution costs no print that forms are set in."""
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def read_page(page: ScannedPage, engines: Engines, settings: Settings, debug_image: Path | None = None) -> PageReading:
    """Read one page.

    Args:
        page: as the file holds it.
        engines: of this worker.
        settings: of the run.
        debug_image: a file to draw the page into with its grid, spans, confidences and signatures, and each step into
            the folder `steps` beside it; None draws nothing.

    Raises:
        PageTooSmall, PageTooLong: when nothing could be read of it.
    """
    check_size(page)
    upright, flat, found, sure = settle_orientation(page, engines, settings)
    opinions = reconsider(flat, found.grids)
    grids = tuple(opinion.grid for opinion in opinions)
    tables = recognise_cells(upright, flat, grids, engines.recogniser, settings.ocr)
    margins = read_margins(upright, grids, engines)
    signed = find_signatures(PageView(upright, margins), engines, settings)
    if settings.signature.enabled:
        for view in (read_overwriting(upright, margins, engines), read_sign_off(upright, flat, tables, engines)):
            if view is not None:
                signed = signed.joined(find_signatures(view, engines, settings))
    elsewhere = (*(line.polygon for line in signed.lines), *(own.polygon for own in signed.signatures))
    conserved = conserve_text(ReadPage(upright, flat, tables, elsewhere), engines, settings.ocr)
    tables = withhold_cells(conserved.tables, page.missing)
    logger.debug("page %d: %d tables, %d signatures", page.page_number, len(tables), len(signed.signatures))
    reading = PageReading(
        page_number=page.page_number,
        width=page.width,
        height=page.height,
        dpi=page.scan_dpi,
        dpi_source=page.dpi_source,
        quarter_turns=upright.quarter_turns,
        skew_deg=upright.skew_deg,
        to_source=compose(_skewing(upright), upright.to_scan),
        tables=tables,
        lines=withhold_lines((*signed.lines, *conserved.lines), page.missing),
        signatures=signed.signatures,
        signature_status=doubted_status(signed.status, page.missing),
        status=Status.PARTIAL if found.refused or page.missing else Status.LANDED,
        error_code=TruncatedFile.code if page.missing else GridRefused.code if found.refused else None,
        findings=(
            *_size_findings(page),
            *report_missing(page, tables),
            *_page_findings(upright, found, sure),
            *_slant_findings(page.page_number, measure_slant(flat, grids)),
            *_dispute_findings(page.page_number, opinions),
            *_table_findings(page.page_number, conserved.tables, settings),
            *conserved.findings,
            *signed.findings,
        ),
    )
    if debug_image is not None:
        draw_page(page, reading, debug_image)
        draw_steps(upright, flat, reading, debug_image)
    return reading


def failed_page(page_number: int, error: DocumentError) -> PageReading:
    """The reading of a page that could not be read: quarantined, with the error's code and a finding."""
    finding = Finding("page_failed", Severity.ERROR, f"{error} {error.remedy}", page_number, found=error.code)
    return PageReading(
        page_number=page_number,
        width=0,
        height=0,
        dpi=0.0,
        dpi_source=DpiSource.ESTIMATED,
        quarter_turns=0,
        skew_deg=0.0,
        to_source=IDENTITY,
        tables=(),
        lines=(),
        signatures=(),
        signature_status=SignatureStatus.UNSURE,
        status=Status.QUARANTINED,
        error_code=error.code,
        findings=(finding,),
    )


def _skewing(upright: Upright) -> Matrix:
    """Deskewed page pixels to upright ones: the remaining angle about the page's centre."""
    height, width = upright.image.shape[:2]
    return rotation_matrix(upright.skew_deg, ((width - 1) / 2, (height - 1) / 2))


def _size_findings(page: ScannedPage) -> Iterator[Finding]:
    if page.reduction:
        message = "The page has more pixels than can be read at once, and was read at a lower resolution, in dpi."
        severity = Severity.INFO if page.dpi >= AMPLE_DPI else Severity.WARNING
        found, expected = f"{page.dpi:.0f}", f"{page.scan_dpi:.0f}"
        yield Finding("page_reduced", severity, message, page.page_number, found=found, expected=expected)


def _page_findings(upright: Upright, found: GridsFound, sure: bool) -> Iterator[Finding]:
    number = upright.page.page_number
    if not sure:
        message = "Which way up the page is could not be told for sure: neither by its looks nor by reading it."
        told = None if upright.turn_confidence is None else f"{upright.turn_confidence:.2f}"
        yield Finding("orientation_unsure", Severity.WARNING, message, number, found=told)
    for reason in found.refused:
        yield Finding("grid_refused", Severity.ERROR, f"{reason}. {GridRefused.remedy}", number)
    if not found.grids and not found.refused:
        yield Finding("no_table", Severity.INFO, "No ruled table was found on the page.", number)


def _slant_findings(page_number: int, slant_deg: float | None) -> Iterator[Finding]:
    if slant_deg is not None and abs(slant_deg) > AGREED_DEG:
        message = "Rows of text lean from the ruling lines, in degrees: look at the page beside its cells."
        yield Finding("skew_disagrees", Severity.WARNING, message, page_number, found=f"{slant_deg:.2f}")


def _table_findings(page_number: int, tables: tuple[TableReading, ...], settings: Settings) -> Iterator[Finding]:
    for table in tables:
        grid = table.grid
        if grid.confidence < settings.grid.review_confidence:
            message = "The table's structure is not sure: look at the page beside its cells."
            repairs = "; ".join(grid.repairs) or f"{grid.confidence:.2f}"
            yield Finding(
                "grid_doubtful", Severity.WARNING, message, page_number, table_index=grid.table_index, found=repairs
            )
        for reading in table.cells:
            yield from _cell_findings(page_number, grid.table_index, reading)


def _dispute_findings(page_number: int, opinions: tuple[Opinion, ...]) -> Iterator[Finding]:
    for opinion in opinions:
        message = "A second method finds other cells in the table: look at the page beside its cells."
        named = "; ".join(f"row {s.row}, col {s.col}, {s.row_span} x {s.col_span}" for s in opinion.disputed)
        if named:
            index = opinion.grid.table_index
            yield Finding("grid_disputed", Severity.WARNING, message, page_number, table_index=index, found=named)


def _cell_findings(page_number: int, table_index: int, reading: CellReading) -> Iterator[Finding]:
    place = (page_number, None, table_index, reading.cell.row, reading.cell.col)
    if reading.text is None:
        message = "The cell holds ink that could not be read."
        yield Finding("unread_ink", Severity.WARNING, message, *place)
    elif reading.alternatives:
        message = "Other cuts of the cell were read differently; the likeliest reading was kept."
        yield Finding("readings_differ", Severity.INFO, message, *place, reading.text, " / ".join(reading.alternatives))
