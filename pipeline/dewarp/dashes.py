"""Dashed ruling: told from rows of text by the even pace of its dashes, and drawn through where it keeps that pace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import Points, as_image

PERIOD_MM = (0.85, 5.6)
"""What office software and printers draw has this range of distances from dash to dash."""
GAP_SHARE = 0.09
"""Gaps are at least this share of the period: where rows are low, the rules that cross a solid line leave gaps in it
that are as even, and narrower."""
SPECK_MM = 0.35
"""Gaps up to this are none: a line that crosses leaves one, and a dotted line has no others."""
MIN_DASHES = 6
"""So many dashes in a row show a pace."""
MIN_CHAIN = 2
"""Dashes that keep a known pace for so many steps in a row are surely ruling: their last gap may meet another line."""
EVEN = 0.2
"""Steps are even within this share of the period."""
EVEN_SHARE = 0.65
"""A line keeps a pace if this share of its steps is even: crossing lines cut some dashes, and of the steps in a row of
text fewer are even."""
INKED = 0.4
"""From this clipped contrast, 0-1, on a stretch is inked."""
PALE_AND_DARK = (0.1, 0.9)
"""The palest and the darkest tenth of a line say how pale its gaps and how dark its dashes are."""
GREY = 0.75
"""Where the palest tenth of a line is paler than this, gaps are told from dashes by what is halfway between the palest
and the darkest tenth: a scanner blurs short gaps to gray."""
SOLID = 0.6
"""Solid lines have at least this mean contrast, 0-1; where these are longer in all, even strokes are something else."""
UNBROKEN = 0.9
"""No dashed line has this mean contrast, as its gaps are a tenth of it at least. Where such lines are longer than all
others together, none need be looked at."""
ROW_MM = 4.0
"""Even strokes nearer to each other than this belong to a row of text."""
MIN_DASHED_LINES = 3
"""So many lines of one direction show a page's pace."""
SAME_PACE = 0.12
"""Lines of one document have the same period, within this share."""
LONGEST_GAP = 0.8
"""No gap is longer than this share of the period."""
WORN_GAP = 1.6
"""No gap is longer than this multiple of the page's own, as faint dashes lose their ends."""
SHOULDER = 160
"""Lines that are drawn through have this contrast, of 255, beside their middle."""


class Pace(NamedTuple):
    """How a page's dashes come: the distance from one to the next, and the gap between them, in pixels."""

    period: float
    gap: float

    @property
    def inked(self) -> float:
        """The share of a line that its dashes ink, 0-1."""
        return 1 - self.gap / self.period

    @property
    def longest_gap(self) -> float:
        """The longest gap between two dashes: faint ones lose their ends."""
        return min(LONGEST_GAP * self.period, WORN_GAP * self.gap + 1)


class TracedLine(NamedTuple):
    """A line that may be ruling: (n, 2) points along it, in the direction of its axis, and its mean contrast, 0-1."""

    points: Points
    strength: float


class Dashes(NamedTuple):
    """The pace of the dashes of the lines of each direction; None for solid lines."""

    horizontal: Pace | None
    vertical: Pace | None


NO_DASHES = Dashes(None, None)
"""All lines of the page are solid."""


class _DashedLine(NamedTuple):
    place: float
    begin: float
    end: float
    pace: Pace


def find_pace(ridge: Image, lines: Sequence[TracedLine], px_per_mm: float) -> Pace | None:
    """The pace of the dashes of a page; None where its ruling is not dashed.

    Args:
        ridge: (height, width) contrast along horizontal lines, 0-255 at the clip.
        lines: horizontal ones that may be ruling, x ascending.
        px_per_mm: of the image.
    """
    lengths = [float(np.ptp(line.points[:, 0])) for line in lines]
    unbroken = sum(length for length, line in zip(lengths, lines, strict=True) if line.strength >= UNBROKEN)
    if 2 * unbroken > sum(lengths):
        return None
    dashed = [_dashed_line(ridge, line.points, px_per_mm) for line in lines]
    even = [line for line in dashed if line is not None]
    alone = [line for line in even if not any(_beside(line, other, ROW_MM * px_per_mm) for other in even)]
    length = sum(line.end - line.begin for line in alone)
    none = zip(lengths, lines, dashed, strict=True)
    solid = [(_place(line), length) for length, line, pace in none if pace is None and line.strength >= SOLID]
    inner = sorted(solid)[1:-1]  # a dashed table may have a solid outer border
    if len(alone) < MIN_DASHED_LINES or length < sum(length for _, length in inner):
        return None
    paces = [line.pace for line in alone]
    best = max(([x for x in paces if abs(x.period - y.period) <= SAME_PACE * y.period] for y in paces), key=len)
    return Pace(*map(float, np.median(best, axis=0))) if len(best) >= max(MIN_DASHED_LINES, len(alone) / 2) else None


def _place(line: TracedLine) -> float:
    return float(line.points[:, 1].mean())


def _beside(line: _DashedLine, other: _DashedLine, reach: float) -> bool:
    """Whether two lines run side by side, as strokes of one row of text do."""
    return 1 < abs(line.place - other.place) < reach and line.begin < other.end and other.begin < line.end


def drawn_through(ridge: Image, paths: Sequence[Points], pace: Pace, px_per_mm: float) -> Image:
    """A ridge image in which the gaps of those paths are inked that keep the page's pace.

    Args:
        ridge: (height, width) contrast along horizontal lines, 0-255 at the clip.
        paths: (n, 2) points along each horizontal line that may be ruling, x ascending.
        pace: of the page's dashes.
        px_per_mm: of the image.
    """
    result = ridge.copy()
    for path in (_lengthened(path, pace.period) for path in paths):
        even = (inked for inked in _inked_along(ridge, path, px_per_mm) if _is_even(*_runs(inked), pace))
        if (inked := next(even, None)) is None:
            continue
        inked = filled(inked, pace)
        x = int(max(0, path[0, 0])) + np.flatnonzero(inked)
        y = _rows_along(path, x, ridge.shape[0])
        result[y, x] = 255
        for k in (-1, 1):
            result[y + k, x] = np.maximum(result[y + k, x], SHOULDER)
    return result


def _lengthened(path: Points, by: float) -> Points:
    """A path that goes on level at both ends: the last dash of a line may be a stub that was not traced."""
    (x0, y0), (x1, y1) = path[0], path[-1]
    return np.vstack([(x0 - by, y0), path, (x1 + by, y1)])


def filled(inked: NDArray[np.bool_], pace: Pace) -> NDArray[np.bool_]:
    """A (n,) line with those gaps inked that come between dashes at a page's pace.

    Example:
        >>> filled(np.array([1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1], bool), Pace(5.0, 2.0)).all()
        np.True_
        >>> filled(np.array([1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1], bool), Pace(5.0, 2.0)).sum()
        np.int64(7)
    """
    begins, ends = _runs(inked)
    keeps = _in_step(begins, ends, pace)
    if not keeps.any():
        return inked
    result = inked.copy()
    gaps = begins[1:] - ends[:-1]
    for i in np.flatnonzero(keeps):
        result[ends[i] : begins[i + 1]] = True
    gap = int(np.median(gaps[keeps])) + 1
    chains, chain_ends = _runs(keeps)
    for first, last in zip(chains, chain_ends, strict=True):
        if last - first >= MIN_CHAIN:
            result[max(0, begins[first] - gap) : begins[first]] = True
            result[ends[last] : ends[last] + gap] = True
    return result


def _in_step(begins: NDArray[np.intp], ends: NDArray[np.intp], pace: Pace) -> NDArray[np.bool_]:
    """Which of the gaps between dashes come at a pace."""
    off = np.abs(np.diff(begins) - pace.period)
    result: NDArray[np.bool_] = (off <= max(1.0, EVEN * pace.period)) & (begins[1:] - ends[:-1] <= pace.longest_gap)
    return result


def _dashed_line(ridge: Image, path: Points, px_per_mm: float) -> _DashedLine | None:
    shortest, longest = (limit * px_per_mm for limit in PERIOD_MM)
    for inked in _inked_along(ridge, path, px_per_mm):
        begins, ends = _runs(inked)
        if len(begins) < MIN_DASHES:
            continue
        pace = Pace(float(np.median(np.diff(begins))), float(np.median(begins[1:] - ends[:-1])))
        long_enough = pace.gap >= GAP_SHARE * pace.period
        if long_enough and shortest <= pace.period <= longest and _is_even(begins, ends, pace):
            return _DashedLine(float(path[:, 1].mean()), float(path[0, 0]), float(path[-1, 0]), pace)
    return None


def _is_even(begins: NDArray[np.intp], ends: NDArray[np.intp], pace: Pace) -> bool:
    """Whether most strokes along a line are as long as each other and come at a pace, as strokes of text do not."""
    if len(begins) <= MIN_CHAIN:
        return False
    lengths = ends - begins
    alike = np.abs(lengths - np.median(lengths)) <= max(1.0, EVEN * float(np.median(lengths)))
    return min(float(_in_step(begins, ends, pace).mean()), float(alike.mean())) >= EVEN_SHARE


def _inked_along(ridge: Image, path: Points, px_per_mm: float) -> Iterator[NDArray[np.bool_]]:
    """Whether a line's own pixels, or those above and below them, are inked, from end to end: without specks, and with.

    A speck is no gap where a line crosses; where dashes are short, the gaps between them are no longer.
    """
    x = np.arange(int(max(0, path[0, 0])), min(ridge.shape[1] - 1, int(path[-1, 0])) + 1)
    y = _rows_along(path, x, ridge.shape[0])
    contrast = np.max([ridge[y + k, x] for k in (-1, 0, 1)], axis=0)
    ordered = np.sort(contrast[::2])
    pale, dark = (float(ordered[int(share * ordered.size)]) for share in PALE_AND_DARK)
    level = max(INKED * 255, (pale + dark) / 2 if pale < GREY * 255 else 0.0)
    inked = (contrast > level).astype(np.uint8)[None]
    speck = np.ones((1, round(SPECK_MM * px_per_mm) | 1), np.uint8)
    yield as_image(cv2.morphologyEx(inked, cv2.MORPH_CLOSE, speck))[0].astype(np.bool_)
    yield inked[0].astype(np.bool_)


def _rows_along(path: Points, x: NDArray[np.intp], height: int) -> NDArray[np.intp]:
    return np.clip(np.rint(np.interp(x, path[:, 0], path[:, 1])).astype(np.intp), 1, height - 2)


def _runs(inked: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where inked runs begin, and where they end (exclusive)."""
    edges = np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
