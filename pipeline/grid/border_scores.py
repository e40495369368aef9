"""Contrast along lines -> how much of each cell border is inked, 0-1.

A cell border is the piece of a line between two lines that cross it. It counts as a whole, with its worst stretch, and
its ends above all: text keeps clear of the lines around it, ruling meets them. Where the page's ruling is dashed, gaps
that come at its pace count as drawn. The dewarping surface takes the bends that many lines share; where a page is torn,
folded over or lifted at a corner its last line bends alone, and is followed from where it is sure.
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

from pipeline.dewarp import filled
from pipeline.elements import Image
from pipeline.grid.candidates import INKED, SMOOTH_MM, Candidate
from pipeline.grid.contrasts import Contrast
from pipeline.imaging import as_image

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
"""A border lies this near to the place of the sure ones beside it on its line: of 11,000 on dewarped pages one in a
thousand is further than 0.25 mm from it; a stroke of a character often is."""
WINDOW_MM = 1.5
"""A border is judged by windows this long: text keeps at least one of them clear."""
WORST_SHARE = 0.2
"""This share of the windows counts as the worst ones, so that one stain or gap in a long line is among others."""
MIN_VISIBLE = 0.3
"""A border of which a smaller share than this can be seen is not judged by what is seen of it."""
HIDDEN_SCORE = 0.45
"""A border that cannot be seen scores this: rather none, but doubtful, as dense print on a poor scan hides as much as a
seal's star does."""
UNSEEN_IN_FILL = 0.68
"""A border that cannot be told from a fill scores this where the fill goes on on both sides of it: rather one, as fills
are headings, but doubtful."""
ABSENT_IN_FILL = 0.25
"""It scores this where another rule is seen in a fill between the same two lines: rules have not the fill's colour."""
ACROSS_FILL = 0.2
"""A border where print in a fill runs across it scores this."""
FILLED = 0.9
"""A border lies in a fill if this share of it does."""
PRINTED = 0.04
"""Print runs across a border if this share of it is printed on."""
FLANKED = 3.0
"""A border loses so many times the share of it that has ink near it on both sides: on dashed pages strokes of print
come at the pace of dashes. Of true borders up to 0.02 are flanked, of such strokes 0.2 or more."""
LEAVE_MM = 2.2
"""A line is followed so far from its place: half as far as most rows of a table are high."""
FOLLOW_STEP_MM = 1.4
"""Within this length a line moves across by one pixel at most: by seven degrees at the coarsest resolution."""
FOLLOWED = 0.92
"""At least this share of the way is inked, as no row of text inks."""


@dataclass(frozen=True, slots=True, eq=False)
class LineProfile:
    """Rows of contrast around a line, (rows, width) each.

    `place` is the line's own in the image, whose contrast is `ridge` (height, width); `top` is the first of the rows.
    `smooth` is averaged along the line; `strong` and `inked` are the most of a row and its two neighbours: a line is
    seldom one pixel thick. `detours` are its pieces that lie off its place, and `may_bend` that it is followed where it
    leaves it: not among dashes, whose gaps strokes of characters would bridge. `assumed` is the least score of its cell
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
    may_bend: bool = False
    assumed: float | None = None

    def best(self, slot: tuple[float, float], rows: range | None = None) -> tuple[float, int]:
        """The score of a slot's side in the darkest of some rows (all by default), and which row that is."""
        left, right = _stretch(slot, self.px_per_mm)
        first = rows.start if rows else 0
        part = self.smooth[first : rows.stop if rows else None, left:right]
        if not part.size:
            return 0.0, first
        row = first + int(part.sum(axis=1, dtype=np.uint32).argmax())
        score = self._seen(row, slot, (left, right))
        return (max(score, self._unseen(left, right)) if self.lies_in_fill(slot) else score), row

    def lies_in_fill(self, slot: tuple[float, float]) -> bool:
        """Whether there is a dark fill around a slot's side, on both sides of it."""
        filled = self.filled
        return filled is not None and bool(filled[:, slice(*_stretch(slot, self.px_per_mm))].mean() >= FILLED)

    def _seen(self, row: int, slot: tuple[float, float], stretch: tuple[int, int]) -> float:
        """The score of a slot's side in one row, as far as its stretch can be seen."""
        left, right = stretch
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

    def beyond(self, crossing: float, sign: int) -> float:
        """How much of a piece beside a crossing line is inked or hidden in any one row, 0-1; for `sign` see `end`."""
        end = self._end(crossing, sign)
        ink = np.where(self.visible[:, end], self.strong[:, end], 255)
        return float(ink.mean(axis=1).max()) / 255 if ink.size else 0.0

    def hides(self, row: int, crossing: float, sign: int) -> bool:
        """Whether the piece beside a crossing line cannot be seen."""
        return not self.visible[row, self._end(crossing, sign)].any()

    def _end(self, crossing: float, sign: int) -> slice:
        near, far = (round(crossing + sign * mm * self.px_per_mm) for mm in END_MM)
        return slice(max(0, min(near, far)), max(0, near, far) + 1)

    def end(self, row: int, crossing: float, sign: int) -> float:
        """How much of a piece beside a crossing line is inked, 0-1; what cannot be seen counts as inked.

        `sign` is 1 for the piece to the right of the crossing line, -1 for the one to the left.
        """
        end = self._end(crossing, sign)
        contrast, visible = (pixels[row, end].tobytes() for pixels in (self.strong, self.visible))  # a few
        seen = sum(visible)
        return min(1.0, sum(itertools.compress(contrast, visible)) / seen / (FULL_END * 255)) if seen else 1.0


class Detour(NamedTuple):
    """A piece of a line that lies off the line's place or leans, with its own profile, which begins at column 0."""

    begin: float
    end: float
    profile: LineProfile

    def covers(self, slot: tuple[float, float]) -> bool:
        """Whether it reaches from one crossing line to the other."""
        reach = COVER_MM * self.profile.px_per_mm
        return self.begin <= slot[0] + reach and self.end >= slot[1] - reach


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
    profile = _profile(place, own, contrast)
    may_bend = contrast.pace is None
    pieces = [piece for piece in pieces if may_bend and max(abs(end - place) for end in piece.ends) > off]
    detours = tuple(_detour(piece, contrast) for piece in pieces)
    return replace(profile, detours=detours, may_bend=may_bend, assumed=assumed)


def _detour(piece: Candidate, contrast: Contrast) -> Detour:
    """A piece's own profile, along the piece."""
    wander = max(2, round(NEIGHBOURLY_MM * contrast.px_per_mm))
    straight = contrast.straightened(piece, wander)
    return Detour(piece.begin, piece.end, _profile(piece.place, slice(0, 2 * wander + 1), straight))


def score_cell_borders(lines: Sequence[LineProfile], crossing: Sequence[float]) -> NDArray[np.float64]:
    """(lines, crossing - 1) scores of the pieces of horizontal lines between crossing ones, in ascending order."""
    slots = list(itertools.pairwise(crossing))
    scores = np.array([_score_line(line, slots) for line in lines], np.float64).reshape(len(lines), len(slots))
    for index, slot in enumerate(slots):
        _compare_in_fills(scores[:, index], lines, slot)
    return scores


def _compare_in_fills(scores: NDArray[np.float64], lines: Sequence[LineProfile], slot: tuple[float, float]) -> None:
    """Where rules in fills are seen between two crossing lines, one that is not seen there is none; in place."""
    unseen = scores == UNSEEN_IN_FILL
    if unseen.any() and any(lines[index].lies_in_fill(slot) for index in np.flatnonzero(scores >= SURE_SCORE)):
        scores[unseen] = ABSENT_IN_FILL


def runs_on(line: LineProfile, run: tuple[float, float]) -> tuple[bool, bool]:
    """Whether a horizontal line goes on beyond the crossing lines at both ends of a run, as ruling does not.

    It may leave its place a little as it does, as the ring of a seal, and what hides it counts as its ink.
    """
    if not line.smooth.size:
        return False, False
    return line.beyond(run[0], -1) >= RUNS_ON, line.beyond(run[1], 1) >= RUNS_ON


def _score_line(line: LineProfile, slots: Sequence[tuple[float, float]]) -> list[float]:
    borders = _in_place(line, slots)
    scores = [score for score, _ in borders]
    for detour in line.detours:
        for i, slot in enumerate(slots):
            if scores[i] < SURE_SCORE and detour.covers(slot):
                scores[i] = max(scores[i], detour.profile.best(slot)[0])
    for i, slot in enumerate(slots):
        if scores[i] < SURE_SCORE and line.may_bend:
            beside = borders[max(0, i - 1)], borders[min(i + 1, len(slots) - 1)]
            scores[i] = max(scores[i], _followed(line, slot, *beside))
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


def follow_line(ridge: Image, row: int, ends: tuple[int, int], px_per_mm: float) -> float:
    """How much of the way of a line is inked, 0-1: 0 where it is less than a rule inks, or where it leaves its place.

    Args:
        ridge: (height, width) contrast along horizontal lines, 0-255 at the clip.
        row: where the line is at the first of the ends.
        ends: columns between which it is followed, in either direction.
        px_per_mm: of the image.
    """
    begin, end = ends
    left, right = max(0, min(ends)), min(ridge.shape[1], max(ends))
    reach, step = max(2, round(LEAVE_MM * px_per_mm)), max(4, round(FOLLOW_STEP_MM * px_per_mm))
    top = max(0, row - reach)
    part = ridge[top : row + reach + 1, left:right]
    if part.size == 0 or right - left < step:
        return 0.0
    smooth = as_image(cv2.blur(part, (max(3, round(SMOOTH_MM * px_per_mm) | 1), 1)))
    smooth = smooth if end > begin else smooth[:, ::-1]
    at, inked = row - top, 0
    for first in range(0, smooth.shape[1], step):
        block = smooth[max(0, at - 1) : at + 2, first : first + step]
        best = int(block.sum(axis=1, dtype=np.int64).argmax())
        inked += int(np.count_nonzero(block.max(axis=0) > INKED * 255))
        at = max(0, at - 1) + best
    share = inked / smooth.shape[1]
    return share if share >= FOLLOWED and 0 < at < len(smooth) - 1 else 0.0


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
