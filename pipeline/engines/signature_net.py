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
        longest = max(image.shape[:2])
        scale = LONG_SIDE_PX / max(longest, 1)
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        values = network_input(np.asarray(cv2.resize(image, size, interpolation=method), np.uint8))
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
    height, width = page.shape[:2]
    down, across = -height % PADDED_PX, -width % PADDED_PX
    page = np.asarray(cv2.copyMakeBorder(page, 0, down, 0, across, cv2.BORDER_REPLICATE), np.uint8)
    dark = _darkness(np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8))
    dark[height:], dark[:, width:] = 0.0, 0.0
    half = cv2.resize(page, (page.shape[1] // 2, page.shape[0] // 2), interpolation=cv2.INTER_AREA)
    blue, green, red = cv2.split(half.astype(np.float32) * np.float32(1 / HALF_RANGE))
    quarters = (dark[::2, ::2], dark[::2, 1::2], dark[1::2, ::2], dark[1::2, 1::2])
    values: NDArray[np.float32] = np.stack([*quarters, blue - green, red - green])[None]
    return values


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
