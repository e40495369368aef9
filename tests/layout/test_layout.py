"""The lines of a page are found once, cell by cell, before any of them is read."""

from dataclasses import replace

import numpy as np
import pytest
from drawing import PRINT_PX, Table, print_text, rule, sheet, upright

from pipeline.dewarp.dewarping import dewarp
from pipeline.grid.grids import build_grids
from pipeline.layout.layout import LEAST_DOUBTED, NOISE_TIMES, analyse_layout, cell_insides, paper_grain
from pipeline.settings.settings import GridSettings

TABLE = Table(rows=(200, 300, 400), cols=(100, 420, 740, 1060))
SECOND = Table(rows=(500, 600, 700), cols=(100, 420, 740))


def layout_of(image, *tables):
    for table in tables:
        rule(image, table)
    page = upright(image)
    dewarped = dewarp(page)
    return analyse_layout(page, dewarped, build_grids(dewarped, GridSettings()))


@pytest.fixture(scope="module")
def layout():
    image = sheet()
    print_text(image, 120, 212, 6)
    print_text(image, 120, 240, 4)
    print_text(image, 440, 612, 5)
    return layout_of(image, TABLE, SECOND)


def test_lines_are_counted_on_over_the_cells_of_all_grids(layout):
    assert [len(grid.cells) for grid in layout.grids] == [6, 4]
    assert [line.cell for line in layout.lines] == [0, 0, 9]


def test_each_line_lies_inside_its_cell(layout):
    insides = list(cell_insides(layout.dewarped, [cell for grid in layout.grids for cell in grid.cells]))
    for line in layout.lines:
        inside, box = insides[line.cell], line.ink.box
        assert inside.left <= box.left < box.right <= inside.right
        assert inside.top <= box.top < box.bottom <= inside.bottom
        assert box.height == pytest.approx(PRINT_PX, abs=4)


def test_a_page_without_grids_has_no_lines():
    layout = layout_of(print_text(sheet(), 120, 212, 6))
    assert (layout.grids, layout.lines) == ((), ())
    assert layout.smooth.shape == layout.dewarped.darkness.shape


def test_grids_with_another_confidence_keep_the_lines(layout):
    doubted = layout.with_grids(
        [replace(grid, cells=tuple(replace(cell, confidence=0.25) for cell in grid.cells)) for grid in layout.grids]
    )
    assert [grid.confidence for grid in doubted.grids] == [0.25, 0.25]
    assert doubted.lines is layout.lines


def test_grids_with_other_cells_are_refused(layout):
    with pytest.raises(ValueError, match="1 grids do not have the cells of the 2"):
        layout.with_grids(layout.grids[:1])


@pytest.mark.parametrize(
    ("darkness", "noise", "grain"),
    [
        (0, 1.0, 1.0),  # clean paper
        (4, 3.1, 4 / 0.674),  # grain, as the noise of near pixels says as well
        (30, 1.0, LEAST_DOUBTED),  # a fill over most of a clean page is no grain
        (30, 8.0, NOISE_TIMES * 8.0),  # nor over a noisy one
    ],
)
def test_grain_is_no_more_than_near_pixels_differ(darkness, noise, grain):
    page = np.zeros((30, 30), np.uint8)
    page[:20] = darkness
    assert paper_grain(page, noise) == pytest.approx(grain)
