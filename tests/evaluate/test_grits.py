"""GriTS: what it says of small tables whose likeness can be worked out by hand."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate.grits import PlacedText, grits
from pipeline.evaluate.landed import Place


def table(*rows):
    return [PlacedText(Place(r, c, 1, 1), text) for r, row in enumerate(rows) for c, text in enumerate(row)]


@st.composite
def tables(draw):
    """Tables of up to 3 x 3 plain cells with short texts of two letters."""
    n_cols = draw(st.integers(1, 3))
    row = st.lists(st.text("甲乙", max_size=2), min_size=n_cols, max_size=n_cols)
    return table(*draw(st.lists(row, min_size=1, max_size=3)))


@given(tables())
def test_a_table_is_wholly_like_itself(cells):
    assert grits(cells, cells) == pytest.approx((1, 1))


@given(tables(), tables())
def test_likeness_is_the_same_both_ways_and_between_0_and_1(one, other):
    likeness = grits(one, other)
    assert all(0 <= value <= 1 + 1e-9 for value in likeness)
    assert likeness.top == pytest.approx(grits(other, one).top)


@given(tables(), tables())
def test_choosing_rows_and_columns_apart_never_exceeds_the_exact_measure(one, other):
    assert grits(one, other).con <= exact_content(one, other) + 1e-9


def test_a_missing_row_costs_its_slots():
    whole = table("ab", "cd", "ef")
    without = table("ab", "ef")
    assert grits(whole, without) == pytest.approx((2 * 4 / 10, 2 * 4 / 10))


def test_an_extra_column_costs_its_slots():
    assert grits(table("ab", "cd"), table("axb", "cyd")) == pytest.approx((2 * 4 / 10, 2 * 4 / 10))


def test_a_wrong_letter_costs_content_alone():
    likeness = grits(table(["甲乙", "丙"]), table(["甲丁", "丙"]))
    assert likeness == pytest.approx((1, (0.5 + 1) / 2))


def test_a_split_spanning_cell_costs_half_of_its_slots_in_topology():
    spanning = [PlacedText(Place(0, 0, 1, 2), "甲")]
    assert grits(spanning, table("甲甲")) == pytest.approx((0.5, 1))


def test_blank_cells_are_alike_in_content():
    assert grits(table([""]), table([""])).con == 1
    assert grits(table([""]), table("甲")).con == 0


def test_a_slot_that_no_cell_covers_is_like_nothing():
    holed = [PlacedText(Place(0, 0, 1, 1), "a"), PlacedText(Place(1, 1, 1, 1), "d")]
    assert grits(table("ab", "cd"), holed) == pytest.approx((2 * 2 / 6, 2 * 2 / 6))


def test_an_empty_table_is_like_nothing():
    assert grits([], table("甲")) == (0, 0)
    assert grits(table("甲"), []) == (0, 0)


def exact_content(one, other):
    """GriTS-Con by trying every choice of rows and columns on both sides."""
    rows, cols = ({place[axis] for cells in (one, other) for place, _ in cells} for axis in (0, 1))
    best = 0.0
    for picked in subsets(one, other, rows, cols):
        best = max(best, sum(alike(a, b) for a, b in picked))
    return 2 * best / (len(one) + len(other))


def subsets(one, other, rows, cols):
    mine, theirs = ({(place.row, place.col): text for place, text in cells} for cells in (one, other))
    for n_rows, n_cols in ((r, c) for r in range(1, len(rows) + 1) for c in range(1, len(cols) + 1)):
        for a_rows, b_rows in pairs(rows, n_rows):
            for a_cols, b_cols in pairs(cols, n_cols):
                yield [
                    (mine[a_row, a_col], theirs[b_row, b_col])
                    for a_row, b_row in zip(a_rows, b_rows, strict=True)
                    for a_col, b_col in zip(a_cols, b_cols, strict=True)
                    if (a_row, a_col) in mine and (b_row, b_col) in theirs
                ]


def pairs(indices, count):
    chosen = list(combinations(sorted(indices), count))
    return ((a, b) for a in chosen for b in chosen)


def alike(a, b):
    if not a and not b:
        return 1.0
    common = max(
        (len(sub) for n in range(len(a) + 1) for sub in combinations(a, n) if sub in set(combinations(b, n))), default=0
    )
    return 2 * common / (len(a) + len(b))
