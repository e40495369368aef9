"""Scans whose pixels are not square are squared first, if print and sheet agree; places stay those of the file."""

import io

import cv2
import numpy as np
import pytest
from drawing import drawn_form, form, scanned
from fake_engines import fake_engines
from PIL import Image
from scaled_pages import A4_PAGES, page

from pipeline.elements import Resampling, Severity
from pipeline.intake.documents import open_document
from pipeline.intake.page_size import MAX_PIXELS
from pipeline.intake.squaring import find_squaring, is_bilevel, is_coarse, squared, stated_stretch
from pipeline.page import read_page
from pipeline.settings import Settings
from pipeline.settings.settings import IntakeSettings

FAX = (204.0, 98.0)
UPRIGHT = [name for name in A4_PAGES if "turned" not in name]


def rows_left_out(image, share):
    """Every so manieth row, as a fax of standard resolution has them."""
    rows = (np.arange(round(len(image) * share)) / share).astype(int)
    return np.ascontiguousarray(image[rows])


def fax(name):
    """A page as a fax machine of standard resolution sends it: 1,728 pixels across, half as many down."""
    image = page(name)
    image = image[:, : image.shape[0]]
    scale = 1728 / image.shape[1]
    size = 1728, round(image.shape[0] * scale * 98 / 204)
    gray = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    _, black = cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)
    return cv2.cvtColor(black, cv2.COLOR_GRAY2BGR)


@pytest.mark.parametrize("stated", [FAX, (200.0, 100.0), (300.0, 150.0), (300.0, 200.0), (2.0, 1.0)])
def test_a_stated_stretch_that_print_agrees_with_is_undone(stated):
    stretch = stated[0] / stated[1]
    squashed = rows_left_out(page("dev-024-clean"), 1 / stretch)
    image, made = squared(squashed, find_squaring(squashed, stated))

    assert image.shape == pytest.approx(page("dev-024-clean").shape, abs=2)
    assert (made.across, made.width, made.height) == (1.0, squashed.shape[1], squashed.shape[0])
    assert made.down == pytest.approx(stretch, rel=1e-3)


def test_pixels_that_are_wider_than_high_are_squared_too():
    squashed = np.ascontiguousarray(page("dev-024-clean")[:, ::2])
    image, made = squared(squashed, find_squaring(squashed, (98.0, 196.0)))

    assert (made.across, made.down) == (2.0, 1.0)
    assert image.shape == page("dev-024-clean").shape


@pytest.mark.parametrize(
    "stated", [None, (200.0, 200.0), (204.0, 196.0), (204.0, 0.0), (float("nan"), 98.0), (900.0, 98.0)]
)
def test_no_stretch_is_stated_by_what_is_square_or_no_scan_s(stated):
    assert stated_stretch(stated) is None


@pytest.mark.parametrize("name", UPRIGHT)
def test_a_stale_statement_on_a_page_that_was_squared_before_is_not_believed(name):
    image = page(name)
    assert find_squaring(image, FAX) is None or image.shape[1] > image.shape[0]
    assert find_squaring(image, (98.0, 204.0)) is None


@pytest.mark.parametrize("name", UPRIGHT)
def test_a_fax_that_states_nothing_is_told_by_its_width_and_its_print(name):
    found = find_squaring(fax(name), None)

    assert found is not None
    assert (found.stretch, found.assumed) == (pytest.approx(204 / 98), True)


@pytest.mark.parametrize("name", UPRIGHT)
def test_a_page_as_wide_as_a_fax_whose_print_is_square_is_left_as_it_is(name):
    image = page(name)
    height = round(image.shape[0] * 1728 / image.shape[1])

    assert find_squaring(cv2.resize(image, (1728, height), interpolation=cv2.INTER_AREA), None) is None


def test_a_page_squared_has_no_more_pixels_than_can_be_read():
    image = np.zeros((5000, 6000, 3), np.uint8)
    made, resampled = squared(image, find_squaring(image, (600.0, 300.0)))

    assert made.shape[0] * made.shape[1] <= MAX_PIXELS * 1.001
    assert made.shape[0] / made.shape[1] == pytest.approx(10_000 / 6000, rel=1e-3)
    assert resampled.down / resampled.across == pytest.approx(2.0, rel=1e-3)


def test_rows_of_a_black_and_white_page_are_repeated_and_those_of_a_gray_one_blended():
    black = np.zeros((40, 60, 3), np.uint8)
    black[::3] = 255
    squaring = find_squaring(black, FAX)

    assert is_bilevel(squared(black, squaring)[0])
    assert not is_bilevel(squared(black // 2, squaring)[0])


def test_only_a_black_and_white_scan_of_few_pixels_loses_strokes():
    black = np.zeros((40, 60, 3), np.uint8)

    assert is_coarse(black, FAX)
    assert not is_coarse(black, (300.0, 150.0))
    assert not is_coarse(black + 90, FAX)


# --- from the file to the places --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "options"), [("TIFF", {"compression": "group4"}), ("PNG", {}), ("BMP", {})])
def test_a_file_of_two_resolutions_is_squared_and_its_places_are_pixels_of_the_file(tmp_path, kind, options):
    flat = rows_left_out(drawn_form(), 0.5)
    file = tmp_path / "fax"
    Image.fromarray(flat).convert("1" if kind == "TIFF" else "L").save(file, kind, dpi=(150, 75), **options)
    with open_document(file, IntakeSettings()) as document:
        (scan,) = document.pages()

    reading = read_page(scan, fake_engines(), Settings())

    assert scan.image.shape[:2] == pytest.approx(drawn_form().shape, abs=1)
    assert (reading.width, reading.height) == flat.shape[::-1]
    assert reading.dpi == pytest.approx(150, rel=0.01)
    (table,) = reading.tables
    wanted = np.array([p for span in form().spans for p in form().corners(span)]) * (1, 0.5)
    found = np.array([p for cell in table.grid.cells for p in cell.polygon])
    np.testing.assert_allclose(found, wanted, atol=3.0)
    (finding,) = (f for f in reading.findings if f.rule == "page_squared")
    assert (finding.found, finding.expected) == ("150 x 75", "150")
    assert finding.severity is (Severity.WARNING if kind == "TIFF" else Severity.INFO)


def test_numbers_without_a_unit_say_of_which_shape_pixels_are(tmp_path):
    buffer = io.BytesIO()
    flat = Image.fromarray(rows_left_out(drawn_form(), 0.5))
    flat.save(buffer, "JPEG", dpi=(2, 1), quality=95)
    data = bytearray(buffer.getvalue())
    data[data.index(b"JFIF\0") + 7] = 0  # the unit of the density
    (tmp_path / "a.jpg").write_bytes(data)
    with open_document(tmp_path / "a.jpg", IntakeSettings()) as document:
        (scan,) = document.pages()

    assert scan.resampled is not None
    assert scan.resampled.down == pytest.approx(2.0, rel=0.01)


def test_no_text_of_a_scan_that_may_have_lost_strokes_is_sure():
    resampled = Resampling(drawn_form().shape[1], drawn_form().shape[0] // 2, 1.0, 2.0, coarse=True)
    sure = read_page(scanned(drawn_form()), fake_engines(), Settings())
    doubted = read_page(scanned(drawn_form(), resampled=resampled), fake_engines(), Settings())

    texts = [cell for cell in doubted.tables[0].cells if cell.text]
    assert any(cell.confidence > 0.95 for cell in sure.tables[0].cells if cell.text)
    assert texts
    assert all(cell.confidence < 0.95 for cell in texts)
