"""Two tables' cells -> GriTS, the grid table similarity, of their structure and of their text.

Smock, Pesala and Abraham, "GriTS: Grid table similarity metric for table structure recognition" (2022,
arXiv:2203.12555): twice the summed similarity of the slots of the two most similar substructures, over the number of
slots of both tables. A substructure is some rows and some columns of a table, in order. As in the paper, rows and
columns are chosen apart, each by a dynamic programme over the other, which is a close lower bound of the exact measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cdist

from pipeline.evaluate.landed import Place
from pipeline.text import align, best_sums

Rewards = NDArray[np.float64]
"""(rows, cols, other rows, other cols): the similarity of each slot to each slot of the other table, 0-1."""


class PlacedText(NamedTuple):
    """A cell's place and its text."""

    place: Place
    text: str


class Grits(NamedTuple):
    """GriTS of topology (each slot's span) and of content (each slot's text), 0-1."""

    top: float
    con: float


def grits(true: Sequence[PlacedText], landed: Sequence[PlacedText]) -> Grits:
    """Compare two tables, each a sequence of cells; an empty one is like nothing.

    Example:
        >>> cells = [PlacedText(Place(0, 0, 1, 1), "甲"), PlacedText(Place(0, 1, 1, 1), "乙")]
        >>> grits(cells, cells[:1])
        Grits(top=0.6666666666666666, con=0.6666666666666666)
    """
    if not true or not landed:
        return Grits(0.0, 0.0)
    owners, others = _owners(true), _owners(landed)
    slots = int((owners >= 0).sum() + (others >= 0).sum())
    top = _overlaps(_reaches(true, owners), _reaches(landed, others))
    top *= (owners >= 0)[:, :, None, None] & (others >= 0)
    con = _likeness(true, landed)[owners[:, :, None, None], others]
    return Grits(2 * _most_similar(top) / slots, 2 * _most_similar(con) / slots)


def _owners(cells: Sequence[PlacedText]) -> NDArray[np.intp]:
    """(rows, cols): the index of the cell that covers each slot, -1 where none does."""
    n_rows = max(place.row + place.row_span for place, _ in cells)
    n_cols = max(place.col + place.col_span for place, _ in cells)
    owners = np.full((n_rows, n_cols), -1, dtype=np.intp)
    for index, (place, _) in enumerate(cells):
        owners[place.row : place.row + place.row_span, place.col : place.col + place.col_span] = index
    return owners


def _reaches(cells: Sequence[PlacedText], owners: NDArray[np.intp]) -> NDArray[np.float64]:
    """(rows, cols, 4): how far each slot's cell reaches left, up, right and down from the slot's own corner."""
    places = np.array([place for place, _ in cells])
    row, col, row_span, col_span = places[owners].transpose(2, 0, 1)
    rows, cols = np.indices(owners.shape)
    left, top = col - cols, row - rows
    return np.stack([left, top, left + col_span, top + row_span], axis=-1).astype(np.float64)


def _overlaps(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> Rewards:
    """Intersection over union of each box with each other one."""
    mine, theirs = boxes[:, :, None, None, :], others[None, None]
    sides = np.minimum(mine[..., 2:], theirs[..., 2:]) - np.maximum(mine[..., :2], theirs[..., :2])
    both = np.clip(sides, 0, None).prod(axis=-1)
    area, other_area = ((b[..., 2:] - b[..., :2]).prod(axis=-1) for b in (mine, theirs))
    overlaps: Rewards = both / (area + other_area - both)
    return overlaps


def _likeness(true: Sequence[PlacedText], landed: Sequence[PlacedText]) -> NDArray[np.float64]:
    """(cells + 1, other cells + 1): twice the longest common subsequence over both lengths; two blanks are alike.

    The last row and column are zeros, for slots that no cell (-1) covers.
    """
    texts, others = [text for _, text in true], [text for _, text in landed]
    lengths = np.add.outer([len(text) for text in texts], [len(text) for text in others])
    common = cdist(texts, others, scorer=LCSseq.similarity, dtype=np.float64)
    alike = np.where(lengths > 0, 2 * common / np.maximum(lengths, 1), 1.0)
    return np.pad(alike, ((0, 1), (0, 1)))


def _most_similar(rewards: Rewards) -> float:
    """The summed similarity of the two most similar substructures."""
    rows = np.array(align(best_sums(rewards.transpose(1, 3, 0, 2))).pairs, dtype=np.intp).reshape(-1, 1, 2)
    cols = np.array(align(best_sums(rewards.transpose(0, 2, 1, 3))).pairs, dtype=np.intp).reshape(1, -1, 2)
    return float(rewards[rows[..., 0], cols[..., 0], rows[..., 1], cols[..., 1]].sum())
