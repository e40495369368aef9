"""A rectangle of slots is dissected into rectangles at the least cost that any such dissection has."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.grid import dissecting
from pipeline.grid.dissecting import Piece, dissect

SIDES = st.integers(1, 3)


def evidence(seed, rows, cols):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (rows + 1, cols)), rng.uniform(-1, 1, (rows, cols + 1))


def cost(pieces, horizontal, vertical):
    """What is said against the evidence: by borders that are drawn between pieces, and those left out inside them."""
    owner = np.zeros(vertical[:, 1:].shape, int)
    for number, piece in enumerate(pieces):
        owner[piece.top : piece.bottom, piece.left : piece.right] = number
    inner = horizontal[1:-1], vertical[:, 1:-1]
    drawn = np.diff(owner, axis=0) != 0, np.diff(owner, axis=1) != 0
    return sum(float(np.maximum(0, np.where(d, -e, e)).sum()) for d, e in zip(drawn, inner, strict=True))


def tilings_of(rows, cols):
    """All ways to tile so many slots with rectangles, each slot in turn being the corner of a piece of any size."""

    def grow(free):
        if not free:
            yield ()
            return
        top, left = min(free)
        for height, width in itertools.product(range(1, rows - top + 1), range(1, cols - left + 1)):
            slots = set(itertools.product(range(top, top + height), range(left, left + width)))
            if slots <= free:
                piece = Piece(top, left, top + height, left + width)
                yield from ((piece, *rest) for rest in grow(free - slots))

    return grow(frozenset(itertools.product(range(rows), range(cols))))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), SIDES, st.integers(1, 2))
def test_no_tiling_costs_less_than_the_one_that_is_found(seed, rows, cols):
    """Up to 3 x 2 slots every tiling comes of cuts from side to side, so all can be tried."""
    scores = evidence(seed, rows, cols)
    best = min(cost(pieces, *scores) for pieces in tilings_of(rows, cols))
    assert cost(dissect(*scores), *scores) == pytest.approx(best)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 8))
def test_pieces_cover_each_slot_once(seed, rows, cols):
    covered = np.zeros((rows, cols), int)
    for piece in dissect(*evidence(seed, rows, cols)):
        covered[piece.top : piece.bottom, piece.left : piece.right] += 1
    assert (covered == 1).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_too_large_to_search_is_cut_first_and_costs_little_more(seed):
    scores = evidence(seed, 7, 6)
    exact = cost(dissect(*scores), *scores)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dissecting, "MAX_STEPS", 60)
        cut = cost(dissect(*scores), *scores)
    assert exact - 1e-9 <= cut <= 2 * exact + 1


def test_a_line_that_is_drawn_from_side_to_side_is_kept_whatever_the_rest():
    horizontal, vertical = evidence(1, 6, 4)
    horizontal[3] = 0.1
    assert all(piece.bottom <= 3 or piece.top >= 3 for piece in dissect(horizontal, vertical))
