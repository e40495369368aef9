"""The inside of a cell -> the box of its only ink, where that is little enough to be a mark and nothing else.

What the lines of text leave out as dust is looked at, too: the two strokes of 〃 and the cross of × are small, and
stand alone as dust does. Whether it is a mark, its shape says.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.elements import BBox, Image
from pipeline.imaging import Component, find_components

MAX_WIDTH, MAX_HEIGHT = 1.7, 1.7
"""A mark is no wider and no higher than this, in heights of the page's text: a box drawn around a character, or a pen's
tick."""
LOW = 0.5
"""What is no higher than this, in text heights, may be a row of dashes or dots."""
MAX_ROW = 5.0
"""A row of dashes or dots is no longer than this, in text heights: longer ones are rules."""
MAX_PARTS = 8
"""A mark has no more connected parts than these: six dots, or a broken box with a tick."""
APART = 0.9
"""Parts of a mark are nearer to each other than this, in text heights; dashes are set up to a half apart."""
SPECK = 0.22
"""What stands apart from a mark in its cell and is larger than this, in text heights, is text."""
LEAST = 0.3
"""The longest side of a mark's ink is at least this, in text heights, all parts together: a point or a speck of dust is
smaller."""

FLAT, LEAST_FLAT = 1.5, 0.24
"""What is so many times as wide as high may be a hyphen, which is this wide at least."""


def may_hold_mark(lines: Sequence[BBox], text_height: float) -> bool:
    """Whether a cell with these lines of text may hold a mark alone: none, or one that is short or low."""
    if len(lines) > 1:
        return False
    return all(_is_small(line.width / text_height, line.height / text_height) for line in lines)


def find_mark_ink(smooth: Image, noise: float, text_height: float, edge: int) -> BBox | None:
    """The box of a cell's only ink in pixels of its inside, if that is small enough for a mark.

    Args:
        smooth: darkness (height, width) of the cell's inside, 0 paper to 255 ink, grain smoothed.
        noise: standard deviation of bare paper in it.
        text_height: of the page's print, in pixels.
        edge: pixels along the sides where ruling may have left some ink.
    """
    components = find_components(smooth, noise, edge)
    if not components or len(components) > 3 * MAX_PARTS:
        return None
    group = _largest_group(components, APART * text_height)
    others = [one for one in components if one not in group]
    if len(group) > MAX_PARTS or any(one.size > SPECK * text_height for one in others):
        return None
    box = _around(group)
    width, height = box.width / text_height, box.height / text_height
    least = LEAST_FLAT if width >= FLAT * height else LEAST
    return box if _is_small(width, height) and max(width, height) >= least else None


def _is_small(width: float, height: float) -> bool:
    """Whether ink so large, in text heights, may be a mark."""
    return height <= MAX_HEIGHT and (width <= MAX_WIDTH or (height <= LOW and width <= MAX_ROW))


def _largest_group(components: Sequence[Component], apart: float) -> list[Component]:
    """The components that stand together with the largest one, each nearer than `apart` pixels to another."""
    left = sorted(components, key=lambda one: -one.size)
    group = [left.pop(0)]
    for one in group:
        near = [other for other in left if _gap(one, other) < apart]
        left = [other for other in left if other not in near]
        group += near
    return group


def _gap(a: Component, b: Component) -> int:
    return max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom)


def _around(group: Sequence[Component]) -> BBox:
    return BBox(
        min(one.left for one in group),
        min(one.top for one in group),
        max(one.right for one in group),
        max(one.bottom for one in group),
    )
