"""A page of a TIFF -> its strips or tiles, each completed by itself, as a TIFF of their own.

Decoded with one filler and with another, it shows which pixels the strips lack (`fillers.py`).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pipeline.codecs import jpeg as decoder_jpeg
from pipeline.codecs.fillers import Rows, inflate, longest_zeros

WIDTH, HEIGHT, BITS, COMPRESSION, FILL_ORDER, SAMPLES, ROWS_PER_STRIP, PLANAR = 256, 257, 258, 259, 266, 277, 278, 284
"""Tags that say how large a page is and how its pixels are stored."""
STRIP_OFFSETS, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES = 273, 279, 322, 323, 324, 325
"""Tags that say where the data of strips and tiles is."""
PHOTOMETRIC, JPEG_TABLES = 262, 347
"""Tags that say what samples mean, and which tables the JPEGs of a page share."""
KEPT: tuple[int, ...] = (
    *(WIDTH, HEIGHT, BITS, PHOTOMETRIC, FILL_ORDER, 274, SAMPLES, ROWS_PER_STRIP, PLANAR, 292, 293, 317, 320),
    *(TILE_WIDTH, TILE_HEIGHT, 332, 338, 339, JPEG_TABLES, 529, 530, 532),
)
"""The tags that a page of its own keeps: they say how pixels are stored and coded, and the others say nothing of
that."""
LONG, UNDEFINED = 4, 7
"""Types of values in a directory: numbers of four bytes, and bytes as they are."""
NONE, GROUP_3, GROUP_4, LZW, JPEG, ADOBE_DEFLATE, PACKBITS, DEFLATE = 1, 3, 4, 5, 7, 8, 32773, 32946
"""Values of `COMPRESSION` that can be completed."""
FAXES = (GROUP_3, GROUP_4)
"""Compressions whose data has no length of its own, so that it must be decoded to see whether it is whole."""
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in reverse order, as FillOrder 2 stores them."""
FAX_END_BYTES = 16
"""The end of a fax is looked for in so many of its last bytes, as it has at most six end-of-line codes."""
FAX_END = re.compile("0{11,}(1[01]?0{11,})*(1[01]?)?0*$")
"""The end-of-line codes and the filling at the end of a fax: no other code holds so many zeros."""
FAX_END_MARK = re.compile("(0{11}1[01]?){2,}")
"""The end marker of a fax: two end-of-line codes or more, one after the other."""
LAST_BITS = 32
"""A sound fax comes out differently at its foot without so many of its last bits."""
CODE_END = "000"
"""Zeros that are kept at the end of a fax, as they may be its last code's own; what follows them is looked at only if
more is needed."""
END_OF_LINE, ZEROS = b"\x00\x01", b"\x00\x00"
"""An end-of-line code in whole bytes, and zeros that no fax of Group 4 holds but at its end."""
FAX_LINE_BYTES = 6
"""A filler for Group 3 has an end-of-line code after so many bytes, a line or a part of one, so that decoders go on."""
LZW_CLEAR, LZW_END, LZW_BITS = 256, 257, (9, 12)
"""Codes of TIFF's LZW that clear the table and end the data, and the least and the most bits of a code."""


class Strip(NamedTuple):
    """One strip or tile: where its data is in the file, its rows on the page, and the bytes of its pixels."""

    offset: int
    length: int
    rows: Rows
    wanted: int


Read = Callable[[int, int], bytes]
"""Bytes of the file, from an offset, as many as there are."""


def strips(tags: Mapping[int, Any]) -> list[Strip]:
    """The strips or tiles that a page of such tags has; those that its lists do not name have no bytes."""
    width, height, tiled = tags[WIDTH], tags[HEIGHT], TILE_OFFSETS in tags
    rows = max(1, tags[TILE_HEIGHT] if tiled else min(height, tags.get(ROWS_PER_STRIP, height)))
    columns = max(1, tags[TILE_WIDTH] if tiled else width)
    planes = tags.get(SAMPLES, 1) if tags.get(PLANAR, 1) == 2 else 1
    bits = sum(tags.get(BITS, (1,))) if planes == 1 else tags[BITS][0]
    across, down = -(-width // columns), -(-height // rows)
    names = (TILE_OFFSETS, TILE_BYTES) if tiled else (STRIP_OFFSETS, STRIP_BYTES)
    offsets, lengths = (tuple(tags.get(name, ())) for name in names)
    found = []
    for index in range(across * down * planes):
        top = index % (across * down) // across * rows
        bottom = min(height, top + rows)
        offset, length = (offsets[index], lengths[index]) if index < min(len(offsets), len(lengths)) else (0, 0)
        wanted = (rows if tiled else bottom - top) * -(-columns * bits // 8)
        found.append(Strip(offset, length, Rows(top, bottom), wanted))
    return found


def may_lack(tags: Mapping[int, Any], read: Read, ends_gray: Callable[[Strip], bool]) -> bool:
    """Whether pixels may be missing on a page that was decoded without complaint.

    Args:
        tags: of the page.
        read: from the file.
        ends_gray: whether the last pixels of a strip are middle gray.
    """
    compression = tags.get(COMPRESSION, NONE)
    if compression == NONE:
        counted = any(tags.get(STRIP_BYTES, tags.get(TILE_BYTES, ())))
        return counted and any(one.length < one.wanted for one in strips(tags))
    if compression in FAXES or (compression == JPEG and any(map(ends_gray, strips(tags)))):
        return True
    return any(longest_zeros(read(one.offset, one.length)) for one in strips(tags))


def completed(tags: Mapping[int, Any], read: Read, filler: bytes) -> bytes | None:
    """A TIFF of this page alone, with `filler` where the data of a strip ends; None where its codec has no such end."""
    compression = tags.get(COMPRESSION, NONE)
    if compression == JPEG:
        data = [_before_zeros(read(one.offset, one.length), JPEG) for one in strips(tags)]
        head = next(filter(None, map(decoder_jpeg.header, data)), b"")
        parts = [own if decoder_jpeg.header(own) else head for own in data]
        return _tiff(tags, [decoder_jpeg.completed(own, filler) for own in parts], JPEG)
    if compression in FAXES:
        kind = (compression, tags.get(FILL_ORDER, 1) == 2)
        return _tiff(
            tags, [complete_fax(read(one.offset, one.length), filler, kind) for one in strips(tags)], compression
        )
    if compression not in UNPACKERS:
        return None
    unpack = UNPACKERS[compression]
    data = [read(one.offset, one.length) for one in strips(tags)]
    data = [_before_zeros(own, compression) if compression in (LZW, PACKBITS) else own for own in data]
    pixels = [unpack(own, one.wanted) for own, one in zip(data, strips(tags), strict=True)]
    padded = [_padded(own, one.wanted, filler) for own, one in zip(pixels, strips(tags), strict=True)]
    return _tiff(tags, [zlib.compress(own, 1) for own in padded], ADOBE_DEFLATE)


def ends(tags: Mapping[int, Any], data: bytes) -> bool:
    """Whether a strip is a fax that has its end marker, or something like it soon before its last byte."""
    return tags.get(COMPRESSION) in FAXES and _end_mark(data, tags.get(FILL_ORDER, 1) == 2) is not None


def without_last_rows(tags: Mapping[int, Any], data: bytes) -> bytes | None:
    """A fax of Group 4 without the last bits before its end marker; None where it has too few, or no such marker."""
    backwards = tags.get(FILL_ORDER, 1) == 2
    mark = _end_mark(data, backwards) if tags.get(COMPRESSION) == GROUP_4 else None
    if mark is None or len(data) < 2 * FAX_END_BYTES:
        return None
    n_bits = 8 * (len(data) - FAX_END_BYTES) + mark.start() - LAST_BITS
    return data[: n_bits // 8]


def _end_mark(data: bytes, backwards: bool) -> re.Match[str] | None:
    return FAX_END_MARK.search(_bits(data[-FAX_END_BYTES:], backwards))


def _bits(data: bytes, backwards: bool) -> str:
    return "".join(f"{byte:08b}" for byte in (data.translate(REVERSED) if backwards else data))


def complete_fax(data: bytes, filler: bytes, kind: tuple[int, bool] = (GROUP_4, False)) -> bytes:
    """A fax with `filler` in the place of its end, whether that is marked or not.

    Args:
        data: of Group 3 or 4.
        filler: other bytes.
        kind: GROUP_3 or GROUP_4, and whether the bits of each byte run the other way round.
    """
    group, backwards = kind
    data = data.translate(REVERSED) if backwards else data
    if group == GROUP_4 and ZEROS in data:
        data = data[: data.index(ZEROS) + len(ZEROS)]
    head, tail = data[:-FAX_END_BYTES], data[-FAX_END_BYTES:]
    bits = FAX_END.sub(CODE_END, _bits(tail, backwards=False))
    if group == GROUP_3:
        lines = (filler[start : start + FAX_LINE_BYTES] for start in range(0, len(filler), FAX_LINE_BYTES))
        filler = b"".join(END_OF_LINE + line for line in lines)
    bits += "".join(f"{byte:08b}" for byte in filler)
    bits += "0" * (-len(bits) % 8)
    whole = head + int(bits, 2).to_bytes(len(bits) // 8, "big")
    return whole.translate(REVERSED) if backwards else whole


def _before_zeros(data: bytes, compression: int) -> bytes:
    """The data up to zeros that its codec would never write: LZW and PackBits anywhere, others at their end."""
    zeros = longest_zeros(data)
    lost = zeros is not None and (compression in (LZW, PACKBITS) or zeros.end() == len(data))
    return data[: zeros.start()] if zeros and lost else data


def _padded(pixels: bytes | bytearray, wanted: int, filler: bytes) -> bytes:
    lacking = max(0, wanted - len(pixels))
    return bytes(pixels) + (filler * (lacking // len(filler) + 1))[:lacking]


def _tiff(tags: Mapping[int, Any], parts: list[bytes], compression: int) -> bytes:
    """A TIFF of one page in the byte order of the tags', its strips or tiles in front of its directory."""
    order = "<" if getattr(tags, "prefix", b"II") == b"II" else ">"
    values: dict[int, Any] = {tag: tags[tag] for tag in KEPT if tag in tags}
    offset, offsets = 8, []
    for part in parts:
        offsets.append(offset)
        offset += len(part)
    names = (TILE_OFFSETS, TILE_BYTES) if TILE_OFFSETS in tags else (STRIP_OFFSETS, STRIP_BYTES)
    values |= {COMPRESSION: compression, names[0]: tuple(offsets), names[1]: tuple(map(len, parts))}
    directory, more = struct.pack(order + "H", len(values)), b""
    beyond = offset + 2 + 12 * len(values) + 4
    for tag in sorted(values):
        body, count, kind = _value(values[tag], order)
        place = body.ljust(4, b"\0") if len(body) <= 4 else struct.pack(order + "I", beyond + len(more))
        more += body if len(body) > 4 else b""
        directory += struct.pack(order + "HHI", tag, kind, count) + place
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "I", offset) + b"".join(parts) + directory + bytes(4) + more


def _value(value: Any, order: str) -> tuple[bytes, int, int]:
    """A tag's value as bytes, the number of its items, and their type."""
    if isinstance(value, bytes):
        return value, len(value), UNDEFINED
    items = value if isinstance(value, tuple) else (value,)
    return struct.pack(f"{order}{len(items)}I", *map(int, items)), len(items), LONG


def unpack_bits(data: bytes, wanted: int) -> bytearray:
    """The bytes that PackBits data delivers, up to `wanted`."""
    out, position = bytearray(), 0
    while position + 1 < len(data) and len(out) < wanted:
        count = data[position]
        if count < 128:
            out += data[position + 1 : position + 2 + count]
            position += 2 + count
        else:
            out += data[position + 1 : position + 2] * (257 - count if count > 128 else 0)
            position += 2 if count > 128 else 1
    return out[:wanted]


def unpack_lzw(data: bytes, wanted: int) -> bytearray:
    """The bytes that a TIFF's LZW data delivers before it ends or is found to be damaged, up to `wanted`."""
    out, bits, n_bits, width = bytearray(), 0, 0, LZW_BITS[0]
    table: list[bytes] = []
    before = b""
    for byte in data:
        bits, n_bits = (bits << 8 | byte) & 0xFFFFFF, n_bits + 8
        if n_bits < width:
            continue
        n_bits -= width
        code = bits >> n_bits & (1 << width) - 1
        if code == LZW_CLEAR:
            table, before, width = [bytes((one,)) for one in range(256)] + [b"", b""], b"", LZW_BITS[0]
            continue
        if code == LZW_END or not table or code > len(table) or (code == len(table) and not before):
            break
        entry = table[code] if code < len(table) else before + before[:1]
        out += entry
        if before:
            table.append(before + entry[:1])
        before = entry
        width = min(LZW_BITS[1], max(LZW_BITS[0], (len(table) + 1).bit_length()))
        if len(out) >= wanted:
            break
    return out[:wanted]


UNPACKERS: dict[int, Callable[[bytes, int], bytes | bytearray]] = {
    NONE: lambda data, wanted: data[:wanted],
    LZW: unpack_lzw,
    PACKBITS: unpack_bits,
    DEFLATE: inflate,
    ADOBE_DEFLATE: inflate,
}
"""The functions that deliver the pixels of a strip, by its compression."""
