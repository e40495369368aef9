"""Images whose data is cut, and PDFs and TIFFs around them that are sound themselves."""

import io
import struct

import numpy as np
from malformed import one_page_pdf, stream
from PIL import Image

WIDTH, HEIGHT = 320, 240
STRIP_ROWS = 48


def grain(mode="L", size=(WIDTH, HEIGHT)):
    """Noise all over, so that each row takes about as many bytes as any other, and none looks like filling."""
    image = Image.fromarray(np.random.default_rng(11).integers(0, 256, (*size[::-1], 3), dtype=np.uint8))
    return (
        image.convert("L").point(lambda value: 255 * (value > 128)).convert("1") if mode == "1" else image.convert(mode)
    )


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def kept(data, share):
    return data[: int(len(data) * share)]


def strips(data):
    """The strips of a TIFF of one page, as bytes, and its tags."""
    with Image.open(io.BytesIO(data)) as image:
        tags = image.tag_v2
        return [data[at : at + length] for at, length in zip(tags[273], tags[279], strict=True)], tags


def tiff(image, compression, change=lambda parts: parts):
    """A TIFF of strips of STRIP_ROWS rows, each as `change` makes it of the sound ones."""
    parts, tags = strips(saved(image, "TIFF", compression=compression, tiffinfo={278: STRIP_ROWS}))
    parts = change(parts)
    offsets = [8 + sum(map(len, parts[:index])) for index in range(len(parts))]
    values = {tag: tags[tag] for tag in (256, 257, 258, 259, 262, 277, 278, 284, 317, 320, 347, 530) if tag in tags}
    values |= {273: tuple(offsets), 279: tuple(map(len, parts))}
    directory, more, end = struct.pack("<H", len(values)), b"", 8 + sum(map(len, parts))
    for tag in sorted(values):
        items = values[tag]
        if isinstance(items, bytes):
            kind, count, body = 7, len(items), items
        else:
            items = items if isinstance(items, tuple) else (items,)
            kind, count, body = 4, len(items), struct.pack(f"<{len(items)}I", *items)
        place = struct.pack("<I", end + 2 + 12 * len(values) + 4 + len(more))
        more += body if len(body) > 4 else b""
        directory += struct.pack("<HHI", tag, kind, count) + (body.ljust(4, b"\0") if len(body) <= 4 else place)
    return b"II*\0" + struct.pack("<I", end) + b"".join(parts) + directory + bytes(4) + more


def group_4(image):
    """An image of one bit as a fax of Group 4."""
    return strips(saved(image, "TIFF", compression="group4", tiffinfo={278: image.height}))[0][0]


def jbig2(image):
    """An image of one bit as a JBIG2 stream of a PDF: a page, and a region that is a fax of Group 4."""
    width, height = image.size
    region = struct.pack(">IIIIB", width, height, 0, 0, 0) + b"\x01" + group_4(image)
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    return b"".join(
        struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body
        for number, (kind, body) in enumerate([(48, page), (38, region), (49, b"")])
    )


def pdf(data, entries, size=(WIDTH, HEIGHT), page_entries=b"", content=None):
    """A sound PDF of one page that is one image, at 200 dpi, whose data is what it is."""
    image = stream(b"/Type/XObject/Subtype/Image/Width %d/Height %d%s" % (*size, entries), data)
    points = (size[0] * 72 / 200, size[1] * 72 / 200)
    content = content or b"q %f 0 0 %f 0 0 cm /I Do Q" % points
    return one_page_pdf(content, points, page_entries, b"/XObject<</I 5 0 R>>", (image,))
