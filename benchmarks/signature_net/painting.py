"""A page with its signatures -> the same page as if nobody had signed it, painted over with its own paper.

Without such pages the network learns that people sign beside a title, or above a printed name, and sees signatures
there that are none.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from benchmarks.signature_net.pages import SignedPage

BESIDE_PX = (2.0, 10.0)
"""So much around a signature's box is painted over as well."""
TIMES_SMALLER = (4, 6, 8)
"""The paper's tone is continued on a page so many times smaller."""
PLAIN, NOISY = 0.4, 0.3
"""So many patches have one tone, and so many have drawn grain instead of the page's own."""
PAPER_PERCENTILE = 80
GRAIN_LEVELS = 8.0
"""What differs more from a page's smooth tone is ink, and no grain."""


def painted_over(page: SignedPage, rng: Generator) -> SignedPage:
    """The page without its signatures (Telea's inpainting, 2004, with grain of another place upon it)."""
    image = page.image.copy()
    height, width = image.shape[:2]
    for box in page.boxes:
        more = rng.uniform(*BESIDE_PX)
        left, top = (max(0, int(edge - more)) for edge in box[:2])
        right, bottom = min(width, int(box[2] + more)), min(height, int(box[3] + more))
        if right - left < 2 or bottom - top < 2:
            continue
        target = image[top:bottom, left:right]
        if rng.random() < PLAIN:
            around = image[max(0, top - 20) : bottom + 20, max(0, left - 20) : right + 20].reshape(-1, 3)
            tone = np.broadcast_to(np.percentile(around, PAPER_PERCENTILE, axis=0), target.shape)
        else:
            tone = _continued(image, (left, top, right, bottom), int(rng.choice(TIMES_SMALLER)))
        target[:] = np.clip(tone + _grain(image, target.shape[:2], rng), 0, 255).astype(np.uint8)
    return SignedPage(f"{page.name}-painted", image, ())


def _continued(image: np.ndarray, box: tuple[int, int, int, int], times: int) -> np.ndarray:
    """The tone of the paper around a box, continued into it."""
    left, top, right, bottom = box
    small = cv2.resize(cv2.medianBlur(image, 5), None, fx=1 / times, fy=1 / times, interpolation=cv2.INTER_AREA)
    hole = np.zeros(small.shape[:2], np.uint8)
    hole[max(0, top // times - 1) : bottom // times + 2, max(0, left // times - 1) : right // times + 2] = 255
    whole = cv2.resize(cv2.inpaint(small, hole, 3, cv2.INPAINT_TELEA), image.shape[1::-1])
    return whole[top:bottom, left:right].astype(np.float32)


def _grain(image: np.ndarray, size: tuple[int, int], rng: Generator) -> np.ndarray:
    """The grain (height, width, channels) of some place of a page, or drawn."""
    height, width = size
    if rng.random() < NOISY:
        return rng.normal(0.0, rng.uniform(0.5, 4.0), (height, width, 1))
    top, left = (int(rng.integers(max(1, whole - part + 1))) for whole, part in zip(image.shape, size, strict=False))
    place = image[top : top + height, left : left + width]
    grain = place.astype(np.float32) - cv2.medianBlur(np.ascontiguousarray(place), 5)
    return np.clip(grain, -GRAIN_LEVELS, GRAIN_LEVELS)
