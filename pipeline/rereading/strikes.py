"""The ink of a cell -> the line that was drawn through its text, and which of the text is struck.

A strike goes on where characters end: between them it is the only ink, and thin. It has ink of characters above and
below it, which no underline, dash or remnant of a rule has, and it is nearly straight, which joined handwriting is not.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import BBox, Image
from pipeline.imaging import Component

LENGTH = 1.9
"""A strike is at least so many times as long as characters are high: it crosses two of them, or one and some paper."""
BAND = (0.12, 0.88)
"""A strike runs within these heights of a line's ink, of which a correction may be a part."""
INK_SHARE = 0.36
"""Ink is what is darker than this share of the line's darkest: between blurred characters paper is paler."""
THIN = 0.22
"""A strike is no thicker than this, in character heights."""
BARE = 0.22
"""Along this share of its length a strike is the only ink near it: between characters, within wide ones, and beyond."""
THIN_PX = 3
"""A strike of so few pixels is thin however small the characters are."""
CROSSING = 0.12
"""Along this share of its length a strike has ink of characters above it, and along as much below it."""
BOTH = (0.08, 0.95)
"""Along this share of its length a strike has ink on both sides at once; what has it all along is one of several
dashes."""
WHOLE = 0.93
"""A strike has no gap: this share of its length is inked, grain aside."""
WAYS = ((0.85, 0.06, 0.0), (0.7, 0.04, 0.2), (0.5, 0.025, 0.3))
"""What tells a strike from print that touches: it is at least so dark at its palest place, as a share of its median; it
bends no more, in character heights; and it goes on so far beyond the characters, in their heights, as all the ink there
is. Any of these will do: on 70 pages touching print is paler between characters, or bends, or has no such ends."""
LEAST_PX = 16.0
"""In print of fewer pixels a strike cannot be told from characters that touch, such as 一中."""
PALEST = 0.05
"""The quantile that counts as the palest place of a line: grain and fax noise make single pixels paler."""
OFF = 0.12
"""Where a path is further than this from its parabola, in character heights, it has left the strike."""
FIT_ROUNDS = 4
"""So many times the parabola is fitted to what is near it."""
MIN_FIT = 6
"""A parabola is fitted to no fewer points."""
STEP_COST = 0.2
"""Of two ways through the ink the straighter one is the strike's."""
OUTLIER = 0.3
"""A piece that reaches so much further up or down than the others, in character heights, touches the correction."""
NEAR = 0.3
"""Characters that a strike cuts have ink this near to it, in their heights, on both sides."""


class Strike(NamedTuple):
    """A line through text: the heights of its middle, column by column from `left` on, and its thickness, in pixels."""

    left: int
    middles: NDArray[np.intp]
    thickness: int

    @property
    def right(self) -> int:
        """Where it ends, exclusive."""
        return self.left + len(self.middles)


def may_be_struck(darkness: Image, text_height: float) -> bool:
    """Whether the ink of a line, (height, width), goes on without a gap for longer than characters do."""
    return text_height >= LEAST_PX and _longest_run(_inked(darkness), text_height) is not None


def find_strike(darkness: Image, text_height: float) -> Strike | None:
    """The strike through a line; None without one.

    Args:
        darkness: (height, width) of the line, tight around its ink.
        text_height: of the page's print, in pixels.
    """
    inked = _inked(darkness)
    run = _straight_run(inked, text_height)
    if run is None:
        return None
    own = inked[:, slice(*run)]
    path = _path(own)
    if own[path, np.arange(len(path))].mean() < WHOLE:
        return None
    upper, lower = _edges(own, path)
    seen = (_evenness(darkness[:, slice(*run)], path), _bend(path), _bare_ends(own, lower - upper))
    if not _looks_drawn(seen, text_height):
        return None
    thickness = int(np.quantile(lower - upper, BARE))
    if thickness > max(THIN * text_height, THIN_PX):
        return None
    reach = round(text_height)
    above = np.array([own[max(0, top - reach) : top, x].any() for x, top in enumerate(path - thickness)])
    below = np.array([own[foot : foot + reach, x].any() for x, foot in enumerate(path + thickness + 1)])
    if min(above.mean(), below.mean()) < CROSSING or not BOTH[0] <= (above & below).mean() <= BOTH[1]:
        return None
    return Strike(run[0], path, max(1, thickness))


def struck_box(components: Sequence[Component], strike: Strike, text_height: float) -> BBox | None:
    """The box of the characters that a strike goes through; None where it goes through none.

    Args:
        components: of the line without the strike.
        strike: through it.
        text_height: of the page's print, in pixels.
    """
    near = NEAR * text_height
    uppers, lowers = [], []
    for one in components:
        middle = (one.left + one.right) // 2
        if not strike.left <= middle < strike.right:
            continue
        height = int(strike.middles[middle - strike.left])
        if height - near <= one.bottom <= height + near / 2:
            uppers.append(one)
        elif height - near / 2 <= one.top <= height + near:
            lowers.append(one)
    cut = [one for one in uppers if any(_overlap(one, other) for other in lowers)]
    cut += [one for one in lowers if any(_overlap(one, other) for other in uppers)]
    if not cut:
        return None
    top = statistics.median(one.top for one in uppers) - OUTLIER * text_height
    bottom = statistics.median(one.bottom for one in lowers) + OUTLIER * text_height
    own = [one for one in cut if one.top >= top and one.bottom <= bottom] or cut
    box = BBox(min(c.left for c in own), min(c.top for c in own), max(c.right for c in own), max(c.bottom for c in own))
    beside = [one for one in components if _is_beside(one, box, near)]
    return BBox(
        min([box.left, *(c.left for c in beside)]), box.top, max([box.right, *(c.right for c in beside)]), box.bottom
    )


def without_strike(darkness: Image, strike: Strike) -> Image:
    """The darkness of a line, (height, width), with its strike taken out."""
    clean = darkness.copy()
    half = (strike.thickness + 1) // 2 + 1
    for x, middle in enumerate(strike.middles.tolist(), start=strike.left):
        clean[max(0, middle - half) : middle + half + 1, x] = 0
    return clean


def _inked(darkness: Image) -> NDArray[np.bool_]:
    inked: NDArray[np.bool_] = darkness > INK_SHARE * darkness.max(initial=0)
    return inked


def _longest_run(inked: NDArray[np.bool_], text_height: float) -> tuple[int, int] | None:
    """The columns of the longest stretch with ink in each, at a line's middle heights; None where that is short."""
    top, bottom = (round(share * len(inked)) for share in BAND)
    gaps = np.flatnonzero(~inked[top:bottom].any(axis=0))
    edges = np.concatenate([[-1], gaps, [inked.shape[1]]])
    lengths = np.diff(edges) - 1
    longest = int(lengths.argmax())
    if lengths[longest] < LENGTH * text_height:
        return None
    return int(edges[longest]) + 1, int(edges[longest + 1])


def _path(inked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The straightest way through the ink from the left to the right, by dynamic programming: its height by column."""
    height, width = inked.shape
    score = inked[:, 0].astype(np.float32)
    steps = np.zeros((width, height), np.int8)
    for x in range(1, width):
        down = np.concatenate([[-np.inf], score[:-1]]) - STEP_COST
        up = np.concatenate([score[1:], [-np.inf]]) - STEP_COST
        best = np.maximum(score, np.maximum(down, up))
        steps[x] = np.where(best == score, 0, np.where(best == down, -1, 1))
        score = best + inked[:, x]
    path = np.zeros(width, np.intp)
    path[-1] = int(score.argmax())
    for x in range(width - 1, 0, -1):
        path[x - 1] = path[x] + steps[x, path[x]]
    return path


def _looks_drawn(seen: tuple[float, float, int], text_height: float) -> bool:
    """Whether a path is a line's: by its evenness, its bend and its longer end, the last two in pixels."""
    evenness, bend, end = seen[0], seen[1] / text_height, seen[2] / text_height
    return any(evenness >= least and bend <= most and end >= beyond for least, most, beyond in WAYS)


def _straight_run(inked: NDArray[np.bool_], text_height: float) -> tuple[int, int] | None:
    """The columns of the longest nearly straight stretch without a gap; None where that is short."""
    run = _longest_run(inked, text_height)
    if run is None:
        return None
    begin, end = _straight_part(_path(inked[:, slice(*run)]), text_height)
    return (run[0] + begin, run[0] + end) if end - begin >= LENGTH * text_height else None


def _straight_part(path: NDArray[np.intp], text_height: float) -> tuple[int, int]:
    """The longest stretch of a path that stays near one parabola: beyond a strike it goes on through characters."""
    along, near = np.linspace(-1, 1, len(path)), np.ones(len(path), np.bool_)
    for _ in range(FIT_ROUNDS):
        if np.count_nonzero(near) < MIN_FIT:
            return 0, 0
        off = np.abs(path - np.polyval(np.polyfit(along[near], path[near], 2), along))
        near = off <= max(OFF * text_height, np.median(off))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], near, [False]]).astype(np.int8))).reshape(-1, 2)
    begin, end = max(edges.tolist(), key=lambda edge: edge[1] - edge[0], default=(0, 0))
    return begin, end


def _evenness(darkness: Image, path: NDArray[np.intp]) -> float:
    """How dark a path is at its palest, as a share of its median; a pixel above or below it counts as well."""
    rows = np.clip(path + np.array([[-1], [0], [1]]), 0, len(darkness) - 1)
    along = darkness[rows, np.arange(len(path))].max(axis=0)
    return float(np.quantile(along, PALEST) / np.median(along))


def _bare_ends(inked: NDArray[np.bool_], thickness: NDArray[np.intp]) -> int:
    """For how many columns the longer of a path's ends is all the ink there is."""
    other = np.flatnonzero(inked.sum(axis=0) > thickness)
    return int(max(other[0], len(thickness) - 1 - other[-1])) if other.size else 0


def _bend(path: NDArray[np.intp]) -> float:
    """How far a path is from a parabola: the standard deviation in pixels."""
    along = np.linspace(-1, 1, len(path))
    return float(np.std(path - np.polyval(np.polyfit(along, path, 2), along)))


def _edges(inked: NDArray[np.bool_], path: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the ink on a path begins and ends in height, column by column; the end is exclusive."""
    rows = np.arange(len(inked))[:, None]
    bare = ~inked
    upper = np.where(bare & (rows < path), rows, -1).max(axis=0) + 1
    lower = np.where(bare & (rows > path), rows, len(inked)).min(axis=0)
    return upper, lower


def _is_beside(component: Component, box: BBox, near: float) -> bool:
    """Whether a piece stands beside struck characters at their height, as a point does, or one half of a 7."""
    level = component.top >= box.top - near / 2 and component.bottom <= box.bottom + near / 2
    return level and component.left <= box.right + near and component.right >= box.left - near


def _overlap(one: Component, other: Component) -> bool:
    """Whether two pieces stand above each other, by half of the narrower one."""
    shared = min(one.right, other.right) - max(one.left, other.left)
    return shared >= min(one.right - one.left, other.right - other.left) / 2
