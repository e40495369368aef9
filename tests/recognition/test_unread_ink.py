"""Ink that no character reaches makes the characters beside it doubtful, and nothing else does."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.protocols import LineReading
from pipeline.recognition.unread_ink import BESIDE_UNREAD, Shown, doubting_unread_ink

HEIGHT = 48
EM = round(HEIGHT / 1.3)
MARGIN = round(0.3 * EM)
SHOWN = Shown(EM, MARGIN)


def line(count, pitch=EM, *, paper=250, ink=30, drawn=None):
    """A crop with so many square characters of strokes, or with those drawn alone."""
    crop = np.full((HEIGHT, 2 * MARGIN + count * pitch, 3), paper, np.uint8)
    for index in range(count) if drawn is None else drawn:
        left = MARGIN + index * pitch
        for share in (0.2, 0.5, 0.8):
            across, down = left + round(share * pitch), MARGIN + round(share * EM * 0.8)
            cv2.line(crop, (across, MARGIN - 2), (across, HEIGHT - MARGIN + 2), (ink, ink, ink), 2)
            cv2.line(crop, (left + 3, down), (left + pitch - 4, down), (ink, ink, ink), 2)
    return crop


def reading(text, crop, pitch=EM, places=None):
    """A sure reading with each character seen in its middle."""
    middles = [(MARGIN + (index + 0.5) * pitch) / crop.shape[1] for index in places or range(len(text))]
    return LineReading(text, 0.99, (0.99,) * len(text), places=tuple(middles))


def doubted(read, crop, shown=SHOWN):
    """The places in the text of the characters that are in doubt."""
    return [i for i, sure in enumerate(doubting_unread_ink(read, crop, shown).char_confidences) if sure < 0.99]


@given(st.lists(st.integers(0, 7), max_size=7, unique=True))
def test_the_neighbours_of_characters_that_were_passed_over_are_in_doubt(lost):
    crop, left = line(8), [index for index in range(8) if index not in lost]
    read = reading("服务对象满意度指"[: len(left)], crop, places=left)
    beside = {place for place, index in enumerate(left) if {index - 1, index + 1} & set(lost)}
    assert set(doubted(read, crop)) == (beside if left else set())


def test_a_text_that_takes_all_ink_stays_as_it_is():
    crop = line(5)
    read = reading("万元合计数", crop)
    assert doubting_unread_ink(read, crop, SHOWN) is read


def test_a_doubted_character_is_as_likely_wrong_as_right_and_the_line_no_surer_than_its_mean():
    crop = line(3)
    after = doubting_unread_ink(reading("数", crop, places=[2]), crop, SHOWN)
    assert after.char_confidences == (BESIDE_UNREAD,)
    assert after.confidence == BESIDE_UNREAD


def test_a_digit_that_was_passed_over_shows_where_the_others_stand_close():
    pitch = round(0.7 * EM)
    crop = line(6, pitch)
    assert doubted(reading("123456", crop, pitch), crop) == []
    assert doubted(reading("12456", crop, pitch, places=[0, 1, 3, 4, 5]), crop) == [1, 2]


def test_paper_between_characters_is_no_doubt():
    crop = line(6, drawn=[0, 1, 5])
    assert doubted(reading("合计数", crop, places=[0, 1, 5]), crop) == []


def test_specks_and_what_is_left_of_ruling_are_no_characters():
    crop = line(6, drawn=[0, 1])
    cv2.circle(crop, (MARGIN + 4 * EM, HEIGHT // 2), 5, (0, 0, 0), -1)
    cv2.line(crop, (0, 3), (crop.shape[1], 3), (0, 0, 0), 3)
    cv2.line(crop, (4, 0), (4, HEIGHT), (0, 0, 0), 4)
    assert doubted(reading("合计", crop), crop) == []


def test_grain_without_print_is_no_ink():
    rng = np.random.default_rng(5)
    crop = np.repeat(rng.integers(235, 250, (HEIGHT, 200, 1), np.uint8), 3, axis=2)
    assert doubted(reading("合", crop), crop) == []


@pytest.mark.parametrize("text", ["—", "---", "一", "·"])
def test_strokes_alone_say_nothing_of_how_wide_a_character_is(text):
    crop = line(6)
    assert doubted(reading(text, crop), crop) == []


def test_without_places_nothing_is_doubted():
    crop = line(6)
    read = LineReading("合", 0.99, (0.99,))
    assert doubting_unread_ink(read, crop, SHOWN) is read


@given(st.text("合万0aA%—. ", max_size=6), st.integers(0, 60), st.integers(1, 50))
def test_any_text_on_any_crop_is_checked_without_failing(text, width, height):
    rng = np.random.default_rng(width)
    crop = rng.integers(0, 256, (height, width, 3), np.uint8)
    places = tuple((index + 0.5) / max(1, len(text)) for index in range(len(text)))
    read = LineReading(text, 0.9, (0.9,) * len(text), places=places)
    after = doubting_unread_ink(read, crop, Shown(height / 1.3, 0.3 * height))
    assert after.text.replace(" ", "") == text.replace(" ", "")
    assert all(0 < sure <= 0.9 for sure in after.char_confidences)
    assert len(after.char_confidences) == len(after.text)
