"""Which way is up is settled by reading where the orienter is not sure, and left open where reading does not tell."""

import numpy as np
import pytest
from drawing import drawn_form, print_text, scanned, sheet
from fake_engines import FakeOrienter, NoDetector

from pipeline.engines import Engines, LineReading, Turn
from pipeline.orientation import SAMPLE_LINES, SURE_TURN, settle_orientation
from pipeline.settings import Settings


class MarkedReader:
    """Reads a line well if its left end is darker than its right, as every line of `upright_form` is."""

    alphabet = ("", "a")

    def __init__(self, well=0.95, badly=0.3):
        self.well, self.badly, self.calls = well, badly, []

    def read(self, crops):
        self.calls.append(len(crops))
        readings = []
        for crop in crops:
            half = crop.shape[1] // 2
            sure = self.well if crop[:, :half].mean() < crop[:, half:].mean() - 8 else self.badly
            readings.append(LineReading("甲乙", sure, (sure, sure)))
        return readings


def upright_form():
    """A form in which every line begins with dense print and ends with thin strokes."""
    image = sheet(480)
    for row in (60, 180, 300, 420):
        image[row : row + 3, 120:1063] = 40
    for col in (120, 430, 740, 1060):
        image[60:423, col : col + 3] = 40
    for row in (105, 225, 345):
        for col in (150, 460, 770):
            for left in range(col, col + 100, 22):
                image[row : row + 19, left : left + 17] = 40
            for left in range(col + 110, col + 220, 22):
                image[row : row + 19, left : left + 3] = 40
    return image


def settle(image, turn, reader=None):
    reader = reader or MarkedReader()
    orienter = None if turn is None else FakeOrienter(turn)
    engines = Engines(reader, NoDetector(), orienter, ())
    return settle_orientation(scanned(image), engines, Settings()), reader


def stored(turns):
    """The form as a scanner that had it turned clockwise by so many quarters would store it."""
    return np.ascontiguousarray(np.rot90(upright_form(), -turns))


@pytest.mark.parametrize("turns", [0, 1])
def test_a_sure_orienter_is_followed_and_nothing_is_read(turns):
    settled, reader = settle(stored(turns), Turn(turns, SURE_TURN))
    assert (settled.upright.quarter_turns, settled.sure) == (turns, True)
    assert len(settled.found.grids) == 1
    assert reader.calls == []


def test_without_an_orienter_the_file_is_trusted_and_nothing_is_read():
    settled, reader = settle(stored(2), None)
    assert (settled.upright.quarter_turns, settled.sure, reader.calls) == (0, True, [])


@pytest.mark.parametrize(("turns", "told"), [(0, 0), (1, 0), (2, 0), (3, 0), (1, 1), (0, 2)])
def test_where_the_orienter_is_unsure_reading_finds_the_right_way_up(turns, told):
    """Also where its guess (told) is followed at first, being likelier than not."""
    settled, _ = settle(stored(turns), Turn(told, 0.7))
    assert (settled.upright.quarter_turns, settled.sure) == (turns, True)
    np.testing.assert_array_equal(settled.upright.image[:, :, 0], upright_form())
    (grid,) = settled.found.grids
    assert (grid.n_rows, grid.n_cols) == (3, 3)


def test_a_few_lines_each_way_are_enough():
    _, reader = settle(stored(0), Turn(0, 0.5))
    assert reader.calls == [2 * SAMPLE_LINES]


@pytest.mark.parametrize("turns", [0, 2])
def test_where_no_way_reads_well_the_page_stays_with_a_doubt(turns):
    settled, _ = settle(stored(turns), Turn(0, 0.5), MarkedReader(well=0.4, badly=0.35))
    assert (settled.upright.quarter_turns, settled.sure) == (0, False)


def test_where_both_ways_read_alike_the_page_stays_with_a_doubt():
    settled, _ = settle(drawn_form(), Turn(0, 0.5), MarkedReader(well=0.9, badly=0.9))
    assert (settled.upright.quarter_turns, settled.sure) == (0, False)


def test_a_page_without_a_table_stays_with_the_orienters_doubt():
    settled, reader = settle(print_text(sheet(), 200, 300, 20), Turn(0, 0.5))
    assert (settled.upright.quarter_turns, settled.sure, reader.calls) == (0, False, [])
