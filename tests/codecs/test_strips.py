"""A TIFF's page says which rows its strips do not hold; sound strips, however they end, are whole."""

import io
import os

import numpy as np
import pytest
from cut_images import HEIGHT, STRIP_ROWS, WIDTH, grain, kept, saved, strips, tiff
from PIL import Image

from pipeline.codecs.strips import complete_fax, unpack_bits, unpack_lzw
from pipeline.decoding.protocol import DecodeRequest
from pipeline.decoding.raster import open_paged

CODECS = [
    ("1", "group3"),
    ("1", "group4"),
    ("1", "packbits"),
    ("L", "raw"),
    ("L", "jpeg"),
    ("L", "tiff_lzw"),
    ("L", "packbits"),
    ("L", "tiff_adobe_deflate"),
    ("RGB", "raw"),
    ("RGB", "jpeg"),
    ("RGB", "tiff_lzw"),
    ("CMYK", "jpeg"),
    ("CMYK", "tiff_adobe_deflate"),
    ("I;16", "tiff_lzw"),
    ("P", "packbits"),
]


def image_of(mode):
    if mode == "I;16":
        samples = np.random.default_rng(3).integers(0, 65536, (HEIGHT, WIDTH), dtype=np.uint16)
        return Image.fromarray(samples)
    return grain("L").quantize(16) if mode == "P" else grain(mode)


def compression_of(name):
    return None if name == "raw" else name


@pytest.fixture
def missing(tmp_path, monkeypatch):
    """The rows that the first page of a TIFF lacks; None where it lacks none."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)  # the decoder sets it for its process

    def rows(data):
        path = tmp_path / "a.tif"
        path.write_bytes(data)
        request = DecodeRequest("image/tiff", 1, 20, 10**7, 500, 300, os.getpid())
        with path.open("rb") as file:
            raster = open_paged(file, request).page(1)
        assert len(b"".join(raster.bands)) == WIDTH * HEIGHT * 3
        if raster.missing is None:
            return None
        left, top, right, bottom = raster.missing.box
        assert (left, right) == (0, WIDTH)
        return top, bottom

    return rows


@pytest.mark.parametrize(("mode", "codec"), CODECS)
def test_sound_strips_are_whole_whatever_follows_their_data(missing, mode, codec):
    image, compression = image_of(mode), compression_of(codec)

    assert missing(tiff(image, compression)) is None
    assert missing(tiff(image, compression, lambda parts: [part + b"\0more" for part in parts])) is None


@pytest.mark.parametrize("share", [0.25, 0.75])
@pytest.mark.parametrize(("mode", "codec"), CODECS)
def test_a_strip_that_is_cut_lacks_its_last_rows_and_no_other_strip_does(missing, mode, codec, share):
    def cut_third(parts):
        return [*parts[:2], kept(parts[2], share), *parts[3:]]

    top, bottom = missing(tiff(image_of(mode), compression_of(codec), cut_third))

    assert bottom == 3 * STRIP_ROWS
    assert top - 2 * STRIP_ROWS == pytest.approx(share * STRIP_ROWS, abs=17)  # a JPEG's blocks have up to 16 rows


@pytest.mark.parametrize(("mode", "codec"), [case for case in CODECS if case[1] != "group3"])
def test_strips_that_are_not_there_at_all_lack_all_their_rows(missing, mode, codec):
    data = tiff(image_of(mode), compression_of(codec), lambda parts: [*parts[:3], b"", b""])

    top, bottom = missing(data)

    assert top == pytest.approx(3 * STRIP_ROWS, abs=1)
    assert bottom == HEIGHT


@pytest.mark.parametrize(("mode", "codec"), [case for case in CODECS if case[1] not in ("raw", "group3")])
def test_of_a_strip_that_a_broken_copy_left_zero_from_its_middle_on_the_first_rows_are_read(missing, mode, codec):
    def zeroed(parts):
        half = len(parts[1]) // 2
        return [parts[0], parts[1][:half] + bytes(len(parts[1]) - half), *parts[2:]]

    top, bottom = missing(tiff(image_of(mode), compression_of(codec), zeroed))

    assert STRIP_ROWS <= top < 2 * STRIP_ROWS
    assert bottom == 2 * STRIP_ROWS


def test_a_last_strip_that_is_longer_than_the_page_is_whole(missing):
    image = grain("L")
    tall = Image.new("L", (WIDTH, HEIGHT + STRIP_ROWS // 2))
    tall.paste(image)
    last = strips(saved(tall, "TIFF", compression="tiff_lzw", tiffinfo={278: HEIGHT}))[0][0]

    assert missing(saved(image, "TIFF", compression="tiff_lzw", tiffinfo={278: HEIGHT})) is None
    assert last  # of a page of HEIGHT rows, the strip holds them and more
    assert missing(tiff(image, None, lambda parts: [*parts[:-1], parts[-1] + bytes(5000)])) is None


@pytest.mark.parametrize("codec", ["group4", "tiff_lzw", "jpeg", "tiff_adobe_deflate"])
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_strips_of_one_colour_are_whole(missing, codec, shade):
    image = Image.new("L", (WIDTH, HEIGHT), shade)

    assert missing(tiff(image.convert("1") if codec == "group4" else image, codec)) is None


@pytest.mark.parametrize("blank", [0, 100, HEIGHT])
def test_a_fax_is_whole_with_blank_rows_at_its_foot_and_bytes_behind_its_end(missing, blank):
    image = grain("1")
    image.paste(1, (0, HEIGHT - blank, WIDTH, HEIGHT))

    for behind in (b"", b"\n", bytes(40), b"\r\n\0"):
        assert missing(tiff(image, "group4", lambda parts, behind=behind: [part + behind for part in parts])) is None


def test_a_fax_that_lost_bytes_before_its_end_is_noticed(missing):
    def without_middle(parts):
        third = len(parts[2]) // 3
        return [*parts[:2], parts[2][:third] + parts[2][third + 60 :], *parts[3:]]

    top, bottom = missing(tiff(grain("1"), "group4", without_middle))

    assert 2 * STRIP_ROWS < top <= bottom == 3 * STRIP_ROWS


def test_a_fax_without_its_end_is_completed_where_its_last_code_ends():
    data = strips(saved(grain("1"), "TIFF", compression="group4", tiffinfo={278: HEIGHT}))[0][0]

    assert complete_fax(data, b"\xaa" * 8).startswith(data[:-4])
    assert complete_fax(data + bytes(50), b"\xaa" * 8) == complete_fax(data + b"\0\0", b"\xaa" * 8)


@pytest.mark.parametrize("pixels", [bytes(range(256)) * 40, bytes(9000), b"abcabcabd" * 999, b"x"])
def test_lzw_and_packbits_deliver_what_was_packed_and_of_cut_data_its_beginning(pixels):
    image = Image.frombytes("L", (len(pixels), 1), pixels)
    for codec, unpack in (("tiff_lzw", unpack_lzw), ("packbits", unpack_bits)):
        data = strips(saved(image, "TIFF", compression=codec))[0][0]
        assert unpack(data, len(pixels)) == pixels
        part = unpack(data[: len(data) // 2], len(pixels))
        assert pixels.startswith(bytes(part))


def test_lzw_that_is_damaged_delivers_what_comes_before():
    assert unpack_lzw(b"\xff" * 100, 1000) == b""


def test_a_page_turned_by_its_orientation_lacks_the_rows_as_they_are_stored(missing):
    data = saved(grain("L"), "TIFF", compression="tiff_lzw", tiffinfo={274: 3, 278: STRIP_ROWS})
    with Image.open(io.BytesIO(data)) as image:
        at = image.tag_v2[273][2]

    top, bottom = missing(data[: at + 200] + b"\xff" * 50 + data[at + 250 :])

    assert 2 * STRIP_ROWS <= top < bottom == 3 * STRIP_ROWS
