"""Printed lines -> what was written across them: strokes that leave the band in which the print stands.

A signature over a title is found as part of the title, if at all. Print keeps to its band; strokes that reach well
beyond it on a line of print, and touch it, are handwriting. They are taken out of the print, as far as they do not
touch it, and read by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, Ink, LineKind, Polygon, Upright
from pipeline.engines import Engines
from pipeline.imaging import DARKEST, as_image, box_corners, ink_mask, polygon, quad_size, quantile, sub_quad
from pipeline.ink import find_gray_seals, remove_gray_seals, with_ink_alone
from pipeline.signatures.margin_kinds import MarginLine, PageView
from pipeline.signatures.margin_lines import read_quads

MIN_PRINT = 8
"""Lines of print with fewer characters that keep to their band show none."""
KEEPS_TO_BAND = re.compile(r"[\u3400-\u9fff0-9]")
"""Chinese characters and digits keep to the band of print; g, h and / leave it on either side, as a pen does."""
BESIDE = 1.0
"""So much paper is looked at above and below a line, in its heights."""
OWN_ROWS = (BESIDE / (1 + 2 * BESIDE), (1 + BESIDE) / (1 + 2 * BESIDE))
"""Between these shares of the rows looked at lie the line's own."""
BAND_SHARE = 0.3
"""Rows of pixels are in the band if they have this share of the fullest row's ink."""
MIN_DARKNESS = 0.55
"""Pens are nearly as dark as print; what is paler than this share of the darkest ink is a seal copied in gray."""
REACH = 0.12
"""Ink beyond the band is further from it than this, in its heights."""
MIN_SPIKE = 0.15
"""A stroke that leaves the band is longer out there than this, in its heights: brackets and the tails of commas are
not."""
GAP = 2.5
"""Strokes of one signature leave the band no further than this from each other, in its heights."""
MIN_WIDTH = 2.5
"""Signatures are wider than this, in heights of the band."""
MIN_SPIKES = 4
"""Fewer strokes that leave the band are brackets, slips of a pen, or the rim of a seal; on either side there is one."""
OVERWRITING_EVIDENCE = 4.0
"""The natural logarithm of odds that strokes across print are a signature; print between them makes them look like
print."""
AROUND = 0.3
"""Strokes reach this much further to both sides than where they leave the band."""


class _Spike(NamedTuple):
    """A stroke that leaves the band of print: its first column, the one after its last, and on which side it does."""

    left: int
    right: int
    above: bool


class _Band(NamedTuple):
    """The rows of a cut in which print stands, the last one excluded."""

    top: int
    bottom: int


class _Across(NamedTuple):
    """Strokes across a line: their quad on the page, the map from the page to a cut, and their mask in that cut."""

    quad: Polygon
    cut: NDArray[np.float64]
    mask: NDArray[np.uint8]


def read_overwriting(upright: Upright, lines: Sequence[MarginLine], engines: Engines) -> PageView | None:
    """What was written across the printed lines of a page, and the page with nothing else on it; None for nothing.

    Args:
        upright: the page.
        lines: its lines outside the tables.
        engines: the recogniser reads what was written.
    """
    printed = [
        line
        for line in lines
        if line.handwriting < 0.5
        and line.text_line.kind is not LineKind.SEAL
        and len(KEEPS_TO_BAND.findall(line.text_line.text)) >= MIN_PRINT
    ]
    darkness = upright.ink.darkness
    crossed = [line.quad for line in printed if _find_strokes(darkness, line.quad, upright.ink.noise)]
    if not crossed:
        return None
    darkness = remove_gray_seals(darkness, find_gray_seals(upright, crossed))
    found = [one for quad in crossed for one in _find_strokes(darkness, quad, upright.ink.noise)]
    if not found:
        return None
    across = np.zeros(darkness.shape, np.uint8)
    for one in found:
        back = cv2.warpPerspective(one.mask, np.linalg.inv(one.cut), across.shape[::-1], flags=cv2.INTER_NEAREST)
        across = as_image(cv2.max(across, cv2.dilate(back, np.ones((3, 3), np.uint8))))
    darkness = as_image(darkness * across)
    alone = with_ink_alone(upright, Ink(darkness, np.zeros_like(upright.ink.seal), upright.ink.noise))
    lines = read_quads(alone, [one.quad for one in found], engines.recogniser)
    return PageView(alone, lines, OVERWRITING_EVIDENCE, lines_land=False)


def _find_strokes(darkness: Image, quad: Polygon, noise: float) -> list[_Across]:
    """What was written across a printed line, one for each signature."""
    tall = sub_quad(quad, 0.0, -BESIDE, 1.0, 1.0 + BESIDE)
    width, height = (max(1, round(side)) for side in quad_size(tall))
    corners = (box_corners((0, 0, width, height)) - 0.5).astype(np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(np.array(tall, np.float32), corners), np.float64)
    cut = as_image(cv2.warpPerspective(darkness, matrix, (width, height), borderMode=cv2.BORDER_CONSTANT))
    dark = as_image(ink_mask(cut, noise) & (cut >= MIN_DARKNESS * quantile(cut, DARKEST / 100)))
    return [_Across(_quad(mask, matrix), matrix, mask) for mask in _written_across(dark)]


def _written_across(mask: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Masks of strokes that were written across the band of print in a mask of ink, one for each signature."""
    band = _band(mask)
    high = band.bottom - band.top
    reach = round(REACH * high)
    upper, lower = mask[: max(0, band.top - reach)][::-1], mask[band.bottom + reach :]
    groups: list[list[_Spike]] = []
    for spike in sorted([*_spikes(upper, high, above=True), *_spikes(lower, high, above=False)]):
        if groups and spike.left - max(one.right for one in groups[-1]) <= GAP * high:
            groups[-1].append(spike)
        else:
            groups.append([spike])
    found = []
    for group in groups:
        left, right = group[0].left, max(one.right for one in group)
        both = len({one.above for one in group}) == 2
        if len(group) >= MIN_SPIKES and both and right - left >= MIN_WIDTH * high:
            found.append(_strokes(mask, left - round(AROUND * high), right + round(AROUND * high), band))
    return found


def _spikes(beyond: NDArray[np.uint8], high: int, *, above: bool) -> list[_Spike]:
    """The strokes that stand on the first row of what is beyond a band, counted from the band."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(beyond), connectivity=8)
    return [_Spike(int(x), int(x + w), above) for x, y, w, h, _ in stats[1:] if y == 0 and h >= MIN_SPIKE * high]


def _strokes(mask: NDArray[np.uint8], left: int, right: int, band: _Band) -> NDArray[np.uint8]:
    """The strokes between two columns that reach into a band of rows and out of it; all else of the mask is gone."""
    part = np.zeros_like(mask)
    columns = slice(max(0, left), max(0, right))
    part[:, columns] = mask[:, columns]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    tops, heights = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    reach = REACH * (band.bottom - band.top)
    out = (tops < band.top - reach) | (tops + heights > band.bottom + reach)
    into = (tops < band.bottom) & (tops + heights > band.top)
    kept = np.flatnonzero(out & into)
    return np.isin(labels, kept[kept > 0]).astype(np.uint8)


def _band(mask: NDArray[np.uint8]) -> _Band:
    """The rows in which print stands: those about the fullest row of the line's own that are nearly as full."""
    first, last = (round(share * len(mask)) for share in OWN_ROWS)
    rows = mask.sum(axis=1, dtype=np.int64)
    middle = first + int(rows[first:last].argmax())
    full = rows >= BAND_SHARE * max(1, int(rows[middle]))
    above, below = np.flatnonzero(~full[first:middle]), np.flatnonzero(~full[middle:last])
    top = first + int(above[-1]) + 1 if len(above) else first
    return _Band(top, middle + int(below[0]) if len(below) else last)


def _quad(mask: NDArray[np.uint8], cut: NDArray[np.float64]) -> Polygon:
    """The box of a mask in a cut, as a quad of the page."""
    x, y, w, h = cv2.boundingRect(mask)
    corners = box_corners((x, y, x + w, y + h)) - 0.5
    return polygon(cv2.perspectiveTransform(corners[None], np.linalg.inv(cut))[0])
