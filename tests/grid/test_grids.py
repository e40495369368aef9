"""Pages become grids: cells with their spans, their corners on the scan, and how sure that is."""

import cv2
import numpy as np
import pytest
from drawing import (
    DPI,
    INK,
    Bent,
    Table,
    curled,
    faded,
    fill,
    form,
    framed,
    in_perspective,
    noisy,
    print_text,
    px,
    rule,
    rule_dashed,
    scanned,
    sealed,
    sheet,
    turned,
)

from pipeline.dewarp.deskewing import deskew
from pipeline.dewarp.dewarping import dewarp
from pipeline.grid.grids import build_grids
from pipeline.grid.tiling import Span
from pipeline.settings.settings import GridSettings

CORNER_TOLERANCE_PX = 1.5
TWO = Table(rows=(640, 700, 760), cols=(150, 500, 1000))


def read(image, settings=None, dpi=DPI):
    return build_grids(dewarp(deskew(scanned(image, dpi), None)), settings or GridSettings())


def only_grid(image, **how):
    (grid,) = read(image, **how)
    return grid


def spans(grid):
    return tuple(Span(c.row, c.col, c.row_span, c.col_span) for c in grid.cells)


def assert_is(grid, table, place=np.asarray, tolerance=CORNER_TOLERANCE_PX):
    assert spans(grid) == table.spans
    for cell, span in zip(grid.cells, table.spans, strict=True):
        distance = np.linalg.norm(np.array(cell.polygon) - place(table.corners(span)), axis=1)
        assert distance.max() <= tolerance, (span, distance)


def assert_right_or_doubted(found, table):
    for grid in found:
        assert spans(grid) == table.spans or grid.confidence < GridSettings().review_confidence


def filled(table):
    return fill(rule(sheet(), table), table)


# --- structure and corners --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thickness", [1, 2, 3, 5])
def test_a_flat_form_becomes_its_grid(thickness):
    table = form(thickness)
    grid = only_grid(filled(table))
    assert_is(grid, table)
    assert (grid.table_index, grid.n_rows, grid.n_cols, grid.repairs) == (0, 7, 5, ())
    assert grid.confidence > 0.9


@pytest.mark.parametrize(
    "surface",
    [
        lambda image: turned(image, -6.5),
        lambda image: turned(image, 3.0),
        lambda image: curled(image, 8),
        lambda image: curled(image, -14),
        lambda image: in_perspective(image, 0.015),
        lambda image: in_perspective(image, 0.04),
    ],
    ids=["skewed clockwise", "skewed", "curled up", "curled down", "in perspective", "in strong perspective"],
)
def test_a_form_out_of_shape_becomes_the_same_grid_with_its_corners_on_the_scan(surface):
    bent = surface(filled(form()))
    grid = only_grid(bent.image)
    assert_is(grid, form(), bent.place)
    assert grid.confidence > 0.9


def test_a_skewed_curled_noisy_and_faded_form_becomes_the_same_grid():
    curl = curled(filled(form()), 10)
    turn = turned(curl.image, 4.4)
    worn = Bent(noisy(faded(turn.image, 0.5), 6, specks=200), lambda points: turn.place(curl.place(points)))
    assert_is(only_grid(worn.image), form(), worn.place)


def test_a_hairline_form_of_one_pixel_survives_skew():
    bent = turned(filled(form(thickness=1)), 2.0)
    assert_is(only_grid(bent.image), form(), bent.place)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_corners_run_clockwise_from_the_texts_top_left_on_a_turned_scan(turns):
    """The page is stored turned; EXIF says so. The first corner is where the text starts."""
    stored = np.ascontiguousarray(np.rot90(filled(form()), turns))
    page = scanned(stored, exif_orientation={1: 6, 2: 3, 3: 8}[turns])
    (grid,) = build_grids(dewarp(deskew(page, None)), GridSettings())
    assert spans(grid) == form().spans
    drawn = form().corners(form().spans[0])
    height, width = 800, 1180
    for _ in range(turns):
        drawn = np.column_stack([drawn[:, 1], width - 1 - drawn[:, 0]])
        height, width = width, height
    np.testing.assert_allclose(grid.cells[0].polygon, drawn, atol=CORNER_TOLERANCE_PX)


def test_a_seal_on_a_column_line_changes_nothing():
    image = sealed(filled(form()), (540, 400), 100)
    assert_is(only_grid(image), form())


def test_two_tables_are_two_grids_from_top_to_bottom():
    upper = Table(rows=(100, 160, 220, 300), cols=(120, 460, 1060))
    found = read(rule(filled(TWO), upper))
    assert [grid.table_index for grid in found] == [0, 1]
    assert_is(found[0], upper)
    assert_is(found[1], TWO)


@pytest.mark.parametrize("sides", [{"left"}, {"right"}, {"left", "right"}])
def test_a_table_without_side_borders_is_a_grid_that_is_less_sure(sides):
    rows, cols = (180, 240, 300, 360, 420, 480), (120, 360, 700, 1060)
    grid = only_grid(rule(sheet(), Table(rows, cols, open_sides=frozenset(sides))))
    assert spans(grid) == Table(rows, cols).spans
    assert 0.5 < grid.confidence < only_grid(rule(sheet(), Table(rows, cols))).confidence


@pytest.mark.parametrize("thickness", [1, 3])
@pytest.mark.parametrize("gap", [2, 3, 5, 8])
def test_a_double_border_is_read_right_or_doubted(gap, thickness):
    """However far apart (0.3-1.4 mm) the two lines are."""
    image = filled(form(thickness))
    for y in (180 - gap, 620 + gap):
        image[y : y + thickness, 120 - gap : 1060 + gap + thickness] = INK
    for x in (120 - gap, 1060 + gap):
        image[180 - gap : 620 + gap + thickness, x : x + thickness] = INK
    assert_right_or_doubted(read(image), form())


@pytest.mark.parametrize("thickness", [4, 7, 12])
def test_a_thick_border_is_read_right_or_doubted(thickness):
    image, half = filled(form(2)), thickness // 2
    for y in (180, 620):
        image[y - half : y - half + thickness, 120 - half : 1060 + half] = INK
    for x in (120, 1060):
        image[180 - half : 620 + half, x - half : x - half + thickness] = INK
    assert_right_or_doubted(read(image), form())


@pytest.mark.parametrize("thickness_mm", [0.8, 1.2, 1.6])
def test_a_frame_as_thick_as_a_bar_is_the_border(thickness_mm):
    grid = only_grid(framed(filled(form(2)), form(2), thickness_mm))
    assert_is(grid, form(2), tolerance=3.0)
    assert grid.confidence > 0.9


@pytest.mark.parametrize(("dash_mm", "gap_mm"), [(2.8, 0.9), (0.5, 0.5), (1.5, 0.8)])
def test_a_dashed_form_becomes_its_grid(dash_mm, gap_mm):
    grid = only_grid(fill(rule_dashed(sheet(), form(), dash_mm, gap_mm), form()))
    assert_is(grid, form(), tolerance=3.0)
    assert grid.confidence > 0.9


def test_a_dashed_form_with_a_line_of_one_wall_is_looked_at():
    """Strokes of characters may look like it."""
    drawn = Table((180, 240, 300, 360, 420), (120, 260, 460, 640, 860), (Span(1, 0, 2, 3),))
    grid = only_grid(fill(rule_dashed(sheet(), drawn, 2.8, 0.9), drawn))
    assert_is(grid, drawn, tolerance=3.0)
    assert 0 < grid.confidence < GridSettings().review_confidence


@pytest.mark.parametrize(("dash_mm", "gap_mm"), [(1.0, 1.0), (2.5, 1.3), (2.5, 2.5)])
def test_a_form_that_is_half_gaps_is_right_or_doubted(dash_mm, gap_mm):
    assert_right_or_doubted(read(fill(rule_dashed(sheet(), form(), dash_mm, gap_mm), form())), form())


@pytest.mark.parametrize("edge", ["left", "top"])
def test_a_border_at_the_edge_of_the_image_is_no_missed_one(edge):
    image = filled(form())
    grid = only_grid(image[:, 119:] if edge == "left" else image[179:])
    assert (grid.n_rows, grid.n_cols) == (7, 5)
    assert grid.confidence > 0.9


# --- no grid ----------------------------------------------------------------------------------------------------------


def test_a_blank_page_and_a_page_of_text_have_no_grid():
    text = sheet()
    for row in range(14):
        print_text(text, 100, 60 + row * 45, 40, seed=row)
    assert read(sheet()) == read(text) == ()


@pytest.mark.parametrize(
    ("settings", "grids"),
    [(GridSettings(min_rows=2, min_cols=2), 1), (GridSettings(min_rows=3), 0), (GridSettings(min_cols=3), 0)],
)
def test_a_table_with_fewer_rows_or_columns_than_the_settings_ask_for_is_no_grid(settings, grids):
    assert len(read(filled(TWO), settings)) == grids


# --- damage -----------------------------------------------------------------------------------------------------------


def erased(image, left, top, right, bottom):
    image[top:bottom, left:right] = sheet()[0, 0]
    return image


def test_a_gap_in_a_wall_is_bridged():
    """3 mm of a row's line are gone, in the middle of a slot."""
    image = erased(filled(form()), 740, 296, 740 + px(3), 305)
    assert spans(only_grid(image)) == form().spans


def test_a_wall_a_third_gone_beside_a_merged_cell_is_repaired_on_record_and_less_sure():
    """Without the wall, a cell would run into a taller one, and the two are no rectangle."""
    grid = only_grid(erased(filled(form()), 455, 255, 466, 275))
    assert spans(grid) == form().spans
    assert len(grid.repairs) == 1
    assert grid.repairs[0].startswith("wall left of col 2 added in row")
    assert grid.confidence < 0.6


def test_a_repair_costs_the_cells_beside_it_confidence_and_no_others():
    grid = only_grid(erased(filled(form()), 455, 255, 466, 275))
    doubted = {(cell.row, cell.col) for cell in grid.cells if cell.confidence < GridSettings().review_confidence}
    assert doubted
    assert all(1 <= row <= 3 and col in (1, 2) for row, col in doubted)
    assert all(cell.confidence > 0.98 for cell in grid.cells if (cell.row, cell.col) not in doubted)


def test_a_stroke_drawn_half_across_a_merged_cell_lowers_the_confidence_or_is_ignored():
    image = filled(form())
    image[419:422, 270:350] = INK
    grid = only_grid(image)
    assert spans(grid) == form().spans


def test_lines_that_run_on_beyond_a_border_lower_the_confidence():
    """There must be another border, further out, that was not found."""
    image = filled(form())
    for x in form().cols[1:4]:
        image[620:720, x - 1 : x + 2] = INK
    grid = only_grid(image)
    assert_is(grid, form())
    assert grid.doubts == ("lines go on beyond the bottom border",)
    doubted = {cell.row + cell.row_span for cell in grid.cells if cell.confidence < GridSettings().review_confidence}
    assert doubted == {grid.n_rows}


def test_lines_that_go_on_above_the_border_make_all_rows_doubtful():
    image = filled(form())
    for x in form().cols[1:3]:
        image[90:180, x - 1 : x + 2] = INK
    grid = only_grid(image)
    assert grid.doubts == ("lines go on beyond the top border",)
    assert all(cell.confidence < GridSettings().review_confidence for cell in grid.cells)


def test_a_pale_streak_down_the_page_makes_a_column_that_is_not_sure():
    image = filled(form())
    image[:, 549:551] = np.minimum(image[:, 549:551], 200)
    grid = only_grid(image)
    if grid.n_cols > 5:
        before = {cell.confidence > 0.9 for cell in grid.cells if cell.col + cell.col_span <= 2 and cell.row > 0}
        behind = {cell.confidence < 0.9 for cell in grid.cells if cell.col >= 3}
        assert before == behind == {True}
        assert "the line before col 3 is pale or runs on" in grid.doubts


def test_a_ring_over_the_table_changes_nothing():
    """A copied seal, black: 1 mm thick, 42 mm across."""
    assert_is(only_grid(cv2.circle(filled(form()), (580, 390), px(21), INK, px(1))), form())
