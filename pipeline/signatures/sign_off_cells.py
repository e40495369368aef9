"""Tables as read -> the lines in cells that people sign in, such as 负责人签字, 经办人, 审核人.

A form says where it is to be signed. Such cells, and those beside or below such a label, are looked at as the margins
are: a detector finds their lines, ruling left out, and whether they are written by hand is judged as it is there. The
cells' own texts stay as they were read. Where no cell has such a label, nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.dewarp import DewarpedPage
from pipeline.elements import BBox, Cell, CellReading, Ink, TableReading, Upright
from pipeline.engines import Engines, Recogniser, best_characters
from pipeline.imaging import Points, as_image, bounding_box, box_corners
from pipeline.ink import with_ink_alone
from pipeline.layout import cell_insides
from pipeline.signatures.date_cells import DATE_LABEL, date_cells, with_owners
from pipeline.signatures.margin_kinds import MarginLine, PageView
from pipeline.signatures.margin_lines import read_lines, read_part, reading_cut
from pipeline.signatures.working_page import MIN_DARKNESS, NOISE_LEVELS, WORKING_SIDE_PX, WorkingPage

SIGNED_HERE = re.compile(r"签\s*[字名章署批收到]|亲\s*笔")
"""Words that name the act: whatever else the label says, a signature is asked for, and below a header in each row."""
ROLE = re.compile(
    r"(?:(?:负责|经办|经手|承办|审核|复核|审批|批准|审查|填表|填报|制表|编制|主管|验收|领取|领用|接收|移交|保管|监督|证明|领款|收款)"
    r"(?:人员?|者)|领\s*导|主\s*管|出\s*纳|会\s*计)"
)
"""Words that name who signs; often the name is typed, which is judged by its strokes."""
ROLE_LABEL = re.compile(ROLE.pattern + r"\s*(?:[(（][^)）]*[)）])?\s*[:：]?$")
"""A label that ends with a role: 监督人员补贴 is an expense, and nobody signs it."""
SIGN_OFF_EVIDENCE = 1.0
"""The natural logarithm of odds that what is written where a form asks for a signature is one: it is more often than
not."""
MAX_LABEL = 16
"""A label has at most so many characters, what is written or typed behind its colon not counted."""
PRINTED_LABEL = re.compile(
    rf"^\W*[\u3400-\u9fff]{{0,6}}(?:{ROLE.pattern}|{SIGNED_HERE.pattern}|日\s*期|时\s*间)"
    r"(?:\s*[(（]?(?:签[字名章]|盖章)[)）]?)*\s*[:：]?"
)
"""A label at the beginning of a line on which somebody signed."""
WITH_COLON = re.compile(r"[^:：]*[:：]?")
"""A label with its colon, without what is written behind it."""
EDGE_POINTS = 24
"""So many points along each side of a cell are mapped to the page, as sides are bent as the paper was."""


class SignOffCell(NamedTuple):
    """A cell that a person may sign in."""

    table_index: int
    cell: Cell


@dataclass(frozen=True, slots=True, eq=False)
class _FlatWorkingPage(WorkingPage):
    """A working page whose points are the dewarped page's."""

    dewarped: DewarpedPage

    def to_upright(self, points: Points) -> Points:
        """Points (n, 2) of this page as points of the upright page."""
        result: Points = self.dewarped.warp.to_upright((points + 0.5) / self.scale - 0.5)
        return result


def read_sign_off(
    upright: Upright, dewarped: DewarpedPage, tables: Sequence[TableReading], engines: Engines
) -> PageView | None:
    """The lines in a page's cells made for signing; None where it has no such cell.

    Args:
        upright: the page.
        dewarped: the same page dewarped.
        tables: as read, for their labels.
        engines: the detector finds the lines, the recogniser reads them.
    """
    signed = sign_off_cells(tables)
    if not signed:
        return None
    dates = _date_cells(tables, signed)
    cells = [*(own for own in signed if own not in dates), *dates]
    boxes = list(cell_insides(dewarped, [own.cell for own in cells]))
    alone = _cells_alone(upright, dewarped, boxes)
    lines = read_lines(alone, _working_page(dewarped, boxes, upright.ink.noise), engines)
    lines = tuple(part for line in lines for part in _without_label(alone, line, engines.recogniser))
    placed = tuple(_placed(line, dewarped, cells, boxes) for line in lines)
    places = {(own.table_index, own.cell.row, own.cell.col) for own in dates}
    return PageView(alone, with_owners(placed, places), SIGN_OFF_EVIDENCE, lines_land=False)


def sign_off_cells(tables: Sequence[TableReading]) -> list[SignOffCell]:
    """The cells that people sign in: those with such a label, the next ones to their right, and those below.

    Below a label that names the act, such as 签名 over a column, are all cells of its width; below others, one.
    """
    found: dict[SignOffCell, None] = {}
    for table in tables:
        labels = {reading.cell for reading in table.cells if _label(reading)}
        for cell in labels:
            act = bool(SIGNED_HERE.search(_label(table.at(cell.row, cell.col)) or ""))
            right = cell.col + cell.col_span
            beside = [table.grid.cell_at(cell.row, right)] if right < table.grid.n_cols else []
            for target in (cell, *beside, *_below(table, cell, all_rows=act)):
                if target is cell or target not in labels:
                    found[SignOffCell(table.grid.table_index, target)] = None
    return sorted(found, key=lambda own: (own.table_index, own.cell.row, own.cell.col))


def _date_cells(tables: Sequence[TableReading], signed: Sequence[SignOffCell]) -> list[SignOffCell]:
    """The cells for dates that belong to the cells made for signing."""
    found = []
    for table in tables:
        index = table.grid.table_index
        own = [cell.cell for cell in signed if cell.table_index == index]
        found += [SignOffCell(index, cell) for cell in date_cells(table, own)]
    return found


def _label(reading: CellReading) -> str | None:
    """The label in a cell that asks for a signature, not for its date, at the beginning of a line, with its colon."""
    for line in reading.lines:
        label = WITH_COLON.match(line.text.strip())
        if DATE_LABEL.match(line.text.strip()):
            continue
        if label and len(label[0]) <= MAX_LABEL and (SIGNED_HERE.search(label[0]) or ROLE_LABEL.search(label[0])):
            return label[0]
    return None


def _below(table: TableReading, cell: Cell, *, all_rows: bool) -> Iterator[Cell]:
    row = cell.row + cell.row_span
    while row < table.grid.n_rows:
        below = table.grid.cell_at(row, cell.col)
        if (below.col, below.col_span) != (cell.col, cell.col_span):
            return
        yield below
        if not all_rows:
            return
        row += below.row_span


def _working_page(dewarped: DewarpedPage, boxes: Sequence[BBox], noise: float) -> WorkingPage:
    """The insides of cells at working resolution, blank elsewhere."""
    scale = min(1.0, WORKING_SIDE_PX / max(dewarped.darkness.shape))
    shown = np.zeros_like(dewarped.darkness)
    for box in boxes:
        rows, columns = slice(int(box.top), int(box.bottom)), slice(int(box.left), int(box.right))
        shown[rows, columns] = dewarped.darkness[rows, columns]
    size = (max(1, round(shown.shape[1] * scale)), max(1, round(shown.shape[0] * scale)))
    small = as_image(cv2.resize(shown, size, interpolation=cv2.INTER_AREA))
    return _FlatWorkingPage(small, np.zeros_like(small), max(MIN_DARKNESS, NOISE_LEVELS * noise), scale, dewarped)


def _cells_alone(upright: Upright, dewarped: DewarpedPage, boxes: Sequence[BBox]) -> Upright:
    """The page with nothing but the ink inside the cells: what is read there is read without the ruling around it."""
    inside = np.zeros(upright.ink.darkness.shape, np.uint8)
    for box in boxes:
        cv2.fillPoly(inside, [np.rint(dewarped.warp.to_upright(_outline(box))).astype(np.int32)], (1,))
    darkness = as_image(upright.ink.darkness * inside)
    return with_ink_alone(upright, Ink(darkness, upright.ink.seal, upright.ink.noise))


def _outline(box: BBox) -> Points:
    """Points (n, 2) along the sides of a box, clockwise."""
    along = np.linspace(0.0, 1.0, EDGE_POINTS)[:, None]
    corners = box_corners(box)
    sides = zip(corners, np.roll(corners, -1, axis=0), strict=True)
    points: Points = np.concatenate([start + along * (end - start) for start, end in sides]) - 0.5
    return points


def _without_label(alone: Upright, line: MarginLine, recogniser: Recogniser) -> tuple[MarginLine, ...]:
    """What is written behind a printed label on its line, cut where the recogniser saw the label end."""
    label = PRINTED_LABEL.match(line.text_line.text)
    if label is None:
        return (line,)
    seen = best_characters(
        recogniser.log_probabilities(line.seen or reading_cut(alone, line.quad)), recogniser.alphabet
    )
    text = "".join(character.text for character in seen)
    label = PRINTED_LABEL.match(text)
    if label is None or label.end() >= len(seen):
        return (line,) if label is None else ()
    start = (seen[label.end() - 1].place + seen[label.end()].place) / 2
    return read_part(alone, line, start, 1.0, recogniser)


def _placed(
    line: MarginLine, dewarped: DewarpedPage, cells: Sequence[SignOffCell], boxes: Sequence[BBox]
) -> MarginLine:
    """A line with the place of the cell that holds most of it."""
    own = bounding_box(dewarped.warp.to_page(line.text_line.polygon))
    shared = [
        max(0.0, min(own.right, box.right) - max(own.left, box.left))
        * max(0.0, min(own.bottom, box.bottom) - max(own.top, box.top))
        for box in boxes
    ]
    table_index, cell = cells[int(np.argmax(shared))]
    return replace(line, text_line=replace(line.text_line, table_index=table_index, row=cell.row, col=cell.col))
