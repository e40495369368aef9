"""A tiled table -> traces of lines that were missed, and of lines that are no ruling.

Straight ink that runs through a cell from wall to wall and is no wall of it, or goes on beyond the border, is what a
missed line looks like; a line much paler than the others is what a streak of the scanner or the other side of the sheet
looks like. Nothing here changes a cell: it says where not to be sure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Axis, Image
from pipeline.grid.border_scores import profile_line, score_cell_borders
from pipeline.grid.candidates import INKED
from pipeline.grid.contrasts import Contrast
from pipeline.grid.ruled_areas import MERGE_MM
from pipeline.grid.settling import ADMIT_SCORE, RuledArea
from pipeline.grid.tiling import CELL_BORDER_SCORE, Span
from pipeline.imaging import UINT8_MAX

WORTH_SCORING = {Axis.HORIZONTAL: 0.5, Axis.VERTICAL: 0.8}
"""Ink over this share of a cell is scored as a cell border would be: a row of text inks less of a line along it, and
strokes of its characters less of one across it."""
LEAST_SCORE = {Axis.HORIZONTAL: 0.3, Axis.VERTICAL: 0.5}
"""Lower scores are text: on tables that are right hardly one horizontal trace reaches 0.3, and of the vertical ones,
strokes of characters in low cells, one in fifty 0.5."""
WALL_MM = MERGE_MM + 0.3
"""Ink so near to a wall is its own: the second line of a double one, and its blur."""
SIDE_MM = 0.45
"""The walls at both ends blank out so much of a line across a cell."""
STEP_MM = 0.6
"""Ink is sampled at this step along a line: contrast is averaged over as much where cell borders are scored."""
ROW_STEP = 2
"""Lines are looked for in every second row of pixels, as each row counts what its neighbours hold as well."""
MARGIN_MM = 3.0
"""So much beside a stretch is looked at as well, as ends are blurred."""
OVERRUN_MM = 4.0
"""Lines that run on so far beyond a border show that the border was missed."""
MANY_LINES = 3
"""From so many inner lines on their tone is compared with each other's, as the border is often bolder."""
UPPER_QUARTILE = 0.75
"""The tone that is usual for ruling: half of the lines may be streaks or belong to the other side of the sheet."""


class CrossingLine(NamedTuple):
    """A line from wall to wall through the cell of this index: where it is on the dewarped page, scored 0-1."""

    cell: int
    axis: Axis
    place: float
    score: float


class Overruns(NamedTuple):
    """Which lines go on beyond each side of the border: vertical ones above and below it, horizontal ones beside it."""

    top: tuple[int, ...]
    bottom: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LineDoubts:
    """What speaks against the lines of a table.

    `crossing` are lines through cells, `overruns` those beyond the border. `row_tones` (rows,) and `col_tones` (cols,)
    say how dark each line is where it is drawn, as a share of what is usual for those of its direction, at most 1.
    """

    crossing: tuple[CrossingLine, ...]
    overruns: Overruns
    row_tones: NDArray[np.float64]
    col_tones: NDArray[np.float64]


def doubt_lines(area: RuledArea, spans: Sequence[Span], darkness: Image) -> LineDoubts:
    """Look for straight ink that no wall explains, and for lines that are unlike the others.

    Args:
        area: the table's lines, with the contrasts that its cell borders were scored by.
        spans: of its cells, by which the crossing lines are numbered.
        darkness: (height, width) of the dewarped page, 0 paper to 255 ink.
    """
    boxes = np.array(
        [
            (area.rows[s.row], area.rows[s.row + s.row_span], area.cols[s.col], area.cols[s.col + s.col_span])
            for s in spans
        ]
    )
    crossing = (
        *_crossing(boxes, area.across, Axis.HORIZONTAL),
        *_crossing(boxes[:, [2, 3, 0, 1]], area.down, Axis.VERTICAL),
    )
    overruns = Overruns(*_overruns(area.cols, area.rows, area.down), *_overruns(area.rows, area.cols, area.across))
    wander = max(2, round(MERGE_MM / 2 * area.across.px_per_mm))
    row_tones = _tones(area.rows, area.cols, area.horizontal, darkness, wander)
    col_tones = _tones(area.cols, area.rows, area.vertical.T, darkness.T, wander)
    return LineDoubts(crossing, overruns, row_tones, col_tones)


def _crossing(boxes: NDArray[np.float64], contrast: Contrast, axis: Axis) -> list[CrossingLine]:
    """Lines through cells, given by their bounds across the line's direction, then along it: at most one each."""
    wall, side = WALL_MM * contrast.px_per_mm, SIDE_MM * contrast.px_per_mm
    first, left = max(0, int(boxes[:, 0].min())), max(0, int(boxes[:, 2].min()))
    step = max(1, round(STEP_MM * contrast.px_per_mm))
    table = contrast.ridge[first : int(boxes[:, 1].max()) + 1, left : int(boxes[:, 3].max()) + 1 : step]
    _, inked = cv2.threshold(np.ascontiguousarray(table), int(INKED * 255), 1, cv2.THRESH_BINARY)
    inked = cv2.dilate(inked, np.ones((3, 1), np.uint8))[::ROW_STEP]
    shift, scale = (wall - first, -wall - first, side - left, -side - left), (ROW_STEP, ROW_STEP, step, step)
    insides = np.rint((boxes + shift) / scale).astype(int)
    found = []
    for cell, (top, bottom, begin, end) in enumerate(np.maximum(0, insides).tolist()):
        if bottom <= top or end <= begin:
            continue
        shares = cv2.reduce(inked[top:bottom, begin:end], 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).ravel()
        row = int(shares.argmax())
        if shares[row] >= WORTH_SCORING[axis] * (end - begin):
            place = float(ROW_STEP * (row + top) + first)
            score = float(_scores([place], (boxes[cell, 2], boxes[cell, 3]), contrast)[0])
            if score >= LEAST_SCORE[axis]:
                found.append(CrossingLine(cell, axis, place, score))
    return found


def _overruns(lines: Sequence[float], crossing: Sequence[float], contrast: Contrast) -> Iterator[tuple[int, ...]]:
    """Which horizontal lines go on beyond the first line that crosses them, and beyond the last."""
    beyond = OVERRUN_MM * contrast.px_per_mm + (contrast.pace.period if contrast.pace else 0.0)
    for begin, end in ((crossing[0] - beyond, crossing[0]), (crossing[-1], crossing[-1] + beyond)):
        if begin < 0 or end >= contrast.ridge.shape[1]:  # the edge of the page ends lines, too
            yield ()
        else:
            inked = _inked_lines(lines, (begin, end), contrast)
            scores = _scores([lines[index] for index in inked], (begin, end), contrast)
            yield tuple(index for index, score in zip(inked, scores, strict=True) if score >= ADMIT_SCORE)


def _inked_lines(lines: Sequence[float], run: tuple[float, float], contrast: Contrast) -> list[int]:
    """Which horizontal lines have ink near them over one stretch of the page, as few have beyond a table."""
    most = cv2.reduce(np.ascontiguousarray(contrast.ridge[:, int(run[0]) : int(run[1]) + 1]), 1, cv2.REDUCE_MAX)
    inked = np.flatnonzero(most.ravel() > INKED * UINT8_MAX)
    reach = MERGE_MM * contrast.px_per_mm  # further than a line is looked for from its place
    first, last = (np.searchsorted(inked, np.array(lines) + off) for off in (-reach, reach))
    found: list[int] = np.flatnonzero(first < last).tolist()
    return found


def _scores(places: Sequence[float], run: tuple[float, float], contrast: Contrast) -> NDArray[np.float64]:
    """(places,) scores of horizontal lines over one stretch of the page; only what is near to it is looked at."""
    margin = MARGIN_MM * contrast.px_per_mm
    left, right = max(0, int(run[0] - margin)), int(run[1] + margin)
    near = contrast.between(left, right)
    profiles = [profile_line(place, near) for place in places]
    return score_cell_borders(profiles, (run[0] - left, run[1] - left))[:, 0]


def _tones(
    lines: Sequence[float], crossing: Sequence[float], scores: NDArray[np.float64], darkness: Image, wander: int
) -> NDArray[np.float64]:
    """How dark horizontal lines are where they are drawn, as a share of what is usual, at most 1."""
    ends = np.clip(np.rint(crossing).astype(int), 0, darkness.shape[1] - 1)
    tones = np.full(len(lines), np.nan)
    for index, place in enumerate(lines):
        band = darkness[max(0, round(place) - wander) : round(place) + wander + 1, ends[0] : ends[-1]]
        drawn = np.repeat(scores[index] >= CELL_BORDER_SCORE, np.diff(ends))
        if band.size and drawn.any():
            darkest = cv2.reduce(np.ascontiguousarray(band), 0, cv2.REDUCE_MAX).ravel()
            ordered = np.sort(darkest[drawn]).astype(np.float64)
            tones[index] = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    known = tones[~np.isnan(tones)]
    inner = tones[1:-1][~np.isnan(tones[1:-1])]
    usual = np.quantile(inner if len(inner) >= MANY_LINES else known, UPPER_QUARTILE) if known.size else 1.0
    shares: NDArray[np.float64] = np.minimum(1.0, np.where(np.isnan(tones), usual, tones) / max(1.0, usual))
    return shares
