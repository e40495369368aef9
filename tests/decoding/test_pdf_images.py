"""A PDF's page says which rows of its image are not in the file; sound images, however odd, are whole."""

import os
import zlib

import numpy as np
import pytest
from cut_images import HEIGHT, WIDTH, grain, group_4, jbig2, kept, pdf, saved
from PIL import Image

from pipeline.decoding.pdf import open_paged
from pipeline.decoding.protocol import DecodeRequest, check_any_left
from pipeline.errors import TruncatedFile

GRAY, RGB = b"/ColorSpace/DeviceGray/BitsPerComponent 8", b"/ColorSpace/DeviceRGB/BitsPerComponent 8"
ONE_BIT = b"/ColorSpace/DeviceGray/BitsPerComponent 1"
FAX = ONE_BIT + b"/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns %d/Rows %d>>" % (WIDTH, HEIGHT)
PIXELS = grain().tobytes()
END = b"\xff\xd9"


def packed(data):
    """PackBits of data without repeats: runs of 128 bytes."""
    runs = [data[start : start + 128] for start in range(0, len(data), 128)]
    return b"".join(bytes((len(run) - 1,)) + run for run in runs) + b"\x80"


def jpeg(mode="L", **options):
    return saved(grain(mode), "JPEG", quality=80, **options)


@pytest.fixture
def page(tmp_path):
    """The first page of a PDF given as bytes."""

    def first_page(data):
        path = tmp_path / "a.pdf"
        path.write_bytes(data)
        request = DecodeRequest("application/pdf", 1, 20, 10**7, 500, 300, os.getpid())
        with path.open("rb") as file:
            return open_paged(file, request).page(1)

    return first_page


SOUND = {
    "raw": (PIXELS, GRAY),
    "flate": (zlib.compress(PIXELS), GRAY + b"/Filter/FlateDecode"),
    "flate, RGB": (zlib.compress(grain("RGB").tobytes()), RGB + b"/Filter/FlateDecode"),
    "flate, 1 bit": (zlib.compress(grain("1").tobytes()), ONE_BIT + b"/Filter/FlateDecode"),
    "run length": (packed(PIXELS), GRAY + b"/Filter/RunLengthDecode"),
    "dct": (jpeg(), GRAY + b"/Filter/DCTDecode"),
    "dct, RGB": (jpeg("RGB"), RGB + b"/Filter/DCTDecode"),
    "dct, restarts": (jpeg(restart_marker_rows=2), GRAY + b"/Filter/DCTDecode"),
    "fax": (group_4(grain("1")), FAX),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_image_is_whole(page, name):
    assert page(pdf(*SOUND[name])).missing is None


@pytest.mark.parametrize("share", [0.2, 0.6, 0.9])
@pytest.mark.parametrize("name", SOUND)
def test_an_image_whose_data_is_cut_lacks_its_last_rows(page, name, share):
    data, entries = SOUND[name]

    left, top, right, bottom = page(pdf(kept(data, share), entries)).missing.box

    assert (left, right, bottom) == (0, WIDTH, HEIGHT)
    assert top / HEIGHT == pytest.approx(share, abs=0.1)


@pytest.mark.parametrize("mark", [END, b"\x00\x10\x01", zlib.adler32(b"").to_bytes(4, "big")])
@pytest.mark.parametrize("name", ["flate", "dct", "fax"])
def test_an_end_that_was_set_on_what_is_left_does_not_make_it_whole(page, name, mark):
    data, entries = SOUND[name]

    _, top, _, bottom = page(pdf(kept(data, 0.5) + mark, entries)).missing.box

    assert (top / HEIGHT, bottom) == (pytest.approx(0.5, abs=0.1), HEIGHT)


@pytest.mark.parametrize("cut", ["end", "end, closed", "middle"])
def test_a_jpeg_2000_that_is_shorter_than_its_tiles_lacks_all_its_rows(page, cut):
    whole = saved(grain(), "JPEG2000")
    third = len(whole) // 3
    data = {"end": whole[:third], "end, closed": whole[:third] + END, "middle": whole[:third] + whole[2 * third :]}

    assert page(pdf(whole, GRAY + b"/Filter/JPXDecode")).missing is None
    raster = page(pdf(data[cut], GRAY + b"/Filter/JPXDecode"))
    assert raster.missing.box == (0, 0, WIDTH, HEIGHT)
    with pytest.raises(TruncatedFile):
        check_any_left(raster)


def test_a_jbig2_image_that_is_shorter_than_its_segments_lacks_all_its_rows(page):
    whole, entries = jbig2(grain("1")), ONE_BIT + b"/Filter/JBIG2Decode"

    assert page(pdf(whole, entries)).missing is None
    assert page(pdf(kept(whole, 0.7), entries)).missing.box == (0, 0, WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("turn", "box"),
    [
        (90, lambda rest: (0, 0, rest, WIDTH)),
        (180, lambda rest: (0, 0, WIDTH, rest)),
        (270, lambda rest: (HEIGHT - rest, 0, HEIGHT, WIDTH)),
    ],
)
def test_what_a_turned_page_lacks_is_where_it_shows_it(page, turn, box):
    data = zlib.compress(PIXELS[: 100 * WIDTH])

    raster = page(pdf(data, GRAY + b"/Filter/FlateDecode", page_entries=b"/Rotate %d" % turn))

    assert raster.missing.box == box(HEIGHT - 100)


def test_a_picture_on_a_drawn_page_is_looked_at_too(page):
    content = b"0 0 5 5 re f q 20 0 0 20 50 30 cm /I Do Q"  # of 115.2 x 86.4 points, drawn at 300 dpi
    data = zlib.compress(PIXELS[: WIDTH * HEIGHT // 2])

    left, top, right, bottom = page(pdf(data, GRAY + b"/Filter/FlateDecode", content=content)).missing.box

    scale = 300 / 72
    assert [left, top, right, bottom] == pytest.approx([50 * scale, 46.4 * scale, 70 * scale, 56.4 * scale], abs=1)


@pytest.mark.parametrize("shade", [0, 128, 255])
@pytest.mark.parametrize("name", ["flate", "dct", "fax", "run length"])
def test_an_image_that_ends_in_one_colour_is_whole(page, name, shade):
    pixels = np.asarray(grain()).copy()
    pixels[-100:] = shade
    image = Image.fromarray(pixels)
    data = {
        "flate": lambda: zlib.compress(image.tobytes()),
        "dct": lambda: saved(image, "JPEG"),
        "fax": lambda: group_4(image.point(lambda value: 255 * (value > 128)).convert("1")),
        "run length": lambda: packed(image.tobytes()),
    }

    assert page(pdf(data[name](), SOUND[name][1])).missing is None


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        (zlib.compress(PIXELS) + b"trailing bytes", GRAY + b"/Filter/FlateDecode"),
        (zlib.compress(PIXELS)[:-4], GRAY + b"/Filter/FlateDecode"),  # only its checksum is missing
        (PIXELS + b"more", GRAY),
        (PIXELS[: len(PIXELS) // 2], b"/ColorSpace/DeviceGray/BitsPerComponent 4"),
        (PIXELS[: len(PIXELS) // 4], b"/ColorSpace/DeviceGray/BitsPerComponent 2"),
        (PIXELS * 2, b"/ColorSpace/DeviceGray/BitsPerComponent 16"),
        (PIXELS * 4, b"/ColorSpace/DeviceCMYK/BitsPerComponent 8"),
        (PIXELS, b"/ColorSpace[/Indexed/DeviceRGB 1<ffffff000000>]/BitsPerComponent 8"),
        (group_4(grain("1"))[:-3], FAX),  # without its end-of-block code
        (jpeg("CMYK"), b"/ColorSpace/DeviceCMYK/BitsPerComponent 8/Filter/DCTDecode"),
        (jpeg(progressive=True), GRAY + b"/Filter/DCTDecode"),
        (jpeg()[:-2] + b"\x00\x00\x12\x34" + END, GRAY + b"/Filter/DCTDecode"),
        (jpeg()[:-2], GRAY + b"/Filter/DCTDecode"),
        (zlib.compress(jpeg()), GRAY + b"/Filter[/FlateDecode/DCTDecode]"),
    ],
)
def test_an_odd_but_sound_image_is_whole(page, data, entries):
    assert page(pdf(data, entries)).missing is None


@pytest.mark.parametrize("name", ["flate", "dct", "fax"])
def test_of_an_image_whose_second_half_is_zeros_the_first_is_read(page, name):
    data, entries = SOUND[name]
    half = len(data) // 2

    _, top, _, bottom = page(pdf(data[:half] + bytes(len(data) - half - 2) + data[-2:], entries)).missing.box

    assert (top / HEIGHT, bottom) == (pytest.approx(0.5, abs=0.1), HEIGHT)


@pytest.mark.parametrize("lost", [0.1, 0.3])
@pytest.mark.parametrize("name", ["dct", "fax"])
def test_bytes_gone_from_the_middle_are_noticed_though_the_end_is_there(page, name, lost):
    data, entries = SOUND[name]
    third = len(data) // 3

    assert page(pdf(data[:third] + data[third + int(lost * len(data)) :], entries)).missing.displaced


def test_bytes_gone_from_the_middle_of_flate_data_are_missing_from_there_on(page):
    data = zlib.compress(b"".join(b"%05d" % (number % 2900) for number in range(WIDTH * HEIGHT // 5)))
    half = len(data) // 2

    assert page(pdf(data, SOUND["flate"][1])).missing is None
    assert page(pdf(data[:half] + data[half + half // 2 :], SOUND["flate"][1])).missing.box[3] == HEIGHT


def test_a_fax_of_group_3_is_left_alone_as_it_cannot_be_told(page):
    entries = FAX.replace(b"/K -1", b"/K 0")

    assert page(pdf(kept(group_4(grain("1")), 0.5), entries)).missing is None
