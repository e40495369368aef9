"""The first bytes of a file -> its media type, whatever its name says."""

from __future__ import annotations

import re

from pipeline.errors import NotAnImage, UnsupportedType

HEAD_BYTES = 1024
"""This much of a file's start is looked at: readers of PDF accept a header that other bytes precede, but not by
more."""

READ_TYPES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00\x08\x00", "image/tiff"),
    (b"MM\x00+\x00\x08", "image/tiff"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
)
"""Signatures of the types that are read; those that need more than a prefix are tested in `sniff_media_type`."""
REFUSED_TYPES: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF"),
    (b"8BPS", "a Photoshop document"),
    (b"AT&TFORM", "a DjVu document"),
    (b"PK\x03\x04", "a ZIP archive or an office document (docx, xlsx, ofd)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document (doc, xls)"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript document"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"BLP1", "a BLP texture"),
    (b"BLP2", "a BLP texture"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x00\x00\x01\x00", "a Windows icon"),
    (b"\x00\x00\x02\x00", "a Windows cursor"),
    (b"icns", "a Mac icon"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL image"),
    (b"\x97JB2\r\n\x1a\n", "a JBIG2 file"),
    (b"II\xbc\x01", "a JPEG XR image"),
    (b"v/1\x01", "an OpenEXR image"),
    (b"SIMPLE  =", "a FITS image"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"PAR1", "a Parquet table"),
)
"""Signatures of types that are known and not read, so that the refusal can name them."""
PORTABLE_MAPS = re.compile(rb"P[1-6]\s+[#\d]|P7\sWIDTH")
"""The start of a portable map; the letter and the digit alone also begin words."""
MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|!doctype|!--|html|svg)", re.IGNORECASE)
"""The start of a text in HTML, XML or SVG, with or without a byte order mark."""
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
"""Brands that tell HEIF and AVIF images from videos, whose files begin alike."""
BMP_HEADER_BYTES = (12, 40, 52, 56, 64, 108, 124)
"""A BMP has a header of one of these sizes, which must be looked at because "BM" alone also begins words."""


def sniff_media_type(head: bytes) -> str:
    """The IANA media type of a file of a kind that we read.

    Args:
        head: the file's first HEAD_BYTES bytes, or all of them if it is shorter.

    Raises:
        UnsupportedType: when the bytes are of a known type that we do not read.
        NotAnImage: when they are of none.
    """
    for magic, media_type in READ_TYPES:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BMP_HEADER_BYTES:
        return "image/bmp"
    if b"%PDF-" in head:
        return "application/pdf"
    name = _name_of_refused(head)
    if name:
        raise UnsupportedType(f"this is {name}")
    raise NotAnImage("these bytes are no image and no PDF")


def _name_of_refused(head: bytes) -> str | None:
    """What a file is called that we know and do not read."""
    for magic, name in REFUSED_TYPES:
        if head.startswith(magic):
            return name
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return "a HEIF or AVIF image"
    if PORTABLE_MAPS.match(head):
        return "a portable map (PBM, PGM, PPM, PAM)"
    return "a page or a drawing in HTML, XML or SVG" if MARKUP.match(head) else None
