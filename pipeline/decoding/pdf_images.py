"""The images of a PDF's pages -> the rows that their data does not hold, which PDFium does not report.

PDFium fills missing pixels with one colour, so an image whose last pixels have several colours is whole. Only the
others, and faxes, are looked at again, as their filter allows: bytes are counted, containers walked, or pixels compared
as in `codecs.fillers`. Masks of images cannot be looked at, nor can a fax of Group 3.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.codecs.end_markers import check_jbig2, check_jpeg_2000
from pipeline.codecs.fillers import Lack, Rows, inflate, longest_zeros
from pipeline.errors import DocumentError, TruncatedFile

LOOKED_FOR_BYTES = 64
"""The place of an image's data in the file is found by so many of its first bytes, which hardly stand elsewhere."""
DICTIONARY_BYTES = 2000
"""An image's dictionary stands within so many bytes in front of its data; it is far shorter."""
GROUP_4 = re.compile(rb"/K\s*-\d")
"""A negative /K in the dictionary says that a fax is of Group 4."""
FAX_COLUMNS = re.compile(rb"/Columns\s+(\d+)")
"""The width of a fax, which its data is decoded by; an image's own /Width may differ."""
BYTE_ALIGNED = re.compile(rb"/EncodedByteAlign\s+true")
"""Faxes with aligned lines are not looked at: TIFF, by which the others are completed, has no such alignment."""
USUAL_COLUMNS = 1728
"""The width of a fax that states none, by the PDF standard."""
COMPONENTS = {
    pdfium_c.FPDF_COLORSPACE_DEVICEGRAY: 1,
    pdfium_c.FPDF_COLORSPACE_CALGRAY: 1,
    pdfium_c.FPDF_COLORSPACE_INDEXED: 1,
    pdfium_c.FPDF_COLORSPACE_DEVICERGB: 3,
    pdfium_c.FPDF_COLORSPACE_CALRGB: 3,
    pdfium_c.FPDF_COLORSPACE_LAB: 3,
    pdfium_c.FPDF_COLORSPACE_DEVICECMYK: 4,
}
"""Samples per pixel of the colour spaces that alone tell it; for others PDFium's bits per pixel do."""
SAMPLE_BITS = re.compile(rb"/BitsPerComponent\s+(\d+)")
"""The bits of a sample, as the dictionary states them."""
MASK = re.compile(rb"/S?Mask\s+(\d{1,10})\s+(\d{1,5})\s+R\b")
"""The reference to an image's mask, soft or not, in its dictionary."""
WIDTH, HEIGHT = re.compile(rb"/Width\s+(\d{1,9})\b"), re.compile(rb"/Height\s+(\d{1,9})\b")
"""The size of an image in its dictionary."""
LEAST_BITS = 2
"""The bits of a sample where the dictionary cannot be found: PDFium does not tell 2 bits from 8, and the least count
takes no whole image for a cut one."""


class Ending(NamedTuple):
    """How the last pixels of an image came out: whether all have one colour, and whether that is middle gray."""

    uniform: bool
    gray: bool


COUNTED = ("", "FlateDecode", "Fl", "LZWDecode", "LZW", "RunLengthDecode", "RL", "ASCII85Decode", "ASCIIHexDecode")
"""Filters that deliver pixels as they are, so that their bytes can be counted; "" stands for no filter."""
UNSEEN = Ending(uniform=True, gray=True)
"""The ending of an image whose pixels were resampled and tell nothing, so that it is looked at again in any case."""


def find_lack(image: Any, file: Any, ending: Ending, max_pixels: int) -> Lack | None:
    """What the data of a PDF's image lacks of its rows; None where it lacks nothing, or nothing can be told.

    Args:
        image: a PdfImage of pypdfium2.
        file: all bytes of the PDF.
        ending: of the image as it was drawn.
        max_pixels: the limit for what is decoded again.
    """
    size: tuple[int, int] = image.get_px_size()
    filters = image.get_filters()
    last = filters[-1] if filters else ""
    try:
        if last in CONTAINERS:
            CONTAINERS[last](_data(image))
        elif last in ("DCTDecode", "DCT"):
            return _jpeg_lack(_data(image), size[1], ending, max_pixels)
        elif last in ("CCITTFaxDecode", "CCF"):
            return _fax_lack(_data(image), file, size)
        elif last in COUNTED:
            data = bytes(image.get_data())
            return _counted_lack(image, data, file) if ending.uniform or longest_zeros(data) else None
    except TruncatedFile:
        return Lack(Rows(0, size[1]))
    except (MemoryError, DocumentError):
        raise
    except Exception:  # noqa: BLE001 - what PDFium makes something of, other codecs may refuse in any way
        return None
    return None


CONTAINERS: dict[str, Callable[[bytes], None]] = {"JPXDecode": check_jpeg_2000, "JBIG2Decode": check_jbig2}
"""Filters whose data has parts with stated lengths, and the checks that walk them."""


def _data(image: Any) -> bytes:
    """The image's data as its own codec gets it: filters for any data are undone."""
    return bytes(image.get_data(decode_simple=len(image.get_filters()) > 1))


def _jpeg_lack(data: bytes, height: int, ending: Ending, max_pixels: int) -> Lack | None:
    jpegs = importlib.import_module("pipeline.codecs.jpeg")  # Pillow is seldom needed for a PDF
    if not jpegs.may_lack(data, ending.gray):
        return None
    mending = importlib.import_module("pipeline.decoding.mending")
    own = mending.header_size(data, mending.JPEG, max_pixels)
    lack: Lack | None = jpegs.find_lack(data, own[1], lambda whole: mending.decode(whole, mending.JPEG))
    return lack and lack._replace(rows=Rows(min(lack.rows.top, height), height))


def _fax_lack(data: bytes, file: Any, size: tuple[int, int]) -> Lack | None:
    dictionary = _dictionary(data, file)
    if not GROUP_4.search(dictionary) or BYTE_ALIGNED.search(dictionary):
        return None
    columns = FAX_COLUMNS.search(dictionary)
    mending = importlib.import_module("pipeline.decoding.mending")
    lack: Lack | None = mending.fax_lack(data, (int(columns[1]) if columns else USUAL_COLUMNS, size[1]))
    return lack


def _dictionary(data: bytes, file: Any) -> bytes:
    """The dictionary in front of an image's data as the file has it; nothing where that cannot be found."""
    at = file.find(data[:LOOKED_FOR_BYTES]) if data else -1
    return bytes(file[max(0, at - DICTIONARY_BYTES) : at].rpartition(b" obj")[2]) if at > 0 else b""


def mask_size(image: Any, file: Any) -> tuple[int, int]:
    """Width and height of the mask that an image's dictionary names, in pixels; (0, 0) where it names none.

    Compressors keep print as the mask of an image of few pixels, which are its colours.

    Args:
        image: a PdfImage of pypdfium2.
        file: all bytes of the PDF.
    """
    try:
        named = MASK.search(_dictionary(bytes(image.get_data()), file))
    except pdfium.PdfiumError:
        return 0, 0
    begin = re.search(rb"(?<!\d)%b\s+%b\s+obj\b" % named.groups(), file) if named else None
    if begin is None:
        return 0, 0
    body = bytes(file[begin.end() : begin.end() + DICTIONARY_BYTES]).partition(b"stream")[0]
    width, height = WIDTH.search(body), HEIGHT.search(body)
    return (int(width[1]), int(height[1])) if width and height else (0, 0)


def _counted_lack(image: Any, data: bytes, file: Any) -> Lack | None:
    """What is missing of pixels that are stored one after the other, by how many bytes there are."""
    (width, height), filters, about = image.get_px_size(), image.get_filters(), image.get_metadata()
    samples = COMPONENTS.get(about.colorspace, max(1, about.bits_per_pixel // 8))
    stated = SAMPLE_BITS.search(_dictionary(data, file))
    bits = 1 if about.bits_per_pixel == 1 else int(stated[1]) if stated else LEAST_BITS
    row_bytes = -(-width * samples * bits // 8)
    wanted = row_bytes * height
    if filters in (["FlateDecode"], ["Fl"]):
        n_bytes = len(inflate(data, wanted))
    elif any(name in ("FlateDecode", "Fl") for name in filters):  # a chain may blow up without bound
        return None
    else:
        n_bytes = len(image.get_data(decode_simple=True))
    return None if n_bytes >= wanted else Lack(Rows(n_bytes // row_bytes, height))
