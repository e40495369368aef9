"""An upright page -> its short horizontal rules and dotted lines outside the tables: where forms are filled in."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.elements import BBox, Image, Ink
from pipeline.imaging import MM_PER_INCH, as_image, averaged, closed, mm_to_px, opened

LOOKED_AT_DPI = 100.0
"""Rules are looked for at about this resolution: thin ones are still a pixel dark."""
RULE_MM = (20.0, 110.0)
"""A rule to sign on is so long: shorter ones are dashes or parts of letters, longer ones part a page."""
MAX_THICK_MM = 1.6
"""A rule is no higher, its slope over its length counted: pages are deskewed to a quarter of a degree."""
GAP_MM = 2.2
"""The dots and dashes of a rule are no further apart."""
PIECE_MM = 7.0
"""A rule has a straight piece of this length somewhere, its gaps closed; words have none."""
MIN_INKED = 0.3
"""A dotted line has this share of ink along it."""
NOISE_LEVELS = 4.0
MIN_DARKNESS = 16
"""Ink is darker than this, of 255, and than so many standard deviations of the paper's noise: averaged rules are
pale."""
MOST_DARKNESS = 60
"""No page's noise hides ink as dark as this."""


def find_rules(ink: Ink, dpi: float, tables: Sequence[BBox]) -> tuple[BBox, ...]:
    """Boxes of the rules, in upright pixels, from top to bottom.

    Args:
        ink: of the page.
        dpi: of the page.
        tables: boxes of its tables, in which nothing is looked for.
    """
    times = max(1, int(dpi / LOOKED_AT_DPI))
    small = averaged(ink.darkness, times)
    threshold = min(max(MIN_DARKNESS, NOISE_LEVELS * ink.noise / times), MOST_DARKNESS)
    mask = as_image((small > int(threshold)).view(np.uint8))
    for table in tables:
        top, bottom, left, right = (round(side / times) for side in (table.top, table.bottom, table.left, table.right))
        mask[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = 0
    scale = dpi / times
    gap, piece = (max(1, round(mm_to_px(mm, scale))) for mm in (GAP_MM, PIECE_MM))
    straight = opened(closed(mask, 1, gap), 1, piece)
    joined = as_image(cv2.dilate(straight, np.ones((3, 3), np.uint8)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    boxes = [BBox(x + 1, y + 1, x + w - 1, y + h - 1) for x, y, w, h, _ in stats[1:].tolist()]
    kept = [box for box in boxes if _is_rule(box, mask, scale)]
    return tuple(
        BBox(box.left * times, box.top * times, box.right * times, box.bottom * times)
        for box in sorted(kept, key=lambda box: box.top)
    )


def _is_rule(box: BBox, mask: Image, scale: float) -> bool:
    """Whether a box is as long and thin as rules are, with bare paper right above most of it or right below."""
    width_mm, height_mm = (side / scale * MM_PER_INCH for side in (box.width, box.height))
    if not RULE_MM[0] <= width_mm <= RULE_MM[1] or height_mm > MAX_THICK_MM:
        return False
    rows = mask[int(box.top) : max(int(box.bottom), int(box.top) + 1), int(box.left) : int(box.right)]
    return float(rows.any(axis=0).mean()) >= MIN_INKED
