"""What a run tells at its end: totals, every document and page that did not land, and the most doubtful pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, NamedTuple

from flows.outcome import DocumentOutcome, Ending, PageOutcome, remedy_of
from flows.sources import PassedOver
from pipeline.landing import Superseded
from pipeline.visible import visible

MOST_DOUBTFUL = 10
MOST_PASSED_OVER = 10
"""Paths that are named for each reason: a Mac leaves a file beside each document."""
WORTH_A_LOOK = 0.1
"""Cells expected to be wrong below which a page is not worth naming."""
EXIT_LANDED, EXIT_FAILED, EXIT_USAGE, EXIT_INCOMPLETE, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


class Totals(NamedTuple):
    """Counts over the run. Pages, cells, indicators and findings are of the documents that were read in it.

    `findings` are the rows that landed for them in the table `findings`; those of documents that were skipped are not
    counted.
    """

    documents: int
    landed: int
    partial: int
    quarantined: int
    failed: int
    skipped: int
    pages: int
    cells: int
    indicators: int
    findings: int


class Shortfall(NamedTuple):
    """A document, or a page of one, that did not land whole."""

    source: str
    page_number: int | None
    status: Ending
    code: str | None
    message: str | None
    remedy: str


class DoubtfulPage(NamedTuple):
    """A page worth a look: its least certain cell, its rows of `findings`, the number of cells expected to be wrong.

    `doubt` is what pages are sorted by: see `flows.outcome.PageOutcome`.
    """

    source: str
    page_number: int
    confidence: float | None
    findings: int
    wrong: float
    doubt: float


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended; documents in the order of the sources. `superseded` are those whose rows it removed.

    `seconds` are those of the command, from the start of its process, or those of a scheduled run.
    """

    run_id: str
    out: str
    seconds: float
    documents: tuple[DocumentOutcome, ...]
    ignored: tuple[str, ...]
    passed_over: tuple[PassedOver, ...] = ()
    superseded: tuple[Superseded, ...] = ()

    @property
    def totals(self) -> Totals:
        """Count."""
        read = [document for document in self.documents if not document.skipped]
        endings = [document.status for document in self.documents]
        return Totals(
            documents=len(endings),
            landed=endings.count(Ending.LANDED),
            partial=endings.count(Ending.PARTIAL),
            quarantined=endings.count(Ending.QUARANTINED),
            failed=endings.count(Ending.FAILED),
            skipped=len(self.documents) - len(read),
            pages=sum(len(document.pages) for document in read),
            cells=sum(document.cells for document in read),
            indicators=sum(document.indicators for document in read),
            findings=sum(document.findings for document in read),
        )

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Every document and page that did not land whole."""
        return tuple(entry for document in self.documents for entry in _shortfalls(document))

    @property
    def doubtful_pages(self) -> tuple[DoubtfulPage, ...]:
        """The ten pages with the most cells expected to be wrong, among those read in this run."""
        pages = (
            DoubtfulPage(document.sources[0], page.page_number, page.confidence, page.findings, page.wrong, page.doubt)
            for document in self.documents
            for page in document.pages
            if page.doubt >= WORTH_A_LOOK and page.status is Ending.LANDED
        )
        return tuple(sorted(pages, key=lambda page: -page.doubt)[:MOST_DOUBTFUL])

    @property
    def exit_status(self) -> int:
        """0 when everything landed, 3 when a document is in quarantine or incomplete, 1 when the machine failed one."""
        totals = self.totals
        if totals.failed:
            return EXIT_FAILED
        return EXIT_INCOMPLETE if totals.partial or totals.quarantined else EXIT_LANDED

    def as_json(self) -> dict[str, Any]:
        """Plain values that `json.dumps` takes."""
        return {
            "run_id": self.run_id,
            "out": self.out,
            "exit_status": self.exit_status,
            "seconds": self.seconds,
            "totals": self.totals._asdict(),
            "not_landed": [shortfall._asdict() for shortfall in self.shortfalls],
            "doubtful_pages": [page._asdict() for page in self.doubtful_pages],
            "ignored": list(self.ignored),
            "passed_over": [entry._asdict() for entry in self.passed_over],
            "superseded": [asdict(document) for document in self.superseded],
            "documents": [asdict(document) for document in self.documents],
        }

    @classmethod
    def from_json(cls, tree: dict[str, Any]) -> Report:
        """The inverse of `as_json`."""
        documents = tuple(DocumentOutcome.from_json(document) for document in tree["documents"])
        passed_over = tuple(PassedOver(**entry) for entry in tree["passed_over"])
        superseded = tuple(
            Superseded(**gone | {"source_paths": tuple(gone["source_paths"])}) for gone in tree["superseded"]
        )
        ignored = tuple(tree["ignored"])
        return cls(tree["run_id"], tree["out"], tree["seconds"], documents, ignored, passed_over, superseded)

    def lines(self) -> Iterator[str]:
        """The report for people; whatever it quotes, such as files' names, stays on its line."""
        left_out = (self._ignored_lines(), self._passed_over_lines(), self._superseded_lines())
        parts = (*left_out, self._shortfall_lines(), self._doubtful_lines(), (self._summary(),))
        yield from map(visible, chain(*parts))

    def _ignored_lines(self) -> Iterator[str]:
        if self.ignored:
            yield f"Ignored, of types that are not read: {len(self.ignored)}"
            yield from (f"  {path}" for path in self.ignored)

    def _passed_over_lines(self) -> Iterator[str]:
        for reason in dict.fromkeys(entry.reason for entry in self.passed_over):
            paths = [entry.path for entry in self.passed_over if entry.reason == reason]
            yield f"Passed over, {reason}: {len(paths)}"
            yield from (f"  {path}" for path in paths[:MOST_PASSED_OVER])
            if len(paths) > MOST_PASSED_OVER:
                yield f"  and {len(paths) - MOST_PASSED_OVER} more; --json names them all"

    def _superseded_lines(self) -> Iterator[str]:
        if self.superseded:
            yield f"Removed from the tables, unfinished states of files that are whole now: {len(self.superseded)}"
        for document in self.superseded:
            yield f"  {', '.join(document.source_paths)}: was {document.error_code}, {document.document_id}"

    def _shortfall_lines(self) -> Iterator[str]:
        if self.shortfalls:
            yield "Did not land whole:"
        for entry in self.shortfalls:
            page = "" if entry.page_number is None else f" page {entry.page_number}"
            yield f"  {entry.source}{page}: {entry.status}, {': '.join(filter(None, (entry.code, entry.message)))}"
            if entry.remedy and entry.remedy not in (entry.message or ""):
                yield f"    {entry.remedy}"

    def _doubtful_lines(self) -> Iterator[str]:
        if self.doubtful_pages:
            yield "Most doubtful pages:"
        for page in self.doubtful_pages:
            wrong = f"about {page.wrong:.1f} cells wrong, least certain {page.confidence or 0:.2f}"
            cells = "no cells" if page.confidence is None else wrong
            yield f"  {page.source} page {page.page_number}: {cells}, {_count(page.findings, 'finding')}"

    def _summary(self) -> str:
        t = self.totals
        if t.documents == 0:
            return "Nothing to read: the sources hold no document."
        if t.skipped == t.documents:
            return f"{_count(t.documents, 'document')} skipped: landed in {self.out} before. --force reads again."
        read = t.documents - t.skipped - t.failed
        counted = (
            _count(t.pages, "page"),
            _count(t.cells, "cell"),
            _count(t.indicators, "indicator"),
            _count(t.findings, "finding"),
        )
        skipped = f", {t.skipped} skipped" if t.skipped else ""
        return (
            f"{_count(read, 'document')} read{skipped}: {', '.join(counted)} in {self.seconds:.1f} s. "
            f"The tables are in {self.out}"
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _shortfalls(document: DocumentOutcome) -> Iterator[Shortfall]:
    if document.is_complete:
        return
    source = document.sources[0]
    code = document.error_code
    if code or not document.pages:
        yield Shortfall(source, None, document.status, code, document.error_message, remedy_of(code))
    yield from (_page_shortfall(source, page) for page in document.pages if page.status is not Ending.LANDED)


def _page_shortfall(source: str, page: PageOutcome) -> Shortfall:
    return Shortfall(source, page.page_number, page.status, page.error_code, None, remedy_of(page.error_code))
