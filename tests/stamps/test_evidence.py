"""All evidence of a stamp is added up."""

from pipeline.elements import StampColour, StampShape
from pipeline.stamps.evidence import Evidence, stamp_probability

SEAL = Evidence(
    colour=StampColour.RED,
    shape=StampShape.ROUND,
    filled=False,
    words=False,
    own=0.1,
    legible=True,
    says_stamp=False,
    letterhead=False,
    slanted=False,
    uneven=False,
    upon_print=True,
    diameter_mm=40.0,
)
WORDS = SEAL._replace(
    colour=StampColour.BLUE, shape=StampShape.BOX, words=True, says_stamp=True, slanted=True, upon_print=False
)


def test_a_red_seal_with_text_is_surely_a_stamp_and_a_black_one_probably():
    assert stamp_probability(SEAL) > 0.95
    assert 0.6 < stamp_probability(SEAL._replace(colour=StampColour.BLACK)) < 0.95


def test_a_ring_drawn_around_something_is_none():
    assert stamp_probability(SEAL._replace(own=0.0, legible=False)) < 0.4


def test_an_emblem_above_the_text_is_none_unless_it_is_red():
    emblem = SEAL._replace(colour=StampColour.BLACK, letterhead=True)
    assert stamp_probability(emblem) < 0.4
    assert stamp_probability(emblem._replace(colour=StampColour.RED)) > 0.9


def test_a_box_in_which_nothing_is_read_is_less_sure():
    box = SEAL._replace(shape=StampShape.BOX, legible=False)
    assert stamp_probability(box) < stamp_probability(SEAL._replace(legible=False))


def test_a_level_box_in_a_table_may_be_a_cell():
    box = SEAL._replace(shape=StampShape.BOX, colour=StampColour.VIOLET, upon_print=False)
    assert stamp_probability(box._replace(in_table=True)) < stamp_probability(box)
    assert stamp_probability(box._replace(in_table=True, slanted=True)) == stamp_probability(box._replace(slanted=True))


def test_a_small_black_ring_without_text_is_a_pens_loop():
    ring = SEAL._replace(colour=StampColour.BLACK, legible=False)
    assert stamp_probability(ring._replace(diameter_mm=15.0)) < 0.4 < stamp_probability(ring)


def test_coloured_words_are_a_stamp_by_what_they_say_and_by_their_slant_unless_a_hand_wrote_them():
    assert stamp_probability(WORDS) > 0.8
    assert stamp_probability(WORDS._replace(says_stamp=False)) < 0.4
    assert stamp_probability(WORDS._replace(uneven=True)) < 0.5
