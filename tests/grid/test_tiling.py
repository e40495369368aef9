"""Walls become cells that tile, at the least cost, and never anything else."""

import numpy as np
import pytest
from drawing import Tiled, tilings
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.grid.tiling import CELL_BORDER_SCORE, MAX_REPAIRS, REPAIR_FACTOR, Span, tile

SURE_CELL_BORDER, SURE_GAP = 0.95, 0.2
UNIT = Span(0, 0, 1, 1)


def scores(tiled, noise=None):
    """Sure scores of a tiling's walls; with noise, scores that stay on the right side of what counts as a wall."""
    cell_borders = tiled.cell_borders()
    if noise is None:
        return tuple(np.where(cell_border, SURE_CELL_BORDER, SURE_GAP) for cell_border in cell_borders)
    rng = np.random.default_rng(noise)
    drawn = ((cell_border, rng.uniform(0, 1, cell_border.shape)) for cell_border in cell_borders)
    return tuple(
        np.where(cell_border, CELL_BORDER_SCORE + u * (1 - CELL_BORDER_SCORE), u * (CELL_BORDER_SCORE - 0.001))
        for cell_border, u in drawn
    )


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
    assert found.confidence > 0.9


@given(tilings(), st.integers(0, 2**32 - 1))
def test_noise_that_stays_on_its_side_of_the_threshold_changes_nothing_but_the_confidence(tiled, noise):
    found = tile(*scores(tiled, noise))
    assert found.spans == tiled.spans
    assert found.repairs == ()
    assert 0 < found.confidence <= 1


@settings(max_examples=40)
@given(tilings(), st.data())
def test_the_nearer_a_score_is_to_the_threshold_the_less_sure_is_the_tiling(tiled, data):
    pieces = inner_pieces(tiled)
    assume(pieces)
    side, index = data.draw(st.sampled_from(pieces))
    near, nearer = scores(tiled), scores(tiled)
    outward = 1 if near[side][index] == SURE_CELL_BORDER else -1
    near[side][index], nearer[side][index] = CELL_BORDER_SCORE + outward * 0.05, CELL_BORDER_SCORE + outward * 0.01
    assert tile(*scores(tiled)).confidence > tile(*near).confidence > tile(*nearer).confidence


def test_a_border_is_a_wall_however_faint():
    horizontal, vertical = scores(picture("aa", "bc"))
    horizontal[[0, -1]], vertical[:, [0, -1]] = 0.0, 0.0
    assert tile(horizontal, vertical).spans == picture("aa", "bc").spans


def test_a_wall_that_is_exactly_at_the_threshold_is_there():
    assert len(tile(np.array([[1.0], [CELL_BORDER_SCORE], [1.0]]), np.ones((2, 2))).spans) == 2


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
    if found.repairs:
        assert found.confidence <= REPAIR_FACTOR ** len(found.repairs)
    else:
        repaired = Tiled(tiled.n_rows, tiled.n_cols, found.spans)
        np.testing.assert_array_equal(repaired.cell_borders()[side], damaged[side] >= CELL_BORDER_SCORE)


@settings(max_examples=100)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_whatever_the_walls_the_spans_tile_or_the_table_is_refused(n_rows, n_cols, seed):
    rng = np.random.default_rng(seed)
    try:
        found = tile(rng.uniform(0, 1, (n_rows + 1, n_cols)), rng.uniform(0, 1, (n_rows, n_cols + 1)))
    except ValueError as error:
        assert f"more than {MAX_REPAIRS} repairs" in str(error)
        return
    Tiled(n_rows, n_cols, ()).grid(found.spans)
    assert len(found.repairs) <= MAX_REPAIRS


@pytest.mark.parametrize(
    ("tiled", "side", "index", "repair"),
    [
        (picture("ab", "cb", "cd"), 1, (0, 1), "wall left of col 1 added in rows 0-1, cols 0-1"),
        (picture("abc", "add"), 0, (1, 1), "wall above row 1 added in rows 0-1, cols 1-2"),
        (picture("aab", "aac"), 0, (1, 0), "walls inside rows 0-1, cols 0-1 removed"),
        (picture("aab", "aac"), 1, (1, 1), "walls inside rows 0-1, cols 0-1 removed"),
    ],
    ids=["a piece of column missing", "a piece of row missing", "a stroke across a cell", "a stroke down a cell"],
)
def test_a_doubtful_piece_of_wall_that_breaks_the_tiling_is_put_right(tiled, side, index, repair):
    damaged = scores(tiled)
    damaged[side][index] = CELL_BORDER_SCORE + (0.04 if damaged[side][index] == SURE_GAP else -0.04)
    found = tile(*damaged)
    assert found.spans == tiled.spans
    assert found.repairs == (repair,)
    assert found.confidence < REPAIR_FACTOR


def test_what_costs_least_is_repaired():
    """A wall half across a cell: drawn on where the other half is nearly there, removed where the half is hardly."""
    horizontal, vertical = scores(picture("aa", "aa"))
    horizontal[1] = 0.98, 0.68
    assert tile(horizontal, vertical).spans == (Span(0, 0, 1, 2), Span(1, 0, 1, 2))
    horizontal[1] = 0.72, 0.10
    assert tile(horizontal, vertical).spans == (Span(0, 0, 2, 2),)


def many_faults(count):
    """Cells two rows high, each with a wall across half of it that is surely there."""
    tiled = picture(
        *(letter * 2 for pair in zip("abcdefghijklm"[:count], "abcdefghijklm", strict=False) for letter in pair)
    )
    horizontal, vertical = scores(tiled)
    horizontal[1::2, 0] = SURE_CELL_BORDER
    return horizontal, vertical


def test_as_many_repairs_as_allowed_are_made_each_on_record():
    found = tile(*many_faults(MAX_REPAIRS))
    assert len(found.repairs) == MAX_REPAIRS
    assert found.confidence <= REPAIR_FACTOR**MAX_REPAIRS


def test_a_table_that_needs_more_repairs_than_that_is_refused_with_the_place():
    with pytest.raises(ValueError, match=rf"more than {MAX_REPAIRS} repairs are needed \(Span\(row=12, col=0"):
        tile(*many_faults(MAX_REPAIRS + 1))


@settings(max_examples=30)
@given(tilings())
def test_scores_are_not_changed(tiled):
    horizontal, vertical = scores(tiled)
    before = horizontal.copy(), vertical.copy()
    tile(horizontal, vertical)
    np.testing.assert_array_equal(horizontal, before[0])
    np.testing.assert_array_equal(vertical, before[1])
