"""Upright page -> where it has coloured ink, on a small image, by kinds of colour.

Each channel is divided by the paper's own, so that yellowed or tinted paper has no colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.elements import Image, StampColour, Upright
from pipeline.imaging import as_image
from pipeline.ink import normalise_illumination

LONG_SIDE = 640
"""Stamps are looked for on an image with a long side of about so many pixels, two to a millimetre of A4: a rim is half
a millimetre thick or more."""
PAPER_SCALE = 4
"""The paper's brightness is estimated on an image this many times smaller still: a disc of
foil, 60 mm wide, is not taken for paper."""
SAMPLE_COLOUR = 20
"""Whether a page has colours at all is seen at once: of coloured pixels the channels lie so much further apart than of
most pixels, which are paper."""
MIN_SAMPLE = 1e-4
"""Pages with a smaller share of coloured pixels have no coloured stamp: the ink of a date stamp covers 4e-4 of A4."""
MIN_COLOUR = 18
"""From this difference of its channels on, of 255, a pixel of the small image is coloured: thin red lines of a worn
stamp reach 20 to 40, black print under JPEG stays below 12."""
LEAN = 0.5
"""Red ink takes away blue and green alike: the smaller difference is less than this share of the larger one."""
VIOLET_LEAN = 0.3
"""Violet ink keeps this share of its red, as against its blue; blue ink keeps less."""


class ColouredInk(NamedTuple):
    """Masks (height, width) of a page's ink by colour, `step` times smaller than the page; and its channels there.

    `channels` are blue, green and red under even illumination, 255 on paper.
    """

    step: int
    masks: dict[StampColour, Image]
    channels: tuple[Image, Image, Image]


def find_coloured_ink(upright: Upright) -> ColouredInk | None:
    """The coloured ink of a page; None where it has hardly any."""
    step = small_step(upright.image)
    small = reduced(upright.image, step)
    if not _has_colours(small):
        return None
    blue, green, red = (normalise_illumination(as_image(c), PAPER_SCALE) for c in cv2.split(small))
    red_green, red_blue, blue_green = cv2.subtract(red, green), cv2.subtract(red, blue), cv2.subtract(blue, green)
    leaning = cv2.convertScaleAbs(red_green, alpha=LEAN)
    reddish, cool = red_green >= MIN_COLOUR, blue_green >= leaning
    is_red = reddish & ~cool & (red_green >= cv2.convertScaleAbs(red_blue, alpha=LEAN))
    is_violet = (reddish & cool) | (
        (blue_green >= MIN_COLOUR) & (red_green >= cv2.convertScaleAbs(blue_green, alpha=VIOLET_LEAN))
    )
    is_blue = (cv2.subtract(blue, red) >= MIN_COLOUR) & (blue >= green) & ~is_violet
    is_other = (_chroma((blue, green, red)) >= MIN_COLOUR) & ~(is_red | is_violet | is_blue)
    kinds = (
        (StampColour.RED, is_red),
        (StampColour.VIOLET, is_violet),
        (StampColour.BLUE, is_blue),
        (StampColour.OTHER, is_other),
    )
    return ColouredInk(step, {colour: as_image(mask) for colour, mask in kinds}, (blue, green, red))


def small_step(image: Image) -> int:
    """How many times smaller than a page the image is that stamps are looked for on."""
    longest = float(max(image.shape[:2]))
    return max(1, round(longest / LONG_SIDE))


def reduced(image: Image, step: int) -> Image:
    """An image of any channels so many times smaller; each pixel is the mean of four at its middle, which is quick."""
    height, width = (max(1, side // step) for side in image.shape[:2])
    return as_image(cv2.resize(image[: height * step, : width * step], (width, height)))


def _has_colours(small: Image) -> bool:
    chroma = _chroma([as_image(channel) for channel in cv2.split(small)])
    counts = np.bincount(chroma.ravel(), minlength=256)
    usual = int(np.searchsorted(np.cumsum(counts), chroma.size / 2))
    return bool(counts[usual + SAMPLE_COLOUR :].sum() >= MIN_SAMPLE * chroma.size)


def _chroma(channels: Sequence[Image]) -> Image:
    """How far the channels lie apart."""
    blue, green, red = channels
    return as_image(cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)))
