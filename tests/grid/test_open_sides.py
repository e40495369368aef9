"""A side that no line draws is where lines end together, or where the scan ends."""

import numpy as np
import pytest
from drawing import PX_PER_MM, px

from pipeline.elements import BBox
from pipeline.grid.candidates import Candidate
from pipeline.grid.contrasts import Contrast
from pipeline.grid.open_sides import (
    CUT_BEYOND_MM,
    CUT_MM,
    CUT_SCORE,
    OPEN_SCORE,
    OPEN_SIDE_MM,
    TOGETHER_MM,
    Side,
    cut_sides,
    open_sides,
    rules_without_columns,
)

HEIGHT, WIDTH = 400, 700
CROSSING = (200.0, 350.0, 500.0)


def lines(*stretches):
    """Candidates that stand below each other, each (begin, end)."""
    return [Candidate(50.0 * n, float(begin), float(end), 1.0) for n, (begin, end) in enumerate(stretches, start=1)]


def open_at(*stretches, places=CROSSING):
    return list(open_sides(lines(*stretches), places, PX_PER_MM))


def contrast(outside=None):
    ridge = np.zeros((HEIGHT, WIDTH), np.uint8)
    return Contrast(ridge, np.zeros(ridge.shape, bool), PX_PER_MM, outside=outside)


def cut_at(*stretches, places=CROSSING, outside=None):
    return list(cut_sides(lines(*stretches), places, contrast(outside)))


# --- lines that end together ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stretch", "sides"),
    [
        ((100, 500), [Side(100.0, OPEN_SCORE)]),
        ((200, 600), [Side(600.0, OPEN_SCORE)]),
        ((100, 600), [Side(100.0, OPEN_SCORE), Side(600.0, OPEN_SCORE)]),
        ((200, 500), []),
    ],
    ids=["left", "right", "both", "none"],
)
def test_a_side_is_open_where_three_lines_end_beyond_the_ones_that_cross_them(stretch, sides):
    assert open_at(stretch, stretch, stretch) == sides


def test_two_lines_show_no_open_side():
    assert open_at((100, 600), (100, 600)) == []


def test_lines_that_do_not_end_together_show_none():
    apart = px(TOGETHER_MM) + 4
    assert open_at((100, 500), (100 - apart, 500), (100 + apart, 500)) == []


def test_a_side_is_where_most_lines_end():
    assert open_at((100, 500), (100, 500), (103, 500), (98, 500)) == [Side(100.0, OPEN_SCORE)]


@pytest.mark.parametrize(("beyond_mm", "found"), [(OPEN_SIDE_MM - 0.5, 0), (OPEN_SIDE_MM + 0.5, 1)])
def test_lines_that_reach_a_little_beyond_a_border_show_none(beyond_mm, found):
    begin = CROSSING[0] - beyond_mm * PX_PER_MM
    assert len(open_at(*[(begin, 500)] * 3)) == found


def test_short_strokes_say_nothing_about_the_side():
    long, short = [(100, 500)] * 4, [(300, 340), (310, 350), (320, 360)]
    assert open_at(*long, *short) == [Side(100.0, OPEN_SCORE)]


def test_where_no_line_crosses_there_is_no_side():
    assert open_at(*[(100, 600)] * 5, places=()) == []


# --- where the scan ends ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stretch", "sides"),
    [
        ((0, 500), [Side(0.0, CUT_SCORE)]),
        ((200, WIDTH), [Side(float(WIDTH), CUT_SCORE)]),
        ((2, WIDTH - 2), [Side(2.0, CUT_SCORE), Side(WIDTH - 2.0, CUT_SCORE)]),
        ((100, 600), []),
        ((px(CUT_MM) + 4, WIDTH - px(CUT_MM) - 4), []),
    ],
    ids=["left", "right", "both", "ends within", "ends just within"],
)
def test_a_table_is_cut_off_where_lines_go_on_to_the_edge_of_the_image(stretch, sides):
    assert cut_at(stretch, stretch, stretch) == sides


def test_one_line_that_goes_on_to_the_edge_is_a_streak():
    assert cut_at((0, 500), (200, 500), (200, 500)) == []
    assert len(cut_at((0, 500), (0, 500), (200, 500))) == 1


def test_fewer_than_two_in_five_lines_that_go_on_to_the_edge_cut_off_nothing():
    assert cut_at(*[(0, 500)] * 2, *[(200, 500)] * 4) == []
    assert len(cut_at(*[(0, 500)] * 2, *[(200, 500)] * 3)) == 1


def test_lines_elsewhere_on_the_page_are_not_asked():
    """They do not reach the table."""
    assert len(cut_at(*[(0, 500)] * 2, *[(600, 650)] * 9)) == 1


@pytest.mark.parametrize(("place_mm", "found"), [(CUT_BEYOND_MM - 0.5, 0), (CUT_BEYOND_MM + 0.5, 1)])
def test_a_border_at_the_edge_of_the_image_is_the_side_itself(place_mm, found):
    assert len(cut_at(*[(0, 500)] * 3, places=(place_mm * PX_PER_MM, 500.0))) == found


def test_where_no_line_crosses_nothing_is_cut_off():
    assert cut_at(*[(0, WIDTH)] * 3, places=()) == []


@pytest.mark.parametrize("lean", [-0.1, 0.1])
def test_the_edge_of_a_skewed_scan_cuts_a_table_off_where_it_leans(lean):
    """Each line ends where the scan does in its own row; the side is the furthest of them."""
    rows, columns = np.indices((HEIGHT, WIDTH))
    edge = 620 + lean * (rows - 100)
    ends = [620 + lean * (50 * n - 100) for n in (1, 2, 3)]
    (side,) = cut_at(*[(200, end) for end in ends], outside=columns > edge)
    assert side == Side(pytest.approx(max(ends)), CUT_SCORE)


def test_lines_that_end_before_the_edge_of_a_skewed_scan_are_not_cut():
    outside = np.zeros((HEIGHT, WIDTH), bool)
    outside[:, 620:] = True
    assert cut_at(*[(200, 600)] * 3, outside=outside) == []
    assert len(cut_at(*[(200, 615)] * 3, outside=outside)) == 1


# --- rules without columns --------------------------------------------------------------------------------------------


def rules(*places, begin=100, end=600):
    return [Candidate(float(place), float(begin), float(end), 1.0) for place in places]


def without_columns(horizontal, tables=()):
    return list(rules_without_columns(horizontal, tables, PX_PER_MM))


def test_three_rules_below_each_other_are_rows_without_columns():
    assert without_columns(rules(100, 160, 220)) == [BBox(100, 100, 600, 220)]


@pytest.mark.parametrize(
    "horizontal",
    [rules(100, 160), rules(100, 160, 220, end=130), rules(100, 160) + rules(220, begin=300), rules(100, 160, 1200)],
    ids=["two", "short ones", "of another width", "far from each other"],
)
def test_other_lines_are_none(horizontal):
    assert without_columns(horizontal) == []


def test_rules_of_a_table_that_was_found_are_none():
    assert without_columns(rules(100, 160, 220), [BBox(100, 100, 600, 220)]) == []
    assert len(without_columns(rules(100, 160, 220), [BBox(100, 400, 600, 500)])) == 1


def test_a_double_rule_counts_once():
    assert without_columns(rules(100, 104, 160)) == []
    assert without_columns(rules(100, 104, 160, 220)) == [BBox(100, 100, 600, 220)]


def test_two_places_on_a_page_are_two():
    found = without_columns(rules(100, 160, 220, end=340) + rules(100, 160, 220, begin=360))
    assert found == [BBox(100, 100, 340, 220), BBox(360, 100, 600, 220)]
