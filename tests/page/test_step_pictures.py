"""Each step of a page is drawn from what the stages made of it, and is named by a number and what it shows."""

import os
import shutil

import cv2
import numpy as np
import pytest
from drawing import PAPER, Tiled, curled, drawn_form, scanned, sealed, sheet, upright
from fake_engines import fake_engines

from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import Axis
from pipeline.errors import OutputUnsafe
from pipeline.grid.grids import build_grids
from pipeline.grid.tiling import Span
from pipeline.layout.layout import analyse_layout
from pipeline.page.overlay import LONG_SIDE, SURE
from pipeline.page.read import read_page
from pipeline.page.step_pictures import (
    BRIDGED,
    CUT_HEIGHT,
    NO_CELL_BORDER,
    SEAL_TINT,
    SHEET_WIDTH,
    TRACED,
    dewarped_picture,
    draw_steps,
    ink_picture,
    junctions_of,
    lines_picture,
    ruling_picture,
)
from pipeline.settings.settings import GridSettings, Settings

NAMES = ["page-1-ink.png", "page-2-ruling.png", "page-3-flat.png", "page-4-lines.png"]


def read(image):
    """The layout of a page, and the page as read."""
    page = upright(image)
    dewarped = dewarp(page)
    layout = analyse_layout(page, dewarped, build_grids(dewarped, GridSettings()))
    return layout, read_page(scanned(image), fake_engines(), Settings())


@pytest.fixture(scope="module")
def form():
    return read(drawn_form())


def share(picture, colour, tolerance=8):
    return float((np.abs(picture.astype(int) - colour).max(axis=2) <= tolerance).mean())


def test_the_folder_of_steps_is_its_owners_alone_and_no_link(form, tmp_path):
    before = os.umask(0)
    try:
        draw_steps(*form, tmp_path / "pictures" / "page.png")
    finally:
        os.umask(before)
    steps = tmp_path / "pictures" / "steps"
    assert {path.stat().st_mode & 0o777 for path in steps.iterdir()} == {0o600}
    assert steps.stat().st_mode & 0o777 == 0o700
    shutil.move(steps, tmp_path / "elsewhere")
    steps.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputUnsafe, match="steps is a link"):
        draw_steps(*form, tmp_path / "pictures" / "page.png")


# --- the pictures -----------------------------------------------------------------------------------------------------


def test_the_ink_is_shown_without_the_seal_whose_place_is_tinted():
    picture = ink_picture(*read(sealed(drawn_form(), (300, 300), 60)))
    assert share(picture, SEAL_TINT) > 0.002
    assert share(picture[:, 600:], SEAL_TINT) == 0
    assert picture[300, 120 - 20].min() > 240
    assert picture[181, 300].max() < 60


def test_traced_ruling_is_coloured_by_direction_along_its_bends():
    bent = curled(drawn_form(), 12)
    picture = ruling_picture(*read(bent.image))
    for (x, y), axis in (((800, 180), Axis.HORIZONTAL), ((460, 210), Axis.VERTICAL)):
        u, v = np.rint(bent.place(np.array([[x, y]]))[0]).astype(int)
        around = picture[v - 4 : v + 5, u - 4 : u + 5]
        assert share(around, TRACED[axis], 40) > 0.15
    assert share(picture, BRIDGED) == 0


def test_a_bridged_gap_is_marked_where_it_is():
    image = drawn_form()
    image[352:368, 700:716] = PAPER
    picture = ruling_picture(*read(image))
    assert share(picture[352:368, 702:714], BRIDGED) > 0.1
    picture[345:375, 690:740] = 255
    assert share(picture, BRIDGED) == 0


def test_walls_have_the_colour_of_their_score_and_merged_slots_none(form):
    picture = dewarped_picture(*form)
    assert share(picture[178:183, 300:420], SURE) > 0.3
    assert share(picture[298:303, 140:250], SURE) == 0
    assert share(picture[298:303, 140:250], NO_CELL_BORDER) > 0.1


def test_every_line_of_a_cell_is_shown_as_it_was_cut(form):
    picture = lines_picture(*form)
    lines = sum(len(cell.lines) for cell in form[1].tables[0].cells)
    assert picture.shape[1] == SHEET_WIDTH
    assert lines * 60 < (picture.shape[0] // CUT_HEIGHT) * SHEET_WIDTH < lines * 600
    assert share(picture, SURE, 60) > 0.001
    assert (picture < 90).any()


@pytest.mark.parametrize("draw", [ink_picture, ruling_picture, dewarped_picture, lines_picture])
def test_a_page_without_a_table_has_its_pictures_too(draw):
    assert draw(*read(sheet())).shape[2] == 3


# --- junctions --------------------------------------------------------------------------------------------------------


def test_junctions_of_two_by_two_cells_are_corners_tees_and_one_cross():
    grid = Tiled(2, 2, (Span(0, 0, 1, 1), Span(0, 1, 1, 1), Span(1, 0, 1, 1), Span(1, 1, 1, 1))).grid()
    kinds = junctions_of(grid)
    corners = dict.fromkeys([(0, 0), (0, 2), (2, 0), (2, 2)], "corner")
    tees = dict.fromkeys([(0, 1), (1, 0), (1, 2), (2, 1)], "tee")
    assert kinds == corners | tees | {(1, 1): "cross"}


def test_where_a_wall_ends_at_a_merged_cell_there_is_a_tee_and_none_where_it_only_goes_on():
    grid = Tiled(2, 2, (Span(0, 0, 2, 1), Span(0, 1, 1, 1), Span(1, 1, 1, 1))).grid()
    kinds = junctions_of(grid)
    assert kinds[1, 1] == "tee"
    assert (1, 0) not in kinds


# --- the files --------------------------------------------------------------------------------------------------------


def test_the_steps_lie_numbered_in_a_folder_of_their_own(form, tmp_path):
    draw_steps(*form, tmp_path / "page.png")
    assert [path.name for path in tmp_path.iterdir()] == ["steps"]
    assert sorted(path.name for path in (tmp_path / "steps").iterdir()) == NAMES


def test_reading_a_page_with_a_debug_image_draws_the_steps_beside_it(tmp_path):
    read_page(scanned(drawn_form()), fake_engines(), Settings(), tmp_path / "page.png")
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png")) == [
        "page.png",
        *(f"steps/{name}" for name in NAMES),
    ]


def test_pictures_of_a_large_page_are_made_smaller(tmp_path):
    large = cv2.resize(drawn_form(), None, fx=2.5, fy=2.5)
    draw_steps(*read(large), tmp_path / "page.png")
    assert cv2.imread(str(tmp_path / "steps" / NAMES[0])).shape[1] == LONG_SIDE


def test_the_page_is_not_changed(form):
    page, dewarped = form[0].upright, form[0].dewarped
    before = page.image.copy(), page.ink.darkness.copy(), dewarped.darkness.copy()
    for draw in (ink_picture, ruling_picture, dewarped_picture, lines_picture):
        draw(*form)
    for now, then in zip((page.image, page.ink.darkness, dewarped.darkness), before, strict=True):
        np.testing.assert_array_equal(now, then)
