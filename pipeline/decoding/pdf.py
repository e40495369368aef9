"""PDF -> rasters, by PDFium, inside the decoding process.

A page that is one image is rendered so that each pixel of the image becomes one pixel of the raster. PDFium then copies
and does not resample (tested); masks, palettes, colour spaces and quarter turns come out as a viewer shows them. Any
other page is rendered at the resolution of its sharpest layer or of the settings.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import mmap
import re
from typing import Any, BinaryIO, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.decoding.pdf_images import UNSEEN, Ending, find_lack, mask_size
from pipeline.decoding.pdf_layout import MAX_OBJECTS, Layout, displayed, lay_out, pixel_size
from pipeline.decoding.pdf_units import user_units
from pipeline.decoding.protocol import DecodeRequest, Missing, Raster, check_pixels
from pipeline.errors import CorruptFile, EncryptedDocument, NoPages, TooManyPages, TruncatedFile

END_MARKS = (b"%%EOF", b"startxref")
"""A PDF that has neither of these was cut: programs leave out one of them at most."""
LINEARIZED = re.compile(rb"/Linearized\b.{0,200}?/L\s+(\d+)", re.DOTALL)
"""A linearised PDF states its length in its first object, as its first end mark comes long before its end."""
LINEARIZED_WITHIN = 2048
"""The first object of a linearised PDF stands within this many bytes."""
MAX_DEPTH = 5
"""Images are looked for so deep inside form objects, as their size must be checked before they are decoded."""
LAST_PIXELS = 8
"""The last pixels of an image that are looked at: fewer than these may be missing unseen."""
MIDDLE_GRAY = range(96, 161)
"""The gray that PDFium draws where a JPEG has ended: 128 in the image's own colours, about as much in the page's."""


class Drawn(NamedTuple):
    """A page as it was drawn: `pixels` are the raster of `layout`, BGR."""

    page: pdfium.PdfPage
    layout: Layout
    pixels: memoryview

    def point(self, image: Any, across: float, down: float) -> tuple[float, float]:
        """Where a point of an image, as shares of its width and height from its top left, is on the raster."""
        item, place = image, (across, 1 - down)
        while item is not None:
            place = item.get_matrix().on_point(*place)
            item = item.container
        x, y = displayed(self.page, *place)
        return x * self.layout.scale[0] + self.layout.shift[0], y * self.layout.scale[1] + self.layout.shift[1]

    def box(self, image: Any, top: float, bottom: float) -> tuple[int, int, int, int]:
        """The box on the raster of an image's rows, given as shares of its height."""
        corners = [self.point(image, across, down) for across in (0, 1) for down in (top, bottom)]
        sides = (sorted(ends) for ends in zip(*corners, strict=True))
        limits = (self.layout.width, self.layout.height)
        (left, *_, right), (upper, *_, lower) = (
            [max(0, min(limit, math.floor(end + 0.5))) for end in ends]
            for ends, limit in zip(sides, limits, strict=True)
        )
        return left, upper, right, lower

    def ending(self, image: Any) -> Ending:
        """How the last pixels of an image's last row came out, if each is one of the raster's."""
        width, height = pixel_size(image)
        corners = [self.point(image, across, 1) for across in (0, 1)]
        if not width or abs(math.dist(*corners) - width) > 1:
            return UNSEEN
        seen = []
        for step in range(min(LAST_PIXELS, width)):
            x, y = map(math.floor, self.point(image, 1 - (step + 0.5) / width, 1 - 0.5 / height))
            if not (0 <= x < self.layout.width and 0 <= y < self.layout.height):
                return UNSEEN
            start = (y * self.layout.width + x) * 3
            seen.append(bytes(self.pixels[start : start + 3]))
        return Ending(uniform=len(set(seen)) == 1, gray=all(value in MIDDLE_GRAY for value in seen[0]))


class PdfFile:
    """An opened PDF whose pages are rendered one by one."""

    def __init__(self, document: pdfium.PdfDocument, view: mmap.mmap, request: DecodeRequest) -> None:
        self._document = document
        self._view = view
        self._request = request
        self._units = user_units(view)

    @property
    def n_pages(self) -> int:
        """How many pages the page tree promises."""
        return len(self._document)

    def page(self, number: int) -> Raster:
        """Render page `number`, from 1.

        Raises:
            TooManyPixels: when the raster, or an image on the page, would be larger than allowed.
            CorruptFile: when PDFium cannot load the page or decode the only image on it.
        """
        page = self._document[number - 1]
        try:
            for image in page.get_objects([pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=MAX_DEPTH):
                check_pixels(*pixel_size(image), self._request.max_pixels)
            layout = lay_out(page, self._request, self._units.get(number, 1.0), self._mask_size)
            check_pixels(layout.width, layout.height, self._request.max_pixels)
            pixels = _render(page, layout)
            missing = self._missing(Drawn(page, layout, pixels))
            if missing is None and not layout.rendered and _is_white(pixels, layout):
                _check_images(page)
        finally:
            page.close()
        return Raster(layout.width, layout.height, [pixels], layout.dpi, layout.rendered, missing=missing)

    def _mask_size(self, image: Any) -> tuple[int, int]:
        return mask_size(image, self._view)

    def _missing(self, drawn: Drawn) -> Missing | None:
        """The box around all that the page's images lack; None where they lack nothing."""
        images = drawn.page.get_objects([pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=MAX_DEPTH)
        boxes, displaced = [], False
        for image in itertools.islice(images, MAX_OBJECTS):
            height = pixel_size(image)[1]
            lack = find_lack(image, self._view, drawn.ending(image), self._request.max_pixels) if height else None
            if lack is not None:
                boxes.append(drawn.box(image, lack.rows.top / height, lack.rows.bottom / height))
                displaced = displaced or lack.displaced
        if not boxes:
            return None
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return Missing((min(lefts), min(tops), max(rights), max(bottoms)), displaced)


def open_paged(file: BinaryIO, request: DecodeRequest) -> PdfFile:
    """Open a PDF from `file`, which must have a descriptor.

    Raises:
        EncryptedDocument: when it does not open without a password.
        TruncatedFile: when its end is missing.
        CorruptFile: when PDFium finds no document in it.
        NoPages, TooManyPages: by the count in its page tree.
    """
    # Private pages of the file, read as PDFium touches them: a large PDF is never held in memory twice.
    view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    _check_end(view)
    try:
        document = pdfium.PdfDocument((ctypes.c_char * len(view)).from_buffer(view))
    except pdfium.PdfiumError as error:
        if error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
            raise EncryptedDocument("the PDF wants a password") from error
        if error.err_code == pdfium_c.FPDF_ERR_SUCCESS:  # a sound file with nothing to show
            raise NoPages("the PDF has no page") from error
        raise CorruptFile("no PDF document can be made out in it") from error
    if len(document) == 0:
        raise NoPages("the PDF has no page")
    if len(document) > request.max_pages:
        raise TooManyPages(f"{len(document)} pages, more than the {request.max_pages} allowed")
    if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
        document.init_forms()  # fields that were filled in are part of what the page shows
    return PdfFile(document, view, request)


def _check_end(view: mmap.mmap) -> None:
    """Refuse a PDF that was cut: PDFium would show the pages that are left, and not say that some are missing.

    Raises:
        TruncatedFile: when it has no end mark at all, or is shorter than it says.
    """
    stated = LINEARIZED.search(view[:LINEARIZED_WITHIN])
    if stated and int(stated[1]) > len(view):
        raise TruncatedFile(f"the PDF has {len(view)} of its {int(stated[1])} bytes")
    if all(view.rfind(mark) < 0 for mark in END_MARKS):
        raise TruncatedFile("the PDF's end is missing")


def _render(page: pdfium.PdfPage, layout: Layout) -> memoryview:
    """The page's pixels: height x width x 3 bytes, BGR, on white."""
    width, height = layout.width, layout.height
    bitmap = pdfium.PdfBitmap.new_native(width, height, pdfium_c.FPDFBitmap_BGR, stride=width * 3)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    if layout.rendered:
        whole = (bitmap, page, 0, 0, width, height, 0, pdfium_c.FPDF_ANNOT)
        pdfium_c.FPDF_RenderPageBitmap(*whole)
        if page.formenv:
            pdfium_c.FPDF_FFLDraw(page.formenv, *whole)
    else:
        matrix = pdfium_c.FS_MATRIX(layout.scale[0], 0, 0, layout.scale[1], *layout.shift)
        clip = pdfium_c.FS_RECTF(0, 0, width, height)
        pdfium_c.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, clip, 0)
    return memoryview(bitmap.buffer).cast("B")


def _is_white(pixels: memoryview, layout: Layout) -> bool:
    """Whether nothing was drawn; stops at the first row that has something."""
    stride = layout.width * 3
    white = b"\xff" * stride
    return all(pixels[start : start + stride] == white for start in range(0, len(pixels), stride))


def _check_images(page: pdfium.PdfPage) -> None:
    """Check that a white page is an empty sheet, and no image that PDFium left out because it could not decode it.

    Raises:
        CorruptFile: when one of the page's images cannot be decoded.
    """
    for image in itertools.islice(page.get_objects([pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=1), MAX_OBJECTS):
        try:
            image.get_bitmap().close()
        except pdfium.PdfiumError as error:
            raise CorruptFile("the image on the page cannot be decoded") from error
