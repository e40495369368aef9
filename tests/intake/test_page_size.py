"""Pages of any size are read, read smaller, or refused with a code; nothing else ever comes of them."""

import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import drawn_form, form, jpeg, scanned, sheet
from fake_engines import fake_engines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.document import digitise_document
from pipeline.elements import DpiSource, Page, Resampling, Severity, Status
from pipeline.errors import DocumentError, PageTooLong, PageTooSmall
from pipeline.imaging.geometry import apply_homography, scale_matrix
from pipeline.imaging.sheets import MAX_SIDE_PX
from pipeline.ink import coloured_seals as seals
from pipeline.intake.documents import open_document
from pipeline.intake.page_size import MAX_PIXELS, check_size, reduced, reduction_of
from pipeline.intake.resolution import page_resolution
from pipeline.page.read import read_page
from pipeline.settings.settings import IntakeSettings, Settings

CONTENTS = ("noise", "black", "white", "gray", "red", "specks", "grid", "discs")


def content(kind, height, width, seed=0):
    random = np.random.default_rng(seed)
    plain = {"black": 0, "white": 255, "gray": 127, "red": (0, 0, 255)}
    image = np.full((height, width, 3), plain.get(kind, 255), np.uint8)
    if kind == "noise":
        image = random.integers(0, 256, image.shape, np.uint8)
    elif kind == "specks":
        image[random.random((height, width)) < 0.02] = 0
    elif kind == "grid":
        step = max(8, min(height, width) // 5)
        image[::step], image[:, ::step] = 0, 0
    elif kind == "discs":
        for x, y, radius in random.integers(1, max(height, width) + 1, (12, 3)).tolist():
            colour = random.integers(0, 256, 3).tolist()
            cv2.circle(image, (x % width, y % height), radius % min(height, width) + 1, colour, 2)
    return image


def page_of(image, dpi=None):
    told = (dpi, DpiSource.FILE) if dpi else page_resolution(image, None)[:2]
    return Page("d" * 64, 1, image, *told)


# --- any size ---------------------------------------------------------------------------------------------------------


@st.composite
def pages(draw):
    height, width = draw(st.integers(1, 160)), draw(st.integers(1, 160))
    image = content(draw(st.sampled_from(CONTENTS)), height, width, draw(st.integers(0, 9)))
    page = page_of(image, draw(st.sampled_from([None, 30.0, 72.0, 200.0, 300.0, 2400.0])))
    return replace(page, exif_orientation=draw(st.integers(1, 8)))


@given(page=pages())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_page_of_any_size_is_read_or_refused_with_a_code(page):
    try:
        reading = read_page(page, fake_engines(), Settings())
    except DocumentError as error:
        assert isinstance(error, PageTooSmall)
    else:
        assert (reading.width, reading.height) == (page.width, page.height)


@pytest.mark.parametrize(("height", "width"), [(16, 2000), (2000, 17), (40, 9000), (20, 32_000), (32_000, 33)])
@pytest.mark.parametrize("kind", ["noise", "black", "specks"])
def test_a_page_a_thousand_times_longer_than_wide_is_read_or_refused_with_a_code(height, width, kind):
    """Within seconds: specks lean any way, and a strip turned by 20 degrees would be as wide as long."""
    begun = time.process_time()
    try:
        read_page(page_of(content(kind, height, width)), fake_engines(), Settings())
    except DocumentError as error:
        assert isinstance(error, PageTooSmall | PageTooLong)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (8, 8), (15, 4000), (4000, 3), (1, 40_000)])
def test_a_page_without_room_for_a_line_of_print_is_too_small(shape):
    with pytest.raises(PageTooSmall, match=f"{shape[1]} x {shape[0]} pixels"):
        check_size(page_of(content("white", *shape)))


def test_a_page_is_too_small_on_paper_whatever_its_pixels():
    with pytest.raises(PageTooSmall, match="at 2400 dpi"):
        check_size(page_of(content("white", 150, 3000), dpi=2400.0))


@pytest.mark.parametrize("shape", [(16, 16), (16, 2000), (40, 40), (64, 64)])
def test_a_page_with_room_for_a_line_is_read(shape):
    assert read_page(page_of(content("white", *shape)), fake_engines(), Settings()).status is Status.LANDED


def test_of_coloured_noise_only_the_largest_patches_may_be_seals(monkeypatch):
    """There are hundreds, and each is fitted with a ring, an oval and a box, in red and in four other colours."""
    fitted = []
    monkeypatch.setattr(seals, "best_ring", lambda *_: fitted.append(1))
    image = jpeg(content("noise", 400, 400))
    assert read_page(page_of(image), fake_engines(), Settings()).status is Status.LANDED
    assert len(fitted) <= 5 * seals.MAX_PATCHES


# --- long and large pages ---------------------------------------------------------------------------------------------


def test_a_page_that_fits_is_not_made_smaller():
    assert reduction_of(4960, 7016) is None
    assert reduction_of(MAX_SIDE_PX, 1000) is None


@pytest.mark.parametrize(("width", "height"), [(900, 40_000), (100_000, 1000), (10_000, 12_000), (9934, 7016)])
def test_a_page_that_does_not_fit_is_made_as_much_smaller_as_it_must(width, height):
    reduction = reduction_of(width, height)
    assert max(width, height) * reduction.across <= MAX_SIDE_PX
    assert width * height * reduction.across**2 <= MAX_PIXELS
    larger = reduction.across + 1 / 16
    assert max(width, height) * larger > MAX_SIDE_PX or width * height * larger**2 > MAX_PIXELS


def test_nothing_is_made_so_small_that_nothing_is_left():
    assert reduction_of(1, 10**8) is None
    assert reduction_of(20, 10**6) is None


@pytest.mark.parametrize("sixteenths", [15, 12, 8, 5])
def test_what_is_made_smaller_in_parts_is_the_same_as_in_one(sixteenths):
    image = cv2.cvtColor(drawn_form(), cv2.COLOR_GRAY2BGR)
    reduction = Resampling(image.shape[1], image.shape[0], sixteenths / 16, sixteenths / 16)
    parts = [reduced(image[top : top + 64], reduction) for top in range(0, len(image), 64)]
    np.testing.assert_array_equal(np.concatenate(parts), reduced(image, reduction))


def test_cells_of_a_page_that_was_made_smaller_are_in_pixels_of_the_scan():
    image = cv2.cvtColor(drawn_form(), cv2.COLOR_GRAY2BGR)
    enlarged = cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    reduction = Resampling(enlarged.shape[1], enlarged.shape[0], 0.5, 0.5)
    page = scanned(reduced(enlarged, reduction), resampled=reduction)

    reading = read_page(page, fake_engines(), Settings())

    assert (reading.width, reading.height, reading.dpi) == (2360, 1600, 300.0)
    (table,) = reading.tables
    wanted = apply_homography(scale_matrix(2.0), [p for span in form().spans for p in form().corners(span)])
    found = [p for cell in table.grid.cells for p in cell.polygon]
    np.testing.assert_allclose(found, wanted, atol=5.0)
    (finding,) = (f for f in reading.findings if f.rule == "page_reduced")
    assert (finding.severity, finding.found, finding.expected) == (Severity.WARNING, "150", "300")


def strip_file(folder, length, dpi):
    """A strip so many pixels long, with a form at its top and one at its end."""
    blank = sheet(length - 2 * len(drawn_form()))
    file = folder / "strip.png"
    Image.fromarray(np.concatenate([drawn_form(), blank, drawn_form()])).save(file, dpi=(dpi, dpi))
    return file


def test_a_strip_longer_than_opencv_maps_is_read_and_says_so(tmp_path):
    result = digitise_document(strip_file(tmp_path, 36_000, 150), Settings(), fake_engines(), ())
    (page,) = result.pages
    assert (result.status, page.height, page.width) == (Status.LANDED, 36_000, 1180)
    assert page.dpi == pytest.approx(150, abs=0.1)
    first, last = (table.grid.cells for table in page.tables)
    assert (len(first), len(last)) == (len(form().spans), len(form().spans))
    below = np.array(last[0].polygon) - np.array(first[0].polygon)
    np.testing.assert_allclose(below, np.tile([0, 36_000 - len(drawn_form())], (4, 1)), atol=5.0)
    assert "page_reduced" in [finding.rule for finding in result.findings]


def test_a_strip_of_which_too_little_would_be_left_is_too_long_and_quarantined(tmp_path):
    result = digitise_document(strip_file(tmp_path, 60_000, 150), Settings(), fake_engines(), ())
    assert (result.status, result.error_code) == (Status.QUARANTINED, "PAGE_TOO_LONG")
    assert "1180 x 60000 pixels at 150 dpi" in result.error_message


def test_a_page_that_is_too_small_costs_itself_alone(tmp_path):
    sizes = [(300, 200), (1, 3000), (300, 200)]
    first, *others = [Image.new("L", size, 255) for size in sizes]
    first.save(tmp_path / "a.tif", save_all=True, append_images=others)
    result = digitise_document(tmp_path / "a.tif", Settings(), fake_engines(), ())
    codes = [page.error_code for page in result.pages]
    assert (result.status, codes) == (Status.PARTIAL, [None, "PAGE_TOO_SMALL", None])


def test_a_document_of_one_dot_is_quarantined(tmp_path):
    Image.new("L", (1, 1), 0).save(tmp_path / "a.png")
    result = digitise_document(tmp_path / "a.png", Settings(), fake_engines(), ())
    assert (result.status, result.error_code) == (Status.QUARANTINED, "PAGE_TOO_SMALL")


def test_a_scan_is_made_smaller_as_it_comes_in(tmp_path):
    """Its rows arrive in parts that do not divide it evenly; what is left over at the end is less than one row."""
    rows = np.linspace(0, 255, 40_001).astype(np.uint8)
    Image.fromarray(np.tile(rows[:, None], (1, 50))).save(tmp_path / "a.png")
    with open_document(tmp_path / "a.png", IntakeSettings()) as document:
        (page,) = document.pages()
    assert (page.width, page.height, page.scale) == (50, 40_001, (0.75, 0.75))
    assert page.image.shape == (30_000, 36, 3)
    np.testing.assert_allclose(page.image[:, 0, 0], np.linspace(0, 255, 30_000), atol=1.5)
