"""The ink of a stamp -> what it says: round its rim, then in straight lines across."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Image
from pipeline.engines import LineReading, Recogniser
from pipeline.imaging import as_image, cut_line, ink_on_white, polygon
from pipeline.stamps.straight_lines import line_pictures, without_frame, without_star
from pipeline.stamps.unrolling import Ellipse, Strip, rim_ellipse, text_runs, unroll

RUN_MARGIN = 0.3
"""So much of a strip is left at both ends of its text, in heights."""
MAX_RUNS = 3
"""At most so many runs of text around a rim are read, the longest: more are specks."""
LEGIBLE = 0.5
"""A line read at least so surely is taken; one less sure is as often of a worn stamp, a picture or a pen."""
LOWER = (0.25, 0.75)
"""Text whose middle lies beyond these shares of the way round, from the lowest point clockwise, stands below: there it
may be written along the rim with its feet outward."""
CORE = 0.95
"""Text across a round stamp stands within this share of the radius to which its rim's text reaches."""
BARE_CORE = 0.85
"""Without text along the rim it stands within this share of the radius."""
NAME_ASPECT = 1.35
"""Seals with a name are at most so many times as long as wide."""


MIN_NAME_PX = 16
"""The characters of a smaller seal have too few pixels to be read."""


class StampText(NamedTuple):
    """What a stamp says, line by line; of lines that could not be read there is nothing."""

    lines: tuple[LineReading, ...] = ()

    @property
    def text(self) -> str | None:
        """The lines as one text; None where nothing could be read."""
        return " ".join(line.text for line in self.lines) or None

    @property
    def confidence(self) -> float:
        """The mean confidence of its characters; 0 where nothing could be read."""
        shares = [share for line in self.lines for share in line.char_confidences] or [0.0]
        return float(np.mean(shares))


def read_round(ink: Image, outline: NDArray[np.int32], corner: tuple[int, int], recogniser: Recogniser) -> StampText:
    """What a round or oval stamp says.

    Args:
        ink: (height, width) of the stamp alone, 0 paper to 255.
        outline: (n, 2) of the stamp on its page.
        corner: where the left top of `ink` is on the page.
        recogniser: reads strips and lines.
    """
    rim = rim_ellipse(outline, corner)
    strip = unroll(ink, rim)
    runs = [] if strip is None else list(_run_pictures(strip))
    turned = [i for i, (_, below) in enumerate(runs) if below]
    across = line_pictures(_core(ink, rim, BARE_CORE if strip is None else CORE * strip.inner))
    upside_down = [as_image(cv2.rotate(runs[i][0], cv2.ROTATE_180)) for i in turned]
    pictures = [*(picture for picture, _ in runs), *upside_down, *across]
    readings = recogniser.read(pictures) if pictures else []
    around, others = readings[: len(runs)], readings[len(runs) :]
    for i, other in zip(turned, others, strict=False):
        around[i] = max(around[i], other, key=lambda reading: reading.confidence)
    return StampText(tuple(_legible([*around, *others[len(turned) :]])))


def read_straight(ink: Image, quad: NDArray[np.floating], recogniser: Recogniser) -> StampText:
    """What a stamp says whose text stands in straight lines, or in columns, as names on small seals do.

    Args:
        ink: (height, width) of the stamp alone, 0 paper to 255.
        quad: (4, 2) corners of the stamp in its pixels, clockwise from the text's top left.
        recogniser: reads the lines.
    """
    straight = cut_line(ink, polygon(quad))
    pictures = line_pictures(straight)
    name = _name_picture(straight)
    readings = recogniser.read([*pictures, *name]) if pictures or name else []
    lines, as_name = StampText(tuple(_legible(readings[: len(pictures)]))), readings[len(pictures) :]
    if as_name and as_name[0].confidence > max(LEGIBLE, lines.confidence):
        return StampText((as_name[0],))
    return lines


def _legible(readings: Sequence[LineReading]) -> Iterator[LineReading]:
    return (reading for reading in readings if reading.text.strip() and reading.confidence >= LEGIBLE)


def _run_pictures(strip: Strip) -> Iterator[tuple[Image, bool]]:
    """The runs of text along a rim, from the lowest point clockwise, and whether each stands below."""
    height, width = strip.darkness.shape
    runs = text_runs(strip.darkness)
    longest = sorted(runs, key=lambda run: run.start - run.stop)[:MAX_RUNS]
    margin = round(RUN_MARGIN * height)
    for run in runs:
        if run in longest:
            columns = np.arange(run.start - margin, run.stop + margin)
            middle = (run.start + run.stop) / 2 / width % 1
            below = run.stop - run.start < width / 2 and not LOWER[0] <= middle <= LOWER[1]
            yield ink_on_white(np.ascontiguousarray(np.take(strip.darkness, columns, axis=1, mode="wrap"))), below


def _core(ink: Image, rim: Ellipse, reach: float) -> Image:
    """What stands within a share of a rim's radius, (height, width), without a star, and nothing beyond it."""
    inside = np.zeros(ink.shape, np.uint8)
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    outline = np.rint(rim.at(np.full(90, reach), angles)).astype(np.int32)
    cv2.fillPoly(inside, [outline], (255,))
    left, top, width, height = cv2.boundingRect(outline)
    place = slice(max(0, top), top + height), slice(max(0, left), left + width)
    return without_star(as_image(cv2.min(ink, inside)[place]))


def _name_picture(straight: Image) -> list[Image]:
    """The four characters of a square name seal side by side: the right column first, each from top to bottom."""
    height, width = straight.shape
    if max(height, width) > NAME_ASPECT * min(height, width):
        return []
    bare = without_frame(straight)
    if min(bare.shape) < MIN_NAME_PX:
        return []
    middle = bare.shape[1] // 2
    columns = [bare[:, middle:], bare[:, :middle]]
    halves = [half for column in columns for half in (column[: len(column) // 2], column[len(column) // 2 :])]
    size = max(8, bare.shape[0] // 2)
    return [ink_on_white(as_image(np.hstack([cv2.resize(half, (size, size)) for half in halves if half.size])))]
