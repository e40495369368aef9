"""Walls become cells that tile, at the least cost, and never anything else."""

import time

import numpy as np
import pytest
from drawing import Tiled, tilings
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.grid.tiling import CELL_BORDER_SCORE, ROW_BORDER_SCORE, Span, tile

SURE_CELL_BORDER, SURE_GAP = 0.95, 0.2
LEAST = ROW_BORDER_SCORE, CELL_BORDER_SCORE
UNIT = Span(0, 0, 1, 1)


def scores(tiled, noise=None):
    """Sure scores of a tiling's walls; with noise, scores that stay on the right side of what counts as a wall."""
    cell_borders = tiled.cell_borders()
    if noise is None:
        return tuple(np.where(cell_border, SURE_CELL_BORDER, SURE_GAP) for cell_border in cell_borders)
    rng = np.random.default_rng(noise)
    drawn = (
        (least, cell_border, rng.uniform(0, 1, cell_border.shape))
        for least, cell_border in zip(LEAST, cell_borders, strict=True)
    )
    return tuple(np.where(cell_border, least + u * (1 - least), u * (least - 0.001)) for least, cell_border, u in drawn)


def inner_pieces(tiled):
    """(array, index) of every piece of wall that is not the table's own border."""
    rows = [(0, (r, c)) for r in range(1, tiled.n_rows) for c in range(tiled.n_cols)]
    cols = [(1, (r, c)) for r in range(tiled.n_rows) for c in range(1, tiled.n_cols)]
    return rows + cols


def picture(*rows):
    """A tiling from letters: slots of one letter are one cell."""
    spans = {}
    for row, letters in enumerate(rows):
        for col, letter in enumerate(letters):
            first = spans.get(letter, Span(row, col, 1, 1))
            spans[letter] = Span(first.row, first.col, row - first.row + 1, col - first.col + 1)
    return Tiled(len(rows), len(rows[0]), tuple(sorted(spans.values())))


# --- without damage ---------------------------------------------------------------------------------------------------


@given(tilings())
def test_the_walls_of_any_tiling_give_that_tiling_back(tiled):
    found = tile(*scores(tiled))
    assert found.spans == tiled.spans
    assert found.repairs == ()


@given(tilings(), st.integers(0, 2**32 - 1))
def test_noise_that_stays_on_its_side_of_the_threshold_changes_nothing(tiled, noise):
    found = tile(*scores(tiled, noise))
    assert found.spans == tiled.spans
    assert found.repairs == ()


def test_a_border_is_a_wall_however_faint():
    horizontal, vertical = scores(picture("aa", "bc"))
    horizontal[[0, -1]], vertical[:, [0, -1]] = 0.0, 0.0
    assert tile(horizontal, vertical).spans == picture("aa", "bc").spans


def test_a_wall_that_is_exactly_at_the_threshold_is_there():
    assert len(tile(np.array([[1.0], [ROW_BORDER_SCORE], [1.0]]), np.ones((2, 2))).spans) == 2
    assert len(tile(np.ones((2, 2)), np.array([[1.0, CELL_BORDER_SCORE, 1.0]])).spans) == 2


def test_one_slot_is_one_cell():
    assert tile(np.ones((2, 1)), np.ones((1, 2))).spans == (UNIT,)


def test_spans_come_in_reading_order():
    assert tile(*scores(picture("abb", "acd", "eed"))).spans == (
        Span(0, 0, 2, 1),
        Span(0, 1, 1, 2),
        Span(1, 1, 1, 1),
        Span(1, 2, 2, 1),
        Span(2, 0, 1, 2),
    )


# --- damage -----------------------------------------------------------------------------------------------------------


@given(tilings(), st.data())
def test_one_wall_wrong_is_repaired_on_record_or_leaves_another_tiling(tiled, data):
    pieces = inner_pieces(tiled)
    assume(pieces)
    side, index = data.draw(st.sampled_from(pieces))
    damaged = scores(tiled)
    damaged[side][index] = SURE_CELL_BORDER + SURE_GAP - damaged[side][index]
    found = tile(*damaged)
    tiled.grid(found.spans)  # refuses anything but a tiling
    if not found.repairs:
        repaired = Tiled(tiled.n_rows, tiled.n_cols, found.spans)
        np.testing.assert_array_equal(repaired.cell_borders()[side], damaged[side] >= LEAST[side])


@settings(max_examples=100)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_whatever_the_walls_the_spans_tile_and_each_changed_border_is_on_record(n_rows, n_cols, seed):
    rng = np.random.default_rng(seed)
    drawn = rng.uniform(0, 1, (n_rows + 1, n_cols)), rng.uniform(0, 1, (n_rows, n_cols + 1))
    found = tile(*drawn)
    tiled = Tiled(n_rows, n_cols, found.spans)
    tiled.grid()  # refuses anything but a tiling
    horizontal, vertical = (
        walls == (scored >= least) for walls, scored, least in zip(tiled.cell_borders(), drawn, LEAST, strict=True)
    )
    np.testing.assert_array_equal(found.changed.horizontal[1:-1], ~horizontal[1:-1])
    np.testing.assert_array_equal(found.changed.vertical[:, 1:-1], ~vertical[:, 1:-1])
    assert bool(found.repairs) == bool(found.changed.horizontal.any() or found.changed.vertical.any())


@pytest.mark.parametrize(
    ("tiled", "side", "index", "repair"),
    [
        (picture("ab", "cb", "cd"), 1, (0, 1), "wall left of col 1 added in row 0"),
        (picture("abc", "add"), 0, (1, 1), "wall above row 1 added in col 1"),
        (picture("aab", "aac"), 0, (1, 0), "wall above row 1 removed in col 0"),
        (picture("aab", "aac"), 1, (1, 1), "wall left of col 1 removed in row 1"),
    ],
    ids=["a piece of column missing", "a piece of row missing", "a stroke across a cell", "a stroke down a cell"],
)
def test_a_doubtful_piece_of_wall_that_breaks_the_tiling_is_put_right(tiled, side, index, repair):
    damaged = scores(tiled)
    damaged[side][index] = LEAST[side] + (0.04 if damaged[side][index] == SURE_GAP else -0.04)
    found = tile(*damaged)
    assert found.spans == tiled.spans
    assert found.repairs == (repair,)
    assert found.changed[side][index]


def test_what_costs_least_is_repaired():
    """A wall half across a cell: drawn on where the other half is nearly there, removed where the half is hardly."""
    horizontal, vertical = scores(picture("aa", "aa"))
    horizontal[1] = 0.98, 0.3
    assert tile(horizontal, vertical).spans == (Span(0, 0, 1, 2), Span(1, 0, 1, 2))
    horizontal[1] = 0.4, 0.10
    assert tile(horizontal, vertical).spans == (Span(0, 0, 2, 2),)


def test_a_repair_that_costs_less_over_the_whole_beats_one_that_costs_less_at_first():
    """Cutting along the middle row would be cheap at once, and leave two halves that contradict themselves."""
    horizontal, vertical = scores(picture("ab", "ab", "ab"))
    vertical[1, 1] = CELL_BORDER_SCORE - 0.05
    assert tile(horizontal, vertical).spans == (Span(0, 0, 3, 1), Span(0, 1, 3, 1))


def test_a_table_of_many_faults_lands_and_the_rest_of_it_is_as_drawn():
    """Cells two rows high, each with a wall across half of it that is surely there; beside them a whole column."""
    tiled = picture(
        *(f"{letter}{letter}{part}" for letter, part in zip("aabbccddeeffgghh", "ijklmnopqrstuvwx", strict=True))
    )
    horizontal, vertical = scores(tiled)
    horizontal[1::2, 0] = SURE_CELL_BORDER
    found = tile(horizontal, vertical)
    assert len(found.repairs) == 8
    assert {span for span in tiled.spans if span.col == 2} <= set(found.spans)
    assert not found.changed.horizontal[:, 2].any()


def test_a_large_table_of_nothing_but_noise_is_tiled_within_seconds():
    rng = np.random.default_rng(0)
    began = time.perf_counter()
    found = tile(rng.uniform(0, 1, (121, 30)), rng.uniform(0, 1, (120, 31)))
    assert time.perf_counter() - began < 10
    assert sum(span.row_span * span.col_span for span in found.spans) == 120 * 30


@settings(max_examples=30)
@given(tilings())
def test_scores_are_not_changed(tiled):
    horizontal, vertical = scores(tiled)
    before = horizontal.copy(), vertical.copy()
    tile(horizontal, vertical)
    np.testing.assert_array_equal(horizontal, before[0])
    np.testing.assert_array_equal(vertical, before[1])


def test_a_line_of_text_that_fills_a_narrow_cell_is_no_border_between_rows():
    assert tile(np.array([[1.0], [0.4], [1.0]]), np.ones((2, 2))).spans == (Span(0, 0, 2, 1),)
