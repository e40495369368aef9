"""The cells of a page that were read as blank -> those that are not: something stands out there on the scan itself.

Blank is a claim, and its evidence is flat paper. It is looked for in the scan's colours, by the grain of each cell
alone, not in the darkness that lines of text were found in: what hides ink from one need not hide it from the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, TableReading, Upright
from pipeline.imaging import as_image, averaged_page
from pipeline.layout import CellContrast, PageLayout
from pipeline.residual.faint_marks import DUST, ROUND_ASPECT, apart_from_paper, has_faint_mark, without_ink
from pipeline.residual.faint_text import FaintCell, cells_with_faint_text
from pipeline.residual.mark_places import RAGGED, MarkPlace, column_sides, has_placed_mark

MIN_CONTRAST = 24
"""A mark differs by this from its paper, of 255: blocks of a JPEG and the back of the sheet reach 23 on blank cells."""
GRAIN_TIMES = 4.0
"""And by so many times the grain of its cell, as paper does nowhere over the length of a mark."""
MIN_MARK = 0.3
"""A mark is at least this long, in heights of the page's text, as one of two strokes of 〃 or a small × is."""
SOLID = 0.6
"""The middle of a speck is inked at least so far: a ring's or a box's is not."""
CORNERS = 0.25
"""At the corners of the box around a speck so much less is inked than at its sides, at those of a disc by 0.48 and of a
diamond by 0.62; at those of an × more is."""
FAINT_TEXT_PX = 13
"""Faint marks are looked for where print is about so high: a stroke is a pixel or two there, and grain is averaged."""
EDGE_PX = 1
"""Contrast reaches so many pixels beyond ink on each side."""


def cells_not_blank(
    layout: PageLayout, tables: Sequence[TableReading], text_height_mm: float
) -> Iterator[tuple[int, int]]:
    """(table, cell) of the cells that were read as blank and are not.

    Args:
        layout: of the page, with the contrast of all cells of all tables, in their order.
        tables: as far as they were read.
        text_height_mm: of the page's print.
    """
    upright, contrast = layout.upright, layout.contrast
    seal = upright.ink.seal[:: contrast.step, :: contrast.step]
    text_height = text_height_mm * contrast.px_per_mm * contrast.step
    times = max(1, round(text_height / FAINT_TEXT_PX))
    shown = averaged_page(upright, times)
    sides = column_sides(layout, tables, text_height)
    label = 0
    flat: dict[tuple[int, int], FaintCell] = {}
    for table_number, table in enumerate(tables):
        for cell_number, reading in enumerate(table.cells):
            label += 1
            if reading.text != "":
                continue
            if _has_mark(upright, contrast, seal, (label, text_height_mm)):
                yield table_number, cell_number
                continue
            top, bottom, left, right = (side * contrast.step // times for side in _inside(seal, contrast, label))
            apart = apart_from_paper(as_image(shown[top:bottom, left:right]), text_height / times)
            if apart is None:
                continue
            column = sides.get((table_number, reading.cell.col), RAGGED)
            place = MarkPlace(contrast.box(label), column, text_height)
            origin = left * times, top * times
            against_paper = without_ink(apart, text_height / times)
            if has_faint_mark(apart, text_height / times) or has_placed_mark(against_paper, times, origin, place):
                yield table_number, cell_number
            else:
                flat[table_number, cell_number] = FaintCell(against_paper, text_height / times)
    yield from itertools.compress(flat, cells_with_faint_text(list(flat.values())))


def _inside(seal: NDArray[np.bool_], contrast: CellContrast, label: int) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of a patch of the smaller image that is all a cell's own; empty under a seal."""
    rows, columns = contrast.place(label)
    nothing = (0, 0, 0, 0)
    own = contrast.cells[rows, columns] == label
    if not own.any() or seal[rows, columns].any():
        return nothing
    middle_row, middle_column = own[own.shape[0] // 2], own[:, own.shape[1] // 2]
    if not (middle_row.any() and middle_column.any()):
        return nothing
    left, right = (int(place) for place in np.flatnonzero(middle_row)[[0, -1]])
    top, bottom = (int(place) for place in np.flatnonzero(middle_column)[[0, -1]])
    while bottom > top and right > left:
        inside = own[top : bottom + 1, left : right + 1]
        sides = (inside[0], inside[-1], inside[:, 0], inside[:, -1])
        lacking = [1 - np.count_nonzero(side) / side.size for side in sides]
        most = int(np.argmax(lacking))
        if not lacking[most]:
            break
        top, bottom, left, right = top + (most == 0), bottom - (most == 1), left + (most == 2), right - (most == 3)
    return rows.start + top, rows.start + bottom + 1, columns.start + left, columns.start + right + 1


def _has_mark(upright: Upright, contrast: CellContrast, seal: NDArray[np.bool_], cell: tuple[int, float]) -> bool:
    """Whether something that is no dust stands out in a cell; `cell` is its label, and the height of print."""
    label, text_height_mm = cell
    place = contrast.place(label)
    inside = contrast.cells[place] == label
    strong = as_image(
        (contrast.uneven[place] > 0)
        & inside
        & (contrast.edges[place] >= max(MIN_CONTRAST, GRAIN_TIMES * contrast.grain[label]))
    )
    if not strong.any():
        return False
    least = MIN_MARK * text_height_mm * contrast.px_per_mm
    around = cv2.copyMakeBorder(as_image(~inside), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(1,))
    rim = cv2.dilate(around, np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0  # what is left of rules reaches it
    sealed = seal[place][: len(inside), : inside.shape[1]]
    number, parts, stats, _ = cv2.connectedComponentsWithStats(strong)
    for part in range(1, number):
        left, top, width, height, _ = stats[part].tolist()
        if max(width, height) - 2 * EDGE_PX < least - 1:
            continue
        own = parts[top : top + height, left : left + width] == part
        box = slice(top, top + height), slice(left, left + width)
        if (own & rim[box]).any() or (own & sealed[box]).any():
            continue
        if not _is_dust(upright, contrast.step, (place[0].start + top, place[1].start + left, height, width), least):
            return True
    return False


def _is_dust(upright: Upright, step: int, box: tuple[int, int, int, int], least: float) -> bool:
    """Whether what stands out in a box of the smaller image is a round speck, or too small for a mark."""
    top, left, height, width = (step * side for side in box)
    patch = upright.image[top : top + height, left : left + width].astype(np.int16)
    apart = np.abs(patch - np.median(np.concatenate([patch[0], patch[-1], patch[:, 0], patch[:, -1]]), axis=0)).max(
        axis=2
    )
    inked = as_image(apart > apart.max() / 2)
    x, y, across, down = cv2.boundingRect(inked)
    long, short = max(across, down), min(across, down)
    if long < least * step:
        return True
    if long > DUST / MIN_MARK * least * step or long > ROUND_ASPECT * short:
        return False
    return _is_round(inked[y : y + down, x : x + across])


def _is_round(inked: Image) -> bool:
    """Whether a tight mask (height, width) is a disc or a diamond: its corners are empty, its middle is not."""
    ninths = cv2.resize(inked.astype(np.float32), (3, 3), interpolation=cv2.INTER_AREA)
    corners, sides = ninths[::2, ::2].mean(), (ninths[1, ::2].mean() + ninths[::2, 1].mean()) / 2
    return bool(ninths[1, 1] >= SOLID and sides - corners >= CORNERS)
