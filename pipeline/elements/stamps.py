"""Seals and stamps, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.elements.places import Polygon


class StampColour(StrEnum):
    """The colour of a stamp's ink."""

    RED = "red"
    BLUE = "blue"
    VIOLET = "violet"
    BLACK = "black"
    """Black or gray, as copied."""
    OTHER = "other"


class StampShape(StrEnum):
    """The outline of a stamp; a line of text without a frame is a box."""

    ROUND = "round"
    OVAL = "oval"
    BOX = "box"
    TRIANGLE = "triangle"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A seal or stamp on a page, in scan pixels.

    `text` is what was read round its rim, then across it, line by line; None where nothing could be read. `confidence`
    says how surely this is a stamp. `crop_png` is the scan's own pixels, encoded.
    """

    colour: StampColour
    shape: StampShape
    text: str | None
    confidence: float
    polygon: Polygon
    crop_png: bytes | None
