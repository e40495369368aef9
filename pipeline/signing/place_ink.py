"""A place on a page -> whether there is ink in it that is neither print nor a rule."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.elements import BBox, Image, Polygon, Upright
from pipeline.imaging import as_image, bounding_box, mm_to_px, padded_quad
from pipeline.signing.page_texts import PageText, shared_across, shared_down

NOISE_LEVELS = 5.0
MIN_DARKNESS = 25
"""Ink is darker than this, of 255, and than so many standard deviations of the paper's noise ..."""
MOST_DARKNESS = 60
"""... but no page's noise hides ink as dark as this."""
AROUND_PRINT = 0.15
"""Print reaches this much beyond its line, in heights."""
AROUND_RULE_MM = 0.7
"""So far from a rule its blur is part of it."""
SURE = 0.9
"""Lines that are read less surely than this may be strokes of a pen, and explain no ink."""
EDGE_MM = 0.8
"""So far inside a place's edge stands what borders it, such as the ruling of a cell."""
MIN_STROKE_MM = 3.0
"""A stroke of a pen is as long as this in one direction; specks, dots and remnants of print are shorter."""


def is_inked(upright: Upright, place: Polygon, texts: Sequence[PageText], rules: Sequence[BBox]) -> bool:
    """Whether a place holds handwriting, or strokes that nothing explains.

    Args:
        upright: the page.
        place: in upright pixels.
        texts: of the page; those in print explain their ink.
        rules: of the page.
    """
    box = bounding_box(place)
    inside = [text for text in texts if _meet(text.box, box)]
    if any(not text.printed and _middle_in(text.box, box) for text in inside):
        return True
    edge = mm_to_px(EDGE_MM, upright.dpi)
    top, left = (max(0, round(side + edge)) for side in (box.top, box.left))
    darkness = upright.ink.darkness[top : max(top, round(box.bottom - edge)), left : max(left, round(box.right - edge))]
    threshold = min(max(MIN_DARKNESS, NOISE_LEVELS * upright.ink.noise), MOST_DARKNESS)
    mask = as_image((darkness > int(threshold)).view(np.uint8))
    if not mask.any():
        return False
    reach = mm_to_px(AROUND_RULE_MM, upright.dpi)
    for rule in rules:
        _blank(mask, np.array(_corners(rule, reach)), left, top)
    for text in inside:
        if text.confidence < SURE:
            continue
        _blank(mask, np.array(padded_quad(text.polygon, AROUND_PRINT)), left, top)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    longest = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1, initial=0)
    return bool((longest >= mm_to_px(MIN_STROKE_MM, upright.dpi)).any())


def _blank(mask: Image, corners: np.ndarray, left: int, top: int) -> None:
    """Take what is inside of corners out of a mask whose origin is elsewhere on the page."""
    cv2.fillPoly(mask, [np.rint(corners - (left, top)).astype(np.int32)], (0,))


def _corners(box: BBox, reach: float) -> list[tuple[float, float]]:
    left, top, right, bottom = box.left - reach, box.top - reach, box.right + reach, box.bottom + reach
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _meet(a: BBox, b: BBox) -> bool:
    return shared_across(a, b) > 0 and shared_down(a, b) > 0


def _middle_in(own: BBox, box: BBox) -> bool:
    x, y = (own.left + own.right) / 2, (own.top + own.bottom) / 2
    return box.left <= x < box.right and box.top <= y < box.bottom
