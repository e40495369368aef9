"""Marks and what looks like them, drawn stroke by stroke on cells of a page."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

STROKES = {
    "/": [[(0.68, 0), (0.32, 1)]],
    "×": [[(0.1, 0.1), (0.9, 0.9)], [(0.9, 0.1), (0.1, 0.9)]],
    "√": [[(0, 0.55), (0.3, 1), (1, 0)]],
    "—": [[(0, 0.5), (1, 0.5)]],
    "---": [[(0, 0.5), (0.25, 0.5)], [(0.5, 0.5), (0.75, 0.5)], [(1.0, 0.5), (1.25, 0.5)]],
    "〃": [[(0.45, 0.2), (0.3, 0.6)], [(0.75, 0.2), (0.6, 0.6)]],
    "□": [[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]],
    "☑": [[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], [(0.2, 0.5), (0.4, 0.8), (0.85, 0.2)]],
    "1": [[(0.5, 0), (0.5, 1)], [(0.5, 0), (0.3, 0.2)], [(0.3, 1), (0.7, 1)]],
    "11": [[(0.3, 0), (0.3, 1)], [(0.3, 0), (0.15, 0.2)], [(0.8, 0), (0.8, 1)], [(0.8, 0), (0.65, 0.2)]],
    "中": [[(0, 0.25), (1, 0.25), (1, 0.65), (0, 0.65), (0, 0.25)], [(0.5, 0), (0.5, 1)]],
    "4": [[(0.6, 1), (0.6, 0), (0.1, 0.7), (0.9, 0.7)]],
}
"""On a square of side 1."""
MARKS = ("/", "×", "√", "—", "---", "〃", "□", "☑")
LETTERS = ("1", "11", "中", "4")


def draw_mark(image: NDArray[np.uint8], kind: str, left: float, top: float, size: float) -> None:
    """Draw strokes of a kind into a gray page, in place; `size` in pixels, of the square they stand on."""
    thick = max(1, round(0.09 * size))
    for stroke in STROKES[kind]:
        points = np.rint((np.array(stroke) * size + (left, top)) * 16).astype(np.int32)
        cv2.polylines(image, [points.reshape(-1, 1, 2)], False, 30, thick, cv2.LINE_AA, 4)


def mark_cut(kind: str, size: int = 24) -> NDArray[np.uint8]:
    """Darkness of a cut with one kind of strokes, as the shapes of marks are measured in."""
    image = np.full((size + 12, round(1.5 * size) + 12), 255, np.uint8)
    draw_mark(image, kind, 6, 6, size)
    return np.asarray(255 - cv2.GaussianBlur(image, (3, 3), 0), np.uint8)
