"""The library's front door: a file in, all that it says out. No orchestrator is needed.

engines = load_engines(settings.models)
result = digitise_document(Path("scan.pdf"), settings, engines, load_profiles(settings.forms))
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.correction import correct, corrected, report_corrections
from pipeline.elements import (
    NOTHING_UNDERSTOOD,
    DocumentResult,
    FindingRule,
    Interpretation,
    Page,
    PageReading,
    SourceFile,
    Status,
)
from pipeline.engines import Engines
from pipeline.errors import UNFINISHED, DocumentError, EnvironmentFault, UnexpectedError, UsageFault
from pipeline.files import OpenFile, open_file
from pipeline.forms import Profile
from pipeline.hierarchy import interpret
from pipeline.intake import OpenDocument, PageFailure, decode_file
from pipeline.page import failed_page, read_page
from pipeline.settings import Settings
from pipeline.signers import group_writers, infer_years, report_other_writers, report_unresolved, settle_signers
from pipeline.validation import mark_for_review, validate
from pipeline.visible import visible

PAGE_RULES = {FindingRule.PAGE_FAILED, FindingRule.IMAGE_INCOMPLETE}
"""These rules say why a page did not land whole, where they name no cell."""

logger = logging.getLogger(__name__)

OnPage = Callable[[int, int], None]
"""Called with a page's number and the number of pages, after each page."""


def digitise_document(  # noqa: PLR0913 - the front door: what, how, with what, and two ways to watch
    path: Path,
    settings: Settings,
    engines: Engines,
    profiles: Sequence[Profile],
    debug_images: Path | None = None,
    *,
    on_page: OnPage | None = None,
) -> DocumentResult:
    """Read and understand a document.

    What is wrong with the document is in the result: a page that fails is quarantined, and so is a document that
    cannot be opened at all.

    Args:
        path: a PDF or image file.
        settings: of the run.
        engines: of this worker; not shared between threads.
        profiles: the forms that are known.
        debug_images: a folder to draw each page into; None draws nothing.
        on_page: told of each page that is done.

    Raises:
        EnvironmentFault: when the machine is at fault, and the same document may be read later.
    """
    with open_file(path) as file:
        return digitise_file(file, settings, engines, profiles, debug_images, on_page=on_page)


def digitise_file(  # noqa: PLR0913 - as above
    file: OpenFile,
    settings: Settings,
    engines: Engines,
    profiles: Sequence[Profile],
    debug_images: Path | None = None,
    *,
    on_page: OnPage | None = None,
) -> DocumentResult:
    """Read and understand a document that is open; see `digitise_document`.

    Raises:
        SourceChanged: when somebody writes to the file meanwhile.
        EnvironmentFault: when the machine is at fault otherwise.
    """
    try:
        with decode_file(file, settings.intake) as document:
            source, pages = document.source, _read_pages(document, engines, settings, debug_images, on_page)
    except DocumentError as error:
        logger.info("%s: %s: %s", visible(file.source.path), error.code, error)
        refused = DocumentResult(file.source, Status.QUARANTINED, (), NOTHING_UNDERSTOOD, (), error.code, str(error))
        _settle(file, {error.code})
        return refused
    _settle(file, {page.error_code for page in pages})
    writers = group_writers(pages)
    pages = settle_signers(pages, writers, settings.signature)
    interpretation, readable = _understood(pages, settings, profiles)
    findings = (
        *(finding for page in pages for finding in page.findings),
        *interpretation.findings,
        *validate(readable, interpretation, profiles, source.n_pages, settings.ocr.review_confidence),
        *report_unresolved(pages, settings.signature),
        *report_other_writers(pages, writers),
    )
    reviewed = mark_for_review(interpretation, findings, settings.ocr.review_confidence)
    dated = infer_years(pages, interpretation)
    return DocumentResult(source, _status(pages), dated, reviewed, findings, *_first_error(pages))


def decodes(file: OpenFile, settings: Settings, pages: Collection[int]) -> bool:
    """Whether any of these pages can be decoded, or, without any, the document; nothing is read.

    Raises:
        EnvironmentFault: as `digitise_file`.
    """
    try:
        with decode_file(file, settings.intake) as document:
            return any(isinstance(item, Page) for item in document.pages(pages))
    except DocumentError:
        return False


def _understood(
    pages: Sequence[PageReading], settings: Settings, profiles: Sequence[Profile]
) -> tuple[Interpretation, tuple[PageReading, ...]]:
    """What the cells mean, and the pages as they were understood: with the corrected texts."""
    first = interpret(pages, profiles, settings.forms)
    corrections = correct(pages, first, profiles, settings.ocr.review_confidence) if settings.forms.correct else {}
    if not corrections:
        return first, tuple(pages)
    readable = corrected(pages, corrections)
    again = interpret(readable, profiles, settings.forms)
    findings = (*again.findings, *report_corrections(pages, corrections))
    return replace(again, corrections=corrections, findings=findings), readable


def _read_pages(
    document: OpenDocument, engines: Engines, settings: Settings, debug_images: Path | None, on_page: OnPage | None
) -> tuple[PageReading, ...]:
    readings = []
    for item in document.pages():
        if isinstance(item, PageFailure):
            readings.append(failed_page(item.page_number, item.error))
        else:
            image = _debug_image(debug_images, document.source, item.page_number)
            readings.append(_read_or_fail(item, engines, settings, image))
        if on_page is not None:
            on_page(readings[-1].page_number, document.source.n_pages)
    return tuple(readings)


def _read_or_fail(page: Page, engines: Engines, settings: Settings, debug_image: Path | None) -> PageReading:
    try:
        return read_page(page, engines, settings, debug_image)
    except DocumentError as error:
        return failed_page(page.page_number, error)
    except (EnvironmentFault, UsageFault, MemoryError, OSError):
        raise
    except Exception as error:  # a bug that one page meets must not cost the others
        logger.exception("page %d of %s failed", page.page_number, page.document_id)
        return failed_page(page.page_number, UnexpectedError(f"{type(error).__name__}: {error}"))


def _debug_image(folder: Path | None, source: SourceFile, page_number: int) -> Path | None:
    return folder / f"{Path(source.name).stem}-page-{page_number:03d}.jpg" if folder else None


def _settle(file: OpenFile, codes: Collection[str | None]) -> None:
    """Let a file that looks unfinished be finished, if it is written to this very moment: then it is none of ours."""
    if not UNFINISHED.isdisjoint(codes):
        file.settle()


def _status(pages: Sequence[PageReading]) -> Status:
    """Landed where every page is, quarantined where none is, else partial."""
    ended = {page.status for page in pages}
    return ended.pop() if len(ended) == 1 else Status.PARTIAL


def _first_error(pages: Sequence[PageReading]) -> tuple[str | None, str | None]:
    """Code and message of the first page that did not land whole."""
    for page in pages:
        if page.status is not Status.LANDED:
            message = next((f.message for f in page.findings if f.rule in PAGE_RULES), None)
            return page.error_code, f"page {page.page_number}: {message}"
    return None, None
