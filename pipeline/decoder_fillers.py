"""Which pixels an image's data does not hold, told without trusting what its codec makes of them.

Codecs fill what is missing with gray, black or white, and most report success. So the data is completed twice, each
time with other bytes in the place of what is missing: pixels that come out differently were never in the data, and
whatever comes out the same was. What stands after the data of a sound image changes nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from PIL import Image

FILLER_BYTES = 64
"""Enough for the first missing pixels of any codec, which is all that counts: what follows them is missing, too."""
FILLERS = tuple(
    bytes((factor * step * step + step) & some | always for step in range(FILLER_BYTES))
    for factor, some, always in ((57, 0x6D, 0x82), (101, 0x5B, 0x24))
)
"""Two fillers that agree nowhere, without the bytes (255) and the runs of zeros with which codecs begin their marks."""
PIECE_BYTES = 4096
"""Compressed bytes that are inflated at once: where they are damaged, what came before them is kept."""


class Rows(NamedTuple):
    """Rows of an image as it is stored, from `top` to `bottom` (excluded)."""

    top: int
    bottom: int


class Lack(NamedTuple):
    """What an image's data does not hold: rows, and whether bytes may be missing above them as well.

    Where a JPEG has its end but too little before it, bytes were lost at a place that cannot be told: from there on,
    what was decoded may stand in the wrong place.
    """

    rows: Rows
    displaced: bool = False


def differing_rows(images: tuple[Image.Image, Image.Image], parts: Iterable[Rows]) -> Rows | None:
    """What two images of one size show to be missing: in each part, all from the first row in which they differ.

    Args:
        images: of the same data, completed by either of the fillers.
        parts: rows that were coded apart from others.

    Returns:
        The rows from the first to the last that is missing; None where nothing is.
    """
    first, second = (memoryview(image.tobytes()) for image in images)
    if first == second:
        return None
    stride = len(first) // images[0].height
    found = []
    for part in parts:
        for row in range(*part):
            if first[row * stride : (row + 1) * stride] != second[row * stride : (row + 1) * stride]:
                found.append(Rows(row, part.bottom))
                break
    return Rows(min(rows.top for rows in found), max(rows.bottom for rows in found)) if found else None


def inflate(data: bytes | memoryview, wanted: int) -> bytearray:
    """As many of the `wanted` bytes as Flate data delivers before it ends or is found to be damaged."""
    inflater = zlib.decompressobj()
    delivered = bytearray()
    for start in range(0, len(data), PIECE_BYTES):
        try:
            delivered += inflater.decompress(data[start : start + PIECE_BYTES], max(1, wanted - len(delivered)))
            while inflater.unconsumed_tail and len(delivered) < wanted:
                delivered += inflater.decompress(inflater.unconsumed_tail, wanted - len(delivered))
        except zlib.error:
            break
        if inflater.eof or len(delivered) >= wanted:
            break
    return delivered[:wanted]
