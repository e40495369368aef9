"""Lines that look written -> whether they are a seal's: its characters and its rim, in gray or in a colour not told.

A coloured seal is taken out of the ink as the page is opened. One that was photocopied, or is square, small or worn,
may stay, and its characters are as loose and uneven as a hand's. What tells them from a signature is that they lie
within a rim, and are no darker than it: what is written over a seal is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.copied_seals import LIFT, find_copied_seal
from pipeline.elements import Image, Polygon, Upright
from pipeline.ink import as_image
from pipeline.seals import Outline, find_seals

LONG_SIDE = 1240
"""Pixels of the page's long side on which rims are looked for."""
NOISE_LEVELS = 5.0
MIN_DARKNESS = 25
"""Ink is darker than this and than the paper's noise."""
RING_POINTS = 90
RIM_WIDTH = 0.04
"""What is this near to an outline, in shares of the long side of its box, is looked through for its rim."""
MIN_WITHIN = 0.8
"""A seal's lines lie within its outline with this share of their ink; a signature that was written over it reaches
further, if it is not darker."""
MAX_DARKER = 0.3
"""Lines with more of their ink than this darker than the rim were written over it."""


@dataclass(frozen=True, slots=True, eq=False)
class GraySeal:
    """The outline of a seal, (n, 2) pixels of the upright page, and how dark its rim is, 0-255."""

    outline: NDArray[np.int32]
    tone: float


def find_gray_seals(upright: Upright) -> tuple[GraySeal, ...]:
    """Rims of seals in the ink that is left on a page."""
    darkness = upright.ink.darkness
    step = max(1, round(max(darkness.shape) / LONG_SIDE))
    size = darkness.shape[1] // step, darkness.shape[0] // step
    small = as_image(cv2.resize(darkness, size, interpolation=cv2.INTER_AREA))
    mask = as_image((small > max(MIN_DARKNESS, NOISE_LEVELS * upright.ink.noise)).astype(np.uint8))
    seals = [GraySeal(outline * step, _tone(small, mask, outline)) for outline in find_seals(mask)]
    copied = find_copied_seal(darkness)
    if copied is not None:
        center, radius = (round(copied.x), round(copied.y)), round(copied.radius)
        circle = cv2.ellipse2Poly(center, (radius, radius), 0, 0, 360, 360 // RING_POINTS)
        seals.append(GraySeal(np.asarray(circle, np.int32), copied.tone))
    return tuple(seals)


def lift_gray_seals(darkness: Image, seals: Sequence[GraySeal]) -> Image:
    """The darkness (height, width) without what lies within seals and is no darker than their rims."""
    lifted = darkness.copy()
    for seal in seals:
        disc = np.zeros(darkness.shape, np.uint8)
        cv2.fillPoly(disc, [seal.outline], (1,))
        lifted[(disc > 0) & (darkness <= LIFT * seal.tone)] = 0
    return lifted


def is_of_seal(upright: Upright, quads: Sequence[Polygon], seals: Sequence[GraySeal]) -> bool:
    """Whether the ink inside quads, in pixels of the upright page, is a seal's."""
    corners = np.rint(np.concatenate([np.array(quad, np.float64) for quad in quads])).astype(np.int32)
    left, top, width, height = cv2.boundingRect(corners)
    left, top = max(0, left), max(0, top)
    ink = upright.ink.darkness[top : top + height, left : left + width]
    inside = np.zeros(ink.shape, np.uint8)
    for quad in quads:
        cv2.fillPoly(inside, [np.rint(np.array(quad) - (left, top)).astype(np.int32)], (1,))
    inked = (inside > 0) & (ink > max(MIN_DARKNESS, NOISE_LEVELS * upright.ink.noise))
    return any(_holds(seal, inked, ink, (left, top)) for seal in seals)


def _holds(seal: GraySeal, inked: NDArray[np.bool_], ink: Image, at: tuple[int, int]) -> bool:
    disc = np.zeros(ink.shape, np.uint8)
    cv2.fillPoly(disc, [seal.outline - np.array(at, np.int32)], (1,))
    total = int(np.count_nonzero(inked))
    within = int(np.count_nonzero(inked & (disc > 0)))
    darker = int(np.count_nonzero(inked & (ink > LIFT * seal.tone)))
    return within >= MIN_WITHIN * total and darker <= MAX_DARKER * total


def _tone(small: Image, mask: Image, outline: Outline) -> float:
    """The usual darkness of the ink along an outline."""
    band = np.zeros(small.shape, np.uint8)
    thick = max(3, round(RIM_WIDTH * max(cv2.boundingRect(outline)[2:])))
    cv2.polylines(band, [outline], True, (1,), 2 * thick)
    rim = small[(band > 0) & (mask > 0)]
    return float(np.median(rim)) if rim.size else 0.0
