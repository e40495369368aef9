"""What readings mean: corrections, projects, indicators, rows, and the result of a whole document."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pipeline.elements.findings import Finding, Status
from pipeline.elements.pages import SourceFile
from pipeline.elements.readings import CellRef, PageReading
from pipeline.elements.roles import Role


class CorrectionReason(StrEnum):
    """Why a text was corrected; docs/corrections.md explains each."""

    LABEL = "label"
    VOCABULARY = "vocabulary"
    STRAY_MARK = "stray_mark"
    REPETITION = "repetition"
    PHRASE = "phrase"
    LIST = "list"
    TARGET = "target"


class Correction(NamedTuple):
    """A text that replaces a reading, and why."""

    text: str
    reason: CorrectionReason


@dataclass(frozen=True, slots=True)
class FormMatch:
    """Which form profile a page matches: "unknown" when none reaches the threshold; and the best of the others."""

    page_number: int
    form_type: str
    score: float
    title: str | None
    runner_up: str | None = None
    runner_up_score: float | None = None


class AmountPart(NamedTuple):
    """A named share of a project's amount, in 万元."""

    name: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Project:
    """One filled-in form. Amounts are in 万元, whatever the form's unit; `*_text` is what was read."""

    project_index: int
    first_page: int
    last_page: int
    form_type: str
    title: str | None
    fiscal_year: int | None
    parent_code: str | None
    unit_code: str | None
    unit_name: str | None
    department: str | None
    project_name: str | None
    amount: Decimal | None
    amount_text: str | None
    amount_unit_read: str | None
    amount_parts: tuple[AmountPart, ...]
    total: Decimal | None
    total_text: str | None
    goals: tuple[str, ...]
    goals_text: str | None
    note: str | None
    confidence: float | None
    needs_review: bool
    cells: tuple[CellRef, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed target value: a comparator, a number and its unit, or none of them for a qualitative value."""

    comparator: str | None
    number: Decimal | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Indicator:
    """A leaf of the indicator hierarchy with all its ancestors and its target."""

    project_index: int
    page_number: int
    table_index: int
    row: int
    unit_code: str | None
    unit_name: str | None
    project_name: str | None
    level1: str | None
    level2: str | None
    level3: str | None
    target_text: str | None
    target: Target
    confidence: float | None
    needs_review: bool
    cells: tuple[CellRef, ...]


class HeadedText(NamedTuple):
    """A text and the header above it; None where it has none."""

    header: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of any table: the stub cells that cover it, outermost first, with their headers, and the values beside."""

    page_number: int
    table_index: int
    row: int
    path: tuple[str | None, ...]
    path_headers: tuple[str | None, ...]
    values: tuple[HeadedText, ...]
    confidence: float | None
    needs_review: bool
    cells: tuple[CellRef, ...]


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What the cells of a whole document mean, by its form profiles; `rows` are those of its tables, by any form."""

    forms: tuple[FormMatch, ...]
    projects: tuple[Project, ...]
    indicators: tuple[Indicator, ...]
    roles: dict[CellRef, Role]
    corrections: dict[CellRef, Correction]
    findings: tuple[Finding, ...]
    rows: tuple[TableRow, ...] = ()


NOTHING_UNDERSTOOD = Interpretation((), (), (), {}, {}, ())
"""The interpretation of a document that could not be read, or that lands nothing but its quarantine."""


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """A document, read and understood, ready to land.

    A quarantined document has an error code and message and no pages. `findings` holds all of them: of the pages, of
    the interpretation and of the validation.
    """

    source: SourceFile
    status: Status
    pages: tuple[PageReading, ...]
    interpretation: Interpretation
    findings: tuple[Finding, ...]
    error_code: str | None = None
    error_message: str | None = None

    @property
    def error_codes(self) -> frozenset[str]:
        """The codes of the errors that the document or any of its pages ended with."""
        codes = (self.error_code, *(page.error_code for page in self.pages))
        return frozenset(code for code in codes if code)

    @property
    def n_pages_landed(self) -> int:
        """How many of its pages landed whole."""
        return sum(page.status is Status.LANDED for page in self.pages)

    @property
    def unit_name(self) -> str | None:
        """The unit named by the document's first project that names one."""
        return next((p.unit_name for p in self.interpretation.projects if p.unit_name), None)

    @property
    def fiscal_year(self) -> int | None:
        """The fiscal year of the document's first project that states one."""
        return next((p.fiscal_year for p in self.interpretation.projects if p.fiscal_year), None)

    @property
    def signatories(self) -> tuple[str, ...]:
        """The names signed in the document, each once, in order of appearance."""
        names = [s.name for page in self.pages for s in page.signatures if s.name]
        return tuple(dict.fromkeys(names))
