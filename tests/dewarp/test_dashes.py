"""Dashed ruling shows its pace, and is drawn through; text and solid ruling have none."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import PX_PER_MM, Table, drawn_form, fill, form, print_text, rule, rule_dashed, sheet
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.dewarp.dashes import (
    MIN_DASHED_LINES,
    MIN_DASHES,
    NO_DASHES,
    Pace,
    TracedLine,
    drawn_through,
    filled,
    find_pace,
)
from pipeline.dewarp.tracing import find_ruling_lines
from pipeline.ink.separation import separate_ink

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
        lines.append(TracedLine(np.array([(0.0, y), (len(row) - 1.0, y)]), float(row.mean())))
    return ridge, lines


def dashes_of(image, px_per_mm=PX_PER_MM):
    return find_ruling_lines(separate_ink(image).darkness, px_per_mm).dashes


# --- one line ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "pace", "result"),
    [
        ("###..###..###..###", Pace(5, 2), "##################"),
        (".....###..###..###......", Pace(5, 2), "..###################..."),
        ("###..###.......###..###", Pace(5, 2), "########.......########"),
        ("##.###.......##.####", Pace(5, 2), "##.###.......##.####"),
        ("###..###..###", Pace(10, 4), "###..###..###"),
        ("##########", Pace(5, 2), "##########"),
        ("..........", Pace(5, 2), ".........."),
        ("#.........#.........#", Pace(10, 9), "#.........#.........#"),
        ("####......####......####", Pace(10, 3), "####......####......####"),
        ("######....######....######", Pace(10, 3), "##########################"),
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
        "gaps of twice the page's",
        "gaps worn by a third",
    ],
)
def test_gaps_at_the_pages_pace_are_inked(line, pace, result):
    assert drawn(filled(pattern(line), pace)) == result


@given(st.lists(st.booleans(), max_size=120), st.floats(2, 60), st.floats(0.1, 0.8))
def test_ink_is_only_ever_added(line, period, share):
    inked = np.array(line, bool)
    result = filled(inked, Pace(period, share * period))
    assert result.shape == inked.shape
    assert (result | inked == result).all()


@given(st.integers(1, 40), st.integers(0, 80), st.integers(0, 80), st.floats(2, 60))
def test_a_solid_stroke_stays_as_it_is(length, before, after, period):
    line = np.r_[np.zeros(before, bool), np.ones(length, bool), np.zeros(after, bool)]
    assert (filled(line, Pace(period, period / 2)) == line).all()


@given(st.integers(8, 40), st.floats(0.3, 0.9), st.integers(3, 30), st.integers(0, 30))
def test_dashes_are_drawn_through_from_the_first_to_the_last(period, share, count, begin):
    dash = max(1, round(share * period))
    line = dashed_row(begin + period * count, dash, period, begin)
    first, last = np.flatnonzero(line)[[0, -1]]
    assert filled(line, Pace(period, period - dash))[first : last + 1].all()


@example([(1, 13), (1, 13), (1, 15), (1, 13), (1, 13), (1, 1)], 17, 0.5)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=12), st.integers(4, 20), st.floats(0.1, 0.8)
)
def test_no_gap_longer_than_a_dashed_line_has_is_closed(strokes, period, share):
    """Nor more than a gap beyond the ends of a run of dashes, from both sides where two of them face each other."""
    line = np.concatenate([[False], *[[True] * ink + [False] * gap for ink, gap in strokes]]).astype(bool)
    pace = Pace(period, share * period)
    result = filled(line, pace)
    edges = np.flatnonzero(np.diff(np.r_[False, line, False].astype(np.int8)))
    begins, ends = edges[::2], edges[1::2]
    gaps = begins[1:] - ends[:-1]
    longest = pace.longest_gap + 1
    for i in np.flatnonzero(gaps > longest):
        before, after = gaps[max(0, i - 2) : i], gaps[i + 1 : i + 3]
        faces = len(before) == len(after) == 2 and max(*before, *after) <= longest
        closed = result[ends[i] : begins[i + 1]].all()
        assert not closed or (faces and gaps[i] <= 2 * longest)  # three dashes, so two gaps, are a run of them
    outside = np.flatnonzero(result & ~line)
    from_ink = np.abs(outside[:, None] - np.flatnonzero(line)).min(axis=1, initial=len(line))
    assert max(from_ink, default=0) <= longest


# --- the pace of a page -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize(("period_mm", "share"), [(1.3, 0.5), (1.5, 0.6), (2.0, 0.5), (3.7, 0.75), (5.0, 0.75)])
def test_the_period_of_dashes_is_found_at_every_resolution(period_mm, share, dpi):
    period = period_mm * dpi / 25.4
    rows = [(y, dashed_row(1100, share * period, period, begin)) for begin, y in enumerate(range(100, 700, 100))]
    found = find_pace(*page_of(rows), dpi / 25.4)
    assert found.period == pytest.approx(period, rel=PERIOD_TOLERANCE)
    assert found.gap == pytest.approx((1 - share) * period, abs=1)
    assert found.inked == pytest.approx(share, abs=1 / period)


@pytest.mark.parametrize(("period_mm", "is_ruling"), [(0.7, False), (1.0, True), (5.4, True), (6.5, False)])
def test_dashes_closer_than_a_printers_or_further_apart_are_no_ruling(period_mm, is_ruling):
    period = period_mm * 200 / 25.4
    rows = [(y, dashed_row(1100, 0.5 * period, period)) for y in range(100, 700, 100)]
    assert (find_pace(*page_of(rows), 200 / 25.4) is not None) == is_ruling


@pytest.mark.parametrize("count", [MIN_DASHED_LINES - 1, MIN_DASHED_LINES])
def test_fewer_dashed_lines_than_a_table_has_show_no_pace(count):
    rows = [(100 * number, dashed_row(1100, 15, 20)) for number in range(1, count + 1)]
    assert (find_pace(*page_of(rows), PX_PER_MM) is None) == (count < MIN_DASHED_LINES)


@pytest.mark.parametrize("dashes", [MIN_DASHES - 1, MIN_DASHES])
def test_a_few_strokes_in_a_row_show_no_pace(dashes):
    rows = [(y, dashed_row(dashes * 20, 15, 20)) for y in range(100, 700, 100)]
    assert (find_pace(*page_of(rows), PX_PER_MM) is None) == (dashes < MIN_DASHES)


def test_dashes_are_a_pages_ruling_only_if_solid_lines_are_not():
    dashed = [(y, dashed_row(1100, 15, 20)) for y in range(100, 500, 100)]
    solid = [(y, np.ones(1100, bool)) for y in range(520, 780, 40)]
    assert find_pace(*page_of(dashed + solid[:3]), PX_PER_MM).period == pytest.approx(20, rel=PERIOD_TOLERANCE)
    assert find_pace(*page_of(dashed + solid), PX_PER_MM) is None


def test_a_solid_outer_border_does_not_keep_a_table_from_being_dashed():
    """Its two lines, here worn ones, may be longer together than the dashed ones within it."""
    dashed = [(y, dashed_row(600, 15, 20)) for y in (200, 300, 400)]
    worn = np.ones(1100, bool)
    worn[500:700] = False
    border = [(y, worn) for y in (100, 500)]
    assert find_pace(*page_of([*border, *dashed]), PX_PER_MM).period == pytest.approx(20, rel=PERIOD_TOLERANCE)


def test_solid_lines_within_a_border_longer_than_the_dashed_ones_are_the_ruling():
    dashed = [(y, dashed_row(600, 15, 20)) for y in (200, 300, 400)]
    worn = np.ones(1100, bool)
    worn[500:700] = False
    solid = [(y, worn) for y in (100, 250, 450, 500)]
    assert find_pace(*page_of([*solid, *dashed]), PX_PER_MM) is None


@pytest.mark.parametrize("dpi", DPI)
@pytest.mark.parametrize(("gap_mm", "is_ruling"), [(0.2, False), (0.4, False), (0.6, True), (1.2, True)])
def test_gaps_that_are_short_for_their_period_are_left_by_rules_that_cross(gap_mm, is_ruling, dpi):
    """As where rows are 4.9 mm high: the rules of the rows cut an upright line as evenly as a pace does."""
    period, gap = 4.9 * dpi / 25.4, gap_mm * dpi / 25.4
    rows = [(y, dashed_row(1100, period - gap, period)) for y in range(100, 700, 60)]
    assert (find_pace(*page_of(rows), dpi / 25.4) is not None) == is_ruling


def test_lines_that_each_have_a_pace_of_their_own_have_none_together():
    rows = [(100 * number, dashed_row(1100, 4 * number, 8 * number)) for number in range(1, 5)]
    assert find_pace(*page_of(rows), PX_PER_MM) is None


def test_strokes_of_many_lengths_have_no_pace():
    """Like those of characters: the same ones in every row, far from each other."""
    row = np.zeros(1100, bool)
    for begin, length in zip(range(0, 1100, 22), [4, 17, 9, 19, 6, 13, 3, 15, 8, 18] * 5, strict=True):
        row[begin : begin + length] = True
    assert find_pace(*page_of([(y, row) for y in range(100, 700, 100)]), PX_PER_MM) is None


def test_even_strokes_side_by_side_are_a_row_of_text():
    rows = [(y + k, dashed_row(1100, 15, 20)) for y in range(100, 700, 100) for k in (0, 15)]
    assert find_pace(*page_of(rows), PX_PER_MM) is None


def test_a_page_without_lines_has_no_pace():
    assert find_pace(*page_of([]), PX_PER_MM) is None


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dash_mm", "gap_mm"), [(1.0, 0.5), (2.8, 0.9), (2.5, 1.3)])
def test_a_dashed_form_shows_its_pace_in_both_directions(dash_mm, gap_mm):
    period = (dash_mm + gap_mm) * PX_PER_MM
    image = fill(rule_dashed(sheet(), form(), dash_mm, gap_mm), form())
    assert [pace.period for pace in dashes_of(image)] == pytest.approx([period, period], rel=PERIOD_TOLERANCE)


@pytest.mark.parametrize("gap_mm", [0.5, 0.6])
def test_gaps_as_short_as_specks_show_their_pace_too(gap_mm):
    image = rule_dashed(sheet(), form(), 1.0, gap_mm)
    paces = dashes_of(np.clip(cv2.GaussianBlur(image, (3, 3), 0.7), 0, 255).astype(np.uint8))
    assert [pace.period for pace in paces] == pytest.approx([(1 + gap_mm) * PX_PER_MM] * 2, rel=PERIOD_TOLERANCE)


def low_rows():
    """A table of 25 rows of 4.9 mm."""
    return Table(tuple(range(40, 766, 29)), (100, 300, 500, 700, 900))


@pytest.mark.parametrize("thickness", [1, 2])
def test_solid_lines_that_close_rules_cross_have_no_pace(thickness):
    table = replace(low_rows(), thickness=thickness)
    assert dashes_of(rule(sheet(), table)) == NO_DASHES
    assert dashes_of(fill(rule(sheet(), table), table)) == NO_DASHES


def test_a_dashed_table_in_a_solid_border_is_dashed():
    table = form()
    image = rule_dashed(sheet(), table, 1.6, 0.9)
    image = rule(image, Table((table.rows[0], table.rows[-1]), (table.cols[0], table.cols[-1])))
    paces = dashes_of(fill(image, table))
    assert [pace.period for pace in paces] == pytest.approx([2.5 * PX_PER_MM] * 2, rel=PERIOD_TOLERANCE)


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
    result = drawn_through(ridge, [path], Pace(20, 5), PX_PER_MM)
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
    result = drawn_through(ridge, [np.array([(0.0, 40.0), (400.0, 60.0)])], Pace(20, 5), PX_PER_MM)
    assert (result[y, x] > 127).all()


@pytest.mark.parametrize(("stub", "drawn_to"), [(0, 399), (3, 398)])
def test_the_last_gap_of_a_line_is_drawn_through_though_the_tracing_ended_before(stub, drawn_to):
    """What is left of a dash there may be a stub, or nothing."""
    row = np.zeros(420, bool)
    row[:395] = dashed_row(395, 15, 20)
    row[396 : 396 + stub] = True
    ridge, _ = page_of([(50, row)], width=420, height=100)
    result = drawn_through(ridge, [np.array([(0.0, 50.0), (392.0, 50.0)])], Pace(20, 5), PX_PER_MM)
    assert (result[50, : drawn_to - 1] > 127).all()
