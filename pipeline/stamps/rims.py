"""Small masks of ink -> rims of seals and stamps: rings, ovals, boxes and filled discs, told from tables and print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, StampColour, StampShape
from pipeline.imaging import as_image
from pipeline.ink import evenly, find_seals, inked_shares
from pipeline.stamps.coloured_ink import ColouredInk

SIZE_SHARE = (0.04, 0.25)
"""The diameter of a seal in shares of the page's long side, as `pipeline.ink` has it: 12-75 mm of A4."""
GAP_SHARE = 0.01
"""Coloured ink nearer than this share of the long side, 3 mm of A4, is one patch."""
GRAY_GAP_SHARE = 0.006
"""Black ink nearer than this share, 2 mm of A4, is one patch: a rule that was taken away leaves such a gap."""
MAX_FILL = 0.55
"""More of a patch's box is inked only where it is filled, as headings of tables are; a seal inks a third of its box."""
MIN_DISC_FILL = 0.6
"""A seal of metal foil inks at least this share of its box, as a disc does 0.79 of it."""
MIN_DISC_ROUND = 0.85
"""A disc covers at least this share of the smallest circle around it; a serrated one 0.9."""
MAX_DISC_ASPECT = 1.15
"""A disc is at most so many times as wide as high, or as high as wide."""
MAX_PATCHES = 5
"""So many patches of a colour are looked at, the ones most like a square first: a page has a few stamps, coloured print
has dozens."""
RULE_SHARE = 0.07
"""Straight strokes longer than this share of the long side, 20 mm of A4, are rules and frames: a large
oval is straight for 12 mm at its top."""
MAX_ASPECT = 2.5
"""Patches are at most so many times as long as wide, as seals are."""
MIN_FILL = 0.06
"""The thinnest rim with a few words inks more of its box; a flourish of a pen less."""
MAX_CROWD = 1.5
"""Patches up to so many times as large as a seal are looked at."""
MIN_PIXELS = 60
"""A rim has at least so many pixels: the smallest ring, of 25 across, has 80."""
TRIALS, TRIED_POINTS = 300, 24
"""Whether black ink may hold a ring is tried with so many circles through three of its pixels, in so many points of
each: where a third of the ink is the ring's, eleven of the circles are upon it."""
RING_LIKE, HULL_LIKE = 0.7, 0.75
"""Black ink is looked at closely where one of those circles, or its own hull, is inked for this share: six black
rings on scans reached 0.96 or more on a circle, most handwriting on forms 0.62 or less there and 0.69 on its hull."""
BOX_TOLERANCE = 0.03
"""Corners are counted to this share of an outline's length."""
ROUND_ASPECT = 1.18
"""What is longer than this for its width is an oval: a ring on a page at an angle reaches 1.1."""

Outline = NDArray[np.int32]


class Rim(NamedTuple):
    """The outline of a stamp, (n, 2) pixels of the small image, a little beyond its rim; its colour and its shape.

    `filled` says that it is a disc and not a line, `words` that there are words alone, without a rim.
    """

    outline: Outline
    colour: StampColour
    shape: StampShape
    filled: bool = False
    words: bool = False


def find_coloured_rims(ink: ColouredInk, unprinted: ColouredInk) -> list[Rim]:
    """The rims in coloured ink; blue and violet are looked at together, as ink of either may fade into the other.

    Args:
        ink: of the page; discs are filled with it, and may have letters in them.
        unprinted: the same without lines of print; rims are lines.
    """
    found = []
    for colour in (StampColour.RED, StampColour.BLUE, StampColour.OTHER):
        whole, mask = _mask(ink, colour), _mask(unprinted, colour)
        if np.count_nonzero(whole) < MIN_PIXELS:
            continue
        alone = [patch for patch in _patches(mask, GAP_SHARE) if max(patch.box[2:]) <= SIZE_SHARE[1] * max(mask.shape)]
        outlines = _hollow(mask, alone, GAP_SHARE)
        left = as_image(cv2.subtract(mask, _alone(mask, alone)))
        if np.count_nonzero(left) >= MIN_PIXELS:
            crossed = _without_rules(left)
            outlines += _hollow(crossed, list(_patches(crossed, GAP_SHARE)), GAP_SHARE)
        for outline in outlines:
            kind = _colour(ink, outline) if colour is StampColour.BLUE else colour
            found.append(Rim(outline, kind, shape_of(outline)))
        least = MIN_DISC_FILL * (SIZE_SHARE[0] * max(whole.shape)) ** 2
        for patch in _patches(whole, GAP_SHARE) if np.count_nonzero(whole) >= least else ():
            if patch.fill >= MIN_DISC_FILL and (disc := _disc(whole, patch)) is not None:
                found.append(Rim(disc, colour, StampShape.ROUND, filled=True))
    return found


def find_black_rims(darkness: Image, threshold: float) -> list[Rim]:
    """The rings and ovals in black or gray ink on a small image (height, width), 0-255; a box may be a cell."""
    mask = _without_rules(as_image(darkness > threshold))
    likely = [patch for patch in _hollow_only(_patches(mask, GRAY_GAP_SHARE)) if _may_hold_ring(mask, patch)]
    outlines = _hollow(mask, likely, GRAY_GAP_SHARE)
    rims = [Rim(outline, StampColour.BLACK, shape_of(outline)) for outline in outlines]
    return [rim for rim in rims if rim.shape in (StampShape.ROUND, StampShape.OVAL)]


def _mask(ink: ColouredInk, colour: StampColour) -> Image:
    """The ink of a colour, with violet where it is blue."""
    mask = ink.masks[colour]
    return as_image(mask | ink.masks[StampColour.VIOLET]) if colour is StampColour.BLUE else mask


def _hollow(mask: Image, patches: list[_Patch], gap_share: float) -> tuple[Outline, ...]:
    """The outlines of rims among patches."""
    hollow = _hollow_only(patches)
    return find_seals(_alone(mask, hollow), gap_share=gap_share) if hollow else ()


def _hollow_only(patches: Iterable[_Patch]) -> list[_Patch]:
    """The first few patches that are neither filled nor hardly inked."""
    return [patch for patch in patches if MIN_FILL <= patch.fill <= MAX_FILL][:MAX_PATCHES]


def _may_hold_ring(mask: Image, patch: _Patch) -> bool:
    """Whether a circle through three of a patch's pixels, or the hull of all, is inked for a good part."""
    x, y, width, height = patch.box
    ink = as_image((mask[y : y + height, x : x + width] > 0) & patch.inside)
    pixels = np.argwhere(ink)[:, ::-1].astype(np.float64)
    thick = as_image(cv2.dilate(ink, np.ones((3, 3), np.uint8)))
    hull = evenly(cv2.convexHull(pixels.astype(np.int32)).reshape(-1, 2))
    if inked_shares(hull[None], thick)[0] >= HULL_LIKE:
        return True
    rng = np.random.default_rng(len(pixels))
    first, second, third = pixels[rng.integers(0, len(pixels), (3, TRIALS))]
    one, other = (second - first).T, (third - first).T
    with np.errstate(divide="ignore", invalid="ignore"):
        twice = 2 * (one[0] * other[1] - one[1] * other[0])
        squares = (one**2).sum(axis=0), (other**2).sum(axis=0)
        across = (other[1] * squares[0] - one[1] * squares[1]) / twice
        down = (one[0] * squares[1] - other[0] * squares[0]) / twice
        reach = np.hypot(across, down)
        smallest, largest = (share * max(mask.shape) / 2 for share in SIZE_SHARE)
        middles = first + np.column_stack([across, down])
        inside = ((middles >= 0) & (middles <= (width, height))).all(axis=1)
        fits = inside & (reach >= smallest) & (reach <= largest)
    turn = np.linspace(0, 2 * np.pi, TRIED_POINTS, endpoint=False)
    circles = middles[fits, None] + reach[fits, None, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return bool(fits.any() and inked_shares(circles, thick).max() >= RING_LIKE)


def shape_of(outline: NDArray[np.generic]) -> StampShape:
    """What an outline is by its corners and its proportions."""
    points = outline.astype(np.int32)
    corners = len(cv2.approxPolyDP(points, BOX_TOLERANCE * cv2.arcLength(points, True), True))
    if corners <= 4:
        return {3: StampShape.TRIANGLE, 4: StampShape.BOX}.get(corners, StampShape.OTHER)
    _, sides, _ = cv2.minAreaRect(points)
    return StampShape.OVAL if max(sides) > ROUND_ASPECT * min(sides) else StampShape.ROUND


def words_in(ink: ColouredInk, outline: Outline, colour: StampColour) -> Rim:
    """Words in coloured ink without a rim, as one: `colour` tells red from blue, the ink itself blue from violet."""
    return Rim(outline, _colour(ink, outline) if colour is StampColour.BLUE else colour, StampShape.BOX, words=True)


class _Patch(NamedTuple):
    """A patch of ink: its box, left, top, width and height; its label's pixels; and how much of the box is inked."""

    box: tuple[int, int, int, int]
    inside: NDArray[np.bool_]
    fill: float


def _patches(mask: Image, gap_share: float) -> Iterator[_Patch]:
    """The patches no smaller than a seal, the most square first; at most a few."""
    longest = max(mask.shape)
    gap = max(3, round(gap_share * longest) | 1)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(joined, 8, cv2.CV_32S, cv2.CCL_GRANA)
    smallest, largest = SIZE_SHARE[0] * longest, MAX_CROWD * SIZE_SHARE[1] * longest
    large = []
    for label, (_, _, width, height, _) in enumerate(stats[1:].tolist(), 1):
        short, long = min(width, height), max(width, height)
        if short >= smallest and long <= min(largest, MAX_ASPECT * short):
            large.append((long / short, label))
    for _, i in sorted(large):
        x, y, width, height = (int(n) for n in stats[i, : cv2.CC_STAT_AREA])
        inside = labels[y : y + height, x : x + width] == i
        fill = np.count_nonzero(inside & (mask[y : y + height, x : x + width] > 0)) / inside.size
        yield _Patch((x, y, width, height), inside, fill)


def _alone(mask: Image, patches: list[_Patch]) -> Image:
    """A mask with nothing but the ink of some patches."""
    alone = np.zeros_like(mask)
    for patch in patches:
        x, y, width, height = patch.box
        place = slice(y, y + height), slice(x, x + width)
        alone[place] |= mask[place] * patch.inside
    return alone


def _disc(mask: Image, patch: _Patch) -> Outline | None:
    """The circle around a patch that is a filled disc no larger than a seal."""
    x, y, width, height = patch.box
    if max(width, height) > MAX_DISC_ASPECT * min(width, height) or max(width, height) > SIZE_SHARE[1] * max(
        mask.shape
    ):
        return None
    hull = cv2.convexHull(np.argwhere(patch.inside)[:, ::-1].astype(np.int32))
    (middle_x, middle_y), radius = cv2.minEnclosingCircle(hull)
    if cv2.contourArea(hull) < MIN_DISC_ROUND * np.pi * radius**2:
        return None
    center, reach = (round(x + middle_x), round(y + middle_y)), round(radius + 1)
    return np.asarray(cv2.ellipse2Poly(center, (reach, reach), 0, 0, 360, 4), np.int32)


def _without_rules(mask: Image) -> Image:
    """A mask less its long straight strokes, level or upright."""
    length = max(3, round(RULE_SHARE * max(mask.shape)))
    across = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    down = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return as_image(cv2.subtract(mask, cv2.max(across, down)))


def _colour(ink: ColouredInk, outline: Outline) -> StampColour:
    """Blue or violet, whichever most of the ink within an outline is."""
    inside = np.zeros(ink.channels[0].shape, np.uint8)
    cv2.fillPoly(inside, [outline], (1,))
    kinds = (StampColour.BLUE, StampColour.VIOLET)
    return max(kinds, key=lambda kind: int(np.count_nonzero(ink.masks[kind] & inside)))
