"""Darkness -> connected components of ink, without paper grain and what is left of ruling lines."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Image
from pipeline.imaging.histograms import quantile

FAINT_LEVELS = 3.0
"""Nothing within this many standard deviations of bare paper is ink."""
SURE_LEVELS = 5.5
"""Connected ink is more than paper grain only if some of it is this many standard deviations of bare paper dark."""
FAINT_DARKNESS = 10.0
"""Nothing paler than this, of 255, is ink, even on paper without any grain: it is JPEG ringing, or the back of the
sheet."""
SURE_DARKNESS = 16.0
"""On paper without any grain connected ink is more than JPEG ringing or the back of the sheet only if some of it is
this dark, of 255."""
INK_SHARE = 0.3
"""Ink is what is darker than this share of the cell's darkest ink, so that faint strokes count in faint text."""
DARKEST = 99.5
"""The percentile that counts as the darkest ink, so that a few pixels do not decide."""
MIN_COMPONENT_PX = 3
"""Components of fewer pixels are left out as grain."""
UINT16_LABELS = 1 << 16
"""So many labels fit into 16 bits."""
REMNANT_MM = 0.4
"""What is left of ruling lies no further than this from the cell's edge; where ruling and a character or a speck touch,
ink nearer to the edge counts only where it goes on inwards."""
REMNANT_SHARE = 0.3
"""Components with no more than this share of their ink further from the edge than `REMNANT_MM` are what is left of
ruling."""
COLON_ALIKE, COLON_PITCH = 0.08, (0.25, 0.75)
"""The dots of a colon differ by no more than this in place and size, and are so far apart, in text heights. Two specks
that fall so are hardly ever beside a line's end."""


class Component(NamedTuple):
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


def find_components(darkness: Image, noise: float, edge: int = 0, darkest: float | None = None) -> list[Component]:
    """Connected ink in a (height, width) image, paper grain left out.

    Args:
        darkness: 0 paper to 255 ink.
        noise: standard deviation of bare paper.
        edge: pixels along the image's edge; ink that is hardly anywhere else is left out too.
        darkest: how dark the image's darkest ink is, where that is known.
    """
    sure = max(SURE_LEVELS * noise, SURE_DARKNESS)
    if darkness.max(initial=0) <= sure:
        return []
    inner = darkness[edge : max(edge, len(darkness) - edge), edge : max(edge, darkness.shape[1] - edge)]
    if edge and inner.max(initial=0) <= faintest(0.0, noise):
        return []
    threshold = faintest(darkest_ink(darkness) if darkest is None else darkest, noise)
    mask = _without_remnants(darkness > threshold, edge)
    labels_as, way = _labelling(*mask.shape)
    count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask.view(np.uint8), 8, labels_as, way)
    inked = np.flatnonzero(mask)
    owner = labels.ravel()[inked].astype(np.intp)
    peaks = np.zeros(count, np.uint8)
    np.maximum.at(peaks, owner, darkness.ravel()[inked])
    area = stats[:, cv2.CC_STAT_AREA]
    inside = np.bincount(owner[_within(inked, darkness.shape, edge)], minlength=count) if edge else area
    kept = (area >= MIN_COMPONENT_PX) & (peaks > sure) & (inside > REMNANT_SHARE * area)
    kept[0] = False  # what is no ink
    return [
        Component(x, y, x + w, y + h, float(peak), float(darkness[y + h // 2, x + w // 2]))
        for (x, y, w, h, _), peak in zip(stats[kept].tolist(), peaks[kept].tolist(), strict=True)
    ]


def colon_dots(dots: Sequence[Component], text_height: float) -> list[Component]:
    """Those of some dots that are the two of a colon: alike, one above the other.

    Args:
        dots: small components.
        text_height: of the print beside them, in the same pixels.
    """
    found = []
    for upper, lower in itertools.combinations(sorted(dots, key=lambda b: b.top), 2):
        level = abs((upper.left + upper.right) - (lower.left + lower.right)) / 2 <= COLON_ALIKE * text_height
        alike = abs(upper.size - lower.size) <= COLON_ALIKE * text_height
        apart = COLON_PITCH[0] <= (lower.bottom - upper.bottom) / text_height <= COLON_PITCH[1]
        found += [upper, lower] if level and alike and apart else []
    return found


def faintest(darkest: float, noise: float) -> int:
    """Something is ink where it is darker than this: an integer, with which images are compared much faster."""
    return int(max(FAINT_LEVELS * noise, FAINT_DARKNESS, INK_SHARE * darkest))


def darkest_ink(darkness: Image) -> float:
    """How dark the darkest ink is, a few pixels left out."""
    return quantile(darkness[::2], DARKEST / 100)


def _labelling(height: int, width: int) -> tuple[int, int]:
    """The shorter type of labels, which takes half the time, where it surely suffices; and the quicker way to them.

    OpenCV first gives out one for each square of two pixels' side at most. All ways lead to the same labels.
    """
    squares = ((height + 1) // 2) * ((width + 1) // 2)
    return (cv2.CV_16U, cv2.CCL_DEFAULT) if squares + 1 < UINT16_LABELS else (cv2.CV_32S, cv2.CCL_GRANA)


def _within(places: NDArray[np.intp], shape: tuple[int, ...], edge: int) -> NDArray[np.bool_]:
    """Which of the places in an image, counted row by row, are further than an edge from its sides."""
    height, width = shape
    inside = np.zeros(shape, np.bool_)
    inside[edge : max(edge, height - edge), edge : max(edge, width - edge)] = True
    return inside.ravel()[places]


def _without_remnants(mask: NDArray[np.bool_], edge: int) -> NDArray[np.bool_]:
    """A (height, width) mask in which ink within `edge` pixels of a side stays only where it goes on inwards.

    What is left of ruling runs along the side, a character's stroke across it; one may touch the other.
    """
    if not edge or min(mask.shape) <= 2 * edge:
        return mask
    kept = mask.copy()
    for side in (kept, kept[::-1], kept.T, kept.T[::-1]):
        inwards = side[edge].copy()
        inwards[1:] |= side[edge, :-1]
        inwards[:-1] |= side[edge, 1:]
        side[:edge] &= inwards
    return kept
