"""No ink in a table goes unexplained, and neither dust nor ruling nor a seal is taken for text."""

import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import INK, PRINT_PX, drawn_form, form, noisy, print_text, sealed, sheet
from read_pages import TABLE, page_of, printed

from pipeline.imaging.geometry import bounding_box
from pipeline.residual.residual_ink import find_residual_ink, unread_rest

SMALL_PRINT = 6
"""Height in pixels of the smallest footnotes: 1 mm beside print of 3.2 mm."""
CPU_LIMIT_S = 0.1
"""What the check may take of a page, at 200 dpi."""


def unexplained_cells(page):
    """(row, col) of the cells with unexplained ink, group by group."""
    table = page.tables[0]
    return [
        [(table.cells[cell].cell.row, table.cells[cell].cell.col) for _, cell in group.places]
        for group in find_residual_ink(page, unread_rest(page))
    ]


# --- what is explained ------------------------------------------------------------------------------------------------


def test_a_page_read_whole_leaves_nothing():
    assert unexplained_cells(page_of(drawn_form())) == []


def test_what_is_left_is_taken_from_the_page_without_changing_it():
    page = page_of(drawn_form())
    before = page.layout.smooth.copy()
    assert unread_rest(page).darkness.sum() < before.sum()
    np.testing.assert_array_equal(page.layout.smooth, before)


def test_a_page_without_tables_leaves_nothing():
    page = page_of(print_text(sheet(), 100, 100, 20))
    assert page.tables == ()
    assert find_residual_ink(page, unread_rest(page)) == []


@pytest.mark.parametrize("seed", range(3))
def test_grain_and_dust_are_no_text(seed):
    assert unexplained_cells(page_of(noisy(drawn_form(), deviation=6.0, specks=150, seed=seed))) == []


def test_a_large_blot_alone_is_dust_while_it_is_small_and_round():
    image = cv2.circle(printed(), (250, 350), 3, INK, -1)
    assert unexplained_cells(page_of(image)) == []


def test_what_is_left_of_frayed_ruling_is_no_text():
    image = printed()
    for x in range(500, 640, 9):
        image[302:304, x : x + 6] = INK
    assert unexplained_cells(page_of(image)) == []


def test_what_unmixing_leaves_of_a_seal_is_no_text():
    page = page_of(sealed(printed(), (260, 350), 40))
    assert page.layout.upright.ink.seal.any()
    assert unexplained_cells(page) == []


def test_what_was_recognised_elsewhere_is_explained():
    """As of a signature that reaches into the table."""
    image = print_text(printed(), 500, 330, 4)
    polygon = ((495, 325), (600, 325), (600, 355), (495, 355))
    assert unexplained_cells(page_of(image, unread={(1, 1)}, elsewhere=(polygon,))) == []


def test_a_second_column_of_text_far_away_is_part_of_the_line():
    image = print_text(print_text(printed(), 440, 340, 3), 660, 340, 3)
    page = page_of(image)
    (line,) = page.tables[0].at(1, 1).lines
    assert bounding_box(line.polygon).width > 220
    assert unexplained_cells(page) == []


def test_upright_letters_below_each_other_are_lines():
    image = printed()
    for letter in range(3):
        print_text(image, 560, 308 + 27 * letter, 1, seed=letter)
    page = page_of(image)
    assert len(page.tables[0].at(1, 1).lines) == 3
    assert unexplained_cells(page) == []


# --- what is not ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", [(1, 0), (1, 2)])
def test_text_that_was_left_out_is_unexplained_in_its_cell(cell):
    image = print_text(printed(), TABLE.cols[cell[1]] + 20, 340, 5)
    assert unexplained_cells(page_of(image, unread={cell})) == [[cell]]


def test_one_letter_that_was_left_out_is_unexplained():
    image = print_text(printed(), 500, 340, 1)
    assert unexplained_cells(page_of(image, unread={(1, 1)})) == [[(1, 1)]]


def test_a_lone_stroke_that_was_left_out_is_unexplained():
    """As in 一."""
    image = printed()
    image[350:352, 500 : 500 + PRINT_PX - 4] = INK
    assert unexplained_cells(page_of(image, unread={(1, 1)})) == [[(1, 1)]]


def test_text_printed_across_a_ruling_line_is_unexplained_in_both_cells():
    page = page_of(print_text(printed(), 670, 340, 6), unread={(1, 1), (1, 2)})
    assert [sorted(cells) for cells in unexplained_cells(page)] == [[(1, 1), (1, 2)]]


def test_print_too_small_for_a_line_is_unexplained():
    image = print_text(printed(), 140, 255, 6, size=SMALL_PRINT)
    page = page_of(image)
    assert len(page.tables[0].at(0, 0).lines) == 1
    assert unexplained_cells(page) == [[(0, 0)]]


def test_print_much_paler_than_the_rest_of_its_cell_is_unexplained():
    """What is ink in a cell is measured by the cell's darkest ink."""
    image = printed()
    pale = print_text(sheet(), 120, 260, 6)
    image = np.where(pale < 100, np.minimum(image, 200), image).astype(np.uint8)
    page = page_of(image)
    assert len(page.tables[0].at(0, 0).lines) == 1
    assert unexplained_cells(page) == [[(0, 0)]]


def test_a_line_that_was_read_as_nothing_explains_no_ink():
    page = page_of(print_text(printed(), 120, 260, 5))
    table = page.tables[0]
    first = table.cells[0]
    unread = replace(first, lines=(first.lines[0], replace(first.lines[1], text="", confidence=None)))
    tables = (replace(table, cells=(unread, *table.cells[1:])),)
    assert unexplained_cells(page._replace(tables=tables)) == [[(0, 0)]]


def test_groups_come_from_top_to_bottom():
    image = print_text(print_text(printed(), 800, 260, 4), 120, 340, 4)
    page = page_of(image, unread={(1, 0), (0, 2)})
    assert unexplained_cells(page) == [[(0, 2)], [(0, 2)], [(1, 0)]]


# --- cost -------------------------------------------------------------------------------------------------------------


def test_the_check_costs_no_more_than_it_may():
    page = page_of(noisy(cv2.resize(drawn_form(), (2480, 1681), interpolation=cv2.INTER_CUBIC), specks=150))
    assert page.tables[0].grid.n_rows == len(form().rows) - 1
    costs = []
    for _ in range(5):
        started = time.process_time()
        find_residual_ink(page, unread_rest(page))
        costs.append(time.process_time() - started)
    assert min(costs) <= CPU_LIMIT_S


def test_a_column_of_text_does_not_account_for_ink_beside_it():
    page = page_of(printed(), unread={(0, 1)})
    (table,) = page.tables
    column = ((398.0, 205.0), (416.0, 205.0), (416.0, 295.0), (398.0, 295.0))
    line = replace(table.cells[0].lines[0], polygon=column)
    cells = (replace(table.cells[0], lines=(*table.cells[0].lines, line)), *table.cells[1:])
    rest = unread_rest(page._replace(tables=(replace(table, cells=cells),)))
    assert rest.darkness[215:234, 440:446].any()


@pytest.mark.parametrize("level", [200, 222])
def test_a_pale_fill_beside_print_is_no_ink(level):
    image = printed()
    top, bottom, left, right = TABLE.rows[0] + 3, TABLE.rows[1] - 3, TABLE.cols[0] + 3, TABLE.cols[1] - 3
    inside = image[top:bottom, left:right]
    image[top:bottom, left:right] = np.minimum(inside, np.uint8(level))
    assert unexplained_cells(page_of(image)) == []
