"""Blots: connected ink with its box and its darkest pixel; what is left of ruling is none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.imaging.components import Component, find_components

NOISE = 2.0


def paper(*blocks, shape=(60, 90)):
    """Paper with blocks of ink, each (left, top, width, height, darkness)."""
    darkness = np.zeros(shape, np.uint8)
    for left, top, width, height, level in blocks:
        darkness[top : top + height, left : left + width] = level
    return darkness


def test_blank_paper_has_none():
    assert find_components(paper(), NOISE) == []


def test_each_piece_of_ink_has_its_own_darkest_pixel():
    darkness = paper((10, 10, 8, 20, 120), (40, 30, 12, 6, 200))
    darkness[15, 12] = 180
    assert find_components(darkness, NOISE) == [
        Component(10, 10, 18, 30, 180.0, 120.0),
        Component(40, 30, 52, 36, 200.0, 200.0),
    ]


def test_ink_along_the_edge_is_what_is_left_of_ruling_unless_it_goes_on_inwards():
    darkness = paper((0, 0, 90, 2, 200), (30, 0, 4, 25, 200), (60, 20, 5, 5, 200))
    assert [(b.left, b.top) for b in find_components(darkness, NOISE, edge=3)] == [(29, 0), (60, 20)]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5), st.integers(120, 255)), unique_by=lambda b: b[:2]))
def test_blocks_apart_are_found_with_their_own_darkness(blocks):
    """Blocks on a raster of ten pixels, three pixels large, never touch."""
    darkness = paper(*((10 * col, 10 * row, 3, 3, level) for col, row, level in blocks))
    found = {(b.left // 10, b.top // 10): b.darkest for b in find_components(darkness, NOISE)}
    assert found == {(col, row): level for col, row, level in blocks}
