"""Records refuse to hold what cannot be."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from drawing import tilings
from filled_form import FORM, PAGE, PROJECT
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.elements import BBox, Cell, CellReading, DpiSource, Grid, Ink, Page, SourceFile, TableReading
from pipeline.grid.tiling import Span

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def page(image, dpi=200.0, orientation=1):
    return Page("ab" * 32, 1, image, dpi, DpiSource.FILE, orientation)


# --- boxes, sources, pages --------------------------------------------------------------------------------------------


def test_a_box_excludes_its_right_and_bottom():
    box = BBox(2, 3, 5, 7)
    assert (box.width, box.height, box.area) == (3, 4, 12)


def test_a_box_turned_inside_out_is_empty():
    assert (BBox(5, 0, 2, 4).width, BBox(5, 0, 2, 4).area) == (0, 0)


@pytest.mark.parametrize("path", ["/scans/2023/a b.pdf", "C:\\scans\\a b.pdf", "a b.pdf"])
def test_a_source_is_called_by_its_own_name(path):
    assert SourceFile(path, "ab" * 32, 1, "application/pdf", 1).name == "a b.pdf"


def test_rules_are_looked_for_in_the_ink_of_all_colours_where_there_are_coloured_ones():
    darkness, all_ink = np.zeros((4, 4), np.uint8), np.ones((4, 4), np.uint8)
    assert Ink(darkness, darkness > 0, 1.0).ruling is darkness
    assert Ink(darkness, darkness > 0, 1.0, all_ink).ruling is all_ink


def test_a_page_knows_its_width_and_height():
    assert (page(np.zeros((30, 20, 3), np.uint8)).width, page(np.zeros((30, 20, 3), np.uint8)).height) == (20, 30)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((30, 20), np.uint8), r"\(30, 20\) uint8"),
        (np.zeros((30, 20, 4), np.uint8), r"\(30, 20, 4\) uint8"),
        (np.zeros((30, 20, 3), np.float32), r"\(30, 20, 3\) float32"),
    ],
    ids=["gray", "with alpha", "floating"],
)
def test_a_page_refuses_any_raster_but_bgr_bytes_and_says_what_it_got(image, words):
    with pytest.raises(ValueError, match=words):
        page(image)


@pytest.mark.parametrize("orientation", [0, 9, -1])
def test_a_page_refuses_an_orientation_that_exif_does_not_know(orientation):
    with pytest.raises(ValueError, match=f"got {orientation}"):
        page(np.zeros((3, 2, 3), np.uint8), orientation=orientation)


@pytest.mark.parametrize("dpi", [0.0, -72.0])
def test_a_page_refuses_a_resolution_that_is_not_positive(dpi):
    with pytest.raises(ValueError, match=f"got {dpi}"):
        page(np.zeros((3, 2, 3), np.uint8), dpi=dpi)


def test_records_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        PAGE.width = 3


# --- grids ------------------------------------------------------------------------------------------------------------


@given(tilings())
def test_a_grid_accepts_every_tiling_and_finds_the_cell_of_each_slot(tiled):
    grid = tiled.grid()
    for cell in grid.cells:
        assert {grid.cell_at(*slot) for slot in cell.slots()} == {cell}


@settings(max_examples=50)
@given(tilings(), st.data())
def test_a_grid_that_lacks_a_cell_is_refused_and_names_a_slot_of_it(tiled, data):
    lost = data.draw(st.sampled_from(tiled.spans))
    with pytest.raises(ValueError, match=rf"not covered \[\({lost.row}, {lost.col}\)"):
        tiled.grid(span for span in tiled.spans if span != lost)


@settings(max_examples=50)
@given(tilings(), st.data())
def test_a_grid_with_a_cell_twice_is_refused_and_names_a_slot_of_it(tiled, data):
    twin = data.draw(st.sampled_from(tiled.spans))
    with pytest.raises(ValueError, match=rf"covered twice \[\({twin.row}, {twin.col}\)"):
        tiled.grid([*tiled.spans, twin])


@settings(max_examples=50)
@given(tilings(), st.data())
def test_a_grid_whose_cell_grew_is_refused(tiled, data):
    grown = data.draw(st.sampled_from(tiled.spans))
    larger = Span(grown.row, grown.col, grown.row_span, grown.col_span + 1)
    beyond = grown.col + grown.col_span == tiled.n_cols
    named = "outside" if beyond else "covered twice"
    with pytest.raises(ValueError, match=rf"{named} \[\({grown.row}, {grown.col + grown.col_span}\)"):
        tiled.grid(larger if span == grown else span for span in tiled.spans)


@settings(max_examples=50)
@given(tilings(), st.data())
def test_a_grid_whose_cell_moved_is_refused(tiled, data):
    one, down, right = (
        data.draw(st.sampled_from(tiled.spans)),
        data.draw(st.integers(-1, 1)),
        data.draw(st.integers(-1, 1)),
    )
    assume(down or right)
    moved = Span(one.row + down, one.col + right, one.row_span, one.col_span)
    with pytest.raises(ValueError, match=f"not a tiling of {tiled.n_rows} x {tiled.n_cols} slots"):
        tiled.grid(moved if span == one else span for span in tiled.spans)


def test_a_grid_without_slots_is_refused():
    with pytest.raises(ValueError, match="not a tiling of 0 x 0 slots"):
        Grid(0, 0, 0, ())


@pytest.mark.parametrize("slot", [(-1, 0), (0, 2), (1, 0)])
def test_a_slot_outside_the_grid_has_no_cell(slot):
    grid = Grid(0, 1, 2, (Cell(0, 0, 1, 2, SQUARE),))
    with pytest.raises(KeyError):
        grid.cell_at(*slot)


def test_a_grid_is_as_sure_as_its_least_sure_cell():
    cells = Cell(0, 0, 1, 1, SQUARE, 0.9), Cell(0, 1, 1, 1, SQUARE, 0.4), Cell(0, 2, 1, 1, SQUARE)
    assert Grid(0, 1, 3, cells).confidence == 0.4


def test_a_cell_is_the_same_however_sure_it_is():
    assert Cell(0, 0, 1, 1, SQUARE, 0.9) == Cell(0, 0, 1, 1, SQUARE, 0.4)


# --- readings ---------------------------------------------------------------------------------------------------------


@given(tilings())
def test_a_table_reading_answers_for_every_slot(tiled):
    grid = tiled.grid()
    table = TableReading(grid, tuple(CellReading(cell, f"{cell.row},{cell.col}", 1.0, ()) for cell in grid.cells))
    for cell in grid.cells:
        assert {table.at(*slot).text for slot in cell.slots()} == {f"{cell.row},{cell.col}"}


def test_a_table_reading_refuses_readings_that_are_not_the_grids_cells_in_order():
    cells = Cell(0, 0, 1, 1, SQUARE), Cell(0, 1, 1, 1, SQUARE)
    grid = Grid(0, 1, 2, cells)
    readings = tuple(CellReading(cell, "", 1.0, ()) for cell in cells)
    for wrong in (readings[:1], readings[::-1], (*readings, readings[0])):
        with pytest.raises(ValueError, match=f"{len(wrong)} readings do not match the grid's 2 cells"):
            TableReading(grid, wrong)


# --- documents --------------------------------------------------------------------------------------------------------


def test_a_document_is_named_by_the_first_project_that_names_its_unit_and_year():
    silent = replace(PROJECT, unit_name=None, fiscal_year=None)
    other = replace(PROJECT, unit_name="水利局", fiscal_year=2024)
    result = replace(FORM, interpretation=replace(FORM.interpretation, projects=(silent, PROJECT, other)))
    assert (result.unit_name, result.fiscal_year) == ("县政府办", 2023)


def test_a_document_without_projects_names_neither():
    result = replace(FORM, interpretation=replace(FORM.interpretation, projects=()))
    assert (result.unit_name, result.fiscal_year) == (None, None)


def test_each_signatory_is_named_once_in_order_of_appearance():
    (signature,) = PAGE.signatures
    names = ("张三", None, "贺成才", "张三")
    signed = replace(PAGE, signatures=tuple(replace(signature, name=name) for name in names))
    assert replace(FORM, pages=(PAGE, signed)).signatories == ("贺成才", "张三")
