"""Darkness of a cell -> boxes of its text lines.

The ruling lines are outside the box already, the bends are out of the page, so a line of text is a run of inked pixel
rows. Care is taken of what is small: dots, commas and strokes such as 一 belong to the line they stand in, and only a
component that is small *and* alone is a speck, for a dot removed between two digits would change a number.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from pipeline.elements import BBox, Image
from pipeline.imaging import (
    MIN_COMPONENT_PX,
    REMNANT_MM,
    Component,
    as_image,
    colon_dots,
    darkest_ink,
    faintest,
    find_components,
)
from pipeline.layout.end_marks import EndMark, LineEnds, gap_between

TEXT_HEIGHT_MM = (1.6, 8.0)
"""Printed characters on forms have heights within this range."""
USUAL_TEXT_HEIGHT_MM = 3.2
"""The height of print where a page has too little to measure it by."""
SMALL = 0.36
"""Components smaller than this share of the text's height, both ways, are dots, pieces of strokes, or specks."""
DOT_REACH = 0.6
"""A small component belongs to a line if it is within this share of the text's height of a stroke of it, or `BETWEEN`
two."""
BETWEEN = 1.3
"""A small component belongs to a line if it is between two of its strokes, each no further than this: half of what
brackets such as 》、《 fill is paper."""
END_REACH = 0.9
"""A mark beyond a line's end is no further from it than this: the 。 in the middle of a wide box."""
DOT_BELOW = 0.25
"""A small component of a line is no further below its strokes than this share of the text's height."""
DOT_ABOVE = 0.15
"""A small component of a line is no further above its strokes than this share of the text's height."""
CHARACTER = 1.1
"""Several small components of a line may reach as far down as a character is high, in text heights: the dots of 点 may
be all that is in its lower third."""
TAIL = 0.4
"""Strokes reach no further into the next line's rows than this, in text heights; beyond, they are that line's, and
touch."""
ANCHOR = 0.6
"""A line has at least one stroke this high or wide, in text heights, or as long for its thickness as `ANCHOR_ASPECT`
says: lone round components are dust."""
ANCHOR_ASPECT = 2.0
"""A stroke so many times as long as thick makes a line by itself, as a lone dash or numeral is text."""
DRAWN, DRAWN_ACROSS, DRAWN_MIDDLE = 0.45, 0.4, 0.4
"""A component so long, and so wide, in text heights, whose middle is paler than this share of its darkest ink, is no
dust: specks that touch are as long, but not as wide."""
FADED_LENGTH = 0.45
"""Pale strokes are averaged over this length, in text heights."""
FADED_REACH = 1.3
"""Pale strokes are looked for so far beyond a line's ends, in text heights: one character."""
FADED_GAP = 0.4
"""Between characters there is no more paper than this, in text heights."""
FADED_LEVELS = 1.8
"""Pale strokes are darker than so many standard deviations of the grain, which averaging makes finer."""
FADED_SHARE = 0.16
"""Pale strokes are darker than this share of the cell's darkest ink."""
FADED_CAP = 0.5
"""Of each pixel's darkness no more than this share of the cell's darkest ink counts, so that no speck looks like a
stroke."""
THIN_LINE = 0.5
"""Runs of rows lower than this share of the text's height are parts of a line: dots, strokes, subscripts."""
JOIN_GAP = 0.35
"""A thin run this near, in text heights, belongs to the line beside it."""
TALL_LINE = 1.75
"""Runs higher than so many times the text's height are several lines that touch."""
PIECES = 24
"""Lines of more components are no number, and theirs need not be kept: sixteen digits with their marks are fewer."""


class _Band(NamedTuple):
    """Rows of pixels that hold ink, the last one excluded."""

    top: int
    bottom: int


class InkLine(NamedTuple):
    """One text line: a box tight around its ink, and the specks within its reach.

    `whole` is the box with strokes at its ends that faded into the grain; under a seal these may be what is left of it.
    `marks` are those of its specks that may be marks at its ends. `pieces` are the components of a short line, in the
    pixels of its cell's inside.
    """

    box: BBox
    specks: tuple[BBox, ...]
    whole: BBox | None = None
    marks: tuple[EndMark, ...] = ()
    pieces: tuple[Component, ...] = ()

    @property
    def unfaded(self) -> InkLine:
        """The line with its faded ends as part of its box."""
        return self if self.whole is None else self._replace(box=self.whole, whole=None)

    def with_marks(self, marks: Collection[EndMark]) -> InkLine:
        """The line with some of its marks as part of its box, and no specks any more."""
        shown = [mark.box for mark in self.marks if mark in marks]
        if not shown:
            return self
        return self._replace(
            box=_enclosing([self.box, *shown]),
            specks=tuple(speck for speck in self.specks if speck not in shown),
            whole=None if self.whole is None else _enclosing([self.whole, *shown]),
            marks=tuple(mark for mark in self.marks if mark not in marks),
        )

    def moved(self, right: float, down: float) -> InkLine:
        """The line elsewhere."""
        return InkLine(
            _moved(self.box, right, down),
            tuple(_moved(speck, right, down) for speck in self.specks),
            None if self.whole is None else _moved(self.whole, right, down),
            tuple(mark._replace(box=_moved(mark.box, right, down)) for mark in self.marks),
            self.pieces,
        )

    @property
    def shown(self) -> InkLine:
        """All of the line that a cut of it depends on."""
        return InkLine(self.box, self.specks)


class CellInk(NamedTuple):
    """The text lines of a cell, from top to bottom, and how many small components are in none of their reach."""

    lines: tuple[InkLine, ...] = ()
    loose: int = 0


def find_text_lines(darkness: Image, noise: float, text_height: float, px_per_mm: float) -> CellInk:
    """Find the text lines inside a cell; none in a blank cell.

    Args:
        darkness: (height, width) of the cell's inside, without its ruling lines; 0 paper to 255 ink.
        noise: standard deviation of bare paper.
        text_height: of the page's print, in pixels.
        px_per_mm: of the image.
    """
    if min(darkness.shape) < MIN_COMPONENT_PX:
        return CellInk()
    edge = max(1, round(REMNANT_MM * px_per_mm))
    darkest = darkest_ink(darkness)
    components = find_components(darkness, noise, edge, darkest)
    if not components:
        return CellInk()
    strokes = [b for b in components if b.size > SMALL * text_height]
    dots = [b for b in components if b.size <= SMALL * text_height]
    runs = _joined(_runs(strokes), text_height)
    faint = faintest(darkest, noise)
    bands = [band for run in runs for band in _split(run, darkness, faint, text_height)]
    found = [line for band in bands if (line := _line(band, strokes, dots, text_height)) is not None]
    lines, attached = [line for line, _ in found], [own for _, own in found]
    if not lines:
        return CellInk(loose=len(dots))
    faded = _faded_strokes(darkness, noise, darkest, dots, text_height)
    faded[: edge + 1], faded[-edge - 1 :] = 0, 0
    whole = tuple(line._replace(whole=_with_faded_ends(line.box, faded, text_height)) for line in lines)
    return CellInk(whole, len(set(dots).difference(*attached)))


def measure_text_height(darkness: Image, noise: float, px_per_mm: float) -> float:
    """The usual height in pixels of a page's printed characters.

    Args:
        darkness: (height, width) of the dewarped page.
        noise: standard deviation of bare paper.
        px_per_mm: of the image.
    """
    low, high = (mm * px_per_mm for mm in TEXT_HEIGHT_MM)
    joined = as_image(cv2.dilate(darkness, np.ones((2, 2), np.uint8))[::2, ::2])  # of each four pixels the darkest
    components = find_components(as_image(np.ascontiguousarray(joined)), noise)
    heights = np.array([2 * (b.bottom - b.top) for b in components if b.right - b.left <= high])
    plausible = heights[(heights >= low) & (heights <= high)]
    return float(np.quantile(plausible, 0.6)) if plausible.size else USUAL_TEXT_HEIGHT_MM * px_per_mm


def _line(
    band: _Band, strokes: list[Component], dots: list[Component], text_height: float
) -> tuple[InkLine, list[Component]] | None:
    """The line of a band of rows, and the dots in its reach."""
    top, bottom = band
    own = [b for b in strokes if top <= (b.top + b.bottom) / 2 <= bottom]
    if not any(_is_anchor(b, text_height) for b in own):
        return None
    near = _dots_near(band, dots, text_height)
    gaps = [(min(gap_between(dot, b) for b in own), dot) for dot in near]
    attached: list[Component] = []
    for gap, dot in sorted(gaps, key=lambda pair: pair[0]):
        touching = min([gap, *(gap_between(dot, b) for b in attached)]) <= DOT_REACH * text_height
        attached += [dot] if touching or _is_between(dot, own, BETWEEN * text_height) else []
    far = [d for gap, d in gaps if d not in attached and gap <= END_REACH * text_height]
    colon = colon_dots(far, text_height)  # at full width it stands half a character off
    attached, far = [*attached, *colon], [d for d in far if d not in colon]
    ends = LineEnds(own, [*attached, *far], top, bottom, text_height).marks()
    open_boxes = {mark.box for mark in ends if mark.dusty} | {dot.box for dot in far}
    marks = [mark for mark in ends if mark.box in open_boxes]
    kept = [*own, *(d for d in attached if d.box not in open_boxes)]
    tail = round(TAIL * text_height)
    box = BBox(
        min(b.left for b in kept),
        max(top - tail, min(b.top for b in kept)),
        max(b.right for b in kept),
        min(bottom + tail, max(b.bottom for b in kept)),
    )
    specks = tuple(d.box for d in near if d.box in open_boxes or d not in attached)
    pieces = tuple(kept) if len(kept) <= PIECES else ()
    return InkLine(box, specks, marks=tuple(marks), pieces=pieces), attached


def _is_between(dot: Component, strokes: list[Component], reach: float) -> bool:
    """Whether a dot has strokes within reach on both sides, as the 、 of 》、《 has across half-empty brackets."""
    before = any(0 <= dot.left - b.right <= reach for b in strokes)
    return before and any(0 <= b.left - dot.right <= reach for b in strokes)


def _faded_strokes(darkness: Image, noise: float, darkest: float, dots: list[Component], text_height: float) -> Image:
    """Not 0 where a horizontal stroke is too pale to stand out pixel by pixel, but does along its length.

    What is darker than ink need be counts as ink, and dots as paper: no speck looks like a stroke.
    """
    length = max(3, round(FADED_LENGTH * text_height))
    capped = np.minimum(darkness, np.uint8(FADED_CAP * darkest))
    for dot in dots:
        capped[dot.top : dot.bottom, dot.left : dot.right] = 0
    along = cv2.blur(capped, (length, 2))
    faded = as_image(along > int(max(FADED_LEVELS * noise, FADED_SHARE * darkest)))
    return as_image(cv2.erode(faded, np.ones((1, length // 2 | 1), np.uint8)))


def _with_faded_ends(box: BBox, faded: Image, text_height: float) -> BBox:
    """A line's box with the faded strokes that begin or end it, as 一, 三 and = may."""
    reach = round(FADED_REACH * text_height)
    columns = faded[int(box.top) : int(box.bottom)].max(axis=0, initial=0)
    left, right = int(box.left), int(box.right)
    before = np.flatnonzero(columns[max(0, left - reach) : left])
    after = np.flatnonzero(columns[right : right + reach])
    shortest, widest = FADED_LENGTH * text_height / 2, FADED_GAP * text_height
    if before.size >= shortest and min(reach, left) - int(before[-1]) <= widest:
        left = max(0, left - reach) + int(before[0])
    if after.size >= shortest and int(after[0]) <= widest:
        right += int(after[-1]) + 1
    return BBox(left, box.top, right, box.bottom)


def _dots_near(band: _Band, dots: list[Component], text_height: float) -> list[Component]:
    """Dots at the heights where those of a line stand."""
    top, bottom = band
    within = [d for d in dots if d.top >= top - DOT_ABOVE * text_height]
    near = [d for d in within if d.bottom <= bottom + DOT_BELOW * text_height]
    feet = [d for d in within if d not in near and d.bottom <= top + CHARACTER * text_height]
    return near + feet if len(feet) > 1 else near


def _is_anchor(component: Component, text_height: float) -> bool:
    """Whether a component makes a line by itself: high or wide, long for its thickness, or drawn."""
    sides = sorted((component.right - component.left, component.bottom - component.top))
    long = sides[1] >= ANCHOR * text_height or sides[1] >= ANCHOR_ASPECT * sides[0]
    return long or is_drawn(component, text_height)


def is_drawn(component: Component, text_height: float) -> bool:
    """Whether a component that is lower than text is a character all the same: a digit cut by a rule, a small letter.

    Dust is solid; where the middle of so large a component is paper, strokes go round it.
    """
    short = min(component.right - component.left, component.bottom - component.top)
    high = component.size >= DRAWN * text_height and short >= DRAWN_ACROSS * text_height
    return high and component.middle <= DRAWN_MIDDLE * component.darkest


def _moved(box: BBox, right: float, down: float) -> BBox:
    return BBox(box.left + right, box.top + down, box.right + right, box.bottom + down)


def _enclosing(boxes: Sequence[BBox]) -> BBox:
    """The box around several."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return BBox(min(lefts), min(tops), max(rights), max(bottoms))


def _runs(components: list[Component]) -> list[_Band]:
    """Runs of rows that hold ink."""
    runs: list[_Band] = []
    for component in sorted(components, key=lambda b: b.top):
        if runs and component.top < runs[-1].bottom:
            runs[-1] = _Band(runs[-1].top, max(runs[-1].bottom, component.bottom))
        else:
            runs.append(_Band(component.top, component.bottom))
    return runs


def _joined(runs: list[_Band], text_height: float) -> list[_Band]:
    """Thin runs joined to the nearer neighbour, where it is near enough: as one character (二) or by its gap."""
    joined = list(runs)
    thin = THIN_LINE * text_height
    index = 0
    while index < len(joined):
        top, bottom = joined[index]
        gaps = [
            (joined[index].top - joined[i].bottom if i < index else joined[i].top - joined[index].bottom, i)
            for i in (index - 1, index + 1)
            if 0 <= i < len(joined)
        ]
        gap, other = min(gaps, default=(0, index))
        first, last = sorted((index, other))
        near = gap <= JOIN_GAP * text_height or joined[last].bottom - joined[first].top <= text_height
        if bottom - top < thin and other != index and near:
            joined[first : first + 2] = [_Band(joined[first].top, joined[first + 1].bottom)]
            index = 0
        else:
            index += 1
    return joined


def _split(run: _Band, darkness: Image, faint: int, text_height: float) -> list[_Band]:
    """A run of rows cut at the emptiest rows, where it is high enough for several lines that touch.

    `faint` is the darkness beyond which a pixel is ink.
    """
    top, bottom = run
    if bottom - top <= TALL_LINE * text_height:
        return [run]
    parts = max(2, round((bottom - top) / (1.25 * text_height)))
    pitch = (bottom - top) / parts
    cuts = [top]
    for part in range(1, parts):
        low, high = top + round((part - 0.35) * pitch), top + round((part + 0.35) * pitch)
        cuts.append(low + int((darkness[low:high] > faint).sum(axis=1).argmin()))
    return [_Band(*rows) for rows in itertools.pairwise([*cuts, bottom])]
