"""Documents that tests need and no program writes: PDFs put together by hand."""

import zlib

import numpy as np


def pdf_bytes(objects, trailer=b""):
    """A PDF of the given object bodies, the first of which is the catalogue."""
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)


def stream(dictionary, data):
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (dictionary, len(data), data)


def one_page_pdf(content, size, entries=b"", resources=b"", more=()):
    """A PDF of one page of `size` points; `more` are objects 5, 6, ..."""
    return pdf_bytes(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %f %f]/Contents 4 0 R/Resources<<%s>>%s>>"
            % (*size, resources, entries),
            stream(b"", content),
            *more,
        ]
    )


def image_pdf(pixels, size, entries=b"", matrix=None, extra_content=b""):
    """A PDF of one page of `size` points that shows an RGB image; by default all over the page."""
    height, width = pixels.shape[:2]
    matrix = matrix or (size[0], 0, 0, size[1], 0, 0)
    image = stream(
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/FlateDecode"
        % (width, height),
        zlib.compress(np.ascontiguousarray(pixels).tobytes()),
    )
    content = b"q %f %f %f %f %f %f cm /I Do Q " % matrix + extra_content
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    return one_page_pdf(content, size, entries, b"/XObject<</I 5 0 R>>/Font<</F 6 0 R>>", (image, font))


def broken_image_pdf():
    """A PDF of one page whose only image is no JPEG, though it says so."""
    image = stream(
        b"/Type/XObject/Subtype/Image/Width 300/Height 300/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/DCTDecode",
        b"this is no JPEG",
    )
    return one_page_pdf(b"q 100 0 0 100 0 0 cm /I Do Q", (100, 100), resources=b"/XObject<</I 5 0 R>>", more=(image,))


def encrypted_pdf():
    """A PDF that opens with a password only: its /U matches no empty one."""
    key = b"<" + b"00" * 32 + b">"
    return pdf_bytes(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"],
        trailer=b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -44/O %s/U %s>>" % (key, key),
    )


def layered_pdf(layers, size, entries=b""):
    """A PDF of one page of `size` points that shows images one on the other: (dictionary, data, matrix) of each."""
    content = b"".join(b"q %f %f %f %f %f %f cm /I%d Do Q " % (*layer[2], n) for n, layer in enumerate(layers))
    names = b"".join(b"/I%d %d 0 R" % (n, n + 5) for n in range(len(layers)))
    images = tuple(stream(b"/Type/XObject/Subtype/Image" + dictionary, data) for dictionary, data, _ in layers)
    return one_page_pdf(content, size, entries, b"/XObject<<%s>>" % names, images)
