"""Nothing is claimed about the part of a page that could not be decoded."""

from dataclasses import replace

import pytest
from drawing import drawn_form, form, scanned
from fake_engines import fake_engines

from pipeline.elements import BBox, LineKind, Missing, Severity, SignatureStatus, Status, TextLine
from pipeline.imaging.geometry import bounding_box
from pipeline.page.read import read_page
from pipeline.reading.incomplete import doubt_unplaced, doubted_status, withhold_lines
from pipeline.settings.settings import Settings

BOX = BBox(0, 500, 1180, 800)


def read(box=BOX, displaced=False, blank=True):
    """The drawn form, of 1180 x 800 pixels, of which a box is missing: blank, or as where only a cell's rim is."""
    image = drawn_form()
    if blank:
        image[int(box.top) + 3 : int(box.bottom) - 3, int(box.left) + 3 : int(box.right) - 3] = 255
    return read_page(scanned(image, missing=Missing(box, displaced)), fake_engines(), Settings())


def touches(cell, box):
    own = bounding_box(cell.cell.polygon)
    return own.left < box.right and box.left < own.right and own.top < box.bottom and box.top < own.bottom


def test_a_page_of_which_a_part_is_missing_lands_in_part_and_says_which():
    reading = read()

    (finding,) = (one for one in reading.findings if one.rule == "image_incomplete")
    assert (reading.status, reading.error_code) == (Status.PARTIAL, "TRUNCATED")
    assert (finding.severity, finding.page_number, finding.found) == (Severity.ERROR, 1, "38%")
    assert finding.message.startswith("38% of the page could not be decoded: all below row 500 of 800. ")
    assert "again from its source" in finding.message


@pytest.mark.parametrize(
    ("box", "place"),
    [
        (BBox(0, 500, 1180, 800), "all below row 500 of 800"),
        (BBox(0, 0, 1180, 100), "rows 0 to 100 of 800"),
        (BBox(800, 0, 1180, 800), "columns 800 to 1180 of 1180"),
        (BBox(100, 200, 300, 400), "rows 200 to 400 of 800, columns 100 to 300 of 1180"),
    ],
)
def test_the_place_of_what_is_missing_is_said(box, place):
    (finding,) = (one for one in read(box).findings if one.rule == "image_incomplete")

    assert f"could not be decoded: {place}." in finding.message


def test_cells_that_touch_what_is_missing_are_null_and_named_and_the_others_are_as_read():
    top, bottom = form().rows[2], form().rows[3]
    box = BBox(0, (top + bottom) / 2 - 5, 1180, (top + bottom) / 2 + 5)
    reading = read(box, blank=False)

    cells = [cell for table in reading.tables for cell in table.cells]
    named = {(one.row, one.col) for one in reading.findings if one.rule == "cell_incomplete"}
    assert named == {(cell.cell.row, cell.cell.col) for cell in cells if touches(cell, box)}
    assert named
    assert {(cell.text, cell.confidence) for cell in cells if touches(cell, box)} == {(None, None)}
    assert {cell.text for cell in cells if not touches(cell, box)} == {"\u7532"}
    assert "unread_ink" not in {one.rule for one in reading.findings}


def test_a_page_of_which_bytes_were_lost_anywhere_is_sure_of_no_cell():
    reading = read(BBox(0, 790, 1180, 800), displaced=True)

    (finding,) = (one for one in reading.findings if one.rule == "image_incomplete")
    confidences = [cell.confidence for table in reading.tables for cell in table.cells]
    assert max(confidences) < Settings().ocr.review_confidence
    assert "may stand in the wrong place" in finding.message


def test_a_page_that_lost_bytes_but_no_pixels_is_partial_too():
    reading = read(BBox(0, 800, 1180, 800), displaced=True, blank=False)

    (finding,) = (one for one in reading.findings if one.rule == "image_incomplete")
    assert (reading.status, finding.found) == (Status.PARTIAL, "0%")
    assert finding.message.startswith("Bytes may be missing")


def test_a_page_is_not_called_unsigned_where_its_signature_may_be_missing():
    missing = Missing(BOX)

    assert read().signature_status is SignatureStatus.UNSURE
    assert doubted_status(SignatureStatus.SIGNED, missing) is SignatureStatus.SIGNED
    assert doubted_status(SignatureStatus.UNSIGNED, None) is SignatureStatus.UNSIGNED


def test_lines_that_touch_what_is_missing_have_no_confidence():
    def line(top):
        return TextLine("\u7532", 0.9, ((0, top), (9, top), (9, top + 20), (0, top + 20)), LineKind.NOTE)

    lines = withhold_lines([line(100), line(490)], Missing(BOX))

    assert [one.confidence for one in lines] == [0.9, None]
    assert withhold_lines([line(490)], None) == (line(490),)


def test_a_whole_page_is_read_as_before():
    page = scanned(drawn_form())

    assert page.missing is None
    assert read_page(page, fake_engines(), Settings()).findings == ()


def test_a_cell_that_may_be_a_part_of_another_is_not_surely_blank():
    (table,) = read_page(scanned(drawn_form()), fake_engines(), Settings()).tables

    def placed(confidence):
        grid = replace(table.grid, cells=tuple(replace(c, confidence=confidence) for c in table.grid.cells))
        cells = [replace(own, cell=cell) for own, cell in zip(table.cells, grid.cells, strict=True)]
        cells[0] = replace(cells[0], text="", confidence=0.99)
        return replace(table, grid=grid, cells=tuple(cells))

    (doubted,) = doubt_unplaced([placed(0.7)])
    assert doubted.cells[0].confidence == 0.7
    assert doubted.cells[1:] == placed(0.7).cells[1:]
    assert doubted.cells[1].text
    assert doubt_unplaced([placed(0.8)]) == (placed(0.8),)
