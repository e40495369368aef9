"""Darkness -> blots: connected ink, with paper grain and what is left of ruling lines taken out."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Image
from pipeline.levels import quantile

FAINT_LEVELS = 3.0
"""Nothing within this many standard deviations of bare paper is ink ..."""
SURE_LEVELS = 5.5
"""... and connected ink is more than paper grain only if some of it is this dark."""
FAINT_DARKNESS = 10.0
SURE_DARKNESS = 16.0
"""The same in darkness of 255, for paper without any grain: JPEG ringing, and the back of the sheet."""
INK_SHARE = 0.3
"""Ink is what is darker than this share of the cell's darkest ink, so that faint strokes count in faint text."""
DARKEST = 99.5
MIN_BLOT_PX = 3
UINT16_LABELS = 1 << 16
REMNANT_MM = 0.4
REMNANT_SHARE = 0.3
"""Blots with no more than this share of their ink farther than that from the edge are what is left of ruling; where
ruling and a character or a speck touch, ink nearer to the edge counts only where it goes on inwards."""


class Blot(NamedTuple):
    """Connected ink: its box, half-open, its darkest pixel, and how dark the middle of the box is."""

    left: int
    top: int
    right: int
    bottom: int
    darkest: float
    middle: float

    @property
    def size(self) -> int:
        """The longer side in pixels."""
        return max(self.right - self.left, self.bottom - self.top)

    @property
    def box(self) -> BBox:
        """Its box alone."""
        return BBox(self.left, self.top, self.right, self.bottom)


def find_blots(darkness: Image, noise: float, edge: int = 0) -> list[Blot]:
    """Connected ink in a (height, width) image, paper grain left out.

    Args:
        darkness: 0 paper to 255 ink.
        noise: standard deviation of bare paper.
        edge: pixels along the image's edge; ink that is hardly anywhere else is left out too.
    """
    mask = _without_remnants((darkness > faintest(darkest_ink(darkness), noise)).astype(np.uint8), edge)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    darkest = _peaks(darkness, np.asarray(labels, np.int32), count)
    height, width = darkness.shape
    inside = np.bincount(labels[edge : height - edge, edge : width - edge].ravel(), minlength=count)
    sure = max(SURE_LEVELS * noise, SURE_DARKNESS)
    return [
        Blot(int(x), int(y), int(x + w), int(y + h), float(peak), float(darkness[y + h // 2, x + w // 2]))
        for (x, y, w, h, area), peak, inner in zip(stats[1:], darkest[1:], inside[1:], strict=True)
        if area >= MIN_BLOT_PX and peak > sure and (not edge or inner > REMNANT_SHARE * area)
    ]


def faintest(darkest: float, noise: float) -> float:
    """From which darkness on something is ink."""
    return max(FAINT_LEVELS * noise, FAINT_DARKNESS, INK_SHARE * darkest)


def darkest_ink(darkness: Image) -> float:
    """How dark the darkest ink is, a few pixels left out."""
    return quantile(darkness[::2], DARKEST / 100)


def _peaks(darkness: Image, labels: NDArray[np.int32], count: int) -> NDArray[np.uint8]:
    """The most darkness of each label's pixels, 0 for label 0, which is no ink."""
    inked = np.flatnonzero(labels)
    owner = labels.ravel()[inked].astype(np.uint16 if count <= UINT16_LABELS else np.int32)  # short ones sort faster
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(1, count, dtype=owner.dtype))
    peaks = np.zeros(count, np.uint8)
    if count > 1:
        peaks[1:] = np.maximum.reduceat(darkness.ravel()[inked[order]], starts)
    return peaks


def _without_remnants(mask: NDArray[np.uint8], edge: int) -> NDArray[np.uint8]:
    """A (height, width) mask in which ink within `edge` pixels of a side stays only where it goes on inwards.

    What is left of ruling runs along the side, a character's stroke across it; one may touch the other.
    """
    kept = mask.copy()
    if not edge or min(mask.shape) <= 2 * edge:
        return kept
    for side in (kept, kept[::-1], kept.T, kept.T[::-1]):
        inwards = side[edge].copy()
        inwards[1:] |= side[edge, :-1]
        inwards[:-1] |= side[edge, 1:]
        side[:edge] *= inwards
    return kept
