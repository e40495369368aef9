"""Clean windows of pages -> the same as scanned, copied, faxed and packed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from pipeline.elements import Image


def worn(image: Image, rng: Generator) -> Image:
    """A (height, width, 3) BGR image after wear of several kinds, each of which some images get."""
    kinds = (
        (0.35, _gray),
        (0.3, _coarse),
        (0.2, _blurred),
        (0.6, _lit),
        (0.15, _bilevel),
        (0.3, _packed),
    )
    for chance, wear in kinds:
        if rng.random() < chance:
            image = wear(image, rng)
    return image


def _gray(image: Image, _: Generator) -> Image:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def _coarse(image: Image, rng: Generator) -> Image:
    """As enlarged from a coarser scan."""
    scale = rng.uniform(0.45, 0.9)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, image.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def _blurred(image: Image, rng: Generator) -> Image:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.1)), np.uint8)


def _lit(image: Image, rng: Generator) -> Image:
    """Under other light: brighter or darker, and some with tinted paper, a shadow from one side, and noise."""
    height, width = image.shape[:2]
    values = 255 * (image.astype(np.float32) / 255) ** np.float32(rng.uniform(0.7, 1.5))
    values = values * np.float32(rng.uniform(0.75, 1.05)) + np.float32(rng.uniform(-5, 25))
    if rng.random() < 0.4:
        values = values * rng.uniform(0.82, 1.0, 3).astype(np.float32)
    if rng.random() < 0.3:
        across = rng.random() < 0.5
        shadow = np.linspace(rng.uniform(0.6, 1.0), 1, width if across else height, dtype=np.float32)
        values = values * shadow.reshape((1, -1, 1) if across else (-1, 1, 1))
    if rng.random() < 0.5:
        noise = rng.standard_normal((height, width, 1), np.float32)
        values = values + noise * np.float32(rng.uniform(1, 9))
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def _bilevel(image: Image, rng: Generator) -> Image:
    """As by fax: black where it is clearly darker than the paper, else white."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    white = gray > np.percentile(gray, 85) * rng.uniform(0.6, 0.85)
    return np.asarray(cv2.cvtColor(np.where(white, 255, 0).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)


def _packed(image: Image, rng: Generator) -> Image:
    """As JPEG leaves it."""
    _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 81))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
