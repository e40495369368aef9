"""What each step made of a page, as numbered pictures: ink, ruling, dewarped page, lines of text.

They lie in a folder `steps` beside the page's own picture, which shows the last step: what was read. Each is drawn from
the stages' own results and written before the next is drawn, so that no more than one is ever in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp import DewarpedPage, find_ruling_lines
from pipeline.elements import Axis, Grid, Image, PageReading
from pipeline.grid import CELL_BORDER_SCORE, RuledArea, rules_of
from pipeline.imaging import Points, as_image, ink_on_white
from pipeline.layout import PageLayout
from pipeline.page.bridged_gaps import find_gaps
from pipeline.page.overlay import (
    DOUBTFUL,
    LONG_SIDE,
    SURE,
    WRONG,
    Colour,
    confidence_colour,
    picture_folder,
    write_picture,
)
from pipeline.reading import cut_cell_line

STEPS_FOLDER = "steps"
"""The folder of these pictures, beside the page's own."""
SEAL_TINT = (170, 170, 255)
"""Pale red, in BGR, where a seal was."""
TRACED: dict[Axis, Colour] = {Axis.HORIZONTAL: (60, 150, 60), Axis.VERTICAL: (190, 110, 30)}
"""BGR colours of traced ruling lines, by their axis."""
BRIDGED = (220, 0, 220)
"""Magenta, in BGR, for gaps in accepted borders."""
SURE_CELL_BORDER = 0.9
"""From this score on a border is drawn as sure."""
NO_CELL_BORDER = (205, 205, 205)
"""Pale gray, in BGR, where slots have no border between them."""
PALE = 0.45
"""What is drawn upon is shown with this share of its darkness."""
CUT_HEIGHT, CUT_MARGIN, LABEL_WIDTH = 32, 6, 52
"""Pixels of a line's cut, of the paper around it, and of the label before it."""
SHEET_WIDTH = 1600
"""Cuts of lines are arranged in rows of so many pixels."""
JUNCTION_SIZE = 5
"""Junctions are marked by signs of twice so many pixels."""


class _Step(NamedTuple):
    name: str
    draw: Callable[[PageLayout, PageReading], Image]


def draw_steps(layout: PageLayout, reading: PageReading, file: Path) -> None:
    """Draw the steps of a page into the folder `steps` beside the page's own picture.

    Args:
        layout: of the page, with its ink and its lines.
        reading: what was read from it.
        file: the page's own picture; the steps have its name, a number and what they show.
    """
    with picture_folder(file.parent) as folder:
        folder.make_folder(STEPS_FOLDER)
        with folder.folder(STEPS_FOLDER) as steps:
            for number, step in enumerate(STEPS, start=1):
                name = f"{file.stem}-{number}-{step.name}{file.suffix}"
                write_picture(_fitted(step.draw(layout, reading)), steps, name)


def ink_picture(layout: PageLayout, reading: PageReading) -> Image:
    """The ink of the upright page, seals taken out; where they were is tinted."""
    picture = _paper(layout.upright.ink.darkness)
    seal = layout.upright.ink.seal
    picture[seal] = np.minimum(picture[seal], SEAL_TINT)
    return picture


def ruling_picture(layout: PageLayout, reading: PageReading) -> Image:
    """Ruling as it was traced, on the upright page, bridged gaps in the cell borders that were accepted."""
    picture = _paper(layout.upright.ink.darkness, PALE)
    thickness = max(2, round(picture.shape[1] / 800))
    for fragment in find_ruling_lines(layout.dewarped.ruling, layout.dewarped.warp.px_per_mm).fragments:
        _polyline(picture, layout.dewarped.warp.to_upright(fragment.points), TRACED[fragment.axis], thickness)
    for table in reading.tables:
        for gap in find_gaps(layout.dewarped, table.grid):
            _polyline(picture, layout.dewarped.warp.to_upright(gap.ends), BRIDGED, 2 * thickness)
    return picture


def dewarped_picture(layout: PageLayout, reading: PageReading) -> Image:
    """The dewarped page: cell borders coloured by score, those that are missing, and junctions by their kind."""
    picture = _paper(layout.dewarped.darkness, PALE)
    for area in rules_of(layout.dewarped).tables:
        _draw_cell_borders(picture, area)
    for table in reading.tables:
        _draw_junctions(picture, layout.dewarped, table.grid)
    return picture


def lines_picture(layout: PageLayout, reading: PageReading) -> Image:
    """Every line of the cells as it was cut for the recogniser, with how sure its reading is."""
    paper = as_image(cv2.bitwise_not(layout.upright.ink.darkness))
    cells = [cell for table in reading.tables for cell in table.cells]
    unread = [list(cell.lines) for cell in cells]
    cuts = []
    for line in layout.lines:
        cut = cut_cell_line(layout.dewarped, paper, line.ink, CUT_HEIGHT)[:, : SHEET_WIDTH - LABEL_WIDTH - CUT_MARGIN]
        label = np.full((CUT_HEIGHT, LABEL_WIDTH, 3), 255, np.uint8)
        confidence = unread[line.cell].pop(0).confidence if unread[line.cell] else None
        text = "-" if confidence is None else f"{confidence:.2f}"
        cv2.putText(label, text, (6, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.5, confidence_colour(confidence), 1, cv2.LINE_AA)
        cuts.append(as_image(np.hstack([label, cut])))
    return _arranged(cuts)


STEPS = (
    _Step("ink", ink_picture),
    _Step("ruling", ruling_picture),
    _Step("flat", dewarped_picture),
    _Step("lines", lines_picture),
)
"""The pictures in the order of the steps."""


def junctions_of(grid: Grid) -> dict[tuple[int, int], str]:
    """The kind of each junction of a grid, by the row and column of the ruling lines that meet: corner, tee or cross.

    Where a cell border only goes on straight, or none is, there is no junction.
    """
    owner = np.full((grid.n_rows + 2, grid.n_cols + 2), -1)
    for number, cell in enumerate(grid.cells):
        for row, col in cell.slots():
            owner[row + 1, col + 1] = number
    across, down = owner[1:] != owner[:-1], owner[:, 1:] != owner[:, :-1]
    kinds = {}
    for row in range(grid.n_rows + 1):
        for col in range(grid.n_cols + 1):
            left, right = across[row, col], across[row, col + 1]
            above, below = down[row, col], down[row + 1, col]
            arms = int(left) + int(right) + int(above) + int(below)
            if arms > 2 or (arms == 2 and left != right):
                kinds[row, col] = {2: "corner", 3: "tee", 4: "cross"}[arms]
    return kinds


def _draw_cell_borders(picture: Image, area: RuledArea) -> None:
    for row, y in enumerate(area.rows):
        for col in range(len(area.cols) - 1):
            ends = [(area.cols[col], y), (area.cols[col + 1], y)]
            _draw_cell_border(picture, ends, float(area.horizontal[row, col]))
    for col, x in enumerate(area.cols):
        for row in range(len(area.rows) - 1):
            ends = [(x, area.rows[row]), (x, area.rows[row + 1])]
            _draw_cell_border(picture, ends, float(area.vertical[row, col]))


def _draw_cell_border(picture: Image, ends: Sequence[tuple[float, float]], score: float) -> None:
    if score < CELL_BORDER_SCORE / 2:
        _polyline(picture, ends, NO_CELL_BORDER, 1)
    else:
        _polyline(
            picture, ends, SURE if score >= SURE_CELL_BORDER else DOUBTFUL if score >= CELL_BORDER_SCORE else WRONG, 2
        )


def _draw_junctions(picture: Image, dewarped: DewarpedPage, grid: Grid) -> None:
    """Corners as squares, tees as triangles, crosses as crosses, at the corners of cells that meet there."""
    markers = {"corner": cv2.MARKER_SQUARE, "tee": cv2.MARKER_TRIANGLE_UP, "cross": cv2.MARKER_CROSS}
    places: dict[tuple[int, int], Points] = {}
    for cell in grid.cells:
        bottom, right = cell.row + cell.row_span, cell.col + cell.col_span
        corners = ((cell.row, cell.col), (cell.row, right), (bottom, right), (bottom, cell.col))
        places |= zip(corners, dewarped.warp.to_page(cell.polygon), strict=True)
    for junction, kind in junctions_of(grid).items():
        x, y = np.rint(places[junction]).astype(int).tolist()
        cv2.drawMarker(picture, (x, y), TRACED[Axis.VERTICAL], markers[kind], 2 * JUNCTION_SIZE, 2)


def _arranged(cuts: Sequence[Image]) -> Image:
    """Images of one height in rows, from left to right and top to bottom, on white."""
    rows: list[list[Image]] = [[]]
    for cut in cuts:
        if rows[-1] and sum(c.shape[1] + CUT_MARGIN for c in [*rows[-1], cut]) > SHEET_WIDTH:
            rows.append([])
        rows[-1].append(cut)
    sheet = np.full((len(rows) * (CUT_HEIGHT + CUT_MARGIN), SHEET_WIDTH, 3), 255, np.uint8)
    for top, row in zip(range(0, len(sheet), CUT_HEIGHT + CUT_MARGIN), rows, strict=True):
        left = 0
        for cut in row:
            sheet[top : top + CUT_HEIGHT, left : left + cut.shape[1]] = cut
            left += cut.shape[1] + CUT_MARGIN
    return sheet


def _paper(darkness: Image, share: float = 1.0) -> Image:
    """Ink on white, (height, width, 3), as dark as it is or paler."""
    return ink_on_white(as_image(cv2.convertScaleAbs(darkness, alpha=share)))


def _polyline(picture: Image, points: Points | Sequence[tuple[float, float]], colour: Colour, thickness: int) -> None:
    placed: NDArray[np.int32] = np.rint(np.asarray(points)).astype(np.int32)
    cv2.polylines(picture, [placed], False, colour, thickness, cv2.LINE_AA)


def _fitted(picture: Image) -> Image:
    scale = LONG_SIDE / max(picture.shape[:2])
    if scale >= 1:
        return picture
    return as_image(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
