"""Pages, pens and fonts -> windows to train on: what the network sees, and which of its cells hold signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.signature_net.clutter import put_marks, put_picture, put_seal
from benchmarks.signature_net.notes import ScriptFont, put_note
from benchmarks.signature_net.pages import SignedPage
from benchmarks.signature_net.pens import Strokes, paste_pens
from benchmarks.signature_net.wear import worn
from pipeline.elements import Image
from pipeline.engines.signature_net import CELL_PX, network_input

WINDOW_PX = 576
"""Side of a window: more than half a page's width, and a multiple of what the network's input is padded to."""
CELLS = WINDOW_PX // CELL_PX
SCALES = (0.75, 1.4)
TURN_DEG = 1.2
"""Standard deviation of a page's skew: pages are deskewed before the network sees them."""
NEAR_SIGNATURE, NEAR_PX = 0.65, 250
"""So many windows of a signed page are around one of its signatures, and the middle so far from it at most."""
SEALS, MARKS, NOTES, PICTURES = 0.35, 0.35, 0.35, 0.2
"""So many windows get these."""
PENS_BESIDE, PENS_ALONE = 0.35, 0.6
"""So many windows get pens: more where the pages have no signatures of their own."""
INK_DARKNESS = 0.15
"""Ink is darker against its paper than this: fainter strokes are grain at this size."""
PASTED_COVER = 0.25
"""A cell is a pasted pen's where it covers so much of a pixel."""
RING_PX = 12
"""Around a signature's box it is not known what is its: people mark boxes tightly or loosely."""


class Source(NamedTuple):
    """Pages of one folder, how often they are drawn beside others, and whether it is a folder of signed ones."""

    pages: Sequence[SignedPage]
    share: float
    signed: bool


class Materials(NamedTuple):
    """What windows are drawn from; without fonts they have no notes, without pages with pictures none of these."""

    sources: Sequence[Source]
    pens: Sequence[Strokes]
    fonts: Sequence[ScriptFont] = ()
    pictures: Sequence[SignedPage] = ()


class Window(NamedTuple):
    """A window as the network is shown it.

    `values` (6, 288, 288) float32 is its input; `cells` (1, 72, 72) float32 are 1 where strokes of a signature are,
    else 0; `weights` of the same shape are 0 where nobody can say, else 1.
    """

    values: NDArray[np.float32]
    cells: NDArray[np.float32]
    weights: NDArray[np.float32]


def draw_windows(materials: Materials, seed: int) -> Iterator[Window]:
    """Windows without end, the same for the same seed."""
    rng = np.random.default_rng(seed)
    while True:
        yield draw_window(materials, rng)


def draw_window(materials: Materials, rng: Generator) -> Window:
    """A window of some page, with more on it than the page had."""
    shares = np.array([source.share for source in materials.sources], np.float64)
    source = materials.sources[rng.choice(len(shares), p=shares / shares.sum())]
    page = source.pages[rng.integers(len(source.pages))]
    placing = _placing(page, rng)
    image = _cut(page.image, placing, rng)
    _put_clutter(image, materials, rng)
    pasted = np.zeros((WINDOW_PX, WINDOW_PX), np.float32)
    if materials.pens and rng.random() < (PENS_BESIDE if source.signed else PENS_ALONE):
        pasted = paste_pens(image, materials.pens, rng)
    return as_window(worn(image, rng), _marked(page, placing), pasted)


def as_window(image: Image, boxes: Strokes, pasted: NDArray[np.float32]) -> Window:
    """An image with the cells that hold signatures.

    Args:
        image: (576, 576, 3) BGR.
        boxes: of the same height and width, 1 in the boxes of signatures: their ink alone counts.
        pasted: likewise, how much pasted ink covers each pixel, 0-1.
    """
    values = network_input(image)[0]
    inked = (values[:4].max(axis=0) > INK_DARKNESS).astype(np.uint8)
    inked = _by_cell(cv2.dilate(inked, np.ones((5, 5), np.uint8))) > 0
    ring = _by_cell(cv2.dilate(boxes, np.ones((2 * RING_PX + 1, 2 * RING_PX + 1), np.uint8))) > 0
    pen = _by_cell(pasted) > PASTED_COVER
    beside = cv2.dilate(pen.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    signed = (_by_cell(boxes) > 0) & inked | pen
    known = signed | ~(ring | beside)
    return Window(values, signed[None].astype(np.float32), known[None].astype(np.float32))


def _placing(page: SignedPage, rng: Generator) -> NDArray[np.float64]:
    """A similarity (2, 3) that brings a part of a page onto a window."""
    height, width = page.image.shape[:2]
    scale, turn = rng.uniform(*SCALES), rng.normal(0, TURN_DEG)
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    if page.boxes and rng.random() < NEAR_SIGNATURE:
        left, top, right, bottom = page.boxes[rng.integers(len(page.boxes))]
        off_x, off_y = rng.uniform(-NEAR_PX, NEAR_PX, 2) / scale
        x, y = rng.uniform(left, right) + off_x, rng.uniform(top, bottom) + off_y
    x, y = _inside(x, width, scale), _inside(y, height, scale)
    placing = np.asarray(cv2.getRotationMatrix2D((x, y), turn, scale), np.float64)
    placing[:, 2] += WINDOW_PX / 2 - np.array([x, y])
    return placing


def _inside(middle: float, length: float, scale: float) -> float:
    """The middle of a window along a side of a page, moved so that the window does not go beyond it, where it can."""
    half = WINDOW_PX / 2 / scale
    return min(max(middle, min(half, length / 2)), max(length - half, length / 2))


def _cut(page: Image, placing: NDArray[np.float64], rng: Generator) -> Image:
    """The window; beyond the page is white or what is at its edge."""
    border = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
    white = (255, 255, 255)
    window = cv2.warpAffine(page, placing, (WINDOW_PX, WINDOW_PX), borderMode=border, borderValue=white)
    return np.asarray(window, np.uint8)


def _marked(page: SignedPage, placing: NDArray[np.float64]) -> Strokes:
    """1 in the boxes of a page's signatures, on its window."""
    boxes = np.zeros((WINDOW_PX, WINDOW_PX), np.uint8)
    for left, top, right, bottom in page.boxes:
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        placed = corners @ placing[:, :2].T + placing[:, 2]
        cv2.fillPoly(boxes, [np.rint(placed).astype(np.int32)], (1,))
    return boxes


def _put_clutter(image: Image, materials: Materials, rng: Generator) -> None:
    """Put what is no signature on a window, in place."""
    if rng.random() < SEALS:
        put_seal(image, rng)
    if materials.fonts and rng.random() < NOTES:
        put_note(image, materials.fonts, rng)
    if materials.pictures and rng.random() < PICTURES:
        put_picture(image, materials.pictures, rng)
    if rng.random() < MARKS:
        put_marks(image, rng)


def _by_cell(mask: NDArray[np.generic]) -> NDArray[np.generic]:
    """The largest value of a square mask in each cell of a window."""
    side = mask.shape[0] // CELLS
    return mask.reshape(CELLS, side, CELLS, side).max(axis=(1, 3))
