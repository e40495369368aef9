"""Bytes of a TIFF -> the chain of its images, walked without decoding anything."""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

from pipeline.errors import CorruptFile, TooManyPages

NEW_SUBFILE_TYPE = 254
"""The tag that says what an image is of the others: it is the lowest one, and so stands first in its directory."""
REDUCED_OR_MASK = 0b101
"""These bits of NewSubfileType say that an image is no page: a reduced copy of another (a thumbnail), or a transparency
mask."""


class Layout(NamedTuple):
    """Struct formats of classic TIFF or BigTIFF in the file's byte order."""

    offset: struct.Struct
    entries: struct.Struct
    entry_bytes: int
    order: str


class Chain(NamedTuple):
    """Indices of the images that are pages, and whether the chain broke off (its last index is then unreadable)."""

    frames: tuple[int, ...]
    broken: bool


def walk(file: BinaryIO, max_frames: int) -> Chain:
    """Follow the directories of a TIFF file from one to the next.

    A chain that returns to a directory it has passed ends there. Thumbnails and masks are left out, unless there is
    nothing else. A directory beyond the end of the file counts as one last frame, so that a cut file loses no page
    silently.

    Raises:
        CorruptFile: when the header is none.
        TooManyPages: when there are more than `max_frames` directories.
    """
    layout, offset = _header(file)
    seen: set[int] = set()
    pages: list[int] = []
    others: list[int] = []
    while offset and offset not in seen:
        if len(seen) == max_frames:
            raise TooManyPages(f"more than the {max_frames} images allowed")
        seen.add(offset)
        index = len(seen) - 1
        try:
            is_page, offset = _directory(file, layout, offset)
        except (struct.error, OverflowError, OSError):  # the file ends inside the directory, or before it
            return Chain((*(pages or others), index), broken=True)
        (pages if is_page else others).append(index)
    return Chain(tuple(pages or others), broken=False)


def _header(file: BinaryIO) -> tuple[Layout, int]:
    file.seek(0)
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    try:
        big = struct.unpack_from(order + "H", head, 2)[0] == 43
        layout = (
            Layout(struct.Struct(order + "Q"), struct.Struct(order + "Q"), 20, order)
            if big
            else Layout(struct.Struct(order + "I"), struct.Struct(order + "H"), 12, order)
        )
        (first,) = layout.offset.unpack_from(head, 8 if big else 4)
    except struct.error as error:
        raise CorruptFile("the TIFF header is cut off") from error
    return layout, first


def _directory(file: BinaryIO, layout: Layout, offset: int) -> tuple[bool, int]:
    """Whether the directory at `offset` is a page's, and the offset of the next one."""
    file.seek(offset)
    (count,) = layout.entries.unpack(file.read(layout.entries.size))
    (tag,) = struct.unpack(layout.order + "H", file.read(2))
    entry = file.read(layout.entry_bytes - 2)
    # NewSubfileType has the lowest tag of all, and entries are sorted: it is the first or it is not there.
    value = struct.unpack_from(layout.order + "I", entry, layout.entry_bytes - 2 - layout.offset.size)[0]
    file.seek(offset + layout.entries.size + count * layout.entry_bytes)
    (following,) = layout.offset.unpack(file.read(layout.offset.size))
    return not (tag == NEW_SUBFILE_TYPE and value & REDUCED_OR_MASK), following
