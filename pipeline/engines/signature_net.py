"""A page -> where signatures are on it: a small convolutional network of the project's own.

It was trained on pages of public sets, on which others had marked the signatures, and on drawn ones; see
docs/signatures.md for what it was trained on, under which licences, and how right it is.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.engines.protocols import SignatureHeat
from pipeline.engines.sessions import Run, run_network
from pipeline.models import SIGNATURE_NET

LONG_SIDE_PX = 1024
"""Pixels of the longer side of a page as the network sees it: 88 dpi for A4, at which a pen's stroke is a pixel wide.
Smaller pages are enlarged: what is learnt is how large a signature is for its page."""
CELL_PX = 8
"""Pixels of that page for each cell of what the network says."""
PADDED_PX = 64
"""Both sides of its input are a multiple of this."""
PAPER_PX = 8
"""Paper is looked for on a page so many times smaller, where the brightest of 7 x 7 pixels is paper."""
PAPER_WINDOW, PAPER_BLUR = 7, 4.0
DARKEST_PAPER = 32
"""Paper is taken to be at least this bright, of 255."""
INK_DARKNESS, GROWN_PX = 0.25, 5
"""Strokes are darker than what is around them by this, and count so far around. Of 141 places that the network marked
rightly, on pages by others and drawn ones, the darkest fiftieth of each was darker by 0.4 and more; of smears by 0.23
at most."""
WIDEST_PX = 7
"""What is wider than so many pixels of half the page's size, 4 mm of A4, is a smudge, a shade or a fill."""
HALF_RANGE = 127.5
"""Differences of channels are given to the network in shares of half their range."""


class SignatureNet:
    """Finds signatures by a network that takes (1, 6, height, width) and gives logits (1, 1, height / 4, width / 4)."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def find(self, image: Image) -> SignatureHeat:
        """Where signatures are on an upright (height, width, 3) BGR page."""
        scale = LONG_SIDE_PX / max(*image.shape[:2], 1)
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        gray = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), size, interpolation=method)
        values = _as_input(np.asarray(gray, np.uint8), _halved(image, max(size)))
        probabilities: NDArray[np.float32] = inked_cells(values) / (1.0 + np.exp(-self._run(values)[0, 0]))
        rows, columns = (math.ceil(side / CELL_PX) for side in reversed(size))
        return SignatureHeat(probabilities[:rows, :columns], CELL_PX / scale)


def load_signature_net(threads: int) -> SignatureNet:
    """The network, whose weights are a part of the program."""
    return SignatureNet(run_network(SIGNATURE_NET, threads))


def network_input(page: Image) -> NDArray[np.float32]:
    """A (height, width, 3) BGR page as the network sees it: (1, 6, height / 2, width / 2), padded with paper.

    The first four channels are the page's darkness against the paper around it, 0-1, in each pixel of 2 x 2; the last
    two how much bluer and redder than green their mean is.
    """
    return _as_input(np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8), page)


def _as_input(gray: Image, colours: Image) -> NDArray[np.float32]:
    """The network's input from a page's (height, width) brightness, and its (any, any, 3) BGR colours."""
    height, width = gray.shape
    down, across = -height % PADDED_PX, -width % PADDED_PX
    dark = _darkness(np.asarray(cv2.copyMakeBorder(gray, 0, down, 0, across, cv2.BORDER_REPLICATE), np.uint8))
    dark[height:], dark[:, width:] = 0.0, 0.0
    quarters = (dark[::2, ::2], dark[::2, 1::2], dark[1::2, ::2], dark[1::2, 1::2])
    method = cv2.INTER_AREA if colours.shape[0] <= height else cv2.INTER_LINEAR
    half = cv2.resize(colours, ((width + 1) // 2, (height + 1) // 2), interpolation=method)
    across, down = quarters[0].shape[1] - half.shape[1], quarters[0].shape[0] - half.shape[0]
    half = cv2.copyMakeBorder(half, 0, down, 0, across, cv2.BORDER_REPLICATE)
    blue, green, red = cv2.split(half.astype(np.float32) * np.float32(1 / HALF_RANGE))
    values: NDArray[np.float32] = np.stack([*quarters, blue - green, red - green])[None]
    return values


def _halved(image: Image, longest: int) -> Image:
    """A page halved until its longer side is less than twice as long: exact halves take a tenth of other reductions."""
    while max(image.shape[:2]) >= 2 * longest:
        even = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
        half = (even.shape[1] // 2, even.shape[0] // 2)
        image = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
    return image


def inked_cells(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which cells of a page (rows, columns) hold strokes, or stand beside some: paper and smudges are no signature.

    Args:
        values: the page as the network sees it.
    """
    dark = values[0, :4].max(axis=0)
    ground = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((WIDEST_PX, WIDEST_PX), np.uint8))
    inked = (dark - ground > INK_DARKNESS).astype(np.uint8)
    grown = cv2.dilate(inked, np.ones((GROWN_PX, GROWN_PX), np.uint8))
    side = CELL_PX // 2
    rows, columns = (length // side for length in grown.shape)
    cells: NDArray[np.bool_] = grown.reshape(rows, side, columns, side).max(axis=(1, 3)) > 0
    return cells


def _darkness(gray: Image) -> NDArray[np.float32]:
    """How much darker each pixel is than the paper around it, as a share of the paper's brightness."""
    height, width = gray.shape
    small = cv2.resize(gray, (width // PAPER_PX, height // PAPER_PX), interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((PAPER_WINDOW, PAPER_WINDOW), np.uint8)), (0, 0), PAPER_BLUR)
    around = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    darkness: NDArray[np.float32] = np.clip((around - gray) / np.maximum(around, DARKEST_PAPER), 0.0, 1.0)
    return darkness
