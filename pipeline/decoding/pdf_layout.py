"""A PDF's page -> how large a raster it gets, and where it goes on it: by the images that it shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.decoding.protocol import DecodeRequest

POINTS_PER_INCH = 72.0
MAX_OBJECTS = 5000
"""Pages with more objects are drawn and not inspected: a scan has a handful, with an OCR text layer hundreds."""
SCAN_COVERAGE = 0.5
"""Images that cover at least this share of an otherwise empty page make it a scan: logos cover far less."""
EDGE_SLACK = 0.01
"""An image this close to the page's edges, as a share of the page, is the page: producers round page sizes."""
MAX_ANISOTROPY = 1.05
"""Pixels less square than this (faxes at 204 x 98 dpi) are resampled to square ones, or text would be squashed."""
INSET_PX = 0.004
"""An image is drawn in by this much: PDFium rounds its box outwards to whole pixels, and must not gain one."""
AXIS_SLACK = 1e-3
"""An image counts as not rotated if the off-diagonal share of its matrix is below this: producers round matrices."""
LAYER_COVERAGE = 0.02
"""An image that covers this share of a page is a layer of it, and a smaller one a logo: compressors lay print as masks
of 300 dpi over a background of 72, one for the page or one for each column or block."""
SHARPEST_LAYER_DPI = 600.0
"""Layers are drawn at this resolution at most: print has no more detail, and a layer of 1200 dpi four times the
pixels."""
SPARED = 0.999
"""Where a page would have too many pixels, it gets so much of what it may have, as sides are whole pixels."""
MaskSize: TypeAlias = Callable[[Any], tuple[int, int]]
"""Tells the width and height of an image's own mask in pixels; (0, 0) where it has none."""
INVISIBLE_TEXT = pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE


class Layout(NamedTuple):
    """The map from a page to its raster: display points times `scale`, plus `shift`, are pixels."""

    width: int
    height: int
    dpi: tuple[float, float]
    scale: tuple[float, float]
    shift: tuple[float, float] = (0.0, 0.0)
    rendered: bool = False


class Placed(NamedTuple):
    """An image as the page shows it: its pixels, and its box (left, top, width, height) in display points.

    `dpi` is (x, y), `finest` that of its mask, where it has a finer one; `straight` says that it is turned by quarter
    turns at most.
    """

    pixels: tuple[int, int]
    box: tuple[float, float, float, float]
    dpi: tuple[float, float]
    straight: bool
    finest: float

    @property
    def square(self) -> bool:
        """Whether its pixels are shown straight and (nearly) square, so that they can be the raster's own."""
        return (
            self.straight
            and self.finest <= MAX_ANISOTROPY * max(self.dpi)
            and max(self.dpi) <= MAX_ANISOTROPY * min(self.dpi)
        )

    @property
    def area(self) -> float:
        """Area shown, in square points."""
        return self.box[2] * self.box[3]


def lay_out(page: pdfium.PdfPage, request: DecodeRequest, unit: float, mask_size: MaskSize) -> Layout:
    """How large a raster the page gets, and where it goes on it.

    Args:
        page: of PDFium.
        request: the resolution of pages that are drawn, and how large any page may be.
        unit: of the page, in points.
        mask_size: tells the size of an image's mask, in pixels.
    """
    size = page.get_size()
    images = _scanned_images(page, mask_size)
    if images and sum(image.area for image in images) >= SCAN_COVERAGE * size[0] * size[1]:
        largest = max(images, key=lambda image: image.area)
        whole = len(images) == 1 and largest.square
        layout = _native(largest, size) if whole else _at(size, _sharpest(images, size, request.max_pixels))
    else:
        layout = _at(size, request.render_dpi * unit, rendered=True)
    return layout._replace(dpi=(layout.dpi[0] / unit, layout.dpi[1] / unit))


def _sharpest(images: Sequence[Placed], size: tuple[float, float], max_pixels: int) -> float:
    """The resolution of the sharpest of a page's layers, which is the print; but no more than a page may have."""
    largest = max(images, key=lambda image: image.area)
    layers = [image.finest for image in images if image.area >= LAYER_COVERAGE * size[0] * size[1]]
    wanted = max(largest.finest, min(SHARPEST_LAYER_DPI, max(layers, default=0.0)))
    most = POINTS_PER_INCH * math.sqrt(max_pixels / (size[0] * size[1]))
    return max(*largest.dpi, min(wanted, SPARED * most))


def _at(size: tuple[float, float], dpi: float, *, rendered: bool = False) -> Layout:
    scale = dpi / POINTS_PER_INCH
    width, height = (max(1, round(side * scale)) for side in size)
    return Layout(width, height, (dpi, dpi), (scale, scale), rendered=rendered)


def _native(image: Placed, size: tuple[float, float]) -> Layout:
    """The layout in which each pixel of `image` is one pixel of the raster, in whole steps from its corner."""
    x = _native_axis(image.pixels[0], image.box[0], image.box[2], size[0])
    y = _native_axis(image.pixels[1], image.box[1], image.box[3], size[1])
    return Layout(x[0], y[0], image.dpi, (x[1], y[1]), (x[2], y[2]))


def _native_axis(pixels: int, start: float, extent: float, page: float) -> tuple[int, float, float]:
    """Raster size, scale and shift along one axis.

    An image that fills the page but for EDGE_SLACK is the raster; else the page's margins are kept around it.
    """
    scale = (pixels - 2 * INSET_PX) / extent
    if abs(start) <= EDGE_SLACK * page and abs(page - start - extent) <= EDGE_SLACK * page:
        return pixels, scale, INSET_PX - start * scale
    return max(1, round(page * scale)), scale, round(start * scale) + INSET_PX - start * scale


def _scanned_images(page: pdfium.PdfPage, mask_size: MaskSize) -> list[Placed]:
    """The page's images if it shows nothing else (an invisible text layer aside), else none."""
    if pdfium_c.FPDFPage_GetAnnotCount(page) or pdfium_c.FPDFPage_CountObjects(page) > MAX_OBJECTS:
        return []
    images = []
    for item in page.get_objects(max_depth=1):
        if item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images += _placed(item, page, mask_size)
        elif item.type != pdfium_c.FPDF_PAGEOBJ_TEXT or pdfium_c.FPDFTextObj_GetTextRenderMode(item) != INVISIBLE_TEXT:
            return []
    return images


def _placed(image: Any, page: pdfium.PdfPage, mask_size: MaskSize) -> list[Placed]:
    """Where the page shows `image`, after the page's own /Rotate; nothing if it has no pixels or no extent."""
    left, bottom, right, top = image.get_bounds()
    corners = (displayed(page, left, top), displayed(page, right, bottom))
    (x, x_end), (y, y_end) = (sorted(ends) for ends in zip(*corners, strict=True))
    turn = page.get_rotation()
    a, b, c, d, *_ = image.get_matrix().get()
    pixels, extent = pixel_size(image), (math.hypot(a, b), math.hypot(c, d))
    if 0 in pixels or 0 in extent or 0 in (x_end - x, y_end - y):
        return []
    dpi = (pixels[0] / extent[0] * POINTS_PER_INCH, pixels[1] / extent[1] * POINTS_PER_INCH)
    along, across = abs(a) + abs(d), abs(b) + abs(c)
    sideways = (across > along) != (turn % 180 == 90)
    finer = max(1.0, *(own / base for own, base in zip(mask_size(image), pixels, strict=True)))
    return [
        Placed(
            pixels=pixels[::-1] if sideways else pixels,
            box=(x, y, x_end - x, y_end - y),
            dpi=dpi[::-1] if sideways else dpi,
            straight=min(along, across) <= AXIS_SLACK * max(along, across),
            finest=finer * max(dpi),
        )
    ]


def displayed(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    """A point of the page in display points: from the top left, after the page's own /Rotate."""
    left, bottom, right, top = page.get_bbox()
    return {
        0: (x - left, top - y),
        90: (y - bottom, x - left),
        180: (right - x, y - bottom),
        270: (top - y, right - x),
    }[page.get_rotation()]


def pixel_size(image: Any) -> tuple[int, int]:
    """Width and height of an image as its dictionary states them; (0, 0) where it does not."""
    try:
        width, height = image.get_px_size()
    except pdfium.PdfiumError:
        return 0, 0
    return width, height
