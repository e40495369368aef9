"""The ink of a round or oval stamp -> its rim's text as straight strips, and what stands within it.

Points of a strip are taken along ellipses like the rim, clockwise from its lowest point: text that is read from
outside the rim is upright in it.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import as_image

RIM_MARGIN = 1.08
"""Outlines are drawn at this multiple of a rim's radius."""
INNERMOST = 0.4
"""No text along a rim stands nearer to the middle than this share of its radius."""
TEXT_RADIUS = 0.85
"""Strips are as long as the ellipse at this share of the radius, where the middle of the text usually is."""
STRIP_HEIGHT = 72
"""Strips from the rim to the innermost text have so many pixels in height: characters have half of it or more."""
INKED = 96
"""Ink is what is darker than this, of 255."""
RING_ROW = 0.55
"""A row of a strip with more of it inked is a ring: rows of text have up to 0.5."""
TEXT_ROW = 0.06
"""A row of a strip with less of it inked is between text and what is within."""
MIN_BAND = 0.18
"""Text takes at least this share of a strip's height."""
MIN_COLUMN = 0.06
"""A column of a strip with less of it inked is a gap between characters."""
RUN_GAP = 1.2
"""Text along a rim ends at a gap of so many heights of its band: characters of a short name stand one apart."""
MIN_RUN = 0.6
"""Shorter runs than this share of the band's height are dots and stars."""
EDGE_ROWS = 0.02
"""So much of the strip's height around a ring is its soft edge."""


class Strip(NamedTuple):
    """A band of text around a stamp: its darkness, (height, width), clockwise from the lowest point; and its reach.

    `inner` is the share of the radius at which it ends.
    """

    darkness: Image
    inner: float


class Ellipse(NamedTuple):
    """A rim in pixels of its stamp's ink: its middle, and the two half axes as columns."""

    middle: NDArray[np.float64]
    axes: NDArray[np.float64]

    def at(self, radii: NDArray[np.float64], angles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (..., 2) at shares of the radius, at angles clockwise from the lowest point."""
        unit = np.stack([-np.sin(angles), np.cos(angles)], axis=-1)
        return self.middle + radii[..., None] * (unit @ self.axes.T)


def rim_ellipse(outline: NDArray[np.int32], corner: tuple[int, int]) -> Ellipse:
    """The rim within an outline (n, 2) on the page, in pixels of a cut whose left top is at `corner`."""
    (x, y), (across, down), degrees = cv2.fitEllipse(outline.astype(np.float32))
    turn = np.radians(degrees)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    half = np.diag([across / 2, down / 2]) / RIM_MARGIN
    return Ellipse(np.array([x - corner[0], y - corner[1]]), turned @ half @ turned.T)


def unroll(darkness: Image, rim: Ellipse) -> Strip | None:
    """The outermost band of text along a rim; None where there is none."""
    length = 2 * np.pi * TEXT_RADIUS * float(np.sqrt(abs(np.linalg.det(rim.axes))))
    depth = (1.04 - INNERMOST) * float(np.sqrt(abs(np.linalg.det(rim.axes))))
    width = max(16, round(length * STRIP_HEIGHT / depth))
    radii = np.linspace(1.04, INNERMOST, STRIP_HEIGHT)
    angles = np.linspace(0, 2 * np.pi, width, endpoint=False)
    grid = np.broadcast_arrays(radii[:, None], angles[None, :])
    points = rim.at(*grid).astype(np.float32)
    whole = as_image(cv2.remap(darkness, points[..., 0], points[..., 1], cv2.INTER_LINEAR, borderValue=(0,)))
    rows = _band(np.count_nonzero(whole > INKED, axis=1) / width)
    if rows is None:
        return None
    return Strip(np.ascontiguousarray(whole[rows]), float(radii[rows.stop - 1]))


def _band(shares: NDArray[np.float64]) -> slice | None:
    """The rows of the outermost band of text, from the inked share of each row; rings and their edges are none."""
    edge = max(1, round(EDGE_ROWS * len(shares)))
    texted = (shares >= TEXT_ROW) & (shares < RING_ROW)
    ends = np.flatnonzero(np.diff(np.concatenate([[False], texted, [False]]).astype(np.int8)))
    for first, stop in zip(ends[::2], ends[1::2], strict=True):
        below_ring = first > 0 and shares[first - 1] >= RING_ROW
        if stop - first >= MIN_BAND * len(shares):
            return slice(
                int(first) + edge if below_ring else max(0, int(first) - edge), min(len(shares), int(stop) + edge)
            )
    return None


def text_runs(strip: Image) -> list[slice]:
    """The columns of a strip's runs of text, left to right: they end where a gap is as wide as a character or more.

    A run may reach beyond the strip's end, as it is a circle: it then ends at more than its width.
    """
    height, width = strip.shape
    inked = np.count_nonzero(strip > INKED, axis=0) >= MIN_COLUMN * height
    if not inked.any():
        return []
    around = np.flatnonzero(np.concatenate([inked, inked]))
    gap = RUN_GAP * height
    starts = [int(b) for a, b in itertools.pairwise(around) if b - a > gap and b < len(inked) + around[0] + 1]
    if not starts:
        return [slice(int(around[0]), int(around[0]) + width)]
    runs = []
    for start in starts:
        members = around[around >= start]
        breaks = np.flatnonzero(np.diff(members) > gap)
        end = int(members[breaks[0]] if len(breaks) else members[-1]) + 1
        if end - start >= MIN_RUN * height:
            runs.append(slice(start % width, start % width + end - start))
    return runs
