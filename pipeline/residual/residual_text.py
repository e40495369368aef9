"""A page as read -> the same with its residual text: what stands in the ink that the reading left out.

Only where there is residual ink a detector looks, and what it finds is read. It is the text of a cell that had none;
elsewhere it lands beside the cell's text. Either way a finding names the cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2

from pipeline.elements import BBox, CellReading, Finding, FindingRule, Image, LineKind, Severity, TableReading, TextLine
from pipeline.engines import Detector, Engines
from pipeline.imaging import as_image, bounding_box, box_corners, ink_on_white, polygon
from pipeline.layout import InkLine
from pipeline.reading import cut_cell_line, join_lines
from pipeline.recognition import CheckedReading, Padding, read_checked
from pipeline.residual.blank_check import cells_not_blank
from pipeline.residual.residual_ink import ReadPage, ResidualInk, Rest, find_residual_ink, unread_rest

MARGIN = 1.5
"""The detector is shown so much paper around the ink, in text heights: it was trained on text with room around it."""


NOT_BLANK_CONFIDENCE = 0.5
"""A cell that was read as blank and holds some ink is blank with this confidence: dust is as frequent as marks."""


class RecoveredText(NamedTuple):
    """The tables, with what was found in cells that had no text; lines found beside other text; what to know of it."""

    tables: tuple[TableReading, ...]
    lines: tuple[TextLine, ...]
    findings: tuple[Finding, ...]


class _FoundLine(NamedTuple):
    text_line: TextLine
    reading: CheckedReading
    place: tuple[int, int]


def recover_residual_text(page: ReadPage, engines: Engines) -> RecoveredText:
    """Look for ink in a page's tables that was left out, and read it.

    Args:
        page: as far as it was read.
        engines: the detector looks at residual ink only, so that pages without any cost nothing.
    """
    rest = unread_rest(page)
    groups = find_residual_ink(page, rest)
    if not groups:
        return _without_false_blanks(page, rest, RecoveredText(page.tables, (), ()))
    lines = [(group, line) for group in groups for line in _detected(group, rest, engines.detector)]
    paper = as_image(cv2.bitwise_not(page.layout.upright.ink.darkness))

    def cut(index: int, padding: Padding) -> Image:
        return cut_cell_line(page.layout.dewarped, paper, lines[index][1], engines.recogniser.line_height, padding)

    readings = read_checked(len(lines), cut, engines.recogniser)
    found = [_found_line(page, *line, reading) for line, reading in zip(lines, readings, strict=True)]
    tables, beside = _filled(page.tables, found)
    findings = tuple(_findings(page._replace(tables=tables), groups, found))
    return _without_false_blanks(page, rest, RecoveredText(tables, beside, findings))


def _detected(group: ResidualInk, rest: Rest, detector: Detector) -> list[InkLine]:
    """The lines of text that the detector sees in residual ink, each tight around its components."""
    margin, box = MARGIN * rest.text_height, _around(group.components)
    left, top = max(0, int(box.left - margin)), max(0, int(box.top - margin))
    shown = rest.darkness[top : int(box.bottom + margin), left : int(box.right + margin)]
    lines = []
    for detected in detector.detect(ink_on_white(shown)):
        area = bounding_box(detected.polygon)
        moved = BBox(area.left + left, area.top + top, area.right + left, area.bottom + top)
        own = [component for component in group.components if _holds_middle(moved, component)]
        lines += [InkLine(_around(own), ())] if own else []
    return lines


def _around(boxes: Sequence[BBox]) -> BBox:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return BBox(min(lefts), min(tops), max(rights), max(bottoms))


def _holds_middle(box: BBox, component: BBox) -> bool:
    x, y = (component.left + component.right) / 2, (component.top + component.bottom) / 2
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _found_line(page: ReadPage, group: ResidualInk, line: InkLine, reading: CheckedReading) -> _FoundLine:
    """A line as it lands: the cell's own where the cell has no text yet and all the ink stands in it."""
    table_number, cell_number = group.places[0]
    table = page.tables[table_number]
    cell = table.cells[cell_number]
    own = len(group.places) == 1 and not cell.text
    quad = polygon(page.layout.dewarped.warp.to_scan(box_corners(line.box) - 0.5))
    kind = LineKind.CELL if own else LineKind.OTHER
    text_line = TextLine(
        text=reading.text,
        confidence=reading.confidence,
        polygon=quad,
        kind=kind,
        table_index=table.grid.table_index,
        row=cell.cell.row,
        col=cell.cell.col,
    )
    return _FoundLine(text_line, reading, group.places[0])


def _filled(
    tables: Sequence[TableReading], found: Sequence[_FoundLine]
) -> tuple[tuple[TableReading, ...], tuple[TextLine, ...]]:
    """The tables with found lines in the cells that had no text, and the lines found beside other text."""
    by_place: dict[tuple[int, int], list[_FoundLine]] = {}
    for line in found:
        if line.text_line.kind is LineKind.CELL:
            by_place.setdefault(line.place, []).append(line)
    filled = []
    for number, table in enumerate(tables):
        cells = tuple(_with_lines(cell, by_place.get((number, index), [])) for index, cell in enumerate(table.cells))
        filled.append(TableReading(table.grid, cells))
    beside = (line.text_line for line in found if line.text_line.kind is not LineKind.CELL and line.text_line.text)
    return tuple(filled), tuple(beside)


def _with_lines(cell: CellReading, found: Sequence[_FoundLine]) -> CellReading:
    """A cell without text with the lines that were found in it; they take the place of lines that said nothing."""
    if not found:
        return cell
    text = join_lines([line.reading.text for line in found if line.reading.text])
    sure = [line.reading.confidence for line in found if line.reading.confidence is not None]
    lines = tuple(line.text_line for line in found)
    return replace(cell, text=text or None, confidence=min(sure) if text else None, lines=lines)


def _without_false_blanks(page: ReadPage, rest: Rest, read: RecoveredText) -> RecoveredText:
    """The tables with less confidence in blank cells that hold ink after all, with a finding for each."""
    layout, named = page.layout, {(f.table_index, f.row, f.col) for f in read.findings}
    height_mm = rest.text_height / layout.dewarped.warp.px_per_mm
    places = set(cells_not_blank(layout, read.tables, height_mm))
    tables, findings = [], list(read.findings)
    for number, table in enumerate(read.tables):
        cells = list(table.cells)
        for index, reading in enumerate(table.cells):
            place = (table.grid.table_index, reading.cell.row, reading.cell.col)
            if reading.text == "" and (place in named or (number, index) in places):
                cells[index] = replace(reading, confidence=min(reading.confidence or 0.0, NOT_BLANK_CONFIDENCE))
                findings += [] if place in named else [_unexplained(page, *place, None)]
        tables.append(replace(table, cells=tuple(cells)))
    return RecoveredText(tuple(tables), read.lines, tuple(findings))


def _findings(page: ReadPage, groups: Sequence[ResidualInk], found: Sequence[_FoundLine]) -> Iterator[Finding]:
    """One finding for each cell that holds residual ink, with what was read there; unread cells have theirs."""
    for table_number, cell_number in sorted({place for group in groups for place in group.places}):
        table = page.tables[table_number]
        reading = table.cells[cell_number]
        if reading.text is None:
            continue
        texts = [line.reading.text for line in found if line.place == (table_number, cell_number) and line.reading.text]
        yield _unexplained(page, table.grid.table_index, reading.cell.row, reading.cell.col, " / ".join(texts) or None)


def _unexplained(page: ReadPage, table_index: int, row: int, col: int, found: str | None) -> Finding:
    return Finding(
        rule=FindingRule.UNEXPLAINED_INK,
        severity=Severity.WARNING,
        message="The cell holds ink that was no part of its lines: look at the page beside its text.",
        page_number=page.layout.upright.page.page_number,
        table_index=table_index,
        row=row,
        col=col,
        found=found,
    )
