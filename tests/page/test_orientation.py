"""Which way is up is settled by reading where the orienter is not sure, and left open where reading does not tell."""

import numpy as np
import pytest
from drawing import Table, print_text, rule, scanned, sheet
from fake_engines import NoDetector, OfTwoHeights, SteadyOrienter

from pipeline.dewarp.orienting import SURE_TURN
from pipeline.engines.protocols import Engines, LineReading, Turn
from pipeline.page.orientation import SAMPLE_LINES, settle_orientation
from pipeline.reading.cells import recognise_cells
from pipeline.settings.settings import Settings


class MarkedReader(OfTwoHeights):
    """Reads a line well if its left end is darker than its right, as every line of `upright_form` is."""

    alphabet = ("", "a")

    def __init__(self, well=("甲乙丙丁戊己", 0.95), badly=("日", 0.3)):
        self.well, self.badly, self.calls = well, badly, []

    def read(self, crops, *, reduced=False, exact=False):
        self.calls.append(len(crops))
        return [line(*(self.well if begins_dark(crop) else self.badly)) for crop in crops]


class TurnReader(OfTwoHeights):
    """Reads the first lines, as they are and upside down, as told for turns 0 and 2, and the others as for 1 and 3."""

    alphabet = ("", "a")

    def __init__(self, *told):
        self.told, self.seen = [told[0::2], told[1::2]], []

    def read(self, crops, *, reduced=False, exact=False):
        return [self.read_one(crop) for crop in crops]

    def read_one(self, crop):
        turned_over = any(np.array_equal(crop[::-1, ::-1], one) for one in self.seen)
        if not turned_over:
            self.seen.append(crop)
        as_it_is, over = self.told[(len(self.seen) - 1) // SAMPLE_LINES]
        return line(*(over if turned_over else as_it_is))


def line(text, confidence):
    return LineReading(text, confidence if text else 0.0, (confidence,) * len(text))


def begins_dark(crop):
    half = crop.shape[1] // 2
    return crop[:, :half].mean() < crop[:, half:].mean() - 8


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
    """The settled page; lines are read by `reader`, else by a `MarkedReader`."""
    reader = reader or MarkedReader()
    orienter = None if turn is None else SteadyOrienter(turn)
    engines = Engines(reader, NoDetector(), orienter, ())
    return settle_orientation(scanned(image), engines, Settings()), reader


def stored(turns):
    """The form as a scanner that had it turned clockwise by so many quarters would store it."""
    return np.ascontiguousarray(np.rot90(upright_form(), -turns))


@pytest.mark.parametrize("turns", [0, 1])
def test_a_sure_orienter_is_followed_and_nothing_is_read(turns):
    settled, reader = settle(stored(turns), Turn(turns, SURE_TURN))
    assert (settled.layout.upright.quarter_turns, settled.sure) == (turns, True)
    assert len(settled.layout.grids) == 1
    assert reader.calls == []


def test_without_an_orienter_the_file_is_trusted_and_nothing_is_read():
    settled, reader = settle(stored(2), None)
    assert (settled.layout.upright.quarter_turns, settled.sure, reader.calls) == (0, True, [])


@pytest.mark.parametrize("told", range(4))
@pytest.mark.parametrize("turns", range(4))
def test_where_the_orienter_is_unsure_reading_finds_the_right_way_up_whatever_it_was_told(turns, told):
    settled, _ = settle(stored(turns), Turn(told, 0.85))
    assert (settled.layout.upright.quarter_turns, settled.sure) == (turns, True)
    np.testing.assert_array_equal(settled.layout.upright.image[:, :, 0], upright_form())
    (grid,) = settled.layout.grids
    assert (grid.n_rows, grid.n_cols) == (3, 3)


def test_lines_that_were_read_to_settle_it_are_not_read_once_more_in_their_cells():
    settled, reader = settle(stored(0), Turn(0, 0.85), MarkedReader(well=(WELL, 0.9999)))
    assert len(settled.readings) == 6
    before = len(reader.calls)
    tables = recognise_cells(settled.layout, reader, settled.readings)
    lines = [line for table in tables for cell in table.cells for line in cell.lines]
    assert [line.text for line in lines] == [WELL] * 9
    assert reader.calls[before:] == [9 - 6]


WELL, BETTER = "甲乙丙丁戊己庚辛", "甲乙丙丁戊己庚辛壬癸子丑"


@pytest.mark.parametrize(
    ("turns", "text", "read"),
    [
        pytest.param(0, WELL, 6 + 2, id="six-lines-as-they-are-and-upside-down-until-they-read-well"),
        pytest.param(0, BETTER, 4 + 1, id="four-longer-ones"),
        pytest.param(2, WELL, 2 * 6, id="six-lines-both-ways"),
        pytest.param(2, BETTER, 2 * 4, id="four-longer-ones-both-ways"),
    ],
)
def test_a_page_whose_lines_read_well_or_well_upside_down_is_not_tried_on_its_side(turns, text, read):
    settled, reader = settle(stored(turns), Turn(turns, 0.85), MarkedReader(well=(text, 0.95)))
    assert (settled.layout.upright.quarter_turns, settled.sure) == (turns, True)
    assert sum(reader.calls) == read


def test_lines_that_read_well_but_do_not_decide_are_read_upside_down_after_all():
    settled, reader = settle(stored(0), Turn(0, 0.85), MarkedReader(well=(WELL[:7], 0.95), badly=(WELL[:4], 0.95)))
    assert sum(reader.calls) == 2 * (2 * SAMPLE_LINES)
    assert not settled.sure


def test_a_few_lines_each_way_are_enough():
    _, reader = settle(stored(0), Turn(0, 0.5))
    assert sum(reader.calls) <= 2 * (2 * SAMPLE_LINES)


def form_with_text():
    """The form, and rows of text below it, which show that its lines are level."""
    image = np.concatenate([upright_form(), sheet(320)])
    for row in range(500, 740, 60):
        print_text(image, 140, row, 20, seed=row)
    return image


@pytest.mark.parametrize("turns", range(4))
def test_of_a_page_whose_rows_are_level_more_lines_are_read_where_the_first_leave_it_open(turns):
    reader = MarkedReader(well=("甲乙丙", 0.95))
    settled, _ = settle(np.ascontiguousarray(np.rot90(form_with_text(), -turns)), Turn(3, 0.55), reader)
    assert (settled.layout.upright.quarter_turns, settled.sure) == (turns, True)
    assert 2 * SAMPLE_LINES < sum(reader.calls) <= 2 * 9


def test_a_page_whose_rows_are_level_is_not_read_on_its_side():
    settled, reader = settle(form_with_text(), Turn(3, 0.85), MarkedReader(well=("甲", 0.95)))
    assert (settled.layout.upright.quarter_turns, settled.sure) == (0, False)
    assert sum(reader.calls) == 2 * 9


LONG, SHORT = ("目标一保障设备", 0.95), ("一", 1.0)


@pytest.mark.parametrize("turns", range(4))
def test_short_lines_that_read_surely_do_not_hold_a_page_on_its_side(turns):
    """Sideways, pieces of characters pass for numerals: each surer than a long line is, and all together few."""
    told = [SHORT] * 4
    told[turns] = LONG
    settled, _ = settle(upright_form(), Turn(3, 0.71), TurnReader(*told))
    assert (settled.layout.upright.quarter_turns, settled.sure) == (turns, True)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param((SHORT, SHORT, SHORT, SHORT), id="every-way-reads-short-lines-only"),
        pytest.param((("甲乙丙", 0.95), SHORT, SHORT, SHORT), id="one-way-reads-a-few-characters-more"),
        pytest.param((LONG, ("甲乙丙丁", 0.95), SHORT, SHORT), id="another-way-reads-more-than-half-as-many"),
        pytest.param((LONG, LONG, LONG, LONG), id="all-ways-read-alike"),
        pytest.param((SHORT, ("目标一保障设备", 0.85), SHORT, SHORT), id="long-lines-are-read-but-not-clearly"),
        pytest.param(
            (SHORT, ("一一一一一一一", 1.0), SHORT, SHORT), id="dashes-are-read-as-one-character-again-and-again"
        ),
        pytest.param((("", 0.0),) * 4, id="nothing-is-read"),
    ],
)
def test_where_no_way_reads_clearly_best_the_page_stays_as_in_the_file_with_a_doubt(told):
    settled, _ = settle(upright_form(), Turn(2, 0.85), TurnReader(*told))
    assert (settled.layout.upright.quarter_turns, settled.sure) == (0, False)


def test_a_table_without_text_stays_as_in_the_file_with_a_doubt():
    settled, reader = settle(rule(sheet(), Table(rows=(200, 300, 400), cols=(100, 420, 740))), Turn(1, 0.85))
    assert (settled.layout.upright.quarter_turns, settled.sure, reader.calls) == (0, False, [])


@pytest.mark.parametrize(("confidence", "turns", "sure"), [(0.5, 0, False), (0.89, 0, False), (SURE_TURN, 1, True)])
def test_a_page_without_a_table_is_turned_only_by_a_sure_orienter(confidence, turns, sure):
    settled, reader = settle(print_text(sheet(), 200, 300, 20), Turn(1, confidence))
    assert (settled.layout.upright.quarter_turns, settled.sure, reader.calls) == (turns, sure, [])
