"""Texts -> strokes as a hand would leave them: characters of script fonts and of pens, uneven in size, slant and place.

Strokes are arrays (height, width) float32, 0 on bare paper to 1 where ink covers it, cut close around the ink.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

Strokes = NDArray[np.float32]

EM = 128
"""Pixels of the square in which a font's characters are drawn, before they are brought to their size on the page."""
ZERO_WIDTH = 0.8
"""〇, which these fonts lack, is drawn as a circle of this width."""
POINT = "."
INK = 0.1
"""Coverage from which a pixel belongs to a stroke."""
DARKEST = 0.99
"""The quantile of a pen's image that counts as its full ink."""
PEN_TURN_DEG = 2.0
"""Standard deviation of a pen's slope: names in pen are written as they were, but not always level."""


class Hand(NamedTuple):
    """How a writer writes: `slant` is a shear, `spacing` in ems, the rest standard deviations or factors.

    `weight` thickens strokes (above 0) or thins them, in pixels of `EM`; `point` is the size of points beside the
    font's own.
    """

    slant: float
    spacing: float
    turn_deg: float
    size: float
    rise: float
    weight: int
    point: float


class Pen(NamedTuple):
    """A name in pen: its image with an alpha channel, or dark on light, its writer and what it says."""

    file: Path
    writer: str
    name: str


def some_hand(rng: Generator) -> Hand:
    """A hand drawn at random: most are regular, some are not."""
    careless = rng.uniform(0.3, 1.0)
    return Hand(
        slant=float(rng.normal(0.0, 0.12)),
        spacing=float(rng.uniform(0.02, 0.18)),
        turn_deg=4.0 * careless,
        size=0.07 * careless,
        rise=0.05 * careless,
        weight=int(rng.integers(-1, 4)),
        point=float(rng.uniform(0.7, 1.5)),
    )


def write(text: str, font: Path, hand: Hand, rng: Generator) -> Strokes:
    """A text in a script font by a hand; 1 em is `EM` pixels, give or take the hand's own size."""
    canvas = np.zeros((2 * EM, (len(text) + 2) * 2 * EM), np.float32)
    right = EM
    for character in text:
        glyph = _swayed(write_character(character, font), hand, rng, hand.point if character == POINT else 1.0)
        columns = np.flatnonzero(glyph.max(axis=0) > INK)
        if len(columns):
            piece = glyph[:, columns[0] : columns[-1] + 1]
            left = max(0, round(right + hand.spacing * EM))
            under = canvas[:, left : left + piece.shape[1]]
            np.maximum(under, piece, out=under)
            right = left + piece.shape[1]
    return trimmed(_weighted(canvas, hand.weight))


def write_in_pen(pen: Pen, rng: Generator) -> Strokes:
    """A pen's name as it was written, a little turned."""
    image = cv2.imread(str(pen.file), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise FileNotFoundError(pen.file)
    light = cv2.cvtColor(image[..., :3], cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image
    see_through = image.ndim == 3 and image.shape[2] == 4 and image[..., 3].min() < 255
    strokes = image[..., 3] if see_through else 255 - light
    covered = np.pad(_contrasted(strokes.astype(np.float32) / 255), strokes.shape[0] // 4)
    turn = cv2.getRotationMatrix2D((covered.shape[1] / 2, covered.shape[0] / 2), rng.normal(0, PEN_TURN_DEG), 1.0)
    return trimmed(np.asarray(cv2.warpAffine(covered, turn, covered.shape[::-1]), np.float32))


def read_pens(folder: Path) -> tuple[Pen, ...]:
    """The names of a folder whose labels.csv has the columns file, writer and name."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Pen(folder / row["file"], row["writer"], row["name"]) for row in csv.DictReader(file))


def trimmed(strokes: Strokes) -> Strokes:
    """Cut close around the ink."""
    rows, columns = (np.flatnonzero(strokes.max(axis=axis) > INK) for axis in (1, 0))
    return strokes[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def sized(strokes: Strokes, scale: float) -> Strokes:
    """Brought to another size."""
    height, width = (max(2, round(side * scale)) for side in strokes.shape)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(np.clip(cv2.resize(strokes, (width, height), interpolation=way), 0, 1), np.float32)


def _contrasted(strokes: Strokes) -> Strokes:
    """The paper's shade as 0 and the darkest ink as 1."""
    paper, ink = np.median(strokes), np.quantile(strokes, DARKEST)
    return np.asarray(np.clip((strokes - paper) / max(float(ink - paper), INK) * 1.25 - 0.15, 0, 1), np.float32)


@cache
def write_character(character: str, font: Path) -> Strokes:
    """A character on a square of two ems, its baseline three quarters down."""
    image = PillowImage.new("L", (2 * EM, 2 * EM), 0)
    draw = ImageDraw.Draw(image)
    if character == "〇":
        box = (EM // 2, round(1.5 * EM - ZERO_WIDTH * EM), round(EM / 2 + ZERO_WIDTH * EM), round(1.5 * EM))
        draw.ellipse(box, outline=255, width=EM // 16)
    else:
        draw.text((EM // 2, round(1.5 * EM)), character, 255, _font(font), anchor="ls")
    return np.asarray(image, np.float32) / 255


@cache
def _font(font: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), EM)


def _swayed(glyph: Strokes, hand: Hand, rng: Generator, factor: float) -> Strokes:
    """A character turned, sheared, sized and shifted about the middle of its baseline, as a hand does it each time."""
    size = factor * float(np.clip(rng.normal(1.0, hand.size), 0.75, 1.3))
    turn = np.radians(rng.normal(0.0, hand.turn_deg))
    cos, sin = size * np.cos(turn), size * np.sin(turn)
    middle, base = glyph.shape[1] / 2, 0.75 * glyph.shape[0]
    linear = np.array([[cos, sin - hand.slant * cos], [-sin, cos + hand.slant * sin]])
    shift = np.array([middle, base - rng.normal(0.0, hand.rise) * EM]) - linear @ np.array([middle, base])
    return np.asarray(cv2.warpAffine(glyph, np.column_stack([linear, shift]), glyph.shape[::-1]), np.float32)


def _weighted(strokes: Strokes, weight: int) -> Strokes:
    if not weight:
        return strokes
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(weight) + 1, abs(weight) + 1))
    return np.asarray((cv2.dilate if weight > 0 else cv2.erode)(strokes, kernel), np.float32)


def placed(
    first: Strokes, second: Strokes, offset: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int], Strokes]:
    """Two texts on one canvas, the second one's top left corner off the first one's by `offset` (x, y)."""
    corners = np.array([[0, 0], offset])
    corners = corners - corners.min(axis=0)
    sizes = np.array([text.shape[::-1] for text in (first, second)])
    width, height = (corners + sizes).max(axis=0)
    canvas = np.zeros((height, width), np.float32)
    for text, (x, y) in zip((first, second), corners, strict=True):
        under = canvas[y : y + text.shape[0], x : x + text.shape[1]]
        np.maximum(under, text, out=under)
    (ax, ay), (bx, by) = corners.tolist()
    return (ax, ay), (bx, by), canvas


def script_fonts(folder: Path, names: Sequence[str]) -> list[Path]:
    """Files of the named fonts.

    Raises:
        FileNotFoundError: when one is missing.
    """
    files = [folder / f"{name}.woff2" for name in names]
    for file in files:
        if not file.exists():
            raise FileNotFoundError(file)
    return files
