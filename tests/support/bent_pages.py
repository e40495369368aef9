"""Bends of a page for property tests, and points to try them on."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pipeline.dewarp.surface import KNOTS, TERMS, DewarpingSurface, Shift

LARGEST_SHIFT = 0.02
"""Of half the page's longer side, by any one term: 18 px of 1754. Real curls shift by 0.01."""
LARGEST_RIPPLE = 0.001
"""Of the same, from one knot to the next: 0.9 px in 47, twice as steep as beside a fold of 1 mm."""


def bends(size):
    """Any bend of a page, as strong as the strongest curls that are flattened."""
    terms = arrays.arrays(np.float64, len(TERMS), elements=st.floats(-LARGEST_SHIFT / 4, LARGEST_SHIFT / 4))
    ripples = arrays.arrays(np.float64, (2, KNOTS), elements=st.floats(-LARGEST_RIPPLE, LARGEST_RIPPLE))
    shifts = st.builds(Shift, terms, ripples)
    return st.builds(lambda u, v: DewarpingSurface(size, u, v), shifts, shifts)


def grid_points(size, count=8):
    """(n, 2) points all over a page of a (width, height)."""
    x, y = np.meshgrid(np.linspace(0, size[0] - 1, count), np.linspace(0, size[1] - 1, count))
    return np.column_stack([x.ravel(), y.ravel()])
