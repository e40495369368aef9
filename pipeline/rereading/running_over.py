"""Cells beside each other -> the text that runs over from one into the other, read as one line of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2

from pipeline.elements import BBox, CellReading, Finding, FindingRule, Grid, Image, TextLine
from pipeline.imaging import as_image, darkest_ink, faintest
from pipeline.layout import InkLine, PageLayout, cell_insides
from pipeline.reading import cell_reading
from pipeline.recognition import CheckedReading, Padding, read_checked
from pipeline.rereading.columns import around
from pipeline.rereading.overflow import (
    TIGHT,
    TOUCHES_PX,
    Overflow,
    Sides,
    crosses,
    find_overflow,
    has_gap,
    rule_between,
    without_rule,
)
from pipeline.rereading.page_ink import PageInk

JOINED = 0.9
"""Text that was joined across a rule, and the cell that is left blank by it, are no surer than this."""

Pairs = Mapping[tuple[int, int], Overflow]
"""Overflows by the two cells, as their places among all cells of the page."""


def near_rules(layout: PageLayout, lines: Mapping[int, Sequence[InkLine]]) -> Pairs:
    """The lines that may run over into the next cell, found by their boxes alone.

    Args:
        layout: of the page.
        lines: of each cell that has some, by its place among all cells of the page.
    """
    cells = [(grid.table_index, cell) for grid in layout.grids for cell in grid.cells]
    starts = {(table, cell.row, cell.col, cell.row_span): index for index, (table, cell) in enumerate(cells)}
    beside = {
        index: starts.get((table, cell.row, cell.col + cell.col_span, cell.row_span))
        for index, (table, cell) in enumerate(cells)
    }
    pairs = [(one, other) for one, other in beside.items() if one in lines and other is not None and other in lines]
    insides = list(cell_insides(layout.dewarped, [cells[index][1] for pair in pairs for index in pair]))
    found = {}
    for (one, other), left, right in zip(pairs, insides[::2], insides[1::2], strict=True):
        over = find_overflow(Sides(left, lines[one]), Sides(right, lines[other]))
        over = None if over is None else _weighed(layout, over, (left, right))
        if over is not None:
            found[one, other] = over
    return found


def _weighed(layout: PageLayout, over: Overflow, insides: tuple[BBox, BBox]) -> Overflow | None:
    """An overflow, unsure where no stroke crosses the rule; None where there is paper beside the rule as well."""
    box, strip = around([over.left.box, over.right.box]), _strip(insides)
    darkness = layout.smooth[_rows(strip), _columns(strip)]
    rule = rule_between(darkness)
    band = (int(box.top) - int(strip.top), int(box.bottom) - int(strip.top))
    if rule is not None and crosses(darkness, rule, band):
        return over
    near = over.right.box.left - over.left.box.right <= TIGHT * box.height
    return over._replace(sure=False) if near else None


def _strip(insides: tuple[BBox, BBox]) -> BBox:
    """What is between the insides of two cells, with the columns of pixels beside it."""
    left, right = insides
    return BBox(left.right - TOUCHES_PX, left.top, right.left + TOUCHES_PX, left.bottom)


def join_overflows(
    page: PageInk, grids: Sequence[Grid], readings: Mapping[int, CellReading], pairs: Pairs
) -> tuple[dict[int, CellReading], list[Finding]]:
    """The readings of cells whose text may run over, joined or doubted, and a finding for each of them.

    Args:
        page: of the cells.
        grids: of all cells of the page.
        readings: of all cells of the page.
        pairs: of cells whose text may run over.
    """
    anew: dict[int, CellReading] = {}
    findings: list[Finding] = []
    for (one, other), over in pairs.items():
        if one in anew or other in anew:
            continue
        left, right = readings[one], readings[other]
        joined = _joined(page, (left, right), over) if over.sure else None
        inks = [page.cell(grids[index], readings[index].cell) for index in (one, other)]
        if joined is None:
            message = "Ink of the cell goes on into the next one: where its text ends cannot be told."
            anew[one], anew[other] = _doubted(left), _doubted(right)
        else:
            message = "Text runs over the rule between two cells: it was joined in the first, and the other left blank."
            line = page.line(inks[0], page.quad(around([over.left.box, over.right.box])), joined)
            others = [page.line(inks[0], own.polygon, _as_read(own)) for own in left.lines[:-1]]
            anew[one] = _doubted(cell_reading(left.cell, [*others, line], left.under_seal), left.text)
            blank = CellReading(right.cell, "", JOINED, (), right.under_seal)
            anew[other] = replace(blank, alternatives=(right.text,) if right.text else ())
        found = f"{left.text or ''} / {right.text or ''}"
        findings += [page.finding(FindingRule.TEXT_OVER_BORDER, ink, message, found) for ink in inks]
    return anew, findings


def _joined(page: PageInk, readings: tuple[CellReading, CellReading], over: Overflow) -> CheckedReading | None:
    """The line that runs over, read as one; None where its ink is parted, or no rule is seen between its parts."""
    left, right = cell_insides(page.layout.dewarped, [reading.cell for reading in readings])
    smooth, box = page.layout.smooth, around([over.left.box, over.right.box])
    faint = faintest(darkest_ink(smooth[_rows(box), _columns(over.right.box)]), page.setting.noise)
    if has_gap(smooth[_rows(over.right.box), _columns(over.right.box)], faint, over.right.box.height):
        return None
    strip = _strip((left, right))
    rule = rule_between(smooth[_rows(strip), _columns(strip)])
    if rule is None or readings[0].lines == ():
        return None
    begin, end = int(strip.left) + rule[0] - TOUCHES_PX, int(strip.left) + rule[1] + TOUCHES_PX

    def cut(_: int, padding: Padding) -> Image:
        return _cut(page, box, (begin, end), padding)

    (read,) = read_checked(1, cut, page.recogniser)
    return read if read.text else None


def _cut(page: PageInk, box: BBox, rule: tuple[int, int], padding: Padding) -> Image:
    """A level line as the recogniser wants it, without the rule that crosses it between two columns of pixels."""
    across, down = padding.across * box.height, padding.down * box.height
    padded = BBox(box.left - across, box.top - down, box.right + across, box.bottom + down)
    height = round(page.recogniser.line_height * padding.scale)
    cut, scale = page.layout.dewarped.cut(page.paper, padded, height), height / padded.height
    cut = without_rule(cut, *(round((x - padded.left) * scale) for x in rule))
    if padding.softness:
        cut = as_image(cv2.GaussianBlur(cut, (0, 0), padding.softness * cut.shape[0]))
    return as_image(cv2.cvtColor(cut, cv2.COLOR_GRAY2BGR))


def _as_read(line: TextLine) -> CheckedReading:
    return CheckedReading(line.text, line.confidence, ())


def _doubted(reading: CellReading, other: str | None = None) -> CellReading:
    if reading.confidence is None:
        return reading
    alternatives = {*reading.alternatives, *([other] if other and other != reading.text else [])}
    return replace(reading, confidence=min(reading.confidence, JOINED), alternatives=tuple(sorted(alternatives)))


def _rows(box: BBox) -> slice:
    return slice(max(0, int(box.top)), max(0, int(box.bottom)))


def _columns(box: BBox) -> slice:
    return slice(max(0, int(box.left)), max(0, int(box.right)))
