"""A text line's quad -> its pixels cut straight, and the shape of its ink: printed evenly, or written by hand."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, Polygon
from pipeline.imaging.geometry import Points, box_corners, polygon
from pipeline.imaging.histograms import quantile
from pipeline.imaging.images import as_image

SHAPE_HEIGHT = 64
"""Shapes are measured on cuts of this height in pixels, so that they do not depend on resolution."""
MIN_STROKE_AREA = 20
"""Components of fewer pixels in such a cut are specks or dots, which say nothing about the shape of a line."""
TALL_SHARE = 0.5
"""Columns lower than this share of the tall ones are punctuation or strokes such as 一."""
INK_SHARE = 0.4
"""Ink is what is darker than this share of the line's own darkest ink: faded lines keep their strokes."""
DARKEST = 97
"""This percentile of a cut counts as its darkest ink."""
NOISE_LEVELS = 4.0
"""Nothing within this many standard deviations of bare paper is ink."""
MAX_THRESHOLD = 90
"""What is darker than this, of 255, is ink in any line."""
SLICE_WIDTH = 6
"""The upper and lower edges of slices so many pixels wide are compared, in a cut of `SHAPE_HEIGHT`."""
HEAD_SHARE = 0.35
"""The first part of a line that ends in a signature, this share of its width, is print."""
MIN_HEAD_SLICES = 20
"""A head of fewer slices with ink is no line of print that could be divided."""
MAX_HEAD_OUTSIDE = 0.1
"""A head of which a larger share is outside its own band is no print."""
BAND_REACH = 0.25
"""Ink this far above or below the band of print, in heights of its letters, is none of it."""
MIN_TAIL = 2.0
"""Handwriting after print is longer than this many letters; a smudge is not."""
TAIL_SHARE = 0.2
"""At least this share of the handwriting after print is outside the band: a date may stand within it."""

Numbers = NDArray[np.float64]


class Column(NamedTuple):
    """Connected ink that stands above each other, about a character: in shares of its quad's width and height."""

    left: float
    right: float
    height: float


class LineShape(NamedTuple):
    """The ink of one line, in shares of its quad: extents 0-1 from the quad's top left; `box` spans the strokes.

    `height` is the height of the tall characters as a share of the quad's, `fill` the share of the strokes' box that is
    ink, `unevenness` the standard deviation of the characters' heights as a share of `height`: print is full and even,
    handwriting loose and uneven. `gap` is the widest gap between columns, in heights.
    """

    box: tuple[float, float, float, float]
    height: float
    fill: float
    unevenness: float
    gap: float
    columns: tuple[Column, ...]


def quad_size(quad: Polygon) -> tuple[float, float]:
    """Width and height in pixels of a quad whose corners run clockwise from the text's top left."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    width = (math.hypot(x1 - x0, y1 - y0) + math.hypot(x2 - x3, y2 - y3)) / 2
    height = (math.hypot(x3 - x0, y3 - y0) + math.hypot(x2 - x1, y2 - y1)) / 2
    return width, height


def cut_line(image: Image, quad: Polygon, height: int | None = None) -> Image:
    """The pixels of a quad as an upright image, resampled once.

    Args:
        image: (height, width, 3) BGR or (height, width) gray; beyond its border it is continued by its edge.
        quad: four corners in the image's pixels, clockwise from the text's top left.
        height: of the result in pixels; None keeps the quad's own size.
    """
    quad_width, quad_height = quad_size(quad)
    scale = 1.0 if height is None else height / max(quad_height, 1.0)
    width_px, height_px = max(1, round(quad_width * scale)), max(1, round(quad_height * scale))
    corners = (box_corners((0, 0, width_px, height_px)) - 0.5).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(quad, np.float32), corners)
    return as_image(cv2.warpPerspective(image, matrix, (width_px, height_px), borderMode=cv2.BORDER_REPLICATE))


def sub_quad(quad: Polygon, left: float, top: float, right: float, bottom: float) -> Polygon:
    """The part of a quad between shares of its width and height; shares below 0 or above 1 reach beyond it.

    Example:
        >>> sub_quad(((0, 0), (10, 0), (10, 4), (0, 4)), 0.5, 0.0, 1.5, 1.0)
        ((5.0, 0.0), (15.0, 0.0), (15.0, 4.0), (5.0, 4.0))
    """
    corners: Points = np.array(quad, np.float64)

    def at(u: float, v: float) -> NDArray[np.float64]:
        upper = corners[0] + (corners[1] - corners[0]) * u
        lower = corners[3] + (corners[2] - corners[3]) * u
        point: NDArray[np.float64] = upper + (lower - upper) * v
        return point

    return polygon([at(left, top), at(right, top), at(right, bottom), at(left, bottom)])


def padded_quad(quad: Polygon, heights: float) -> Polygon:
    """A quad grown on all sides by a share of its height."""
    width, height = quad_size(quad)
    across = heights * height / max(width, 1.0)
    return sub_quad(quad, -across, -heights, 1 + across, 1 + heights)


def joined_quad(quads: list[Polygon]) -> Polygon:
    """The smallest quad around several, its sides parallel and square to the first one's text direction."""
    first = np.array(quads[0], np.float64)
    along = (first[1] - first[0]) + (first[2] - first[3])
    along = along / max(float(np.hypot(*along)), 1e-9)
    axes = np.array([along, [-along[1], along[0]]])
    uv = np.vstack([np.array(quad, np.float64) for quad in quads]) @ axes.T
    (left, top), (right, bottom) = uv.min(axis=0), uv.max(axis=0)
    return polygon(box_corners((left, top, right, bottom)) @ axes)


def measure_line(darkness: Image, quad: Polygon, noise: float) -> LineShape | None:
    """The shape of the ink inside a quad; None where there are no strokes.

    Args:
        darkness: (height, width), 0 paper to 255 ink.
        quad: in the image's pixels, clockwise from the text's top left.
        noise: standard deviation of bare paper in `darkness`.
    """
    cut = cut_line(darkness, quad, SHAPE_HEIGHT)
    mask = ink_mask(cut, noise)
    boxes = _stroke_boxes(mask)
    if not boxes:
        return None
    columns = np.array(_columns(boxes), np.float64)
    heights = columns[:, 3] - columns[:, 1]
    height = float(np.quantile(heights, 0.75))
    tall = heights[heights > TALL_SHARE * height]
    (left, top), (right, bottom) = columns[:, :2].min(axis=0), columns[:, 2:].max(axis=0)
    gaps = columns[1:, 0] - columns[:-1, 2]
    size = np.array([cut.shape[1], cut.shape[0]] * 2)
    x0, y0, x1, y1 = (float(share) for share in np.array([left, top, right, bottom]) / size)
    return LineShape(
        box=(x0, y0, x1, y1),
        height=height / SHAPE_HEIGHT,
        fill=np.count_nonzero(mask) / max(height * float(right - left), 1.0),
        unevenness=float(np.std(tall)) / height,
        gap=float(gaps.max(initial=0.0)) / height,
        columns=tuple(
            Column(float(x0) / cut.shape[1], float(x1) / cut.shape[1], float(y1 - y0) / SHAPE_HEIGHT)
            for x0, y0, x1, y1 in columns
        ),
    )


def ink_mask(cut: Image, noise: float) -> NDArray[np.uint8]:
    """1 where a cut is ink, judged by its own darkest ink, 0 elsewhere.

    Args:
        cut: (height, width), 0 paper to 255 ink, of one line of text.
        noise: standard deviation of bare paper in it.
    """
    threshold = min(MAX_THRESHOLD, max(NOISE_LEVELS * noise, INK_SHARE * quantile(cut, DARKEST / 100)))
    return as_image((cut > threshold).astype(np.uint8))


def print_end(darkness: Image, quad: Polygon, noise: float) -> float | None:
    """Where the print in a quad ends and handwriting goes on, as a share of its width; None where it does not.

    A signature close to a printed line is often taken for its end; it reaches above or below the line's band.

    Args:
        darkness: (height, width), 0 paper to 255 ink.
        quad: of a line that begins as print.
        noise: standard deviation of bare paper in `darkness`.
    """
    mask = ink_mask(cut_line(darkness, quad, SHAPE_HEIGHT), noise)
    at, tops, bottoms = _edges(mask)
    head = at < HEAD_SHARE * mask.shape[1]
    if np.count_nonzero(head) < MIN_HEAD_SLICES:
        return None
    slope = float(np.polyfit(at[head], (tops + bottoms)[head] / 2, 1)[0])  # the quad is tilted towards the handwriting
    tops, bottoms = tops - slope * at, bottoms - slope * at
    top, bottom = float(np.quantile(tops[head], 0.1)), float(np.quantile(bottoms[head], 0.9))
    reach = BAND_REACH * (bottom - top)
    outside = (tops < top - reach) | (bottoms > bottom + reach)
    beyond = at[outside & ~head]
    if not len(beyond) or np.mean(outside[head]) > MAX_HEAD_OUTSIDE:
        return None
    start = float(beyond[0]) - SLICE_WIDTH / 2
    long_enough = at[-1] - start >= MIN_TAIL * (bottom - top)
    return start / mask.shape[1] if long_enough and len(beyond) >= TAIL_SHARE * np.count_nonzero(at > start) else None


def _edges(mask: NDArray[np.uint8]) -> tuple[Numbers, Numbers, Numbers]:
    """Middle, upper edge and lower edge, in pixels, of the ink in each narrow slice of a cut that has any."""
    slices = mask.shape[1] // SLICE_WIDTH
    inked = mask[:, : slices * SLICE_WIDTH].reshape(mask.shape[0], slices, SLICE_WIDTH).max(axis=2)
    at = np.flatnonzero(inked.max(axis=0))
    tops = inked[:, at].argmax(axis=0)
    bottoms = mask.shape[0] - inked[::-1, at].argmax(axis=0)
    return (
        np.asarray((at + 0.5) * SLICE_WIDTH, np.float64),
        np.asarray(tops, np.float64),
        np.asarray(bottoms, np.float64),
    )


def _stroke_boxes(mask: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom of each connected stroke, from left to right, specks left out."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return sorted((int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, area in stats[1:] if area >= MIN_STROKE_AREA)


def _columns(boxes: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Boxes that stand above each other joined, from left to right: about one for each character."""
    columns: list[tuple[int, int, int, int]] = []
    for left, top, right, bottom in boxes:
        if columns and left <= columns[-1][2] + 1:
            before = columns.pop()
            columns.append((before[0], min(top, before[1]), max(right, before[2]), max(bottom, before[3])))
        else:
            columns.append((left, top, right, bottom))
    return columns
