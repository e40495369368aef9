"""What of a wall is ink, and what was bridged."""

import numpy as np
import pytest
from drawing import PAPER, PX_PER_MM, Table, drawn_form, faded, fill, form, px, rule, sheet, upright

from pipeline.dewarp.dewarping import dewarp
from pipeline.elements import Axis
from pipeline.grid.grids import build_grids
from pipeline.page.bridged_gaps import MIN_GAP_MM, cell_borders_of, find_gaps
from pipeline.settings.settings import GridSettings

TABLE = Table(rows=(200, 400, 600), cols=(100, 420, 740))


def gaps_in(image):
    dewarped = dewarp(upright(image))
    (grid,) = build_grids(dewarped, GridSettings())
    return dewarped, grid, find_gaps(dewarped, grid)


def ruled():
    return fill(rule(sheet(), TABLE), TABLE)


@pytest.mark.parametrize("image", [ruled(), drawn_form(), faded(drawn_form(), 0.6)], ids=["ruled", "form", "faded"])
def test_a_wall_that_is_drawn_has_no_gaps(image):
    assert gaps_in(image)[2] == ()


def test_what_is_missing_from_a_wall_is_a_gap_where_it_is_missing():
    image = ruled()
    image[390:410, 500:518] = PAPER
    _, _, (gap,) = gaps_in(image)
    assert gap.axis is Axis.HORIZONTAL
    assert (gap.place, gap.begin, gap.end) == (
        pytest.approx(400, abs=1),
        pytest.approx(500, abs=4),
        pytest.approx(518, abs=4),
    )


def test_a_gap_in_a_vertical_wall_has_its_ends_above_each_other():
    image = ruled()
    image[335:349, 410:430] = PAPER
    _, _, (gap,) = gaps_in(image)
    (left, top), (right, bottom) = gap.ends
    assert left == right == pytest.approx(420, abs=1)
    assert (top, bottom) == (pytest.approx(335, abs=4), pytest.approx(349, abs=4))


def test_a_few_missing_pixels_are_no_gap():
    image = ruled()
    image[390:410, 500 : 500 + px(0.6 * MIN_GAP_MM)] = PAPER
    assert gaps_in(image)[2] == ()


def test_a_wall_between_two_cells_is_there_once():
    dewarped, grid, _ = gaps_in(ruled())
    cell_borders = cell_borders_of(dewarped, grid)
    assert len(cell_borders) == 12
    assert {cell_border.axis for cell_border in cell_borders} == set(Axis)
    assert all(
        cell_border.end - cell_border.begin == pytest.approx(320 if cell_border.axis is Axis.HORIZONTAL else 200, abs=1)
        for cell_border in cell_borders
    )


def test_merged_slots_have_no_wall_between_them():
    _, grid, gaps = gaps_in(drawn_form())
    assert len(grid.cells) == len(form().spans)
    assert gaps == ()


def test_the_page_is_not_changed():
    dewarped, grid, _ = gaps_in(ruled())
    before = dewarped.darkness.copy()
    find_gaps(dewarped, grid)
    np.testing.assert_array_equal(dewarped.darkness, before)
    assert dewarped.warp.px_per_mm == PX_PER_MM
