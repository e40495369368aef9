"""Pages of known scale, whole, reduced and cut, for trials of resolutions and of the size of print."""

import json
from pathlib import Path

import cv2
import numpy as np

PAGES = Path(__file__).parents[1] / "data" / "pages"
A4_PAGES = ("dev-024-clean", "dev-030-office", "dev-042-hard", "dev-045-photo", "dev-t07-turned")


def page(name):
    """A page as a (height, width, 3) image."""
    return cv2.imread(str(PAGES / f"{name}.jpg"), cv2.IMREAD_COLOR)


def truth(name):
    """What is known of a page."""
    return json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))


def blank(height, width):
    """White paper."""
    return np.full((height, width, 3), 255, np.uint8)


def resized(image, scale):
    """An image so many times as large."""
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def corner_of_table(image, name, share):
    """A part of a page, from a corner of its table on: so many of its pixels along each side."""
    x, y = np.array(truth(name)["table_polygon"][0], int)
    height, width = (int(side * share) for side in image.shape[:2])
    return np.ascontiguousarray(image[y : y + height, x : x + width])
