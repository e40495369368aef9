"""Pages made worse on purpose: each function takes a page and a strength, and returns a worse page.

Only what paper, light and scanners do. Every function is deterministic; images are (height, width, 3) uint8 BGR.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Distortion = Callable[[Image, float], Image]


def skewed(page: Image, degrees: float) -> Image:
    """The page turned counter-clockwise on a larger sheet."""
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = math.ceil(width * cos + height * sin), math.ceil(height * cos + width * sin)
    turn[:, 2] += np.array(size) / 2 - np.array([width, height]) / 2
    return np.asarray(cv2.warpAffine(page, turn, size, flags=cv2.INTER_CUBIC, borderValue=_paper(page)), np.uint8)


def turned(page: Image, quarter_turns: float) -> Image:
    """The page turned counter-clockwise by whole quarter turns."""
    return np.ascontiguousarray(np.rot90(page, int(quarter_turns)))


def rescaled(page: Image, share: float) -> Image:
    """The page at another resolution."""
    method = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(page, None, fx=share, fy=share, interpolation=method), np.uint8)


def compressed(page: Image, quality: float) -> Image:
    """The page after JPEG at a quality of 1-100."""
    _, encoded = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def curled(page: Image, mm: float) -> Image:
    """Lines pushed up and down by a wave of this amplitude, as a page that does not lie flat is."""
    x, y = _grid(page)
    amplitude = mm * _px_per_mm(page)
    height, width = page.shape[:2]
    wave = np.sin(math.pi * x / width * 1.3 + 0.4) * (0.6 + 0.4 * y / height)
    return _remapped(page, x + amplitude * 0.3 * np.sin(math.pi * y / height), y + amplitude * wave)


def tilted(page: Image, share: float) -> Image:
    """The page seen aslant: two corners drawn in by a share of its width and height."""
    height, width = page.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    aslant = flat + np.array(
        [[share * width, share * height], [-share * width / 2, 0], [0, -share * height / 2], [0, 0]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(flat, aslant)
    return np.asarray(cv2.warpPerspective(page, matrix, (width, height), borderValue=_paper(page)), np.uint8)


def folded(page: Image, mm: float) -> Image:
    """A fold across the middle: both halves bend towards it, and it throws a shadow."""
    x, y = _grid(page)
    width = page.shape[1]
    away = np.abs(x - width * 0.55) / width
    bent = _remapped(page, x, y + mm * _px_per_mm(page) * np.exp(-away * 12))
    shade = 1 - 0.35 * np.exp(-((away * 60) ** 2))
    return np.asarray(bent * shade[..., None], np.uint8)


def spine_shadowed(page: Image, depth: float) -> Image:
    """A shadow along the left side that takes this share of the light, as in a bound volume."""
    x, _ = _grid(page)
    shade = 1 - depth * np.exp(-x / (page.shape[1] * 0.12))
    return np.asarray(page * shade[..., None], np.uint8)


def dashed(page: Image, gap_share: float) -> Image:
    """Ruling lines broken into dashes, the gaps this share of them."""
    gray = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    ink = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 12)
    length = max(25, page.shape[1] // 45)
    lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    lines |= cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    x, y = _grid(page)
    period = 2.4 * _px_per_mm(page)
    gap = ((x + y) % period) < gap_share * period
    erase = (cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0) & gap
    result = page.copy()
    result[erase] = _paper(page)
    return result


def gray_sealed(page: Image, darkness: float) -> Image:
    """A photocopied seal over the table: a gray ring and star of this darkness, 0-1."""
    height, width = page.shape[:2]
    stamp = np.zeros((height, width), np.uint8)
    center, radius = (int(width * 0.62), int(height * 0.5)), int(21 * _px_per_mm(page))
    cv2.circle(stamp, center, radius, 255, max(2, int(1.2 * _px_per_mm(page))))
    points = [
        (center[0] + r * math.sin(k * math.pi / 5), center[1] - r * math.cos(k * math.pi / 5))
        for k in range(10)
        for r in [radius * (0.32 if k % 2 == 0 else 0.13)]
    ]
    cv2.fillPoly(stamp, [np.array(points, np.int32)], 255)
    return np.asarray(page * (1 - darkness * stamp[..., None] / 255.0), np.uint8)


def faded(page: Image, loss: float) -> Image:
    """Toner gone in patches: ink loses up to this share of its darkness."""
    x, y = _grid(page)
    height, width = page.shape[:2]
    patches = 0.5 + 0.5 * np.sin(7 * x / width + 3 * y / height) * np.cos(5 * y / height - 4 * x / width)
    paper = np.array(_paper(page), np.float64)
    return np.asarray(paper - np.clip(paper - page, 0, None) * (1 - loss * patches[..., None]), np.uint8)


def _remapped(page: Image, x: NDArray[np.float32], y: NDArray[np.float32]) -> Image:
    moved = cv2.remap(page, x.astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC, borderValue=_paper(page))
    return np.asarray(moved, np.uint8)


def _grid(page: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = page.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


def _px_per_mm(page: Image) -> float:
    """Of a page that is A4."""
    return max(page.shape[:2]) / 297


def _paper(page: Image) -> tuple[int, int, int]:
    b, g, r = (int(np.median(page[::7, ::7, c])) for c in range(3))
    return b, g, r
