"""PDF pages become rasters: scans pixel by pixel, everything else at the resolution of the settings."""

import os

import numpy as np
import pytest
from malformed import broken_image_pdf, encrypted_pdf, image_pdf, one_page_pdf, pdf_bytes

from pipeline.decoding.pdf import open_paged
from pipeline.decoding.protocol import DecodeRequest
from pipeline.errors import (
    CorruptFile,
    EncryptedDocument,
    TooManyPages,
    TooManyPixels,
    TruncatedFile,
)

NOISE = np.random.default_rng(7).integers(0, 256, (61, 83, 3), dtype=np.uint8)
SIZE = (83 * 72 / 200, 61 * 72 / 200)
RED_AND_BLUE = b"1 0 0 rg 10 10 20 20 re f 0 0 1 rg 50 70 20 20 re f"


def request(**changes):
    values = {"max_pages": 20, "max_pixels": 10**7, "memory_mb": 500, "render_dpi": 300, "first_page": 1}
    return DecodeRequest(media_type="application/pdf", parent_pid=os.getpid(), **{**values, **changes})


@pytest.fixture
def opened(tmp_path):
    """Open a PDF given as bytes."""
    path = tmp_path / "a.pdf"

    def open_bytes(data, **changes):
        path.write_bytes(data)
        with path.open("rb") as file:
            return open_paged(file, request(**changes))

    return open_bytes


def pixels(raster):
    """The raster in RGB."""
    data = b"".join(bytes(band) for band in raster.bands)
    return np.frombuffer(data, np.uint8).reshape(raster.height, raster.width, 3)[:, :, ::-1]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_an_image_that_fills_the_page_is_copied_pixel_by_pixel_with_the_page_s_rotation(opened, turn):
    raster = opened(image_pdf(NOISE, SIZE, b"/Rotate %d" % turn)).page(1)

    assert np.array_equal(pixels(raster), np.rot90(NOISE, -turn // 90))
    assert raster.dpi == pytest.approx((200, 200), abs=0.01)
    assert not raster.rendered


def test_an_image_turned_by_its_own_matrix_is_copied_pixel_by_pixel(opened):
    raster = opened(image_pdf(NOISE, SIZE[::-1], matrix=(0, SIZE[0], -SIZE[1], 0, SIZE[1], 0))).page(1)

    assert np.array_equal(pixels(raster), np.rot90(NOISE))


def test_a_page_that_is_a_little_larger_than_its_image_has_the_image_s_own_size(opened):
    raster = opened(image_pdf(NOISE, (30, 22), matrix=(29.9, 0, 0, 21.9, 0, 0.1))).page(1)

    assert np.array_equal(pixels(raster), NOISE)


def test_margins_around_a_scan_are_kept_and_its_pixels_still_copied(opened):
    raster = opened(image_pdf(NOISE, (40, 30), matrix=(*(SIZE[0], 0, 0, SIZE[1]), 5, 4))).page(1)

    assert (raster.width, raster.height) == (111, 83)
    left, top = round(5 * 200 / 72), round((30 - 4 - SIZE[1]) * 200 / 72)
    assert np.array_equal(pixels(raster)[top : top + 61, left : left + 83], NOISE)
    assert (pixels(raster)[:top] == 255).all()


def test_an_invisible_text_layer_does_not_keep_a_scan_from_being_one(opened):
    hidden = b"BT /F 9 Tf 3 Tr 2 2 Td (read by a scanner) Tj ET"

    assert np.array_equal(pixels(opened(image_pdf(NOISE, SIZE, extra_content=hidden)).page(1)), NOISE)


def test_visible_text_over_a_scan_is_rendered_with_it_at_the_resolution_of_the_settings(opened):
    stamp = b"BT /F 9 Tf 2 2 Td (seen) Tj ET"
    raster = opened(image_pdf(NOISE, SIZE, extra_content=stamp)).page(1)

    assert raster.rendered
    assert raster.dpi == pytest.approx((300, 300))


def test_an_image_whose_pixels_are_not_square_is_stretched_to_square_ones(opened):
    raster = opened(image_pdf(NOISE, (83 * 72 / 200, 61 * 72 / 100))).page(1)

    assert (raster.width, raster.height) == (83, 122)
    assert raster.dpi == pytest.approx((200, 200), abs=0.01)


def test_a_small_image_on_a_page_does_not_make_it_a_scan(opened):
    raster = opened(image_pdf(NOISE, (100, 100), matrix=(20, 0, 0, 20, 0, 0))).page(1)

    assert raster.rendered
    assert (raster.width, raster.height) == (417, 417)


def test_drawings_are_rendered_on_white_at_the_resolution_asked_for(opened):
    raster = opened(one_page_pdf(RED_AND_BLUE, (72, 144)), render_dpi=150).page(1)

    image = pixels(raster)
    assert (raster.width, raster.height, raster.rendered) == (150, 300, True)
    assert tuple(image[300 - 42, 42]) == (255, 0, 0)
    assert tuple(image[300 - 166, 125]) == (0, 0, 255)
    assert tuple(image[5, 5]) == (255, 255, 255)


def test_a_page_s_rotation_turns_its_drawings(opened):
    image = pixels(opened(one_page_pdf(RED_AND_BLUE, (72, 144), b"/Rotate 90"), render_dpi=72).page(1))

    assert image.shape == (72, 144, 3)
    assert tuple(image[20, 20]) == (255, 0, 0)


def test_a_crop_box_bounds_the_page(opened):
    image = pixels(opened(one_page_pdf(RED_AND_BLUE, (72, 144), b"/CropBox[10 10 30 30]"), render_dpi=72).page(1))

    assert image.shape == (20, 20, 3)
    assert (image == (255, 0, 0)).all()


def test_an_image_that_cannot_be_decoded_is_corrupt_and_not_a_blank_page(opened):
    with pytest.raises(CorruptFile):
        opened(broken_image_pdf()).page(1)


def test_an_empty_page_is_a_white_raster(opened):
    assert (pixels(opened(one_page_pdf(b"", (72, 72)), render_dpi=72).page(1)) == 255).all()


def test_a_page_of_monstrous_size_is_refused_before_it_is_rendered(opened):
    with pytest.raises(TooManyPixels):
        opened(one_page_pdf(b"", (14400, 14400))).page(1)


def test_an_image_larger_than_allowed_is_refused_however_small_the_page_shows_it(opened):
    with pytest.raises(TooManyPixels):
        opened(image_pdf(NOISE, (10, 10), matrix=(1, 0, 0, 1, 0, 0)), max_pixels=83 * 61 - 1).page(1)


def test_a_pdf_with_a_password_is_encrypted(opened):
    with pytest.raises(EncryptedDocument):
        opened(encrypted_pdf())


def test_more_pages_than_allowed_are_refused_by_the_count_in_the_page_tree(opened):
    with pytest.raises(TooManyPages):
        opened(pdf_bytes([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 21>>"]))


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_pdf_that_was_cut_is_truncated_even_where_its_pages_could_be_pieced_together(opened, kept):
    whole = image_pdf(NOISE, SIZE)

    with pytest.raises(TruncatedFile):
        opened(whole[: int(len(whole) * kept)])


def test_a_web_pdf_shorter_than_it_says_is_truncated_although_it_has_an_end_mark(opened):
    whole = image_pdf(NOISE, SIZE).replace(b"%PDF-1.4\n", b"%PDF-1.4\n9 0 obj<</Linearized 1/L 99999/N 1>>endobj\n")

    with pytest.raises(TruncatedFile):
        opened(whole)


def test_rubbish_after_the_end_of_a_pdf_does_no_harm(opened):
    assert opened(image_pdf(NOISE, SIZE) + b"\x00" * 5000).n_pages == 1


def test_a_pdf_header_with_nothing_sensible_behind_it_is_corrupt(opened):
    with pytest.raises(CorruptFile):
        opened(b"%PDF-1.4\nhello\n%%EOF\n")
