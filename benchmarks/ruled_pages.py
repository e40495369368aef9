"""A file -> the tables found on its pages, by the product and by a peer; a truth file -> its true tables.

Nothing is read but what tells which way up a page is: the stages of a page up to its grids and their cross-check, with
the findings that these bring.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from img2table.document import Image as TableImage
from img2table.tables.extraction import ExtractedTable

from benchmarks.structure_measures import Cells, FoundPage, FoundTable, PlacedCell, Quad, TruePage
from benchmarks.trials import engines
from pipeline.elements import (
    Cell,
    CellReading,
    Finding,
    FindingRule,
    Grid,
    Page,
    Severity,
    SignatureStatus,
    TableReading,
)
from pipeline.engines import Engines
from pipeline.errors import DocumentError
from pipeline.grid import cross_check
from pipeline.intake import PageFailure, check_size, open_document
from pipeline.page import failed_page, settle_orientation
from pipeline.page.findings import ReadStages, gather_findings
from pipeline.page.orientation import SettledPage
from pipeline.residual import RecoveredText
from pipeline.settings import Settings
from pipeline.signatures import SignaturePage

NO_SIGNATURES = SignaturePage((), SignatureStatus.UNSIGNED, ())
BOXES_ALONE = ".boxes.json"
"""Files with the boxes of contents and no rows and columns, which say nothing of the structure."""


def truth_files(folder: Path) -> list[Path]:
    """The truth files of a folder that list tables, or the cells of one beside an image, in order of name."""
    files = [path for path in sorted(folder.glob("*.json")) if not path.name.endswith(BOXES_ALONE)]
    return [path for path in files if "tables" in (truth := _object(path)) or (truth.get("cells") and _beside(path))]


def read_true_page(path: Path) -> TruePage:
    """The true tables of a truth file, which docs/evaluation.md describes."""
    truth = _object(path)
    scan = truth.get("scan", truth)
    return TruePage(
        path.stem,
        _true_tables(truth.get("tables", [truth])),
        tuple(_true_tables(tables) for tables in truth.get("alternatives", ())),
        bool(truth.get("open_end")),
        {key: str(value) for key, value in scan.items() if not isinstance(value, list | dict)},
    )


def image_of(truth_file: Path) -> Path:
    """The file that a truth file is about: the one that it names, else that of its own name."""
    named = _object(truth_file).get("image")
    return truth_file.with_name(str(named)) if named else _beside(truth_file)[0]


def scanned(truth_file: Path) -> list[Page | PageFailure]:
    """The pages of the file that a truth file is about; what cannot be decoded at all is one that failed."""
    try:
        return decoded(image_of(truth_file))
    except DocumentError as error:
        return [PageFailure(1, error)]


def decoded(path: Path) -> list[Page | PageFailure]:
    """The pages of a file as the product decodes them.

    Raises:
        DocumentError: when it cannot be decoded at all.
    """
    with open_document(path, Settings().intake) as document:
        return list(document.pages())


def found_by_product(pages: Sequence[Page | PageFailure]) -> FoundPage:
    """The grids that the product lands of the pages of a document, taken together."""
    return together([found_on(settled(page, engines())) for page in pages])


def settled(page: Page | PageFailure, tools: Engines) -> SettledPage | FoundPage:
    """A page with its grids, before these are cross-checked; where it cannot be looked at, what comes of that."""
    if isinstance(page, PageFailure):
        return FoundPage(doubted=True)
    try:
        check_size(page)
    except DocumentError as error:
        return FoundPage(doubted=is_doubted(failed_page(page.page_number, error).findings, None))
    return settle_orientation(page, tools, Settings())


def found_on(page: SettledPage | FoundPage) -> FoundPage:
    """The grids that the product lands of a page."""
    if isinstance(page, FoundPage):
        return page
    checked = cross_check(page.layout.dewarped, page.layout.grids)
    readings = tuple(_unread(one.grid) for one in checked)
    stages = ReadStages(page, checked, None, RecoveredText(readings, (), ()), NO_SIGNATURES)
    findings = gather_findings(stages, Settings())
    tables = tuple(FoundTable(_landed_cells(one.grid), is_doubted(findings, one.grid.table_index)) for one in checked)
    return FoundPage(tables, is_doubted(findings, None))


def together(parts: Sequence[FoundPage]) -> FoundPage:
    """What was found on the pages of a document, as on one page."""
    tables = tuple(itertools.chain.from_iterable(part.tables for part in parts))
    return FoundPage(tables, any(part.doubted for part in parts))


def is_doubted(findings: Sequence[Finding], table_index: int | None) -> bool:
    """Whether a warning or an error about grids names a table, or, for None, the page as a whole."""
    return any(
        finding.severity is not Severity.INFO
        and (finding.rule.startswith("grid") or finding.rule in (FindingRule.NO_TABLE, FindingRule.PAGE_FAILED))
        and finding.table_index == table_index
        for finding in findings
    )


def found_by_peer(pages: Sequence[Page | PageFailure]) -> FoundPage:
    """The tables that img2table finds there; it says nothing of how sure it is, and what makes it fail has none."""
    tables: list[FoundTable] = []
    for page in pages:
        if isinstance(page, Page):
            _, encoded = cv2.imencode(".bmp", page.image)
            try:
                extracted = TableImage(src=encoded.tobytes(), detect_rotation=False).extract_tables()
            except Exception as error:  # noqa: BLE001 - it raises anything on odd pages, and then finds nothing
                print(f"img2table: {error}")
                continue
            tables += [FoundTable(_extracted_cells(table)) for table in extracted]
    return FoundPage(tuple(tables))


def with_contents(found: FoundPage, true: Sequence[Cells]) -> FoundPage:
    """The same tables, each cell with the texts of the true cells whose centres lie in it.

    So that what is compared is the structure, and not how well somebody reads.
    """
    contents = [(_centre(cell.polygon), cell.text) for cells in true for cell in cells if cell.polygon and cell.text]
    tables = []
    for table in found.tables:
        filled = tuple(cell._replace(text=_content(cell, contents)) for cell in table.cells)
        tables.append(table._replace(cells=filled))
    return found._replace(tables=tuple(tables))


def _beside(truth_file: Path) -> list[Path]:
    """The files of a truth file's own name."""
    return [path for path in sorted(truth_file.parent.glob(f"{truth_file.stem}.*")) if path.suffix != ".json"]


def _object(path: Path) -> dict[str, Any]:
    value = json.loads(path.read_text(encoding="utf-8"))
    return value if isinstance(value, dict) else {}


def _true_tables(tables: Sequence[dict[str, Any]]) -> tuple[Cells, ...]:
    return tuple(tuple(_true_cell(cell) for cell in table["cells"]) for table in tables)


def _true_cell(cell: dict[str, Any]) -> PlacedCell:
    """A cell of a truth file, whose keys may be short: r, c, rs, cs."""
    row, col = (int(cell[name] if name in cell else cell[name[0]]) for name in ("row", "col"))
    row_span, col_span = (int(cell.get(f"{way}_span", cell.get(f"{way[0]}s", 1))) for way in ("row", "col"))
    corners = tuple((float(x), float(y)) for x, y in cell.get("polygon") or ())
    text = cell.get("text")
    return PlacedCell(row, col, row_span, col_span, text or "", corners, is_known=text is not None)


def _unread(grid: Grid) -> TableReading:
    """A table of which nothing was read; texts of full confidence bring no findings."""
    return TableReading(grid, tuple(CellReading(cell, "", 1.0, ()) for cell in grid.cells))


def _landed_cells(grid: Grid) -> Cells:
    return tuple(
        PlacedCell(
            cell.row, cell.col, cell.row_span, cell.col_span, polygon=cell.polygon, confidence=_confidence(grid, cell)
        )
        for cell in grid.cells
    )


def _confidence(grid: Grid, cell: Cell) -> float:
    """How sure a cell's place and spans are: its own confidence where it has one, else its grid's."""
    return float(getattr(cell, "confidence", grid.confidence))


def _extracted_cells(table: ExtractedTable) -> Cells:
    """The cells of img2table, which repeats a merged one in each slot: slots with the same box are one cell."""
    slots: dict[tuple[int, int, int, int], list[tuple[int, int]]] = {}
    for row, cells in enumerate(table.content.values()):
        for col, cell in enumerate(cells):
            slots.setdefault((cell.bbox.x1, cell.bbox.y1, cell.bbox.x2, cell.bbox.y2), []).append((row, col))
    return tuple(_merged_cell(box, places) for box, places in slots.items())


def _merged_cell(box: tuple[int, int, int, int], places: Sequence[tuple[int, int]]) -> PlacedCell:
    (top, left), (bottom, right) = min(places), max(places)
    x1, y1, x2, y2 = map(float, box)
    corners = ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
    return PlacedCell(top, left, bottom - top + 1, right - left + 1, polygon=corners)


def _centre(polygon: Quad) -> tuple[float, float]:
    x, y = np.mean(np.asarray(polygon, np.float64), axis=0)
    return float(x), float(y)


def _content(cell: PlacedCell, contents: Sequence[tuple[tuple[float, float], str]]) -> str:
    outline = np.array(cell.polygon, np.float32)
    return " ".join(text for at, text in contents if cv2.pointPolygonTest(outline, at, measureDist=False) >= 0)
