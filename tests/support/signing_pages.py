"""Pages with print, rules and pen strokes in known places, for the places where they are signed."""

from __future__ import annotations

import numpy as np

from pipeline.elements import BBox, DpiSource, Ink, Page, Upright
from pipeline.imaging.geometry import box_corners, polygon
from pipeline.signing.page_texts import PageText

DPI = 100.0
SIZE = (1100, 850)


def quad(left, top, right, bottom):
    return polygon(box_corners(BBox(left, top, right, bottom)))


def line(text, left, top, width=None, height=20, **more):
    """A printed line, as wide as its text by default."""
    return PageText(text, quad(left, top, left + (width or 10 * len(text)), top + height), **more)


def upright(*dark, noise=2.0):
    """A page whose ink is boxes (left, top, right, bottom)."""
    darkness = np.zeros(SIZE, np.uint8)
    for left, top, right, bottom in dark:
        darkness[top:bottom, left:right] = 200
    image = np.repeat((255 - darkness)[..., None], 3, axis=2)
    page = Page("d" * 64, 1, image, DPI, DpiSource.FILE)
    ink = Ink(darkness, np.zeros(SIZE, np.bool_), noise)
    return Upright(page, image, ink, 0, 0.0, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), 1.0)


RULE = (200, 400, 400, 402)
PEN = (220, 370, 224, 395)
