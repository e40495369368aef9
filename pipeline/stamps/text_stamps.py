"""Stamps without a seal's rim: words and dates in coloured ink, and words in black that are slanted or framed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, Polygon, StampColour, TextLine, Upright
from pipeline.imaging import as_image, cut_line, invert, map_polygon, padded_quad, sub_quad
from pipeline.stamps.coloured_ink import ColouredInk
from pipeline.stamps.rims import Rim, words_in
from pipeline.stamps.wording import is_stamps

LONG_SHARE = (0.03, 0.35)
"""A stamp of words is between these shares of the page's long side long: 9-100 mm of A4."""
MIN_HEIGHT_SHARE = 0.01
"""It is at least this share of the long side high, 3 mm of A4."""
GAP_SHARES = (0.022, 0.01)
"""Ink of a colour nearer than these shares, across and down, is one stamp's: words and lines of one."""
FILL = (0.08, 0.7)
"""Of its box between these shares are inked: pens ink less, fills more."""
MAX_CLUSTERS = 3
"""At most so many clusters of a colour are looked at, the largest; a page with more is printed in colour."""
MOST_CLUSTERS = 8
"""Colour of which there are more clusters of a stamp's size is the print's."""
"""So far around a line its frame is looked for, in heights of the line."""
SLANT_DEG = 4.0
"""Black words turned by more than this from the page's rows were stamped: quads of level print lie within 2."""
SLANTED_PAD = 0.25
"""A slanted line is taken with so much around it, in its heights."""
FRAME_REACH = 1.5
"""A frame is looked for so far around its words, in their heights."""
CUT_HEIGHT = 120
"""It is looked for on a picture of so many pixels in height."""
INKED = 80
"""Ink is darker than this, of 255."""
MIN_FRAME = 0.7
"""Of a frame's sides each is inked beside its words for at least this share."""
EDGE = 4
"""A frame's side is up to so many pixels of the picture thick."""
MAX_BEYOND = 0.3
"""Where more of its upper and lower side goes on beyond its corners, it is a table's."""
CORNERS = 4
"""Lines are quads."""


class StampedLine(NamedTuple):
    """A line in black that was stamped: its text, and its place with its frame in upright pixels."""

    text: str
    quad: Polygon


def coloured_clusters(ink: ColouredInk, taken: Sequence[NDArray[np.int32]]) -> Iterator[Rim]:
    """Patches of coloured ink of the size and density of stamped words; none in a colour that the page is printed in.

    Args:
        ink: of the page, without what is known to be print.
        taken: outlines, in its pixels, of what was found to be something else: seals, signatures.
    """
    cool = as_image(ink.masks[StampColour.BLUE] | ink.masks[StampColour.VIOLET])
    for colour, mask in ((StampColour.RED, ink.masks[StampColour.RED]), (StampColour.BLUE, cool)):
        left = mask.copy()
        for outline in taken:
            cv2.fillPoly(left, [outline], (0,))
        clusters = list(_clusters(left))
        if len(clusters) <= MOST_CLUSTERS:
            for _, outline in sorted(clusters, key=lambda cluster: -cluster[0])[:MAX_CLUSTERS]:
                yield words_in(ink, outline, colour)


def stamped_lines(upright: Upright, lines: Sequence[TextLine]) -> list[StampedLine]:
    """Lines in black that say what stamps say, and are slanted, or have a frame of their own outside the tables."""
    found = []
    for line in lines:
        if len(line.polygon) == CORNERS and is_stamps(line.text):
            quad = map_polygon(invert(upright.to_scan), line.polygon)
            if _is_slanted(quad, upright.skew_deg):
                found.append(StampedLine(line.text, padded_quad(quad, SLANTED_PAD)))
            elif line.row is None and (frame := _frame_of(upright, quad)) is not None:
                found.append(StampedLine(line.text, frame))
    return found


def _clusters(mask: Image) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Patches of ink as many pixels, and the corners (4, 2) of the smallest box around each."""
    longest = max(mask.shape)
    across, down = (max(3, round(share * longest) | 1) for share in GAP_SHARES)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((down, across), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(joined, 8, cv2.CV_32S, cv2.CCL_GRANA)
    for label, (x, y, width, height, area) in enumerate(stats[1:].tolist(), 1):
        if max(width, height) < LONG_SHARE[0] * longest or area < MIN_HEIGHT_SHARE * longest * LONG_SHARE[0] * longest:
            continue
        place = slice(y, y + height), slice(x, x + width)
        pixels = np.argwhere((labels[place] == label) & (mask[place] > 0))[:, ::-1].astype(np.int32)
        box = cv2.minAreaRect(pixels + np.array((x, y), np.int32))
        short, long = min(box[1]) + 1, max(box[1]) + 1
        fits = LONG_SHARE[0] * longest <= long <= LONG_SHARE[1] * longest and short >= MIN_HEIGHT_SHARE * longest
        if fits and FILL[0] <= len(pixels) / (short * long) <= FILL[1]:
            yield len(pixels), np.rint(cv2.boxPoints(box)).astype(np.int32)


def _is_slanted(quad: Polygon, skew_deg: float) -> bool:
    (x0, y0), (x1, y1) = quad[:2]
    angle = -math.degrees(math.atan2(y1 - y0, x1 - x0))
    return SLANT_DEG < abs(angle - skew_deg) < 90


def _frame_of(upright: Upright, quad: Polygon) -> Polygon | None:
    """The frame that stands around a line and no further, or None."""
    cut = cut_line(upright.ink.darkness, padded_quad(quad, FRAME_REACH), CUT_HEIGHT)
    inked = cut > INKED
    reach = round(CUT_HEIGHT * FRAME_REACH / (1 + 2 * FRAME_REACH))
    columns, rows = slice(reach, cut.shape[1] - reach), slice(reach, CUT_HEIGHT - reach)
    sides = [
        np.flatnonzero(inked[:reach, columns].mean(axis=1) >= MIN_FRAME),
        np.flatnonzero(inked[-reach:, columns].mean(axis=1) >= MIN_FRAME) + CUT_HEIGHT - reach,
        np.flatnonzero(inked[rows, :reach].mean(axis=0) >= MIN_FRAME),
        np.flatnonzero(inked[rows, -reach:].mean(axis=0) >= MIN_FRAME) + cut.shape[1] - reach,
    ]
    if not all(map(len, sides)):
        return None
    top, bottom, left, right = int(sides[0][-1]), int(sides[1][0]), int(sides[2][-1]), int(sides[3][0])
    beyond = [*inked[[top, bottom], : max(0, left - EDGE)].ravel(), *inked[[top, bottom], right + EDGE :].ravel()]
    if beyond and float(np.mean(beyond)) > MAX_BEYOND:
        return None
    height, width = cut.shape
    return sub_quad(padded_quad(quad, FRAME_REACH), left / width, top / height, right / width, bottom / height)
