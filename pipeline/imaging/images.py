"""Arrays and images -> images: what several stages do to pixels."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Image, Upright

UINT8_MAX = 255
"""The largest value of a uint8 pixel."""
QUICKLY_SPLIT = (3, 4)
"""OpenCV tells so many channels apart many pixels at a time: adding them up then takes half the time of averaging."""


def darker_side(darkness: Image, reach: int) -> Image:
    """The darker of the two pixels so many above and below each of a (height, width) image; beyond it is paper."""
    ends = np.zeros((2 * reach + 1, 1), np.uint8)
    ends[[0, -1]] = 1
    return as_image(cv2.dilate(darkness, ends, borderType=cv2.BORDER_CONSTANT, borderValue=(0,)))


def ink_on_white(darkness: Image) -> Image:
    """A (height, width) darkness as a picture to read, (height, width, 3)."""
    return as_image(cv2.cvtColor(cv2.bitwise_not(darkness), cv2.COLOR_GRAY2BGR))


def averaged(image: Image, times: int) -> Image:
    """An image of any channels so many times smaller, each pixel the mean of whole ones; what fills none is left out.

    To average parts of pixels, too, takes many times as long.
    """
    height, width = (max(1, side // times) for side in image.shape[:2])
    whole = image[: height * times, : width * times]
    return as_image(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA))


def averaged_page(upright: Upright, times: int) -> Image:
    """The same of an upright page's image, made once."""
    if times not in upright.averages:
        upright.averages[times] = averaged(upright.image, times)
    return upright.averages[times]


def averaged_across(image: Image, times: int) -> Image:
    """The same of a (height, width) image, so many times narrower and as high as it was."""
    height, width = image.shape[0], max(1, image.shape[1] // times)
    whole = image[:, : width * times]
    if times not in QUICKLY_SPLIT or whole.shape[1] < times:
        return as_image(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA))
    first, second, *others = cv2.split(whole.reshape(height, width, times))
    total = np.add(first, second, dtype=np.uint16)
    for column in others:
        total += column
    return as_image(cv2.convertScaleAbs(total, alpha=1 / times))


def opened(image: Image, height: int, width: int) -> Image:
    """An image (height, width) without what is dark and holds no rectangle of this size; even sizes move nothing."""
    return grown_back(as_image(cv2.erode(image, _rectangle(height, width)[0])), height, width)


def grown_back(eroded: Image, height: int, width: int) -> Image:
    """An image (height, width) opened by a rectangle of this size, which it was eroded by already."""
    kernel, back = _rectangle(height, width)
    return as_image(cv2.dilate(eroded, kernel, anchor=back))


def closed(image: Image, height: int, width: int) -> Image:
    """An image (height, width) without what is light and holds no rectangle of this size; even sizes move nothing."""
    kernel, back = _rectangle(height, width)
    return as_image(cv2.erode(cv2.dilate(image, kernel), kernel, anchor=back))


def _rectangle(height: int, width: int) -> tuple[Image, tuple[int, int]]:
    """A kernel, and the anchor with which it goes back to where OpenCV's own anchor took it from."""
    return np.ones((height, width), np.uint8), (width - 1 - width // 2, height - 1 - height // 2)


def png_around(image: Image, box: BBox, margin: float) -> bytes:
    """The pixels of an image in a box and so many around it, as PNG."""
    top, left = (max(0, math.floor(edge - margin)) for edge in (box.top, box.left))
    _, encoded = cv2.imencode(".png", image[top : math.ceil(box.bottom + margin), left : math.ceil(box.right + margin)])
    return encoded.tobytes()


def as_image(array: NDArray[Any]) -> Image:
    """An array that OpenCV returns, stated to be uint8; no copy is made where it is."""
    return np.asarray(array, np.uint8)
