"""Heat of signatures -> regions, each with its box and how probably a person signed there.

The network says of each small square of a page whether strokes of a signature are in it. Squares that touch are one
region: strokes of one hand hang together, and people sign beside, not through, each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Polygon
from pipeline.engines import SignatureHeat
from pipeline.imaging import bounding_box, share_of_smaller, sigmoid

LEAST_HEAT = 0.3
"""Cells from this probability on belong to a region: strokes of one signature hang together in them."""
CORE_HEAT = 0.8
"""Cells from this probability on are the core of a signature."""
MIN_CORE = 12
"""A core has at least so many cells: a short name has twice as many, a stroke that was cut off half of them."""
HOTTEST = 12
"""A region is as hot as the mean of so many of its hottest cells, and colder if it has fewer: initials have a dozen, a
speck in a smear four to six."""
HOT_SHARE = 0.35
"""Of the cells under a line that is a signature at least this share are hot: the others are paper around it."""
BIAS, HEAT_WEIGHT, OTHERS_WEIGHT = -0.95, 0.76, -0.86
"""How the log odds of the heat, and the natural logarithm of one more than the lukewarm regions elsewhere on the page,
add up. A logistic model fitted on 400 regions of pages by others, by folds over their sets; the bias is 0.6 above that
fit, as those sets leave initials and many a signature unmarked."""
HOT = 0.9
"""From this probability on a region is no lukewarm one."""
WITHIN = 0.6
"""A region with so much of the smaller one in common with a line is what is written there."""
SAME_SHARE = 0.3
"""What has so much of the smaller one in common with a region is the signature of that region."""
MOST_SURE = 6.0
"""Log odds of the heat beyond this say nothing more."""


class PenRegion(NamedTuple):
    """A place where somebody signed, in pixels of the page: its box, and how probably, as log odds."""

    box: BBox
    log_odds: float

    @property
    def probability(self) -> float:
        """How probably somebody signed here as far as the heat says, 0-1."""
        return sigmoid(self.log_odds)


@dataclass(frozen=True, slots=True, eq=False)
class PageHeat:
    """How probably each square of a page holds strokes of a signature, and the regions of these."""

    heat: SignatureHeat
    regions: tuple[PenRegion, ...]


def with_regions(heat: SignatureHeat) -> PageHeat:
    """A page's heat with its regions, from top to bottom."""
    return PageHeat(heat, tuple(_regions(heat)))


def _regions(heat: SignatureHeat) -> list[PenRegion]:
    hot = (heat.probabilities >= LEAST_HEAT).astype(np.uint8)
    if not hot.any():
        return []
    labels = _parted(np.asarray(cv2.morphologyEx(hot, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8), heat)
    found = []
    for label in range(1, int(labels.max()) + 1):
        rows, columns = np.nonzero(labels == label)
        if rows.size:
            corners = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            box = BBox(*(float(edge * heat.cell_px) for edge in corners))
            found.append(PenRegion(box, _log_odds(heat.probabilities[rows, columns])))
    return sorted(found, key=lambda region: region.box.top)


def _parted(hot: NDArray[np.uint8], heat: SignatureHeat) -> NDArray[np.int32]:
    """The number of each hot cell's region (rows, columns), 0 for cold ones.

    Where hot cells hang together by cooler ones, each belongs to the core that is nearest: people sign close together,
    and strokes of one reach into those of another.
    """
    _, labels = cv2.connectedComponents(hot, connectivity=8, ltype=cv2.CV_32S)
    hottest = (heat.probabilities >= CORE_HEAT).astype(np.uint8)
    hottest = np.asarray(cv2.morphologyEx(hottest, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8) & hot
    _, cores, stats, _ = cv2.connectedComponentsWithStats(hottest, connectivity=8)
    large = [core for core in range(1, len(stats)) if stats[core, cv2.CC_STAT_AREA] >= MIN_CORE]
    hosts: dict[int, list[int]] = {}
    for core in large:
        hosts.setdefault(int(labels[cores == core][0]), []).append(core)
    parted = np.asarray(labels, np.int32).copy()
    for label, own in hosts.items():
        if len(own) > 1:
            inside = labels == label
            distances = [
                cv2.distanceTransform((cores != core).astype(np.uint8), cv2.DIST_L2, 3)[inside] for core in own
            ]
            numbers = [label, *(int(parted.max()) + 1 + extra for extra in range(len(own) - 1))]
            parted[inside] = np.array(numbers)[np.argmin(distances, axis=0)]
    return parted


def heat_under(page: PageHeat, quads: Sequence[Polygon]) -> float:
    """The log odds that a signature stands in quads, in pixels of the page; at most `MOST_SURE` either way.

    They are those of a region that lies in the quads, or in which these lie; else those of so many of the cells under
    them that print which only touches a signature stays cold.
    """
    own, heat = _around(quads), page.heat
    hosts = [region.log_odds for region in page.regions if share_of_smaller(region.box, own) >= WITHIN]
    inside = np.zeros(heat.probabilities.shape, np.uint8)
    for quad in quads:
        corners = np.floor(np.array(quad) / heat.cell_px).astype(np.int32)
        cv2.fillPoly(inside, [corners], (1,))
    under = heat.probabilities[inside > 0]
    return max([*hosts, _log_odds(under, max(HOTTEST, round(HOT_SHARE * under.size)))])


def signature_odds(page: PageHeat, quads: Sequence[Polygon], *, among: bool = True) -> float:
    """The log odds that what is written in quads, in pixels of the page, is a signature.

    Where much of a page is lukewarm, people wrote on it: `among` all that, what is hot is more often a word than it is
    elsewhere.
    """
    odds = BIAS + HEAT_WEIGHT * heat_under(page, quads)
    if not among:
        return odds
    own = _around(quads)
    others = sum(LEAST_HEAT <= one.probability < HOT and not is_same(one.box, own) for one in page.regions)
    return odds + OTHERS_WEIGHT * math.log1p(others)


def is_same(region: BBox, box: BBox) -> bool:
    """Whether a region and what was found otherwise are one signature, wholly or in part."""
    return share_of_smaller(region, box) >= SAME_SHARE


def _around(quads: Sequence[Polygon]) -> BBox:
    return bounding_box([corner for quad in quads for corner in quad])


def _log_odds(values: NDArray[np.float32], hottest: int = HOTTEST) -> float:
    mean = float(np.sort(values)[::-1][:hottest].sum()) / hottest
    odds = math.log(max(mean, 1e-6) / max(1.0 - mean, 1e-6))
    return min(max(odds, -MOST_SURE), MOST_SURE)
