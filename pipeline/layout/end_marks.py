"""Small components beyond the ends of a text line: dust, or the marks that stand there.

A minus sign, a leading point or the ring of 。 looks like dust, component by component. The page tells them apart: a
page without a loose dot anywhere in its cells has no dust, and dust does not fall at the same place beside several
lines. Where neither says so, what is not surely a mark is painted over, and stays open: the reading looks at it again
where it stands beside digits.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.elements import BBox
from pipeline.imaging import Component

DOT_CLEARANCE = 0.12
"""A small component at a line's end that touches nothing within this share of the text's height is a mark of its own:
punctuation, or a speck."""
FAR = 0.45
"""No solid punctuation that ends a line stands further than this from its last stroke, in text heights."""
MIDDLE = (0.3, 0.68)
"""No solid punctuation that ends a line stands alone at these heights, from the top of the line."""
TALL, SAME_FOOT = 0.6, 0.06
"""Strokes are tall from this share of their line's height on, and stand on one foot within so many text heights."""
HOLLOW = 0.75
"""A mark whose middle is paler than this share of its darkest ink is not solid: the ring of 。 stands far off or at
mid-height in some fonts."""
DARK_SPECK = 1.35
"""Marks so many times darker than the line's own strokes are specks: toner fades, dust does not."""
DUST_BEFORE = 0.2
DUST_AREA = 50.0
"""Before a page is looked at, it is taken to have so many loose dots on so much of its cells, in squares of the text's
height: most pages have none, so that few cells without any settle it."""
FLAT = 1.2
"""A sign is so many times as wide as high: of dust one speck in five is."""
SIGN_MIDDLE = (0.25, 0.7)
"""The middle of a sign is so far below the line's top, in text heights."""
POINT_MIDDLE = 0.6
"""The middle of a leading point is at least so far below the line's top, in text heights."""
POINT_SIZE = (0.1, 0.36)
"""Points are so wide and high, in text heights."""
CLEAN = 0.002
"""Loose dots in a square of the text's height, up to which a dot where a mark may stand is one: marks stand at one in
fifty ends of lines, in a quarter of such a square; dust is then one in forty of them. Of 48 drawn pages with such dots
44 are cleaner, of 57 worn ones 14, and of scans of a budget none."""
ALIKE = 0.12
"""Marks of one kind have no greater differences in width, height and place than this, in text heights."""
TIMES_PRINTED = 3
"""So many alike at the ends of a page's lines are print: two may be dust by chance on one page in ten, three on one in
a hundred."""


class EndMark(NamedTuple):
    """A small component beyond an end of a line's strokes.

    `gap` to the nearest stroke, the `middle` below the line's top, `width` and `height` are in text heights. `dusty`
    says that it looks like dust for itself, `in_place` that it is as near as a mark and no darker than the strokes.
    """

    box: BBox
    before: bool
    gap: float
    middle: float
    width: float
    height: float
    dusty: bool
    in_place: bool = True

    def is_like(self, other: EndMark) -> bool:
        """Whether both are of the same size at the same place beside their lines, on the same side."""
        pairs = zip(self[2:6], other[2:6], strict=True)
        return self.before == other.before and all(abs(a - b) <= ALIKE for a, b in pairs)

    @property
    def looks_like_sign(self) -> bool:
        """Whether it stands before the line as a minus sign does: flat, near, neither high nor at the line's foot."""
        flat = self.width >= FLAT * self.height
        return self.before and flat and self.gap <= FAR and SIGN_MIDDLE[0] <= self.middle <= SIGN_MIDDLE[1]

    @property
    def looks_like_point(self) -> bool:
        """Whether it stands before the line as a decimal point does: round, near, at the line's foot."""
        small = all(POINT_SIZE[0] <= side <= POINT_SIZE[1] for side in (self.width, self.height))
        return self.before and small and self.gap <= FAR and self.middle >= POINT_MIDDLE

    def is_beside(self, text: str) -> bool:
        """Whether it may be a mark of the digit that is beside it in the text of its line.

        A leading point is often darker than the thin strokes of small digits, as specks are.
        """
        near = self.in_place or self.looks_like_point
        return near and (text[:1] if self.before else text[-1:]).isdecimal()


class LineEnds(NamedTuple):
    """The strokes of a line and all the dots that stand with them; its top and bottom, and the text's height."""

    strokes: Sequence[Component]
    dots: Sequence[Component]
    top: int
    bottom: int
    text_height: float

    def marks(self) -> list[EndMark]:
        """The dots that stand beyond its strokes' ends."""
        first, last = min(b.left for b in self.strokes), max(b.right for b in self.strokes)
        return [self._mark(dot, first) for dot in self.dots if dot.right <= first or dot.left >= last]

    def _mark(self, dot: Component, first: int) -> EndMark:
        nearest = min(gap_between(dot, b) for b in (*self.strokes, *self.dots) if b is not dot)
        before = dot.right <= first
        return EndMark(
            box=dot.box,
            before=before,
            gap=nearest / self.text_height,
            middle=((dot.top + dot.bottom) / 2 - self.top) / self.text_height,
            width=(dot.right - dot.left) / self.text_height,
            height=(dot.bottom - dot.top) / self.text_height,
            dusty=self._looks_like_dust(dot, before, nearest),
            in_place=nearest <= FAR * self.text_height and not self._is_dark(dot),
        )

    def _is_dark(self, dot: Component) -> bool:
        """Whether a dot is darker than the toner of its line."""
        return dot.darkest > DARK_SPECK * statistics.median(b.darkest for b in self.strokes)

    def _looks_like_dust(self, dot: Component, before: bool, nearest: float) -> bool:
        """Whether it is where few marks stand, or darker than the toner.

        That is before the first stroke; or solid and after the last, at mid-height or far off. A dot between strokes is
        never dust: it may be a decimal point.
        """
        if nearest <= DOT_CLEARANCE * self.text_height:
            return False
        if self._is_dark(dot):
            return True
        others = (b for b in self.dots if b is not dot)
        if any(abs((b.left + b.right) - (dot.left + dot.right)) <= self.text_height / 4 for b in others):
            return False  # one of the dots of a colon, a semicolon or a quotation mark
        middle = ((dot.top + dot.bottom) / 2 - self.top) / max(1, self.bottom - self.top)
        solid = dot.middle >= HOLLOW * dot.darkest
        at_mid_height = MIDDLE[0] <= middle <= MIDDLE[1] and not self._is_at_foot(dot)
        out_of_place = at_mid_height or nearest > FAR * self.text_height
        return before or (solid and out_of_place)

    def _is_at_foot(self, dot: Component) -> bool:
        """Whether a dot stands on the same foot as a tall stroke: a full stop does, where g and y go on below it."""
        tall = [b for b in self.strokes if b.bottom - b.top >= TALL * (self.bottom - self.top)]
        return any(abs(b.bottom - dot.bottom) <= max(1.0, SAME_FOOT * self.text_height) for b in tall)


class Dust(NamedTuple):
    """How many loose dots are in cells that hold text, and these cells' area in squares of the text's height."""

    dots: int
    area: float

    @property
    def is_rare(self) -> bool:
        """Whether what stands where a mark may stand is hardly ever dust."""
        return (self.dots + DUST_BEFORE) / (self.area + DUST_AREA) <= CLEAN


def printed_marks(marks: Sequence[EndMark], dust: Dust) -> set[EndMark]:
    """Those of a page's end marks that are print though they look like dust.

    Args:
        marks: that look like dust.
        dust: of the same page.
    """
    alike = {mark for mark in marks if sum(map(mark.is_like, marks)) >= TIMES_PRINTED}
    return alike.union(mark for mark in marks if mark.in_place) if dust.is_rare else alike


def gap_between(a: Component, b: Component) -> float:
    """Pixels between two boxes, across or down, whichever is more; 0 where they overlap."""
    return float(max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom, 0))
