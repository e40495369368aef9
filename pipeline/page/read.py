"""Page -> PageReading: the stages of one page, one after the other.

A page whose table is refused keeps its lines; a page that fails altogether is quarantined with a code and costs
nothing but itself.
"""

from __future__ import annotations

import logging
from pathlib import Path

from pipeline.dewarp import measure_slant
from pipeline.elements import (
    Matrix,
    PageReading,
    Status,
    Upright,
)
from pipeline.elements import Page as ScannedPage
from pipeline.engines import Engines
from pipeline.errors import GridRefused, TruncatedFile
from pipeline.grid import cross_check
from pipeline.imaging import compose, rotation_matrix
from pipeline.intake import check_size
from pipeline.page.findings import dispute_findings, page_findings, size_findings, slant_findings, table_findings
from pipeline.page.orientation import settle_orientation
from pipeline.page.overlay import draw_page
from pipeline.page.step_pictures import draw_steps
from pipeline.reading import (
    ReadPage,
    doubted_status,
    recognise_cells,
    recover_residual_text,
    report_missing,
    withhold_cells,
    withhold_lines,
)
from pipeline.settings import Settings
from pipeline.signatures import PageView, find_signatures, read_margins, read_overwriting, read_sign_off

logger = logging.getLogger(__name__)


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
    upright, dewarped, found, sure = settle_orientation(page, engines, settings)
    cross_checks = cross_check(dewarped, found.grids)
    grids = tuple(checked.grid for checked in cross_checks)
    tables = recognise_cells(upright, dewarped, grids, engines.recogniser)
    margins = read_margins(upright, grids, engines)
    signed = find_signatures(PageView(upright, margins), engines, settings)
    if settings.signature.enabled:
        for view in (read_overwriting(upright, margins, engines), read_sign_off(upright, dewarped, tables, engines)):
            if view is not None:
                signed = signed.joined(find_signatures(view, engines, settings))
    elsewhere = (*(line.polygon for line in signed.lines), *(own.polygon for own in signed.signatures))
    recovered = recover_residual_text(ReadPage(upright, dewarped, tables, elsewhere), engines)
    tables = withhold_cells(recovered.tables, page.missing)
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
        lines=withhold_lines((*signed.lines, *recovered.lines), page.missing),
        signatures=signed.signatures,
        signature_status=doubted_status(signed.status, page.missing),
        status=Status.PARTIAL if found.refused or page.missing else Status.LANDED,
        error_code=TruncatedFile.code if page.missing else GridRefused.code if found.refused else None,
        findings=(
            *size_findings(page),
            *report_missing(page, tables),
            *page_findings(upright, found, sure),
            *slant_findings(page.page_number, measure_slant(dewarped, grids)),
            *dispute_findings(page.page_number, cross_checks),
            *table_findings(page.page_number, recovered.tables, settings),
            *recovered.findings,
            *signed.findings,
        ),
    )
    if debug_image is not None:
        draw_page(page, reading, debug_image)
        draw_steps(upright, dewarped, reading, debug_image)
    return reading


def _skewing(upright: Upright) -> Matrix:
    """Deskewed page pixels to upright ones: the remaining angle about the page's centre."""
    height, width = upright.image.shape[:2]
    return rotation_matrix(upright.skew_deg, ((width - 1) / 2, (height - 1) / 2))
