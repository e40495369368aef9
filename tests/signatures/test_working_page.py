"""Only ink outside the grids that may be text is worth a detector's time."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from margin_pages import HEIGHT, TABLE, WIDTH, blank, draw_print, draw_table, table_grid, upright_page

from pipeline.signatures.working_page import find_ink, outside_grids


def blocks_of(image, grids=None):
    page = outside_grids(upright_page(image), [table_grid()] if grids is None else grids)
    return find_ink(page.darkness, page.threshold)


def test_a_blank_margin_has_no_block():
    assert blocks_of(draw_table(blank())) == []


def test_specks_and_rules_make_no_block():
    image = draw_table(blank())
    for x in range(60, 1200, 90):
        cv2.circle(image, (x, 60 + x % 170), 1, (20, 20, 20), -1)
    cv2.line(image, (20, 250), (1200, 252), (20, 20, 20), 2)
    assert blocks_of(image) == []


def test_a_title_and_a_note_are_a_block_each_with_paper_around():
    image = draw_print(draw_print(draw_table(blank()), 300, 100), 120, 760)
    title, note = blocks_of(image)
    assert (title.left < 300, title.top < 100, title.right > 707, title.bottom > 120) == (True,) * 4
    assert note.top > TABLE[3]


@settings(max_examples=60)
@given(
    size=st.integers(8, 33),
    letters=st.integers(1, 8),
    across=st.floats(0, 1),
    down=st.floats(0, 1),
    above=st.booleans(),
)
def test_no_letter_outside_the_table_is_left_out_of_the_blocks(size, letters, across, down, above):
    """From 2 to 8 mm, anywhere above or below the table, alone or in a line."""
    low, high = (12, TABLE[1] - 12 - size) if above else (TABLE[3] + 12, HEIGHT - 12 - size)
    left, top = round(12 + across * (WIDTH - 24 - letters * (size + 4))), round(low + down * (high - low))
    blocks = blocks_of(draw_print(draw_table(blank()), left, top, letters=letters, size=size))
    right, bottom = left + letters * (size + 4) - 4, top + size
    assert any(b.left <= left and b.top <= top and b.right >= right and b.bottom >= bottom for b in blocks)


def test_the_table_is_ink_when_no_grid_was_found():
    image = draw_table(blank())
    assert any(block.left < TABLE[0] + 50 and block.right > TABLE[2] - 110 for block in blocks_of(image, []))


def test_points_of_a_small_page_are_mapped_back():
    image = np.full((3600, 2480, 3), 230, np.uint8)
    image[1000:1100, 500:600] = 20
    page = outside_grids(upright_page(image), [])
    (block,) = find_ink(page.darkness, page.threshold)
    ink = page.darkness[block.top : block.bottom, block.left : block.right] > page.threshold
    rows, cols = np.nonzero(ink)
    first = page.to_upright(np.array([[cols[0] + block.left, rows[0] + block.top]], np.float64))[0]
    assert np.allclose(first, (500, 1000), atol=2 / page.scale)


@pytest.mark.parametrize(
    ("longest", "times"), [(900, 1), (1300, 1), (1754, 1754 / 1240), (2339, 2), (3508, 3), (4000, 4000 / 1240)]
)
def test_pages_are_reduced_by_a_whole_number_where_one_is_near(longest, times):
    image = np.full((longest, 903, 3), 230, np.uint8)
    image[600:700, 500:600] = 20
    page = outside_grids(upright_page(image), [])
    assert page.scale == pytest.approx(1 / times)
    assert page.darkness.shape == page.seal.shape == pytest.approx((longest / times, 903 / times), abs=1)
    rows, columns = np.nonzero(page.darkness > 100)
    corners = page.to_upright(np.array([[columns.min(), rows.min()], [columns.max(), rows.max()]], np.float64))
    assert np.allclose(corners, [(499.5, 599.5), (599.5, 699.5)], atol=times)


def test_a_seal_is_in_a_layer_of_its_own():
    image = draw_table(blank())
    cv2.circle(image, (900, 150), 60, (50, 40, 210), 6)
    page = outside_grids(upright_page(image), [table_grid()])
    assert find_ink(page.darkness, page.threshold) == []
    assert len(find_ink(page.seal, page.threshold)) == 1
