"""An image file with missing data -> the pixels that are there, and the rows that are not.

A page that was decoded without an error is looked at again only where a cheap test leaves a doubt (`may_lack` of JPEGs
and of the strips of TIFFs). Data that a codec refuses is completed, so that the rows before the fault are read.
"""

from __future__ import annotations

import io
import mmap
import os
from collections.abc import Mapping
from typing import Any, BinaryIO, NamedTuple

from PIL import Image, ImageFile

from pipeline.codecs import jpeg as decoder_jpeg
from pipeline.codecs import strips as decoder_strips
from pipeline.codecs.end_markers import complete_png
from pipeline.codecs.fillers import FILLERS, Lack, Rows, around, differing_rows
from pipeline.codecs.plugins import JPEG, PNG, TIFF, open_image
from pipeline.decoding.protocol import check_pixels
from pipeline.errors import DocumentError


class Mended(NamedTuple):
    """An image as far as its data goes, and what it lacks: None where it turns out to be whole."""

    image: Image.Image
    lack: Lack | None


def mend(file: BinaryIO, image: ImageFile.ImageFile, media_type: str, fault: DocumentError | None) -> Mended | None:
    """Look for the pixels that the current page of an image file lacks.

    Args:
        file: the file.
        image: its page, decoded unless there is a fault.
        media_type: of the file.
        fault: the codec's error, if there was one.

    Returns:
        None where nothing is in doubt, or nothing can be told.
    """
    mender = {JPEG: _mend_jpeg, TIFF: _mend_tiff, PNG: _mend_png}.get(media_type)
    try:
        return mender(file, image, fault) if mender else None
    except (MemoryError, DocumentError):
        raise
    except Exception:  # noqa: BLE001 - codecs raise anything on bad bytes; what they said first then stands
        return None


def decode(data: bytes, media_type: str) -> Image.Image:
    """An image held in memory, decoded.

    Raises:
        OSError: when it cannot be.
    """
    image = open_image(io.BytesIO(data), media_type, 2 * (Image.MAX_IMAGE_PIXELS or 0))
    image.load()
    return image


def header_size(data: bytes, media_type: str, max_pixels: int) -> tuple[int, int]:
    """Width and height of an image held in memory, as its own header says, which also sets the limit for `decode`.

    Raises:
        TooManyPixels: when there are more than `max_pixels`.
    """
    size: tuple[int, int] = open_image(io.BytesIO(data), media_type, max_pixels).size
    check_pixels(*size, max_pixels)
    return size


def fax_lack(data: bytes, size: tuple[int, int]) -> Lack | None:
    """The rows that a fax of Group 4 lacks, given its `size` (width, height); None where it lacks nothing."""
    tags = {decoder_strips.WIDTH: size[0], decoder_strips.HEIGHT: size[1], decoder_strips.BITS: (1,)}
    tags |= {decoder_strips.PHOTOMETRIC: 0, decoder_strips.COMPRESSION: decoder_strips.GROUP_4}
    tags |= {decoder_strips.STRIP_OFFSETS: (0,), decoder_strips.STRIP_BYTES: (len(data),)}
    found = _look_at_strips(tags, lambda *_: data)
    return found and found.lack


def _mend_jpeg(file: BinaryIO, image: ImageFile.ImageFile, fault: DocumentError | None) -> Mended | None:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        data = bytes(view)
    if fault is None and not decoder_jpeg.may_lack(data, _ends_gray(image, Rows(0, image.height))):
        return None
    lack = decoder_jpeg.find_lack(data, image.height, lambda completed: decode(completed, JPEG))
    return Mended(image if fault is None else decode(decoder_jpeg.completed(data, FILLERS[0]), JPEG), lack)


def _mend_tiff(file: BinaryIO, image: ImageFile.ImageFile, fault: DocumentError | None) -> Mended | None:
    tags, size = getattr(image, "tag_v2", {}), os.fstat(file.fileno()).st_size

    def read(offset: int, length: int) -> bytes:
        return os.pread(file.fileno(), max(0, min(length, size - offset)), offset)

    if fault is None and not decoder_strips.may_lack(tags, read, lambda strip: _ends_gray(image, strip.rows)):
        return None
    found = _look_at_strips(tags, read)
    return found and Mended(found.image if fault else image, found.lack)


def _look_at_strips(tags: Mapping[int, Any], read: decoder_strips.Read) -> Mended | None:
    """A page of a TIFF, completed from the data that the file has of its strips, and what it lacks."""
    parts = decoder_strips.strips(tags)
    images = _completed_twice(tags, read)
    if images is None:
        return None
    missing = differing_rows(images, [one.rows for one in parts])
    rows = around(missing)
    if rows is not None:
        lacking = [one for one, own in zip(parts, missing, strict=True) if own is not None]
        displaced = any(decoder_strips.ends(tags, read(one.offset, one.length)) for one in lacking)
        return Mended(images[0], Lack(rows, displaced))
    return Mended(images[0], _unused(tags, read, images))


def _completed_twice(tags: Mapping[int, Any], read: decoder_strips.Read) -> tuple[Image.Image, Image.Image] | None:
    first, second = (decoder_strips.completed(tags, read, filler) for filler in FILLERS)
    return None if first is None or second is None else (decode(first, TIFF), decode(second, TIFF))


def _unused(tags: Mapping[int, Any], read: decoder_strips.Read, images: tuple[Image.Image, Image.Image]) -> Lack | None:
    """What a fax lacks that has all its rows and yet data that none of them needs: bytes were lost or changed in it."""
    if tags.get(decoder_strips.COMPRESSION) != decoder_strips.GROUP_4:
        return None

    def shortened(offset: int, length: int) -> bytes:
        data = read(offset, length)
        return decoder_strips.without_last_rows(tags, data) or data

    shorter = _completed_twice(tags, shortened)
    if shorter is None:
        return None
    parts = decoder_strips.strips(tags)
    rows = [one.rows for one in parts]
    changed = [differing_rows(pair, rows) for pair in zip(images, shorter, strict=True)]
    for one, *needed in zip(parts, *changed, strict=True):
        if not any(needed) and decoder_strips.without_last_rows(tags, read(one.offset, one.length)) is not None:
            return Lack(Rows(one.rows.bottom, one.rows.bottom), displaced=True)
    return None


def _mend_png(file: BinaryIO, image: ImageFile.ImageFile, fault: DocumentError | None) -> Mended | None:
    if fault is None:
        return None
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        found = complete_png(view, image.height)
    return found and Mended(decode(found[0], PNG), found[1])


def _ends_gray(image: Image.Image, rows: Rows) -> bool:
    """Whether the last pixel of some rows has the middle gray of a JPEG that ended early; in CMYK that is not told."""
    pixel = image.getpixel((image.width - 1, rows.bottom - 1))
    values = pixel if isinstance(pixel, tuple) else (pixel,)
    return image.mode == "CMYK" or all(value in decoder_jpeg.MIDDLE_GRAY for value in values)
