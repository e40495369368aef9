"""Bytes of an image file -> whether its container is complete, without decoding it.

Codecs are lenient: some fill missing pixels with gray or black and report success, above all where an interrupted copy
has left zeros. A page that is half gray must not land as if it were whole.
"""

from __future__ import annotations

import mmap
import struct
import zlib

from pipeline.codecs.fillers import Lack, Rows, inflate
from pipeline.errors import CorruptFile, TruncatedFile

JPEG_SCAN, END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"
"""Markers of JPEG: a scan begins, the image ends. JPEG 2000 ends with the same one."""
PNG_SIGNATURE_BYTES = 8
PNG_CHUNK_FRAME_BYTES = 12
"""The length, the name and the checksum of a chunk of a PNG have so many bytes together."""
PNG_HEADER = struct.Struct(">IIBBBBB")
"""The content of a PNG's first chunk: width, height, bits, colour type and three methods, interlacing last."""
PNG_HEADER_BYTES = PNG_CHUNK_FRAME_BYTES + PNG_HEADER.size
PNG_SAMPLES = {2: 3, 4: 2, 6: 4}
"""Samples per pixel of the colour types of PNG; all others have one."""
JPEG_2000_START, TILE_PART = b"\xff\x4f\xff\x51", b"\xff\x90"
"""Markers of JPEG 2000: the codestream begins, a part of a tile begins."""
JBIG2_HEADER_BYTES = 11
"""The least size of a segment's header, of one that refers to no other segment."""
JBIG2_LONG_COUNT, JBIG2_LONG_PAGE, JBIG2_UNKNOWN_LENGTH = 7, 0x40, 0xFFFFFFFF
"""Values in the header of a JBIG2 segment: a longer count follows, the page number has four bytes, the length is
open."""
JBIG2_SEGMENTS = {0, 4, 6, 7, 16, 20, 22, 23, 36, 38, 39, 40, 42, 43, 48, 49, 50, 51, 52, 53, 62}
"""The types of segments that JBIG2 has; any other number shows that this is no header."""


def check_end(data: mmap.mmap, media_type: str) -> None:
    """Refuse a file whose end is missing; types whose codecs report that themselves pass.

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
    elif media_type == "image/jp2":
        check_jpeg_2000(data)


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


def complete_png(data: mmap.mmap, height: int) -> tuple[bytes, Lack] | None:
    """Complete a damaged PNG: the rows that it still holds, and zeros for the rest of its `height` rows.

    Returns:
        The completed PNG and what it lacks; None where that cannot be told, as nothing is left, or as the PNG is
        interlaced, so that every row has lost something.
    """
    head, pixels, position = b"", b"", PNG_SIGNATURE_BYTES
    while (name := data[position + 4 : position + 8]) and name != b"IEND":
        end = position + PNG_CHUNK_FRAME_BYTES + int.from_bytes(data[position : position + 4], "big")
        body = data[position + 8 : end - 4]
        sound = zlib.crc32(name + body) == int.from_bytes(data[end - 4 : end], "big") and end <= len(data)
        if name == b"IDAT":
            pixels += body
        elif sound and not pixels:
            head += data[position:end]
        if not sound:  # of a chunk that is cut all is kept, of one that is damaged nothing: where is not known
            pixels = pixels if end > len(data) else pixels[: len(pixels) - len(body)]
            break
        position = end
    if len(head) < PNG_HEADER_BYTES:
        return None
    width, _, bits, colours, *_, interlaced = PNG_HEADER.unpack_from(head, 8)
    row_bytes = 1 + -(-width * bits * PNG_SAMPLES.get(colours, 1) // 8)
    delivered = inflate(pixels, height * row_bytes)
    whole = len(delivered) // row_bytes
    if interlaced or not 0 < whole < height:
        return None
    rest = bytes((height - whole) * row_bytes)
    body = zlib.compress(bytes(delivered[: whole * row_bytes]) + rest, 1)
    return data[:PNG_SIGNATURE_BYTES] + head + _chunk(b"IDAT", body) + _chunk(b"IEND", b""), Lack(Rows(whole, height))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def check_jpeg_2000(data: bytes | mmap.mmap) -> None:
    """Refuse a JPEG 2000 image that is shorter than its tiles say: each part that is missing blurs all of a tile.

    Raises:
        TruncatedFile: when a part of a tile, or the end mark, is not there.
    """
    if data.rfind(END_OF_IMAGE) < 0:
        raise TruncatedFile("the JPEG 2000 image has no end mark")
    position = data.find(JPEG_2000_START) + len(JPEG_2000_START) - 2
    while data[position : position + 1] == b"\xff" and data[position : position + 2] != END_OF_IMAGE:
        size = int.from_bytes(data[position + 2 : position + 4], "big")
        if data[position : position + 2] == TILE_PART:
            (length,) = struct.unpack(">I", data[position + 6 : position + 10].ljust(4, b"\0"))
            if length == 0:  # all that is left is this tile's
                return
            position += length
        else:
            position += 2 + size
    if data[position : position + 2] != END_OF_IMAGE:
        raise TruncatedFile("the JPEG 2000 image is shorter than its tiles say")


def check_jbig2(data: bytes) -> None:
    """Refuse a JBIG2 stream, as PDFs hold them, whose last segment is longer than what is there.

    Raises:
        TruncatedFile: when it is.
    """
    position = 0
    while position + JBIG2_HEADER_BYTES <= len(data):
        number, flags, referred = struct.unpack_from(">IBB", data, position)
        count, extra = referred >> 5, 0
        if count == JBIG2_LONG_COUNT:
            count = int.from_bytes(data[position + 5 : position + 9], "big") & 0x1FFFFFFF
            extra = 3 + (count + 8) // 8
        width = 1 if number <= 256 else 2 if number <= 65536 else 4
        head = 6 + extra + count * width + (4 if flags & JBIG2_LONG_PAGE else 1)
        length = int.from_bytes(data[position + head : position + head + 4], "big")
        if flags & 63 not in JBIG2_SEGMENTS or length == JBIG2_UNKNOWN_LENGTH:
            return
        position += head + 4 + length
    if position > len(data):
        raise TruncatedFile("the JBIG2 image is shorter than its segments say")
