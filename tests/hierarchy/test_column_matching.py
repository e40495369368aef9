"""Columns are told by their share of the table's width, however the page was scanned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import IDENTITY, box, drawn

from pipeline.elements import Grid, TableReading
from pipeline.hierarchy.column_matching import column_places, match_columns
from pipeline.imaging.geometry import apply_homography

PICTURE = """
| a | b | < | c |
| ^ | d | e | f |
"""


def mapped(table, transform):
    """The table with every corner of its cells moved."""
    cells = [replace(one.cell, polygon=tuple(map(tuple, transform(one.cell.polygon)))) for one in table.cells]
    grid = Grid(0, table.grid.n_rows, table.grid.n_cols, tuple(cells))
    return TableReading(grid, tuple(replace(one, cell=cell) for one, cell in zip(table.cells, cells, strict=True)))


def test_places_are_shares_of_the_width():
    assert column_places(drawn(PICTURE), IDENTITY) == pytest.approx({0: 0.0, 1: 0.25, 2: 0.5, 3: 0.75, 4: 1.0})


def test_a_boundary_along_which_no_cell_ends_has_no_place():
    assert column_places(drawn("| a | < | b |"), IDENTITY).keys() == {0, 2, 3}


@given(
    st.floats(0.3, 4.0), st.floats(-0.2, 0.2), st.floats(-2000, 2000), st.floats(-2e-4, 2e-4), st.sampled_from([0, 1])
)
def test_size_angle_place_and_perspective_of_a_page_change_no_share_by_much(scale, skew, shift, narrowing, turned):
    turn = ((0.0, -1.0), (1.0, 0.0)) if turned else ((1.0, 0.0), (0.0, 1.0))
    to_source = (
        scale * turn[0][0], scale * (turn[0][1] + skew * turn[0][0]), shift,
        scale * turn[1][0], scale * (turn[1][1] + skew * turn[1][0]), shift,
        0.0, 0.0, 1.0,
    )  # fmt: skip

    def photograph(polygon):
        return apply_homography((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, narrowing, 1.0), polygon)

    plain = mapped(drawn(PICTURE), lambda polygon: apply_homography(to_source, photograph(polygon)))
    assert column_places(plain, to_source) == pytest.approx(column_places(drawn(PICTURE), IDENTITY), abs=0.005)


@pytest.mark.parametrize(
    ("table", "needed", "matched"),
    [
        ({0: 0.0, 1: 0.26, 2: 0.75, 3: 1.0}, [0, 1, 3, 4], {0: 0, 1: 1, 2: 3, 3: 4}),
        ({0: 0.0, 1: 0.25, 2: 0.5, 3: 1.0}, [3], None),
        ({0: 0.0, 1: 0.3, 2: 1.0}, [], None),
        ({0: 0.0, 1: 0.245, 2: 0.255, 3: 1.0}, [], None),
    ],
    ids=["fewer columns", "a needed one is missing", "one stands elsewhere", "two for one"],
)
def test_columns_match_where_each_has_its_counterpart(table, needed, matched):
    assert match_columns(table, {0: 0.0, 1: 0.25, 2: 0.5, 3: 0.75, 4: 1.0}, needed) == matched


def test_a_table_without_width_or_height_has_places_all_the_same():
    dewarped = mapped(drawn(PICTURE), lambda polygon: box(5, 7, 5, 7))
    assert column_places(dewarped, IDENTITY).keys() == {0, 1, 2, 3, 4}
