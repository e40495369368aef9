"""Ridges of a dewarped page -> candidates: straight pieces of line that may be ruling, and where their ink ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp import MIN_FRAGMENT_MM, across_smoothed, connected, find_crests
from pipeline.elements import Image
from pipeline.imaging import as_image, averaged_across

STEP_MM = 0.5
"""Candidates are sampled at this step along their line, as their ends matter here."""
MIN_STRENGTH = 0.55
"""A straight candidate has at least this mean clipped contrast; less than a bent one, since the kernel now fits."""
SMOOTH_MM = 0.6
"""Contrast is averaged over this length along a line, so that noise of single pixels does not count."""
INKED = 0.4
"""From this clipped contrast, 0-1, on a stretch is inked."""
GAP_MM = 2.5
"""A candidate ends where it has no ink for longer than this: so near to each other stand two tables, and what wears off
or is crossed is mostly shorter."""
MIN_PIECE_MM = 3.0
"""Pieces of a candidate between such gaps are at least this long."""


class Candidate(NamedTuple):
    """A straight piece of line.

    `place` is where it is across its direction, on average; `begin` and `end` are along it. `slope` is how far it
    moves across per pixel along, `strength` its mean contrast 0-1. `length` is that of all pieces in line with it which
    the kernel of the search saw as one.
    """

    place: float
    begin: float
    end: float
    strength: float
    slope: float = 0.0
    length: float = 0.0

    @property
    def ends(self) -> tuple[float, float]:
        """Where it is across its direction where it begins, and where it ends."""
        return self.at(self.begin), self.at(self.end)

    @property
    def weight(self) -> float:
        """How much it says about where the line is."""
        return (self.end - self.begin) * self.strength**2

    def at(self, along: float) -> float:
        """Where it is across its direction at a place along it."""
        return self.place + self.slope * (along - (self.begin + self.end) / 2)


def find_candidates(ridge: Image, kernel_mm: float, px_per_mm: float) -> list[Candidate]:
    """Straight horizontal pieces of line in a ridge image (height, width).

    Args:
        ridge: clipped contrast, 0 to 255 where it is full.
        kernel_mm: contrast is averaged over this length along a line.
        px_per_mm: of the image.
    """
    step = max(2, round(STEP_MM * px_per_mm))
    samples = max(5, round(kernel_mm * px_per_mm / step) | 1)
    response = across_smoothed(as_image(cv2.blur(averaged_across(ridge, step), (samples, 1))))
    crests = connected(find_crests(response, MIN_STRENGTH, px_per_mm))
    enough = np.flatnonzero(crests.end - crests.begin >= MIN_FRAGMENT_MM * px_per_mm / step)
    order = np.argsort(crests.owner, kind="stable")
    first, last = (np.searchsorted(crests.owner[order], enough, side) for side in ("left", "right"))
    found: list[Candidate] = []
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        own = order[begin:end]
        along, across = np.asarray((crests.columns[own] + 0.5) * step, np.float64), crests.rows[own]
        trace = _trace(along, across, float(response[across, crests.columns[own]].mean()) / 255, step)
        found += _pieces(ridge, trace, samples * step, px_per_mm)
    return found


def _trace(along: NDArray[np.float64], across: NDArray[np.intp], strength: float, step: int) -> Candidate:
    """One crest as a straight line."""
    begin, end = float(along.min()) - step / 2, float(along.max()) + step / 2
    off = along - along.mean()
    slope = float((off * across).sum() / max(1e-9, (off**2).sum()))
    middle = float(across.mean()) + slope * ((begin + end) / 2 - float(along.mean()))
    return Candidate(middle, begin, end, strength, slope, end - begin)


def _pieces(ridge: Image, trace: Candidate, kernel: int, px_per_mm: float) -> Iterator[Candidate]:
    """A candidate's pieces between gaps, each from where its ink begins to where it ends."""
    first, last = max(0, int(trace.begin) - kernel // 2), min(ridge.shape[1], int(trace.end) + kernel // 2)
    columns, width = np.arange(first, last), ridge.shape[1]
    rows = np.clip(np.rint(trace.place + trace.slope * (columns - (trace.begin + trace.end) / 2)), 1, len(ridge) - 2)
    pixels, path = ridge.reshape(-1), rows.astype(np.intp) * width + columns
    above, here, below = (pixels.take(path + k * width) for k in (-1, 0, 1))
    line = np.maximum(np.maximum(above, here), below)[None]
    smooth = cv2.blur(line, (max(3, round(SMOOTH_MM * px_per_mm) | 1), 1))[0]
    for begin, end in _runs(smooth > INKED * 255, GAP_MM * px_per_mm):
        left, right = begin + first, end + first
        if right - left >= MIN_PIECE_MM * px_per_mm and left < trace.end and right > trace.begin:
            yield trace._replace(place=trace.at((left + right) / 2), begin=float(left), end=float(right))


def _runs(inked: NDArray[np.bool_], gap: float) -> Sequence[tuple[int, int]]:
    """Where inked runs begin and end (exclusive), those nearer than a gap as one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    begins, ends = edges[::2], edges[1::2]
    if not len(begins):
        return ()
    apart = np.flatnonzero(begins[1:] - ends[:-1] > gap)
    runs = zip(begins[[0, *(apart + 1)]].tolist(), ends[[*apart, -1]].tolist(), strict=True)
    return tuple(runs)
