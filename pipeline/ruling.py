"""Darkness -> ruling lines, as curves rather than segments.

A ruling line is a thin dark ridge that goes on for longer than any stroke of a character. The ridge's contrast is
clipped at a few times the paper's noise, so that a faded line counts as much as a black one, and averaged along short
oriented kernels; what stays high for several millimetres is traced, with sub-pixel precision, into a fragment of a
curve. A line broken by a seal, a speck or a junction gives several fragments, joined later by their place on the page.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Axis, Image
from pipeline.geometry import Points
from pipeline.ink import as_image

LINE_REACH_MM = 0.45
"""From the middle of a ruling line to clean paper: lines are 0.1-0.6 mm thick."""
KERNEL_MM = {Axis.HORIZONTAL: 9.0, Axis.VERTICAL: 6.5}
"""Length of the kernels: longer than strokes of a title; rows are lower than columns are wide."""
STEP_MM = 0.5
"""Sampling along a line, which bends slowly."""
MIN_FRAGMENT_MM = 5.0
"""The side of the smallest cell that a form has."""
MIN_STRENGTH = 0.55
"""Mean clipped contrast of a fragment, of 1: rows of text reach 0.4-0.5, dashed lines 0.6."""
SLOPES_DEG = (-4.4, -2.2, 0.0, 2.2, 4.4)
"""Directions tried on a deskewed page: a kernel half a step off still stays within a line's thickness."""
NOISE_CLIP = 4.0
"""Contrast is clipped at this many standard deviations of the paper's ridges ..."""
INK_CLIP = 0.2
"""... or at this share of the page's strong strokes, whichever is more: what is left of a seal is fainter ..."""
STRONG_STROKES = 99.5
"""(the percentile of the page that counts as strong)"""
CLIP_RANGE = (8.0, 45.0)
"""... but never below a visible line nor above a faded one, in darkness of 255."""


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """A traced piece of a ruling line.

    `points` (n, 2) are in the pixels of the image it was traced on, at equal steps along the line. `strength` is the
    mean clipped contrast, 0-1.
    """

    axis: Axis
    points: Points
    strength: float

    @property
    def length(self) -> float:
        """Extent along the line, in pixels."""
        return float(np.ptp(self.points[:, 0 if self.axis is Axis.HORIZONTAL else 1]))


def find_ruling_lines(darkness: Image, px_per_mm: float) -> tuple[Fragment, ...]:
    """Trace the ruling lines of a deskewed page, horizontal and vertical.

    Args:
        darkness: (height, width), 0 paper to 255 ink.
        px_per_mm: of the image.
    """
    horizontal = _trace(line_ridge(darkness, px_per_mm), Axis.HORIZONTAL, px_per_mm)
    vertical = _trace(line_ridge(transposed(darkness), px_per_mm), Axis.VERTICAL, px_per_mm)
    return (*horizontal, *vertical)


def line_ridge(darkness: Image, px_per_mm: float) -> Image:
    """How far each pixel stands out from the paper above and below it: (height, width), 0 to 255 at the clip."""
    reach = max(2, round(LINE_REACH_MM * px_per_mm))
    sides = np.zeros((2, *darkness.shape), np.uint8)
    sides[0, reach:], sides[1, :-reach] = darkness[:-reach], darkness[reach:]
    ridge = as_image(cv2.subtract(darkness, cv2.max(sides[0], sides[1])))
    sample = ridge[::3, ::3]
    strong = float(np.percentile(sample, STRONG_STROKES))
    sample = sample[sample > 0]
    noise = 1.4826 * float(np.median(sample)) if sample.size else 0.0
    clip = float(np.clip(max(NOISE_CLIP * noise, INK_CLIP * strong), *CLIP_RANGE))
    return as_image(cv2.convertScaleAbs(ridge, alpha=255 / clip))


def transposed(image: Image) -> Image:
    """Rows as columns, so that what finds horizontal lines finds vertical ones."""
    return as_image(cv2.transpose(image))


def _trace(ridge: Image, axis: Axis, px_per_mm: float) -> list[Fragment]:
    step = max(2, round(STEP_MM * px_per_mm))
    samples = max(5, round(KERNEL_MM[axis] * px_per_mm / step) | 1)
    response = _oriented_mean(ridge, step, samples)
    crest = find_crests(response, MIN_STRENGTH, px_per_mm)
    fragments = []
    for rows, columns in _connected(crest, MIN_FRAGMENT_MM * px_per_mm / step):
        across = rows + _peak_offset(response, rows, columns)
        along = (columns + 0.5) * step - 0.5
        points = np.column_stack([along, across] if axis is Axis.HORIZONTAL else [across, along])
        fragments.append(Fragment(axis, points, float(response[rows, columns].mean()) / 255))
    return fragments


def _oriented_mean(ridge: Image, step: int, samples: int) -> Image:
    """The largest mean along a kernel of any of the slopes; columns are reduced by `step`."""
    height, width = ridge.shape[0], ridge.shape[1] // step
    reduced = as_image(cv2.resize(ridge[:, : width * step], (width, height), interpolation=cv2.INTER_AREA))
    best = np.zeros_like(reduced)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for slope in np.tan(np.radians(SLOPES_DEG)) * step:
        shear = np.array([[1, 0, 0], [slope, 1, -slope * width / 2]], np.float32)
        unshear = np.array([[1, 0, 0], [-slope, 1, slope * width / 2]], np.float32)
        sheared = cv2.warpAffine(reduced, shear, (width, height), flags=flags) if slope else reduced
        mean = cv2.blur(sheared, (samples, 1))
        best = as_image(cv2.max(best, cv2.warpAffine(mean, unshear, (width, height), flags=flags) if slope else mean))
    return as_image(cv2.GaussianBlur(best, (1, 3), 0))


def find_crests(response: Image, min_strength: float, px_per_mm: float) -> NDArray[np.bool_]:
    """Where a (height, width) response of 0-255 is highest among its neighbours above and below, and high enough.

    Args:
        response: mean clipped contrast along horizontal lines.
        min_strength: least response, 0-1.
        px_per_mm: of the image, down.
    """
    reach = max(2, round(LINE_REACH_MM * px_per_mm))
    neighbours = cv2.dilate(response, np.ones((2 * reach + 1, 1), np.uint8))
    crest: NDArray[np.bool_] = (response >= neighbours) & (response >= min_strength * 255)
    return crest


def _connected(crest: NDArray[np.bool_], min_samples: float) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """(rows, columns) of each connected crest of at least a length, from left to right."""
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(crest.astype(np.uint8), connectivity=8)
    rows, columns = np.nonzero(crest)
    owner = labels[rows, columns]
    order = np.lexsort((columns, owner))
    starts = np.searchsorted(owner[order], np.arange(1, count + 1))
    return [
        (rows[order[begin:end]], columns[order[begin:end]])
        for label, (begin, end) in enumerate(itertools.pairwise(starts), start=1)
        if boxes[label, cv2.CC_STAT_WIDTH] >= min_samples
    ]


def _peak_offset(response: Image, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float64]:
    """Sub-pixel offset of each crest, by a parabola through it and its two neighbours; within half a pixel."""
    inner = np.clip(rows, 1, response.shape[0] - 2)
    above, here, below = (response[inner + k, columns].astype(np.float64) for k in (-1, 0, 1))
    bend = above - 2 * here + below
    offset: NDArray[np.float64] = np.where(bend < 0, 0.5 * (above - below) / np.where(bend < 0, bend, 1.0), 0.0)
    return np.clip(offset, -0.5, 0.5)
