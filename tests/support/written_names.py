"""Names written by hands that are drawn: each name is a few strokes, each hand bends them in its own way."""

from __future__ import annotations

import cv2
import numpy as np


def strokes_of(name: int, hand: int, *, wobble: float = 0.0, seed: int = 0) -> list[np.ndarray]:
    """Polylines in a box of 300 x 100 units: what `name` says, as `hand` writes it; `wobble` differs each time."""
    says, bends, again = (np.random.default_rng(entropy) for entropy in ((1, name), (2, name, hand), (3, seed)))
    lines = []
    for character in range(3):
        for _ in range(6):
            points = says.uniform((0, 0), (80, 100), (3, 2)) + bends.normal(0, 14, (3, 2))
            lines.append(points + np.array([character * 105, 0]) + again.normal(0, wobble, (3, 2)))
    return lines


def written(lines: list[np.ndarray], *, height: int = 80, degrees: float = 0.0, pen: float = 4.0) -> np.ndarray:
    """The darkness, (height, width) uint8, of strokes written with a pen of so many units, as a scanner sees them."""
    scale, turn = height / 140, np.radians(degrees)
    matrix = scale * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    image = np.zeros((2 * height, round(370 * scale)), np.uint8)
    for line in lines:
        points = line @ matrix.T + (20 * scale, height / 2 + 20 * scale)
        cv2.polylines(image, [np.round(points * 16).astype(np.int32)], False, 220, max(1, round(pen * scale)), 16, 4)
    paper = np.random.default_rng(7).normal(6, 3, image.shape)
    return np.clip(cv2.GaussianBlur(image, (0, 0), 0.7) + paper, 0, 255).astype(np.uint8)
