"""Page -> Upright: the quarter turns that make the text upright, and the small angle that is left.

The quarter turns come from the file's EXIF orientation and the orienter. The small angle is the one at which ruling
lines and rows of text, horizontal and vertical together, pile up into the sharpest profile.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp.fills import with_print_in_fills
from pipeline.dewarp.orienting import reduced, shown_to_orienter, turn_of
from pipeline.elements import Image, Matrix, Page, Upright
from pipeline.engines import Orienter
from pipeline.imaging import (
    MM_PER_INCH,
    as_image,
    compose,
    darker_side,
    is_strip,
    matrix_tuple,
    middle_sheet,
    quarter_turn_matrix,
    scale_matrix,
)
from pipeline.ink import separate_ink

PROFILE_LONG_SIDE = 900
"""The angle is measured on an image with a long side of so many pixels: thin ruling is still there, and 0.1 degrees
moves a page-wide line by more than a pixel."""
RIDGE_REACH = 2
"""At that size a stroke and the paper beside it are so many pixels apart."""
STRONG_INK = 60
"""Ink counts the same from this darkness on, as black text must not outweigh gray ruling."""
MAX_SKEW_DEG = 20.0
"""Angles up to this are measured."""
COARSE_STEP_DEG = 0.5
"""The angle is first looked for at this step."""
FINE_STEP_DEG = 0.05
"""Near the best of the coarse steps the angle is looked for at this step."""
COARSE_PX = 4
"""For the coarse steps so many pixels of a stroke, along it, are one: even at 20 degrees they lie within two rows,
where a step moves a page-wide line by eight. On 95 pages at as many angles it made no difference."""
EXIF_TURNS = (
    *((0, False), (0, True), (2, False), (2, True)),
    *((3, True), (3, False), (1, True), (1, False)),
)
"""For EXIF orientations 1-8: the quarter turns counter-clockwise, and whether the image is then mirrored left to
right."""
QUARTER_TURNS = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}
"""OpenCV's names of quarter turns counter-clockwise; it turns a page in a fifth of NumPy's time."""


class _Strokes(NamedTuple):
    """Where strokes along one axis are: along it, across it, and how dark."""

    along: NDArray[np.float64]
    across: NDArray[np.float64]
    weight: NDArray[np.float64]


def deskew(page: Page, orienter: Orienter | None) -> Upright:
    """Turn a page upright and measure its remaining angle.

    Args:
        page: as the file holds it.
        orienter: tells which way up the page is; None trusts the file.

    Returns:
        The upright page, with its ink. `turn_confidence` is None without an orienter.
    """
    image, to_scan, turns = _apply_exif(page)
    shown = shown_to_orienter(image) if orienter else image
    found = turn_of(shown, orienter) if orienter else None
    if found is not None and found.turn.quarter_turns:
        image, to_scan = _turned(image, to_scan, found.turn.quarter_turns)
        turns += found.turn.quarter_turns
    ink = with_print_in_fills(separate_ink(image), page.dpi / MM_PER_INCH)
    upright = Upright(
        page=page,
        image=image,
        ink=ink,
        quarter_turns=turns % 4,
        skew_deg=measure_skew(ink.darkness),
        to_scan=to_scan,
        turn_confidence=found.turn.confidence if found else None,
        open_turns=found.open_turns if found else (),
    )
    if not (found and found.turn.quarter_turns) and middle_sheet(image) is image:
        upright.averages[max(image.shape) // max(shown.shape)] = shown
    return upright


def turned(upright: Upright, quarter_turns: int) -> Upright:
    """The same page with more quarter turns counter-clockwise."""
    image, to_scan = _turned(upright.image, upright.to_scan, quarter_turns)
    ink = with_print_in_fills(separate_ink(image), upright.dpi / MM_PER_INCH)
    return replace(
        upright,
        image=image,
        ink=ink,
        quarter_turns=(upright.quarter_turns + quarter_turns) % 4,
        skew_deg=measure_skew(ink.darkness),
        to_scan=to_scan,
        open_turns=(),
    )


def measure_skew(darkness: Image) -> float:
    """The angle of the text, degrees counter-clockwise, within 20 degrees of upright; 0.0 on a blank page.

    Args:
        darkness: (height, width), 0 paper to 255 ink.

    Strokes are projected along each angle, and the angle with the largest sum of squares is taken (Postl 1986).
    """
    small = reduced(middle_sheet(darkness), PROFILE_LONG_SIDE)
    scale = min(1.0, PROFILE_LONG_SIDE / max(small.shape))
    vanishes = min(small.shape) * scale < 1  # else the scale is kept, of which a size in whole pixels loses some
    size = [max(1, round(side * scale)) for side in small.shape[::-1]] if vanishes else None
    small = as_image(cv2.resize(small, size, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    turned_clockwise = as_image(cv2.rotate(small, cv2.ROTATE_90_CLOCKWISE))
    strokes = _together(_strokes(small), _strokes(turned_clockwise))
    if not len(strokes.weight):
        return 0.0
    coarse = np.arange(-MAX_SKEW_DEG, MAX_SKEW_DEG + COARSE_STEP_DEG / 2, COARSE_STEP_DEG)
    best = _sharpest(_merged(strokes), coarse[np.abs(coarse) <= _most_skewed(*darkness.shape)])
    fine = best + np.arange(-COARSE_STEP_DEG, COARSE_STEP_DEG + FINE_STEP_DEG / 2, FINE_STEP_DEG)
    return round(_sharpest(strokes, fine), 3)


def _most_skewed(height: int, width: int) -> float:
    """The largest angle at which text may stand on a page; a strip that leans further would not fit on its own scan."""
    if not is_strip(width, height):
        return MAX_SKEW_DEG
    return min(MAX_SKEW_DEG, math.degrees(math.atan2(min(width, height), max(width, height))))


def _strokes(small: Image) -> _Strokes:
    """Horizontal strokes, about the image's centre."""
    ridge = as_image(cv2.subtract(small, darker_side(small, RIDGE_REACH)))
    _, spread = cv2.meanStdDev(ridge, mask=cv2.compare(ridge, STRONG_INK, cv2.CMP_LT))  # type: ignore[call-overload]
    places = np.flatnonzero(ridge > int(max(6.0, 2.5 * float(spread[0, 0]))))
    y, x = places // small.shape[1], places % small.shape[1]
    weight = np.minimum(ridge.ravel()[places], STRONG_INK).astype(np.float64)
    return _Strokes(x - small.shape[1] / 2, y - small.shape[0] / 2, weight)


def _together(level: _Strokes, upright: _Strokes) -> _Strokes:
    """Strokes of both directions as one, so far apart that they never share a row; rows are never negative."""
    across = np.concatenate([level.across + PROFILE_LONG_SIDE, upright.across + 3 * PROFILE_LONG_SIDE]) + 0.5
    return _Strokes(
        np.concatenate([level.along, upright.along]), across, np.concatenate([level.weight, upright.weight])
    )


def _merged(strokes: _Strokes) -> _Strokes:
    """Pixels that follow each other along a stroke, a few at a time, as one with all their weight in their middle."""
    block = np.floor(strokes.along / COARSE_PX)
    first = np.flatnonzero((np.diff(block, prepend=np.nan) != 0) | (np.diff(strokes.across, prepend=np.nan) != 0))
    count = np.diff(first, append=len(block))
    along = np.add.reduceat(strokes.along, first) / count
    return _Strokes(along, strokes.across[first], np.add.reduceat(strokes.weight, first))


def _sharpest(strokes: _Strokes, angles_deg: NDArray[np.floating[Any]]) -> float:
    """The sharpest of some angles; the middle of several that move no stroke into another row."""
    sharpness = np.array([_sharpness(strokes, float(angle)) for angle in angles_deg])
    return float(angles_deg[sharpness == sharpness.max()].mean())


def _sharpness(strokes: _Strokes, angle_deg: float) -> float:
    row = strokes.along * np.tan(np.radians(angle_deg))
    row += strokes.across
    return float(np.square(np.bincount(row.astype(np.intp), weights=strokes.weight)).sum())


def _apply_exif(page: Page) -> tuple[Image, Matrix, int]:
    """The image as EXIF wants it shown, the map back to scan pixels, and the quarter turns that were made."""
    turns, mirrored = EXIF_TURNS[page.exif_orientation - 1]
    across, down = page.scale
    enlarged = scale_matrix(1 / across, 1 / down)
    if not turns and not mirrored:
        return page.image, enlarged, 0
    image = np.rot90(page.image, turns)
    height, width = image.shape[:2]
    to_scan = compose(quarter_turn_matrix(-turns, width, height), enlarged)
    if mirrored:
        image = image[:, ::-1]
        flip = matrix_tuple([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        to_scan = compose(flip, to_scan)
    return as_image(np.ascontiguousarray(image)), to_scan, turns


def _turned(image: Image, to_scan: Matrix, quarter_turns: int) -> tuple[Image, Matrix]:
    turns = quarter_turns % 4
    result = as_image(cv2.rotate(image, QUARTER_TURNS[turns])) if turns else image
    height, width = result.shape[:2]
    return result, compose(quarter_turn_matrix(-quarter_turns, width, height), to_scan)
