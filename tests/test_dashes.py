"""Dashed ruling shows its pace, and is drawn through; text and solid ruling have none."""

import numpy as np
import pytest
from drawing import PX_PER_MM, drawn_form, fill, form, print_text, rule, rule_dashed, sheet
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dashes import LONGEST_GAP, MIN_DASHED_LINES, MIN_DASHES, NO_DASHES, dash_period, drawn_through, filled
from pipeline.ink import separate_ink
from pipeline.ruling import find_ruling_lines

PERIOD_TOLERANCE = 0.1
DPI = (130, 150, 200)


def pattern(text):
    """`#` is ink."""
    return np.array([letter == "#" for letter in text])


def drawn(inked):
    return "".join("#" if ink else "." for ink in inked)


def dashed_row(length, dash, period, begin=0):
    """A (length,) line of dashes from `begin` on; lengths in pixels, whole or not."""
    places = np.arange(length) - begin
    return (places >= 0) & (places % period < dash)


def page_of(rows, width=1200, height=800):
    """A ridge image with (y, row of booleans) lines, and the path of each, as wholly straight lines."""
    ridge, lines = np.zeros((height, width), np.uint8), []
    for y, row in rows:
        ridge[y, : len(row)][row] = 255
        lines.append((np.array([(0.0, y), (len(row) - 1.0, y)]), float(row.mean())))
    return ridge, lines


def dashes_of(image, px_per_mm=PX_PER_MM):
    return find_ruling_lines(separate_ink(image).darkness, px_per_mm).dashes


# --- one line ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "period", "result"),
    [
        ("###..###..###..###", 5, "##################"),
        (".....###..###..###......", 5, "..###################..."),
        ("###..###.......###..###", 5, "########.......########"),
        ("##.###.......##.####", 5, "##.###.......##.####"),
        ("###..###..###", 10, "###..###..###"),
        ("##########", 5, "##########"),
        ("..........", 5, ".........."),
        ("#.........#.........#", 10, "#.........#.........#"),
    ],
    ids=[
        "even dashes",
        "and as far as another line may cut the last gap",
        "a gap of more than a period stays",
        "strokes of no pace",
        "strokes of another pace",
        "solid",
        "blank",
        "gaps of nine tenths of the period",
    ],
)
def test_gaps_at_the_pages_pace_are_inked(line, period, result):
    assert drawn(filled(pattern(line), float(period))) == result


@given(st.lists(st.booleans(), max_size=120), st.floats(2, 60))
def test_ink_is_only_ever_added(line, period):
    inked = np.array(line, bool)
    result = filled(inked, period)
    assert result.shape == inked.shape
    assert (result | inked == result).all()


@given(st.integers(1, 40), st.integers(0, 80), st.integers(0, 80), st.floats(2, 60))
def test_a_solid_stroke_stays_as_it_is(length, before, after, period):
    line = np.r_[np.zeros(before, bool), np.ones(length, bool), np.zeros(after, bool)]
    assert (filled(line, period) == line).all()


@given(st.integers(8, 40), st.floats(0.3, 0.9), st.integers(3, 30), st.integers(0, 30))
def test_dashes_are_drawn_through_from_the_first_to_the_last(period, share, count, begin):
    line = dashed_row(begin + period * count, max(1, round(share * period)), period, begin)
    first, last = np.flatnonzero(line)[[0, -1]]
    assert filled(line, float(period))[first : last + 1].all()


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=12), st.integers(4, 20))
def test_no_gap_longer_than_a_dashed_line_has_is_closed(strokes, period):
    """Nor more than a gap beyond the ends of a run of dashes."""
    line = np.concatenate([[False], *[[True] * ink + [False] * gap for ink, gap in strokes]]).astype(bool)
    result = filled(line, float(period))
    added = np.diff(np.flatnonzero(np.diff(np.r_[False, result & ~line, False])))[::2]
    assert max(added, default=0) <= LONGEST_GAP * period + 1


# --- the pace of a page -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize(("period_mm", "share"), [(1.3, 0.5), (1.5, 0.6), (2.0, 0.5), (3.7, 0.75), (5.0, 0.75)])
def test_the_period_of_dashes_is_found_at_every_resolution(period_mm, share, dpi):
    period = period_mm * dpi / 25.4
    rows = [(y, dashed_row(1100, share * period, period, begin)) for begin, y in enumerate(range(100, 700, 100))]
    found = dash_period(*page_of(rows), dpi / 25.4)
    assert found == pytest.approx(period, rel=PERIOD_TOLERANCE)


@pytest.mark.parametrize(("period_mm", "is_ruling"), [(0.7, False), (1.0, True), (5.4, True), (6.5, False)])
def test_dashes_closer_than_a_printers_or_further_apart_are_no_ruling(period_mm, is_ruling):
    period = period_mm * 200 / 25.4
    rows = [(y, dashed_row(1100, 0.5 * period, period)) for y in range(100, 700, 100)]
    assert (dash_period(*page_of(rows), 200 / 25.4) is not None) == is_ruling


@pytest.mark.parametrize("count", [MIN_DASHED_LINES - 1, MIN_DASHED_LINES])
def test_fewer_dashed_lines_than_a_table_has_show_no_pace(count):
    rows = [(100 * number, dashed_row(1100, 15, 20)) for number in range(1, count + 1)]
    assert (dash_period(*page_of(rows), PX_PER_MM) is None) == (count < MIN_DASHED_LINES)


@pytest.mark.parametrize("dashes", [MIN_DASHES - 1, MIN_DASHES])
def test_a_few_strokes_in_a_row_show_no_pace(dashes):
    rows = [(y, dashed_row(dashes * 20, 15, 20)) for y in range(100, 700, 100)]
    assert (dash_period(*page_of(rows), PX_PER_MM) is None) == (dashes < MIN_DASHES)


def test_dashes_are_a_pages_ruling_only_if_solid_lines_are_not():
    dashed = [(y, dashed_row(1100, 15, 20)) for y in range(100, 500, 100)]
    solid = [(y, np.ones(1100, bool)) for y in range(520, 780, 40)]
    assert dash_period(*page_of(dashed + solid[:3]), PX_PER_MM) == pytest.approx(20, rel=PERIOD_TOLERANCE)
    assert dash_period(*page_of(dashed + solid), PX_PER_MM) is None


def test_lines_that_each_have_a_pace_of_their_own_have_none_together():
    rows = [(100 * number, dashed_row(1100, 4 * number, 8 * number)) for number in range(1, 5)]
    assert dash_period(*page_of(rows), PX_PER_MM) is None


def test_strokes_of_many_lengths_have_no_pace():
    """Like those of characters: the same ones in every row, far from each other."""
    row = np.zeros(1100, bool)
    for begin, length in zip(range(0, 1100, 22), [4, 17, 9, 19, 6, 13, 3, 15, 8, 18] * 5, strict=True):
        row[begin : begin + length] = True
    assert dash_period(*page_of([(y, row) for y in range(100, 700, 100)]), PX_PER_MM) is None


def test_even_strokes_side_by_side_are_a_row_of_text():
    rows = [(y + k, dashed_row(1100, 15, 20)) for y in range(100, 700, 100) for k in (0, 15)]
    assert dash_period(*page_of(rows), PX_PER_MM) is None


def test_a_page_without_lines_has_no_pace():
    assert dash_period(*page_of([]), PX_PER_MM) is None


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dash_mm", "gap_mm"), [(1.0, 0.5), (2.8, 0.9), (2.5, 1.3)])
def test_a_dashed_form_shows_its_pace_in_both_directions(dash_mm, gap_mm):
    period = (dash_mm + gap_mm) * PX_PER_MM
    image = fill(rule_dashed(sheet(), form(), dash_mm, gap_mm), form())
    assert dashes_of(image) == pytest.approx((period, period), rel=PERIOD_TOLERANCE)


def test_text_and_solid_ruling_have_no_pace():
    text = sheet()
    for row in range(14):
        print_text(text, 100, 60 + row * 45, 40, seed=row)
    assert dashes_of(text) == dashes_of(rule(sheet(), form())) == dashes_of(drawn_form()) == NO_DASHES


def test_equal_characters_in_rows_have_no_pace():
    """Like 一一一 and 口口口, row after row."""
    text = sheet()
    for top in range(80, 700, 40):
        for left in range(100, 1000, 22):
            text[top : top + 18, [*range(left, left + 2), *range(left + 16, left + 18)]] = 40
            text[[top, top + 1, top + 16, top + 17], left : left + 18] = 40
    assert dashes_of(text) == NO_DASHES


def test_a_dashed_line_is_drawn_through_along_its_own_path():
    """Three rows thick, since lines are; nothing else changes."""
    row = dashed_row(400, 15, 20)
    ridge, _ = page_of([(50, row), (80, row)], width=400, height=120)
    path = np.array([(0.0, 50.0), (399.0, 50.0)])
    result = drawn_through(ridge, [path], 20.0, PX_PER_MM)
    assert (result[50] == 255).all()
    assert (result[[49, 51]] > 127).all()
    result[49:52] = ridge[49:52]
    assert (result == ridge).all()


def test_a_dashed_line_that_slopes_is_drawn_through():
    x = np.arange(400)
    y = np.rint(40 + x / 20).astype(int)
    ridge = np.zeros((100, 400), np.uint8)
    dashes = dashed_row(400, 15, 20)
    ridge[y[dashes], x[dashes]] = 255
    result = drawn_through(ridge, [np.array([(0.0, 40.0), (400.0, 60.0)])], 20.0, PX_PER_MM)
    assert (result[y, x] > 127).all()
