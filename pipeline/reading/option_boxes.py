"""Lines of options as read -> the same with their boxes, □ or ☑, each before its label: □新购 ☑更新 □维修.

Recognisers leave drawn boxes out, or take them for letters. A line that is wider than its text accounts for is looked
at for boxes, by their shape; what stands between them is read anew, each label for itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.elements import BBox
from pipeline.imaging import SURE_DARKNESS, SURE_LEVELS, Component, find_components
from pipeline.layout import CellLine, InkLine, PageLayout
from pipeline.marks import mark_probabilities, measure_shape
from pipeline.reading.cell_marks import cut_shape
from pipeline.recognition import CheckedReading

EMPTY, TICKED = "□", "☑"
WIDE, NARROW = 1.08, 0.6
"""A character of Chinese is set this wide, and any other at most, in heights of its line."""
ROOM = 0.7
"""A line has room for a box where it is so many of its heights wider than its text."""
BOX_SIDE = (0.5, 1.5)
"""Boxes before labels have sides within this range, in heights of the page's text; a tick may reach out of them."""
BOX_ASPECT = 1.4
"""The longer side of a box is at most so many times the shorter one."""
SURE_BOX = 0.9
"""What stands in a line is a box only if its shape makes it one with this probability: 口, 日 and 国 are as square."""
SQUARE = frozenset("口日曰回田目国因囗")
"""Characters that have the shape of a box: where a line was read to have as many as it has boxes, these are they."""
BOX_SIGNS = frozenset("□☐☑☒■")
"""Where one was read, there are boxes to look for."""

LEAST_LABEL = 0.3
"""A label has ink in so many columns of pixels, in heights of its line: less is dust, or a point."""
BOX_MISSED = 0.5
"""Where a label has room for another box, the options are no surer than this: it may be one that nobody can tell."""

Read = Callable[[Sequence[InkLine]], list[CheckedReading]]
"""Reads lines of ink."""


class OptionBox(NamedTuple):
    """A box on the dewarped page, its sign, and how probable its shape makes that."""

    box: BBox
    sign: str
    probability: float


def with_boxes(
    layout: PageLayout, lines: Sequence[CellLine], readings: Sequence[CheckedReading], read: Read
) -> list[CheckedReading]:
    """The readings of lines, those of lines with boxes read anew, label by label.

    Args:
        layout: of the page.
        lines: that were read.
        readings: of them.
        read: reads the labels, all in one call.
    """
    boxes = {
        index: found
        for index, (line, reading) in enumerate(zip(lines, readings, strict=True))
        if _has_room(reading.text, line.ink.box) and (found := find_boxes(layout, line.ink, reading.text))
    }
    parts = {index: _labels(layout, lines[index].ink, own) for index, own in boxes.items()}
    parts = {index: own for index, own in parts.items() if None not in own[1:-1]}  # boxes have labels between them
    labels = [label for own in parts.values() for label in own if label is not None]
    read_labels = iter(read(labels) if labels else [])
    settled = list(readings)
    for index, own in parts.items():
        read_parts = [None if part is None else (part, next(read_labels)) for part in own]
        settled[index] = _joined(boxes[index], read_parts)
    return settled


def find_boxes(layout: PageLayout, line: InkLine, text: str) -> list[OptionBox]:
    """The boxes in a line, from left to right; none where its text has characters of their shape.

    Args:
        layout: of the page.
        line: its ink on the dewarped page.
        text: as it was read.
    """
    left, top = int(line.box.left), int(line.box.top)
    inside = layout.smooth[top : int(line.box.bottom) + 1, left : int(line.box.right) + 1]
    found = []
    for component in find_components(inside, layout.grain):
        if _may_be_box(component, layout.text_height):
            moved = component.box
            box = BBox(moved.left + left, moved.top + top, moved.right + left, moved.bottom + top)
            measures = measure_shape(cut_shape(layout, box, box))
            probabilities = {} if measures is None else mark_probabilities(measures)
            sign = max((EMPTY, TICKED), key=lambda kind: probabilities.get(kind, 0.0))
            both = probabilities.get(EMPTY, 0.0) + probabilities.get(TICKED, 0.0)
            if both >= SURE_BOX:
                found.append(OptionBox(box, sign, probabilities[sign]))
    alike = sum(letter in SQUARE for letter in text)
    return sorted(found, key=lambda one: one.box.left) if len(found) > alike else []


def _has_room(text: str, box: BBox) -> bool:
    """Whether a line is wider than its text accounts for, or was read to have boxes."""
    if not text:
        return False
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    needed = (WIDE * wide + NARROW * (len(text) - wide)) * box.height
    return box.width >= needed + ROOM * box.height or any(letter in BOX_SIGNS for letter in text)


def _may_be_box(component: Component, text_height: float) -> bool:
    width, height = component.right - component.left, component.bottom - component.top
    low, high = (share * text_height for share in BOX_SIDE)
    return low <= min(width, height) and max(width, height) <= min(high, BOX_ASPECT * min(width, height))


def _labels(layout: PageLayout, line: InkLine, boxes: Sequence[OptionBox]) -> list[InkLine | None]:
    """What stands before the first box, between boxes, and after the last, tight; None for next to nothing."""
    starts = [line.box.left, *(one.box.right + 1 for one in boxes)]
    ends = [*(one.box.left - 1 for one in boxes), line.box.right]
    painted = (*line.specks, *(one.box for one in boxes))
    labels: list[InkLine | None] = []
    for start, end in zip(starts, ends, strict=True):
        ink = layout.smooth[int(line.box.top) : int(line.box.bottom) + 1, int(start) : max(int(start), int(end))]
        inked = np.flatnonzero(ink.max(axis=0, initial=0) > max(SURE_LEVELS * layout.grain, SURE_DARKNESS))
        if inked.size < LEAST_LABEL * line.box.height:
            labels.append(None)
        else:
            left = int(start) + int(inked[0])
            labels.append(InkLine(BBox(left, line.box.top, left + int(np.ptp(inked)) + 1, line.box.bottom), painted))
    return labels


def _joined(boxes: Sequence[OptionBox], labels: Sequence[tuple[InkLine, CheckedReading] | None]) -> CheckedReading:
    """A line of boxes and labels, as probable as its least probable part; in doubt where a label has room for a box."""
    texts = ["" if label is None else label[1].text.strip() for label in labels]
    text = texts[0] + "".join(one.sign + label for one, label in zip(boxes, texts[1:], strict=True))
    sure = [label[1].confidence or 0.0 for label in labels if label is not None]
    doubted = [BOX_MISSED for label in labels if label is not None and _has_room(label[1].text, label[0].box)]
    if texts[0] and texts[-1] and not texts[0].endswith((":", "：")):
        doubted.append(BOX_MISSED)  # a label that is no heading, and all others have a box before them
    return CheckedReading(text, min([*sure, *doubted, *(one.probability for one in boxes)]), ())
