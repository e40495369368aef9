"""Darkness -> a seal that was copied in gray, found by its ring, and the darkness without it.

A photocopied seal has no colour to tell it by. What is left is its shape: a ring, with paper on either side of it, of a
size that nothing else round on a form has. Whatever within it is no darker than the ring may be the seal's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Image
from pipeline.imaging import as_image, averaged

LONG_SIDE = 300
"""The ring is looked for on an image with a long side of so many pixels, 1 to a millimetre of A4: a ring is as
thick."""
RADIUS_SHARE = (0.05, 0.08)
"""The radius of a ring in shares of the long side: 15-24 mm of A4."""
SIDE_SHARE = 0.0085
"""Beside the ring, this share of the long side away (2.5 mm of A4), is paper, further in some of the seal's text."""
LINE_SHARE = 0.04
"""Straight strokes longer than this share of the long side (12 mm of A4) are ruling."""
STRONG_INK = 90.0
"""Ink counts the same from this darkness on, as black text must not outweigh a gray ring."""
MIN_RING = 0.25
"""A ring holds so much more ink, 0-1, than the circles beside it: pages without a seal reach 0.21, copied seals have
0.26-0.55."""
RIM_SHARE = 0.05
"""Half the thickness of a rim is this share of its radius."""
REACH = 1.06
"""A seal's ink ends at this multiple of its radius."""
TONE_QUANTILE = 0.5
"""The darkness of a ring is this quantile of it: text that crosses the rim is darker, worn places are paler."""
TONE_MARGIN = 1.2
"""Within a seal, ink up to this multiple of the ring's darkness is taken for the seal's."""


class CopiedSeal(NamedTuple):
    """A ring in pixels of the page, and how dark its ink is, 0-255."""

    x: float
    y: float
    radius: float
    tone: float

    def touches(self, box: BBox) -> bool:
        """Whether any of a box lies within the seal."""
        across = self.x - min(max(self.x, box.left), box.right)
        down = self.y - min(max(self.y, box.top), box.bottom)
        return bool(np.hypot(across, down) <= REACH * self.radius)


def find_copied_seal(darkness: Image, near: BBox | None = None) -> CopiedSeal | None:
    """Find the plainest gray ring of a seal's size on a whole page, or of those that touch a box on it.

    Args:
        darkness: (height, width) of the page, 0 paper to 255 ink, coloured seals taken out.
        near: in its pixels; rings elsewhere need not be found, which costs less.
    """
    longest = max(darkness.shape)
    step = max(1, round(longest / LONG_SIDE))
    size = darkness.shape[1] // step, darkness.shape[0] // step
    if longest < LONG_SIDE or min(size) < 2 * RADIUS_SHARE[1] * max(size):
        return None
    ink = _without_ruling(averaged(darkness, step))
    side = max(2, round(SIDE_SHARE * max(size)))
    low, high = (round(share * max(size)) for share in RADIUS_SHARE)
    left, top, right, bottom = _around(near, step, 2 * (high + side)) if near else (0, 0, *size)
    ink = ink[top:bottom, left:right]
    above_mean = _spectra_above_mean(low, high, side, _spectrum_size(ink, high + side + 1))
    if not any(clear.max() > MIN_RING for clear in _filtered(ink, above_mean, high + side + 1)):
        return None  # no ring has that much more ink than the mean of those beside it, nor than the fuller of them
    rings = _rings(low, high, side)
    spectra = (_spectrum(ring, _spectrum_size(ink, high + side + 1)) for ring in rings.values())
    on_rings = dict(zip(rings, _filtered(ink, spectra, high + side + 1), strict=True))
    best, found = MIN_RING, None
    for radius in range(low, high + 1):
        clear = on_rings[radius] - np.maximum(on_rings[radius - side], on_rings[radius + side])
        y, x = np.unravel_index(int(clear.argmax()), clear.shape)
        if clear[y, x] > best:
            best, found = float(clear[y, x]), ((left + x + 0.5) * step, (top + y + 0.5) * step, float(radius * step))
    return CopiedSeal(*found, _tone(darkness, *found)) if found else None


def _around(box: BBox, step: int, reach: int) -> tuple[int, int, int, int]:
    """A box on an image so many times smaller, grown by so many of its pixels, right and bottom excluded."""
    left, top, right, bottom = (round(side / step) for side in box)
    return max(0, left - reach), max(0, top - reach), max(0, right + reach), max(0, bottom + reach)


def remove_copied_seal(darkness: Image, seal: CopiedSeal) -> Image:
    """The darkness with everything within the seal that is no darker than its ring taken away.

    What is darker keeps its full darkness where it is black, and less where it is nearly as pale as the seal.
    """
    disc = np.zeros(darkness.shape, np.uint8)
    cv2.circle(disc, (round(seal.x), round(seal.y)), round(REACH * seal.radius), (1,), -1)
    floor = min(254.0, TONE_MARGIN * seal.tone)
    tones = np.clip((np.arange(256) - floor) * 255 / (255 - floor), 0, 255).astype(np.uint8)
    return as_image(np.where(disc > 0, cv2.LUT(darkness, tones), darkness))


def _without_ruling(ink: Image) -> NDArray[np.float32]:
    """Ink 0-1 of a small image, less its long straight strokes."""
    length = max(3, round(LINE_SHARE * max(ink.shape)))
    across = cv2.dilate(
        cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), np.ones((3, 1), np.uint8)
    )
    down = cv2.dilate(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8)), np.ones((1, 3), np.uint8))
    rest = cv2.subtract(ink, cv2.max(across, down))
    return (np.minimum(rest, STRONG_INK) / STRONG_INK).astype(np.float32)


def _ring(radius: int, reach: int) -> NDArray[np.float32]:
    """The filter that takes the mean of a ring; it reaches so many pixels in each direction."""
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    ring: NDArray[np.float32] = (np.abs(np.hypot(x, y) - radius) < 0.6).astype(np.float32)
    ring /= ring.sum()
    return ring


def _rings(low: int, high: int, side: int) -> dict[int, NDArray[np.float32]]:
    """The filters of the rings of these radii, and of those so far beside them, all of one size."""
    return {radius: _ring(radius, high + side + 1) for radius in range(low - side, high + side + 1)}


@lru_cache(maxsize=2)  # most pages of a document have one size, or one and the same on its side
def _spectra_above_mean(low: int, high: int, side: int, size: tuple[int, int]) -> tuple[NDArray[np.float32], ...]:
    """The spectra of the filters that take the mean of each ring less the mean of the two beside it."""
    rings, half = _rings(low, high, side), np.float32(0.5)
    filters = (rings[r] - half * (rings[r - side] + rings[r + side]) for r in range(low, high + 1))
    return tuple(_spectrum(each, size) for each in filters)


def _spectrum_size(ink: NDArray[np.float32], reach: int) -> tuple[int, int]:
    """The size of spectra with which ink is filtered so far around each pixel."""
    height, width = (cv2.getOptimalDFTSize(max(side, reach + 1) + reach) for side in ink.shape)
    return height, width


def _spectrum(image: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """The spectrum of an image, on zeros of a (height, width)."""
    return np.asarray(cv2.dft(_in_corner(image, size), nonzeroRows=len(image)), np.float32)


def _filtered(
    ink: NDArray[np.float32], spectra: Iterable[NDArray[np.float32]], reach: int
) -> Iterator[NDArray[np.float32]]:
    """What each of some symmetric filters, given by their spectra, makes of ink, beyond which is paper.

    Filters that reach as far as these are products of spectra, and the ink's own spectrum serves all of them.
    """
    height, width = ink.shape
    own = _spectrum(ink, _spectrum_size(ink, reach))
    for each in spectra:
        product = cv2.mulSpectrums(own, each, 0)
        whole = cv2.dft(product, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE, nonzeroRows=height + reach)
        yield np.asarray(whole[reach : reach + height, reach : reach + width], np.float32)


def _in_corner(image: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    """An image in the top left corner of one of a (height, width), on zeros."""
    canvas = np.zeros(size, np.float32)
    canvas[: image.shape[0], : image.shape[1]] = image
    return canvas


def _tone(darkness: Image, x: float, y: float, radius: float) -> float:
    """The usual darkness on a ring: where it is darkest across its rim, in most directions."""
    turn = np.linspace(0, 2 * np.pi, 180, endpoint=False)[:, None]
    reach = radius * (1 + np.linspace(-RIM_SHARE, RIM_SHARE, 9))[None, :]
    across = np.clip(np.rint(x + reach * np.cos(turn)), 0, darkness.shape[1] - 1).astype(np.intp)
    down = np.clip(np.rint(y + reach * np.sin(turn)), 0, darkness.shape[0] - 1).astype(np.intp)
    return float(np.quantile(darkness[down, across].max(axis=1), TONE_QUANTILE))
