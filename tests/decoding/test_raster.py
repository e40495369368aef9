"""Image files become rasters with their own pixels, whatever their colours, depth and orientation."""

import io
import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from pipeline.decoding.protocol import DecodeRequest
from pipeline.decoding.raster import open_paged
from pipeline.errors import (
    CorruptFile,
    DecoderOutOfMemory,
    NoPages,
    TooManyPages,
    TooManyPixels,
    TruncatedFile,
    UnsupportedType,
)

ORIENTATION, STRIP_OFFSETS, ROWS_PER_STRIP = 274, 273, 278
RED, WHITE, GRAY = (255, 0, 0), (255, 255, 255), (127, 127, 127)


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Open an image given as bytes."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)  # the decoder sets it for its process
    files = []

    def open_bytes(data, kind, max_pages=20, max_pixels=10**6, memory_mb=500):
        path = tmp_path / f"{len(files)}.bin"
        path.write_bytes(data)
        files.append(path.open("rb"))
        return open_paged(
            files[-1],
            DecodeRequest(
                media_type=f"image/{kind}",
                first_page=1,
                max_pages=max_pages,
                max_pixels=max_pixels,
                memory_mb=memory_mb,
                render_dpi=300,
                parent_pid=os.getpid(),
            ),
        )

    yield open_bytes
    for file in files:
        file.close()


def saved(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(raster):
    """The raster in RGB."""
    data = b"".join(raster.bands)
    return np.frombuffer(data, np.uint8).reshape(raster.height, raster.width, 3)[:, :, ::-1]


def drawn(mode="RGB", size=(50, 40)):
    """White with a red square (in one band: a black one) in the top-left corner."""
    image = Image.new(mode, size, "white")
    image.paste("red" if mode == "RGB" else 0, (0, 0, 10, 10))
    return image


def noise(size=(300, 200)):
    return Image.fromarray(np.random.default_rng(3).integers(0, 256, (*size[::-1], 3), dtype=np.uint8))


def test_pixels_of_a_lossless_image_arrive_unchanged(opened):
    image = noise()

    assert np.array_equal(pixels(opened(saved(image, "PNG"), "png").page(1)), np.asarray(image))


def test_a_page_of_many_bands_arrives_whole(opened):
    image = noise((1200, 1900))  # more than one band of 4 MiB

    raster = opened(saved(image, "BMP"), "bmp", max_pixels=10**7).page(1)

    assert np.array_equal(pixels(raster), np.asarray(image))


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw", "packbits", None])
def test_every_page_of_a_black_and_white_tiff_is_read(opened, compression):
    first, second = drawn("1"), drawn("1", (30, 60)).transpose(Image.Transpose.ROTATE_180)
    data = saved(first, "TIFF", compression=compression, save_all=True, append_images=[second], dpi=(400, 400))

    document = opened(data, "tiff")

    assert document.n_pages == 2
    assert np.array_equal(pixels(document.page(1)), np.asarray(first.convert("RGB")))
    last = document.page(2)
    assert np.array_equal(pixels(last), np.asarray(second.convert("RGB")))
    assert last.dpi == (400, 400)


def test_a_page_without_a_resolution_does_not_inherit_that_of_the_page_before(opened):
    data = bytearray(saved(drawn(), "TIFF", dpi=(300, 300), save_all=True, append_images=[drawn()]))
    unit_in_inches = struct.pack("<HHIH", 296, 3, 1, 2)
    struct.pack_into("<HHIH", data, data.rindex(unit_in_inches), 296, 3, 1, 1)  # the second page's: no unit

    document = opened(bytes(data), "tiff")

    assert [document.page(1).dpi, document.page(2).dpi] == [(300, 300), None]


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk_becomes_rgb(opened, kind):
    image = Image.new("CMYK", (20, 20), (0, 255, 255, 0))

    assert np.abs(pixels(opened(saved(image, kind), kind.lower()).page(1)).astype(int) - RED).max() <= 3


def test_a_palette_becomes_rgb(opened):
    data = saved(drawn().quantize(2), "TIFF")

    assert tuple(pixels(opened(data, "tiff").page(1))[5, 5]) == RED


@pytest.mark.parametrize(("white", "depth"), [(65535, 16), (4095, 12), (1023, 10)])
def test_sixteen_bit_gray_is_scaled_by_the_depth_in_use(opened, white, depth):
    samples = np.full((8, 6), white, np.uint16)
    samples[0, 0] = white // 2

    image = pixels(opened(saved(Image.fromarray(samples), "TIFF"), "tiff").page(1))

    assert tuple(image[0, 0]) == GRAY
    assert tuple(image[5, 5]) == WHITE


def test_a_sixteen_bit_png_is_read(opened):
    data = saved(Image.fromarray(np.full((4, 4), 65535, np.uint16)), "PNG")

    assert (pixels(opened(data, "png").page(1)) == 255).all()


def test_floating_point_samples_are_unsupported(opened):
    with pytest.raises(UnsupportedType):
        opened(saved(Image.new("F", (4, 4)), "TIFF"), "tiff").page(1)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_transparency_is_laid_on_white(opened, kind):
    image = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 8, 8))
    options = {"lossless": True} if kind == "WEBP" else {}

    result = pixels(opened(saved(image, kind, **options), kind.lower()).page(1))

    assert tuple(result[4, 4]) == RED
    assert tuple(result[12, 12]) == WHITE


def test_a_transparent_palette_entry_is_white(opened):
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 0, 0, 255])

    assert (pixels(opened(saved(image, "PNG", transparency=1), "png").page(1)) == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_an_orientation_is_reported_and_not_applied(opened, kind, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation

    raster = opened(saved(drawn(), kind, exif=exif), kind.lower()).page(1)

    image = pixels(raster).astype(int)
    assert (raster.width, raster.height, raster.exif_orientation) == (50, 40, orientation)
    assert np.abs(image[3, 3] - RED).max() <= 20  # JPEG and WebP smear colours a little
    assert np.abs(image[3, 45] - WHITE).max() <= 20


def test_a_nonsensical_orientation_counts_as_none(opened):
    exif = Image.Exif()
    exif[ORIENTATION] = 77

    assert opened(saved(drawn(), "JPEG", exif=exif), "jpeg").page(1).exif_orientation == 1


def test_jpeg_2000_is_read(opened):
    assert np.array_equal(pixels(opened(saved(noise(), "JPEG2000"), "jp2").page(1)), np.asarray(noise()))


def test_the_stated_resolution_is_passed_on_and_its_absence_too(opened):
    assert opened(saved(drawn(), "JPEG", dpi=(150, 150)), "jpeg").page(1).dpi == (150, 150)
    assert opened(saved(drawn(), "JPEG"), "jpeg").page(1).dpi is None


def lacking(raster):
    """The rows that a raster lacks, if any; always whole ones."""
    if raster.missing is None:
        return None
    left, top, right, bottom = raster.missing.box
    assert (left, right) == (0, raster.width)
    return top, bottom


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["WEBP", "BMP", "JPEG2000"])
def test_a_cut_image_is_truncated_where_no_row_of_it_is_sure(opened, kind, share):
    data = saved(noise(), kind)

    with pytest.raises(TruncatedFile):
        opened(data[: int(len(data) * share)], {"JPEG2000": "jp2"}.get(kind, kind.lower())).page(1)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_of_a_cut_image_the_rows_before_the_cut_are_read_and_the_others_named(opened, kind, share):
    data = saved(noise(), kind)

    raster = opened(data[: int(len(data) * share)], kind.lower()).page(1)

    top, bottom = lacking(raster)
    assert (top / 200, bottom) == (pytest.approx(share, abs=0.08), 200)
    assert np.array_equal(pixels(raster)[: top - 1], pixels(opened(data, kind.lower()).page(1))[: top - 1])


def test_a_jpeg_2000_that_was_cut_and_closed_with_an_end_mark_is_truncated(opened):
    data = saved(noise(), "JPEG2000")

    with pytest.raises(TruncatedFile):
        opened(data[: len(data) * 2 // 3] + b"\xff\xd9", "jp2").page(1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_of_an_image_whose_second_half_a_broken_copy_left_zero_the_first_is_read(opened, kind):
    data = saved(noise(), kind)
    half = len(data) // 2

    top, bottom = lacking(opened(data[:half] + bytes(len(data) - half), kind.lower()).page(1))

    assert 60 <= top <= 110  # of a PNG's damaged chunk nothing is believed
    assert bottom == 200


def test_a_jpeg_2000_whose_second_half_a_broken_copy_left_zero_is_refused(opened):
    data = saved(noise(), "JPEG2000")
    half = len(data) // 2

    with pytest.raises((TruncatedFile, CorruptFile)):
        opened(data[:half] + bytes(len(data) - half), "jp2").page(1)


def test_an_interlaced_png_that_was_cut_is_refused_as_each_row_lacks_something(opened):
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    image = np.asarray(noise().convert("L"))
    rows = [b"\0" + row.tobytes() for x, y, dx, dy in passes for row in image[y::dy, x::dx]]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 300, 200, 8, 0, 0, 0, 1))
    whole = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")

    assert np.array_equal(pixels(opened(whole, "png").page(1))[:, :, 0], image)
    with pytest.raises(TruncatedFile):
        opened(whole[: len(whole) // 2], "png").page(1)


def test_a_thumbnail_s_end_is_not_taken_for_the_image_s(opened):
    exif = b"Exif\x00\x00" + saved(drawn(), "JPEG")
    data = saved(noise(), "JPEG", exif=exif)

    assert opened(data, "jpeg").page(1).missing is None
    assert lacking(opened(data[: len(data) * 2 // 3], "jpeg").page(1)) == (pytest.approx(120, abs=40), 200)


def test_a_flipped_bit_in_a_png_costs_all_from_its_chunk_on(opened):
    data = bytearray(saved(noise(), "PNG"))
    data[len(data) // 2] ^= 1

    top, bottom = lacking(opened(bytes(data), "png").page(1))

    assert 0 < top <= 100
    assert bottom == 200


def test_a_png_of_one_damaged_chunk_is_corrupt(opened):
    data = bytearray(saved(noise((60, 40)), "PNG"))
    data[len(data) // 2] ^= 1

    with pytest.raises(CorruptFile):
        opened(bytes(data), "png").page(1)


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb(width, height):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def test_a_png_that_promises_too_many_pixels_is_refused_by_its_header(opened):
    with pytest.raises(TooManyPixels, match="100000 x 100000"):
        opened(png_bomb(100_000, 100_000), "png")


def test_a_webp_that_promises_too_many_pixels_is_refused_by_its_header(opened):
    vp8x = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16000).to_bytes(3, "little") * 2
    data = b"RIFF" + struct.pack("<I", 4 + len(vp8x)) + b"WEBP" + vp8x

    with pytest.raises(TooManyPixels):
        opened(data, "webp")


def test_a_page_of_a_tiff_with_too_many_pixels_costs_that_page_only(opened):
    data = saved(drawn(), "TIFF", save_all=True, append_images=[drawn(size=(900, 900)), drawn()])
    document = opened(data, "tiff", max_pixels=100_000)

    with pytest.raises(TooManyPixels, match="900 x 900"):
        document.page(2)
    assert document.page(3).width == 50


def test_a_damaged_page_of_a_tiff_costs_rows_of_that_page_only(opened):
    data = saved(noise(), "TIFF", compression="tiff_adobe_deflate", save_all=True, append_images=[noise(), noise()])
    with Image.open(io.BytesIO(data)) as image:
        image.seek(1)
        at, rows = image.tag_v2[STRIP_OFFSETS][0], image.tag_v2[ROWS_PER_STRIP]
    document = opened(data[:at] + b"\xff" * 1000 + data[at + 1000 :], "tiff")

    assert lacking(document.page(2)) == (0, rows)
    assert document.page(3).missing is None
    assert np.array_equal(pixels(document.page(3)), np.asarray(noise()))


def test_a_tiff_that_ends_inside_a_page_keeps_the_pages_before(opened):
    data = saved(noise(), "TIFF", save_all=True, append_images=[noise(), noise()])
    document = opened(data[: len(data) // 2], "tiff")

    assert document.n_pages == 3  # the second is cut, and names a third that is not there
    assert document.page(1).missing is None
    assert lacking(document.page(2)) == (pytest.approx(100, abs=5), 200)
    with pytest.raises(TruncatedFile):
        document.page(3)


def directory_end(data, offset):
    """Where the directory at `offset` holds the offset of the next one."""
    return offset + 2 + 12 * struct.unpack_from("<H", data, offset)[0]


def test_a_tiff_whose_chain_of_pages_is_a_loop_has_each_page_once(opened):
    data = bytearray(saved(drawn(), "TIFF", save_all=True, append_images=[drawn(size=(30, 20))]))
    (first,) = struct.unpack_from("<I", data, 4)
    (second,) = struct.unpack_from("<I", data, directory_end(data, first))
    struct.pack_into("<I", data, directory_end(data, second), first)

    document = opened(bytes(data), "tiff")

    assert [document.page(number).width for number in range(1, document.n_pages + 1)] == [50, 30]


def test_more_pages_than_allowed_are_refused_before_any_is_decoded(opened):
    data = saved(drawn(), "TIFF", save_all=True, append_images=[drawn()] * 3)

    assert opened(data, "tiff", max_pages=4).n_pages == 4
    with pytest.raises(TooManyPages):
        opened(data, "tiff", max_pages=3)


def test_a_tiff_without_a_page_says_so(opened):
    with pytest.raises(NoPages):
        opened(b"II*\x00\x00\x00\x00\x00", "tiff")


def test_a_thumbnail_inside_a_tiff_is_no_page(opened):
    data = saved(drawn(), "TIFF", save_all=True, append_images=[drawn(size=(5, 4))], tiffinfo={254: 1})
    whole = saved(drawn(), "TIFF", save_all=True, append_images=[drawn(size=(5, 4))])

    assert opened(whole, "tiff").n_pages == 2
    # Both are marked as thumbnails: then they are all there is, and count.
    assert opened(data, "tiff").n_pages == 2
    second = data.rindex(struct.pack("<HHII", 254, 4, 1, 1))
    first = data.index(struct.pack("<HHII", 254, 4, 1, 1))
    assert first != second
    assert opened(data[:first] + struct.pack("<HHII", 254, 4, 1, 0) + data[first + 12 :], "tiff").n_pages == 1


def test_an_animation_is_unsupported(opened):
    data = saved(drawn(), "WEBP", save_all=True, append_images=[noise((50, 40))])

    with pytest.raises(UnsupportedType):
        opened(data, "webp")


def test_a_jpeg_2000_that_takes_more_memory_than_is_allowed_is_not_called_damaged(opened):
    data = saved(Image.new("RGB", (800, 900)), "JPEG2000")
    with pytest.raises(DecoderOutOfMemory, match="800 x 900 pixels take 10 MB, more than the 9 allowed"):
        opened(data, "jp2", memory_mb=9)
    assert opened(data, "jp2", memory_mb=10).n_pages == 1
