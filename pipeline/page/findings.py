"""What was found on a page -> findings: what a person should look at, and what became of a page that failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.dewarp import AGREED_DEG
from pipeline.elements import (
    CellReading,
    DpiSource,
    Finding,
    FindingRule,
    PageReading,
    Resampling,
    Severity,
    SignatureStatus,
    Stamp,
    Status,
    TableReading,
    dpi_text,
)
from pipeline.elements import Page as ScannedPage
from pipeline.errors import DocumentError
from pipeline.grid import CrossCheck
from pipeline.page.grid_findings import report_disputes, report_doubts, report_open_rules
from pipeline.page.orientation import SettledPage
from pipeline.reading import report_missing
from pipeline.recognition import report_unread_script
from pipeline.residual import RecoveredText
from pipeline.settings import Settings
from pipeline.signatures import SignaturePage
from pipeline.stamps import report_stamps

AMPLE_DPI = 200.0
"""From this resolution on a lower one than the scan's costs no print that forms are set in."""
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
"""A page that was not read has no map but this to its scan."""


def failed_page(page_number: int, error: DocumentError) -> PageReading:
    """The reading of a page that could not be read: quarantined, with the error's code and a finding."""
    finding = Finding(FindingRule.PAGE_FAILED, Severity.ERROR, f"{error} {error.remedy}", page_number, found=error.code)
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


@dataclass(frozen=True, slots=True, eq=False)
class ReadStages:
    """What the stages made of a page: the evidence for its findings.

    `settled` is the page's layout before its grids were cross-checked. `slant_deg` is how far rows of text lean from
    the ruling lines, in degrees; None where there is too little text. `of_cells` is known of cells that were read anew.
    `stamps` are its seals and stamps.
    """

    settled: SettledPage
    cross_checks: tuple[CrossCheck, ...]
    slant_deg: float | None
    recovered: RecoveredText
    signed: SignaturePage
    of_cells: tuple[Finding, ...] = ()
    stamps: tuple[Stamp, ...] = ()


def gather_findings(stages: ReadStages, settings: Settings) -> tuple[Finding, ...]:
    """All that a person should know of a page, the page as a whole first, then its tables, then its signatures.

    Args:
        stages: of the page, all done.
        settings: `grid` says how sure a table's structure must be.
    """
    page, tables = stages.settled.layout.upright.page, stages.recovered.tables
    return (
        *_size_findings(page),
        *_resolution_findings(page),
        *report_missing(page, tables),
        *_page_findings(stages.settled),
        *report_unread_script(page.page_number, tables),
        *report_open_rules(page.page_number, stages.settled.without_columns),
        *_slant_findings(page.page_number, stages.slant_deg),
        *report_disputes(page.page_number, stages.cross_checks),
        *_table_findings(page.page_number, tables, settings),
        *stages.of_cells,
        *stages.recovered.findings,
        *stages.signed.findings,
        *report_stamps(page.page_number, stages.stamps),
    )


def _size_findings(page: ScannedPage) -> Iterator[Finding]:
    """That a page was read at a lower resolution than its scan, or with pixels of another shape."""
    if min(page.scale) < 1:
        message = "The page has more pixels than can be read at once, and was read at a lower resolution, in dpi."
        severity = Severity.INFO if page.dpi >= AMPLE_DPI else Severity.WARNING
        found, expected = f"{page.dpi:.0f}", dpi_text(page.scan_dpi)
        yield Finding(FindingRule.PAGE_REDUCED, severity, message, page.page_number, found=found, expected=expected)
    if page.resampled and page.resampled.squared:
        yield _squared_finding(page, page.resampled)


def _squared_finding(page: ScannedPage, resampled: Resampling) -> Finding:
    by = "as the print on it shows" if resampled.assumed else "as its file states"
    message = f"The pixels of the scan are not square, {by}: it was stretched before it was read."
    if resampled.coarse:
        message += " Being black and white, it may have lost strokes: no text of it is sure."
    severity = Severity.WARNING if resampled.assumed or resampled.coarse else Severity.INFO
    found, expected = dpi_text(page.scan_dpi), f"{page.dpi:.0f}"
    return Finding(FindingRule.PAGE_SQUARED, severity, message, page.page_number, found=found, expected=expected)


def _resolution_findings(page: ScannedPage) -> Iterator[Finding]:
    """That the file states a resolution which the page's print shows to be wrong."""
    if page.stated_dpi is not None:
        message = "The file states a resolution, in dpi, at which the print would have no size that forms are set in."
        found, expected = dpi_text(page.stated_dpi), dpi_text(page.scan_dpi)
        rule, severity = FindingRule.RESOLUTION_OVERRULED, Severity.INFO
        yield Finding(rule, severity, message, page.page_number, found=found, expected=expected)


def _page_findings(settled: SettledPage) -> Iterator[Finding]:
    """What is unsure of the page as a whole: which way up it is, and whether it has tables."""
    upright = settled.layout.upright
    number = upright.page.page_number
    if settled.show_through:
        message = "The back of the sheet shines through: what is as pale was not read, and no cell is sure."
        yield Finding(FindingRule.SHOW_THROUGH, Severity.WARNING, message, number)
    if not settled.sure:
        message = "Which way up the page is could not be told for sure: neither by its looks nor by reading it."
        told = None if upright.turn_confidence is None else f"{upright.turn_confidence:.2f}"
        yield Finding(FindingRule.ORIENTATION_UNSURE, Severity.WARNING, message, number, found=told)
    if not settled.layout.grids:
        yield Finding(FindingRule.NO_TABLE, Severity.INFO, "No ruled table was found on the page.", number)


def _slant_findings(page_number: int, slant_deg: float | None) -> Iterator[Finding]:
    """That rows of text lean from the ruling lines."""
    if slant_deg is not None and abs(slant_deg) > AGREED_DEG:
        message = "Rows of text lean from the ruling lines, in degrees: look at the page beside its cells."
        yield Finding(FindingRule.SKEW_DISAGREES, Severity.WARNING, message, page_number, found=f"{slant_deg:.2f}")


def _table_findings(page_number: int, tables: Sequence[TableReading], settings: Settings) -> Iterator[Finding]:
    """What is doubtful of the structure of tables, and of the readings of their cells."""
    for table in tables:
        yield from report_doubts(page_number, table.grid, settings.grid.review_confidence)
        for reading in table.cells:
            yield from _cell_findings(page_number, table.grid.table_index, reading)


def _cell_findings(page_number: int, table_index: int, reading: CellReading) -> Iterator[Finding]:
    row, col = reading.cell.row, reading.cell.col
    if reading.text is None:
        message = "The cell holds ink that could not be read."
        yield Finding(
            FindingRule.UNREAD_INK, Severity.WARNING, message, page_number, table_index=table_index, row=row, col=col
        )
    elif reading.alternatives:
        yield Finding(
            rule=FindingRule.READINGS_DIFFER,
            severity=Severity.INFO,
            message="Other cuts of the cell were read differently; the likeliest reading was kept.",
            page_number=page_number,
            table_index=table_index,
            row=row,
            col=col,
            found=reading.text,
            expected=" / ".join(reading.alternatives),
        )
    if reading.handwritten:
        yield Finding(
            rule=FindingRule.HANDWRITTEN,
            severity=Severity.WARNING,
            message="The cell was filled in by hand, which is read less surely than print.",
            page_number=page_number,
            table_index=table_index,
            row=row,
            col=col,
            found=reading.text,
        )
