"""Which lines were written by hand follows from each line's ink, and from those of its page that look like it."""

from pipeline.handwriting.line_ink import LineInk
from pipeline.handwriting.pen_or_print import WEIGHTS, ReadInk, own_odds, shared_odds

PRINT = ReadInk(LineInk(24.0, 0.12, 0.32, 0.0, (-0.5,) * 4), "1024", 0.998)
PEN = ReadInk(LineInk(34.0, 0.16, 0.07, 0.06, (-0.4, -0.9, -0.2, -0.7)), "1024", 0.9)


def odds(lines):
    return shared_odds(lines, own_odds(lines))


def test_pen_among_print_is_told():
    found = odds([PRINT] * 12 + [PEN] * 3)
    assert (found[:12] < 0).all()
    assert (found[12:] > 0).all()


def test_a_page_of_print_alone_has_no_handwriting():
    assert (odds([PRINT] * 8) < 0).all()


def test_a_page_filled_in_by_hand_alone_is_handwriting():
    assert (odds([PEN] * 8) > 0).all()


def test_lines_vouch_for_those_that_look_like_them():
    between = PEN._replace(ink=PEN.ink._replace(upright=0.17, uneven=0.02), confidence=0.998)
    alone = odds([PRINT] * 8 + [between])[-1]
    assert odds([PRINT] * 8 + [PEN] * 6 + [between])[-1] > alone


def test_one_line_is_judged_by_itself():
    assert odds([PRINT])[0] < 0 < odds([PEN])[0]


def test_characters_unlike_their_like_on_the_page_speak_for_a_hand():
    same = [PRINT] * 6
    other = PRINT._replace(ink=PRINT.ink._replace(shapes=(-0.9, -0.1, -0.8, -0.2)))
    assert own_odds([*same, other])[-1] > own_odds([*same, PRINT])[-1]


def test_where_characters_touch_their_shapes_say_nothing():
    touching = PRINT._replace(ink=PRINT.ink._replace(shapes=(0.4, -0.2)))
    assert own_odds([PRINT] * 6 + [touching])[-1] == own_odds([PRINT] * 7)[-1]


def test_each_measure_has_its_weight():
    assert len(WEIGHTS) == 10
