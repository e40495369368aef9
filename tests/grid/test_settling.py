"""Lines become tables of their own, without what only looks like their ruling."""

import numpy as np
import pytest
from drawing import PX_PER_MM, px

from pipeline.elements import BBox
from pipeline.grid.border_scores import profile_line
from pipeline.grid.contrasts import Contrast
from pipeline.grid.settling import GAP_SLOT_MM, STREAK_MM, THIN_MM, RuledArea, settle
from pipeline.grid.tiling import CELL_BORDER_SCORE

HEIGHT, WIDTH = 500, 700
FULL = 255
PALE = 130


def strokes(lines, length, across):
    """A ridge image of horizontal lines: their places, each with stretches (begin, end) or (begin, end, strength)."""
    ridge = np.zeros((across, length), np.uint8)
    for place, stretches in lines.items():
        for begin, end, *strength in stretches:
            ridge[round(place) - 1 : round(place) + 2, round(begin) : round(end) + 1] = (
                strength[0] if strength else FULL
            )
    return Contrast(ridge, np.zeros(ridge.shape, bool), PX_PER_MM)


def settled(rows, cols, open_rows=(), open_cols=()):
    """The places of rows and columns of the tables that lines make; open ones are drawn nowhere."""
    return [(area.rows, area.cols) for area in areas(rows, cols, open_rows, open_cols)]


def areas(rows, cols, open_rows=(), open_cols=()):
    across, down = strokes(rows, WIDTH, HEIGHT), strokes(cols, HEIGHT, WIDTH)
    lines = [
        sorted(
            [
                *(profile_line(float(place), contrast) for place in drawn),
                *(profile_line(float(place), contrast, assumed=0.0) for place in assumed),
            ],
            key=lambda line: line.place,
        )
        for drawn, assumed, contrast in ((rows, open_rows, across), (cols, open_cols, down))
    ]
    return settle(*lines, across, down)


def grid(rows, cols):
    """Lines of a table that are all drawn from border to border."""
    return {y: [(cols[0], cols[-1])] for y in rows}, {x: [(rows[0], rows[-1])] for x in cols}


ROWS, COLS = (100, 160, 220, 280), (120, 260, 400, 540)
TABLE = (tuple(map(float, ROWS)), tuple(map(float, COLS)))


# --- one table --------------------------------------------------------------------------------------------------------


def test_lines_drawn_from_border_to_border_are_one_table():
    (area,) = areas(*grid(ROWS, COLS))
    assert (area.rows, area.cols) == TABLE
    assert min(area.horizontal.min(), area.vertical.min()) > 0.95
    assert area.box == BBox(120, 100, 540, 280)


def test_no_lines_or_lines_of_one_direction_are_no_table():
    assert settled({}, {}) == []
    assert settled(grid(ROWS, COLS)[0], {}) == []


def test_a_stroke_that_fills_no_slot_is_dropped():
    rows, cols = grid(ROWS, COLS)
    assert settled(rows | {190: [(280, 380)]}, cols) == [TABLE]


def test_a_line_in_one_slot_from_wall_to_wall_stays_and_one_that_passes_the_walls_goes():
    rows, cols = grid(ROWS, COLS)
    assert settled(rows | {190: [(260, 400)]}, cols)[0][0] == (100, 160, 190, 220, 280)
    assert settled(rows | {190: [(225, 435)]}, cols) == [TABLE]


def test_strokes_of_a_title_above_the_table_are_no_row():
    rows, cols = grid(ROWS, COLS)
    assert settled(rows | {80: [(262, 398)]}, cols) == [TABLE]


# --- streaks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strength", [PALE, FULL])
def test_a_streak_over_all_of_the_page_is_no_line(strength):
    rows, cols = grid(ROWS, COLS)
    assert settled(rows, cols | {330: [(0, HEIGHT, strength)]}) == [TABLE]
    assert settled(rows | {190: [(0, WIDTH, strength)]}, cols) == [TABLE]


@pytest.mark.parametrize("ends", [(100, 280), (0, 280), (100, HEIGHT)], ids=["at both", "below", "above"])
def test_a_divider_that_ends_at_the_border_of_the_table_stays(ends):
    rows, cols = grid(ROWS, COLS)
    assert settled(rows, cols | {330: [ends]}) == [(TABLE[0], (120, 260, 330, 400, 540))]


def test_near_the_edges_of_the_page_no_streak_can_be_told():
    places = (px(STREAK_MM) - 4, 160, 220, 280)
    rows, cols = grid(places, COLS)
    assert settled(rows, cols | {330: [(0, HEIGHT)]}) == [(places, (120, 260, 330, 400, 540))]


def test_lines_that_all_run_on_are_no_streaks():
    rows, cols = grid(ROWS, COLS)
    on = {x: [(0, HEIGHT)] for x in COLS[1:-1]}
    assert settled(rows, cols | on) == [TABLE]


# --- frames and double borders ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("away_mm", [2.5, 4.0, 8.0])
def test_a_frame_that_no_line_of_the_table_touches_is_peeled_off(away_mm):
    away = px(away_mm)
    top, bottom, left, right = 100 - away, 280 + away, 120 - away, 540 + away
    rows, cols = grid(ROWS, COLS)
    frame_rows = {y: [(left, right)] for y in (top, bottom)}
    frame_cols = {x: [(top, bottom)] for x in (left, right)}
    assert settled(rows | frame_rows, cols | frame_cols) == [TABLE]


def test_a_border_that_the_lines_of_the_table_touch_is_none():
    rows, cols = grid((60, *ROWS, 320), (80, *COLS, 580))
    assert settled(rows, cols) == [((60, *TABLE[0], 320), (80, *TABLE[1], 580))]


@pytest.mark.parametrize("gap_mm", [1.4, 2.0, THIN_MM - 0.2])
@pytest.mark.parametrize("sides", [("top", "bottom"), ("left", "right"), ("top",), ("right",)])
def test_the_outer_line_of_a_double_border_is_none(sides, gap_mm):
    gap = px(gap_mm)
    outer = {"top": 100 - gap, "bottom": 280 + gap, "left": 120 - gap, "right": 540 + gap}
    rows, cols = grid(ROWS, COLS)
    rows |= {outer[side]: [(120, 540)] for side in sides if side in ("top", "bottom")}
    cols |= {outer[side]: [(100, 280)] for side in sides if side in ("left", "right")}
    assert settled(rows, cols) == [TABLE]


def test_a_row_high_enough_for_text_is_no_double_border():
    rows, cols = grid((100 - px(THIN_MM) - 2, *ROWS), COLS)
    assert settled(rows, cols)[0][0] == (100 - px(THIN_MM) - 2, *ROWS)


# --- several tables ---------------------------------------------------------------------------------------------------


def beside(rows, left, right, right_rows=None):
    """Lines of two tables side by side."""
    one, other = grid(rows, left), grid(right_rows or rows, right)
    places = sorted({*one[0], *other[0]})
    return {y: [*one[0].get(y, []), *other[0].get(y, [])] for y in places}, one[1] | other[1]


@pytest.mark.parametrize("gap_mm", [3.8, 6.0, GAP_SLOT_MM - 1])
def test_two_tables_side_by_side_with_all_rows_in_line_are_two(gap_mm):
    left, right = (100, 180, 260), (260 + px(gap_mm), 420, 560)
    assert settled(*beside(ROWS, left, right)) == [(ROWS, left), (ROWS, right)]


def test_two_tables_side_by_side_with_one_row_in_line_are_two_with_their_own_rows():
    left, right = (100, 180, 260), (260 + px(3.8), 420, 560)
    theirs = (130, 160, 250, 340)
    assert settled(*beside(ROWS, left, right, theirs)) == [(ROWS, left), (theirs, right)]


@pytest.mark.parametrize("gap_mm", [3.8, GAP_SLOT_MM - 1])
def test_stacked_tables_with_all_columns_in_line_are_two(gap_mm):
    below = tuple(280 + px(gap_mm) + step for step in (0, 60, 120))
    upper, lower = grid(ROWS, COLS), grid(below, COLS)
    cols = {x: [*upper[1][x], *lower[1][x]] for x in COLS}
    assert settled(upper[0] | lower[0], cols) == [(ROWS, COLS), (below, COLS)]


def test_a_gap_that_one_line_bridges_is_a_row_of_the_table():
    below = tuple(280 + px(6) + step for step in (0, 60, 120))
    upper, lower = grid(ROWS, COLS), grid(below, COLS)
    cols = {x: [*upper[1][x], *lower[1][x]] for x in COLS} | {120: [(100, below[-1])]}
    assert settled(upper[0] | lower[0], cols) == [((*ROWS, *below), COLS)]


def test_a_row_across_all_of_a_table_with_open_sides_parts_it_not():
    """No line crosses the row, and nothing is drawn at its ends; nor is there beside the other rows."""
    rows = {y: [(120, 540)] for y in ROWS}
    cols = {x: [(100, 160), (220, 280)] for x in COLS[1:-1]}
    (area,) = areas(rows, cols, open_cols=(120, 540))
    assert (area.rows, area.cols) == TABLE
    drawn = np.array([[0, 1, 1, 0], [0, 0, 0, 0], [0, 1, 1, 0]], bool)
    assert (area.vertical[drawn] > 0.95).all()
    assert (area.vertical[~drawn] < CELL_BORDER_SCORE).all()
    assert area.horizontal.min() > 0.95


def test_an_open_side_stays_with_nothing_drawn_there():
    rows, cols = grid(ROWS, COLS)
    del cols[540]
    assert settled(rows, cols, open_cols=(540,)) == [TABLE]
    assert settled(rows, cols) == [(TABLE[0], TABLE[1][:-1])]


# --- what a table divides ---------------------------------------------------------------------------------------------


def test_a_box_within_a_cell_is_divided_by_no_border_and_one_across_it_is():
    (area,) = areas(*grid(ROWS, COLS))
    assert not area.divides(BBox(130, 105, 250, 155))
    assert area.divides(BBox(130, 105, 270, 155))
    assert area.divides(BBox(130, 105, 250, 165))


def test_a_border_that_is_not_drawn_divides_nothing():
    area = RuledArea(
        (0.0, 50.0, 100.0),
        (0.0, 50.0, 100.0),
        np.array([[1.0, 1], [0, 0], [1, 1]]),
        np.array([[1.0, 0, 1]] * 2),
        *[None] * 2,
    )
    assert not area.divides(BBox(10, 10, 90, 90))


@pytest.mark.parametrize(("rows", "cols", "is_box"), [((0, 9), (0, 9), True), ((0, 5, 9), (0, 9), False)])
def test_a_box_is_a_single_cell(rows, cols, is_box):
    scores = np.ones((len(rows), len(cols) - 1)), np.ones((len(rows) - 1, len(cols)))
    assert RuledArea(rows, cols, *scores, None, None).is_box == is_box


# --- high rows --------------------------------------------------------------------------------------------------------


def worn_divider_scores(height, gap):
    """How a divider that lacks a piece in its middle is scored in a row of this height, and in a whole one below it."""
    rows = (100, 100 + height, 100 + 2 * height)
    level, upright = grid(rows, COLS)
    left = (height - gap) / 2
    upright[COLS[1]] = [(rows[0], rows[0] + left), (rows[1] - left, rows[2])]
    (area,) = areas(level, upright)
    return area.vertical[:, 1]


def test_a_worn_divider_counts_for_more_in_a_row_higher_than_a_character():
    """In low rows strokes of characters are as long as what is left of it there."""
    worn_low, whole_low = worn_divider_scores(px(6), px(1.9))
    worn_high, whole_high = worn_divider_scores(px(8), px(1.9))
    assert worn_low < CELL_BORDER_SCORE < worn_high
    assert whole_low == whole_high == 1.0


# --- second strokes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("apart_mm", "lines"), [(1.7, 4), (4.0, 5)])
def test_a_short_line_beside_a_longer_one_is_its_second_stroke_if_no_text_fits_between(apart_mm, lines):
    level, upright = grid(ROWS, COLS)
    upright[COLS[1] + px(apart_mm)] = [(ROWS[0], ROWS[1])]
    (area,) = areas(level, upright)
    assert len(area.cols) == lines


def test_two_lines_as_long_as_each_other_are_both_kept_however_near():
    """As in the combs of narrow columns into which digits are written."""
    level, upright = grid(ROWS, (*COLS[:2], COLS[1] + px(2.0), *COLS[2:]))
    (area,) = areas(level, upright)
    assert len(area.cols) == 5
