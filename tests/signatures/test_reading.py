"""A signature's name and date are told apart, beside each other or one above the other."""

import cv2
import numpy as np
import pytest
from margin_pages import PEN_SHARES, RuleRecogniser, blank, draw_pen, spelled, upright_page

from pipeline.engines.greedy_decoding import CharacterPosterior
from pipeline.engines.protocols import Seen
from pipeline.imaging.geometry import bounding_box
from pipeline.signatures.reading import LETTERS_SURE, NAME_CUTS, SETTLED, _in_letters, _surest_name, read_signature

ROW = ((95.0, 90.0), (300.0, 90.0), (300.0, 162.0), (95.0, 162.0))
PALE = 100
BELOW = ((95.0, 190.0), (300.0, 190.0), (300.0, 262.0), (95.0, 262.0))


class ByCut(RuleRecogniser):
    """Reads the row, which is shown first, as a name, and then each of its cuts as told: a text, and how sure it is."""

    def __init__(self, *readings):
        super().__init__()
        self.readings = [("张三丰", 0.9999), *readings]

    def log_probabilities(self, crop):
        text, sure = self.readings.pop(0)
        return spelled(text, sure=sure)


def test_name_and_date_on_one_row_are_told_apart_at_the_gap():
    page = upright_page(draw_pen(blank(), 100, 100))
    found = read_signature(page, [ROW], RuleRecogniser())
    assert (found.name.text, found.date.text) == ("张三丰", "3.30")
    assert bounding_box(found.name_quad).right < bounding_box(found.date_quad).left
    assert 205 < bounding_box(found.date_quad).left < 240


class Watched(RuleRecogniser):
    """Remembers what it was asked to score."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def log_probabilities(self, line):
        self.asked.append(line)
        return spelled("张三丰3.30", sure=0.9999) if isinstance(line, Seen) else super().log_probabilities(line)


def test_a_row_that_was_read_before_is_scored_by_what_was_seen_then():
    page = upright_page(draw_pen(blank(), 100, 100))
    recogniser, seen = Watched(), Seen(np.zeros((1, 1), np.float32))
    found = read_signature(page, [ROW], recogniser, seen={ROW: seen, BELOW: Seen(np.ones((1, 1), np.float32))})
    assert recogniser.asked[0] is seen
    assert not any(isinstance(line, Seen) for line in recogniser.asked[1:])
    assert (found.name.text, found.date.text) == ("张三丰", "3.30")


def test_quads_are_close_around_the_strokes():
    page = upright_page(draw_pen(blank(), 100, 100))
    box = bounding_box(read_signature(page, [ROW], RuleRecogniser()).name_quad)
    assert (box.left, box.top, box.bottom) == pytest.approx((100, 96, 152), abs=4)


def test_a_date_below_the_name_is_found_in_its_own_row():
    image = draw_pen(blank(), 100, 100)
    cv2.putText(image, "3.30", (110, 240), 0, 1.6, (PALE + 20,) * 3, 3)
    image[90:165, 225:310] = 235  # the first row holds the name alone
    found = read_signature(upright_page(image), [ROW, BELOW], ByRow())
    assert (found.name.text, found.date.text) == ("张三丰", "3.30")
    assert bounding_box(found.date_quad).top > 190


class ByRow(RuleRecogniser):
    """Reads what is written darkly as a name, what is pale as a date."""

    def log_probabilities(self, crop):
        return spelled("3.30" if crop.min() > PALE else "张三丰", sure=0.9999)


def test_a_name_without_a_date_has_none():
    page = upright_page(draw_pen(blank(), 100, 100))
    found = read_signature(page, [ROW], ByCut(("张三丰", 0.9), ("张三丰", 0.8), ("张三", 0.7)))
    assert (found.name.text, found.date, found.date_quad) == ("张三丰", None, None)


def test_the_surest_of_several_readings_is_the_name_and_the_others_are_kept():
    page = upright_page(draw_pen(blank(), 100, 100))
    found = read_signature(page, [ROW], ByCut(("张县", 0.7), ("张三", 0.95), ("张", 0.5)))
    assert [candidate.name for candidate in found.name.candidates] == ["张三", "张县", "张"]
    assert found.name.confidence == found.name.candidates[0].score < 0.95


def test_names_of_a_roster_are_compared_with_what_the_recogniser_saw():
    page = upright_page(draw_pen(blank(), 100, 100))
    readings = (("张三", 0.99), ("张三丰", 0.98), ("张三丰", 0.97))
    found = read_signature(page, [ROW], ByCut(*readings), ("某三丰", "张三丰", "某"))
    assert found.name.text == "张三"
    assert [match.name for match in found.matches] == ["张三丰", "某三丰", "某"]
    assert found.matches[0].probability > 0.9
    assert found.matches[1].probability < 0.05
    assert read_signature(page, [ROW], ByCut(*readings)).matches == ()


def test_marks_and_digits_are_no_part_of_a_name():
    page = upright_page(draw_pen(blank(), 100, 100))
    found = read_signature(page, [ROW], ByCut(("。张3三.", 0.9), ("", 0.9), ("12", 0.9)))
    assert [candidate.name for candidate in found.name.candidates] == ["张三"]


def read_as(text, probability=0.9):
    return [CharacterPosterior(character, 0.5, probability) for character in text]


def test_a_long_name_keeps_its_dot():
    names = _surest_name([read_as("马哈木提·买买提"), read_as("马哈木提买买提", 0.8), read_as("马.买", 0.7)])
    assert [candidate.name for candidate in names.candidates] == ["马哈木提·买买提", "马哈木提买买提", "马买"]


def test_a_name_in_latin_letters_is_kept_with_little_confidence():
    found = _in_letters([read_as("Moira Wallace", 0.99), read_as("Moira 人Wall"), read_as("..3")])
    assert found == (
        "Moira Wallace",
        LETTERS_SURE,
        (("Moira Wallace", LETTERS_SURE), ("Moira  Wall", pytest.approx(0.5))),
    )


@pytest.mark.parametrize("text", ["张三丰", "Mr 张三丰", "3.30", "AB", ""])
def test_what_is_not_in_letters_is_no_name_in_letters(text):
    assert _in_letters([read_as(text)] * 3) is None


def test_a_lone_date_has_no_name():
    page = upright_page(draw_pen(blank(), 100, 100))
    found = read_signature(page, [ROW], RuleRecogniser(short="3.30"))
    assert (found.name, found.name_quad, found.date.text) == (None, None, "3.30")


class Widths(RuleRecogniser):
    """Remembers how wide the crops are, in their heights, of which probabilities are asked."""

    def __init__(self):
        super().__init__()
        self.widths = []

    def log_probabilities(self, crop):
        self.widths.append(crop.shape[1] / crop.shape[0])
        return super().log_probabilities(crop)


class Shown(ByCut):
    """Remembers the crops of which probabilities are asked."""

    def __init__(self):
        super().__init__(*[("张三丰", 0.9)] * len(NAME_CUTS))
        self.crops = []

    def log_probabilities(self, crop):
        self.crops.append(crop)
        return super().log_probabilities(crop)


def test_the_cuts_of_a_name_show_nothing_that_is_written_beside_it():
    alone, beside = Shown(), Shown()
    image = draw_pen(blank(), 100, 100)
    read_signature(upright_page(image), [ROW], alone)
    cv2.line(image, (0, 80), (400, 80), (40, 40, 40), 3)
    read_signature(upright_page(image), [ROW], beside)
    shown = [crop.shape[0] / 72 for crop in alone.crops[1:]]
    assert shown == pytest.approx([1.1, 1.7, 1.4], abs=0.03)
    assert all(np.array_equal(a, b) for a, b in zip(alone.crops, beside.crops, strict=True))


def test_a_date_is_read_alone_and_with_the_end_of_the_name_as_it_is_and_widened():
    recogniser = Widths()
    read_signature(upright_page(draw_pen(blank(), 100, 100)), [ROW], recogniser)
    _, alone, alone_widened, with_end, with_end_widened, *_ = recogniser.widths
    assert with_end_widened / with_end == pytest.approx(1.5, rel=0.02)
    assert alone_widened / alone == pytest.approx(2.0, rel=0.2)
    assert with_end - alone == pytest.approx(0.6 / 1.4, rel=0.05)


class Told(RuleRecogniser):
    """Reads a row of name and date, then each of its cuts as told, surely; remembers how many it was shown."""

    def __init__(self, *cuts):
        super().__init__()
        self.cuts = list(cuts)
        self.shown = 0

    def log_probabilities(self, crop):
        self.shown += 1
        if self.shown == 1:
            return spelled("张三丰3.30", sure=0.9999, shares=PEN_SHARES)
        return spelled(self.cuts.pop(0), sure=0.9999)


def test_a_date_of_which_its_line_and_one_cut_are_sure_is_settled():
    recogniser = Told("3.30", *["张三丰"] * len(NAME_CUTS))
    found = read_signature(upright_page(draw_pen(blank(), 100, 100)), [ROW], recogniser)
    assert (found.name.text, found.date.text) == ("张三丰", "3.30")
    assert found.date.confidence >= SETTLED
    assert recogniser.shown == 2 + len(NAME_CUTS)


def test_a_date_that_its_line_and_one_cut_show_otherwise_is_cut_again():
    recogniser = Told("3.20", "3.30", "3.30", "3.30", *["张三丰"] * len(NAME_CUTS))
    found = read_signature(upright_page(draw_pen(blank(), 100, 100)), [ROW], recogniser)
    assert found.date.text == "3.30"
    assert recogniser.shown == 5 + len(NAME_CUTS)
