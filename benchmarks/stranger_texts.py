"""A page with truth -> how its texts are read, as built and with one part of the reading taken out at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import ruled_pages
from benchmarks.grid_parts import GRID_PARTS
from benchmarks.structure_measures import Cells, FoundPage, FoundTable, PlacedCell, TruePage, count_page, placed_cells
from benchmarks.substitutes import PARTS, remembering, taken_out
from pipeline.elements import CellReading, Page, PageReading, Severity, TableReading
from pipeline.engines import Engines
from pipeline.errors import DocumentError
from pipeline.evaluate import normalise
from pipeline.page import failed_page, read_page
from pipeline.settings import Settings, SignatureSettings

SURE_TEXT = 0.95
"""From this confidence on nobody is told to look at a text."""
_ALIKE = str.maketrans("—–―‐−─×✕☒☑✓✔⊠", "------XX√√√√√")
"""Dashes, and marks that mean the same."""
_READING = (
    *("seals unmixed by color", "lines cut from the scan itself", "dust told from dots"),
    *("ink that no line explains", "doubtful lines read again"),
)
TEXT_PARTS = {
    "print in fills": GRID_PARTS["print in fills"].substitutes,
    **{name: PARTS[name] for name in _READING},
}
"""What is taken out, one at a time, and what stands in its place."""


class TextCounts(NamedTuple):
    """Texts of cells in place, by a truth that says what these hold.

    `lost` landed blank, `silent` ones of them and `sure_wrong` others with a confidence of `SURE_TEXT` and no warning
    on their cell, nor on the grid of a table that is not perfect. `asked` landed with less, or with a warning.
    """

    texts: int = 0
    exact: int = 0
    lost: int = 0
    silent: int = 0
    sure_wrong: int = 0
    asked: int = 0


def read_with_parts_out(truth_file: Path) -> list[tuple[str | None, TextCounts]]:
    """The counts of a page as built (None), and with each part taken out."""
    truth, pages, tools = ruled_pages.read_true_page(truth_file), ruled_pages.scanned(truth_file), remembering()
    counted: list[tuple[str | None, TextCounts]] = []
    for name, substitutes in {None: (), **TEXT_PARTS}.items():
        with taken_out(substitutes):
            readings = [read_texts(page, tools) for page in pages if isinstance(page, Page)]
        counted.append((name, count_texts(truth, readings)))
    return counted


def read_texts(page: Page, tools: Engines) -> PageReading:
    """A page as it is read, without its signatures; one that cannot be is a page that failed."""
    try:
        return read_page(page, tools, Settings(signature=SignatureSettings(enabled=False)))
    except DocumentError as error:
        return failed_page(page.page_number, error)


def total_texts(counts: Iterable[TextCounts]) -> TextCounts:
    """The sum of the counts of several pages."""
    return TextCounts(*(sum(column) for column in zip(TextCounts(), *counts, strict=True)))


class JudgedText(NamedTuple):
    """A text of a cell in place beside its truth; `told` says whether anything tells a person to look at it."""

    true: str
    landed: str
    confidence: float
    asked: bool
    told: bool

    @property
    def exact(self) -> bool:
        """Whether it is right but for white space and the form of marks."""
        return _plain(self.true) == _plain(self.landed)

    @property
    def lost(self) -> bool:
        """Whether it landed blank."""
        return bool(_plain(self.true)) and not _plain(self.landed)


def judge_texts(truth: TruePage, readings: Sequence[PageReading]) -> Iterator[JudgedText]:
    """The texts of the cells in place on the pages of a document, where the truth says what they hold."""
    tables = [(reading, table) for reading in readings for table in reading.tables]
    found = FoundPage(tuple(FoundTable(_cells(table), _grid_doubted(reading, table)) for reading, table in tables))
    perfect = count_page(truth, found).perfect == len(truth.tables)
    for true, of, landed in placed_cells(truth, found):
        if true.is_known and "…" not in true.text:
            reading, table = tables[of]
            own = table.at(landed.row, landed.col)
            asked = (own.confidence or 0.0) < SURE_TEXT or _warned(reading, table, own)
            told = asked or (found.tables[of].doubted and not perfect)
            yield JudgedText(true.text, landed.text, own.confidence or 0.0, asked, told)


def count_texts(truth: TruePage, readings: Sequence[PageReading]) -> TextCounts:
    """Count the texts of the cells in place on the pages of a document."""
    return total_texts(_counted(text) for text in judge_texts(truth, readings))


def _counted(text: JudgedText) -> TextCounts:
    silent = text.lost and not text.told
    wrong = not text.exact and not text.lost and not text.told
    return TextCounts(1, int(text.exact), int(text.lost), int(silent), int(wrong), int(text.asked))


def _plain(text: str) -> str:
    """A text without white space, with one form of marks and dashes that mean the same."""
    return normalise(text).translate(_ALIKE)


def _cells(own: TableReading) -> Cells:
    return tuple(
        PlacedCell(one.cell.row, one.cell.col, one.cell.row_span, one.cell.col_span, one.text or "", one.cell.polygon)
        for one in own.cells
    )


def _grid_doubted(reading: PageReading, own: TableReading) -> bool:
    return any(ruled_pages.is_doubted(reading.findings, index) for index in (own.grid.table_index, None))


def _warned(reading: PageReading, table: TableReading, own: CellReading) -> bool:
    place = (table.grid.table_index, own.cell.row, own.cell.col)
    return any(
        finding.severity is not Severity.INFO and (finding.table_index, finding.row, finding.col) == place
        for finding in reading.findings
    )
