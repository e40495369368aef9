"""Names in pen, cut out -> their strokes, as a scanner might have seen them, with who wrote them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.elements import Image
from pipeline.handwriting import Strokes, describe_writing

NOISE = 6.0
"""Standard deviation of bare paper, of 255."""
HEIGHTS = (38.0, 85.0)
"""Of names on scans at 150 to 300 dpi, in pixels."""
SMALL_TURN_DEG = 1.5
SMALL_SHARE = 0.02
"""By so much names are turned, leant and stretched more or less, as standard deviations."""


class Written(NamedTuple):
    """A name by a writer, what it was written on, and its strokes."""

    writer: str
    name: str
    note: str
    strokes: Strokes


def scanned(darkness: Image, rng: np.random.Generator) -> Image:
    """A name as a scanner might see it: (height, width), 0 paper to 255 ink.

    Args:
        darkness: the name cut out, large.
        rng: decides how it lies, how large, how sharp and how pale it is.
    """
    scale = rng.uniform(*HEIGHTS) / darkness.shape[0]
    turn, lean, wider = (
        np.radians(rng.normal(0, SMALL_TURN_DEG)),
        rng.normal(0, SMALL_SHARE),
        np.exp(rng.normal(0, SMALL_SHARE)),
    )
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = rotation @ np.array([[1, lean], [0, 1]]) @ np.diag([scale * wider, scale])
    height, width = darkness.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ matrix.T
    low, high = corners.min(axis=0) - 4, corners.max(axis=0) + 4
    soft = cv2.GaussianBlur(darkness, (0, 0), max(0.4 / scale, 0.3))
    size = int(high[0] - low[0]), int(high[1] - low[1])
    laid = cv2.warpAffine(soft, np.column_stack([matrix, -low]), size)
    ink = cv2.GaussianBlur(laid, (0, 0), rng.uniform(0.4, 1.0)).astype(np.float64) * rng.uniform(0.55, 1.0)
    paper = 255 - np.clip(ink + rng.normal(0, NOISE, ink.shape), 0, 255).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", paper, [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(40, 90))])
    return np.asarray(255 - np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)), np.uint8)


def read_pens(folder: Path, seed: int) -> dict[str, Written]:
    """The names of a folder of pens by file, each scanned once; files that cannot be read, or fade, are left out.

    Args:
        folder: holds the files and labels.csv with the columns `file`, `writer`, `name` and `note`.
        seed: decides how each is scanned.
    """
    rng = np.random.default_rng(seed)
    with (folder / "labels.csv").open(encoding="utf-8-sig", newline="") as file:
        labels = [*csv.DictReader(file)]
    found = {}
    for label in labels:
        darkness = _darkness(folder / label["file"])
        strokes = None if darkness is None else describe_writing(scanned(darkness, rng), NOISE)
        if strokes is not None:
            found[label["file"]] = Written(label["writer"], label["name"], label.get("note") or "", strokes)
    return found


def _darkness(path: Path) -> Image | None:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        return None
    if image.ndim == 3 and image.shape[2] == 4:  # on nothing: it is laid on white paper
        share = image[:, :, 3:].astype(np.float32) / 255
        image = (image[:, :, :3] * share + 255 * (1 - share)).astype(np.uint8)
    gray = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(255 - gray, np.uint8)
