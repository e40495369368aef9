"""A page as the file holds it -> its reading: the stages of one page, one after the other.

A page that fails altogether is quarantined with a code and costs nothing but itself.
"""

from __future__ import annotations

import logging
from pathlib import Path

from pipeline.dewarp import measure_slant
from pipeline.elements import Finding, Matrix, PageReading, Status, TableReading, Upright
from pipeline.elements import Page as ScannedPage
from pipeline.engines import Engines
from pipeline.errors import TruncatedFile
from pipeline.grid import cross_check
from pipeline.imaging import compose, rotation_matrix
from pipeline.intake import check_size
from pipeline.page.findings import ReadStages, gather_findings
from pipeline.page.handwritten import doubt_handwriting
from pipeline.page.orientation import settle_orientation
from pipeline.page.overlay import draw_page
from pipeline.page.signing import find_all_signatures
from pipeline.page.step_pictures import draw_steps
from pipeline.reading import (
    doubt_coarse,
    doubt_shown_through,
    doubt_unplaced,
    doubted_status,
    recognise_cells,
    withhold_cells,
    withhold_lines,
)
from pipeline.recognition import doubt_unread_script
from pipeline.rereading import reread_cells
from pipeline.residual import ReadPage, recover_residual_text
from pipeline.settings import Settings
from pipeline.stamps import SeenPage, find_stamps

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
    settled = settle_orientation(page, engines, settings)
    cross_checks = cross_check(settled.layout.dewarped, settled.layout.grids)
    layout = settled.layout.with_grids([checked.grid for checked in cross_checks])
    tables = recognise_cells(layout, engines.recogniser, settled.readings)
    reread = reread_cells(layout, tables, engines.recogniser)
    tables = doubt_handwriting(layout, reread.tables)
    signed = find_all_signatures(layout, tables, engines, settings)
    elsewhere = (*(line.polygon for line in signed.lines), *(own.polygon for own in signed.signatures))
    recovered = recover_residual_text(ReadPage(layout, tables, elsewhere), engines)
    recovered = recovered._replace(tables=doubt_unread_script(recovered.tables))
    slant_deg = measure_slant(layout.dewarped, layout.grids)
    seen = SeenPage(settled.layout.upright, signed.lines, tables, signed.signatures)
    stamps = find_stamps(seen, engines.recogniser, settings)
    stages = ReadStages(settled, cross_checks, slant_deg, recovered, signed, reread.findings, stamps)
    reading = _assemble(stages, gather_findings(stages, settings))
    logger.debug("page %d: %d tables, %d signatures", page.page_number, len(tables), len(signed.signatures))
    if debug_image is not None:
        draw_page(page, reading, debug_image)
        draw_steps(layout, reading, debug_image)
    return reading


def _assemble(stages: ReadStages, findings: tuple[Finding, ...]) -> PageReading:
    """What lands of a page: what its stages made of it, without what stands where the page could not be decoded."""
    upright, signed = stages.settled.layout.upright, stages.signed
    page = upright.page
    return PageReading(
        page_number=page.page_number,
        width=page.width,
        height=page.height,
        dpi=page.scan_dpi[0],
        dpi_source=page.dpi_source,
        quarter_turns=upright.quarter_turns,
        skew_deg=upright.skew_deg,
        to_source=compose(_skewing(upright), upright.to_scan),
        tables=_doubted(stages),
        lines=withhold_lines((*signed.lines, *stages.recovered.lines), page.missing),
        signatures=signed.signatures,
        signature_status=doubted_status(signed.status, page.missing),
        status=Status.PARTIAL if page.missing else Status.LANDED,
        error_code=TruncatedFile.code if page.missing else None,
        findings=findings,
        stamps=stages.stamps,
    )


def _doubted(stages: ReadStages) -> tuple[TableReading, ...]:
    """The tables, less sure where the page or the grid is."""
    page = stages.settled.layout.upright.page
    tables = doubt_unplaced(doubt_coarse(withhold_cells(stages.recovered.tables, page.missing), page))
    return doubt_shown_through(tables) if stages.settled.show_through else tables


def _skewing(upright: Upright) -> Matrix:
    """Deskewed page pixels to upright ones: the remaining angle about the page's centre."""
    height, width = upright.image.shape[:2]
    return rotation_matrix(upright.skew_deg, ((width - 1) / 2, (height - 1) / 2))
