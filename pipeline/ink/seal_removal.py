"""Lines that look written -> how much of them is a seal's: its characters and its rim, in gray or a colour not told.

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

from pipeline.elements import Image, Polygon, Upright
from pipeline.imaging import as_image, bounding_box, cut_line
from pipeline.ink.coloured_seals import SIZE_SHARE, Outline, find_seals
from pipeline.ink.copied_seals import TONE_MARGIN, find_copied_seal
from pipeline.ink.rim_fitting import evenly

LONG_SIDE = 1240
"""Rims are looked for on an image with a long side of about so many pixels."""
NOISE_LEVELS = 5.0
"""Ink is more than so many standard deviations of the paper's noise dark."""
MIN_DARKNESS = 25
"""Ink is darker than this, of 255, on paper without noise."""
RING_POINTS = 90
"""The outline of a copied seal's ring has so many points."""
RIM_STEPS = 17
"""A rim is looked at in so many places across."""
RIM_REACH = (0.82, 0.98)
"""An outline is drawn a little beyond a seal's rim; the rim's own ink is between these multiples of it."""
PRINT_QUANTILE = 0.75
"""Print and ruling are most of a page's ink, so that this quantile of its darkness is theirs."""
PALE = 0.75
"""Ink paler than this share of the print's darkness was printed or stamped otherwise."""
EDGE_SHARE = 0.0012
"""Strokes are pale at their edges, this share of the long side wide: 0.35 mm of A4."""
PALE_GAP_SHARE = 0.02
"""A line of print across a seal leaves a gap of this share of the long side, 6 mm of A4."""
INK_QUANTILE = 0.92
"""A pen is among the darkest of the ink that stands together with it, at this quantile."""
FAINT = 0.6
"""Ink paler than this share of a pen's was not written with it."""
MIN_FAINT = 0.25
"""Lines of which this share is too faint for the pen may hold a seal: of signatures in pen at most a hundredth is, on
faded pages a third, and of those upon a copied seal a third or more."""


@dataclass(frozen=True, slots=True, eq=False)
class GraySeal:
    """The outline of a seal, (n, 2) pixels of the upright page, and how dark its rim is, 0-255."""

    outline: NDArray[np.int32]
    tone: float


def find_gray_seals(upright: Upright, quads: Sequence[Polygon]) -> tuple[GraySeal, ...]:
    """Rims of seals in the ink that is left on a page: in all of it, and in what is paler than print.

    Args:
        upright: the page.
        quads: of the lines that may be a seal's, in its pixels; seals that touch none of them need not be found.
    """
    darkness = upright.ink.darkness
    step = max(1, round(max(darkness.shape) / LONG_SIDE))
    size = darkness.shape[1] // step, darkness.shape[0] // step
    small = as_image(cv2.resize(darkness, size, interpolation=cv2.INTER_AREA))
    mask = as_image((small > _ink_threshold(upright)).astype(np.uint8))
    places = np.zeros(mask.shape, np.uint8)
    for quad in quads:
        cv2.fillPoly(places, [np.rint(np.array(quad) / step).astype(np.int32)], (1,))
    outlines = list(find_seals(mask, places > 0))
    pale = _paler_than_print(as_image(cv2.resize(darkness, size, interpolation=cv2.INTER_NEAREST)), mask)
    cv2.fillPoly(pale, outlines, (0,))
    outlines += find_seals(pale, places > 0, PALE_GAP_SHARE)
    seals = [GraySeal(outline * step, _tone(darkness, outline * step)) for outline in outlines]
    copied = find_copied_seal(darkness, bounding_box([point for quad in quads for point in quad]))
    if copied is not None:
        center, radius = (round(copied.x), round(copied.y)), round(copied.radius)
        circle = cv2.ellipse2Poly(center, (radius, radius), 0, 0, 360, 360 // RING_POINTS)
        seals.append(GraySeal(np.asarray(circle, np.int32), copied.tone))
    return tuple(seals)


def may_hold_seal(upright: Upright, quads: Sequence[Polygon]) -> bool:
    """Whether lines that stand together are large enough for a seal, and drawn with more than one ink.

    It costs next to nothing, and most signatures need no other look.
    """
    box = bounding_box([point for quad in quads for point in quad])
    longest = max(upright.ink.darkness.shape)
    if min(box.width, box.height) < SIZE_SHARE[0] * longest:
        return False
    tones = []
    for quad in quads:
        cut = cut_line(upright.ink.darkness, quad)
        tones.append(_darkest_near(cut, longest)[cut > _ink_threshold(upright)])
    found = np.concatenate(tones)
    if not found.size:
        return False
    return bool(np.mean(found < FAINT * np.quantile(found, INK_QUANTILE)) >= MIN_FAINT)


def _ink_threshold(upright: Upright) -> float:
    return max(MIN_DARKNESS, NOISE_LEVELS * upright.ink.noise)


def _darkest_near(darkness: Image, longest: int) -> Image:
    """How dark the stroke is that each pixel is a part of; `longest` is the long side of the page in its pixels."""
    side = 2 * max(1, round(EDGE_SHARE * longest)) + 1
    return as_image(cv2.dilate(darkness, np.ones((side, side), np.uint8)))


def _paler_than_print(darkness: Image, mask: Image) -> Image:
    """The part of a mask of ink that is clearly paler than the page's print and ruling, and not at their edges."""
    darkest = _darkest_near(darkness, max(mask.shape))
    ink = darkest[mask > 0]
    usual = float(np.quantile(ink, PRINT_QUANTILE)) if ink.size else 0.0
    return as_image(mask * (darkest < PALE * usual))


def remove_gray_seals(darkness: Image, seals: Sequence[GraySeal]) -> Image:
    """The darkness (height, width) without what lies within seals and is no darker than their rims.

    The edges of darker strokes are pale, too; they stay.
    """
    kept = darkness.copy()
    for seal in seals:
        x, y, width, height = cv2.boundingRect(seal.outline)
        rows, columns = slice(max(0, y), max(0, y + height)), slice(max(0, x), max(0, x + width))
        part = kept[rows, columns]
        if not part.size:
            continue
        disc = np.zeros(part.shape, np.uint8)
        cv2.fillPoly(disc, [seal.outline - np.array((columns.start, rows.start), np.int32)], (1,))
        edges = cv2.dilate((part > TONE_MARGIN * seal.tone).astype(np.uint8), np.ones((3, 3), np.uint8))
        part[(disc > 0) & (edges == 0)] = 0
    return kept


def sealed_share(upright: Upright, quads: Sequence[Polygon], seals: Sequence[GraySeal]) -> float:
    """The share (0-1) of the ink inside quads, in pixels of the upright page, that seals may hold.

    It lies within them, and is no darker than their rims.
    """
    corners = np.rint(np.concatenate([np.array(quad, np.float64) for quad in quads])).astype(np.int32)
    left, top, width, height = cv2.boundingRect(corners)
    left, top = max(0, left), max(0, top)
    ink = upright.ink.darkness[top : top + height, left : left + width]
    inside = np.zeros(ink.shape, np.uint8)
    for quad in quads:
        cv2.fillPoly(inside, [np.rint(np.array(quad) - (left, top)).astype(np.int32)], (1,))
    inked = (inside > 0) & (ink > _ink_threshold(upright))
    moved = [GraySeal(seal.outline - np.array((left, top), np.int32), seal.tone) for seal in seals]
    held = inked & (remove_gray_seals(ink, moved) == 0)
    return float(np.count_nonzero(held)) / max(1, int(np.count_nonzero(inked)))


def _tone(darkness: Image, outline: Outline) -> float:
    """The usual darkness of a rim, where it is darkest across: its edges are paler, and worn places are."""
    center = (outline.min(axis=0) + outline.max(axis=0)) / 2
    reach = np.linspace(*RIM_REACH, RIM_STEPS)[:, None, None]
    across = np.rint((evenly(outline) - center) * reach + center).astype(np.intp)
    x, y = (np.clip(across[..., k], 0, darkness.shape[1 - k] - 1) for k in (0, 1))
    return float(np.median(darkness[y, x].max(axis=0)))
