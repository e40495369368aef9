"""Doubtful lines are read again, the surest reading is kept, and its confidence says how often such texts are right."""

import numpy as np
import pytest
from fake_engines import FakeRecogniser
from hypothesis import given
from hypothesis import strategies as st

from pipeline.elements import Hypothesis
from pipeline.engines.protocols import LineReading, ReducedHeight
from pipeline.recognition.cascade import (
    AGREED,
    DOUBTFUL,
    LOST_CHARACTER,
    LOST_MOST,
    SOFT,
    TIGHT,
    USUAL,
    calibrated,
    choose,
    first_cut,
    read_checked,
    read_once_or_twice,
)
from pipeline.recognition.unread_ink import BESIDE_UNREAD

SURE = FakeRecogniser.reduced_height.confidence
REDUCED = first_cut(FakeRecogniser())
CROP = np.zeros((48, 100, 3), np.uint8)


def said(text, *confidences):
    """A reading with one confidence for all characters, or one for each."""
    each = confidences * len(text) if len(confidences) == 1 else confidences
    return LineReading(text, sum(each) / len(each) if each else 0.0, each)


def read(*told):
    """The checked readings of as many lines as first readings are told, and the cuts and calls that were made."""
    cuts = []

    def cut(index, padding):
        cuts.append((index, padding))
        return CROP

    count = next((place for place, one in enumerate(told) if one is None), len(told))
    recogniser = FakeRecogniser(*(one for one in told if one is not None))
    checked = read_checked(count, cut, recogniser)
    assert recogniser.reduced == [True] + [False] * (len(recogniser.calls) - 1)
    assert recogniser.exact == [call >= 2 for call in range(len(recogniser.calls))]
    return checked, cuts, [len(crops) for crops in recogniser.calls]


def test_crops_that_cannot_be_cut_anew_are_read_low_and_the_unclear_ones_once_more():
    recogniser = FakeRecogniser(("一", SURE), ("目", 0.98), ("三", 0.995), ("日", 0.97))
    crops = [np.full((40, 90, 3), shade, np.uint8) for shade in (1, 2, 3)]
    assert [reading.text for reading in read_once_or_twice(crops, recogniser)] == ["一", "日", "三"]
    assert recogniser.reduced == [True, False]
    assert recogniser.calls[1][0] is crops[1]


def test_crops_that_are_all_clear_are_read_once():
    recogniser = FakeRecogniser(("一", 0.999))
    assert [reading.text for reading in read_once_or_twice([CROP], recogniser)] == ["一"]
    assert recogniser.reduced == [True]


def test_what_is_known_at_the_reduced_height_is_not_read_there_again():
    cuts = []

    def cut(index, padding):
        cuts.append((index, padding))
        return CROP

    recogniser = FakeRecogniser(("一", 0.999), ("目", 0.95))
    known = {1: said("日", 0.7), 2: said("三", 0.999)}
    readings = read_checked(3, cut, recogniser, known=known)
    assert [reading.text for reading in readings] == ["一", "目", "三"]
    assert cuts == [(0, REDUCED), (1, USUAL)]


def in_one_height(*told):
    recogniser = FakeRecogniser(*told)
    recogniser.reduced_height = None
    return recogniser


def test_a_recogniser_of_one_height_reads_crops_once():
    recogniser = in_one_height(("一", 0.5), ("二", 0.999))
    assert [reading.text for reading in read_once_or_twice([CROP, CROP], recogniser)] == ["一", "二"]
    assert recogniser.reduced == [False]


def test_a_recogniser_of_one_height_reads_lines_as_usual_at_first_and_what_is_doubtful_again():
    cuts = []

    def cut(index, padding):
        cuts.append((index, padding))
        return CROP

    recogniser = in_one_height(("一", DOUBTFUL), ("目", 0.6), ("目", AGREED))
    one, two = read_checked(2, cut, recogniser)
    assert (one.text, two.text) == ("一", "目")
    assert cuts == [(0, USUAL), (1, USUAL), (1, SOFT)]
    assert recogniser.reduced == [False, False]
    assert recogniser.exact == [False, True]
    assert first_cut(recogniser) == USUAL


def test_the_first_cut_is_as_much_smaller_as_the_recogniser_can_read():
    recogniser = FakeRecogniser()
    recogniser.line_height, recogniser.reduced_height = 40, ReducedHeight(30, 0.9)
    assert first_cut(recogniser) == USUAL._replace(scale=0.75)


def test_how_sure_is_clear_at_the_reduced_height_the_recogniser_says():
    recogniser = FakeRecogniser(("一", 0.9))
    recogniser.reduced_height = ReducedHeight(32, 0.9)
    assert [reading.text for reading in read_once_or_twice([CROP], recogniser)] == ["一"]
    assert recogniser.reduced == [True]


# --- when lines are read again ----------------------------------------------------------------------------------------


def test_clear_lines_are_read_once_low_and_the_others_once_more_at_their_own_height():
    readings, cuts, calls = read(("一", SURE), ("二", 0.98), ("三", 0.995), None, ("二", DOUBTFUL))
    assert [reading.text for reading in readings] == ["一", "二", "三"]
    assert [reading.confidence for reading in readings] == [calibrated(c, 0) for c in (SURE, DOUBTFUL, 0.995)]
    assert cuts == [(0, REDUCED), (1, REDUCED), (2, REDUCED), (1, USUAL)]
    assert calls == [3, 1]


@pytest.mark.parametrize(("place", "probability", "times"), [((1, 1), 0.3, 2), ((1, 1), 0.29, 1), ((0, 1), 0.4, 1)])
def test_a_low_line_in_which_a_character_was_half_read_where_none_was_is_read_once_more(place, probability, times):
    """Whether another character may stand for one that was read, its own confidence says."""
    lost = LineReading("编印", 0.999, (0.999, 0.999), (Hypothesis(*place, "、", probability),))
    recogniser = FakeRecogniser()
    calls = iter([[lost], [said("编、印", 0.95)]])
    recogniser.read = lambda crops, reduced=False, exact=False: next(calls) if crops else []
    (reading,) = read_checked(1, lambda index, padding: CROP, recogniser)
    assert reading.text == ("编印", "编、印")[times - 1]


def test_what_is_read_low_and_not_surely_counts_for_nothing():
    (reading,), _, _ = read(("目", 0.97), None, ("日", 0.95))
    assert reading[:3] == ("日", calibrated(0.95, 0), ())


def test_only_doubtful_lines_are_read_again_all_in_one_call_until_two_readings_agree():
    low = (("一", 0.5), ("二", SURE), ("三", 0.6), ("四", 0.6))
    usual, soft, tight = (
        [("一", 0.5), ("三", 0.6), ("四", 0.6)],
        [("一", 0.7), ("二", 0.5), ("四", 0.6)],
        [("三", 0.8)] * 2,
    )
    readings, cuts, calls = read(*low, None, *usual, *soft, *tight)
    assert [reading.text for reading in readings] == ["一", "二", "三", "三"]
    assert cuts[4:7] == [(index, USUAL) for index in (0, 2, 3)]
    assert cuts[7:] == [*((index, SOFT) for index in (0, 2, 3)), *((index, TIGHT) for index in (2, 3))]
    assert calls == [4, 3, 3, 2]


@pytest.mark.parametrize(
    ("usual", "times"), [(("一", AGREED), 2), (("一", AGREED - 0.01), 4), (("二", AGREED), 4), (("二", DOUBTFUL), 2)]
)
def test_a_line_read_alike_low_and_fairly_surely_as_usual_is_not_read_again(usual, times):
    _, cuts, _ = read(("一", 0.95), None, usual, ("三", 0.6), ("四", 0.6))
    assert len(cuts) == times


def test_a_line_is_doubtful_if_one_of_its_characters_is():
    recogniser = FakeRecogniser()
    recogniser.read = lambda crops, reduced=False, exact=False: [said("117.06", 1, 1, 1, 0.4, 1, 1)] * len(crops)
    (reading,) = read_checked(1, lambda index, padding: CROP, recogniser)
    assert reading.confidence == calibrated(0.4, 0)


def test_a_line_that_reads_as_nothing_is_read_again():
    (reading,), _, _ = read("", None, "", ("一", 0.95), "")
    assert (reading.text, reading.alternatives) == ("一", ("",))


def test_without_lines_there_are_no_readings():
    assert read()[0] == []


def read_sealed(*told, sealed):
    """The checked readings of two lines, and the indices that were cut with their seal."""
    asked = []

    def cut_sealed(index):
        asked.append(index)
        return CROP if index in sealed else None

    readings = read_checked(2, lambda index, padding: CROP, FakeRecogniser(*told), cut_sealed)
    return readings, asked


def test_only_a_doubtful_line_under_a_seal_is_also_read_with_the_seal():
    doubtful, sure, again = ("请况", 0.65), ("情况", 0.995), ("请况", 0.6)
    (first, second), asked = read_sealed(doubtful, sure, doubtful, again, again, ("情况", 0.95), sealed={0, 1})
    assert asked == [0]
    assert (first.text, first.alternatives) == ("情况", ("请况",))
    assert first.confidence == calibrated(0.95, 3)
    assert second[:3] == ("情况", calibrated(0.995, 0), ())


def test_readings_of_lines_with_and_without_a_seal_are_not_mixed_up():
    told = [*[("甲", 0.6), ("乙", 0.6)] * 3, ("甲", 0.68), ("乙", 0.69), ("甲", 0.66)]
    (first, second), asked = read_sealed(*told, sealed={0})
    assert asked == [0, 1]
    assert (first[:3], second[:3]) == (("甲", calibrated(0.68, 0), ()), ("乙", calibrated(0.69, 0), ()))


# --- which reading is kept --------------------------------------------------------------------------------------------


def test_a_reading_that_is_clearly_surer_is_kept_and_the_others_are_its_alternatives():
    chosen = choose([said("29071", 0.7), said("290.71", 0.9), said("290,71", 0.6)])
    assert chosen.text == "290.71"
    assert chosen.alternatives == ("29071", "290,71")
    assert chosen.confidence == calibrated(0.9, 2)


def test_the_usual_cut_is_trusted_where_another_is_hardly_surer():
    chosen = choose([said("数量指标", 0.93), said("数鼠指标", 0.94)])
    assert (chosen.text, chosen.alternatives) == ("数量指标", ("数鼠指标",))


def test_in_a_long_line_a_small_lead_in_confidence_is_a_clear_one():
    """It is the number of characters expected to be wrong that counts."""
    long = "组织开展专题培训3期，培训人员不少于120人次"
    assert choose([said(long.replace("，", "．"), 0.98), said(long, 0.995)]).text == long


def test_the_same_alternative_is_named_once():
    assert choose([said("甲", 0.9), said("乙", 0.5), said("乙", 0.6)]).alternatives == ("乙",)


def test_readings_that_agree_have_no_alternatives():
    assert choose([said("甲", 0.8), said("甲", 0.7)])[:3] == ("甲", calibrated(0.8, 0), ())


def test_nothing_read_has_no_confidence():
    assert choose([said(""), said("")]) == ("", None, (), ())


# --- what one cut saw and another did not -----------------------------------------------------------------------------


def test_a_line_that_lacks_what_was_seen_at_the_reduced_height_is_read_again():
    (checked,), cuts, _ = read(("≥6套", 0.97), None, ("≥6", 0.98), ("≥6套", 0.99))
    assert [padding for _, padding in cuts] == [REDUCED, USUAL, SOFT]
    assert (checked.text, checked.alternatives) == ("≥6套", ("≥6",))
    assert checked.confidence <= LOST_MOST


def test_it_stays_as_it_was_where_another_cut_does_not_see_it_either():
    (checked,), cuts, _ = read(("≥6套", 0.97), None, ("≥6", 0.98), ("≥6", 0.99))
    assert len(cuts) == 3
    assert (checked.text, checked.confidence) == ("≥6", calibrated(0.99, 0))


@pytest.mark.parametrize(
    "reduced", [(".≥6%", 0.97), ("≥6%,", 0.97), ("≥6%|", 0.97), ("≥6%6", 0.97), ("≥16%", LOST_CHARACTER - 0.1)]
)
def test_marks_that_specks_are_read_as_and_what_was_hardly_seen_are_not_missed(reduced):
    _, cuts, _ = read(reduced, None, ("≥6%", 0.98))
    assert len(cuts) == 2


@pytest.mark.parametrize(
    ("lacking", "whole"), [("122", "1.22"), ("100", "100%"), ("金额万", "金额(万"), ("税", "含税")]
)
def test_a_text_with_all_that_the_usual_cut_saw_and_more_is_kept_but_not_sure(lacking, whole):
    chosen = choose([said(lacking, 0.998), said(whole, 0.99)])
    assert chosen.text == whole
    assert chosen.confidence == LOST_MOST


# --- what a confidence means ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("least_sure", "right"), [(0.5, 0.25), (0.9, 0.82), (0.998, 0.998), (0.0, 0.03), (1.0, 0.998)])
def test_a_confidence_is_the_share_of_such_texts_that_were_right(least_sure, right):
    assert calibrated(least_sure, 0) == pytest.approx(right)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 3))
def test_confidence_grows_with_the_least_sure_character_and_falls_with_each_dissent(one, other, dissenting):
    low, high = sorted((one, other))
    assert 0 < calibrated(low, dissenting) <= calibrated(high, dissenting) < 1
    assert calibrated(low, dissenting + 1) < calibrated(low, dissenting)


def test_a_line_whose_ink_was_not_all_read_is_read_again_and_lands_in_doubt():
    crop = np.full((48, 300, 3), 250, np.uint8)
    crop[12:36, 20:60:2] = crop[12:36, 230:280:2] = 20  # two characters; the second was not read
    recogniser = SeeingRecogniser("税", 40 / 300)
    (reading,) = read_checked(1, lambda index, padding: crop, recogniser)
    assert reading.text == "税"
    assert reading.confidence == calibrated(BESIDE_UNREAD, 0)
    assert len(recogniser.calls) == 4


class SeeingRecogniser(FakeRecogniser):
    """Surely reads the same in every crop, and says where it saw it."""

    def __init__(self, text, place):
        super().__init__(otherwise=text)
        self.place = place

    def _reading(self, index):
        return super()._reading(index)._replace(places=(self.place,))
