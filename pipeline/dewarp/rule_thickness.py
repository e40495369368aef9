"""The ink of a small image -> how thick its ruling lines are, in pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.imaging import as_image, opened

VISIBLE = 40
"""Ink is at least this dark, of 255: the palest rules that are printed."""
EDGE_SHARE = 0.5
"""A rule ends where its darkness has fallen to this share, wherever a blur spreads it."""
RULE_MM = 6.0
"""What is straight for so long is a rule, not a stroke of print."""
THICKEST_MM = 3.0
"""What is thicker than this is a filled heading or a picture."""
LEAN_PX = 2
"""Of a rule that leans, a straight piece shows so many pixels less, above and below."""
SAMPLE_STEP = 4
"""Of so many pixels along a rule, one is looked at."""
ENOUGH_MM = 100.0
"""Rules that are shorter than this together say nothing."""


def rule_thickness(darkness: Image, px_per_mm: float) -> float | None:
    """The thickness of most of the ruling lines, horizontal and vertical ones, in pixels; None where there are too few.

    Args:
        darkness: (height, width), 0 paper to 255 ink, level within a few degrees.
        px_per_mm: of the image, about.
    """
    runs = [_runs_across(side, px_per_mm) for side in (darkness, as_image(np.ascontiguousarray(darkness.T)))]
    lengths = np.concatenate(runs)
    lengths = lengths[lengths <= THICKEST_MM * px_per_mm]
    return float(np.median(lengths)) if len(lengths) * SAMPLE_STEP >= ENOUGH_MM * px_per_mm else None


def _runs_across(darkness: Image, px_per_mm: float) -> NDArray[np.intp]:
    """How many pixels of ink a horizontal rule has, across it, at each of its pixels that is looked at."""
    straight = opened(darkness, 1, max(3, round(RULE_MM * px_per_mm)))
    straight, own = (np.ascontiguousarray(image[:, ::SAMPLE_STEP]) for image in (straight, darkness))
    rules = straight > VISIBLE
    if not rules.any():
        return np.empty(0, np.intp)
    edge = max(VISIBLE, EDGE_SHARE * float(np.median(own[rules])))
    near = cv2.dilate(as_image(straight > edge), np.ones((2 * LEAN_PX + 1, 1), np.uint8))
    ink = np.pad((near > 0) & (own > edge), ((1, 1), (0, 0)))
    steps = np.diff(ink.T.astype(np.int8), axis=1).ravel()
    return np.flatnonzero(steps < 0) - np.flatnonzero(steps > 0)
