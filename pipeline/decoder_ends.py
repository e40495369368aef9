"""Whether an image file is all there, seen from its container alone.

Codecs are lenient: some fill what is missing with gray or black and report success, above all where an interrupted
copy has left zeros. A page that is half gray must not land as if it were whole.
"""

from __future__ import annotations

import mmap
import zlib

from pipeline.errors import CorruptFile, TruncatedFile

JPEG_SCAN, END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
PNG_SIGNATURE_BYTES = 8
PNG_CHUNK_FRAME_BYTES = 12
"""Length, name and checksum of a chunk."""


def check_end(data: mmap.mmap, media_type: str) -> None:
    """Refuse a file whose end is missing; types whose codecs notice by themselves pass.

    Raises:
        TruncatedFile: when the file ends before its content does.
        CorruptFile: when the pixels of a PNG do not match their checksum, or its chunks are none.
    """
    if media_type == "image/png":
        _check_png(data)
    elif media_type == "image/webp" and int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise TruncatedFile("the WebP is shorter than its header says")
    # Compressed data never holds the end mark by chance: both formats stuff it. A JPEG's thumbnail may have one.
    elif media_type == "image/jpeg" and data.find(END_OF_IMAGE, _jpeg_scan(data)) < 0:
        raise TruncatedFile("the JPEG has no end mark")
    elif media_type == "image/jp2" and data.rfind(END_OF_IMAGE) < 0:
        raise TruncatedFile("the JPEG 2000 image has no end mark")


def _jpeg_scan(data: mmap.mmap) -> int:
    """Where the header's segments end and the compressed data begins."""
    position = 2
    while data[position : position + 1] == b"\xff" and data[position : position + 2] != JPEG_SCAN:
        position += 2 + max(2, int.from_bytes(data[position + 2 : position + 4], "big"))
    return position


def _check_png(data: mmap.mmap) -> None:
    """Walk the chunks from the signature to IEND."""
    position = PNG_SIGNATURE_BYTES
    name = b""
    while name != b"IEND":
        length, name = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        end = position + PNG_CHUNK_FRAME_BYTES + length
        if name and not name.isalpha():
            raise CorruptFile("the PNG has a chunk without a name")
        if end > len(data):
            raise TruncatedFile("the PNG ends inside a chunk")
        if name == b"IDAT" and zlib.crc32(data[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise CorruptFile("the PNG's pixels do not match their checksum")
        position = end
