"""Where the cells of a scan are not flat, by their own grain, in any colour."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawing import INK, noisy, print_text, rule, sheet, upright
from read_pages import TABLE

from pipeline.dewarp.dewarping import dewarp
from pipeline.grid.grids import build_grids
from pipeline.layout.cell_contrast import cell_medians, edges_of, measure_contrast
from pipeline.settings.settings import GridSettings


def contrast_of(image):
    page = upright(image)
    dewarped = dewarp(page)
    cells = [cell for grid in build_grids(dewarped, GridSettings()) for cell in grid.cells]
    return measure_contrast(page, dewarped, dewarped.boxes([cell.polygon for cell in cells]))


def uneven_cells(image):
    """The labels of cells with more than a few uneven pixels."""
    contrast = contrast_of(image)
    counts = np.bincount(contrast.cells[contrast.uneven > 0], minlength=7)
    return {label for label in range(1, 7) if counts[label] > 20}


def test_cells_are_labelled_in_their_order_without_their_ruling():
    contrast = contrast_of(rule(sheet(), TABLE))
    assert np.unique(contrast.cells).tolist() == list(range(7))
    assert not contrast.uneven.any()
    for label in range(1, 7):
        assert (contrast.cells[contrast.place(label)] == label).mean() > 0.95


@pytest.mark.parametrize("ink", [(INK,) * 3, (0, 0, 255), (0, 255, 255), (255, 200, 200)])
def test_print_in_any_colour_is_uneven(ink):
    image = cv2.cvtColor(rule(sheet(), TABLE), cv2.COLOR_GRAY2BGR)
    image[print_text(sheet(), 440, 240, 5) == INK] = ink
    assert uneven_cells(image) == {2}


def test_grain_is_even():
    contrast = contrast_of(noisy(rule(sheet(), TABLE), deviation=6.0, specks=0))
    assert contrast.grain[1:].min() > 5
    assert (contrast.uneven > 0).mean() < 0.001


def test_a_page_without_cells_has_no_labels():
    contrast = contrast_of(sheet())
    assert not contrast.cells.any()
    assert not contrast.uneven.any()


def test_edges_are_the_most_of_all_channels():
    image = np.zeros((9, 9, 3), np.uint8)
    image[4, 4] = (10, 200, 30)
    edges = edges_of(image)
    assert edges[3:6, 3:6].tolist() == [[200] * 3] * 3
    assert edges.sum() == 9 * 200


def test_medians_are_taken_by_label():
    cells = np.repeat(np.arange(3, dtype=np.int32), 12)[None].repeat(12, axis=0)
    areas, medians = cell_medians((10 * cells).astype(np.uint8), cells, 2)
    assert medians.tolist() == [0, 10, 20]
    assert areas.tolist() == [144, 144, 144]


def test_millimetres_are_those_of_the_ruling_whatever_the_scan_states():
    page = upright(rule(sheet(), TABLE))
    dewarped = dewarp(page)
    finer = replace(dewarped, warp=replace(dewarped.warp, px_per_mm=2 * dewarped.warp.px_per_mm))
    contrast = measure_contrast(page, finer, [])
    assert contrast.px_per_mm * contrast.step == pytest.approx(finer.warp.px_per_mm)
