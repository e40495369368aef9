"""Truth -> the text lines of a page's true cells, cut plainly: what a recogniser has to read of it, at the least.

The yardstick of speed.py. It is frozen: with another cut the ratios of one day could not be compared with those of
another, and reading more than is needed could pass for being fast. Nothing of the pipeline's own cutting is used.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate import TruthPage

Image = NDArray[np.uint8]

LINE_HEIGHT = 48
"""Pixels, the recogniser's own height."""
A4_LONG_SIDE_MM = 297.0
INSET_MM = 0.6
"""From the true corner of a cell, the middle of its ruling line, to its inside."""
INK_BELOW = 60
"""Gray levels below a cell's median from which a pixel is ink; on faded pages half the way to the darkest pixel."""
MIN_LINE_MM = 1.2
"""Rows of ink lower than this are no text line."""
MAX_GAP_MM = 0.25
"""Rows of ink with less paper between them are one text line."""
PADDING = 0.15
"""Paper around a line's ink, in shares of its height."""


def reference_lines(image: Image, truth: TruthPage) -> list[Image]:
    """Each text line of the cells that have text, in the order of the cells, from top to bottom.

    Args:
        image: (height, width, 3) BGR of the scan.
        truth: of the page; its cells need polygons.

    Returns:
        (48, width, 3) each, one text line; at least one for each cell with text.
    """
    gray = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
    px_per_mm = max(gray.shape) / A4_LONG_SIDE_MM
    lines = []
    for cell, text in zip(truth.grid.cells, truth.texts, strict=True):
        if text and cell.polygon:
            lines += list(_lines(_straightened(gray, cell.polygon, INSET_MM * px_per_mm), px_per_mm))
    return lines


def recogniser_input(line: Image) -> NDArray[np.float32]:
    """A line as the model wants it: (1, 3, 48, width), from -1 to 1."""
    values = line.transpose(2, 0, 1)[None].astype(np.float32)
    result: NDArray[np.float32] = values / np.float32(127.5) - np.float32(1.0)
    return result


def _straightened(gray: Image, polygon: tuple[tuple[float, float], ...], inset: float) -> Image:
    """A cell's inside as an upright rectangle, at the scan's own resolution."""
    corners = np.array(polygon, np.float32)
    width = max(float(np.linalg.norm(corners[1] - corners[0])), float(np.linalg.norm(corners[2] - corners[3])))
    height = max(float(np.linalg.norm(corners[3] - corners[0])), float(np.linalg.norm(corners[2] - corners[1])))
    size = max(1, round(width - 2 * inset)), max(1, round(height - 2 * inset))
    left, top, right, bottom = -inset, -inset, size[0] + inset, size[1] + inset
    target = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    turn = cv2.getPerspectiveTransform(corners, target)
    straight = cv2.warpPerspective(gray, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(straight, np.uint8)


def _lines(cell: Image, px_per_mm: float) -> Iterator[Image]:
    """A cell's text lines; all of the cell where none can be told."""
    paper = float(np.median(cell))
    ink = cell < paper - min(INK_BELOW, (paper - float(cell.min())) / 2)
    bands = [band for band in _bands(ink.any(axis=1), MAX_GAP_MM * px_per_mm) if len(band) >= MIN_LINE_MM * px_per_mm]
    for band in bands or [range(len(cell))]:
        across = np.flatnonzero(ink[band.start : band.stop].any(axis=0))
        padding = round(PADDING * len(band))
        first, last = (int(across[0]), int(across[-1])) if len(across) else (0, cell.shape[1] - 1)
        line = cell[max(0, band.start - padding) : band.stop + padding, max(0, first - padding) : last + 1 + padding]
        width = max(LINE_HEIGHT // 2, round(line.shape[1] * LINE_HEIGHT / line.shape[0]))
        resized = cv2.resize(line, (width, LINE_HEIGHT), interpolation=cv2.INTER_AREA)
        yield np.asarray(cv2.cvtColor(resized, cv2.COLOR_GRAY2BGR), np.uint8)


def _bands(inked: NDArray[np.bool_], max_gap: float) -> list[range]:
    """Runs of rows with ink, those with a small gap between them joined."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    bands: list[range] = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if bands and start - bands[-1].stop <= max_gap:
            bands[-1] = range(bands[-1].start, stop)
        else:
            bands.append(range(start, stop))
    return bands
