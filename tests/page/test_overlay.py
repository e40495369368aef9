"""The picture of a reading shows its cells, upright, and is written whole or not at all."""

import os
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import PAPER, drawn_form, scanned, sheet
from fake_engines import FakeOrienter, fake_engines
from filled_form import SIGNATURE
from readings import box, line

from pipeline.elements import CellReading, LineKind, TableReading
from pipeline.engines.protocols import Turn
from pipeline.errors import OutputUnwritable
from pipeline.page.overlay import DOUBTFUL, LINE_COLOURS, LONG_SIDE, SURE, WRONG, draw_page
from pipeline.page.overlay import SIGNATURE as SIGNATURE_COLOUR
from pipeline.page.read import read_page
from pipeline.settings.settings import Settings


@pytest.fixture(scope="module")
def page():
    return scanned(drawn_form())


@pytest.fixture(scope="module")
def reading(page):
    return read_page(page, fake_engines(), Settings())


def drawn(page, reading, folder):
    draw_page(page, reading, folder / "page.png")
    return cv2.imread(str(folder / "page.png"))


def with_confidence(reading, confidence):
    (table,) = reading.tables
    cells = tuple(CellReading(cell.cell, cell.text, confidence, cell.lines) for cell in table.cells)
    return replace(reading, tables=(TableReading(table.grid, cells),))


def has_colour(image, colour, tolerance=12):
    return bool((np.abs(image.astype(int) - colour).max(axis=2) <= tolerance).any())


def test_the_picture_is_as_large_as_the_page(page, reading, tmp_path):
    assert drawn(page, reading, tmp_path).shape == page.image.shape


def test_a_large_page_gives_a_smaller_picture(tmp_path, reading):
    large = scanned(np.full((3000, 2400), PAPER, np.uint8))
    picture = drawn(large, replace(reading, tables=()), tmp_path)
    assert picture.shape == (LONG_SIDE, LONG_SIDE * 2400 // 3000, 3)


def test_a_turned_page_is_shown_upright_with_its_cells_in_place(page, reading, tmp_path):
    stored = scanned(np.ascontiguousarray(np.rot90(page.image, -1)))
    turned = read_page(stored, fake_engines(orienter=FakeOrienter(Turn(1, 0.99))), Settings())
    difference = cv2.absdiff(drawn(stored, turned, tmp_path), drawn(page, reading, tmp_path))
    assert (difference > 60).mean() < 0.01


@pytest.mark.parametrize(("confidence", "colour"), [(0.99, SURE), (0.8, DOUBTFUL), (0.3, WRONG), (None, WRONG)])
def test_cells_are_tinted_by_confidence(page, reading, tmp_path, confidence, colour):
    picture = drawn(page, with_confidence(reading, confidence), tmp_path)
    bare = picture[190:195, 500:600].reshape(-1, 3).mean(axis=0)  # paper in a cell, away from its text
    assert bare == pytest.approx(np.full(3, PAPER) * 0.84 + np.array(colour) * 0.16, abs=4)


@pytest.mark.parametrize("kind", LINE_COLOURS)
def test_lines_outside_the_tables_are_framed_in_the_colour_of_their_kind(page, reading, tmp_path, kind):
    without = replace(reading, tables=())
    assert not has_colour(drawn(page, without, tmp_path), LINE_COLOURS[kind])
    framed = replace(without, lines=(line("备注", kind=kind),))
    assert has_colour(drawn(page, framed, tmp_path), LINE_COLOURS[kind])


def test_signatures_are_framed(page, reading, tmp_path):
    signed = replace(reading, tables=(), signatures=(replace(SIGNATURE, polygon=box(900, 50, 1100, 120)),))
    picture = drawn(page, signed, tmp_path)
    assert (picture[50, 950:1050] == SIGNATURE_COLOUR).all()


def test_the_page_is_not_changed(page, reading, tmp_path):
    before = page.image.copy()
    drawn(page, replace(reading, lines=(line("备注", kind=LineKind.NOTE),)), tmp_path)
    np.testing.assert_array_equal(page.image, before)


def test_the_folder_is_made_and_nothing_else_is_left_in_it(page, reading, tmp_path):
    draw_page(page, reading, tmp_path / "a" / "b" / "page.jpg")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["page.jpg"]


def test_pictures_are_for_their_owner_alone_whatever_the_umask(page, reading, tmp_path):
    before = os.umask(0)
    try:
        draw_page(page, reading, tmp_path / "deep" / "pictures" / "page.png")
    finally:
        os.umask(before)
    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "deep", *sorted((tmp_path / "deep").rglob("*")))]
    assert modes == [0o700, 0o700, 0o600]


def test_the_folder_of_pictures_may_be_a_link_and_a_picture_that_is_one_is_replaced(page, reading, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "real" / "page.png").symlink_to(tmp_path / "mine")
    (tmp_path / "named").symlink_to(tmp_path / "real")
    draw_page(page, reading, tmp_path / "named" / "page.png")
    assert cv2.imread(str(tmp_path / "real" / "page.png")) is not None
    assert (tmp_path / "mine").read_text() == "mine"


def test_an_earlier_picture_stays_whole_until_the_new_one_is_written(page, reading, tmp_path, monkeypatch):
    file = tmp_path / "page.png"
    draw_page(page, reading, file)
    before = file.read_bytes()

    def fail(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OutputUnwritable, match="No space left"):
            draw_page(scanned(sheet()), replace(reading, tables=()), file)
    assert file.read_bytes() == before
    draw_page(scanned(sheet()), replace(reading, tables=()), file)
    assert file.read_bytes() != before


def test_a_folder_that_cannot_be_made_is_named(tmp_path, reading):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable, match="file"):
        draw_page(scanned(sheet()), replace(reading, tables=()), tmp_path / "file" / "a.jpg")
