"""A dewarped page, its grids -> how far rows of text lean from the ruling lines: a check of the page's angle.

The page was dewarped by its ruling lines, so on it they are level by construction. Text is not asked for that: where
its rows lean all the same, either the angle or the dewarping surface is wrong, or the form was filled in askew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp.dewarping import DewarpedPage
from pipeline.elements import Grid
from pipeline.imaging import as_image, quantile

AGREED_DEG = 0.4
"""Text and ruling agree within this: on scans, faxes and photographs they differ by up to 0.1 degrees."""
INSET_MM = 0.8
"""Ink this far from the middle of a ruling line is surely text."""
MAX_SLANT_DEG = 3.0
"""Text that leans by more is not measured, but its sharpest angle is then one of the ends, and is still reported."""
COARSE_STEP_DEG = 0.25
"""The angle is first looked for at this step."""
FINE_STEP_DEG = 0.05
"""Near the best of the coarse steps the angle is looked for at this step."""
ROW_MM = 0.2
"""Ink is summed up in rows of this height, half of a thin horizontal stroke's thickness."""
SAMPLE_MM = 0.25
"""Ink is sampled at this step across: a vertical stroke is that thick."""
INK_SHARE = 0.4
"""Ink is what is darker than this share of the strong strokes."""
STRONG_STROKES = 99.5
"""The percentile of the page that counts as its strong strokes."""
MIN_GAIN = 1.02
"""Rows that are not sharper by this much than at 0 degrees are level: text leaning by 0.4 gains 0.05, noise 0.003."""
MIN_WIDTH_MM = 12.0
"""Cells narrower than four characters do not tell an angle."""
MIN_CELLS = 4
"""Fewer cells with text are too few to speak against the ruling."""
MIN_INK_PX = 40
"""A cell with at least so many samples of ink holds text, not dust: one character has as many."""


class _Strokes(NamedTuple):
    """Samples of ink: along the row and across it from the middle of their cell, in millimetres, and their cell."""

    along: NDArray[np.float64]
    across: NDArray[np.float64]
    cell: NDArray[np.intp]


def measure_slant(dewarped: DewarpedPage, grids: Sequence[Grid]) -> float | None:
    """The angle of rows of text to the ruling lines, degrees counter-clockwise; None where there is too little text.

    In each cell the ink is projected along each angle; the angle at which all cells together are sharpest is taken.
    Less than half a coarse step, which agrees with the ruling in any case, is 0.

    Args:
        dewarped: the page.
        grids: of the page; text outside them has no ruling to agree with.
    """
    strokes = _strokes(dewarped, grids)
    if strokes is None:
        return None
    near = _sharpest(strokes, _angles(0.0, MAX_SLANT_DEG, COARSE_STEP_DEG))
    if near == 0.0:
        return near
    best = _sharpest(strokes, _angles(near, COARSE_STEP_DEG, FINE_STEP_DEG))
    level, leaning = _sharpness(strokes, np.array([0.0, best]))
    return best if leaning > MIN_GAIN * level else 0.0


def _angles(middle: float, reach: float, step: float) -> NDArray[np.float64]:
    steps = round(reach / step)
    return middle + np.arange(-steps, steps + 1, dtype=np.float64) * step


def _sharpest(strokes: _Strokes, angles_deg: NDArray[np.float64]) -> float:
    return round(float(angles_deg[int(np.argmax(_sharpness(strokes, angles_deg)))]), 3)


def _strokes(dewarped: DewarpedPage, grids: Sequence[Grid]) -> _Strokes | None:
    px_per_mm = dewarped.warp.px_per_mm
    step = max(1, round(SAMPLE_MM * px_per_mm))
    least = int(INK_SHARE * quantile(as_image(dewarped.darkness[::3, ::step]), STRONG_STROKES / 100))
    jitter = np.random.default_rng(0)  # whole pixels would pile up in the same rows at 0 degrees, and at no other angle
    parts: list[_Strokes] = []
    for left, top, right, bottom in _insides(dewarped, grids):
        inside = dewarped.darkness[top:bottom, -(-left // step) * step : right : step] > least
        rows, columns = np.divmod(np.flatnonzero(inside), max(1, inside.shape[1]))  # half the time of its nonzero
        if len(rows) >= MIN_INK_PX:
            along = (columns - columns.sum() / len(columns)) * step / px_per_mm
            across = (rows - rows.sum() / len(rows) + jitter.random(len(rows))) / px_per_mm
            parts.append(_Strokes(along, across, np.full(len(rows), len(parts))))
    if len(parts) < MIN_CELLS:
        return None
    return _Strokes(*(np.concatenate(own) for own in zip(*parts, strict=True)))


def _insides(dewarped: DewarpedPage, grids: Sequence[Grid]) -> list[tuple[int, int, int, int]]:
    """Left, top, right and bottom of each cell that is wide enough, without its ruling lines."""
    corners = np.array([cell.polygon for grid in grids for cell in grid.cells], np.float64).reshape(-1, 2)
    quads = dewarped.warp.to_page(corners).reshape(-1, 4, 2)
    inset = INSET_MM * dewarped.warp.px_per_mm
    begin, end = np.maximum(quads.min(axis=1) + inset, 0), quads.max(axis=1) - inset
    wide = end[:, 0] - begin[:, 0] >= MIN_WIDTH_MM * dewarped.warp.px_per_mm
    high = end[:, 1] > begin[:, 1]
    return [(int(x), int(y), int(r), int(b)) for x, y, r, b in np.hstack([begin, end])[wide & high]]


def _sharpness(strokes: _Strokes, angles_deg: NDArray[np.float64]) -> list[float]:
    """For each angle, how few rows the ink of all cells falls into: the sum of the squares of what is in each."""
    reach = float(np.abs(strokes.across).max() + np.abs(strokes.along).max() * np.tan(np.radians(2 * MAX_SLANT_DEG)))
    rows_per_cell = 2 * int(reach / ROW_MM) + 3
    middle = strokes.cell * rows_per_cell + rows_per_cell // 2
    sharpness = []
    for slope in np.tan(np.radians(angles_deg)):
        place = strokes.along * slope
        place += strokes.across
        place /= ROW_MM
        rows = np.bincount(middle + np.rint(place, out=place).astype(np.intp)).astype(np.float64)
        sharpness.append(float(np.square(rows).sum()))
    return sharpness
