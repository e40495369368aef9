"""Data of an image -> the pixels that it does not hold, found by decoding it with two different fillers.

Codecs fill missing pixels with gray, black or white, and most report success. So the data is completed twice, each time
with other bytes in the place of what is missing: pixels that come out differently were never in the data, and pixels
that come out the same were. Bytes that stand after the data of a sound image change nothing.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PIL import Image, ImageChops

FILLER_BYTES = 64
"""A filler of this length decides the first missing pixels of any codec, which is all that counts: all that follows
them is missing, too."""
FILLERS = tuple(
    bytes((factor * step * step + step) & some | always for step in range(FILLER_BYTES))
    for factor, some, always in ((57, 0x6D, 0x82), (101, 0x5B, 0x24))
)
"""Two fillers that agree nowhere. They hold neither the byte 255 nor runs of zeros, with which codecs begin their
markers."""
ZEROS = bytes(256)
"""A run of zeros of this length counts as missing data: an interrupted copy leaves at least half a sector of them, and
in compressed data hardly anything else does."""
WIDER_SAMPLES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
"""Pillow's modes whose samples have more than a byte; Pillow compares images of single bytes only."""
RUN_OF_ZEROS = re.compile(rb"\x00{%d,}" % len(ZEROS))
"""The same as an expression, for the whole length of a run."""
PIECE_BYTES = 4096
"""Compressed data is inflated in pieces of this size, so that all that came before a damaged piece is kept."""
FLATE_HEADER_BYTES, CHECKSUM_BYTES = 2, 4
"""What stands before and after the data proper in the zlib format."""
FOLLOWED = 16
"""Data is followed for so many times what is wanted, and no further: samples have 16 bits at most and 1 at least, so
data that still goes on is read wrongly."""
MOST_INFLATED = 2**20
"""One piece becomes at most so many bytes at once, however much is packed into it."""


class Rows(NamedTuple):
    """Rows of an image as it is stored, from `top` to `bottom` (excluded)."""

    top: int
    bottom: int


class Lack(NamedTuple):
    """The part of an image that its data does not hold: rows, and whether bytes may be missing above them as well.

    Where a JPEG has its end but too little before it, bytes were lost at a place that cannot be told: from there on,
    what was decoded may stand in the wrong place.
    """

    rows: Rows
    displaced: bool = False


def differing_rows(images: tuple[Image.Image, Image.Image], parts: Sequence[Rows]) -> list[Rows | None]:
    """The rows that are missing in two images of one size: in each part, all from the first row in which they differ.

    Args:
        images: of the same data, completed by either of the fillers.
        parts: rows that were coded apart from others.

    Returns:
        For each part the rows that are missing; None where none are.
    """
    first, second = (_in_bytes(image) for image in images)
    changed = ImageChops.difference(first, second)
    width, found = changed.width, list[Rows | None]()
    for part in parts:
        box = changed.crop((0, part.top, width, part.bottom)).getbbox(alpha_only=False)
        found.append(Rows(part.top + box[1], part.bottom) if box else None)
    return found


def _in_bytes(image: Image.Image) -> Image.Image:
    """The image with one byte a sample; each byte of a wider sample becomes a sample of its own."""
    if image.mode not in WIDER_SAMPLES:
        return image
    data = image.tobytes()
    return Image.frombytes("L", (len(data) // image.height, image.height), data)


def around(found: Iterable[Rows | None]) -> Rows | None:
    """From the first to the last of the rows that are missing anywhere."""
    missing = [rows for rows in found if rows is not None]
    return Rows(min(rows.top for rows in missing), max(rows.bottom for rows in missing)) if missing else None


def longest_zeros(data: bytes, start: int = 0) -> re.Match[bytes] | None:
    """The longest stretch of zeros from `start` on that an interrupted copy may have left."""
    if data.find(ZEROS, start) < 0:  # far faster than the expression
        return None
    return max(RUN_OF_ZEROS.finditer(data, start), key=lambda run: run.end() - run.start())


def inflate(data: bytes, wanted: int) -> bytearray:
    """As many of the `wanted` bytes as Flate data delivers before it ends or is found to be damaged.

    Zeros may be data: only where it is damaged, or comes to no end of its own, do they count as the end.
    """
    zeros = longest_zeros(data)
    delivered, sound = _inflate(data, wanted, FOLLOWED * wanted if zeros else wanted)
    return delivered if sound or zeros is None else _inflate(data[: zeros.start()], wanted, wanted)[0]


def _inflate(data: bytes, wanted: int, most: int) -> tuple[bytearray, bool]:
    """The bytes that the data delivers, up to `wanted`, and whether it is sound: that it is cut off is no damage.

    The checksum, which some programs leave out, counts where it is there. After `most` bytes no end is waited for.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    delivered, n_bytes, checksum = bytearray(), 0, zlib.adler32(b"")
    try:
        for start in range(FLATE_HEADER_BYTES, len(data), PIECE_BYTES):
            piece = data[start : start + PIECE_BYTES]
            while piece and not inflater.eof and n_bytes <= most:
                more = inflater.decompress(piece, MOST_INFLATED)
                delivered += more[: wanted - len(delivered)]
                n_bytes += len(more)
                checksum = zlib.adler32(more, checksum)
                piece = inflater.unconsumed_tail
    except zlib.error:
        return delivered, False
    if inflater.eof:
        at = min(len(data), start + PIECE_BYTES) - len(inflater.unused_data)
        stated = data[at : at + CHECKSUM_BYTES]
        return delivered, len(stated) < CHECKSUM_BYTES or int.from_bytes(stated, "big") == checksum
    return delivered, len(delivered) < wanted and not data.endswith(b"\0")
