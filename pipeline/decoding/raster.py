"""TIFF, JPEG, PNG, WebP, BMP and JPEG 2000 -> rasters, by Pillow, inside the decoding process.

The raster holds the file's own pixels: no orientation is applied (it is reported), nothing is resampled. Transparency
is laid on white, CMYK and palettes become RGB, and 16 bits become 8. Pages are converted in bands, so that a large
page is never held twice.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, NamedTuple

from PIL import Image, ImageFile

from pipeline.codecs import tiff as decoder_tiff
from pipeline.codecs.end_markers import check_end
from pipeline.codecs.plugins import JP2, JPEG, PNG, TIFF, open_image
from pipeline.decoding.mending import mend
from pipeline.decoding.protocol import DecodeRequest, Missing, Raster, check_pixels, one_line
from pipeline.errors import (
    CorruptFile,
    DecoderOutOfMemory,
    DocumentError,
    NoPages,
    TruncatedFile,
    UnsupportedType,
)

BAND_BYTES = 256 * 1024
"""About so many bytes of a page are converted and sent at once: few enough that each band takes the memory, still in
the processor's cache, of the one before."""
JP2_SAMPLE_BYTES = 5
"""The memory that a sample of a JPEG 2000 image takes: four bytes in OpenJPEG, one in Pillow. It is checked beforehand,
as OpenJPEG, refused memory, reports damage."""
SIXTEEN_BIT = ("I", "I;16", "I;16L", "I;16B", "I;16N")
"""Pillow's modes of images with 16 bits a sample."""
UNREADABLE_MODES = {"F": "floating-point samples", "LAB": "CIELAB colours"}
"""Pillow's modes that are not converted, with the words of the refusal."""
WHITE_IS_ZERO = 0
"""The value of `PHOTOMETRIC` that says that samples are inverted."""
ORIENTATION, PHOTOMETRIC = 274, 262
"""Tags of TIFF and EXIF that say how a page is to be shown."""
STRIP_OFFSETS, STRIP_BYTES, TILE_OFFSETS, TILE_BYTES = 273, 279, 324, 325
"""Tags of TIFF that say where the data of a page is, by which a cut file is told."""
WITHOUT_UNIT = ("resolution", "jfif_density", "aspect")
"""What Pillow calls a resolution without a unit in a TIFF, a JPEG and a PNG."""
UNDO_ORIENTATION = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""The transpositions that turn a TIFF's page back to what the file holds: Pillow turns these pages, and no others,
upright while it loads them."""


class ImageDocument:
    """An opened image file whose frames are decoded one by one."""

    def __init__(self, image: ImageFile.ImageFile, file: BinaryIO, request: DecodeRequest, found: Found) -> None:
        self._image = image
        self._file = file
        self._request = request
        self._found = found

    @property
    def n_pages(self) -> int:
        """How many frames count as pages."""
        return len(self._found.frames)

    def page(self, number: int) -> Raster:
        """Decode page `number`, from 1.

        Raises:
            TooManyPixels: before decoding, by the size in the page's header.
            TruncatedFile, CorruptFile, UnsupportedType, DecoderOutOfMemory: what decoding ran into.
        """
        if self._found.broken and number == self.n_pages:
            raise TruncatedFile(f"the file ends before page {number} does")
        image = self._image
        if self._found.frames[number - 1] > 0:
            for key in ("dpi", *WITHOUT_UNIT):  # Pillow would keep the page's before
                image.info.pop(key, None)
            image.seek(self._found.frames[number - 1])
        check_pixels(*image.size, self._request.max_pixels)
        if image.mode in UNREADABLE_MODES:
            raise UnsupportedType(f"page {number} has {UNREADABLE_MODES[image.mode]}, which are not read")
        orientation = _orientation(image)
        dpi = _stated_dpi(image)
        fault = self._found.fault or _load(image)
        mended = mend(self._file, image, self._request.media_type, fault)
        if fault is not None and mended is None:
            raise fault
        decoded, lack = mended or (image, None)
        pixels = _as_stored(decoded, image.format, orientation)
        missing = lack and Missing((0, lack.rows.top, pixels.width, lack.rows.bottom), lack.displaced)
        bands = _bands(pixels, _to_rgb(pixels, image))
        return Raster(*pixels.size, bands, dpi, exif_orientation=orientation, missing=missing)


class Found(NamedTuple):
    """Indices of the frames that are pages, whether the last one breaks off, and what is wrong with the file's end."""

    frames: tuple[int, ...]
    broken: bool = False
    fault: DocumentError | None = None


def open_paged(file: BinaryIO, request: DecodeRequest) -> ImageDocument:
    """Open an image of type `request.media_type` from `file`.

    Raises:
        NoPages, TooManyPages: by the number of images in a TIFF.
        TooManyPixels: when an image that is the only one is larger than allowed.
        UnsupportedType: when the image is animated.
        TruncatedFile, CorruptFile: when its header is not there, or its end where nothing can be read without it.
    """
    if request.media_type == TIFF:
        chain = decoder_tiff.walk(file, request.max_pages)
        if not chain.frames:
            raise NoPages("the TIFF holds no image")
        if chain.broken and len(chain.frames) == 1:
            raise TruncatedFile("the TIFF ends before its first page does")
        image = open_image(file, request.media_type, request.max_pixels)
        return ImageDocument(image, file, request, Found(chain.frames, chain.broken))
    fault: DocumentError | None = None
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            check_end(data, request.media_type)
        except DocumentError as error:
            fault = error
    try:
        image = open_image(file, request.media_type, request.max_pixels)
    except Exception as error:
        if fault is not None:  # a better reason than the codec's
            raise fault from error
        raise
    check_pixels(*image.size, request.max_pixels)
    if request.media_type == JP2:
        _check_room(image, request.memory_mb)
    if fault is not None and request.media_type not in (JPEG, PNG):
        raise fault
    if getattr(image, "is_animated", False):
        raise UnsupportedType("the image is animated")
    return ImageDocument(image, file, request, Found((0,), fault=fault))


def _check_room(image: ImageFile.ImageFile, memory_mb: int) -> None:
    """Refuse a JPEG 2000 image that takes more memory than is allowed, before its decoder calls it damaged.

    Raises:
        DecoderOutOfMemory: when it would.
    """
    width, height = image.size
    needed_mb = width * height * len(image.getbands()) * JP2_SAMPLE_BYTES // 2**20
    if needed_mb > memory_mb:
        raise DecoderOutOfMemory(f"{width} x {height} pixels take {needed_mb} MB, more than the {memory_mb} allowed")


def _orientation(image: ImageFile.ImageFile) -> int:
    """The EXIF (or TIFF) orientation, 1-8; 1 where the file says nothing sensible."""
    value = _metadata(lambda: image.getexif().get(ORIENTATION))
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _stated_dpi(image: ImageFile.ImageFile) -> tuple[float, float] | None:
    """Pixels per inch (x, y) as the file states them, however implausible; None where it states none.

    Where it states numbers without a unit, they count if they differ: they say of which shape the pixels are.
    """
    stated: tuple[float, float] | None = _metadata(partial(_pair, image, "dpi"))
    if stated is not None:
        return stated
    for key in WITHOUT_UNIT:
        numbers: tuple[float, float] | None = _metadata(partial(_pair, image, key))
        if numbers is not None and numbers[0] != numbers[1]:
            return numbers
    return None


def _pair(image: ImageFile.ImageFile, key: str) -> tuple[float, float]:
    across, down = image.info[key][:2]
    return float(across), float(down)


def _metadata(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Exception:  # noqa: BLE001 - damaged metadata raises anything, and never costs a page
        return None


def _load(image: ImageFile.ImageFile) -> DocumentError | None:
    """Decode the current frame; what the codec complains of, if anything."""
    try:
        image.load()
    except OSError as error:
        return _load_error(image, error)
    return None


def _as_stored(image: Image.Image, kind: str | None, orientation: int) -> Image.Image:
    """The pixels as the file holds them."""
    turned = kind == "TIFF" and orientation in UNDO_ORIENTATION
    return image.transpose(UNDO_ORIENTATION[orientation]) if turned else image


def _load_error(image: ImageFile.ImageFile, error: OSError) -> DocumentError:
    """What a codec's complaint means."""
    words = str(error).lower()
    if "truncated" in words or _beyond_end(image):
        return TruncatedFile("the image data ends too early")
    if "memory" in words:
        return DecoderOutOfMemory("the codec asked for more memory than is allowed")
    return CorruptFile(f"the image data cannot be decoded: {one_line(str(error))}")


def _beyond_end(image: ImageFile.ImageFile) -> bool:
    """Whether a TIFF's current page has strips or tiles that end after the file does."""
    tags = getattr(image, "tag_v2", {})
    size = os.fstat(image.fp.fileno()).st_size if image.fp else 0
    for offsets, lengths in ((STRIP_OFFSETS, STRIP_BYTES), (TILE_OFFSETS, TILE_BYTES)):
        pairs = zip(tags.get(offsets, ()), tags.get(lengths, ()), strict=False)
        if any(offset + length > size for offset, length in pairs):
            return True
    return False


def _to_rgb(pixels: Image.Image, source: ImageFile.ImageFile) -> Callable[[Image.Image], Image.Image]:
    """How a band of the page becomes RGB."""
    if pixels.mode in SIXTEEN_BIT:
        return _sixteen_bit_to_rgb(pixels, getattr(source, "tag_v2", {}).get(PHOTOMETRIC) == WHITE_IS_ZERO)
    if pixels.has_transparency_data:
        return _on_white
    if pixels.mode == "RGB":
        return lambda band: band
    return lambda band: band.convert("RGB")


def _sixteen_bit_to_rgb(pixels: Image.Image, inverted: bool) -> Callable[[Image.Image], Image.Image]:
    """Scale by the depth in use: scanners store 10, 12 or 14 bits in 16, and paper is near the top of them."""
    low, high = pixels.convert("I").getextrema()
    depth = max(8, -(-int(high).bit_length() // 2) * 2)  # type: ignore[arg-type]  # one band: two numbers
    if int(low) < 0 or depth > 16:  # type: ignore[arg-type]
        raise UnsupportedType(f"samples from {low} to {high} are not read; 16-bit ones are")
    scale = 255 / (2**depth - 1)
    gain, offset = (-scale, 255.0) if inverted else (scale, 0.0)
    return lambda band: band.convert("I").point(lambda value: value * gain + offset).convert("L").convert("RGB")


def _on_white(band: Image.Image) -> Image.Image:
    """The band as paper shows it: transparent is white."""
    layer = band.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(paper, layer).convert("RGB")


def _bands(pixels: Image.Image, to_rgb: Callable[[Image.Image], Image.Image]) -> Iterator[bytes]:
    """The page's rows from the top, converted to BGR bytes."""
    width, height = pixels.size
    rows = max(1, BAND_BYTES // (width * 3))
    for top in range(0, height, rows):
        band = pixels.crop((0, top, width, min(height, top + rows)))
        yield to_rgb(band).tobytes("raw", "BGR")
