"""Heat of signatures -> regions, each with its box and how probably a person signed there.

The network says of each small square of a page whether strokes of a signature are in it. Squares that touch are one
region: strokes of one hand hang together, and people sign beside, not through, each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Polygon
from pipeline.engines import SignatureHeat
from pipeline.imaging import sigmoid

LEAST_HEAT = 0.3
"""Cells from this probability on belong to a region: strokes of one signature hang together in them."""
HOTTEST = 6
"""A region is as hot as the mean of so many of its hottest cells: a short stroke has hardly more."""
MOST_SURE = 6.0
"""Log odds of the heat beyond this say nothing more."""


class PenRegion(NamedTuple):
    """A place where somebody signed, in pixels of the page: its box, and with which probability, 0-1."""

    box: BBox
    probability: float


def find_regions(heat: SignatureHeat) -> list[PenRegion]:
    """The regions of a page's heat, from top to bottom."""
    hot = (heat.probabilities >= LEAST_HEAT).astype(np.uint8)
    if not hot.any():
        return []
    joined = cv2.morphologyEx(hot, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for label, (left, top, width, height, _) in enumerate(stats[1:].tolist(), start=1):
        box = BBox(*(edge * heat.cell_px for edge in (left, top, left + width, top + height)))
        found.append(PenRegion(box, _probability(heat.probabilities[labels == label])))
    return sorted(found, key=lambda region: region.box.top)


def heat_under(heat: SignatureHeat, quads: Sequence[Polygon]) -> float:
    """The log odds of the hottest cells under quads, in pixels of the page; at most `MOST_SURE` either way."""
    inside = np.zeros(heat.probabilities.shape, np.uint8)
    for quad in quads:
        corners = np.floor(np.array(quad) / heat.cell_px).astype(np.int32)
        cv2.fillPoly(inside, [corners], (1,))
    return _log_odds(heat.probabilities[inside > 0])


def _log_odds(values: NDArray[np.float32]) -> float:
    if not values.size:
        return -MOST_SURE
    mean = float(np.sort(values)[::-1][:HOTTEST].mean())
    odds = math.log(max(mean, 1e-6) / max(1.0 - mean, 1e-6))
    return min(max(odds, -MOST_SURE), MOST_SURE)


def _probability(values: NDArray[np.float32]) -> float:
    return sigmoid(_log_odds(values))
