"""Cell border scores -> cells: which slots of a table belong together, so that the cells tile it.

A cell border is the piece of ruling line between two neighbouring slots (or a slot and the outside), and its score how
much of it is inked. Slots without a cell border between them are one cell. Where such a cell is no rectangle, the
rectangle around it is dissected anew, against as little of the scores as can be; each border that is changed is on
record. So there is a tiling for any scores.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.grid.dissecting import dissect

Scores = NDArray[np.float64]
"""Scores of cell borders, 0-1."""

CELL_BORDER_SCORE = 0.6
"""A cell border between columns is there from this score: on 300 drawn and real tables 3 of 1,015 that score less in
rows lower than 7 mm are there, where strokes of characters reach 0.59, and one of 1,054 in higher rows."""
ROW_BORDER_SCORE = 0.5
"""The same of borders between rows, as a row of text inks less of a line along it than strokes do of one across it: on
the same tables the lowest that is there scores 0.9, and a line of text that fills a narrow cell scores up to 0.4."""


class Span(NamedTuple):
    """A rectangle of slots."""

    row: int
    col: int
    row_span: int
    col_span: int

    @classmethod
    def around(cls, slots: Sequence[tuple[int, int]]) -> Self:
        """The smallest one that holds slots, given by row and column."""
        rows, cols = [row for row, _ in slots], [col for _, col in slots]
        return cls(min(rows), min(cols), max(rows) - min(rows) + 1, max(cols) - min(cols) + 1)


Of = TypeVar("Of", bound=np.generic)


class Borders(NamedTuple, Generic[Of]):
    """Something of each cell border.

    `horizontal` (rows + 1, cols) is of those above and below slots, `vertical` (rows, cols + 1) of those left and right
    of them.
    """

    horizontal: NDArray[Of]
    vertical: NDArray[Of]


@dataclass(frozen=True, slots=True, eq=False)
class Tiling:
    """Spans that cover each slot once, in reading order; `changed` are the borders that are not as their scores say."""

    spans: tuple[Span, ...]
    changed: Borders[np.bool_]

    @property
    def repairs(self) -> tuple[str, ...]:
        """Each change in words, neighbouring borders of one line together."""
        rows, cols = self.changed.vertical.shape[0], self.changed.horizontal.shape[1]
        drawn = drawn_around(self.spans, rows, cols)
        across = (
            f"wall above row {row} {_done(there)} in {_indices('col', begin, end)}"
            for row, begin, end, there in _runs(self.changed.horizontal, drawn.horizontal)
        )
        down = (
            f"wall left of col {col} {_done(there)} in {_indices('row', begin, end)}"
            for col, begin, end, there in _runs(self.changed.vertical.T, drawn.vertical.T)
        )
        return (*across, *down)


def tile(horizontal: Scores, vertical: Scores) -> Tiling:
    """Group slots into cells.

    Args:
        horizontal: (rows + 1, cols) scores 0-1 of the cell borders above and below slots; the first and last row of
            cell borders are the table's own border.
        vertical: (rows, cols + 1) scores of the cell borders left and right of slots.

    Example:
        >>> tile(np.array([[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.ones((2, 3))).spans
        (Span(row=0, col=0, row_span=1, col_span=1), Span(row=0, col=1, row_span=2, col_span=1), \
Span(row=1, col=0, row_span=1, col_span=1))
    """
    evidence = horizontal - ROW_BORDER_SCORE, vertical - CELL_BORDER_SCORE
    asked = Borders(evidence[0] >= 0, evidence[1] >= 0)
    asked.horizontal[[0, -1]], asked.vertical[:, [0, -1]] = True, True
    regions = _regions(asked)
    spans = [Span.around(region) for region in regions]
    odd = [_is_odd(span, region, asked) for span, region in zip(spans, regions, strict=True)]
    if any(odd):
        spans = _mended(spans, odd, *evidence)
    made = drawn_around(spans, vertical.shape[0], horizontal.shape[1])
    changed = Borders(made.horizontal != asked.horizontal, made.vertical != asked.vertical)
    return Tiling(tuple(sorted(spans)), changed)


def _regions(borders: Borders[np.bool_]) -> list[list[tuple[int, int]]]:
    """Slots that no border separates, each region in the order it was found."""
    rows, cols = borders.vertical.shape[0], borders.horizontal.shape[1]
    seen: set[tuple[int, int]] = set()
    regions = []
    for start in np.ndindex(rows, cols):
        if start in seen:
            continue
        seen.add(start)
        region = [start]
        for row, col in region:  # grows while it is walked
            steps = (
                (row - 1, col, borders.horizontal[row, col]),
                (row + 1, col, borders.horizontal[row + 1, col]),
                (row, col - 1, borders.vertical[row, col]),
                (row, col + 1, borders.vertical[row, col + 1]),
            )
            fresh = [(r, c) for r, c, is_drawn in steps if not is_drawn and (r, c) not in seen]
            seen.update(fresh)
            region.extend(fresh)
        regions.append(region)
    return regions


def _is_odd(span: Span, region: Sequence[tuple[int, int]], borders: Borders[np.bool_]) -> bool:
    """Whether a region with these bounds is no rectangle, or has a border inside it."""
    row, col, bottom, right = span.row, span.col, span.row + span.row_span, span.col + span.col_span
    inside = borders.horizontal[row + 1 : bottom, col:right], borders.vertical[row:bottom, col + 1 : right]
    return span.row_span * span.col_span != len(region) or any(bool(walls.any()) for walls in inside)


def _mended(spans: Sequence[Span], odd: Sequence[bool], horizontal: Scores, vertical: Scores) -> list[Span]:
    """Spans of regions, and which are odd -> spans that tile; those that overlap no odd one are kept.

    `horizontal` and `vertical` are evidence for borders: above 0 it is for them, below 0 against them.
    """
    kept = [span for span, is_odd in zip(spans, odd, strict=True) if not is_odd]
    blocks = [span for span, is_odd in zip(spans, odd, strict=True) if is_odd]
    grown = True
    while grown:
        grown, blocks = False, _disjoint(blocks)
        for index, block in enumerate(blocks):
            met = [span for span in kept if _meet(span, block)]
            if met:
                whole = _joined(block, *met)
                grown, blocks[index] = grown or whole != block, whole
                kept = [span for span in kept if span not in met]
    return kept + [cell for block in blocks for cell in _dissected(block, horizontal, vertical)]


def _dissected(block: Span, horizontal: Scores, vertical: Scores) -> Iterator[Span]:
    """The likeliest cells of a block."""
    row, col, bottom, right = block.row, block.col, block.row + block.row_span, block.col + block.col_span
    for piece in dissect(horizontal[row : bottom + 1, col:right], vertical[row:bottom, col : right + 1]):
        yield Span(row + piece.top, col + piece.left, piece.bottom - piece.top, piece.right - piece.left)


def _disjoint(blocks: Sequence[Span]) -> list[Span]:
    """Blocks that meet joined, until none do."""
    disjoint: list[Span] = []
    for block in blocks:
        joined = block
        while met := [other for other in disjoint if _meet(other, joined)]:
            disjoint = [other for other in disjoint if other not in met]
            joined = _joined(joined, *met)
        disjoint.append(joined)
    return disjoint


def _meet(one: Span, other: Span) -> bool:
    """Whether two spans have a slot in common."""
    return (
        one.row < other.row + other.row_span
        and other.row < one.row + one.row_span
        and one.col < other.col + other.col_span
        and other.col < one.col + one.col_span
    )


def _joined(*spans: Span) -> Span:
    """The smallest span around several."""
    return Span.around(
        [
            corner
            for span in spans
            for corner in ((span.row, span.col), (span.row + span.row_span - 1, span.col + span.col_span - 1))
        ]
    )


def drawn_around(spans: Sequence[Span], rows: int, cols: int) -> Borders[np.bool_]:
    """Which borders are drawn around spans that tile rows x cols slots."""
    owner = np.full((rows + 2, cols + 2), -1)
    for index, span in enumerate(spans):
        owner[span.row + 1 : span.row + span.row_span + 1, span.col + 1 : span.col + span.col_span + 1] = index
    return Borders(np.diff(owner, axis=0)[:, 1:-1] != 0, np.diff(owner, axis=1)[1:-1] != 0)


def _runs(changed: NDArray[np.bool_], drawn: NDArray[np.bool_]) -> Iterator[tuple[int, int, int, bool]]:
    """Changed borders in a row: their line, the first slot, the last one, and whether they are drawn now."""
    for line, (is_changed, is_drawn) in enumerate(zip(changed, drawn, strict=True)):
        state = np.where(is_changed, np.where(is_drawn, 1, -1), 0).tolist()
        slot = 0
        for kind, run in itertools.groupby(state):
            length = len(list(run))
            if kind:
                yield line, slot, slot + length - 1, kind > 0
            slot += length


def _done(there: bool) -> str:
    return "added" if there else "removed"


def _indices(name: str, first: int, last: int) -> str:
    """Indices in words.

    Example:
        >>> _indices("row", 2, 2), _indices("row", 2, 4)
        ('row 2', 'rows 2-4')
    """
    return f"{name} {first}" if first == last else f"{name}s {first}-{last}"
