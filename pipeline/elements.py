"""The nouns of the pipeline: frozen records that one stage hands to the next.

Conventions, stated here once:

* **Scan pixels** are the raster as decoded, before EXIF orientation and before our own turns; for a PDF page, the
  raster rendered with its /Rotate applied. Every polygon in these records, and everything landed, is in scan pixels.
* The origin is the top-left corner, x to the right, y down. Pixel *centres* are at whole numbers, as in OpenCV.
  `BBox` is half-open: right and bottom are excluded.
* Quads and polygons run clockwise from the corner where the *text* starts (its top-left when read upright).
* `row` and `col` count from 0, spans from 1, `page_number` from 1. Angles are degrees, counter-clockwise positive.
* Images are uint8: (height, width, 3) in OpenCV's BGR order, or (height, width) where a docstring says gray.
* Confidence is 0-1, or None when unknown. Text "" was verified blank; None is ink that could not be read.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
Point: TypeAlias = tuple[float, float]
Polygon: TypeAlias = tuple[Point, ...]
Matrix: TypeAlias = tuple[float, float, float, float, float, float, float, float, float]
"""A 3 x 3 homography, row by row."""


class BBox(NamedTuple):
    """An upright box in pixels; right and bottom are excluded."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in pixels, never negative."""
        return max(0.0, self.right - self.left)

    @property
    def height(self) -> float:
        """Height in pixels, never negative."""
        return max(0.0, self.bottom - self.top)

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height


# --- intake -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was opened, hashed and recognised as something we read.

    `document_id` is the SHA-256 (hex) of its bytes; `media_type` the IANA name of what the bytes are, whatever the
    file is called.
    """

    path: str
    document_id: str
    byte_size: int
    media_type: str
    n_pages: int

    @property
    def name(self) -> str:
        """The file's own name, without its folders."""
        return self.path.replace("\\", "/").rsplit("/", 1)[-1]


class DpiSource(StrEnum):
    """Where a page's resolution came from."""

    FILE = "file"
    RENDERED = "rendered"
    ESTIMATED = "estimated"


class Reduction(NamedTuple):
    """That a scan of `width` x `height` pixels was made smaller to be read: `scale` pixels for each of its own."""

    scale: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What of a page could not be decoded, because the file does not hold it: a box in scan pixels.

    `displaced` says that bytes were lost at a place that cannot be told: what lies outside the box was decoded, but
    part of it may stand in the wrong place. The box may then be empty.
    """

    box: BBox
    displaced: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One decoded page: its raster in scan pixels, as the file holds it, unless that was too large and is reduced.

    It is white where something is `missing`.

    `dpi` is the image's: what the file states (or the page was rendered at), else an estimate from the page's size.
    `exif_orientation` is 1-8 as in the EXIF standard; 1 where the file says nothing. The image is the master and is
    never written to.
    """

    document_id: str
    page_number: int
    image: Image
    dpi: float
    dpi_source: DpiSource
    exif_orientation: int = 1
    reduction: Reduction | None = None
    missing: Missing | None = None

    def __post_init__(self) -> None:
        """Refuse rasters that the stages could not read."""
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ValueError(f"page image must be (height, width, 3) uint8, got {self.image.shape} {self.image.dtype}")
        if not 1 <= self.exif_orientation <= 8:
            raise ValueError(f"exif_orientation must be 1-8, got {self.exif_orientation}")
        if self.dpi <= 0:
            raise ValueError(f"dpi must be positive, got {self.dpi}")

    @property
    def width(self) -> int:
        """Width of the scan in pixels."""
        return self.reduction.width if self.reduction else int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Height of the scan in pixels."""
        return self.reduction.height if self.reduction else int(self.image.shape[0])

    @property
    def scale(self) -> float:
        """Pixels of the image for each of the scan."""
        return self.reduction.scale if self.reduction else 1.0

    @property
    def scan_dpi(self) -> float:
        """Pixels per inch of the scan."""
        return self.dpi / self.scale


# --- the page's geometry ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """The ink of an image.

    `darkness` (height, width) uint8 is 0 on paper and 255 under full black ink, seals removed. `seal` (height, width)
    bool is true where there is seal ink. `noise` is the standard deviation of the paper's darkness, at least 1.
    """

    darkness: Image
    seal: NDArray[np.bool_]
    noise: float


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """A page turned upright by whole quarter turns, with the small angle that is left.

    `image` has the text running left to right, top to bottom; only quarter turns (and EXIF mirroring) were applied to
    the page's image, so no pixel was interpolated. `ink` is the ink of `image`. `skew_deg` is the text's remaining
    angle, counter-clockwise positive. `to_scan` maps homogeneous points of `image` to scan pixels.
    """

    page: Page
    image: Image
    ink: Ink
    quarter_turns: int
    skew_deg: float
    to_scan: Matrix
    turn_confidence: float | None

    @property
    def dpi(self) -> float:
        """Pixels per inch of the upright image, the same as its page's."""
        return self.page.dpi


class Axis(StrEnum):
    """The direction in which a ruling line runs."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a grid: its place, its spans and its quad in scan pixels."""

    row: int
    col: int
    row_span: int
    col_span: int
    polygon: Polygon

    def slots(self) -> Iterator[tuple[int, int]]:
        """Every (row, col) position that the cell covers."""
        for row in range(self.row, self.row + self.row_span):
            for col in range(self.col, self.col + self.col_span):
                yield row, col


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table's structure; it refuses to exist unless each slot is covered by exactly one cell.

    Cells are in reading order (row, then col). `confidence` is how sure we are that the structure is exactly right;
    `repairs` names each segment that was added or removed to make it a tiling.

    Raises:
        ValueError: when a slot is covered twice, not at all, or a cell reaches outside the grid.
    """

    table_index: int
    n_rows: int
    n_cols: int
    cells: tuple[Cell, ...]
    confidence: float
    repairs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the tiling, naming the slots that break it."""
        covered: dict[tuple[int, int], int] = {}
        for cell in self.cells:
            for slot in cell.slots():
                covered[slot] = covered.get(slot, 0) + 1
        wanted = {(row, col) for row in range(self.n_rows) for col in range(self.n_cols)}
        twice = sorted(slot for slot, times in covered.items() if times > 1)
        missing, outside = sorted(wanted - covered.keys()), sorted(covered.keys() - wanted)
        if twice or missing or outside or not wanted:
            raise ValueError(
                f"not a tiling of {self.n_rows} x {self.n_cols} slots: covered twice {twice[:5]}, "
                f"not covered {missing[:5]}, outside {outside[:5]}"
            )

    def cell_at(self, row: int, col: int) -> Cell:
        """The cell that covers a slot.

        Raises:
            KeyError: when the slot lies outside the grid.
        """
        for cell in self.cells:
            if cell.row <= row < cell.row + cell.row_span and cell.col <= col < cell.col + cell.col_span:
                return cell
        raise KeyError((row, col))


# --- reading ----------------------------------------------------------------------------------------------------------


class LineKind(StrEnum):
    """What a text line is on its page."""

    CELL = "cell"
    TITLE = "title"
    NOTE = "note"
    SEAL = "seal"
    SIGNATURE = "signature"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TextLine:
    """One recognised line of text and where it stands; row and col are None outside a cell."""

    text: str
    confidence: float | None
    polygon: Polygon
    kind: LineKind
    table_index: int | None = None
    row: int | None = None
    col: int | None = None


class Doubt(NamedTuple):
    """What may stand in a text instead: `text` in the place of its characters `start` to `stop` (exclusive).

    An empty place is between two characters, an empty `text` is nothing. `probability` is the recogniser's, 0-1.
    """

    start: int
    stop: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class CellReading:
    """A cell with its text as read; the cell's own lines joined in reading order.

    `confidence` is the calibrated probability that the text is exactly right; `alternatives` are what doubtful lines
    were read as in other cuts, `doubts` what the recogniser half read in this one.
    """

    cell: Cell
    text: str | None
    confidence: float | None
    lines: tuple[TextLine, ...]
    under_seal: bool = False
    alternatives: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class TableReading:
    """A grid and the reading of each of its cells, in the grid's order."""

    grid: Grid
    cells: tuple[CellReading, ...]

    def __post_init__(self) -> None:
        """A reading for each cell, in order."""
        if tuple(reading.cell for reading in self.cells) != self.grid.cells:
            raise ValueError(f"{len(self.cells)} readings do not match the grid's {len(self.grid.cells)} cells")

    def at(self, row: int, col: int) -> CellReading:
        """The reading of the cell that covers a slot.

        Raises:
            KeyError: when the slot lies outside the grid.
        """
        return self.cells[self.grid.cells.index(self.grid.cell_at(row, col))]


class Candidate(NamedTuple):
    """A possible reading of a name, with its confidence."""

    name: str
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class SeenText:
    """What a recogniser saw in one cut of a line, kept for the characters that it thought of at all.

    `log_probabilities` (time steps, characters + 1) are natural logarithms, one column for each of `characters`, whose
    first is the CTC blank "", and a last one for every other character. `best` is the score of the best path.
    """

    characters: tuple[str, ...]
    log_probabilities: NDArray[np.float32]
    best: float


@dataclass(frozen=True, slots=True, eq=False)
class NameEvidence:
    """A signature's name as strokes and as seen, until its document's signers are settled; it does not land.

    `strokes` (slices, features) are their shape as `same_hand.py` describes it, None where there is hardly any ink.
    `seen` is one for each cut of the name.
    """

    strokes: NDArray[np.float32] | None
    seen: tuple[SeenText, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A handwritten name and date on a page.

    `name` is the name as resolved, `name_read` as read; `name_source` says which evidence resolved it: read, roster or
    consensus. `date` is known only where the year is written; else `date_inferred` and `year_source` say what it would
    be and why. `crop_png` is the scan's own pixels, encoded. `evidence` is what the name is settled by.
    """

    name: str | None
    name_read: str | None
    name_source: str
    name_confidence: float | None
    candidates: tuple[Candidate, ...]
    date_text: str | None
    date_confidence: float | None
    month: int | None
    day: int | None
    date: datetime.date | None
    date_inferred: datetime.date | None
    year_source: str | None
    confidence: float | None
    polygon: Polygon
    crop_png: bytes | None
    table_index: int | None = None
    row: int | None = None
    col: int | None = None
    evidence: NameEvidence | None = field(default=None, compare=False, repr=False)


class SignatureStatus(StrEnum):
    """Whether a page is signed."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    UNSURE = "unsure"


class Severity(StrEnum):
    """How much a finding matters: an info never asks for review."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know, and the place it is about (None where it is about something larger)."""

    rule: str
    severity: Severity
    message: str
    page_number: int | None = None
    project_index: int | None = None
    table_index: int | None = None
    row: int | None = None
    col: int | None = None
    found: str | None = None
    expected: str | None = None


class Status(StrEnum):
    """How a page or a document ended."""

    LANDED = "landed"
    PARTIAL = "partial"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that was read on one page; free of images, so that it travels between processes.

    `to_source` maps upright, deskewed page pixels to scan pixels (turn and angle only). A quarantined page has an
    `error_code` and no tables; a partial one has lines but a refused grid, or a part of its image is missing.
    """

    page_number: int
    width: int
    height: int
    dpi: float
    dpi_source: DpiSource
    quarter_turns: int
    skew_deg: float
    to_source: Matrix
    tables: tuple[TableReading, ...]
    lines: tuple[TextLine, ...]
    """Lines outside the tables' cells, in reading order; a cell's own lines are in its `CellReading`."""
    signatures: tuple[Signature, ...]
    signature_status: SignatureStatus
    status: Status
    error_code: str | None = None
    findings: tuple[Finding, ...] = ()

    def readings(self) -> Iterator[tuple[CellRef, CellReading]]:
        """The readings of all cells of its tables, each with its key."""
        for table in self.tables:
            for reading in table.cells:
                yield CellRef(self.page_number, table.grid.table_index, reading.cell.row, reading.cell.col), reading


# --- meaning ----------------------------------------------------------------------------------------------------------


class CellRef(NamedTuple):
    """The key of a cell within its document."""

    page_number: int
    table_index: int
    row: int
    col: int


class Correction(NamedTuple):
    """A text that replaces a reading, and why."""

    text: str
    reason: str


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
    roles: dict[CellRef, str]
    corrections: dict[CellRef, Correction]
    findings: tuple[Finding, ...]
    rows: tuple[TableRow, ...] = ()


NOTHING_UNDERSTOOD = Interpretation((), (), (), {}, {}, ())
"""Of a document that could not be read, or that lands nothing but its quarantine."""


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


class NameSource(StrEnum):
    """Which evidence gave a signature its name."""

    READ = "read"
    ROSTER = "roster"
    CONSENSUS = "consensus"


class YearSource(StrEnum):
    """Where a signature's year was taken from."""

    WRITTEN = "written"
    """It stands beside the day and the month."""
    FORM = "form"
    """The fiscal year stated by the form on the signature's page."""
    DOCUMENT = "document"
    """The one fiscal year that all forms of the document state."""


HEADER_ROLE, VALUE_ROLE, NOTE_ROLE, EMPTY_ROLE = "header", "value", "note", "empty"
LEVEL_ROLES = ("level1", "level2", "level3")
