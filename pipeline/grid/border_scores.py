"""Ridges of a dewarped page -> how much of each cell border is inked, 0-1.

A cell border is the piece of a line between two lines that cross it. It counts as a whole, with its worst stretch, and
its ends above all: text keeps clear of the lines around it, ruling meets them. Where the page's ruling is dashed, gaps
that come at its pace count as drawn.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dewarp import NO_DASHES, STRONG_STROKES, Dashes, Pace, filled
from pipeline.elements import Image
from pipeline.grid.candidates import INKED, SMOOTH_MM, Candidate
from pipeline.grid.following import follow_line
from pipeline.imaging import as_image, quantile

SOLID_MM = 1.6
"""The side of a patch that may hide the lines in it, as the star of a copied seal or a stain does."""
SOLID_DARKNESS = 0.4
"""A patch hides lines if it is on average this share of the page's strong ink dark: text is half as dense."""
TOUCHED_DARKNESS = 0.45
"""A pixel that is this share of the page's strong ink dark, and stands out from neither side, may be a rule that print
touches: it is no gap."""
FLANK_MM = (0.5, 1.5)
"""A stroke is flanked by ink that stands between these distances from it on both sides: further off is the next line of
text."""
FLANK_DARKNESS = 0.4
"""What flanks a stroke is at least this share of the page's strong ink dark."""
CLEAR_MM = 0.45
"""The crossing line itself blanks out so much of a border at either end."""
END_MM = (0.35, 1.1)
"""Between these distances from the crossing line an end must be inked: text begins further in, and what wears off is
shorter."""
FULL_END = 0.7
"""From this clipped contrast, 0-1, on an end counts as wholly inked."""
BARE_ENDS = 0.4
"""A border keeps this share of its score when one of its ends is bare, as ruling meets the lines around it and text
keeps clear of them."""
RUNS_ON = 0.5
"""From this much ink beyond a crossing line, 0-1, on a line goes on there."""
WANDER_MM = 0.4
"""A border lies no further from its line's place than this: so much is left of the page's bends."""
SURE_SCORE = 0.9
"""From this score on a border is taken to be there, and shows where the others of its line lie."""
COVER_MM = 1.0
"""A piece of a line reaches from one crossing line to the next if it ends so near to both, as strokes of characters do
not."""
NEIGHBOURS = 4
"""So many of the nearest sure borders say where one that is not sure must lie."""
NEIGHBOURLY_MM = 0.2
"""A border lies this near to the place of the sure ones beside it on the same line: of 11,000 borders on dewarped pages
only one in a thousand is further than 0.25 mm from its line; a stroke of a character often is."""
WINDOW_MM = 1.5
"""A border is judged by windows this long: text keeps at least one of them clear."""
WORST_SHARE = 0.2
"""This share of the windows counts as the worst ones, so that one stain or gap in a long line is among others."""
MIN_VISIBLE = 0.3
"""A border of which a smaller share than this can be seen is not judged by what is seen of it."""
HIDDEN_SCORE = 0.65
"""A border that cannot be seen scores this: rather one, but doubtful, as most of them are there."""
UNSEEN_IN_FILL = 0.68
"""A border that cannot be told from a fill scores this where the fill goes on on both sides of it: rather one, as fills
are headings, but doubtful."""
ACROSS_FILL = 0.2
"""A border where print in a fill runs across it scores this."""
LIGHT_PRINT = 0.8
"""Light print in a fill is paler than this share of what is around it."""
FILLED = 0.9
"""A border lies in a fill if this share of it does."""
PRINTED = 0.04
"""Print runs across a border if this share of it is printed on."""

FLANKED = 3.0
"""A border loses this many times the share of it that has ink near it on both sides: on dashed pages strokes of
characters under each other come at the pace of dashes. Of true borders up to 0.02 are flanked, of such strokes 0.2 or
more."""


class PageInk(NamedTuple):
    """The ink of a dewarped page.

    `darkness` (height, width) is 0 on paper and 255 under full ink. `outside` (height, width) is true where nothing of
    the scan is shown, and `sealed` where seal ink was taken away; None where that is nowhere.
    """

    darkness: Image
    outside: NDArray[np.bool_] | None = None
    sealed: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """Clipped contrast (height, width) along horizontal lines; for vertical ones all is transposed.

    `hidden` (height, width) is true where the paper on both sides of a line would be too dark to tell. On pages with
    dashed ruling in this direction, `pace` is that of its dashes, and `flanked` (height, width) is true where there is
    ink at a short distance on both sides. On pages with dark fills, `filled` (height, width) is true in them, and
    `printed` where something light is printed in them. `outside` is as in `PageInk`.
    """

    ridge: Image
    hidden: NDArray[np.bool_]
    px_per_mm: float
    pace: Pace | None = None
    flanked: NDArray[np.bool_] | None = None
    filled: NDArray[np.bool_] | None = None
    printed: NDArray[np.bool_] | None = None
    outside: NDArray[np.bool_] | None = None

    def between(self, left: int, right: int) -> Contrast:
        """The same for some of the columns."""
        masks = (self.flanked, self.filled, self.printed, self.outside)
        flanked, filled, printed, outside = (None if mask is None else mask[:, left:right] for mask in masks)
        return replace(
            self,
            ridge=self.ridge[:, left:right],
            hidden=self.hidden[:, left:right],
            flanked=flanked,
            filled=filled,
            printed=printed,
            outside=outside,
        )


@dataclass(frozen=True, slots=True, eq=False)
class LineProfile:
    """Rows of contrast around a line, (rows, width) each.

    `place` is the line's own in the image, whose contrast is `ridge` (height, width); `top` is the first of the rows.
    `smooth` is averaged along the line; `strong` and `inked` are the most of a row and its two neighbours: a line is
    seldom one pixel thick. `detours` are its pieces that lie off its place. `assumed` is the least score of its cell
    borders if it is known without being drawn.
    """

    place: float
    ridge: Image
    top: int
    smooth: Image
    strong: Image
    inked: NDArray[np.bool_]
    visible: NDArray[np.bool_]
    flanked: NDArray[np.bool_]
    px_per_mm: float
    filled: NDArray[np.bool_] | None = None
    printed: NDArray[np.bool_] | None = None
    detours: tuple[Detour, ...] = ()
    assumed: float | None = None

    def best(self, slot: tuple[float, float], rows: range | None = None) -> tuple[float, int]:
        """The score of a slot's side in the darkest of some rows (all by default), and which row that is."""
        left, right = _stretch(slot, self.px_per_mm)
        first = rows.start if rows else 0
        part = self.smooth[first : rows.stop if rows else None, left:right]
        if not part.size:
            return 0.0, first
        row = first + int(part.sum(axis=1, dtype=np.uint32).argmax())
        score = self._seen(row, slot)
        if self.filled is not None and self.filled[:, left:right].mean() >= FILLED:
            score = max(score, self._unseen(left, right))
        return score, row

    def _seen(self, row: int, slot: tuple[float, float]) -> float:
        """The score of a slot's side in one row, as far as it can be seen."""
        left, right = _stretch(slot, self.px_per_mm)
        inked, visible = self.inked[row, left:right], self.visible[row, left:right]
        seen = np.count_nonzero(visible)
        if seen < MIN_VISIBLE * visible.size:
            return HIDDEN_SCORE
        drawn = _drawn(inked if seen == visible.size else inked[visible], self.px_per_mm)
        if not drawn:
            return 0.0
        ends = BARE_ENDS + (1 - BARE_ENDS) * min(self.end(row, slot[0], 1), self.end(row, slot[1], -1))
        flanked = np.count_nonzero(self.flanked[row, left:right]) / (right - left)
        beside = max(0.0, 1 - FLANKED * flanked)
        return drawn * ends * beside

    def _unseen(self, left: int, right: int) -> float:
        """The score of a piece in a fill, where no rule is seen."""
        across = self.printed is not None and self.printed[:, left:right].any(axis=0).mean() > PRINTED
        return ACROSS_FILL if across else UNSEEN_IN_FILL

    def hides(self, row: int, crossing: float, sign: int) -> bool:
        """Whether the piece beside a crossing line cannot be seen."""
        return not self.visible[row, self._end(crossing, sign)].any()

    def _end(self, crossing: float, sign: int) -> slice:
        a, b = sorted(round(crossing + sign * mm * self.px_per_mm) for mm in END_MM)
        return slice(max(0, a), max(0, a, b) + 1)

    def end(self, row: int, crossing: float, sign: int) -> float:
        """How much of a piece beside a crossing line is inked, 0-1; what cannot be seen counts as inked.

        `sign` is 1 for the piece to the right of the crossing line, -1 for the one to the left.
        """
        end = self._end(crossing, sign)
        contrast = self.strong[row, end][self.visible[row, end]]
        return min(1.0, int(contrast.sum()) / contrast.size / (FULL_END * 255)) if contrast.size else 1.0


class Detour(NamedTuple):
    """A piece of a line that lies off the line's place or leans, with its own profile, which begins at column 0."""

    begin: float
    end: float
    profile: LineProfile

    def covers(self, slot: tuple[float, float]) -> bool:
        """Whether it reaches from one crossing line to the other."""
        reach = COVER_MM * self.profile.px_per_mm
        return self.begin <= slot[0] + reach and self.end >= slot[1] - reach


def contrasts_along(
    ridges: tuple[Image, Image], page: PageInk, fills: Image | None, px_per_mm: float, dashes: Dashes
) -> tuple[Contrast, Contrast]:
    """What the cell borders along horizontal lines, and those along vertical ones, are judged by.

    Args:
        ridges: (height, width) clipped contrast along horizontal lines, and transposed along vertical ones, with their
            dashes drawn through.
        page: the dewarped page.
        fills: (height, width), its dark fills; None where it has none.
        px_per_mm: of the dewarped page.
        dashes: of the page.
    """
    darkness, outside, sealed = page
    strong = quantile(darkness[::4, ::4], STRONG_STROKES / 100)
    side = max(3, round(SOLID_MM * px_per_mm))
    hidden = as_image(cv2.blur(darkness, (side, side))) > int(max(1.0, SOLID_DARKNESS * strong))
    hidden = hidden | (darkness > int(max(1.0, TOUCHED_DARKNESS * strong)))
    for unseen in (outside, sealed):
        if unseen is not None:
            hidden = hidden | unseen
    ink = as_image(darkness > int(FLANK_DARKNESS * strong)) if dashes != NO_DASHES else None
    filled = None if fills is None else fills > 0
    printed = None if fills is None else darkness < cv2.convertScaleAbs(fills, alpha=LIGHT_PRINT)
    across, down = (
        Contrast(
            ridge,
            hidden if upright else hidden.T,
            px_per_mm,
            pace,
            _flanked(ink if upright else ink.T, px_per_mm) if pace and ink is not None else None,
            filled if upright or filled is None else filled.T,
            printed if upright or printed is None else printed.T,
            outside if upright or outside is None else outside.T,
        )
        for ridge, pace, upright in zip(ridges, dashes, (True, False), strict=True)
    )
    return across, down


def _flanked(ink: Image, px_per_mm: float) -> NDArray[np.bool_]:
    """Where there is ink at a short distance both above and below, as beside strokes of characters."""
    near, far = (round(mm * px_per_mm) for mm in FLANK_MM)
    above = np.zeros((2 * far + 1, 1), np.uint8)
    above[: far - near + 1] = 1
    ink = np.ascontiguousarray(ink)
    both = cv2.min(cv2.dilate(ink, above), cv2.dilate(ink, above[::-1]))
    return as_image(both).astype(np.bool_)


def profile_line(
    place: float, contrast: Contrast, pieces: Sequence[Candidate] = (), assumed: float | None = None
) -> LineProfile:
    """What a horizontal line is scored by, made once, as a line is scored against several sets of crossing lines.

    Args:
        place: its row in the image; beyond the image's edges there is nothing to score.
        contrast: along it.
        pieces: of the line; what lies off its place is scored where it lies.
        assumed: the least score of its cell borders, 0-1, if it is known without being drawn.
    """
    wander = max(2, round(WANDER_MM * contrast.px_per_mm))
    own = slice(max(0, round(place) - wander), max(0, round(place) + wander + 1))
    off = NEIGHBOURLY_MM * contrast.px_per_mm
    detours = tuple(_detour(piece, contrast) for piece in pieces if max(abs(end - place) for end in piece.ends) > off)
    return replace(_profile(place, own, contrast), detours=detours, assumed=assumed)


def _detour(piece: Candidate, contrast: Contrast) -> Detour:
    """A piece's own profile, along the piece."""
    height, width = contrast.ridge.shape
    wander = max(2, round(NEIGHBOURLY_MM * contrast.px_per_mm))
    columns = np.arange(width)
    path = np.rint(np.clip(piece.place + piece.slope * (columns - (piece.begin + piece.end) / 2), 0, height - 1))
    rows = np.clip(path[None].astype(np.intp) + np.arange(-wander, wander + 1)[:, None], 0, height - 1)

    def along(mask: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        return None if mask is None else mask[rows, columns]

    straight = replace(
        contrast,
        ridge=np.ascontiguousarray(contrast.ridge[rows, columns]),
        hidden=contrast.hidden[rows, columns],
        flanked=along(contrast.flanked),
        filled=along(contrast.filled),
        printed=along(contrast.printed),
    )
    return Detour(piece.begin, piece.end, _profile(piece.place, slice(0, 2 * wander + 1), straight))


def score_cell_borders(lines: Sequence[LineProfile], crossing: Sequence[float]) -> NDArray[np.float64]:
    """(lines, crossing - 1) scores of the pieces of horizontal lines between crossing ones, in ascending order."""
    slots = list(itertools.pairwise(crossing))
    scores = [_score_line(line, slots) for line in lines]
    return np.array(scores, np.float64).reshape(len(lines), len(slots))


def runs_on(line: LineProfile, run: tuple[float, float]) -> tuple[bool, bool]:
    """Whether a horizontal line goes on beyond the crossing lines at both ends of a run, as ruling does not."""
    if not line.smooth.size:
        return False, False
    _, row = line.best(run)
    return line.end(row, run[0], -1) >= RUNS_ON, line.end(row, run[1], 1) >= RUNS_ON


def _score_line(line: LineProfile, slots: Sequence[tuple[float, float]]) -> list[float]:
    borders = _in_place(line, slots)
    scores = [score for score, _ in borders]
    for detour in line.detours:
        for i, slot in enumerate(slots):
            if scores[i] < SURE_SCORE and detour.covers(slot):
                scores[i] = max(scores[i], detour.profile.best(slot)[0])
    for i, slot in enumerate(slots):
        if scores[i] < SURE_SCORE:
            scores[i] = max(
                scores[i], _followed(line, slot, borders[max(0, i - 1)], borders[min(i + 1, len(slots) - 1)])
            )
    return scores if line.assumed is None else [max(score, line.assumed) for score in scores]


def _followed(
    line: LineProfile, slot: tuple[float, float], before: tuple[float, int], after: tuple[float, int]
) -> float:
    """The score of a cell border that leaves the line's place, as followed from a sure one beside it."""
    left, right = _stretch(slot, line.px_per_mm)
    for (score, row), crossing, sign, ends in (
        (before, slot[0], 1, (left, right)),
        (after, slot[1], -1, (right, left)),
    ):
        if score >= SURE_SCORE and line.end(row, crossing, sign) >= RUNS_ON and not line.hides(row, crossing, sign):
            return follow_line(line.ridge, line.top + row, ends, line.px_per_mm)
    return 0.0


def _in_place(line: LineProfile, slots: Sequence[tuple[float, float]]) -> list[tuple[float, int]]:
    """The scores of a line's cell borders at the line's own place, and in which of its rows each is best."""
    cell_borders = [line.best(slot) for slot in slots]
    sure = [i for i, (score, _) in enumerate(cell_borders) if score >= SURE_SCORE]
    if not sure:
        return cell_borders
    reach = max(1, round(NEIGHBOURLY_MM * line.px_per_mm))
    for i, (score, row) in enumerate(cell_borders):
        if score >= SURE_SCORE:
            continue
        nearest = sorted(sure, key=lambda index: abs(index - i))[:NEIGHBOURS]
        expected = round(statistics.median(cell_borders[j][1] for j in nearest))
        if abs(row - expected) > reach:
            cell_borders[i] = line.best(slots[i], range(max(0, expected - reach), expected + reach + 1))
    return cell_borders


def _profile(place: float, own: slice, contrast: Contrast) -> LineProfile:
    """The profile of a line from its own rows."""
    ridge, length = contrast.ridge[own], max(3, round(SMOOTH_MM * contrast.px_per_mm) | 1)
    smooth = as_image(cv2.blur(ridge, (length, 1))) if ridge.size else ridge
    inked = _most(as_image(smooth > int(INKED * 255))).astype(np.bool_)
    strong = _most(ridge)
    if contrast.pace:
        inked = np.array([filled(row, contrast.pace) for row in inked], np.bool_).reshape(inked.shape)
        strong = as_image(np.where(inked, 255, strong))
    visible = inked | ~contrast.hidden[own]
    if contrast.filled is not None:  # a light rule would be seen there
        visible |= contrast.filled[own]
    flanked = np.zeros_like(inked) if contrast.flanked is None else contrast.flanked[own]
    in_fill, printed = (None if mask is None else mask[own] for mask in (contrast.filled, contrast.printed))
    return LineProfile(
        place, contrast.ridge, own.start, smooth, strong, inked, visible, flanked, contrast.px_per_mm, in_fill, printed
    )


def _most(rows: Image) -> Image:
    return as_image(cv2.dilate(rows, np.ones((3, 1), np.uint8))) if rows.size else rows


def _stretch(slot: tuple[float, float], px_per_mm: float) -> tuple[int, int]:
    """The pixels between two crossing lines that these do not blank out themselves: at least a millimetre."""
    begin, end = slot
    left, right = max(0, round(begin + CLEAR_MM * px_per_mm)), round(end - CLEAR_MM * px_per_mm)
    if right - left < max(3, px_per_mm):
        left, right = max(0, round((begin + end - px_per_mm) / 2)), round((begin + end + px_per_mm) / 2) + 1
    return left, max(0, right)


def _drawn(inked: NDArray[np.bool_], px_per_mm: float) -> float:
    """The mean of a stretch, and of its worst windows."""
    count = np.count_nonzero(inked)
    if count in (0, inked.size):
        return 1.0 if count else 0.0
    windows = min(inked.size, max(2, int(inked.size / (WINDOW_MM * px_per_mm))))
    ends = np.arange(windows + 1) * inked.size // windows
    shares = np.sort(np.add.reduceat(inked, ends[:-1], dtype=np.intp) / (ends[1:] - ends[:-1]))
    worst = shares[: max(1, int(windows * WORST_SHARE))]
    return (count / inked.size + float(worst.mean())) / 2
