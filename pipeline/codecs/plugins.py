"""A media type -> Pillow's class that reads it, and images opened by that class alone."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import BinaryIO, cast

from PIL import Image, ImageFile

from pipeline.errors import TooManyPixels

TIFF, JPEG, PNG, JP2 = "image/tiff", "image/jpeg", "image/png", "image/jp2"
"""Media types that are treated apart somewhere; WebP and BMP are not."""
PLUGINS = {
    JPEG: ("JpegImagePlugin", "JpegImageFile"),
    PNG: ("PngImagePlugin", "PngImageFile"),
    "image/webp": ("WebPImagePlugin", "WebPImageFile"),
    "image/bmp": ("BmpImagePlugin", "BmpImageFile"),
    JP2: ("Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    TIFF: ("TiffImagePlugin", "TiffImageFile"),
}
"""Pillow's module and class for each type: named, so that no other plugin is ever tried on the bytes."""


def load_plugin(media_type: str) -> Callable[[BinaryIO], ImageFile.ImageFile]:
    """Pillow's class for a type, the only one of them that is imported."""
    module, name = PLUGINS[media_type]
    return cast(Callable[[BinaryIO], ImageFile.ImageFile], getattr(importlib.import_module(f"PIL.{module}"), name))


def open_image(file: BinaryIO, media_type: str, max_pixels: int) -> ImageFile.ImageFile:
    """Read the header of an image, and nothing of its pixels.

    Raises:
        TooManyPixels: when it is far larger than allowed.
    """
    plugin = load_plugin(media_type)
    file.seek(0)
    Image.MAX_IMAGE_PIXELS = max_pixels // 2  # Pillow itself refuses twice as many, before it makes room
    try:
        return plugin(file)
    except Image.DecompressionBombError as error:
        raise TooManyPixels(f"more than the {max_pixels} pixels allowed") from error
