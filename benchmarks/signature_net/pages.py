"""Folders of pages -> pages of the network's size, with the boxes of the signatures on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.engines.signature_net import LONG_SIDE_PX

IMAGES = {".jpg", ".jpeg", ".png", ".tif", ".tiff"}
THUMBNAIL_PX = 24
"""Pages are compared by thumbnails of this side, in which no letter is left and the layout is."""
ALIKE = 0.9
"""Pages whose thumbnails correlate more are copies of one sheet: others of one layout seldom reach it."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""


class SignedPage(NamedTuple):
    """A page (height, width, 3) BGR whose longer side is `LONG_SIDE_PX`, and the signatures on it, none or more."""

    name: str
    image: Image
    boxes: tuple[Box, ...]


def read_pages(folder: Path) -> list[SignedPage]:
    """The pages of a folder, in the order of their names.

    They are those of its JSON files, as far as these say what is signed; in a folder without any, all images, as
    unsigned.

    Raises:
        ValueError: when the folder has no page, or an image cannot be read.
    """
    truths = sorted(folder.glob("*.json"))
    if truths:
        pages = [page for truth in truths if (page := _page_of(truth)) is not None]
    else:
        pages = [_sized(file, ()) for file in sorted(folder.iterdir()) if file.suffix.lower() in IMAGES]
    if not pages:
        raise ValueError(f"{folder} has no page of which it is known what is signed")
    return pages


def unlike(pages: Iterable[SignedPage], others: Sequence[SignedPage]) -> list[SignedPage]:
    """The pages that are no copies of any of the others."""
    if not others:
        return list(pages)
    known = np.stack([_thumbnail(other.image) for other in others])
    return [page for page in pages if float((known @ _thumbnail(page.image)).max()) <= ALIKE]


def _page_of(truth: Path) -> SignedPage | None:
    """The page of a JSON file; None where the file says nothing of signatures."""
    tree = json.loads(truth.read_text(encoding="utf-8"))
    marked = tree.get("signatures") if isinstance(tree, dict) else None
    if marked is None:
        return None
    return _sized(truth.with_name(tree["image"]), [tuple(map(float, one["box"])) for one in marked])


def _sized(file: Path, boxes: Sequence[Box]) -> SignedPage:
    """The page of an image, brought to the network's size with the boxes on it."""
    image = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"{file} is no image that can be read")
    scale = LONG_SIDE_PX / max(image.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    page = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=method), np.uint8)
    scaled = [(left * scale, top * scale, right * scale, bottom * scale) for left, top, right, bottom in boxes]
    return SignedPage(file.stem, page, tuple(scaled))


def _thumbnail(image: Image) -> NDArray[np.float64]:
    """A page as a vector of mean 0 and length 1."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(gray, (THUMBNAIL_PX, THUMBNAIL_PX), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()
    small -= small.mean()
    return np.asarray(small / (np.linalg.norm(small) + 1e-6), np.float64)
