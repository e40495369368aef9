"""Image -> Ink: what the pen, the printer and the seal each left on the paper, under even illumination.

Each colour channel is divided by a large-scale estimate of its background, so that shadows and yellowing count as
nothing. A seal is *unmixed*, not masked: the share of darkness that its colour accounts for is fitted on the page and
subtracted, so that black text and ruling under the seal survive while the seal goes. Red ink is taken for a seal
wherever it is, but for rules; ink of other colours only within the rim of one, for it may as well be a pen's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image, Ink, Upright
from pipeline.imaging import UINT8_MAX, Histogram, as_image, averaged, closed, ink_on_white
from pipeline.ink.coloured_rules import has_coloured_rules
from pipeline.ink.coloured_seals import Outline, find_seals

PAPER_SCALE = 8
"""The background is estimated on an image this many times smaller, as illumination changes slowly."""
PAPER_CLOSING_PX = 11
"""Dark shapes narrower than this in the small image are ink, not shadow: 11 mm at 200 dpi, more than any stroke."""
FILL_CLOSING_PX = 31
"""Dark shapes narrower than this in the small image may be fills, as headings of a table have: 31 mm at 200 dpi."""
FILL_BRIGHTNESS = 0.65
"""A fill is darker than this share of the paper around it; shadows of folds and of a book's spine are paler."""
PAPER_SMOOTHING_PX = 15
"""The background is averaged over so many pixels of the small image."""
MIN_RED = 40
"""From this red minus green on, of 255, ink counts as seal ink: blue pen has less red than green; black toner under
chroma-subsampled JPEG stays below 25."""
STRONG_RED = 70
"""Only pixels this red fit the seal's own darkness: paler ones are half paper."""
MIN_SEAL_SHARE = 0.0005
"""Pages with less seal ink than this share of all pixels have no seal: a whole seal covers about 1 %."""
SEAL_DARKNESS_QUANTILE = 0.7
"""Seal pixels darker than this quantile of their kind are text under the seal."""
SEAL_DARKNESS_RANGE = (0.2, 0.9)
"""Any real seal ink has a darkness per unit of redness within this range; fits outside are noise."""
COLOUR_DARKNESS_RANGE = (0.2, 2.0)
"""Seal inks of other colours have a darkness per unit of colour within this range: dark purple ones have little colour
for their darkness."""
STRONG_COLOUR = 0.7
"""Pixels with this share of a seal's strongest colour fit its darkness: paler ones are half paper."""
COLOUR_CAP_QUANTILE = 0.95
"""A seal is nowhere more coloured than this quantile of its own ink: what is beyond is a pen of the same colour across
it."""
COLOUR_BLUR = (5, 5)
"""Over so many pixels JPEG, which keeps colours at half resolution, mixes those of thin strokes with the paper's."""
DARKEST_MARGIN = 1.15
"""What is darker than this multiple of the darkest that the seal is by itself is text as well."""
RED_LEAN = 0.5
"""Blue beyond green is less than this share of red beyond green in red inks, and more in purple ones."""
SEALS_LONG_SIDE = 640
"""Seals are looked for on an image with a long side of so many pixels, two to a millimetre of A4: a rim is a millimetre
thick."""
BOX_CORNERS = 4
"""A box has so many corners; an oval, as exactly, has more."""
BOX_TOLERANCE = 0.015
"""Corners are counted to this share of an outline's length."""
SAMPLE_STEP = 4
"""Where a sample of the page suffices, every so many rows and columns are taken."""
MIN_NOISE = 1.0
"""Paper never counts as smoother than this standard deviation, of 255."""


def separate_ink(image: Image) -> Ink:
    """Split an image into pen and print on one side, seal ink on the other.

    Args:
        image: (height, width, 3) BGR, or (height, width) gray, at any resolution from 100 to 600 dpi.
    """
    if image.ndim == 2 or not _is_coloured(image):
        gray = image if image.ndim == 2 else as_image(cv2.extractChannel(image, 1))
        darkness = as_image(cv2.bitwise_not(normalise_illumination(gray)))
        return Ink(darkness, np.zeros(gray.shape, np.bool_), paper_noise(darkness))
    red = normalise_illumination(as_image(cv2.extractChannel(image, 2)))
    green = normalise_illumination(as_image(cv2.extractChannel(image, 1)))
    darkness = as_image(cv2.bitwise_not(cv2.max(red, green)))
    redness = as_image(cv2.subtract(red, green))
    with_colours = as_image(cv2.bitwise_not(cv2.min(red, green))) if _has_red_rules(redness) else None
    others = _find_other_seals(image, red, green)
    blue = normalise_illumination(as_image(cv2.extractChannel(image, 0))) if others else red
    unmixed = [_unmixed((blue, green, red), outline) for outline in others]
    for part in unmixed:  # what is unmixed by its own colour is not unmixed as red
        redness[part.place][part.inside] = 0
    sample = redness[::SAMPLE_STEP, ::SAMPLE_STEP]
    if np.count_nonzero(sample >= MIN_RED) >= MIN_SEAL_SHARE * sample.size:
        seal = redness >= MIN_RED
        slope = _darkness_per_redness(darkness[::SAMPLE_STEP, ::SAMPLE_STEP], sample)
        darkness = as_image(cv2.subtract(darkness, cv2.convertScaleAbs(redness, alpha=slope)))
    else:
        seal = np.zeros(redness.shape, np.bool_)
    for part in unmixed:
        darkness[part.place][part.inside] = part.darkness[part.inside]
        seal[part.place][part.inside] = part.seal[part.inside]
    return Ink(darkness, seal, paper_noise(darkness), with_colours)


def normalise_illumination(channel: Image, scale: int = PAPER_SCALE) -> Image:
    """One colour channel (height, width) divided by its background: 255 is paper everywhere."""
    return as_image(cv2.divide(channel, estimate_background(channel, scale), scale=255))


def estimate_background(channel: Image, scale: int = PAPER_SCALE) -> Image:
    """The brightness (height, width), 1-255, that bare paper has, or would have, at each pixel of a channel.

    Args:
        channel: of the page.
        scale: how many times smaller an image shows paper alone; less where the channel was reduced already.
    """
    height, width = channel.shape
    small = averaged(channel, scale)
    paper = _without_fills(closed(small, PAPER_CLOSING_PX, PAPER_CLOSING_PX))
    smooth = cv2.max(cv2.blur(paper, (PAPER_SMOOTHING_PX, PAPER_SMOOTHING_PX)), np.ones_like(paper))
    smooth = cv2.copyMakeBorder(smooth, 0, 1, 0, 1, cv2.BORDER_REPLICATE)  # what is left of the last pixels
    background = cv2.resize(smooth, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    return as_image(background[:height, :width])


def _without_fills(paper: Image) -> Image:
    """The brightness of paper with that of dark fills, which are no shadows, replaced by that of the paper around."""
    around = closed(paper, FILL_CLOSING_PX, FILL_CLOSING_PX)
    fills = paper < cv2.convertScaleAbs(around, alpha=FILL_BRIGHTNESS)
    return as_image(np.where(fills, around, paper)) if fills.any() else paper


def paper_noise(darkness: Image) -> float:
    """Standard deviation of the paper's grain in a darkness image, at least 1.

    Taken from differences of near pixels, most of which are paper, by their median: ink does not count.
    """
    rows = darkness[::SAMPLE_STEP]
    left, right = np.ascontiguousarray(rows[:, :-2:3]), np.ascontiguousarray(rows[:, 2::3])
    if not left.size:
        return MIN_NOISE
    bare = as_image((left > 0) & (right > 0)) * UINT8_MAX  # brighter than paper was clipped and tells nothing
    alike = Histogram.of(as_image(cv2.min(cv2.bitwise_not(cv2.absdiff(left, right)), bare)))
    if alike.at_most[0] == alike.at_most[-1]:
        return MIN_NOISE
    return max(MIN_NOISE, (UINT8_MAX - alike.quantile(0.5, least=1)) * 1.4826 / math.sqrt(2))


def with_ink_alone(upright: Upright, ink: Ink) -> Upright:
    """A page that shows some ink of its own size, and nothing else."""
    return replace(upright, image=ink_on_white(ink.darkness), ink=ink)


def _is_coloured(image: Image) -> bool:
    sample = image[::SAMPLE_STEP, ::SAMPLE_STEP]
    return bool((sample[:, :, 2] != sample[:, :, 1]).any())


def _has_red_rules(redness: Image) -> bool:
    """Whether a page has rules in red beside its seals: the sides of a box seal are as long, thin and straight."""
    if not has_coloured_rules(redness):
        return False
    step = max(1, round(max(redness.shape) / SEALS_LONG_SIDE))
    seals = find_seals(as_image(np.ascontiguousarray(redness[::step, ::step]) >= MIN_RED))
    return not seals or has_coloured_rules(_without_outlines(redness, [outline * step for outline in seals]))


def _darkness_per_redness(darkness: Image, redness: Image) -> float:
    strong = redness >= STRONG_RED
    if not strong.any():
        strong = redness >= MIN_RED
    return _darkness_per_colour(darkness, redness, strong, SEAL_DARKNESS_RANGE)


def _darkness_per_colour(
    darkness: Image, colour: Image, strong: NDArray[np.bool_], plausible: tuple[float, float]
) -> float:
    """Darkness per unit of colour that a seal's ink has by itself, from pixels that are strongly coloured."""
    ratio = darkness[strong].astype(np.float32) / np.maximum(colour[strong], 1)
    return float(np.clip(np.quantile(ratio, SEAL_DARKNESS_QUANTILE), *plausible))


def _find_other_seals(image: Image, red: Image, green: Image) -> list[Outline]:
    """Outlines of the seals on a page (height, width, 3) that are blue, purple or green.

    Args:
        image: of the page, for its blue.
        red: its red under even illumination.
        green: its green, as well.
    """
    step = max(1, round(max(red.shape) / SEALS_LONG_SIDE))
    small = slice(None, None, step), slice(None, None, step)
    r, g = np.ascontiguousarray(red[small]), np.ascontiguousarray(green[small])
    b = normalise_illumination(np.ascontiguousarray(image[..., 0][small]), max(1, PAPER_SCALE // step))
    chroma = cv2.subtract(cv2.max(cv2.max(r, g), b), cv2.min(cv2.min(r, g), b))
    strong = chroma >= MIN_RED
    if np.count_nonzero(strong) < MIN_SEAL_SHARE * strong.size:
        return []
    coloured = strong & ((g > r) | (cv2.subtract(b, g) >= RED_LEAN * cv2.subtract(r, g)))
    if np.count_nonzero(coloured) < MIN_SEAL_SHARE * coloured.size:
        return []
    found: list[Outline] = []
    for kind in (coloured, coloured & (r > g), coloured & (b >= g) & (g >= r), coloured & (g > b)):
        mask = as_image(kind)
        cv2.fillPoly(mask, found, (0,))
        found += find_seals(mask)
    if any(map(_is_box, found)) and has_coloured_rules(_without_outlines(as_image(chroma), found)):
        found = [outline for outline in found if not _is_box(outline)]  # a cell of a ruled table is a box, too
    return [outline * step for outline in found]


def _without_outlines(colour: Image, outlines: Sequence[Outline]) -> Image:
    """An image (height, width) with nothing left within outlines: what is beyond a seal is no part of its rim."""
    left = colour.copy()
    for outline in outlines:
        cv2.fillPoly(left, [outline], (0,))
    return left


def _is_box(outline: Outline) -> bool:
    """Whether an outline has four corners."""
    tolerance = BOX_TOLERANCE * cv2.arcLength(outline, True)
    return len(cv2.approxPolyDP(outline, tolerance, True)) <= BOX_CORNERS


class _Unmixed(NamedTuple):
    """A seal's part of a page.

    `place` is a box of the page; the others, (height, width) of the box, say what is within the rim, how dark it is
    without the seal, and where there is seal ink.
    """

    place: tuple[slice, slice]
    inside: NDArray[np.bool_]
    darkness: Image
    seal: NDArray[np.bool_]


def _unmixed(channels: tuple[Image, Image, Image], outline: Outline) -> _Unmixed:
    """Take a seal of any colour out of the darkness within its outline; channels are under even illumination."""
    x, y, width, height = cv2.boundingRect(outline)
    place = slice(max(0, y), y + height), slice(max(0, x), x + width)
    absorbed = [as_image(cv2.bitwise_not(np.ascontiguousarray(channel[place]))) for channel in channels]
    inside = np.zeros(absorbed[0].shape, np.uint8)
    cv2.fillPoly(inside, [outline - (max(0, x), max(0, y))], (1,))
    blue, green, red = absorbed
    chroma = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    inked = (inside > 0) & (chroma >= MIN_RED)
    if not inked.any():
        return _Unmixed(place, inked, red, inked)
    darkness, colour = _pale_and_colour(absorbed, inked)
    most = float(np.quantile(colour[inked], COLOUR_CAP_QUANTILE))
    slope = _darkness_per_colour(darkness, colour, inked & (colour >= STRONG_COLOUR * most), COLOUR_DARKNESS_RANGE)
    seals_own = as_image(cv2.convertScaleAbs(cv2.min(colour, np.full_like(colour, most)), alpha=slope))
    return _Unmixed(place, inside > 0, _without(darkness, seals_own, slope * most), inked)


def _without(darkness: Image, seals_own: Image, darkest: float) -> Image:
    """Darkness less the seal's own, also where JPEG spread the seal's colour, but not its darkness.

    Args:
        darkness: (height, width) of a seal's place.
        seals_own: the part of it that the colour of each pixel accounts for.
        darkest: that the seal is anywhere; what is darker is text as well.
    """
    left = as_image(cv2.subtract(darkness, seals_own))
    near = cv2.blur(darkness, COLOUR_BLUR), cv2.blur(seals_own, COLOUR_BLUR)
    others = np.clip(1 - near[1] / np.maximum(near[0], 1.0), 0, 1)
    thin = darkness <= DARKEST_MARGIN * darkest
    left[thin] = np.minimum(left, darkness * others)[thin]
    return left


def _pale_and_colour(absorbed: Sequence[Image], inked: NDArray[np.bool_]) -> tuple[Image, Image]:
    """What the channel absorbs in which a seal is palest, and how much of the seal's own colour each pixel has.

    A blue seal takes red and green away, a purple one only green. Ink that takes away only one of the two, or others,
    has little of the colour, and black ink, which takes all alike, has none.
    """
    low, middle, high = sorted((float(np.median(channel[inked])), index) for index, channel in enumerate(absorbed))
    pale, between, deep = (absorbed[index] for _, index in (low, middle, high))
    if high[0] - middle[0] < middle[0] - low[0]:
        return pale, as_image(cv2.subtract(cv2.min(between, deep), pale))
    return pale, as_image(cv2.subtract(deep, cv2.max(between, pale)))
