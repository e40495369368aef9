"""Image -> Ink: what the pen, the printer and the seal each left on the paper, the paper's own light taken away.

Paper is flattened by a large-scale estimate of itself, so that shadows and yellowing count as nothing. A red (or
purple) seal is *unmixed*, not masked: the share of darkness that its colour accounts for is fitted on the page and
subtracted, so that black text and ruling under the seal survive while the seal goes.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, Ink

PAPER_SCALE = 8
"""The paper is estimated on an image this many times smaller: light changes slowly."""
PAPER_CLOSING_PX = 11
"""Dark shapes narrower than this (in the small image) are ink, not shadow: 11 mm at 200 dpi, more than any stroke."""
PAPER_SMOOTHING_PX = 15
MIN_RED = 40
"""Red minus green, of 255, from which ink counts as seal ink. Blue pen has less red than green; black toner under
chroma-subsampled JPEG stays below 25."""
STRONG_RED = 70
"""Only pixels this red fit the seal's own darkness: paler ones are half paper."""
MIN_SEAL_SHARE = 0.0005
"""Pages with less seal ink than this (share of all pixels) have no seal: a whole seal covers about 1 %."""
SEAL_DARKNESS_QUANTILE = 0.7
"""Seal pixels darker than this quantile of their kind are text under the seal."""
SEAL_DARKNESS_RANGE = (0.2, 0.9)
"""Darkness per unit of redness of any real seal ink; fits outside are noise."""
SAMPLE_STEP = 4
MIN_NOISE = 1.0


def separate_ink(image: Image) -> Ink:
    """Split an image into pen and print on one side, seal ink on the other.

    Args:
        image: (height, width, 3) BGR, or (height, width) gray, at any resolution from 100 to 600 dpi.
    """
    if image.ndim == 2 or not _is_coloured(image):
        gray = image if image.ndim == 2 else as_image(cv2.extractChannel(image, 1))
        darkness = as_image(cv2.bitwise_not(flatten_paper(gray)))
        return Ink(darkness, np.zeros(gray.shape, np.bool_), paper_noise(darkness))
    red = flatten_paper(as_image(cv2.extractChannel(image, 2)))
    green = flatten_paper(as_image(cv2.extractChannel(image, 1)))
    darkness = as_image(cv2.bitwise_not(cv2.max(red, green)))
    redness = as_image(cv2.subtract(red, green))
    seal = redness >= MIN_RED
    sample = redness[::SAMPLE_STEP, ::SAMPLE_STEP]
    if np.count_nonzero(sample >= MIN_RED) >= MIN_SEAL_SHARE * sample.size:
        slope = _seal_darkness(darkness[::SAMPLE_STEP, ::SAMPLE_STEP], sample)
        darkness = as_image(cv2.subtract(darkness, cv2.convertScaleAbs(redness, alpha=slope)))
    else:
        seal = np.zeros(seal.shape, np.bool_)
    return Ink(darkness, seal, paper_noise(darkness))


def flatten_paper(channel: Image) -> Image:
    """One colour channel (height, width) divided by its paper: 255 is paper everywhere."""
    return as_image(cv2.divide(channel, paper_light(channel), scale=255))


def paper_light(channel: Image) -> Image:
    """The brightness (height, width), 1-255, that bare paper has, or would have, at each pixel of a channel."""
    height, width = channel.shape
    small_size = (max(1, width // PAPER_SCALE), max(1, height // PAPER_SCALE))
    small = cv2.resize(channel, small_size, interpolation=cv2.INTER_AREA)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (PAPER_CLOSING_PX, PAPER_CLOSING_PX))
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    paper = cv2.max(cv2.blur(paper, (PAPER_SMOOTHING_PX, PAPER_SMOOTHING_PX)), np.ones_like(paper))
    return as_image(cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR))


def paper_noise(darkness: Image) -> float:
    """Standard deviation of the paper's grain in a darkness image, at least 1.

    Taken from differences of near pixels, most of which are paper, by their median: ink does not count.
    """
    sample = darkness[::SAMPLE_STEP].astype(np.int16)
    differences = np.abs(sample[:, 2::3] - sample[:, :-2:3])
    bare = (sample[:, 2::3] > 0) & (sample[:, :-2:3] > 0)  # brighter than paper was clipped and tells nothing
    if not bare.any():
        return MIN_NOISE
    return max(MIN_NOISE, float(np.median(differences[bare])) * 1.4826 / math.sqrt(2))


def as_image(array: NDArray[Any]) -> Image:
    """An array that OpenCV returns, stated to be uint8; no copy is made where it is."""
    return np.asarray(array, np.uint8)


def _is_coloured(image: Image) -> bool:
    sample = image[::SAMPLE_STEP, ::SAMPLE_STEP]
    return bool((cv2.absdiff(sample[:, :, 2], sample[:, :, 1]) > 0).any())


def _seal_darkness(darkness: Image, redness: Image) -> float:
    """Darkness per unit of redness that the page's seal ink has by itself."""
    strong = redness >= STRONG_RED
    if not strong.any():
        strong = redness >= MIN_RED
    ratio = darkness[strong].astype(np.float32) / redness[strong]
    return float(np.clip(np.quantile(ratio, SEAL_DARKNESS_QUANTILE), *SEAL_DARKNESS_RANGE))
