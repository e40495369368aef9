"""The protocol between intake and the decoding process: a request in the child's argv, then messages on a pipe.

A message is a four-byte length (big-endian) and that much JSON; a page's pixels follow its message as raw bytes. The
kinds, in order: `ready`, `document` (n_pages), then for each page either `page` (and pixels) or `failure`. A `failure`
in place of `document` is the whole document's. Nothing is pickled: both sides treat what they read as data.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from typing import Any, BinaryIO, NamedTuple, Protocol

from pipeline.errors import DocumentError, TooManyPixels, TruncatedFile

LENGTH = struct.Struct(">I")
"""The length in front of each message."""
MAX_MESSAGE_BYTES = 64 * 1024
"""A longer message is nonsense from a child gone wrong: no honest one is near this."""
MAX_TEXT = 300
"""So many characters of a codec's error message are passed on: two lines, which say what is wrong."""
MOST_MISSING = 0.98
"""A page of which a larger share is missing is not read: what is left is at most its upper margin."""
EXIT_OUT_OF_MEMORY = 77
"""The exit status of a child whose memory ran out where it could no longer send a message; no other use is known of
it."""


class DecodeRequest(NamedTuple):
    """The whole request to a decoding process; the document itself is its standard input.

    `memory_mb` is the address space it may use beyond what it starts with; pages before `first_page` are skipped.
    """

    media_type: str
    first_page: int
    max_pages: int
    max_pixels: int
    memory_mb: int
    render_dpi: int
    parent_pid: int

    def to_json(self) -> str:
        """The request as one line of JSON."""
        return json.dumps(self._asdict())

    @classmethod
    def from_json(cls, text: str) -> DecodeRequest:
        """The request that `to_json` wrote."""
        return cls(**json.loads(text))


class Missing(NamedTuple):
    """The part of a page that could not be decoded: a box (left, top, right, bottom) of the raster, in whole pixels.

    `displaced` says that bytes were lost at a place that cannot be told: what lies outside the box was decoded, but
    part of it may stand in the wrong place. The box may then be empty.
    """

    box: tuple[int, int, int, int]
    displaced: bool = False


class Raster(NamedTuple):
    """One page in the child, about to be sent.

    `bands` yields width x height x 3 bytes in all: rows from the top, BGR, no padding. `dpi` is (x, y) as the file
    states it, unchecked, or None; `rendered` says that the resolution was ours to choose.
    """

    width: int
    height: int
    bands: Iterable[bytes | memoryview]
    dpi: tuple[float, float] | None
    rendered: bool = False
    exif_orientation: int = 1
    missing: Missing | None = None


class PagedFile(Protocol):
    """A document opened by one of the decoders; its pages are asked for in ascending order, each once at most."""

    @property
    def n_pages(self) -> int:
        """How many pages the header promises, at least one."""
        ...

    def page(self, number: int) -> Raster:
        """Decode page `number`, from 1."""
        ...


def check_pixels(width: int, height: int, max_pixels: int) -> None:
    """Refuse a page before its pixels are decoded.

    Raises:
        TooManyPixels: when width x height exceeds `max_pixels`.
    """
    if width * height > max_pixels:
        raise TooManyPixels(f"{width} x {height} pixels, more than the {max_pixels} allowed")


def check_any_left(raster: Raster) -> None:
    """Refuse a page of which nothing, or hardly anything, could be decoded.

    Raises:
        TruncatedFile: when it is.
    """
    left, top, right, bottom = raster.missing.box if raster.missing else (0, 0, 0, 0)
    if (right - left) * (bottom - top) > MOST_MISSING * raster.width * raster.height:
        raise TruncatedFile("the image's data is cut off: nothing of the page can be decoded")


def send(pipe: BinaryIO, kind: str, **values: Any) -> None:
    """Write one message to `pipe` and flush it."""
    body = json.dumps({"kind": kind, **values}).encode()
    pipe.write(LENGTH.pack(len(body)) + body)
    pipe.flush()


def send_page(pipe: BinaryIO, raster: Raster) -> None:
    """Write one page's message and its pixels to `pipe`."""
    send(
        pipe,
        "page",
        width=raster.width,
        height=raster.height,
        dpi=raster.dpi,
        rendered=raster.rendered,
        exif_orientation=raster.exif_orientation,
        missing=raster.missing and [*raster.missing.box, raster.missing.displaced],
    )
    for band in raster.bands:
        pipe.write(band)
    pipe.flush()


def send_failure(pipe: BinaryIO, error: DocumentError) -> None:
    """Write why a page, or the whole document, could not be decoded."""
    send(pipe, "failure", code=error.code, message=one_line(str(error)))


def one_line(text: str) -> str:
    """`text` with its white space collapsed, no longer than MAX_TEXT characters."""
    return " ".join(text.split())[:MAX_TEXT]
