"""Signed pages and names in pen -> strokes of signatures, which are pasted on windows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.signature_net.pages import SignedPage
from pipeline.elements import Image

COLOURS = (
    *((20, 20, 20), (40, 40, 40), (90, 90, 90), (110, 110, 110)),  # black and gray
    *((130, 40, 20), (160, 70, 40), (120, 30, 60), (70, 20, 20)),  # blue
    *((60, 110, 20), (30, 30, 140)),  # green and red
)
"""Colours of pens: blue, green, red."""
PAPER_PERCENTILE, INK_PERCENTILE = 80, 1
"""So much of a cut around a signature is darker than its paper, and so much as dark as its ink."""
LEAST_CONTRAST = 20
"""Less contrast than this, of 255, is grain: it is not stretched to full ink."""
LEAST_CUT_PX = 18
"""Signatures that are lower or narrower have too few pixels to be pasted larger."""
LEAST_HEIGHT, LEAST_WIDTH = 0.35, 0.4
"""Strokes of a signature hang together over so much of its box: print beside it does not."""
COVER = (0.01, 0.35)
"""How much of its box a signature covers: less is a speck, more is a photograph or print under it."""
LONGEST_PEN_PX = 260
"""Names in pen are scanned large; this is as wide as signatures are on a page of the network's size."""
WIDTHS_PX, NARROW_PX = (60, 241), (26, 61)
"""Widths of pasted pens; of initials, which are one in `NARROW` of them."""
HEIGHTS_PX = (16, 160)
NARROW = 0.3

Strokes = NDArray[np.uint8]
"""(height, width): 0 on bare paper to 255 where ink covers it."""


class Ink(NamedTuple):
    """An ink: blue, green and red of its colour, and how much it covers of what is under it, 0-1."""

    colour: tuple[int, int, int]
    strength: float


def cut_pens(pages: Iterable[SignedPage]) -> list[Strokes]:
    """The signatures of pages without the paper, and without the small strokes in their boxes that are print's."""
    pens = []
    for page in pages:
        for box in page.boxes:
            left, top, right, bottom = (max(0, int(edge)) for edge in box)
            cut = page.image[top:bottom, left:right]
            if min(cut.shape[:2]) < LEAST_CUT_PX:
                continue
            cover = _large_strokes(_cover(cut))
            if COVER[0] < cover.mean() < COVER[1]:
                pens.append((cover * 255).astype(np.uint8))
    return pens


def read_pens(folder: Path) -> list[Strokes]:
    """The names in pen of a folder's PNG files.

    Raises:
        ValueError: when the folder has none, or one cannot be read.
    """
    pens = [_read_pen(file) for file in sorted(folder.glob("*.png"))]
    if not pens:
        raise ValueError(f"{folder} has no PNG file")
    return pens


def paste_pens(image: Image, pens: Sequence[Strokes], rng: Generator) -> NDArray[np.float32]:
    """Paste one to three pens on an image, in place; returns (height, width), 0 to 1 where their ink is."""
    height, width = image.shape[:2]
    pasted = np.zeros((height, width), np.float32)
    for _ in range(rng.integers(1, 4)):
        pen = _varied(pens[rng.integers(len(pens))], rng)
        place = int(rng.integers(-10, width - 29)), int(rng.integers(-10, height - 19))
        paste(image, pen, place, some_ink(rng, 0.55), pasted)
    return pasted


def some_ink(rng: Generator, least: float) -> Ink:
    """A pen's ink of at least so much strength."""
    return Ink(COLOURS[rng.integers(len(COLOURS))], rng.uniform(least, 1.0))


def paste(
    image: Image, strokes: Strokes, place: tuple[int, int], ink: Ink, pasted: NDArray[np.float32] | None = None
) -> None:
    """Put strokes on an image, in place: ink darkens what is under it and brightens nothing.

    Args:
        image: (height, width, 3) BGR.
        strokes: what is put there; what would lie beyond the image is left out.
        place: left and top of the strokes, in pixels of the image.
        ink: its colour and strength.
        pasted: (height, width), in which the cover is noted, where given.
    """
    left, top = max(0, place[0]), max(0, place[1])
    right = min(image.shape[1], place[0] + strokes.shape[1])
    bottom = min(image.shape[0], place[1] + strokes.shape[0])
    if right <= left or bottom <= top:
        return
    part = strokes[top - place[1] : bottom - place[1], left - place[0] : right - place[0]]
    cover = part.astype(np.float32) / 255 * np.float32(ink.strength)
    under = image[top:bottom, left:right].astype(np.float32)
    inked = np.minimum(under, np.array(ink.colour, np.float32))
    image[top:bottom, left:right] = under * (1 - cover[..., None]) + inked * cover[..., None]
    if pasted is not None:
        pasted[top:bottom, left:right] = np.maximum(pasted[top:bottom, left:right], cover)


def _cover(cut: Image) -> NDArray[np.float32]:
    """How much ink covers each pixel of a cut, 0-1."""
    gray = cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY).astype(np.float32)
    paper, ink = np.percentile(gray, PAPER_PERCENTILE), np.percentile(gray, INK_PERCENTILE)
    cover = (paper - gray) / max(paper - ink, LEAST_CONTRAST) * 1.2 - 0.12
    return np.asarray(np.clip(cover, 0, 1), np.float32)


def _large_strokes(cover: NDArray[np.float32]) -> NDArray[np.float32]:
    """Only strokes that hang together over so much of the height or the width."""
    inked = (cv2.dilate(cover, np.ones((3, 3))) > 0.25).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inked)
    high = stats[:, cv2.CC_STAT_HEIGHT] >= LEAST_HEIGHT * cover.shape[0]
    wide = stats[:, cv2.CC_STAT_WIDTH] >= LEAST_WIDTH * cover.shape[1]
    kept = high | wide
    kept[0] = False  # the paper
    return cover * kept[labels]


def _read_pen(file: Path) -> Strokes:
    image = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise ValueError(f"{file} is no image that can be read")
    if image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    elif image.shape[2] == 4:
        opaque = image[..., 3:] / 255
        image = (image[..., :3] * opaque + 255 * (1 - opaque)).astype(np.uint8)
    scale = min(1.0, LONGEST_PEN_PX / max(image.shape[:2]))
    image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(_cover(image) * 255, np.uint8)


def _varied(pen: Strokes, rng: Generator) -> Strokes:
    """A pen of another size, some cut short, thicker or slanted."""
    scale = rng.integers(*(NARROW_PX if rng.random() < NARROW else WIDTHS_PX)) / pen.shape[1]
    scale = max(min(scale, HEIGHTS_PX[1] / pen.shape[0]), HEIGHTS_PX[0] / pen.shape[0])
    if rng.random() < 0.25:
        pen = pen[:, : max(8, int(pen.shape[1] * rng.uniform(0.4, 1.0)))]
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    pen = cv2.resize(pen, None, fx=scale * rng.uniform(0.85, 1.2), fy=scale, interpolation=method)
    if rng.random() < 0.3:
        pen = cv2.dilate(pen, np.ones((2, 2)))
    if rng.random() < 0.7:
        turn = cv2.getRotationMatrix2D((pen.shape[1] / 2, pen.shape[0] / 2), rng.normal(0, 8), 1.0)
        pen = cv2.warpAffine(pen, turn, pen.shape[::-1])
    return np.asarray(pen, np.uint8)
