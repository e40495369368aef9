"""Readings of lines under a seal -> the same, in doubt where a stroke of the seal goes over a digit.

What a seal's stroke leaves of a 5 may be a 3, and both are as clear to the recogniser. A word tells by its other
letters which it is, and a number does not.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.elements import Image
from pipeline.imaging import UINT8_MAX, as_image
from pipeline.layout import CellLine
from pipeline.reading.line_cuts import PageCuts
from pipeline.recognition import CheckedReading, reads_as_number

STROKE = 0.25
"""A seal's stroke hides a part of a digit where it goes on over this much of the line's height, across."""
COVER = 0.4
"""And covers this share of the height there."""
SEEN_PX = 16
"""A line is looked at at this height: a seal's stroke is several pixels there."""
CONFIDENCE = 0.9
"""A number under a stroke of a seal is no surer: it is below what counts as sure."""


def doubt_sealed_numbers(
    readings: Sequence[CheckedReading], lines: Sequence[CellLine], cuts: PageCuts
) -> list[CheckedReading]:
    """The readings with those numbers in doubt that a stroke of a coloured seal goes over.

    Args:
        readings: of the lines.
        lines: in the readings' order.
        cuts: of the page.
    """
    open_ones = [
        index
        for index, (line, reading) in enumerate(zip(lines, readings, strict=True))
        if cuts.sealed[line.cell] and reading.confidence is not None and reads_as_number(reading.text)
    ]
    doubted = list(readings)
    seal = as_image(cuts.layout.upright.ink.seal.astype(np.uint8) * UINT8_MAX) if open_ones else None
    for index in open_ones:
        if seal is not None and _is_crossed(cuts.layout.dewarped.cut(seal, lines[index].ink.box, SEEN_PX)):
            sure = min(readings[index].confidence or 0.0, CONFIDENCE)
            doubted[index] = readings[index]._replace(confidence=sure)
    return doubted


def _is_crossed(seal: Image) -> bool:
    """Whether seal ink, 0-255 (height, width), covers a part of a line as wide as it takes to hide one of a digit."""
    covered = as_image((seal > UINT8_MAX // 2).mean(axis=0, keepdims=True) >= COVER)
    width = max(1, round(STROKE * SEEN_PX))
    return bool(cv2.erode(covered, np.ones((1, width), np.uint8)).any())
