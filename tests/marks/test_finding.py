"""The only ink of a cell may be a mark where it is small; what stands beside text is none."""

import numpy as np
import pytest
from drawn_marks import draw_mark

from pipeline.elements import BBox
from pipeline.marks.finding import find_mark_ink, may_hold_mark

TEXT_HEIGHT = 20.0


def cell(*drawn):
    """Darkness of a cell with strokes of kinds, each (kind, left, size)."""
    image = np.full((50, 160), 255, np.uint8)
    for kind, left, size in drawn:
        draw_mark(image, kind, left, 15, size)
    return np.asarray(255 - image, np.uint8)


def found(*drawn):
    return find_mark_ink(cell(*drawn), 1.0, TEXT_HEIGHT, 2)


def test_the_box_is_tight_around_all_parts_of_the_mark():
    box = found(("〃", 60, 20))
    assert box.left == pytest.approx(65, abs=2)
    assert box.right == pytest.approx(76, abs=2)


def test_a_blank_cell_has_none():
    assert found() is None


def test_ink_that_is_wider_than_a_mark_is_text():
    assert found(("4", 40, 20), ("4", 62, 20), ("4", 84, 20)) is None


def test_a_row_of_dashes_may_be_long():
    assert found(("---", 30, 30)) is not None


def test_a_mark_beside_something_else_is_not_alone():
    assert found(("×", 20, 16), ("4", 120, 20)) is None


def test_a_speck_beside_a_mark_does_not_hide_it():
    assert found(("×", 20, 16), ("—", 120, 3)).right < 60


def test_a_point_is_too_small_for_a_mark():
    assert found(("—", 60, 3)) is None


@pytest.mark.parametrize(
    ("lines", "may"),
    [([], True), ([(20, 20)], True), ([(80, 6)], True), ([(80, 20)], False), ([(20, 20), (20, 20)], False)],
)
def test_cells_with_long_lines_or_several_need_not_be_looked_at(lines, may):
    assert may_hold_mark([BBox(0, 0, *line) for line in lines], TEXT_HEIGHT) is may


@pytest.mark.parametrize(("width", "height", "may_be"), [(6, 2, True), (4, 4, False), (4, 2, False)])
def test_what_is_small_may_be_a_hyphen_where_it_is_flat(width, height, may_be):
    darkness = np.zeros((50, 160), np.uint8)
    darkness[24 : 24 + height, 60 : 60 + width] = 200
    assert (find_mark_ink(darkness, 1.0, TEXT_HEIGHT, 2) is not None) is may_be
