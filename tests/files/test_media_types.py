"""A file is what its first bytes say, whatever it is called."""

import pytest

from pipeline.errors import NotAnImage, UnsupportedType
from pipeline.files.media_types import sniff_media_type


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\xef\xbb\xbf\n%PDF-1.4\n", "application/pdf"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
        (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
        (b"MM\x00*\x00\x00\x00\x08", "image/tiff"),
        (b"II+\x00\x08\x00\x00\x00", "image/tiff"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"BM" + bytes(12) + (40).to_bytes(4, "little"), "image/bmp"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
        (b"\xff\x4f\xff\x51", "image/jp2"),
    ],
)
def test_types_that_are_read_have_their_media_type(head, media_type):
    assert sniff_media_type(head) == media_type


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"GIF89a", "GIF"),
        (b"PK\x03\x04\x14\x00", "docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"\x00\x00\x00\x18ftypheic", "HEIF"),
        (b"AT&TFORM", "DjVu"),
        (b"P5\n640 480\n255\n", "portable map"),
        (b"P4 # scan\n", "portable map"),
        (b"\x00\x00\x01\x00\x01\x00", "icon"),
        (b'<?xml version="1.0"?>\n<svg xmlns=', "SVG"),
        (b"\xef\xbb\xbf\n <!DOCTYPE html>", "HTML"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\xff\x0a\xfa\x0f", "JPEG XL"),
    ],
)
def test_known_types_that_are_not_read_are_named(head, name):
    with pytest.raises(UnsupportedType, match=name):
        sniff_media_type(head)


@pytest.mark.parametrize(
    "head",
    [b"hello", b"BMW drivers", b"P1 of the plan", b"<3", b"RIFF\x24\x00\x00\x00WAVEfmt ", b"\x00" * 100, b"II", b""],
)
def test_anything_else_is_no_image(head):
    with pytest.raises(NotAnImage):
        sniff_media_type(head)
