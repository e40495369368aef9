"""How documents ended: small records that travel as JSON from the workers to the report."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pipeline.elements import DocumentResult, Finding, FindingRule, PageReading, Severity
from pipeline.errors import DECODER_FAILED, MAY_PASS, SignedFormsError


class Ending(StrEnum):
    """How a document ended: as `elements.Status`, or not landed at all, for want of something of the machine's."""

    LANDED = "landed"
    PARTIAL = "partial"
    QUARANTINED = "quarantined"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """How a page ended.

    `confidence` is its least certain cell's, None for a page without cells. `findings` are the rows of the table
    `findings` that name the page. `wrong` is the number of cells expected to be wrong, by their confidences; `doubt`
    is that, plus the number of findings that say more and are warnings or errors.
    """

    page_number: int
    status: Ending
    error_code: str | None
    confidence: float | None
    findings: int
    wrong: float
    doubt: float


@dataclass(frozen=True, slots=True)
class DocumentOutcome:
    """How a document ended.

    `sources` are its paths; `skipped` says that it had landed before, and was not read. `findings` is the number of its
    rows in the table `findings`.
    """

    sources: tuple[str, ...]
    document_id: str | None
    status: Ending
    skipped: bool = False
    error_code: str | None = None
    error_message: str | None = None
    pages: tuple[PageOutcome, ...] = ()
    cells: int = 0
    indicators: int = 0
    findings: int = 0
    seconds: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether all of the document landed."""
        return self.status is Ending.LANDED

    def as_json(self) -> dict[str, Any]:
        """Plain values that `json.dumps` takes."""
        return asdict(self)

    @property
    def pages_landed(self) -> int:
        """How many of its pages landed whole."""
        return sum(page.status is Ending.LANDED for page in self.pages)

    @property
    def pages_not_decoded(self) -> tuple[int, ...]:
        """The numbers of the pages whose decoder failed."""
        return tuple(page.page_number for page in self.pages if page.error_code in DECODER_FAILED)

    @property
    def is_tried_again(self) -> bool:
        """Whether a decoder failed on it, which may read it when nothing else is at work."""
        return self.error_code in DECODER_FAILED or bool(self.pages_not_decoded)

    def is_worse_than(self, first: DocumentOutcome) -> bool:
        """Whether the rows of an earlier reading stand, as this one landed fewer pages; see `landing.land`."""
        codes = {self.error_code, *(page.error_code for page in self.pages)}
        return not MAY_PASS.isdisjoint(codes) and self.pages_landed < first.pages_landed

    @classmethod
    def from_json(cls, tree: dict[str, Any]) -> DocumentOutcome:
        """The inverse of `as_json`."""
        pages = tuple(PageOutcome(**(page | {"status": Ending(page["status"])})) for page in tree["pages"])
        values = {"sources": tuple(tree["sources"]), "status": Ending(tree["status"]), "pages": pages}
        return cls(**(tree | values))


def outcome_of(
    result: DocumentResult, sources: tuple[str, ...], seconds: float, findings: Mapping[int | None, int]
) -> DocumentOutcome:
    """Sum up a document.

    Args:
        result: what landed.
        sources: its paths.
        seconds: what reading it took.
        findings: the number of its rows in the table `findings`, by page.
    """
    doubts = Counter(finding.page_number for finding in result.findings if _adds_doubt(finding))
    return DocumentOutcome(
        sources=sources,
        document_id=result.source.document_id,
        status=Ending(result.status),
        error_code=result.error_code,
        error_message=result.error_message,
        pages=tuple(_page(page, findings.get(page.page_number, 0), doubts[page.page_number]) for page in result.pages),
        cells=sum(len(table.cells) for page in result.pages for table in page.tables),
        indicators=len(result.interpretation.indicators),
        findings=sum(findings.values()),
        seconds=round(seconds, 3),
    )


def _adds_doubt(finding: Finding) -> bool:
    """Whether a finding says more than the confidences of cells do, which are counted by themselves."""
    return finding.severity is not Severity.INFO and finding.rule is not FindingRule.DOUBTFUL_READING


def _page(page: PageReading, findings: int, doubts: int) -> PageOutcome:
    confidences = [cell.confidence or 0.0 for table in page.tables for cell in table.cells]
    wrong = math.fsum(1 - confidence for confidence in confidences)
    return PageOutcome(
        page_number=page.page_number,
        status=Ending(page.status),
        error_code=page.error_code,
        confidence=round(min(confidences), 4) if confidences else None,
        findings=findings,
        wrong=round(wrong, 3),
        doubt=round(wrong + doubts, 3),
    )


def error_of(code: str, message: str) -> SignedFormsError:
    """The error of our tree with a code, as raised in another process."""
    kinds = {kind.code: kind for kind in _kinds(SignedFormsError)}
    return kinds.get(code, SignedFormsError)(message)


def remedy_of(code: str | None) -> str:
    """What to do about an error code; "" for one that we do not know."""
    return next((kind.remedy for kind in _kinds(SignedFormsError) if kind.code == code), "")


def _kinds(kind: type[SignedFormsError]) -> Iterator[type[SignedFormsError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)
