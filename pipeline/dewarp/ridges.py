"""A page's darkness -> ridges: how strongly each pixel stands out as part of a thin line, and their crests."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp.dashes import Pace, TracedLine, drawn_through
from pipeline.dewarp.fills import fill_ridge
from pipeline.elements import Axis, Image
from pipeline.imaging import UINT8_MAX, Histogram, as_image, averaged_across, darker_side, grown_back, opened

LINE_REACH_MM = 0.45
"""From the middle of a ruling line to clean paper it is this far: lines are 0.1-0.6 mm thick."""
DOUBLE_GAP_MM = 0.4
"""The two strokes of a double line have so much paper between them."""
FRAME_GAP_MM = 0.7
"""The frames of neighbouring cells have so much paper between them."""
BAR_CORE_MM = 0.7
"""Lines of which so much, across, is solid are bars."""
BAR_REACH_MM = 1.1
"""Bars have clean paper this far from their middle."""
BAR_LENGTH_MM = 12.0
"""Bars are straight for at least this length: the ring of a copied seal is as thick, but nowhere straight for so
long."""
THICK_REACH_MM = 0.9
"""Thick lines, up to 1.5 mm, have clean paper this far from their middle."""
THICK_CORE_MM = 0.5
"""Lines of which so much, across, is solid are thick."""
THICK_LENGTH_MM = 5.0
"""Thick lines are straight for this length, as strokes of characters are not; within it, at three degrees, they stay
within half of their thickness."""
THICK_COLUMNS = 8
"""Thick lines that are missed are so many millimetres long at least."""
THICK_SEEN = 0.4
"""From this share of the clip on a line is seen."""
THICK_MM2 = 12.0
"""So much of thick lines must be missed before they are looked for: 20 mm of one."""
THICK_DARKNESS = 60
"""Thick lines stand out from paper by at least this much, of 255; paler ones are seldom drawn thick."""
KERNEL_MM = {Axis.HORIZONTAL: 9.0, Axis.VERTICAL: 6.5}
"""The kernels are longer than strokes of a title; vertical ones are shorter, as rows are lower than columns are
wide."""
STEP_MM = 1.3
"""A line is sampled at this step, as it bends slowly: within a step, even the steepest one stays within its
thickness."""
SLOPES_DEG = (-6.6, -4.4, -2.2, 0.0, 2.2, 4.4, 6.6)
"""These directions are tried on a deskewed page: a kernel half a step off still stays within a line's thickness."""
BAND_ROWS = 512
"""Means along kernels are taken of so many rows at a time: several images of them fit into a processor's cache."""
NOISE_CLIP = 4.0
"""Contrast is clipped at so many standard deviations of the paper's ridges, or at `INK_CLIP`, whichever is more."""
INK_CLIP = 0.2
"""Contrast is clipped at this share of the page's strong strokes, or at `NOISE_CLIP`, whichever is more: what is left
of a seal is fainter."""
SHADE = 1.25
"""A line is darker than the shade beside it by more than shades vary: the edge of a fold's shadow is none."""
STRONG_STROKES = 99.5
"""The percentile of the page that counts as its strong strokes."""
CLIP_RANGE = (8.0, 45.0)
"""Contrast is never clipped below a visible line nor above a faded one, in darkness of 255."""


class Crests(NamedTuple):
    """The n pixels of m crests: their rows and columns, and to which crest each belongs, (n,) each.

    `begin` and `end` (m,) are the first column of each crest, and the one after its last.
    """

    rows: _Places
    columns: _Places
    owner: _Places
    begin: _Places
    end: _Places


def line_ridge(darkness: Image, px_per_mm: float, fills: Image | None = None) -> Image:
    """How far each pixel stands out from the paper above and below it: (height, width), 0 to 255 at the clip.

    The two strokes of a double line count as one. Edges of dark fills stand out, too, and light lines in them.

    Args:
        darkness: (height, width), 0 paper to 255 ink.
        px_per_mm: of the image.
        fills: (height, width) of the page, where it has any.
    """
    gap, reach = round(DOUBLE_GAP_MM * px_per_mm) | 1, max(2, round(LINE_REACH_MM * px_per_mm))
    whole = as_image(cv2.morphologyEx(darkness, cv2.MORPH_CLOSE, np.ones((gap, 1), np.uint8)))
    ridge = _above_sides(whole, darkness, reach)
    clip = _clip(ridge[::3, ::3])
    if _misses_thick_lines(ridge, darkness, clip, px_per_mm):
        core, length = (max(2, round(mm * px_per_mm)) for mm in (THICK_CORE_MM, THICK_LENGTH_MM))
        straight = opened(darkness, core, length)
        ridge = as_image(cv2.max(ridge, _above_sides(straight, darkness, round(THICK_REACH_MM * px_per_mm))))
    if fills is not None:
        ridge = as_image(cv2.max(ridge, fill_ridge(darkness, fills, px_per_mm, reach)))
    return as_image(cv2.convertScaleAbs(ridge, alpha=255 / clip))


def _misses_thick_lines(ridge: Image, darkness: Image, clip: float, px_per_mm: float) -> bool:
    """Whether a ridge image lacks lines that are too thick to be seen from one side to the other.

    A column to each millimetre shows it. What is thicker still is a fill; where lines cross, little is missed.
    """
    step, core = max(1, round(px_per_mm)), max(2, round(THICK_CORE_MM * px_per_mm))
    columns, enough = np.ascontiguousarray(darkness[:, ::step]), THICK_MM2 * px_per_mm
    cores = as_image(cv2.erode(columns, np.ones((core, THICK_COLUMNS), np.uint8)))
    if cv2.countNonZero(_at_least(cores, THICK_DARKNESS)) * core * THICK_COLUMNS < enough:  # what they would grow to
        return False
    fill = round(2 * THICK_REACH_MM * px_per_mm)
    straight = cv2.subtract(grown_back(cores, core, THICK_COLUMNS), cv2.erode(columns, np.ones((fill, 1), np.uint8)))
    lines = _at_least(as_image(straight), THICK_DARKNESS)
    if cv2.countNonZero(lines) < enough:  # before it is known how many of them are seen
        return False
    seen = cv2.compare(np.ascontiguousarray(ridge[:, ::step]), THICK_SEEN * clip, cv2.CMP_GE)  # type: ignore[call-overload]
    missed = as_image(cv2.subtract(lines, seen))
    return cv2.countNonZero(opened(missed, 1, THICK_COLUMNS)) >= enough


def _at_least(image: Image, level: int) -> Image:
    """255 where an image has a level or more, 0 elsewhere."""
    return as_image(cv2.threshold(image, level - 1, UINT8_MAX, cv2.THRESH_BINARY)[1])


def bar_ridge(darkness: Image, px_per_mm: float, fills: Image | None = None) -> Image:
    """The same for lines, for bars up to 1.5 mm thick, and for the gaps between cells that each have a frame."""
    gap = round(FRAME_GAP_MM * px_per_mm) | 1
    merged = as_image(cv2.morphologyEx(darkness, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8)))
    core = as_image(cv2.erode(merged, np.ones((max(2, round(BAR_CORE_MM * px_per_mm)), 1), np.uint8)))
    bars = _above_sides(opened(core, 1, round(BAR_LENGTH_MM * px_per_mm)), merged, round(BAR_REACH_MM * px_per_mm))
    bars = as_image(cv2.convertScaleAbs(bars, alpha=255 / CLIP_RANGE[1]))
    return as_image(cv2.max(line_ridge(darkness, px_per_mm, fills), bars))


def _above_sides(middle: Image, darkness: Image, reach: int) -> Image:
    """How much darker a middle is than a little more than the page so many pixels above and below it."""
    return as_image(cv2.subtract(middle, cv2.convertScaleAbs(darker_side(darkness, reach), alpha=SHADE)))


def _clip(ridge: Image) -> float:
    """The contrast that counts as full, from a sample of it: well above noise, and no more than a faded line's."""
    histogram = Histogram.of(ridge)
    strong = histogram.quantile(STRONG_STROKES / 100)
    noise = 1.4826 * histogram.quantile(0.5, least=1) if histogram.at_most[0] < ridge.size else 0.0
    return float(np.clip(max(NOISE_CLIP * noise, INK_CLIP * strong), *CLIP_RANGE))


def transposed(image: Image) -> Image:
    """Rows as columns, so that what finds horizontal lines finds vertical ones."""
    return as_image(cv2.transpose(image))


def ridges_of(darkness: Image, px_per_mm: float, fills: Image | None, *, bars: bool = False) -> tuple[Image, Image]:
    """The ridges along horizontal lines (height, width), and those along vertical ones (width, height), transposed."""
    ridge = bar_ridge if bars else line_ridge
    turned_fills = None if fills is None else transposed(fills)
    return ridge(darkness, px_per_mm, fills), ridge(transposed(darkness), px_per_mm, turned_fills)


def solid_ridge(ridge: Image, axis: Axis, px_per_mm: float, pace: Pace | None) -> Image:
    """A ridge image with its dashed lines drawn through; the same where the ruling is not dashed."""
    if pace is None:
        return ridge
    response = oriented_mean(ridge, axis, px_per_mm)
    paths = [points for points, _ in crest_lines(response, MIN_DASHED_STRENGTH, MIN_FRAGMENT_MM, px_per_mm)]
    return drawn_through(ridge, paths, pace, px_per_mm)


def oriented_mean(ridge: Image, axis: Axis, px_per_mm: float) -> Image:
    """The largest mean along a kernel of any of the slopes; columns are reduced by the step."""
    step = _step(px_per_mm)
    reach = max(2, round(KERNEL_MM[axis] * px_per_mm / step / 2))
    reduced = averaged_across(ridge, step)
    drops = (np.tan(np.radians(SLOPES_DEG)) * step).tolist()
    border = math.ceil(max(drops) * reach)
    padded = np.pad(reduced.astype(np.uint16), ((border, border), (reach, reach)))
    best = np.zeros(reduced.shape, np.uint16)
    for top in range(0, len(best), BAND_ROWS):  # which stay in the processor's cache
        band = best[top : top + BAND_ROWS]
        for total in _sums_along(padded[top : top + len(band) + 2 * border], (border, reach), drops):
            cv2.max(band, total, band)
    return as_image(across_smoothed(as_image(best // (2 * reach + 1))))


def _sums_along(
    padded: NDArray[np.uint16], margin: tuple[int, int], drops: Sequence[float]
) -> Iterator[NDArray[np.uint16]]:
    """The sums over kernels of several slopes: kernels that begin alike share what they have in common.

    Args:
        padded: an image with paper around it.
        margin: of the paper, above and beside it; kernels reach as far to each side as that beside it.
        drops: how far each kernel goes down to the next column, ascending.

    Yields:
        For each slope the sums (height, width), valid until the next is asked for.
    """
    border, reach = margin
    height, width = padded.shape[0] - 2 * border, padded.shape[1] - 2 * reach

    def moved(down: int, right: int) -> NDArray[np.uint16]:
        return padded[border + down : border + down + height, reach + right : reach + right + width]

    def grown(inner: NDArray[np.uint16], k: int, left: Sequence[float]) -> Iterator[NDArray[np.uint16]]:
        if k > reach:
            yield inner
            return
        total = np.empty((height, width), np.uint16)
        for down, alike in itertools.groupby(left, key=lambda drop: round(drop * k)):
            cv2.add(inner, moved(down, k), total)  # in half of NumPy's time
            cv2.add(total, moved(-down, -k), total)
            yield from grown(total, k + 1, list(alike))

    return grown(moved(0, 0), 1, drops)


def _step(px_per_mm: float) -> int:
    return max(2, round(STEP_MM * px_per_mm))


def across_smoothed(response: Image) -> Image:
    """A response with some of each pixel's neighbours above and below: lines of one pixel must stay strong."""
    return as_image(cv2.GaussianBlur(response, (1, 3), 1, sigmaY=0.5))


def find_crests(response: Image, min_strength: float, px_per_mm: float) -> NDArray[np.bool_]:
    """Where a (height, width) response of 0-255 is highest among its neighbours above and below, and high enough.

    Args:
        response: mean clipped contrast along horizontal lines.
        min_strength: least response, 0-1.
        px_per_mm: of the image, down.
    """
    reach = max(2, round(LINE_REACH_MM * px_per_mm))
    neighbours = cv2.dilate(response, np.ones((2 * reach + 1, 1), np.uint8))
    crest: NDArray[np.bool_] = (response >= neighbours) & (response >= math.ceil(min_strength * 255))
    return crest


def connected(crest: NDArray[np.bool_], apart: int = 0) -> Crests:
    """Tell crests that hang together, also corner to corner, or across some rows above and below each.

    Args:
        crest: (height, width).
        apart: so many rows.
    """
    joined = cv2.dilate(as_image(crest), np.ones((2 * apart + 1, 1), np.uint8)) if apart else as_image(crest)
    count, labels = cv2.connectedComponentsWithAlgorithm(joined, 8, cv2.CV_32S, cv2.CCL_GRANA)
    places = np.flatnonzero(crest)
    owner: _Places = (labels.ravel()[places] - 1).astype(np.intp)
    rows, columns = places // crest.shape[1], places % crest.shape[1]
    begin: _Places = np.full(count - 1, crest.shape[1], np.intp)
    end: _Places = np.zeros(count - 1, np.intp)
    np.minimum.at(begin, owner, columns)
    np.maximum.at(end, owner, columns + 1)
    return Crests(rows, columns, owner, begin, end)


def _peak_offset(response: Image, rows: _Places, columns: _Places) -> NDArray[np.float64]:
    """Sub-pixel offset of each crest, by a parabola through it and its two neighbours; within half a pixel."""
    inner = np.clip(rows, 1, response.shape[0] - 2)
    above, here, below = (response[inner + k, columns].astype(np.float64) for k in (-1, 0, 1))
    surface = above - 2 * here + below
    offset: NDArray[np.float64] = np.where(
        surface < 0, 0.5 * (above - below) / np.where(surface < 0, surface, 1.0), 0.0
    )
    return np.clip(offset, -0.5, 0.5)


MIN_FRAGMENT_MM = 5.0
"""Fragments are at least as long as the side of the smallest cell that a form has."""
MIN_DASHED_STRENGTH = 0.36
"""Traces of this mean clipped contrast, of 1, may be dashed lines."""
_Places: TypeAlias = NDArray[np.intp]


def crest_lines(response: Image, min_strength: float, min_mm: float, px_per_mm: float) -> list[TracedLine]:
    """Each crest of a response that is long enough, x ascending."""
    step = _step(px_per_mm)
    crest = find_crests(response, min_strength, px_per_mm)
    crests = connected(crest, apart=1)  # crests of neighbouring columns may lie 3 rows apart
    enough = crests.end - crests.begin >= min_mm * px_per_mm / step
    if not enough.any():
        return []
    order = np.lexsort((crests.columns, crests.owner))
    order = order[enough[crests.owner[order]]]
    rows, columns, owner = crests.rows[order], crests.columns[order], crests.owner[order]
    points = np.column_stack([(columns + 0.5) * step - 0.5, rows + _peak_offset(response, rows, columns)])
    first = np.r_[True, (np.diff(owner) != 0) | (np.diff(columns) != 0)]
    begins = np.flatnonzero(first)  # a thick line may be as strong in several rows: it runs along their middle
    points = np.add.reduceat(points, begins) / np.diff(np.r_[begins, len(owner)])[:, None]
    strength, owner = response[rows, columns][begins], owner[begins]
    starts = [*np.searchsorted(owner, np.flatnonzero(enough)), len(owner)]
    ends = itertools.pairwise(starts)
    return [TracedLine(points[begin:end], float(strength[begin:end].mean()) / 255) for begin, end in ends]
