"""What stands in the place of each part of the reading when benchmarks/ablation.py takes it out."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, Generic, NamedTuple, TypeVar
from unittest import mock

import cv2
import numpy as np

from benchmarks.drawing.distortions import Image
from benchmarks.trials import engines
from pipeline.dewarp import NO_DASHES, Ruling, deskewing, dewarping, orienting
from pipeline.elements import BBox, Page
from pipeline.engines import DetectedLine, Detector, Engines, LineReading, Recogniser
from pipeline.grid import CrossCheck, tiling
from pipeline.grid.dissecting import Piece
from pipeline.ink import separation as ink
from pipeline.layout import end_marks
from pipeline.page import orientation
from pipeline.page import read as page
from pipeline.recognition import cascade as rereading
from pipeline.residual import ReadPage, RecoveredText

Answer = TypeVar("Answer")


class Substitute(NamedTuple):
    """What stands in the place of an attribute of a module or class."""

    owner: Any
    attribute: str
    replacement: object


def without_orienter(scan: Page, _: object) -> Any:
    """Leave the page as the file has it."""
    return deskewing.deskew(scan, None)


def without_color(image: Image) -> Any:
    """The ink of a page as a gray scanner would have seen it: seals are ink like any other."""
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return ink.separate_ink(np.dstack([gray] * 3))


def cut_from_flat_page(dewarped: dewarping.DewarpedPage, _: Image, box: BBox, height: int) -> Image:
    """A line cut from the flattened page, whose pixels were interpolated before."""
    scale = height / box.height
    size = max(1, round(box.width * scale)), height
    place = np.array([[1 / scale, 0, box.left + 0.5 / scale - 0.5], [0, 1 / scale, box.top + 0.5 / scale - 0.5]])
    paper = cv2.bitwise_not(dewarped.darkness)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(paper, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def undivided(horizontal: Any, vertical: Any) -> list[Piece]:
    """All slots as one cell."""
    return [Piece(0, 0, len(vertical), horizontal.shape[1])]


def without_second_opinion(_: object, grids: Sequence[Any]) -> tuple[CrossCheck, ...]:
    """Every grid keeps the confidence it has."""
    return tuple(CrossCheck(grid, ()) for grid in grids)


def without_conservation(read: ReadPage, *_: object) -> RecoveredText:
    """What was read is all there is."""
    return RecoveredText(read.tables, (), ())


def without_ruling(*_: object, **_how: object) -> Ruling:
    """A page on which no line was traced."""
    return Ruling((), NO_DASHES)


def false(*_: object) -> bool:
    """It is not so."""
    return False


def level(*_: object) -> float:
    """No angle, no score."""
    return 0.0


def nothing(*_: object) -> None:
    """It is not found."""


def one_paper(channel: Image, *_: object) -> Image:
    """A channel divided by the brightness that most of the page has: one paper, one light."""
    return np.asarray(cv2.convertScaleAbs(channel, alpha=255 / max(1.0, float(np.median(channel[::4, ::4])))), np.uint8)


PARTS = {
    "quarter turns": (Substitute(orientation, "deskew", without_orienter),),
    "rows, parts and lines looked at where the orienter is unsure": (Substitute(orienting, "SURE_TURN", 0.0),),
    "the small angle": (Substitute(deskewing, "measure_skew", level),),
    "curves: the page is levelled, not flattened": (Substitute(dewarping, "find_ruling_lines", without_ruling),),
    "paper and its shadows divided out": (Substitute(ink, "normalise_illumination", one_paper),),
    "seals unmixed by color": (Substitute(deskewing, "separate_ink", without_color),),
    "repairs of walls": (Substitute(tiling, "dissect", undivided),),
    "second opinion": (Substitute(page, "cross_check", without_second_opinion),),
    "lines cut from the scan itself": (Substitute(dewarping.DewarpedPage, "cut", cut_from_flat_page),),
    "dust told from dots": (Substitute(end_marks.LineEnds, "_looks_like_dust", false),),
    "ink that no line explains": (Substitute(page, "recover_residual_text", without_conservation),),
    "doubtful lines read again": (Substitute(rereading, "DOUBTFUL", 0.0),),
}
"""What is taken out, one at a time, and what stands in its place."""


class Remembered(Generic[Answer]):
    """What an engine said of each image, however often it is asked: parts taken out change few of them."""

    def __init__(self, ask: Callable[[Sequence[Image]], Sequence[Answer]]) -> None:
        self._ask = ask
        self._known: dict[bytes, Answer] = {}

    def __call__(self, images: Sequence[Image]) -> list[Answer]:
        """The answers for images of the same pixels are the same; only the others are asked for, in one call."""
        keys = [hashlib.sha256(repr(image.shape).encode() + image.tobytes()).digest() for image in images]
        fresh = {key: image for key, image in zip(keys, images, strict=True) if key not in self._known}
        if fresh:
            self._known |= dict(zip(fresh, self._ask(list(fresh.values())), strict=True))
        return [self._known[key] for key in keys]


class RememberingRecogniser:
    """A recogniser that reads each crop once."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.alphabet = recogniser.alphabet
        self.line_height = recogniser.line_height
        self.reduced_height = recogniser.reduced_height
        self.log_probabilities = recogniser.log_probabilities
        self._read = {
            (reduced, exact): Remembered(functools.partial(recogniser.read, reduced=reduced, exact=exact))
            for reduced, exact in itertools.product((False, True), repeat=2)
        }

    def read(self, crops: Sequence[Image], *, reduced: bool = False, exact: bool = False) -> list[LineReading]:
        """As the recogniser does."""
        return self._read[reduced, exact](crops)


class RememberingDetector:
    """A detector that looks at each image once."""

    def __init__(self, detector: Detector) -> None:
        self._detected = Remembered(lambda images: [detector.detect(image) for image in images])

    def detect(self, image: Image) -> list[DetectedLine]:
        """As the detector does."""
        return self._detected([image])[0]


@contextmanager
def taken_out(substitutes: Sequence[Substitute]) -> Iterator[None]:
    """Within it, substitutes stand in the places of a part."""
    with ExitStack() as stack:
        for substitute in substitutes:
            stack.enter_context(mock.patch.object(*substitute))
        yield


def remembering() -> Engines:
    """The engines, that read each crop and search each image of a page once."""
    own = engines()
    return replace(own, recogniser=RememberingRecogniser(own.recogniser), detector=RememberingDetector(own.detector))


class Watched:
    """A function as built, which notes whether its substitute would ever have answered otherwise."""

    def __init__(self, substitute: Substitute) -> None:
        self._built = getattr(substitute.owner, substitute.attribute)
        self._replacement: Any = substitute.replacement
        self.differs = False

    def __call__(self, *given: Any, **named: Any) -> Any:
        """As built."""
        answer = self._built(*given, **named)
        if isinstance(answer, Iterator):
            answer = tuple(answer)
        self.differs = self.differs or not _same(answer, self._replacement(*given, **named))
        return answer


def _same(one: Any, other: Any) -> bool:
    """Whether two answers are the same for all that follows: as arrays, or as what they are."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    return one is other or bool(one == other)
