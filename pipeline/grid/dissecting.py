"""A rectangle of slots whose cell borders contradict each other -> its likeliest dissection into rectangles.

Guillotine dissections are searched: those that come of cutting in two from side to side, again and again. Ruled tables
are of this kind; a pinwheel of four cells around a fifth is not, and stays as it is drawn unless a border is wrong.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]
"""What it costs to draw, or to leave out, each cell border: 0 where that is what its score says."""

MAX_STEPS = 20_000
"""Rectangles are searched exactly up to so many steps, a quarter of a second: 30 x 40 slots. Larger ones are first cut
where most speaks for a line."""

ROUNDING = 1e-9
"""Sums of floats that differ by less are equal."""


class Piece(NamedTuple):
    """A rectangle of slots: rows from `top` to before `bottom`, columns from `left` to before `right`."""

    top: int
    left: int
    bottom: int
    right: int

    def across(self, row: int) -> tuple[Self, Self]:
        """Both parts of it, cut above a row."""
        return self._replace(bottom=row), self._replace(top=row)

    def down(self, col: int) -> tuple[Self, Self]:
        """Both parts of it, cut left of a column."""
        return self._replace(right=col), self._replace(left=col)


class _Sums(NamedTuple):
    """Sums of costs along lines: `row` (rows + 1, cols + 1) from the left, `col` (rows + 1, cols + 1) from the top."""

    row: Costs
    col: Costs

    @classmethod
    def of(cls, horizontal: Costs, vertical: Costs) -> Self:
        return cls(
            np.pad(horizontal, ((0, 0), (1, 0))).cumsum(axis=1),
            np.pad(vertical, ((1, 0), (0, 0))).cumsum(axis=0),
        )


def dissect(horizontal: Costs, vertical: Costs) -> list[Piece]:
    """The cells of a rectangle of slots for which least must be said against the scores of its cell borders.

    Args:
        horizontal: (rows + 1, cols) by how much each border above and below slots is rather drawn (above 0) than not
            (below 0), as natural log odds or in proportion to them; the first and the last row do not count.
        vertical: (rows, cols + 1) the same of borders left and right of slots; the first and last column do not count.

    Example:
        >>> dissect(np.array([[0.0, 0.0], [0.3, -0.1], [0.0, 0.0]]), np.array([[0.0, -0.5, 0.0]] * 2))
        [Piece(top=0, left=0, bottom=1, right=2), Piece(top=1, left=0, bottom=2, right=2)]
    """
    evidence, drawing = _Sums.of(horizontal, vertical), _Sums.of(*(np.maximum(0, -e) for e in (horizontal, vertical)))
    pieces, waiting = [], [Piece(0, 0, vertical.shape[0], horizontal.shape[1])]
    while waiting:
        piece = waiting.pop()
        parts = _cut_for_nothing(piece, drawing)
        if parts is None and _steps(piece) > MAX_STEPS:
            parts = _likeliest_cut(piece, evidence)
        if parts is not None:
            waiting += parts
            continue
        inside = slice(piece.top, piece.bottom), slice(piece.left, piece.right)
        own_h = horizontal[piece.top : piece.bottom + 1, inside[1]]
        own_v = vertical[inside[0], piece.left : piece.right + 1]
        pieces += [
            Piece(top + piece.top, left + piece.left, bottom + piece.top, right + piece.left)
            for top, left, bottom, right in _search(own_h, own_v)
        ]
    return sorted(pieces)


def _steps(piece: Piece) -> int:
    """How many vectors are compared to search a rectangle: one for each size of a part and each cut through it."""
    rows, cols = piece.bottom - piece.top, piece.right - piece.left
    return rows * cols * (rows + cols) // 2


def _cut_for_nothing(piece: Piece, drawing: _Sums) -> tuple[Piece, Piece] | None:
    """Both parts along a line that is drawn from side to side: to cut there first excludes nothing that is better."""
    for row in range(piece.top + 1, piece.bottom):
        if drawing.row[row, piece.right] == drawing.row[row, piece.left]:
            return piece.across(row)
    for col in range(piece.left + 1, piece.right):
        if drawing.col[piece.bottom, col] == drawing.col[piece.top, col]:
            return piece.down(col)
    return None


def _likeliest_cut(piece: Piece, evidence: _Sums) -> tuple[Piece, Piece]:
    """Both parts along the line for which most speaks, by the mean over its borders."""
    top, left, bottom, right = piece
    across = (evidence.row[top + 1 : bottom, right] - evidence.row[top + 1 : bottom, left]) / (right - left)
    down = (evidence.col[bottom, left + 1 : right] - evidence.col[top, left + 1 : right]) / (bottom - top)
    if across.max(initial=-np.inf) >= down.max(initial=-np.inf):
        return piece.across(top + 1 + int(across.argmax()))
    return piece.down(left + 1 + int(down.argmax()))


def _search(horizontal: Costs, vertical: Costs) -> list[Piece]:
    """The cheapest dissection of a whole rectangle of slots; as one cell where cuts are no cheaper."""
    choices = _best_cuts(horizontal, vertical)
    pieces, waiting = [], [Piece(0, 0, vertical.shape[0], horizontal.shape[1])]
    while waiting:
        piece = waiting.pop()
        cut = int(choices[piece.bottom - piece.top, piece.right - piece.left][piece.top, piece.left])
        if cut == 0:
            pieces.append(piece)
        else:
            waiting += piece.across(piece.top + cut) if cut > 0 else piece.down(piece.left - cut)
    return pieces


def _best_cuts(horizontal: Costs, vertical: Costs) -> dict[tuple[int, int], NDArray[np.int16]]:
    """For each height and width of a part, and each place of its corner: the best cut, by dynamic programming.

    Above 0 it is the row of the part above which it is cut, below 0 the column left of which; 0 leaves one cell.
    """
    rows, cols = vertical.shape[0], horizontal.shape[1]
    drawing = _Sums.of(np.maximum(0, -horizontal), np.maximum(0, -vertical))
    merging = np.zeros((rows + 1, cols + 1)), np.zeros((rows + 1, cols + 1))
    merging[0][:, 1:] = np.maximum(0, horizontal).cumsum(axis=0).cumsum(axis=1)
    merging[1][1:] = np.maximum(0, vertical).cumsum(axis=0).cumsum(axis=1)
    least: dict[tuple[int, int], Costs] = {}
    choices: dict[tuple[int, int], NDArray[np.int16]] = {}
    for height, width in itertools.product(range(1, rows + 1), range(1, cols + 1)):
        tops, lefts = rows - height + 1, cols - width + 1
        cost = _merged_costs(merging, height, width)
        choice = np.zeros((tops, lefts), np.int16)
        for cut in range(1, height):
            wall = drawing.row[cut : cut + tops]
            total = least[cut, width][:tops] + least[height - cut, width][cut:] + wall[:, width:] - wall[:, :lefts]
            _keep_cheaper(cost, choice, total, cut)
        for cut in range(1, width):
            wall = drawing.col[:, cut : cut + lefts]
            total = least[height, cut][:, :lefts] + least[height, width - cut][:, cut:] + wall[height:] - wall[:tops]
            _keep_cheaper(cost, choice, total, -cut)
        least[height, width], choices[height, width] = cost, choice
    return choices


def _merged_costs(merging: tuple[Costs, Costs], height: int, width: int) -> Costs:
    """What it costs to leave out all borders inside each part of one height and width."""
    horizontal, vertical = merging
    above, below = horizontal[: len(horizontal) - height], horizontal[height - 1 : -1]
    inner = below[:, width:] - above[:, width:] - below[:, :-width] + above[:, :-width]
    left, right = vertical[:, : vertical.shape[1] - width], vertical[:, width - 1 : -1]
    between: Costs = right[height:] - left[height:] - right[:-height] + left[:-height]
    return inner + between


def _keep_cheaper(cost: Costs, choice: NDArray[np.int16], total: Costs, cut: int) -> None:
    """Put a cut's total where it is cheaper than what is known; differences of rounding do not count."""
    cheaper = total < cost - ROUNDING
    cost[cheaper], choice[cheaper] = total[cheaper], cut
