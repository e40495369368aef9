"""Pages of several layers are drawn at the sharpest of them, negatives as they are meant, and units as they are."""

import os
import zlib

import numpy as np
import pytest
from malformed import image_pdf, layered_pdf, one_page_pdf

from pipeline.decoding.pdf import open_paged
from pipeline.decoding.protocol import DecodeRequest

POINTS = (72.0, 48.0)
WHOLE = (72, 0, 0, 48, 0, 0)
STENCIL = np.random.default_rng(3).integers(0, 2, (200, 300)).astype(bool)
"""True where there is ink; at 300 dpi on a page of `POINTS`."""
BACKGROUND = b"/Width 72/Height 48/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/FlateDecode"
WHITE = zlib.compress(b"\xff" * (72 * 48 * 3))


@pytest.fixture
def drawn(tmp_path):
    """The raster of a PDF's only page, and its pixels in RGB."""

    def draw(data, **changes):
        path = tmp_path / "a.pdf"
        path.write_bytes(data)
        values = {"max_pages": 20, "max_pixels": 10**7, "memory_mb": 500, "render_dpi": 300, "first_page": 1}
        request = DecodeRequest(media_type="application/pdf", parent_pid=os.getpid(), **{**values, **changes})
        with path.open("rb") as file:
            raster = open_paged(file, request).page(1)
        pixels = np.frombuffer(b"".join(bytes(band) for band in raster.bands), np.uint8)
        return raster, pixels.reshape(raster.height, raster.width, 3)[:, :, ::-1]

    return draw


def stencil(extra=b"", ink=STENCIL):
    """A layer of one bit a pixel; a stencil paints where it is 0."""
    height, width = ink.shape
    return (
        b"/Width %d/Height %d/BitsPerComponent 1/Filter/FlateDecode" % (width, height) + extra,
        zlib.compress(np.packbits(~ink, axis=1).tobytes()),
        WHOLE,
    )


def test_a_stencil_over_a_coarse_background_is_drawn_pixel_by_pixel(drawn):
    raster, pixels = drawn(layered_pdf([(BACKGROUND, WHITE, WHOLE), stencil(b"/ImageMask true")], POINTS))

    assert (raster.width, raster.height) == (300, 200)
    assert raster.dpi == pytest.approx((300, 300))
    assert not raster.rendered
    assert np.mean((pixels[..., 0] < 128) == STENCIL) > 0.99


def test_layers_in_any_order_give_the_same_resolution(drawn):
    raster, _ = drawn(layered_pdf([stencil(b"/ColorSpace/DeviceGray"), (BACKGROUND, WHITE, WHOLE)], POINTS))

    assert raster.dpi == pytest.approx((300, 300))


def test_an_image_of_few_pixels_is_drawn_at_the_resolution_of_its_mask(drawn):
    """A compressor's foreground: the colours of the print as the image, its shape as the mask."""
    black = zlib.compress(bytes(72 * 48 * 3))
    mask = (b"/Width 300/Height 200/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode",
            zlib.compress((STENCIL * np.uint8(255)).tobytes()), (0, 0, 0, 0, 0, 0))  # fmt: skip
    raster, pixels = drawn(layered_pdf([(BACKGROUND + b"/SMask 6 0 R", black, WHOLE), mask], POINTS))

    assert raster.dpi == pytest.approx((300, 300))
    assert np.mean((pixels[..., 0] < 128) == STENCIL) > 0.99


def test_a_small_logo_of_many_pixels_does_not_make_the_page_larger(drawn):
    logo = (*stencil(b"/ImageMask true")[:2], (7, 0, 0, 4, 0, 0))
    raster, _ = drawn(layered_pdf([(BACKGROUND, WHITE, WHOLE), logo], POINTS))

    assert raster.dpi == pytest.approx((72, 72))


def test_a_layer_that_is_too_sharp_costs_no_page(drawn):
    fine = np.kron(STENCIL, np.ones((4, 4), bool))
    layers = [(BACKGROUND, WHITE, WHOLE), stencil(b"/ImageMask true", fine)]

    assert drawn(layered_pdf(layers, POINTS))[0].dpi == pytest.approx((600, 600))
    small = drawn(layered_pdf(layers, POINTS), max_pixels=1200 * 800)[0]
    assert small.width * small.height <= 1200 * 800


@pytest.mark.parametrize("extra", [b"/ColorSpace/DeviceGray/Decode[1 0]", b"/ImageMask true/Decode[1 0]"])
def test_a_negative_comes_out_as_its_decode_array_means_it(drawn, extra):
    white_below = (BACKGROUND, WHITE, WHOLE)
    layers = [white_below, stencil(extra)] if b"Mask" in extra else [stencil(extra)]

    _, pixels = drawn(layered_pdf(layers, POINTS))

    assert np.mean((pixels[..., 0] < 128) == ~STENCIL) > 0.99


# --- user units -------------------------------------------------------------------------------------------------------

NOISE = np.random.default_rng(7).integers(0, 256, (61, 83, 3), dtype=np.uint8)


def test_an_image_on_a_page_of_longer_units_has_fewer_pixels_per_inch(drawn):
    raster, pixels = drawn(image_pdf(NOISE, (83 * 72 / 400, 61 * 72 / 400), b"/UserUnit 2"))

    assert np.array_equal(pixels, NOISE)
    assert raster.dpi == pytest.approx((200, 200), abs=0.01)


def test_drawings_on_a_page_of_longer_units_are_drawn_as_large_as_they_are(drawn):
    raster, _ = drawn(one_page_pdf(b"1 0 0 rg 10 10 20 20 re f", (72, 36), b"/UserUnit 1.5"))

    assert (raster.width, raster.height, raster.dpi) == (450, 225, (300, 300))
