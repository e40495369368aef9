"""Print is read in any colour, on any fill, and seals are left out as before."""

import cv2
import numpy as np
import pytest
from drawing import INK, PAPER, SEAL_INK, Table, print_text, rule, sealed, sheet, upright

from pipeline.dewarp.dewarping import dewarp
from pipeline.grid.grids import build_grids
from pipeline.layout.cell_contrast import measure_contrast
from pipeline.layout.coloured_print import restore_print
from pipeline.layout.layout import analyse_layout
from pipeline.settings.settings import GridSettings

TABLE = Table(rows=(200, 260, 320, 380, 440, 500), cols=(100, 420, 740, 1060))
COLOURS = {
    "pure red": (0, 0, 255),
    "red": (40, 40, 220),
    "orange": (0, 140, 255),
    "yellow": (0, 210, 255),
    "light green": (60, 230, 60),
    "cyan": (230, 220, 0),
    "pink": (180, 105, 255),
}
FILLS = {"orange": (84, 152, 216), "red": (30, 30, 200), "green": (80, 170, 60), "blue": (196, 114, 68)}


def jpeg(image, quality=85):
    """As a scanner or a screen would keep it."""
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def written(ink, column=1, paper=(PAPER,) * 3, rows=range(5)):
    """The table with black print in its first column, and print of a colour on a paper in cells of another."""
    gray = rule(sheet(), TABLE)
    for top in TABLE.rows[:-1]:
        print_text(gray, TABLE.cols[0] + 20, top + 20, 6)
    image = cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)
    for row in rows:
        top, bottom, left, right = *TABLE.rows[row : row + 2], *TABLE.cols[column : column + 2]
        image[top + 2 : bottom - 1, left + 2 : right - 1] = paper
        letters = print_text(sheet(), left + 20, top + 20, 6, seed=row) == INK
        image[letters] = ink
    return jpeg(image)


def layout_of(image):
    page = upright(image)
    dewarped = dewarp(page)
    return analyse_layout(page, dewarped, build_grids(dewarped, GridSettings()))


def cells_with_lines(layout):
    """(row, col) of the cells in which lines of print were found."""
    cells = [cell for grid in layout.grids for cell in grid.cells]
    return {(cells[line.cell].row, cells[line.cell].col) for line in layout.lines}


def darkest(layout, row, col):
    """The darkness of the print of a cell."""
    cell = next(cell for cell in layout.grids[0].cells if (cell.row, cell.col) == (row, col))
    (box,) = layout.dewarped.boxes([cell.polygon])
    inside = layout.dewarped.darkness[int(box.top) + 5 : int(box.bottom) - 5, int(box.left) + 5 : int(box.right) - 5]
    return np.quantile(inside, 0.99)


@pytest.mark.parametrize("rows", [(2,), range(5)], ids=["one value", "a column"])
@pytest.mark.parametrize("colour", COLOURS)
def test_print_in_colour_is_as_dark_as_other_print(colour, rows):
    layout = layout_of(written(COLOURS[colour], rows=rows))
    assert cells_with_lines(layout) == {(row, 0) for row in range(5)} | {(row, 1) for row in rows}
    assert min(darkest(layout, row, 1) for row in rows) > 120
    assert not layout.upright.ink.seal.any() or colour == "red"


@pytest.mark.parametrize("fill", FILLS)
def test_white_print_on_a_coloured_fill_is_found(fill):
    layout = layout_of(written((255, 255, 255), paper=FILLS[fill]))
    assert {(row, 1) for row in range(5)} <= cells_with_lines(layout)
    assert min(darkest(layout, row, 1) for row in range(5)) > 100


def test_white_print_on_a_pale_fill_is_found():
    layout = layout_of(written((255, 255, 255), paper=(238, 238, 238), rows=(0, 1)))
    assert {(0, 1), (1, 1)} <= cells_with_lines(layout)


def test_pages_without_colour_stay_the_same_objects():
    page = upright(cv2.cvtColor(rule(sheet(), TABLE), cv2.COLOR_GRAY2BGR))
    dewarped = dewarp(page)
    boxes = dewarped.boxes([cell.polygon for grid in build_grids(dewarped, GridSettings()) for cell in grid.cells])
    mended = restore_print(page, dewarped, boxes, measure_contrast(page, dewarped, boxes))
    assert mended[0] is page
    assert mended[1] is dewarped


@pytest.mark.parametrize("centre", [(420, 320), (580, 350), (700, 480)])
def test_a_seal_stays_out(centre):
    """Over rules, in a cell as far as it fits, and beyond the table."""
    gray = rule(sheet(), TABLE)
    for top in TABLE.rows[:-1]:
        print_text(gray, TABLE.cols[0] + 20, top + 20, 6)
    page = upright(jpeg(sealed(gray, centre, 100)))
    dewarped = dewarp(page)
    boxes = dewarped.boxes([cell.polygon for grid in build_grids(dewarped, GridSettings()) for cell in grid.cells])
    mended, _ = restore_print(page, dewarped, boxes, measure_contrast(page, dewarped, boxes))
    np.testing.assert_array_equal(mended.ink.darkness, page.ink.darkness)


def test_a_red_value_far_from_a_seal_is_found():
    image = written(SEAL_INK, column=2, rows=(0,))
    stamp = sealed(sheet(), (300, 600), 90)
    layout = layout_of(np.minimum(image, jpeg(stamp)))
    assert (0, 2) in cells_with_lines(layout)
