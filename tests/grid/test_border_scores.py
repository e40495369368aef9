"""Walls that are drawn from line to line score high; text in their place, and walls with a bare end, do not."""

import cv2
import numpy as np
import pytest
from drawing import PX_PER_MM, px
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dewarp.dashes import Pace
from pipeline.grid.border_scores import (
    ABSENT_IN_FILL,
    ACROSS_FILL,
    BARE_ENDS,
    COVER_MM,
    END_MM,
    FOLLOWED,
    HIDDEN_SCORE,
    SURE_SCORE,
    UNSEEN_IN_FILL,
    WANDER_MM,
    follow_line,
    profile_line,
    runs_on,
    score_cell_borders,
)
from pipeline.grid.candidates import Candidate
from pipeline.grid.contrasts import Contrast
from pipeline.grid.tiling import CELL_BORDER_SCORE

PLACE = 60
CROSSING = (60.0, 200.0, 340.0, 480.0)
FULL = 0.99


def blank(width=540, height=120):
    """A ridge image crossed by lines, which leave no ridge themselves along their direction."""
    return np.zeros((height, width), np.uint8)


def contrast_of(ridge, hidden=None, **known):
    return Contrast(ridge, np.zeros(ridge.shape, bool) if hidden is None else hidden, PX_PER_MM, **known)


def profiles(places, contrast):
    return [profile_line(place, contrast) for place in places]


def stroke(ridge, left, right, *, top=PLACE, thickness=1, strength=255):
    ridge[top : top + thickness, round(left) : round(right)] = strength
    return ridge


def scores(ridge, crossing=CROSSING, place=PLACE, pieces=(), **how):
    return score_cell_borders([profile_line(place, contrast_of(ridge, **how), pieces)], crossing)[0]


def marked(left, right, top=0, bottom=None):
    mask = np.zeros(blank().shape, bool)
    mask[top:bottom, left:right] = True
    return mask


# --- drawn walls ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thickness", [1, 3])
@pytest.mark.parametrize("strength", [190, 255])
def test_a_line_drawn_from_end_to_end_scores_full_marks_in_every_slot(thickness, strength):
    ridge = stroke(blank(), CROSSING[0], CROSSING[-1], thickness=thickness, strength=strength)
    assert scores(ridge) == pytest.approx(1.0)


def test_nothing_drawn_scores_nothing():
    assert scores(blank()).tolist() == [0.0, 0.0, 0.0]


def test_scores_are_those_of_each_place_and_slot():
    ridge = stroke(stroke(blank(), 200, 340, top=30), 60, 200, top=90)
    found = score_cell_borders(profiles([30, 90], contrast_of(ridge)), CROSSING)
    assert found.shape == (2, 3)
    assert (found >= FULL).tolist() == [[False, True, False], [True, False, False]]


def test_a_line_scores_the_same_whatever_it_was_scored_against_before():
    lines = profiles([30, 90], contrast_of(stroke(stroke(blank(), 200, 340, top=30), 60, 200, top=90)))
    first = score_cell_borders(lines, CROSSING)
    score_cell_borders(lines, CROSSING[1:])
    np.testing.assert_array_equal(score_cell_borders(lines, CROSSING), first)


def test_a_profile_keeps_the_place_of_its_line():
    assert [line.place for line in profiles([30.25, 300.0], contrast_of(blank()))] == [30.25, 300.0]


@pytest.mark.parametrize("slot", [(-24.0, 1.0), (-60.0, -30.0), (600.0, 640.0)])
def test_beyond_the_edge_of_the_image_nothing_is_drawn(slot):
    ridge = stroke(blank(), 0, 540, thickness=3)
    assert scores(ridge, crossing=slot).tolist() == [0.0]


def test_no_places_or_no_slots_have_no_scores():
    contrast = contrast_of(blank())
    assert score_cell_borders([], CROSSING).shape == (0, 3)
    assert score_cell_borders(profiles([PLACE, 80], contrast), (100.0,)).shape == (2, 0)


@pytest.mark.parametrize("wander_mm", [-0.3, 0.3])
def test_a_wall_may_lie_beside_its_lines_place(wander_mm):
    ridge = stroke(blank(), CROSSING[0], CROSSING[-1], top=PLACE + px(wander_mm))
    assert scores(ridge) == pytest.approx(1.0)


def test_a_wall_further_off_is_another_line():
    ridge = stroke(blank(), CROSSING[0], CROSSING[-1], top=PLACE + px(WANDER_MM) + 3)
    assert scores(ridge).tolist() == [0.0, 0.0, 0.0]


def test_a_broken_stroke_beside_the_place_of_the_sure_walls_on_the_same_line_is_no_wall():
    """It would be one if it stood alone."""
    beside = stroke(blank(), 200, 340, top=PLACE + px(0.35))
    beside[:, 260 : 260 + px(1.2)] = 0
    assert scores(beside)[1] > CELL_BORDER_SCORE
    joined = stroke(stroke(beside.copy(), 60, 200), 340, 480)
    assert scores(joined)[1] < CELL_BORDER_SCORE
    assert scores(joined)[[0, 2]] == pytest.approx(1.0)


def test_a_wall_lacks_a_little_where_a_blot_or_scratch_cuts_it():
    ridge = stroke(blank(), CROSSING[0], CROSSING[-1])
    ridge[:, 260 : 260 + px(1.2)] = 0
    assert CELL_BORDER_SCORE < scores(ridge)[1] < 1.0
    assert scores(ridge)[[0, 2]] == pytest.approx(1.0)


@given(st.integers(0, 100), st.integers(0, 100))
def test_the_more_of_a_wall_is_missing_the_less_it_scores(first, second):
    """Missing in the middle, where no end is bare."""
    less, more = sorted((first, second))

    def with_gap(length):
        ridge = stroke(blank(), 60, 200)
        ridge[:, 80 : 80 + length] = 0
        return scores(ridge)[0]

    assert with_gap(more) <= with_gap(less) + 1e-9


@given(st.lists(st.tuples(st.integers(0, 539), st.integers(0, 60), st.integers(40, 80)), max_size=20))
def test_scores_are_between_0_and_1(strokes):
    ridge = blank()
    for left, length, top in strokes:
        stroke(ridge, left, left + length, top=top)
    found = scores(ridge)
    assert ((found >= 0) & (found <= 1)).all()


# --- text in the place of a wall --------------------------------------------------------------------------------------


@given(st.floats(0, 8), st.floats(0, 8))
def test_text_clear_of_the_lines_around_it_is_no_wall_even_as_one_stroke_in_the_walls_place(left_mm, right_mm):
    clear = END_MM[1] + 0.3
    ridge = stroke(blank(), 200 + px(clear + left_mm), 340 - px(clear + right_mm))
    assert scores(ridge)[1] < CELL_BORDER_SCORE


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_wall_with_a_bare_end_is_none(side):
    bare = px(END_MM[1] + 0.3)
    ridge = stroke(blank(), 200 + bare, 340) if side == "left" else stroke(blank(), 200, 340 - bare)
    assert scores(ridge)[1] <= BARE_ENDS + 0.01


def test_an_end_that_wore_off_where_lines_cross_is_not_bare():
    worn = px(END_MM[0])
    assert scores(stroke(blank(), 200 + worn, 340 - worn))[1] == pytest.approx(1.0, abs=0.05)


def test_strokes_with_gaps_between_them_are_no_wall_even_from_line_to_line():
    ridge = blank()
    for left in range(200, 340, 20):
        stroke(ridge, left, left + 10)
    stroke(ridge, 330, 340)
    assert scores(ridge)[1] < CELL_BORDER_SCORE


def test_a_vertical_stroke_adds_nothing_to_a_wall():
    ridge = blank()
    ridge[:, 270:273] = 255
    assert scores(ridge)[1] < 0.2


# --- dashes -----------------------------------------------------------------------------------------------------------


def test_dashes_are_a_wall_only_where_the_page_is_dashed():
    ridge = blank()
    for left in range(60, 480, 20):
        stroke(ridge, left, left + 12)
    assert max(scores(ridge)) < CELL_BORDER_SCORE
    assert min(scores(ridge, pace=Pace(20, 5))) > CELL_BORDER_SCORE


def test_a_row_of_text_is_no_wall_on_a_dashed_page_either():
    ridge = blank()
    for left, width in ((215, 8), (231, 13), (252, 4), (266, 11), (290, 9), (304, 14)):
        stroke(ridge, left, left + width)
    assert scores(ridge, pace=Pace(22, 5))[1] < CELL_BORDER_SCORE


def test_strokes_of_stacked_characters_at_the_pace_of_dashes_are_no_wall():
    """Other strokes of the same characters are near on both sides; beside a true wall there may be text on one."""
    ridge = blank()
    for left in range(60, 480, 20):
        stroke(ridge, left, left + 14)
    strokes = ridge > 0
    beside = np.zeros(ridge.shape, bool)
    beside[:, 200:340] = strokes[PLACE, 200:340]
    found = scores(ridge, pace=Pace(20, 6), flanked=beside)
    assert found[1] < CELL_BORDER_SCORE
    assert min(found[[0, 2]]) > FULL


# --- what cannot be seen ----------------------------------------------------------------------------------------------


def test_a_wall_that_cannot_be_seen_is_rather_none_but_doubtful():
    hidden = np.zeros(blank().shape, bool)
    hidden[:, 200:341] = True
    found = scores(stroke(blank(), 60, 200), hidden=hidden)
    assert found[1] == HIDDEN_SCORE
    assert 0.3 < HIDDEN_SCORE < CELL_BORDER_SCORE
    assert found[0] == pytest.approx(1.0)
    assert found[2] == 0.0


def test_a_patch_that_hides_part_of_a_wall_counts_neither_way():
    """The end that it covers counts as inked."""
    hidden = np.zeros(blank().shape, bool)
    hidden[:, 290:350] = True
    assert scores(stroke(blank(), 60, 290), hidden=hidden)[:2] == pytest.approx(1.0)
    assert scores(blank(), hidden=hidden)[1] == 0.0


def test_a_line_that_shows_through_a_dark_patch_is_seen():
    hidden = np.ones(blank().shape, bool)
    assert scores(stroke(blank(), 60, 480), hidden=hidden) == pytest.approx(1.0)


def test_a_rule_that_print_touches_is_seen_where_it_is_clear():
    """Where it is touched it stands out from neither side, but is dark."""
    ridge = stroke(blank(), 60, 480)
    ridge[:, 230:290] = 0
    assert scores(ridge, hidden=marked(230, 290))[1] == pytest.approx(1.0)
    assert scores(ridge)[1] < SURE_SCORE


def test_what_a_seal_hides_is_unseen_and_not_bare():
    ridge = stroke(blank(), 60, 200)
    assert scores(ridge, hidden=marked(195, 345)).tolist() == pytest.approx([1.0, HIDDEN_SCORE, 0.0])


# --- fills ------------------------------------------------------------------------------------------------------------


def in_fill(ridge=None, printed=None):
    """The scores of a line whose middle slot lies in a dark fill."""
    fill = marked(200, 341)
    found = scores(
        stroke(blank(), 60, 200) if ridge is None else ridge,
        hidden=fill,
        filled=fill,
        printed=marked(0, 0) if printed is None else printed,
    )
    assert found[0] == pytest.approx(1.0)
    return found[1]


def test_a_light_rule_in_a_fill_is_seen():
    assert in_fill(stroke(blank(), 60, 341)) == pytest.approx(1.0)


def test_where_a_fill_goes_on_without_a_rule_there_may_be_one():
    assert in_fill() == UNSEEN_IN_FILL
    assert CELL_BORDER_SCORE < UNSEEN_IN_FILL < SURE_SCORE


def test_print_that_runs_across_the_place_says_that_there_is_none():
    assert in_fill(printed=marked(250, 290, PLACE - 5, PLACE + 6)) == ACROSS_FILL < CELL_BORDER_SCORE


def test_print_beside_the_place_and_a_speck_in_it_say_nothing():
    assert in_fill(printed=marked(250, 290, 0, PLACE - 8)) == UNSEEN_IN_FILL
    assert in_fill(printed=marked(250, 253, PLACE - 5, PLACE + 6)) == UNSEEN_IN_FILL


def two_in_fill(*, seen_in_fill):
    """The scores of two lines in a fill: one with a light rule there, or only beside it, and one without."""
    fill = marked(200, 341)
    ridge = stroke(blank(), 200 if seen_in_fill else 60, 340 if seen_in_fill else 200, top=20)
    contrast = contrast_of(ridge, hidden=fill, filled=fill, printed=marked(0, 0))
    return score_cell_borders(profiles([20, 90], contrast), CROSSING)[:, 1].tolist()


def test_where_another_rule_is_seen_in_the_fill_one_that_is_not_is_none():
    assert two_in_fill(seen_in_fill=True) == [pytest.approx(1.0), ABSENT_IN_FILL]
    assert ABSENT_IN_FILL < CELL_BORDER_SCORE


def test_a_rule_that_is_seen_beside_the_fill_says_nothing_of_what_is_in_it():
    assert two_in_fill(seen_in_fill=False) == [UNSEEN_IN_FILL, UNSEEN_IN_FILL]


def test_a_fill_over_a_part_of_a_slot_hides_nothing():
    fill = marked(270, 350)
    assert scores(stroke(blank(), 60, 200), hidden=fill, filled=fill, printed=marked(0, 0))[1] == 0.0


# --- pieces that lie off the line's place -----------------------------------------------------------------------------


def piece(left, right, top, slope=0.0):
    return Candidate(float(top), float(left), float(right), 1.0, slope)


def test_pieces_in_line_that_lie_beside_each_other_are_each_scored_where_they_lie():
    """Rules of two columns that are drawn 0.6 mm apart."""
    apart = PLACE + px(0.6)
    ridge = stroke(stroke(blank(), 60, 200), 200, 480, top=apart)
    pieces = (piece(60, 200, PLACE), piece(200, 480, apart))
    assert scores(ridge)[1:].max() < CELL_BORDER_SCORE
    assert scores(ridge, pieces=pieces) == pytest.approx(1.0)


def test_a_piece_counts_only_where_it_reaches_from_one_crossing_line_to_the_next():
    apart = PLACE + px(0.6)
    short = px(COVER_MM) + 4
    ridge = stroke(blank(), 200 + short, 480, top=apart)
    assert scores(ridge, pieces=(piece(200 + short, 480, apart),)).tolist() == pytest.approx([0.0, 0.0, 1.0])


@pytest.mark.parametrize("slope", [-0.02, 0.02])
def test_a_piece_that_leans_is_scored_along_itself(slope):
    ridge, leaning = blank(), piece(60, 480, PLACE + 8, slope)
    for column in range(60, 480):
        ridge[round(leaning.at(column)), column] = 255
    assert scores(ridge).max() < CELL_BORDER_SCORE
    assert scores(ridge, pieces=(leaning,)) == pytest.approx(1.0)


def test_a_piece_in_its_lines_place_is_no_detour():
    contrast = contrast_of(stroke(blank(), 60, 480))
    assert profile_line(PLACE, contrast, (piece(60, 480, PLACE + 1),)).detours == ()
    assert len(profile_line(PLACE, contrast, (piece(60, 480, PLACE + 2),)).detours) == 1


@pytest.mark.parametrize("assumed", [0.0, 0.95])
def test_a_line_that_is_known_without_being_drawn_scores_at_least_that(assumed):
    line = profile_line(PLACE, contrast_of(stroke(blank(), 60, 200)), assumed=assumed)
    assert score_cell_borders([line], CROSSING)[0].tolist() == pytest.approx([1.0, assumed, assumed])


# --- lines that leave their place -------------------------------------------------------------------------------------


def bent(ridge, left, right, fall):
    """A stroke that begins in the line's place and falls by so many rows to its end."""
    for column in range(left, right):
        ridge[PLACE + round(fall * ((column - left) / (right - left)) ** 2), column] = 255
    return ridge


@pytest.mark.parametrize("fall", [-px(1), px(1)])
def test_a_rule_that_bends_away_alone_is_followed_from_where_it_is_sure(fall):
    ridge = bent(stroke(blank(), 60, 340), 340, 480, fall)
    assert scores(ridge)[2] >= FOLLOWED
    assert scores(ridge[:, ::-1], crossing=[540.0 - x for x in reversed(CROSSING)])[0] >= FOLLOWED
    alone = bent(blank(), 340, 480, fall)
    assert scores(alone)[2] < CELL_BORDER_SCORE


def test_a_row_of_text_behind_a_rule_is_not_followed():
    ridge = stroke(blank(), 60, 345)
    for left, width, top in (
        (352, 12, 1),
        (370, 9, 2),
        (386, 14, 1),
        (405, 10, 3),
        (421, 13, 2),
        (440, 9, 1),
        (456, 12, 2),
    ):
        stroke(ridge, left, left + width, top=PLACE + top)
    assert scores(ridge)[2] < CELL_BORDER_SCORE


def test_what_is_followed_is_the_share_of_the_way_that_is_inked():
    ridge = stroke(blank(), 200, 340)
    assert follow_line(ridge, PLACE, (200, 340), PX_PER_MM) == 1.0
    assert follow_line(ridge, PLACE, (340, 200), PX_PER_MM) == 1.0
    ridge[:, 260:264] = 0
    assert FOLLOWED < follow_line(ridge, PLACE, (200, 340), PX_PER_MM) < 1.0
    ridge[:, 260:280] = 0
    assert follow_line(ridge, PLACE, (200, 340), PX_PER_MM) == 0.0


@pytest.mark.parametrize(("fall_mm", "is_followed"), [(-1.8, True), (1.8, True), (-2.8, False), (2.8, False)])
def test_a_line_that_leaves_its_place_for_good_is_followed_no_further(fall_mm, is_followed):
    found = follow_line(bent(blank(), 60, 480, px(fall_mm)), PLACE, (60, 480), PX_PER_MM)
    assert (found >= FOLLOWED) == is_followed
    assert found == 0.0 or is_followed


def test_on_a_way_without_length_nothing_is_followed():
    ridge = stroke(blank(), 60, 480)
    assert follow_line(ridge, PLACE, (200, 203), PX_PER_MM) == 0.0
    assert follow_line(ridge, PLACE, (600, 700), PX_PER_MM) == 0.0


# --- lines that go on -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "passes"),
    [
        (200, 340, (False, False)),
        (150, 340, (True, False)),
        (200, 390, (False, True)),
        (150, 390, (True, True)),
        (198, 342, (False, False)),
    ],
)
def test_a_line_goes_on_where_ink_lies_beyond_the_crossing_lines(left, right, passes):
    line = profile_line(PLACE, contrast_of(stroke(blank(), left, right)))
    assert runs_on(line, (200, 340)) == passes


@pytest.mark.parametrize("side", [-1, 1])
def test_the_arc_of_a_ring_passes_the_lines_that_it_crosses(side):
    """A ring of 42 mm, 1 mm thick, whose tangent lies in a slot 6 mm wide."""
    ridge = blank()
    radius = px(21)
    cv2.circle(ridge, (270, PLACE + side * radius), radius, 255, px(1))
    middle, half = 270, px(3)
    line = profile_line(PLACE, contrast_of(ridge))
    assert runs_on(line, (middle - half, middle + half)) == (True, True)


def test_a_line_below_the_page_goes_nowhere():
    line = profile_line(300, contrast_of(stroke(blank(), 0, 540)))
    assert runs_on(line, (200, 340)) == (False, False)


def test_what_hides_a_line_beyond_both_ends_is_the_line_going_on():
    """A ring is thick, and straight enough for a ridge only where it passes between two lines."""
    ridge = stroke(blank(), 200, 340)
    ring = marked(170, 199, PLACE + 1, PLACE + 5) | marked(342, 370, PLACE + 1, PLACE + 5)
    assert runs_on(profile_line(PLACE, contrast_of(ridge, ring)), (200, 340)) == (True, True)


@pytest.mark.parametrize("pace", [None, Pace(30.0, 10.0)])
def test_a_line_that_leaves_its_place_is_followed_but_not_among_dashes(pace):
    ridge = stroke(blank(), 60, 200)
    for x in range(200, 340):
        ridge[PLACE + (x - 200) // 14, x] = 255
    (_, bent, _) = scores(ridge, pace=pace)
    assert (bent > CELL_BORDER_SCORE) == (pace is None)
