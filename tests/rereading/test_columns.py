"""Columns are told from lines by how their characters stand."""

import numpy as np
import pytest
from drawing import PX_PER_MM

from pipeline.elements import BBox
from pipeline.layout import InkLine, find_text_lines
from pipeline.rereading.columns import Setting, find_columns, may_stand_in_columns

SIZE = 20
"""Characters are squares of this many pixels, a twentieth of a cell."""
SETTING = Setting(1.0, SIZE, PX_PER_MM)


def cell(places, size=SIZE, height=400, width=400):
    """The darkness of a cell with characters whose top left corners are at these places."""
    darkness = np.zeros((height, width), np.uint8)
    for left, top in places:
        for inset in (0, 6):  # a box within a box, as 回
            darkness[top + inset : top + size - inset, left + inset : left + size - inset] = 200 * (inset == 0)
        darkness[top + 8 : top + 12, left + 8 : left + 12] = 200
    return darkness


def columns_in(darkness, setting=SETTING):
    boxes = [line.box for line in find_text_lines(darkness, *setting).lines]
    lines = [InkLine(BBox(b.left + 100, b.top + 50, b.right + 100, b.bottom + 50), ()) for b in boxes]
    return find_columns(darkness, (100, 50), lines, setting) if may_stand_in_columns(lines, SIZE) else None


def placed(columns, across, down):
    """Places of columns, each given by the heights at which its characters begin, in characters."""
    return [(40 + round(i * across), 40 + round(y * down)) for i, heights in enumerate(columns) for y in heights]


def counts(block):
    return [len(column.characters) for column in block.columns]


def test_a_single_column_has_its_characters_from_the_top():
    block = columns_in(cell(placed([range(4)], 0, 24)))
    assert counts(block) == [4] and block.sure
    (column,) = block.columns
    assert column.box == (140, 90, 160, 90 + 3 * 24 + SIZE)
    assert [character.box.top for character in column.characters] == [90, 114, 138, 162]


@pytest.mark.parametrize("columns", [[range(4), range(4)], [(1, 2), range(4)], [(2.5,), range(5)], [range(3)] * 3])
def test_characters_set_solid_with_wider_gaps_between_them_stand_in_columns(columns):
    block = columns_in(cell(placed(columns, 30, 22)))
    assert counts(block) == [len(column) for column in columns] and block.sure


def test_columns_whose_characters_do_not_stand_beside_each_other_may_be_as_near_as_their_characters():
    block = columns_in(cell(placed([(0.5, 1.5, 2.5), range(4)], 26, 26)))
    assert counts(block) == [3, 4] and block.sure


def test_a_first_column_that_begins_below_the_second_is_no_beginning_of_lines():
    block = columns_in(cell(placed([(1, 2), range(4)], 26, 26)))
    assert counts(block) == [2, 4] and block.sure


@pytest.mark.parametrize(
    ("columns", "across", "down"),
    [
        ([range(3), range(3)], 22, 30),  # 社会 above 保险 above 基金
        ([range(3), range(2)], 22, 26),
        ([range(2), range(2)], 40, 30),  # spaced, as in 单 位 above 名 称
        ([range(2)] * 6, 22, 30),
        ([range(1)] * 2, 30, 22),
    ],
)
def test_lines_are_no_columns(columns, across, down):
    assert columns_in(cell(placed(columns, across, down))) is None


def test_spaced_characters_in_many_rows_may_be_either():
    block = columns_in(cell(placed([range(4), range(4)], 44, 30)))
    assert counts(block) == [4, 4] and not block.sure


def test_a_word_on_its_side_goes_on_over_letters_too_low_for_lines():
    darkness = cell([(40, 40), (40, 62)])
    darkness[88:94, 48:60] = darkness[98:104, 48:60] = 200  # two letters, a third of a line high
    (column,) = columns_in(darkness).columns
    assert (column.box.top, column.box.bottom) == (90, 154)


@pytest.mark.parametrize("height", [20, 28])
def test_a_character_alone_is_no_column(height):
    darkness = np.zeros((100, 100), np.uint8)
    darkness[20 : 20 + height, 40:52] = 200
    assert columns_in(darkness) is None


def test_a_column_with_punctuation_between_its_characters_is_not_whole():
    darkness = cell(placed([(0, 1, 3, 4)], 0, 24))
    assert columns_in(darkness).columns[0].whole
    darkness[98:103, 54:59] = 200
    assert not columns_in(darkness).columns[0].whole


def test_two_characters_of_which_one_is_low_on_its_side_are_a_column():
    darkness = cell([(40, 40)])
    darkness[63:73, 40:60] = 200
    assert counts(columns_in(darkness)) == [2]
