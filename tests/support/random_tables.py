"""Tables of any tiling and any text, for properties that hold whatever was read."""

from __future__ import annotations

from hypothesis import strategies as st
from readings import cell, table


@st.composite
def tilings(draw, profiles, n_cols=None):
    """Any grid of up to 8 x 8 slots, or of `n_cols` columns; its cells hold words of the forms or anything else."""
    n_rows, n_cols = draw(st.integers(1, 8)), n_cols or draw(st.integers(1, 8))
    free = {(row, col) for row in range(n_rows) for col in range(n_cols)}
    words = st.sampled_from(
        [label for profile in profiles for label in profile.labels] + ["", "产出指标", "数量指标", "100%"]
    )
    texts = st.none() | words | words | st.text(max_size=8)
    cells = []
    for row in range(n_rows):
        for col in range(n_cols):
            if (row, col) not in free:
                continue
            wide = draw(st.integers(1, 3))
            wide = next((w for w in range(wide, 0, -1) if all((row, col + i) in free for i in range(w))), 1)
            high = min(draw(st.integers(1, 3)), n_rows - row)
            taken = {(row + r, col + c) for r in range(high) for c in range(wide)}
            free -= taken
            cells.append((cell(row, col, high, wide), draw(texts)))
    return table(cells)
