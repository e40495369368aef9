"""Files, pages and their ink: what a page is before anything on it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.elements.places import BBox, Image, Matrix


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was opened, hashed and recognised as something we read.

    `document_id` is the SHA-256 (hex) of its bytes; `media_type` the IANA name of what the bytes are, whatever the
    file is called.
    """

    path: str
    document_id: str
    byte_size: int
    media_type: str
    n_pages: int

    @property
    def name(self) -> str:
        """The file's own name, without its folders."""
        return self.path.replace("\\", "/").rsplit("/", 1)[-1]


class DpiSource(StrEnum):
    """Where a page's resolution came from."""

    FILE = "file"
    RENDERED = "rendered"
    ESTIMATED = "estimated"


class Resampling(NamedTuple):
    """That a scan of `width` x `height` pixels was resampled: `across` and `down` pixels for one of its own.

    A large scan is reduced, one whose pixels are not square is stretched. `assumed` says that its file does not state
    that they are not square. `coarse` says that strokes may have been lost: it is black and white, and has few pixels
    per inch one way.
    """

    width: int
    height: int
    across: float
    down: float
    assumed: bool = False
    coarse: bool = False

    @property
    def squared(self) -> bool:
        """Whether the pixels of the scan are not square."""
        return self.across != self.down


def dpi_text(dpi: tuple[float, float]) -> str:
    """A resolution across and down in words, as one number where both are the same.

    Example:
        >>> dpi_text((204.0, 98.0)), dpi_text((200.0, 200.0))
        ('204 x 98', '200')
    """
    across, down = (f"{side:.0f}" for side in dpi)
    return across if across == down else f"{across} x {down}"


@dataclass(frozen=True, slots=True)
class Missing:
    """What of a page could not be decoded, because the file does not hold it: a box in scan pixels.

    `displaced` says that bytes were lost at a place that cannot be told: what lies outside the box was decoded, but
    part of it may stand in the wrong place. The box may then be empty.
    """

    box: BBox
    displaced: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One decoded page: its raster in scan pixels, as the file holds it, or `resampled`: reduced or squared.

    It is white where something is `missing`.

    `dpi` is the image's: what the file states (or the page was rendered at), else an estimate from the page's size or
    its print. `stated_dpi`, across and down, is what the file states of the scan where the page shows it to be wrong.
    `exif_orientation` is 1-8 as in the EXIF standard; 1 where the file says nothing. The image is the master and is
    never written to.
    """

    document_id: str
    page_number: int
    image: Image
    dpi: float
    dpi_source: DpiSource
    exif_orientation: int = 1
    resampled: Resampling | None = None
    missing: Missing | None = None
    stated_dpi: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Refuse rasters that the stages could not read."""
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ValueError(f"page image must be (height, width, 3) uint8, got {self.image.shape} {self.image.dtype}")
        if not 1 <= self.exif_orientation <= 8:
            raise ValueError(f"exif_orientation must be 1-8, got {self.exif_orientation}")
        if self.dpi <= 0:
            raise ValueError(f"dpi must be positive, got {self.dpi}")

    @property
    def width(self) -> int:
        """Width of the scan in pixels."""
        return self.resampled.width if self.resampled else int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Height of the scan in pixels."""
        return self.resampled.height if self.resampled else int(self.image.shape[0])

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the image for each of the scan, across and down."""
        return (self.resampled.across, self.resampled.down) if self.resampled else (1.0, 1.0)

    @property
    def scan_dpi(self) -> tuple[float, float]:
        """Pixels per inch of the scan, across and down."""
        across, down = self.scale
        return self.dpi / across, self.dpi / down


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """The ink of an image.

    `darkness` (height, width) uint8 is 0 on paper and 255 under full black ink, seals removed. `seal` (height, width)
    bool is true where there is seal ink. `noise` is the standard deviation of the paper's darkness, at least 1.
    `with_colours` is the darkness of all ink, whatever its colour, where a page has coloured rules; else None.
    """

    darkness: Image
    seal: NDArray[np.bool_]
    noise: float
    with_colours: Image | None = None

    @property
    def ruling(self) -> Image:
        """The darkness that ruling lines are looked for in."""
        return self.darkness if self.with_colours is None else self.with_colours


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """A page turned upright by whole quarter turns, with the small angle that is left.

    `image` has the text running left to right, top to bottom; only quarter turns (and EXIF mirroring) were applied to
    the page's image, so no pixel was interpolated. `ink` is the ink of `image`. `skew_deg` is the text's remaining
    angle, counter-clockwise positive. `to_scan` maps homogeneous points of `image` to scan pixels. `open_turns` are the
    quarter turns of which one may be left to make; none where it is upright for sure. `averages` are of `image`, so
    many times smaller, as they were made: several stages look at the same one.
    """

    page: Page
    image: Image
    ink: Ink
    quarter_turns: int
    skew_deg: float
    to_scan: Matrix
    turn_confidence: float | None
    open_turns: tuple[int, ...] = ()
    averages: dict[int, Image] = field(default_factory=dict, init=False, repr=False)

    @property
    def dpi(self) -> float:
        """Pixels per inch of the upright image, the same as its page's."""
        return self.page.dpi
