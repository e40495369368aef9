"""What the stages ask of a recogniser, a detector and an orienter; `paddle.py` is one implementation.

The implementer takes crops and returns readings, and knows nothing of pages, cells or tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.elements import Hypothesis, Image, Polygon


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a recogniser's network made of a line, kept so that its `log_probabilities` need not run it again."""

    output: NDArray[np.float32]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Seen) and np.array_equal(self.output, other.output)

    def __hash__(self) -> int:
        return hash(self.output.tobytes())


class LineReading(NamedTuple):
    """The reading of one text line.

    `confidence` is the mean of `char_confidences`, each 0-1, one per character of `text`; 0.0 for an empty text.
    `hypotheses` are what else its unsure characters may be. `seen` stands for the crop where it is scored later; None
    where the recogniser must look at it again. `places` says where each character was seen, as a share of the crop's
    width; it is empty where the recogniser cannot tell.
    """

    text: str
    confidence: float
    char_confidences: tuple[float, ...]
    hypotheses: tuple[Hypothesis, ...] = ()
    seen: Seen | None = None
    places: tuple[float, ...] = ()


class DetectedLine(NamedTuple):
    """A text line found in an image: its quad in that image's pixels, clockwise from its top-left."""

    polygon: Polygon
    confidence: float


class Turn(NamedTuple):
    """How an image is to be turned: `quarter_turns` counter-clockwise make it upright; confidence 0-1."""

    quarter_turns: int
    confidence: float


class ReducedHeight(NamedTuple):
    """A height at which a recogniser reads clear lines as well as at its own, for less work.

    `height` is in pixels; a reading counts where it is sure of each character by `confidence`, 0-1.
    """

    height: int
    confidence: float


class Recogniser(Protocol):
    """Reads single text lines. Not safe to share between threads."""

    @property
    def line_height(self) -> int:
        """Height in pixels at which it wants lines."""
        ...

    @property
    def reduced_height(self) -> ReducedHeight | None:
        """A lower one for clear lines; None if there is none."""
        ...

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The character of each class of `log_probabilities`; class 0 is the CTC blank, spelled ""."""
        ...

    def read(self, crops: Sequence[Image], *, reduced: bool = False, exact: bool = False) -> list[LineReading]:
        """Read line crops of any size, (height, width, 3) BGR, in order; each crop holds one line of text.

        `reduced` reads them at the reduced height, if there is one: less work, enough for clear print.
        `exact` forgoes what makes reading cheaper at the cost of a little noise: for lines that are doubtful anyway.
        """
        ...

    def log_probabilities(self, line: Image | Seen) -> NDArray[np.float32]:
        """Natural-log class probabilities, (time steps, classes), for scoring given texts by CTC.

        Of one crop, or of what its reading at the usual height kept of it, which is the same for less work.
        """
        ...


class Detector(Protocol):
    """Finds text lines in an image."""

    def detect(self, image: Image) -> list[DetectedLine]:
        """Text lines of a (height, width, 3) BGR image, from top to bottom."""
        ...


class Orienter(Protocol):
    """Tells which way up a page is."""

    def orient(self, image: Image) -> Turn:
        """How to turn a (height, width, 3) BGR page so that its text is upright."""
        ...


class SignatureHeat(NamedTuple):
    """Where on an image signatures are: how probably each square cell of it holds strokes of one.

    `probabilities` (rows, columns) float32 are 0-1. A cell is `cell_px` pixels of the image wide and high; the first
    stands in the image's corner.
    """

    probabilities: NDArray[np.float32]
    cell_px: float


class SignatureFinder(Protocol):
    """Finds the strokes of signatures on a page."""

    def find(self, image: Image) -> SignatureHeat:
        """Where signatures are on an upright (height, width, 3) BGR page."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of one worker, and what identifies them for the record."""

    recogniser: Recogniser
    detector: Detector
    orienter: Orienter | None
    digests: tuple[tuple[str, str], ...]
    """(name, SHA-256 of its weights) of each model: in the manifest's order, then those that come with the program."""
    signature_finder: SignatureFinder | None = None
