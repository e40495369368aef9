"""Which way up a page is, by its looks: the orienter, asked of the page and of its parts, and the way its rows run."""

import cv2
import numpy as np
import pytest
from fake_engines import SteadyOrienter
from scaled_pages import A4_PAGES, page

from pipeline.dewarp.orienting import ALL_TURNS, PARTS, PARTS_OF_LONG, SURE_TURN, find_turn, row_direction
from pipeline.elements import Axis
from pipeline.engines import Turn

UNSURE = 0.8
UPRIGHT = {"dev-t07-turned": 1}
"""How many quarter turns counter-clockwise make a page upright that is stored turned."""


def turned(image, turns):
    """An image as a scanner that had it turned clockwise by so many quarters would store it."""
    return np.ascontiguousarray(np.rot90(image, -turns))


def written(lines, height=900, width=1200):
    """A page of lines in Latin letters and digits."""
    image = np.full((height, width, 3), 255, np.uint8)
    for row, text in enumerate(lines):
        cv2.putText(image, text, (60, 80 + 40 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (30, 30, 30), 2, cv2.LINE_AA)
    return image


LATIN = written(["Name of the person and of the unit", "Address, city, country"] * 8)
DIGITS = written(["1234.50    88.10    7,046", "2019-05-31    16:04    -12.7"] * 8)
PRINT = written(["Name of the person and of the unit", "1234.50  88.10  7,046"] * 8)
LONG_PRINT = PRINT[:560]


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("image", [LATIN, DIGITS], ids=["latin", "digits"])
def test_rows_of_any_script_run_across_an_upright_page_and_down_one_on_its_side(image, turns):
    assert row_direction(turned(image, turns)) is (Axis.VERTICAL if turns % 2 else Axis.HORIZONTAL)


@pytest.mark.parametrize("scale", [0.5, 1.0])
@pytest.mark.parametrize("name", A4_PAGES)
def test_rows_of_forms_are_told_whatever_their_condition_and_size(name, scale):
    image = turned(page(name), -UPRIGHT.get(name, 0))
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)

    assert row_direction(image) is Axis.HORIZONTAL
    assert row_direction(turned(image, 1)) is Axis.VERTICAL


def test_white_rows_on_black_run_as_black_on_white():
    assert row_direction(cv2.bitwise_not(LATIN)) is Axis.HORIZONTAL


def test_a_page_without_print_has_no_rows():
    ruled = np.full((900, 1200, 3), 255, np.uint8)
    ruled[100:800:50] = 0

    assert row_direction(np.full((900, 1200, 3), 255, np.uint8)) is None
    assert row_direction(ruled) is None


def test_characters_as_far_apart_each_way_run_neither_way():
    image = np.full((900, 900, 3), 255, np.uint8)
    for y in range(60, 860, 60):
        for x in range(40, 860, 60):
            cv2.putText(image, "8", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2)

    assert row_direction(image) is None


def test_a_sure_orienter_is_asked_of_a_sheet_as_a_whole_alone():
    orienter = SteadyOrienter(Turn(1, SURE_TURN), of_parts=Turn(0, 1.0))

    assert find_turn(turned(PRINT, 1), orienter) == (Turn(1, SURE_TURN), ())
    assert len(orienter.shown) == 1


def test_a_sure_orienter_is_followed_on_a_long_page_whose_rows_agree():
    orienter = SteadyOrienter(Turn(3, SURE_TURN))

    assert find_turn(turned(LONG_PRINT, 3), orienter) == (Turn(3, SURE_TURN), ())
    assert len(orienter.shown) == 1


def test_a_sure_orienter_that_rows_contradict_on_a_long_page_is_overruled_by_its_parts():
    orienter = SteadyOrienter(Turn(1, 0.92), of_parts=Turn(2, 0.9))

    found = find_turn(turned(LONG_PRINT, 2), orienter)

    assert (found.turn.quarter_turns, found.open_turns) == (2, ())
    assert 1 < len(orienter.shown) <= 1 + PARTS * PARTS_OF_LONG


@pytest.mark.parametrize("turns", range(4))
def test_an_unsure_orienter_is_followed_where_its_parts_and_the_rows_agree(turns):
    orienter = SteadyOrienter(Turn(turns, 0.6), of_parts=Turn(turns, 0.9))

    assert find_turn(turned(PRINT, turns), orienter) == (Turn(turns, 0.6), ())
    assert 1 < len(orienter.shown) <= 1 + PARTS * PARTS


def test_no_more_parts_are_looked_at_than_decide():
    sure, contradicted = (SteadyOrienter(Turn(2, 0.6), of_parts=Turn(turns, 1.0)) for turns in (2, 1))

    assert find_turn(turned(PRINT, 2), sure) == (Turn(2, 0.6), ())
    find_turn(turned(PRINT, 2), contradicted)

    assert len(sure.shown) == 1 + PARTS * PARTS - 2  # two parts more would not be a third of seven
    assert len(contradicted.shown) == 1 + PARTS * PARTS


def test_parts_that_rows_contradict_leave_a_level_page_as_it_is_with_two_ways_open():
    orienter = SteadyOrienter(Turn(1, UNSURE), of_parts=Turn(1, 0.95))

    assert find_turn(PRINT, orienter) == (Turn(0, UNSURE), (0, 2))


@pytest.mark.parametrize(("told", "turns"), [(1, 1), (3, 3)])
def test_a_page_on_its_side_is_laid_level_though_which_way_up_stays_open(told, turns):
    orienter = SteadyOrienter(Turn(told, 0.55), of_parts=Turn(told, 0.55))

    assert find_turn(turned(PRINT, 1), orienter) == (Turn(turns, 0.55), (0, 2))


def test_parts_of_which_it_is_not_sure_do_not_count():
    orienter = SteadyOrienter(Turn(2, UNSURE), of_parts=Turn(2, 0.5))

    assert find_turn(turned(PRINT, 2), orienter).open_turns == (0, 2)


@pytest.mark.parametrize("confidence", [0.3, 0.89])
def test_a_page_without_print_stays_as_it_is_with_all_ways_open(confidence):
    blank = np.full((900, 1200, 3), 255, np.uint8)

    assert find_turn(blank, SteadyOrienter(Turn(1, confidence))) == (Turn(0, confidence), ALL_TURNS)


def test_a_page_of_any_size_has_some_turn():
    for shape in ((1, 1, 3), (3, 400, 3), (400, 3, 3)):
        assert find_turn(np.full(shape, 200, np.uint8), SteadyOrienter(Turn(0, 0.4))).turn.quarter_turns == 0
